-- A dialplan script for mod_lua: bars the call of `session` or lets it through. README.md has the dialplan
-- around it.
--
-- The options of callbar_call.lua are variables of the call, global variables in small letters
-- (callbar_data), or environment variables (CALLBAR_DATA). The environment variable CALLBAR_MODULES is the
-- directory of callbar.so and callbar_call.lua, if Lua does not look there by itself.
--
-- Sets callbar_action, callbar_party, callbar_list, callbar_entry and callbar_code. Answers a barred
-- call, which ends it.
local modules = os.getenv("CALLBAR_MODULES")
if modules then
    package.path = modules .. "/?.lua;" .. package.path
    package.cpath = modules .. "/?.so;" .. package.cpath
end

-- Returns a variable of the call, nil if it is empty.
local function read(name)
    local value = session:getVariable(name)
    return value ~= "" and value or nil
end

local function option(name) return read(name:lower()) or os.getenv(name) end

-- mod_lua makes a Lua state for each call, so calls share texts in global variables.
local host = {
    option = option,
    log = function(level, text) freeswitch.consoleLog(level, text .. "\n") end,
    get = function(name) return freeswitch.getGlobalVariable(name) end,
    set = function(name, text) freeswitch.setGlobalVariable(name, text) end,
}

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
    or without_callbar(host.log, option("CALLBAR_ON_ERROR"), call)

-- Adds the values of all headers of one name. With parse-all-invite-headers, several values are written as
-- `ARRAY::first|:second`; without it, FreeSWITCH shows only the first.
local function values(all, first, to)
    local text = read(all) or read(first)
    if not text then return to end
    if text:sub(1, 7) ~= "ARRAY::" then
        to[#to + 1] = text
        return to
    end
    text = text:sub(8) .. "|:"
    for value in text:gmatch("(.-)|:") do to[#to + 1] = value end
    return to
end

-- Returns the callee. FreeSWITCH shows `urn:service:sos` as `nobody@service:sos`, and makes the
-- destination_number of something else.
local function callee()
    local number, uri = read("destination_number"), read("sip_req_uri")
    local service = uri and uri:match("^nobody@(service:sos.*)$")
    if service then return "urn:" .. service end
    -- A call that was transferred or redirected no longer goes to the address of its INVITE.
    if uri and number and uri:sub(1, #number + 1) == number .. "@" then return "sip:" .. uri end
    return number
end

local function question()
    local asked = {
        callee = callee(),
        from = read("sip_full_from") or read("sip_i_from"),
        asserted = values("sip_i_p_asserted_identity", "sip_P-Asserted-Identity", {}),
        remote_party = values("sip_i_remote_party_id", "sip_Remote-Party-ID", {}),
    }
    values("sip_i_p_preferred_identity", "sip_P-Preferred-Identity", asked.asserted)
    -- FreeSWITCH presents this number onward, from whichever header it comes.
    local number = read("caller_id_number")
    if not asked.from then
        asked.from = number
    elseif number then
        asked.remote_party[#asked.remote_party + 1] = number
    end
    local privacy = values("sip_i_privacy", "sip_Privacy", {})
    if read("privacy_hide_number") == "true" then privacy[#privacy + 1] = "id" end
    asked.privacy = table.concat(privacy, ";")
    return asked
end

local answer = calls:ask(question(), read("sip_call_id"))
for _, name in ipairs({ "action", "party", "list", "entry", "code" }) do
    if answer[name] then session:setVariable("callbar_" .. name, tostring(answer[name])) end
end
if answer.code then
    -- Otherwise FreeSWITCH writes its own Reason before ours.
    session:setVariable("disable_q850_reason", "true")
    if answer.reason then session:setVariable("sip_rh_Reason", answer.reason) end
    session:execute("respond", answer.code .. " " .. answer.phrase)
end
