-- callbar.lua for a test with many domains: the header X-Test-Domain names the domain of a call.
local modules = os.getenv("CALLBAR_MODULES")
package.path = modules .. "/?.lua;" .. package.path
local shared = require("callbar_call")
local new, calls = shared.new, nil
function shared.new(host)
    calls = new(host)
    return calls
end
dofile(os.getenv("CALLBAR_SCRIPT"))
local route = ksr_request_route
function ksr_request_route()
    calls.domain = KSR.hdr.get("X-Test-Domain") or os.getenv("CALLBAR_DOMAIN")
    route()
end
