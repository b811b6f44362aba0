-- Nanoseconds of a check through Lua, the loop and the call included. Arguments: directory of the
-- module, data directory, file of numbers.
package.cpath = arg[1] .. "/?.so"
local reader = assert(require "callbar".open(arg[2]))
local numbers = {}
for line in io.lines(arg[3]) do numbers[#numbers + 1] = line end
local times, denied = {}, 0
for round = 1, 21 do
    local start = os.clock()
    for i = 1, #numbers do
        local action = reader:check("my.example", numbers[i])
        if action == "deny" then denied = denied + 1 end
    end
    times[round] = (os.clock() - start) / #numbers * 1e9
end
table.sort(times)
print(("%.1f %.1f %d"):format(times[11], times[1], denied / 21))
