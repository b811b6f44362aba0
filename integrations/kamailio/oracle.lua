-- Compares how Kamailio and callbar read a request. If Kamailio finds a number that callbar bars, callbar must
-- find it in the whole text too. If callbar finds an emergency number, Kamailio must too. Answers 200 if they
-- agree, 201 if there was a number, 202 if it was barred, 203 for a call for help, and 5xx with the reason if
-- they disagree.
package.cpath = os.getenv("CALLBAR_MODULES") .. "/?.so;" .. package.cpath
package.path = os.getenv("CALLBAR_MODULES") .. "/?.lua;" .. package.path
local reader = assert(require("callbar").open(os.getenv("CALLBAR_DATA")))
local DOMAIN = os.getenv("CALLBAR_DOMAIN")

local function number(user) return user and user:find("^%+?%d+$") and user end

local function compare()
    local uri, user = KSR.pv.get("$ru"), KSR.pv.get("$rU")
    -- A request URI that Kamailio cannot read is not relayed.
    uri = uri or "sip:h.example"
    local to_uri = reader:decide(DOMAIN, { callee = uri })
    if not to_uri then return 500, "No Decision" end
    if to_uri.exempt then
        -- A URN has no user. If an address has no user, Kamailio reads the number as the host.
        if uri:lower():find("^urn:service:sos") then return 203, "Help" end
        local called = user and user ~= "" and user or KSR.pv.gete("$rd")
        local to_called = reader:decide(DOMAIN, { callee = called })
        if not to_called or not to_called.exempt then return 502, "Exempt Unlike " .. called end
        return 203, "Help"
    end
    local callee, caller = number(user), number(KSR.pv.get("$fU"))
    local barred = false
    if callee and reader:check(DOMAIN, callee) == "deny" then
        barred = true
        if to_uri.action ~= "deny" then return 503, "Callee Passes" end
    end
    if caller and reader:check(DOMAIN, caller) == "deny" then
        barred = true
        local by = reader:decide(DOMAIN, { from = KSR.hdr.get("From") })
        if not by or by.action ~= "deny" then return 504, "Caller Passes" end
    end
    if barred then return 202, "Barred" end
    return (callee or caller) and 201 or 200, "Agreed"
end

function ksr_request_route()
    local code, phrase = compare()
    KSR.sl.sl_send_reply(code, phrase)
end
