-- Runs callbar.lua with a stub of the few functions of FreeSWITCH that it calls. Arguments: the
-- directory of this file, and a data directory as integrations/test.sh makes it.
local here, data = arg[1], arg[2]
local logged = {}
freeswitch = { consoleLog = function(level, text) logged[#logged + 1] = level .. " " .. text end }

-- What becomes of a call with these variables.
local function call(variables)
    logged = {}
    variables.callbar_data = variables.callbar_data or data
    variables.callbar_domain = variables.callbar_domain or "my.example"
    local said
    session = {
        getVariable = function(_, name) return variables[name] end,
        setVariable = function(_, name, value) variables[name] = value end,
        execute = function(_, application, argument) said = application .. " " .. argument end,
    }
    dofile(here .. "/callbar.lua")
    return said, variables
end

local FROM = '"Ali" <sip:0505%s@gw.example>;tag=a'
local said, set = call { sip_full_from = FROM:format("0047824"), destination_number = "05550000000" }
assert(said == "respond 607 Unwanted" and set.callbar_list == "spam", said)
assert(set.sip_rh_Reason == 'SIP;cause=607;text="Unwanted"', set.sip_rh_Reason)
said = call { sip_full_from = FROM:format("0047825"), destination_number = "00905050047824" }
assert(said == "respond 607 Unwanted", said)
said = call { ["sip_P-Asserted-Identity"] = "<tel:+905050047824>", sip_full_from = FROM:format("0047825") }
assert(said == "respond 607 Unwanted", said)
local ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=a'
-- Calls for help go on; a callee that is not told is not asked about.
for _, callee in ipairs { "112", "155", "urn:service:sos" } do
    assert(call { sip_full_from = FROM:format("0047824"), destination_number = callee } == nil, callee)
    assert(call { sip_full_from = ANONYMOUS, destination_number = callee } == nil, callee)
end
assert(call { sip_full_from = FROM:format("0047825") } == nil)
-- Every identity counts, until a list lets one through.
local IDS = '"A, <b>" <sip:alice@gw>, <tel:+%s>'
said = call { ["sip_P-Asserted-Identity"] = IDS:format("905050047824"), sip_full_from = FROM:format("0047825") }
assert(said == "respond 607 Unwanted", said)
said = call { ["sip_P-Asserted-Identity"] = IDS:format("905559998877"), sip_full_from = ANONYMOUS }
assert(said == "respond 433 Anonymity Disallowed", said)
said = call { ["sip_P-Asserted-Identity"] = IDS:format("905321112233"), sip_full_from = ANONYMOUS }
assert(said == nil, said)
for _, ids in ipairs {
    'sip:alice@gw, tel:+905050047824', '"A" <sip:alice@gw>, tel:+905050047824', 'tel:+905050047824',
    '<sip:a,b@gw>,<tel:+905050047824>', ' , sip:+905050047824@gw;user=phone',
} do
    said = call { ["sip_P-Asserted-Identity"] = ids, sip_full_from = FROM:format("0047825") }
    assert(said == "respond 607 Unwanted", ids)
end
said = call { ["sip_P-Asserted-Identity"] = "", sip_full_from = FROM:format("0047825") }
assert(said == nil, said)
said = call { sip_full_from = ANONYMOUS, destination_number = "1" }
assert(said == "respond 433 Anonymity Disallowed", said)
said, set = call { caller_id_number = "05321112233", destination_number = "05550000000" }
assert(said == nil and set.callbar_action == "allow" and set.callbar_list == "vip")
said, set = call { caller_id_number = "05550000001", destination_number = "05550000000" }
assert(said == nil and set.callbar_action == nil and #logged == 0)
said = call { caller_id_number = "05050047824", callbar_domain = "other.example" }
assert(said == nil and logged[1]:find("ERR callbar: no such domain", 1, true), logged[1])
said = call { caller_id_number = "05050047824", callbar_data = "/no/such/directory" }
assert(said == nil and logged[1]:find("/no/such/directory", 1, true), logged[1])
