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

assert(bar.version == "0.1.0")
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

-- Who calls for help is never asked who he is.
assert(reader:exempts(DOMAIN, "sip:112@gw.example") == true)
assert(reader:exempts(DOMAIN, "urn:service:sos") == true)
assert(reader:exempts(DOMAIN, "05050047824") == false)
fails("no such domain", reader:exempts("other.example", "112"))
fails("must be strings", reader:exempts(DOMAIN, nil))

-- Several identities in one header.
local found = bar.identities('"A, <b>" <sip:a@b>, tel:+905050047824')
assert(#found == 2 and found[1] == "<sip:a@b>" and found[2] == "tel:+905050047824")
assert(#bar.identities("") == 0)

fails("must be a string", bar.identities(nil))

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

-- Readers are collected, others go on, and what is collected answers without harm.
for _ = 1, 1000 do
    local other = assert(bar.open(data))
    expect({ "deny", "late", "Decline", 603 }, other:check(DOMAIN, "+905050047899"))
end
local check = reader.check
reader = nil
collectgarbage()
collectgarbage()
expect({ "deny", "late", "Decline", 603 }, check(nil, DOMAIN, "+905050047899"))

-- A finaliser that checks while Lua makes the strings of a check.
local finalised = 0
local function finaliser()
    local proxy = newproxy and newproxy(true)
    if proxy then getmetatable(proxy).__gc = function() check(nil, DOMAIN, "1"); finalised = finalised + 1 end
    else setmetatable({}, { __gc = function() check(nil, DOMAIN, "1"); finalised = finalised + 1 end }) end
end
for i = 1, 20000 do
    finaliser()
    expect({ "deny", "late", "Decline", 603 }, check(nil, DOMAIN, "+905050047899"))
end
assert(finalised > 0)
-- One that is still there when the state closes, after its reader may be gone.
last = newproxy and newproxy(true) or setmetatable({}, { __gc = function() check(nil, DOMAIN, "1") end })
if newproxy then getmetatable(last).__gc = function() check(nil, DOMAIN, "1") end end
