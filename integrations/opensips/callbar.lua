-- For the module lua of OpenSIPS: callbar_check tells the route script what callbar decides.
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
local loaded, call = pcall(require, "callbar_call")
local calls = loaded and call.new(host) or {
    ask = function(_, question)
        host.log("ERR", "callbar: " .. tostring(call):gsub("%s+", " "))
        -- Calls for help need no lists.
        local callee = tostring(question.callee):lower()
        local user = callee:match("^%a*:?(%d+)@[^@<>]*$") or callee:match("^%a*:?(%d+)$")
        if user == "112" or user == "911" or callee:find("^urn:service:sos%.?[%w.-]*$") then
            return { action = "pass" }
        end
        local deny = os.getenv("CALLBAR_ON_ERROR") == "deny"
        return { action = deny and "deny" or "pass", code = deny and 503, phrase = "Service Unavailable" }
    end,
}

-- Adds the values of all headers of this name.
local function values(msg, name, to)
    -- A variable without a value reads <null>, which a caller may write as well: so count.
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
