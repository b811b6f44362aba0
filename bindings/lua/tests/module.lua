-- Prevents answers through Lua that differ from those of the engine, and errors raised in the middle
-- of a call. Arguments: the directory of the module, a data directory, and a command that puts
-- +905050047899 on a list of it.
package.cpath = arg[1] .. "/?.so"
local data, late = arg[2], arg[3]
local bar = require "callbar"
local DOMAIN = "my.example"

local function expect(expected, ...)
    local got = {}
    for i = 1, math.max(#expected, select("#", ...)) do
        got[i] = tostring((select(i, ...)))
        assert(got[i] == tostring(expected[i]), (expected[i] or "nil") .. " expected, not " .. got[i])
    end
end

local function fails(words, ...)
    local nothing, message = ...
    assert(nothing == nil and type(message) == "string" and message:find(words, 1, true), tostring(message))
end

assert(bar.version == "0.1.0" and bar.max_values == 64)
local reader = assert(bar.open(data))

-- Verdicts, however the number is written.
for _, number in ipairs { "05050047824", "+905050047824", "0090 505 004 78 24",
                          "sip:05050047824@gw.example;user=phone", "tel:+90-505-004-78-24" } do
    expect({ "deny", "spam", "Unwanted", 607 }, reader:check(DOMAIN, number))
end
expect({ "pass" }, reader:check(DOMAIN, "+905050047825"))
expect({ "allow", "vip" }, reader:check(DOMAIN, "0532 111 22 33"))
expect({ "deny", "rest", "Decline", 603 }, reader:check("MY.Example", "0532 111 22 34"))
expect({ "deny", "rest", "Anonymity Disallowed", 433 }, reader:check(DOMAIN, "anonymous"))
expect({ "deny", "rest", "Anonymity Disallowed", 433 }, reader:check(DOMAIN, ""))
expect({ "pass" }, reader:check(DOMAIN, "\255\254\0x"))
expect({ "pass" }, reader:check(DOMAIN, ("5"):rep(100000)))

-- Calls.
local LISTED, OTHER = "<sip:05050047824@gw.example>;tag=1", "<sip:05050047825@gw.example>"
local function decides(expected, call)
    local got, why = reader:decide(DOMAIN, call)
    assert(got, why)
    for _, name in ipairs { "action", "party", "list", "entry", "exempt", "ambiguous" } do
        assert(got[name] == expected[name],
               name .. ": " .. tostring(expected[name]) .. " expected, not " .. tostring(got[name]))
    end
    local response = got.response or {}
    assert(response.code == expected.code and response.phrase == expected.phrase, tostring(response.code))
    assert((got.response == nil) == (expected.code == nil))
end
local spam = { action = "deny", party = "caller", list = "spam", entry = "+905050047824", code = 607,
               phrase = "Unwanted", exempt = false, ambiguous = false }
local called = { action = "deny", party = "callee", list = "spam", entry = "+905050047824", code = 607,
                 phrase = "Unwanted", exempt = false, ambiguous = false }
local vip = { action = "allow", party = "caller", list = "vip", entry = "+905321112233", exempt = false,
              ambiguous = false }
local prefix = { action = "deny", party = "caller", list = "rest", entry = "+90532*", code = 603,
                 phrase = "Decline", exempt = false, ambiguous = false }
local withheld = { action = "deny", party = "caller", list = "rest", entry = "anonymous", code = 433,
                   phrase = "Anonymity Disallowed", exempt = false, ambiguous = false }
local pass = { action = "pass", exempt = false, ambiguous = false }
local exempt = { action = "pass", exempt = true, ambiguous = false }
decides(spam, { callee = "02125550147", from = LISTED })
decides(spam, { from = LISTED })
decides(spam, { callee = "02125550147", from = OTHER, asserted = { "<tel:+905050047824>" } })
decides(spam, { callee = "02125550147", from = OTHER, asserted = "<tel:+905050047824>" })
decides(spam, { callee = "02125550147", from = OTHER, asserted = "<tel:+902125550148>, <tel:+905050047824>" })
decides(spam, { from = OTHER, asserted = { "<tel:+902125550148>", "<tel:+905050047824>" } })
decides(spam, { from = OTHER, remote_party = { "<tel:+902125550148>", "<tel:+905050047824>" } })
decides(called, { callee = "sip:05050047824@gw.example", from = OTHER })
decides(called, { callee = "sip:05050047824@gw.example" })
decides(vip, { callee = "02125550147", from = LISTED, asserted = { "0532 111 22 33" } })
decides(prefix, { from = "05321112234" })
decides(withheld, { callee = "02125550147", from = OTHER, privacy = "id" })
decides(pass, { callee = "02125550147", from = OTHER, privacy = "none", asserted = {}, remote_party = {} })
decides({ action = "pass", exempt = false, ambiguous = true }, { callee = "sip:02125550147p1@gw.example" })
-- A barred caller may call for help.
decides(exempt, { callee = "sip:112@gw.example", from = LISTED, asserted = { LISTED }, privacy = "id" })
decides(exempt, { callee = "urn:service:sos", from = LISTED })
decides(exempt, { callee = "112", from = LISTED })
-- In order, however Lua keeps the array.
local backwards = {}
for place = 64, 3, -1 do backwards[place] = "<tel:+905050047824>" end
backwards[2], backwards[1] = "<tel:+905321112234>", OTHER
decides(prefix, { asserted = backwards })
-- All asserted identities are asked before one of them is allowed.
decides(spam, { asserted = { "<tel:+905321112233>", "<tel:+905050047824>" } })
for place = 1, 64 do backwards[place] = "<tel:+902125550148>" end
backwards[64] = LISTED
decides(spam, { asserted = backwards, remote_party = backwards })
decides(withheld, { callee = "\255\254\0x", from = "<\0>" })
decides(pass, { from = ("5"):rep(100000) })

-- Mistakes are refused with a message.
fails("no such domain", reader:decide("other.example", { from = LISTED }))
fails("not UTF-8", reader:decide("\255", { from = LISTED }))
fails("domain must be a string", reader:decide(nil, { from = LISTED }))
fails("domain must be a string", reader.decide())
fails("the call must be a table", reader:decide(DOMAIN))
fails("the call must be a table", reader:decide(DOMAIN, LISTED))
fails("the call is empty", reader:decide(DOMAIN, {}))
fails("the call is empty", reader:decide(DOMAIN, { asserted = {}, remote_party = {} }))
fails("callee must be a string", reader:decide(DOMAIN, { callee = 905050047824 }))
fails("from must be a string", reader:decide(DOMAIN, { callee = "112", from = false }))
fails("privacy must be a string", reader:decide(DOMAIN, { from = LISTED, privacy = { "id" } }))
fails("asserted must be a string or an array", reader:decide(DOMAIN, { asserted = 1 }))
fails("asserted must be a string or an array", reader:decide(DOMAIN, { asserted = { 1 } }))
fails("asserted must be a string or an array", reader:decide(DOMAIN, { asserted = { nil, LISTED } }))
fails("asserted must be a string or an array", reader:decide(DOMAIN, { asserted = { [0] = LISTED } }))
fails("asserted must be a string or an array", reader:decide(DOMAIN, { asserted = { [1.5] = LISTED } }))
fails("asserted must be a string or an array", reader:decide(DOMAIN, { asserted = { ["1"] = LISTED } }))
fails("remote_party must be a string or an array", reader:decide(DOMAIN, { remote_party = { { LISTED } } }))
backwards[65] = LISTED
fails("of 64 at most", reader:decide(DOMAIN, { remote_party = backwards }))
fails("no field form: it has callee, from, asserted", reader:decide(DOMAIN, { callee = "112", form = LISTED }))
fails("remote_party and privacy", reader:decide(DOMAIN, { from = LISTED, [("\0"):rep(1000)] = LISTED }))
fails("have names", reader:decide(DOMAIN, { LISTED }))
fails("have names", reader:decide(DOMAIN, { from = LISTED, [print] = LISTED }))

-- How a decision comes about.
local json = reader:explain_call(DOMAIN, { callee = "02125550147", from = LISTED, asserted = OTHER })
assert(json:find('"action":"deny","party":"caller","list":"spam"', 1, true), json)
assert(json:find('"question":"asserted"', 1, true) and json:find('"question":"from"', 1, true), json)
assert(reader:explain_call(DOMAIN, { callee = "112", from = LISTED }):find('"exempt":true', 1, true))
fails("no such domain", reader:explain_call("other.example", { from = LISTED }))
fails("not UTF-8", reader:explain_call("\255", { from = LISTED }))
fails("domain must be a string", reader:explain_call(nil, { from = LISTED }))
fails("the call must be a table", reader:explain_call(DOMAIN))
fails("the call is empty", reader:explain_call(DOMAIN, {}))
fails("no field form", reader:explain_call(DOMAIN, { form = LISTED }))

-- Scripts that used functions of before must notice that these are gone.
assert(reader.exempts == nil and bar.identities == nil)

assert(reader:refresh():find('"problems":[]', 1, true))

-- Mistakes are nil and a message.
fails("no such domain", reader:check("other.example", "1"))
fails("must be strings", reader:check(DOMAIN, nil))
fails("must be strings", reader:check(DOMAIN, 905050047824))
fails("must be strings", reader:check(DOMAIN))
fails("must be strings", reader.check())
fails("must be strings", reader:check({}, print))
fails("not UTF-8", reader:check("\255", "1"))
fails("no such domain", reader:explain("other.example", "1"))
fails("must be strings", reader:explain(DOMAIN, nil))
fails("/no/such/directory", bar.open("/no/such/directory"))
fails("no such option", bar.open(data, { lode = "heap" }))
fails("no such option", bar.open(data, { load = "disk" }))
expect({ "deny", "spam", "Unwanted", 607 },
    assert(bar.open(data, { load = "heap", sound_only = true })):check(DOMAIN, "05050047824"))

assert(reader:explain(DOMAIN, "0505 004 78 24"):find('"verdict":"deny"', 1, true))
assert(reader:health():find('"problems":[]', 1, true))

-- A change by another process counts for the next check.
expect({ "pass" }, reader:check(DOMAIN, "+905050047899"))
local done = os.execute(late)
assert(done == 0 or done == true)
expect({ "deny", "late", "Decline", 603 }, reader:check(DOMAIN, "+905050047899"))

-- Readers are collected while others go on, and a collected one does no harm.
for _ = 1, 1000 do
    local other = assert(bar.open(data))
    expect({ "deny", "late", "Decline", 603 }, other:check(DOMAIN, "+905050047899"))
end
local check, decide = reader.check, reader.decide
reader = nil
collectgarbage()
collectgarbage()
expect({ "deny", "late", "Decline", 603 }, check(nil, DOMAIN, "+905050047899"))
assert(decide(nil, DOMAIN, { from = "+905050047899" }).list == "late")
check = nil
collectgarbage()
collectgarbage()
assert(decide(nil, DOMAIN, { from = "+905050047899" }).list == "late")
check = assert(bar.open(data)).check

-- A finaliser that asks while Lua makes the answer to a question.
local LATE = { callee = "02125550147", from = "+905050047899" }
local finalised = 0
local function ask()
    check(nil, DOMAIN, "1")
    assert(decide(nil, DOMAIN, { callee = "05321112234", from = "1" }).entry == "+90532*")
    finalised = finalised + 1
end
local function finaliser()
    local proxy = newproxy and newproxy(true)
    if proxy then getmetatable(proxy).__gc = ask else setmetatable({}, { __gc = ask }) end
end
for i = 1, 20000 do
    finaliser()
    expect({ "deny", "late", "Decline", 603 }, check(nil, DOMAIN, "+905050047899"))
    local decision = decide(nil, DOMAIN, LATE)
    assert(decision.list == "late" and decision.entry == "+905050047899" and decision.party == "caller")
    assert(decision.response.code == 603 and decision.response.phrase == "Decline")
end
assert(finalised > 0)
-- One that is still there when the state closes, after its reader may be gone.
last = newproxy and newproxy(true) or setmetatable({}, { __gc = ask })
if newproxy then getmetatable(last).__gc = ask end
