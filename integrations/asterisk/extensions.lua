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

-- Who calls: the number that the trunk tells, and besides that it is withheld if it is. Nothing at
-- all is a withheld number, too.
local function callers()
    local number = channel["CALLERID(num)"]:get() or ""
    local presentation = channel["CALLERID(num-pres)"]:get() or ""
    local withheld = presentation:find("^prohib") or presentation == "unavailable"
    if number == "" then return { "anonymous" } end
    return withheld and { number, "anonymous" } or { number }
end

-- Ends the call if the lists bar this party. Tells whether it did, and the action.
local function barred(party)
    local action, list, reason, code = reader:check(domain, party)
    if not action then
        -- No verdict: a call is not lost for that. The second value says why.
        app.log("ERROR", "callbar: " .. list)
    elseif action ~= "pass" then
        channel.CALLBAR_ACTION = action
        channel.CALLBAR_LIST = list
    end
    if action == "deny" then
        channel.CALLBAR_CODE = tostring(code)
        app.verbose(1, ("callbar: %d %s, list %s"):format(code, reason, list))
        app.hangup(CALL_REJECTED)
    end
    return action == "deny", action
end

-- Whether the call may go on; ends it if not.
function callbar_check(extension)
    if not reader then
        app.log("ERROR", "callbar: " .. message)
        return true
    end
    -- Calls for help go on, whoever makes them.
    if reader:exempts(domain, extension) then return true end
    for _, caller in ipairs(callers()) do
        local ended, action = barred(caller)
        if ended then return false end
        -- A list that lets the number through speaks for a caller who withholds it.
        if action == "allow" then break end
    end
    return not (barred(extension))
end

extensions = {
    incoming = {
        ["_X."] = function(context, extension)
            if callbar_check(extension) then app.dial("PJSIP/" .. extension .. "@gateway") end
        end,
    },
}
extensions.incoming["_+X."] = extensions.incoming["_X."]
