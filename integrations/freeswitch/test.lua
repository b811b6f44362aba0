-- Runs callbar.lua with a stub of the few functions of FreeSWITCH that it calls, on the variables that
-- a FreeSWITCH has set for real calls (variables.txt). Arguments: the directory of this file; the
-- environment says the rest, see integrations/test.sh.
local here = arg[1]
local logged, global = {}, {}
freeswitch = {
    consoleLog = function(level, text) logged[#logged + 1] = level .. " " .. text end,
    getGlobalVariable = function(name) return global[name] end,
    setGlobalVariable = function(name, value) global[name] = value end,
}

-- What becomes of a call with these variables.
local function call(variables)
    logged = {}
    local said
    session = {
        getVariable = function(_, name) return variables[name] end,
        setVariable = function(_, name, value)
            assert(type(value) == "string")
            variables[name] = value
        end,
        execute = function(_, application, argument) said = application .. " " .. argument end,
    }
    dofile(here .. "/callbar.lua")
    return said, variables
end

-- Blocks of `name = value`, between lines of two dashes.
local blocks, block = {}, {}
for line in io.lines(here .. "/variables.txt") do
    local name, value = line:match("^(%S+) = (.*)$")
    if name then
        block[name] = value
    elseif line:find("^%-%-") and next(block) then
        blocks[#blocks + 1], block = block, {}
    end
end
blocks[#blocks + 1] = block
assert(#blocks == 26, #blocks)

local function copy(variables, with)
    local all = {}
    for name, value in pairs(variables) do all[name] = value end
    for name, value in pairs(with or {}) do all[name] = value end
    return all
end

for _, variables in ipairs(blocks) do
    local text = ""
    for name, value in pairs(variables) do
        -- Who diverted the call is not asked about.
        if not name:find("iversion") then text = text .. value .. "\n" end
    end
    local number = variables.destination_number
    local said, set = call(copy(variables))
    if text:find("nobody@service:sos", 1, true) then
        assert(said == nil, said)
    elseif not number:find("^%+?%d+$") and not number:find("5050047824", 1, true) then
        assert(said == nil or said:find("^respond 4"), said)
    elseif text:find("5050047824", 1, true) then
        -- What the dialplan dials has no other characters.
        local dialled = number:find("^%+?%d+$")
        assert(not dialled and said == nil or said == "respond 607 Unwanted", number)
        if said then
            assert(set.callbar_list == "spam" and set.callbar_entry == "+905050047824" and set.callbar_code == "607")
            assert(set.sip_rh_Reason == 'SIP;cause=607;text="Unwanted"' and set.disable_q850_reason == "true")
            assert(#logged == 1 and logged[1]:find("NOTICE callbar: 607 Unwanted", 1, true), logged[1])
        end
    elseif variables.privacy_hide_number == "true" then
        assert(said == "respond 433 Anonymity Disallowed", said)
    else
        assert(said == nil and #logged == 0, said)
    end
    -- The same call by a barred caller, and one to whom it is said in another header.
    local barred = text:find("nobody@service:sos", 1, true) == nil and "respond 607 Unwanted" or nil
    local from = "<sip:05050047824@gw.example>;tag=1"
    said = call(copy(variables, { sip_full_from = from, sip_i_from = from, caller_id_number = "+905050047824" }))
    assert(said == barred, said)
    said = call(copy(variables, { ["sip_P-Preferred-Identity"] = "<tel:+905050047824>" }))
    assert(said == barred, said)
end

local CALL = {
    destination_number = "+905550000002", sip_req_uri = "+905550000002@pbx.example",
    caller_id_number = "+905550000001", sip_full_from = "<sip:+905550000001@caller.example>;tag=1",
}
-- What is dialled counts, after a transfer, too.
assert(call(copy(CALL, { destination_number = "05050047824" })) == "respond 607 Unwanted")
local SPAM = copy(CALL, { sip_full_from = "<sip:05050047824@a.example>" })
for _, callee in ipairs({ "112", "155" }) do
    assert(call(copy(SPAM, { destination_number = callee, sip_req_uri = callee .. "@pbx.example" })) == nil, callee)
end
-- Of more headers than callbar takes values none is left out.
local many = {}
for place = 1, 70 do many[place] = ("<tel:+9055500001%02d>"):format(place) end
many[70] = "<tel:+905050047824>"
assert(call(copy(CALL, { sip_i_p_asserted_identity = "ARRAY::" .. table.concat(many, "|:") })) == "respond 607 Unwanted")
local said, set = call(copy(CALL, { sip_full_from = "<sip:05321112233@a.example>", caller_id_number = "05321112233" }))
assert(said == nil and set.callbar_action == "allow" and set.callbar_list == "vip" and #logged == 0)
-- What the caller wrote breaks no line.
call(copy(SPAM, { sip_full_from = "\"\27[31m\r\n\" <sip:05050047824@a.example>" }))
assert(#logged == 1 and logged[1]:find("\\x1b[31m\\x0d\\x0a", 1, true) and not logged[1]:find("%c."), logged[1])

-- Without an answer, the policy holds, and the log says so, once.
for _, with in ipairs({
    { callbar_domain = "none.example" }, { callbar_data = "/no/such/directory" },
}) do
    global.callbar_logged = nil
    assert(call(copy(SPAM, with)) == nil and logged[1]:find("^ERR callbar: no decision, calls go on"), logged[1])
    assert(call(copy(SPAM, with)) == nil and #logged == 0)
    with.callbar_on_error = "deny"
    assert(call(copy(SPAM, with)) == "respond 503 Service Unavailable")
    -- What every handset takes for an emergency number needs no lists.
    for _, help in ipairs({ "112@pbx.example", "nobody@service:sos", "nobody@service:sos.police" }) do
        assert(call(copy(copy(SPAM, with), { sip_req_uri = help, destination_number = "112" })) == nil, help)
    end
    local not_help = { sip_req_uri = "112<x@pbx.example", destination_number = "112<x" }
    assert(call(copy(copy(SPAM, with), not_help)) == "respond 503 Service Unavailable")
end
-- strict
local STRICT = copy(CALL, { callbar_strict = "1" })
assert(call(copy(STRICT)) == nil)
said, set = call(copy(STRICT, { destination_number = "05550000002,1", sip_req_uri = "05550000002,1@pbx.example" }))
assert(said == "respond 484 Address Incomplete" and set.callbar_action == "refuse", said)
