-- Routes calls by what callbar says of both parties.
--
-- Environment: CALLBAR_MODULES, the directory of callbar.so; CALLBAR_DATA, the data directory;
-- CALLBAR_DOMAIN; CALLBAR_GATEWAY, where calls go on to. CALLBAR_OFF=1 relays without a check, to
-- measure against. CALLBAR_REFRESH, seconds after which a worker looks for another data directory in
-- place of its own, 60 by default.
package.cpath = os.getenv("CALLBAR_MODULES") .. "/?.so;" .. package.cpath
local bar = require "callbar"

local DOMAIN = os.getenv("CALLBAR_DOMAIN")
local GATEWAY = os.getenv("CALLBAR_GATEWAY")
local OFF = os.getenv("CALLBAR_OFF") == "1"
-- One damaged domain must not keep the server from starting: reader:health() tells of it.
local reader = assert(bar.open(os.getenv("CALLBAR_DATA"), { sound_only = true }))

-- Answers the call if the lists bar this party; marks it if a list says to let it through. Tells
-- whether it was answered, and the action.
local function barred(party, role)
    local action, list, reason, code = reader:check(DOMAIN, party)
    if action == "deny" then
        -- RFC 3326: the cause again, for those who see the header only.
        KSR.hdr.append_to_reply(('Reason: SIP;cause=%d;text="%s"\r\n'):format(code, reason))
        KSR.sl.sl_send_reply(code, reason)
        return true, action
    elseif action == "allow" then
        KSR.hdr.append("X-Callbar: " .. role .. " allowed by " .. list .. "\r\n")
    elseif not action then
        -- No verdict: a call is not lost for that. The second value says why.
        KSR.err("callbar: " .. list .. "\n")
    end
    return false, action
end

-- Looks now and then for a data directory that was put in place of the one that it had; what changes
-- in it counts for the next call without that.
local REFRESH = tonumber(os.getenv("CALLBAR_REFRESH") or 60)
local refreshed = os.time()
local function refresh()
    local now = os.time()
    if now - refreshed >= REFRESH then
        refreshed = now
        reader:refresh()
    end
end

-- Who calls: what peers assert (RFC 3325), in one header or several, then what the caller claims.
local function callers()
    local found = {}
    local index = 0
    while true do
        local asserted = KSR.hdr.get_idx("P-Asserted-Identity", index)
        if not asserted then break end
        for _, uri in ipairs(bar.identities(asserted)) do found[#found + 1] = uri end
        index = index + 1
    end
    -- A whole header: display name, URI and parameters are callbar's business.
    found[#found + 1] = KSR.hdr.get("From") or ""
    return found
end

-- Whether one of both parties is barred, and the call answered. A list that lets one identity of the
-- caller through speaks for those after it.
local function refused(callee)
    -- Calls for help go on, whoever makes them.
    if reader:exempts(DOMAIN, callee) then return false end
    for _, caller in ipairs(callers()) do
        local answered, action = barred(caller, "caller")
        if answered then return true end
        if action == "allow" then break end
    end
    -- A call to the proxy itself has no callee to ask about.
    local is_sip = callee:find("^[sS][iI][pP][sS]?:")
    return not (is_sip and KSR.pv.gete("$rU") == "") and (barred(callee, "callee"))
end

local function invite()
    KSR.rr.record_route()
    -- What the next hop is to trust, no caller may say.
    KSR.hdr.remove("X-Callbar")
    if not OFF then
        refresh()
        if refused(KSR.pv.gete("$ru")) then return end
    end
    KSR.pv.sets("$du", GATEWAY)
    KSR.tm.t_relay()
end

function ksr_request_route()
    if KSR.maxfwd.process_maxfwd(10) < 0 then
        KSR.sl.sl_send_reply(483, "Too Many Hops")
        return
    end
    local method = KSR.pv.gete("$rm")
    if method == "CANCEL" then
        if KSR.tm.t_check_trans() > 0 then KSR.tm.t_relay() end
    elseif KSR.siputils.has_totag() > 0 then
        if KSR.rr.loose_route() > 0 then
            KSR.tm.t_relay()
        elseif method == "ACK" and KSR.tm.t_check_trans() > 0 then
            KSR.tm.t_relay()
        elseif method ~= "ACK" then
            KSR.sl.sl_send_reply(404, "Not Here")
        end
    elseif method == "ACK" then
        -- Of an answer that was sent without a transaction: nothing to do.
        return
    elseif method == "INVITE" then
        invite()
    elseif method == "OPTIONS" then
        KSR.sl.sl_send_reply(200, "OK")
    else
        KSR.sl.sl_send_reply(405, "Method Not Allowed")
    end
end
