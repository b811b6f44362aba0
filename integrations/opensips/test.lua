-- Runs callbar.lua with a stub of the few functions of OpenSIPS that it calls. Arguments: the
-- directory of this file; the environment says the rest, see integrations/test.sh.
local here = arg[1]
local headers, variables, logged
function xlog(level, text) logged[#logged + 1] = level .. " " .. text end
function scriptVarSet(name, value) variables[name] = value end
-- As OpenSIPS prints a variable: <null> if it has no value.
function pseudoVar(msg, name)
    if name == "$ru" then return msg.uri end
    if name == "$ci" then return "id@host" end
    local counted = name:match("^%$hdrcnt%((.*)%)$")
    if counted then return tostring(#(msg.headers[counted] or {})) end
    local header, index = name:match("^%$%(hdr%((.-)%)%[(%d+)%]%)$")
    assert(header, name)
    return msg.headers[header] and msg.headers[header][index + 1] or "<null>"
end
dofile(here .. "/callbar.lua")

-- Whether a call goes on, and the code that it is answered with otherwise.
local function call(uri, from, more)
    variables, logged = {}, {}
    local msg = { uri = uri, headers = more or {} }
    msg.headers.From = { from }
    return callbar_check(msg), variables.callbar_code
end

local SPAM, CALLER = "<sip:05050047824@gw.example>;tag=1", "<sip:+905550000001@a.example>;tag=1"
local CALLEE = "sip:+905550000002@pbx.example"
local function barred(code, ...)
    local went, answered = call(...)
    assert(went == -1 and answered == code, answered)
    assert(#logged == 1 and logged[1]:find("L_NOTICE callbar: " .. code, 1, true), logged[1])
    assert(variables.callbar_reason:find("^SIP;cause=" .. code .. ';text="'), variables.callbar_reason)
end

barred(607, CALLEE, SPAM)
barred(607, "tel:05050047824", CALLER)
barred(607, CALLEE, CALLER, { ["P-Asserted-Identity"] = { "<null>", "<tel:+905050047824>" } })
barred(607, CALLEE, CALLER, { ["P-Preferred-Identity"] = { "<tel:+905050047824>" } })
barred(433, CALLEE, CALLER, { ["P-Asserted-Identity"] = { CALLER }, Privacy = { "header", "id" } })
barred(433, CALLEE, CALLER, { ["Remote-Party-ID"] = { "<sip:+905550000001@a.example>;privacy=full" } })
assert(call(CALLEE, CALLER) == 1 and #logged == 0)
assert(call("sip:112@pbx.example", SPAM) == 1 and #logged == 0)
