-- Asks callbar about calls, and relays those that are not barred.
--
-- Environment: CALLBAR_MODULES, the directory of callbar.so and callbar_call.lua; CALLBAR_GATEWAY, the SIP
-- URI to relay to; the options of callbar_call.lua. CALLBAR_OFF=1 relays without a question, for
-- measurements.
local modules = os.getenv("CALLBAR_MODULES")
if modules then
    package.path = modules .. "/?.lua;" .. package.path
    package.cpath = modules .. "/?.so;" .. package.cpath
end
local GATEWAY = os.getenv("CALLBAR_GATEWAY")
local OFF = os.getenv("CALLBAR_OFF") == "1"

local loaded, call = pcall(require, "callbar_call")
-- Without these Kamailio does not start, and logs the reason.
if not loaded then error("callbar: " .. call, 0) end
if not GATEWAY then error("callbar: CALLBAR_GATEWAY is not set", 0) end

local calls = call.new {
    log = function(level, text)
        if level == "ERR" then KSR.err(text .. "\n") else KSR.notice(text .. "\n") end
    end,
    count = function(name) KSR.statistics.update_stat("callbar_" .. name, "+1") end,
}

-- Adds the values of all headers of this name.
local function values(name, to)
    local index = 0
    while true do
        local value = KSR.hdr.get_idx(name, index)
        if not value then return to end
        index = index + 1
        to[#to + 1] = value
    end
end

-- Asks about the call to this address, a URI or a whole header value. Returns the answer.
local function ask(callee, caller_counts)
    local question = { callee = callee }
    if caller_counts then
        question.from = KSR.hdr.get("From")
        question.asserted = values("P-Preferred-Identity", values("P-Asserted-Identity", {}))
        question.remote_party = values("Remote-Party-ID", {})
        question.privacy = table.concat(values("Privacy", {}), ";")
    end
    return calls:ask(question, KSR.pv.get("$ci"))
end

-- Returns whether the call to this address is refused, and answers it if so. Call it again wherever the
-- request URI changes before a relay: an alias, a lookup, the targets of a 3xx.
local function refused(callee, caller_counts)
    if OFF then return false end
    local answer = ask(callee, caller_counts)
    if answer.code then
        if answer.reason then KSR.hdr.append_to_reply("Reason: " .. answer.reason .. "\r\n") end
        KSR.sl.sl_send_reply(answer.code, answer.phrase)
    elseif answer.mark then
        KSR.hdr.append("X-Callbar: " .. answer.mark .. "\r\n")
    end
    return answer.code ~= nil
end

-- The same for the target of a REFER, because its receiver calls that target.
local function refer_refused(method)
    return method == "REFER" and refused(KSR.hdr.get("Refer-To"), true)
end

local function relay()
    if KSR.tm.t_relay() < 0 then KSR.sl.sl_reply_error() end
end

-- Handles a request outside of a dialog.
local function begin(method)
    -- No caller may choose the route behind this proxy.
    KSR.hdr.remove("Route")
    if refused(KSR.pv.get("$ru"), true) or refer_refused(method) then return end
    if method == "INVITE" then
        KSR.rr.record_route()
        KSR.dialog.dlg_manage()
    end
    KSR.pv.sets("$du", GATEWAY)
    relay()
end

-- Requests that call nobody.
local CALLS_NOBODY = { ACK = true, BYE = true, PRACK = true }

-- Returns whether the request goes to the address that the other end of the dialog gave.
local function goes_to_other_end()
    local of_caller = KSR.pv.get("$ft") == KSR.pv.get("$dlg(from_tag)")
    return KSR.pv.get("$ru") == KSR.pv.get(of_caller and "$dlg(to_contact)" or "$dlg(from_contact)")
end

-- Handles a request inside a dialog. A To tag and a Route to this proxy are easily forged, so the module
-- dialog must know the dialog. Its parties were asked when it began; another target is asked now.
local function continue(method)
    if KSR.rr.loose_route() < 0 or KSR.dialog.is_known_dlg() < 0 then
        if method == "ACK" then
            if KSR.tm.t_check_trans() > 0 then relay() end
        else
            KSR.sl.sl_send_reply(481, "Call/Transaction Does Not Exist")
        end
        return
    end
    if not CALLS_NOBODY[method] and not goes_to_other_end() and refused(KSR.pv.get("$ru")) then return end
    if refer_refused(method) then return end
    relay()
end

function ksr_request_route()
    if KSR.maxfwd.process_maxfwd(10) < 0 then
        KSR.sl.sl_send_reply(483, "Too Many Hops")
        return
    end
    local method = KSR.pv.gete("$rm")
    if method == "CANCEL" then
        if KSR.tm.t_check_trans() > 0 then relay() end
        return
    end
    -- A server behind Kamailio may read a request URI that Kamailio cannot.
    if not KSR.pv.get("$ru") then
        if method ~= "ACK" then KSR.sl.sl_send_reply(400, "Bad Request URI") end
        return
    end
    -- A retransmission was answered already.
    if method ~= "ACK" and KSR.tm.t_check_trans() == 0 then return end
    -- The next hop trusts this header, so no caller may write it.
    KSR.hdr.remove("X-Callbar")
    if KSR.siputils.has_totag() > 0 then
        continue(method)
    elseif method == "INVITE" or method == "MESSAGE" or method == "REFER" then
        begin(method)
    elseif method == "OPTIONS" then
        KSR.sl.sl_send_reply(200, "OK")
    elseif method ~= "ACK" then
        KSR.sl.sl_send_reply(405, "Method Not Allowed")
    end
end
