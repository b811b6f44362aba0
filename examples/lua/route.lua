-- A routing script in short: asks what follows for one call.
--
--     callbar compile --domain my.example --region TR --list spam=examples/do-not-call.txt --data DIR
--     bindings/lua/build.sh lua51 MODULES
--     lua5.1 examples/lua/route.lua MODULES DIR my.example \
--         sip:+905321234567@pbx.example '<sip:05050047824@gw.example>;tag=1'
--
-- Arguments: MODULES DIR DOMAIN CALLEE FROM [ASSERTED...]. The callee is the request URI, the others are
-- the values of From and P-Asserted-Identity.
package.cpath = arg[1] .. "/?.so;" .. package.cpath
local bar = require "callbar"

-- Once in each worker process, after the fork.
local reader = assert(bar.open(arg[2], { sound_only = true }))

local call = { callee = arg[4], from = arg[5], asserted = { (unpack or table.unpack)(arg, 6) } }
local decision, message = reader:decide(arg[3], call)
if not decision then
    -- Nobody knows. Whether the call goes on is yours to decide.
    print("goes on, for want of a decision: " .. message)
elseif decision.action == "deny" then
    print(("SIP/2.0 %d %s (the %s is %s on list %s)"):format(decision.response.code, decision.response.phrase,
        decision.party, decision.entry, decision.list))
elseif decision.exempt then
    print("goes on: an emergency call")
else
    print("goes on")
end
