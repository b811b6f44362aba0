-- A dialplan for pbx_lua: bars or lets through a call by both of its parties.
--
-- Put `callbar_check` before what you do with a call, as context `incoming` below shows. Environment:
-- CALLBAR_DATA, the data directory; CALLBAR_DOMAIN; CALLBAR_MODULES, the directory of callbar.so, if
-- Lua does not look there anyway.
local modules = os.getenv("CALLBAR_MODULES")
if modules then package.cpath = modules .. "/?.so;" .. package.cpath end
local bar = require "callbar"

-- pbx_lua makes a Lua state for each channel. The directory is opened by the first of the process
-- only; a change of the lists counts for the next call without a reload of the dialplan.
local reader, message = bar.open(os.getenv("CALLBAR_DATA"), { sound_only = true })
local domain = os.getenv("CALLBAR_DOMAIN")

-- A dialplan ends a call by a cause of ITU-T Q.850, not by a SIP response: this one says that the call
-- was rejected. CALLBAR_CODE has the code that the verdict recommends.
local CALL_REJECTED = 21

-- The caller as the trunk presents it; nothing at all is a withheld number.
local function caller()
    local presentation = channel["CALLERID(num-pres)"]:get() or ""
    if presentation:find("^prohib") or presentation == "unavailable" then return "anonymous" end
    return channel["CALLERID(num)"]:get() or ""
end

-- Whether the call may go on; ends it if not.
function callbar_check(extension)
    if not reader then
        -- No verdict: a call is not lost for that.
        app.log("ERROR", "callbar: " .. message)
        return true
    end
    for _, party in ipairs { caller(), extension } do
        local action, list, reason, code = reader:check(domain, party)
        if not action then
            app.log("ERROR", "callbar: " .. list)
        elseif action ~= "pass" then
            channel.CALLBAR_ACTION = action
            channel.CALLBAR_LIST = list
        end
        if action == "deny" then
            channel.CALLBAR_CODE = tostring(code)
            app.verbose(1, ("callbar: %d %s, list %s"):format(code, reason, list))
            app.hangup(CALL_REJECTED)
            return false
        end
    end
    return true
end

extensions = {
    incoming = {
        ["_X."] = function(context, extension)
            if callbar_check(extension) then app.dial("PJSIP/" .. extension .. "@gateway") end
        end,
    },
}
extensions.incoming["_+X."] = extensions.incoming["_X."]
