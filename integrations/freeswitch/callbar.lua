-- A dialplan script for mod_lua: bars or lets through the call of `session` by both of its parties.
--
--     <action application="lua" data="callbar.lua"/>
--
-- Variables of the call: callbar_data, the data directory; callbar_domain. Sets callbar_action and
-- callbar_list, and hangs up a barred call with the response that the verdict recommends.
-- Environment: CALLBAR_MODULES, the directory of callbar.so, if Lua does not look there anyway.
local modules = os.getenv("CALLBAR_MODULES")
if modules then package.cpath = modules .. "/?.so;" .. package.cpath end
local bar = require "callbar"

-- mod_lua makes a Lua state for each call. The directory is opened by the first of the process only.
local reader, message = bar.open(session:getVariable("callbar_data"), { sound_only = true })
if not reader then
    -- No verdict: a call is not lost for that.
    freeswitch.consoleLog("ERR", "callbar: " .. message .. "\n")
    return
end

local domain = session:getVariable("callbar_domain")
local callee = session:getVariable("destination_number") or ""
-- Calls for help go on, whoever makes them.
if reader:exempts(domain, callee) then return end

-- Answers the call if the lists bar this party. Tells whether it did, and the action.
local function barred(party)
    local action, list, reason, code = reader:check(domain, party)
    if not action then
        -- The second value says why.
        freeswitch.consoleLog("ERR", "callbar: " .. list .. "\n")
    elseif action ~= "pass" then
        session:setVariable("callbar_action", action)
        session:setVariable("callbar_list", list)
    end
    if action == "deny" then
        session:setVariable("sip_rh_Reason", ('SIP;cause=%d;text="%s"'):format(code, reason))
        session:execute("respond", code .. " " .. reason)
    end
    return action == "deny", action
end

-- Who calls: what peers assert (RFC 3325), then what the caller claims, as it stands in the header;
-- the caller ID has lost who withholds it.
local callers = bar.identities(session:getVariable("sip_P-Asserted-Identity") or "")
callers[#callers + 1] = session:getVariable("sip_full_from")
    or session:getVariable("caller_id_number") or ""
for _, caller in ipairs(callers) do
    local answered, action = barred(caller)
    if answered then return end
    -- A list that lets one identity of the caller through speaks for those after it.
    if action == "allow" then break end
end
if callee ~= "" then barred(callee) end
