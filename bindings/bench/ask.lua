-- Measures a question through Lua, in nanoseconds, with the loop and the table of the call. Arguments:
-- directory of the module, check or decide, data directory, file of numbers. `decide` asks about calls
-- from these numbers to a number that is not listed.
package.cpath = arg[1] .. "/?.so"
local reader = assert(require "callbar".open(arg[3]))
local numbers = {}
for line in io.lines(arg[4]) do numbers[#numbers + 1] = line end
local CALLEE = "sip:+902125550147@pbx.example"
local function checks()
    local denied = 0
    for i = 1, #numbers do
        if reader:check("my.example", numbers[i]) == "deny" then denied = denied + 1 end
    end
    return denied
end
local function decides()
    local denied = 0
    for i = 1, #numbers do
        local decision = reader:decide("my.example", { callee = CALLEE, from = numbers[i] })
        if decision.action == "deny" then denied = denied + 1 end
    end
    return denied
end
local ask = ({ check = checks, decide = decides })[arg[2]]
local times, denied = {}, 0
for round = 1, 21 do
    local start = os.clock()
    denied = denied + ask()
    times[round] = (os.clock() - start) / #numbers * 1e9
end
table.sort(times)
print(("%.1f %.1f %d"):format(times[11], times[1], denied / 21))
