-- For the module lua of OpenSIPS: callbar_check gives the decision of callbar to the route script.
--
-- Environment: CALLBAR_MODULES, the directory of callbar.so and callbar_call.lua; the options of
-- callbar_call.lua.
local modules = os.getenv("CALLBAR_MODULES")
if modules then
    package.path = modules .. "/?.lua;" .. package.path
    package.cpath = modules .. "/?.so;" .. package.cpath
end

-- xlog looks at the third letter of a level.
local host = { log = function(level, text) xlog("L_" .. level, text .. "\n") end }
-- copy: without_callbar
-- Returns what asks about calls when callbar_call.lua cannot be loaded. Each script has a copy, because no
-- shared file can be loaded then; integrations/test.sh compares the copies.
local function without_callbar(log, on_error, why)
    -- Calls for help need no lists: 112 and 911 (3GPP TS 22.101 section 10.1.1), and the service URN (RFC 5031).
    local function calls_for_help(callee)
        callee = tostring(callee or ""):lower()
        local number = callee:match("^%a*:?(%d+)@[^@<>]*$") or callee:match("^%a*:?(%d+)$")
        return number == "112" or number == "911" or callee:find("^urn:service:sos%.?[%w.-]*$") ~= nil
    end
    local function ask(_, question)
        log("ERR", "callbar: " .. tostring(why):gsub("%s+", " "))
        if on_error ~= "deny" or calls_for_help(question.callee) then return { action = "pass" } end
        return { action = "deny", code = 503, phrase = "Service Unavailable" }
    end
    return { ask = ask }
end
-- end of copy

local loaded, call = pcall(require, "callbar_call")
local calls = loaded and call.new(host)
    or without_callbar(host.log, os.getenv("CALLBAR_ON_ERROR"), call)

-- Adds the values of all headers of this name.
local function values(msg, name, to)
    -- A variable without a value reads <null>, which a caller may also write, so count the headers.
    for index = 0, (tonumber(pseudoVar(msg, "$hdrcnt(" .. name .. ")")) or 0) - 1 do
        to[#to + 1] = pseudoVar(msg, ("$(hdr(%s)[%d])"):format(name, index))
    end
    return to
end

-- Returns 1 if the call may go on, else -1; then $var(callbar_code), $var(callbar_phrase) and
-- $var(callbar_reason) hold the answer.
function callbar_check(msg)
    local answer = calls:ask({
        callee = pseudoVar(msg, "$ru"),
        from = values(msg, "From", {})[1],
        asserted = values(msg, "P-Preferred-Identity", values(msg, "P-Asserted-Identity", {})),
        remote_party = values(msg, "Remote-Party-ID", {}),
        privacy = table.concat(values(msg, "Privacy", {}), ";"),
    }, pseudoVar(msg, "$ci"))
    if not answer.code then return 1 end
    scriptVarSet("callbar_code", answer.code)
    scriptVarSet("callbar_phrase", answer.phrase)
    scriptVarSet("callbar_reason", answer.reason or "")
    return -1
end
