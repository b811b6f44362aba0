-- Runs extensions.lua with a stub of the few functions of Asterisk that it calls. Arguments: the
-- directory of this file; the environment says the rest, see integrations/test.sh.
local did, variables
app = setmetatable({}, { __index = function(_, name)
    return function(...) did[#did + 1] = name .. "(" .. table.concat({ ... }, ",") .. ")" end
end })
channel = setmetatable({}, {
    __index = function(_, name) return { get = function() return variables[name] end } end,
    __newindex = function(_, name, value) variables[name] = value end,
})
dofile(arg[1] .. "/extensions.lua")

-- The last thing that the dialplan did, and the variables of the channel.
local function call(number, extension, presentation)
    did = {}
    variables = { ["CALLERID(num)"] = number, ["CALLERID(num-pres)"] = presentation or "allowed" }
    extensions.incoming["_X."]("incoming", extension)
    return did[#did], variables
end

local last, set = call("05050047824", "05550000000")
assert(last == "hangup(21)" and set.CALLBAR_LIST == "spam" and set.CALLBAR_CODE == "607", last)
assert(call("05550000001", "00905050047824") == "hangup(21)")
last, set = call("05050047825", "05550000000", "prohib_not_screened")
assert(last == "hangup(21)" and set.CALLBAR_CODE == "433", last)
-- Calls for help go on; a number on an allow list counts though it is withheld, on a deny list too.
for _, callee in ipairs { "112", "155" } do
    assert(call("05050047824", callee) == "dial(PJSIP/" .. callee .. "@gateway)", callee)
    assert(call(nil, callee, "prohib") == "dial(PJSIP/" .. callee .. "@gateway)", callee)
end
assert(call("05321112233", "05550000000", "prohib") == "dial(PJSIP/05550000000@gateway)")
last, set = call("05050047824", "05550000000", "prohib")
assert(last == "hangup(21)" and set.CALLBAR_CODE == "607", set.CALLBAR_CODE)
last, set = call(nil, "05550000000")
assert(last == "hangup(21)" and set.CALLBAR_CODE == "433", last)
last, set = call("05321112233", "05550000000")
assert(last == "dial(PJSIP/05550000000@gateway)" and set.CALLBAR_ACTION == "allow", last)
last, set = call("05550000001", "05550000000")
assert(last == "dial(PJSIP/05550000000@gateway)" and set.CALLBAR_ACTION == nil, last)
