-- Prevents decisions through Lua that differ from those of the library: tests/cases/calls.jsonl.
-- Arguments: the directory of the module, a data directory, a command, and the cases as bindings/cases.py
-- writes them.
package.cpath = arg[1] .. "/?.so"
local bar = require "callbar"

local function decided(decision)
    local parts = { decision.action }
    parts[#parts + 1] = decision.response and decision.response.code
    parts[#parts + 1] = decision.party
    return table.concat(parts, " ")
end

local function is_met(want, decision)
    local got = decided(decision)
    if want == "exempt" then return decision.exempt and got == "pass" end
    if want == "deny caller" then got = got:gsub("%d+ ", "") end
    return not decision.exempt and got == want
end

local cases = dofile(arg[4])
assert(#cases > 40)
for _, case in ipairs(cases) do
    local about = ("line %d (%s): "):format(case.line, case.why)
    local reader = assert(bar.open(case.data))
    local decision, message = reader:decide("my.example", case.call)
    assert(decision, about .. tostring(message))
    assert(is_met(case.want, decision),
           about .. case.want .. " expected, not " .. decided(decision))
    assert((decision.list == nil) == (decision.party == nil) and (decision.entry == nil) == (decision.party == nil), about)
    local json, why = reader:explain_call("my.example", case.call)
    assert(json, about .. tostring(why))
    assert(json:find(('"action":"%s"'):format(decision.action), 1, true), about .. json)
    assert(json:find(('"exempt":%s}?'):format(tostring(decision.exempt))), about .. json)
end
