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
local parties = {
    -- As it stands in the header; the caller ID has lost who withholds it.
    session:getVariable("sip_P-Asserted-Identity") or session:getVariable("sip_full_from")
        or session:getVariable("caller_id_number") or "",
    session:getVariable("destination_number") or "",
}
for _, party in ipairs(parties) do
    local action, list, reason, code = reader:check(domain, party)
    if not action then
        freeswitch.consoleLog("ERR", "callbar: " .. list .. "\n")
    elseif action ~= "pass" then
        session:setVariable("callbar_action", action)
        session:setVariable("callbar_list", list)
    end
    if action == "deny" then
        session:setVariable("sip_rh_Reason", ('SIP;cause=%d;text="%s"'):format(code, reason))
        session:execute("respond", code .. " " .. reason)
        break
    end
end
