-- Runs extensions.lua with a stub of the few functions of Asterisk that it calls: what test.sh shows
-- with real calls, and what other channels than those of SIP do. Arguments: the directory of this file;
-- the environment says the rest, see integrations/test.sh.
local did, variables
local known = { log = true, verbose = true, hangup = true, dial = true, messagesend = true, pjsiphangup = true }
app = setmetatable({}, {
    __index = function(_, name)
        return function(...)
            -- As pbx_lua says it.
            if not known[name] then error("application '" .. name .. "' not found") end
            did[#did + 1] = name .. "(" .. table.concat({ ... }, ",") .. ")"
            -- So does what ends a call.
            if name == "hangup" or name == "pjsiphangup" then error(-1, 0) end
        end
    end,
})
channel = setmetatable({}, {
    __index = function(_, name)
        return {
            get = function() return variables[name] end,
            set = function(_, value) variables[name] = value end,
        }
    end,
    __newindex = function(_, name, value) variables[name] = value end,
})
function autoservice_status() return true end
function autoservice_stop() end
function autoservice_start() end
dofile(arg[1] .. "/extensions.lua")

-- The last thing that the dialplan did, and the variables of the channel.
local function call(technology, number, extension, more)
    did = {}
    variables = { ["CHANNEL(channeltype)"] = technology, ["CALLERID(num)"] = number, EXTEN = extension }
    for name, value in pairs(more or {}) do variables[name] = value end
    local _, why = pcall(extensions.incoming["_."], "incoming", extension)
    assert(why == nil or why == -1, why)
    return did[#did], variables
end
local from = { ["PJSIP_HEADER(read,From,1)"] = "<sip:05050047824@gw.example>;tag=1" }

local last, set = call("PJSIP", "05050047824", "05550000000", from)
assert(last == "pjsiphangup(607)" and set.CALLBAR_LIST == "spam" and set.CALLBAR_CODE == "607", last)
-- Releases without it, and channels without SIP codes.
known.pjsiphangup = false
assert(call("PJSIP", "05050047824", "05550000000", from) == "hangup(21)")
known.pjsiphangup = true
assert(call("DAHDI", "05050047824", "05550000000") == "hangup(21)")
assert(call("Local", "05550000001", "00905050047824") == "hangup(21)")
-- A caller without a number, and one who withholds it.
last, set = call("DAHDI", nil, "05550000000")
assert(last == "hangup(21)" and set.CALLBAR_CODE == "433", last)
last, set = call("DAHDI", "05550000001", "05550000000", { ["CALLERID(num-pres)"] = "prohib_not_screened" })
assert(last == "hangup(21)" and set.CALLBAR_CODE == "433", last)
-- The caller ID is presented onward, also if From has another number.
last = call("PJSIP", "05050047824", "05550000000", { ["PJSIP_HEADER(read,From,1)"] = "<sip:05550000001@a.example>" })
assert(last == "pjsiphangup(607)", last)
for _, callee in ipairs({ "112", "155" }) do
    assert(call("PJSIP", "05050047824", callee, from) == "dial(PJSIP/" .. callee .. "@gateway)", callee)
    assert(call("DAHDI", nil, callee) == "dial(PJSIP/" .. callee .. "@gateway)", callee)
end
-- Nothing but a number is dialled.
for _, extension in ipairs({ "0555&PJSIP/05050047824", "05550000000,1", "bob", "s", "05550000000 1", "+", "05550000000\n" }) do
    last = call("PJSIP", "05550000001", extension)
    assert(last == "pjsiphangup(484)" or last == "pjsiphangup(607)", extension)
end
assert(call("PJSIP", "05550000001", "05550000000;phone-context=+90") == "dial(PJSIP/05550000000@gateway)")
extensions.incoming.h("incoming", "h")
-- A message was accepted already; it ends here or goes on.
local message = { ["MESSAGE(from)"] = "<sip:05050047824@gw.example>" }
last = call("Message", nil, "05550000000", message)
assert(last:find("^log%(NOTICE,callbar: 607"), last)
message["MESSAGE(from)"] = "<sip:05550000001@gw.example>"
assert(call("Message", nil, "05550000000", message):find("^messagesend%(pjsip:PJSIP/05550000000@gateway,"))
