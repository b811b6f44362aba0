-- A dialplan for pbx_lua: bars a call or lets it through, as callbar decides.
--
-- Call `callbar_check` before you do anything with a call, as context `incoming` below does. Environment:
-- CALLBAR_MODULES, the directory of callbar.so and callbar_call.lua, if Lua does not look there by itself;
-- the options of callbar_call.lua.
local modules = os.getenv("CALLBAR_MODULES")
if modules then
    package.path = modules .. "/?.lua;" .. package.path
    package.cpath = modules .. "/?.so;" .. package.cpath
end

local function read(expression)
    local value = channel[expression]:get()
    return value ~= "" and value or nil
end

-- pbx_lua makes a Lua state for each channel, so calls share texts in global variables.
local host = {
    log = function(level, text)
        -- Log writes the extension before the text, without escaping it.
        if (read("EXTEN") or ""):find("%c") then
            app.verbose(0, text)
        else
            app.log(level == "ERR" and "ERROR" or level, text)
        end
    end,
    get = function(name) return read("GLOBAL(" .. name .. ")") end,
    set = function(name, text) channel["GLOBAL(" .. name .. ")"]:set(text) end,
}

-- copy: without_callbar
-- Returns what asks about calls when callbar_call.lua cannot be loaded. Each script has a copy, because no
-- shared file can be loaded then; integrations/test.sh compares the copies.
local function without_callbar(log, on_error, why)
    -- Calls for help need no lists: 112 and 911 (3GPP TS 22.101 section 10.1.1), and the service URN (RFC 5031).
    local function calls_for_help(callee)
        callee = tostring(callee or ""):lower()
        local number = callee:match("^%a*:?(%d+)@[^@<>]*$") or callee:match("^%a*:?(%d+)$")
        return number == "112" or number == "911" or callee:find("^urn:service:sos%.?[%w.-]*$") ~= nil
    end
    local function ask(_, question)
        log("ERR", "callbar: " .. tostring(why):gsub("%s+", " "))
        if on_error ~= "deny" or calls_for_help(question.callee) then return { action = "pass" } end
        return { action = "deny", code = 503, phrase = "Service Unavailable" }
    end
    return { ask = ask }
end
-- end of copy

-- Nothing here may fail: Asterisk exits if this file does not load.
local loaded, call = pcall(require, "callbar_call")
local calls = loaded and call.new(host)
    or without_callbar(host.log, os.getenv("CALLBAR_ON_ERROR"), call)

-- The cause "call rejected" of Q.850, for channels without SIP codes.
local CALL_REJECTED = 21

-- Returns whether the channel has this technology. A SIP MESSAGE has its own.
local function on(technology) return read("CHANNEL(channeltype)") == technology end

-- Adds the values of all headers of this name.
local function values(name, to)
    if on("Message") then
        to[#to + 1] = read("MESSAGE_DATA(" .. name .. ")")
        return to
    end
    local index = 1
    while true do
        local value = read(("PJSIP_HEADER(read,%s,%d)"):format(name, index))
        if not value then return to end
        index = index + 1
        to[#to + 1] = value
    end
end

-- Returns the question about a call: the callee, the headers that name the caller, whether the endpoint is
-- trusted or not, and the caller ID, which Asterisk presents onward.
local function question(callee)
    local asked = { callee = callee, asserted = {}, remote_party = {} }
    local privacy = {}
    if on("Message") then
        asked.from = read("MESSAGE(from)")
    elseif on("PJSIP") then
        asked.from = read("PJSIP_HEADER(read,From,1)")
    end
    if asked.from then
        values("P-Preferred-Identity", values("P-Asserted-Identity", asked.asserted))
        values("Remote-Party-ID", asked.remote_party)
        values("Privacy", privacy)
    end
    local number = read("CALLERID(num)")
    if not asked.from then
        asked.from = number or "anonymous"
    elseif number then
        asked.remote_party[#asked.remote_party + 1] = number
    end
    if (read("CALLERID(num-pres)") or ""):find("^prohib") then privacy[#privacy + 1] = "id" end
    asked.privacy = table.concat(privacy, ";")
    return asked
end

-- Ends the call. A message was accepted before the dialplan, and ends here.
local function refuse(code)
    if on("Message") then return end
    if on("PJSIP") then
        -- PJSIPHangup exists since 18.21, 20.6 and 21.1. An application that ends a call leaves the dialplan
        -- with an error that is a number.
        local _, why = pcall(app.pjsiphangup, tostring(code))
        if type(why) == "number" then error(why, 0) end
    end
    app.hangup(CALL_REJECTED)
end

-- Returns the number to dial for an extension, without the parameters of its user part. Any other text could
-- name other channels: `0555&PJSIP/0505` in a request URI rings two.
local function number_of(extension)
    return extension:match("^%+?[0-9*#]+$") or extension:match("^(%+?[0-9*#]+);")
end

-- Asks about the call to this extension. Returns the number that may be dialled, or ends the call and
-- returns nothing. Sets CALLBAR_ACTION, CALLBAR_PARTY, CALLBAR_LIST, CALLBAR_ENTRY and CALLBAR_CODE.
function callbar_check(extension)
    local number = number_of(extension)
    -- Otherwise each variable waits up to 50 ms for the thread that serves the channel.
    local served = autoservice_status()
    if served then autoservice_stop() end
    local answer = calls:ask(question(number or extension), on("PJSIP") and read("CHANNEL(pjsip,call-id)"))
    if not answer.code and not number then
        answer.action, answer.code = "refuse", 484
    end
    for _, name in ipairs({ "action", "party", "list", "entry", "code" }) do
        if answer[name] then channel["CALLBAR_" .. name:upper()] = tostring(answer[name]) end
    end
    if answer.code then return refuse(answer.code) end
    if served then autoservice_start() end
    return number
end

extensions = {
    incoming = {
        ["_."] = function(context, extension)
            local number = callbar_check(extension)
            if not number then return end
            if on("Message") then
                app.messagesend("pjsip:PJSIP/" .. number .. "@gateway", read("MESSAGE(from)"))
            else
                app.dial("PJSIP/" .. number .. "@gateway")
            end
        end,
    },
}
-- Asterisk's own extensions, which nobody dials.
for _, name in ipairs({ "h", "i", "t", "T", "e", "o", "a", "failed" }) do
    extensions.incoming[name] = function() end
end
