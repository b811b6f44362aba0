-- A routing script in short: asks about the parties of a call.
--
--     callbar compile --domain my.example --region TR --list spam=examples/do-not-call.txt --data DIR
--     bindings/lua/build.sh lua51 MODULES
--     lua5.1 examples/lua/route.lua MODULES DIR my.example sip:05050047824@gw.example 112
package.cpath = arg[1] .. "/?.so;" .. package.cpath
local bar = require "callbar"

-- Once in each worker process, after the fork.
local reader = assert(bar.open(arg[2], { sound_only = true }))

for i = 4, #arg do
    local action, list, reason, code = reader:check(arg[3], arg[i])
    if action == "deny" then
        print(("SIP/2.0 %d %s (list %s)"):format(code, reason, list))
    elseif action then
        print("goes on")
    else
        -- No verdict: the second value says why. Whether the call goes on is yours to decide.
        print("goes on, for want of a verdict: " .. list)
    end
end
