-- Shared by the scripts of all SIP servers: asks one question for each call, and says how to answer it.
--
--     local calls = require("callbar_call").new(host)
--     local answer = calls:ask({ callee = "sip:...", from = "...", asserted = { "..." } }, "Call-ID")
--     if answer.code then ... answer code and phrase, end the call ... end
--
-- `host` has the functions of the server:
--
--     host.log(level, text)      writes a line; level is "ERR" or "NOTICE"
--     host.count(name)           counts a call; optional
--     host.option(name)          returns an option as text, nil if it is not set; os.getenv by default
--     host.get(name)             returns a text that all Lua states of the process share, and
--     host.set(name, text)       writes it; both optional, for servers with a Lua state for each call
--
-- Options:
--
--     CALLBAR_DATA       the data directory
--     CALLBAR_DOMAIN     the domain whose lists apply
--     CALLBAR_ON_ERROR   what happens to a call without an answer, because the module, the directory or
--                        the domain is missing: "pass" (default) lets it go on, "deny" answers 503; calls
--                        to 112, 911 and urn:service:sos go on in any case
--     CALLBAR_STRICT     "1" answers 484 to a callee that holds digits and is not plainly one number
--     CALLBAR_REFRESH    seconds after which to look again at the data directory, which may have been
--                        replaced; 60 by default
--
-- Runs under Lua 5.1 to 5.4. Nothing here raises an error in the middle of a call.
local module = {}

-- The least seconds between two log lines about calls without an answer.
local QUIET = 10
-- The longest text of a caller that goes into a log line.
local LONGEST = 300

-- Returns a text that is safe in a log line or a header: control characters and bytes that are not ASCII
-- become \x and two hexadecimal digits.
function module.escape(text)
    text = tostring(text)
    local shown = text:sub(1, LONGEST):gsub("[%c\\\127-\255]", function(byte)
        return ("\\x%02x"):format(byte:byte())
    end)
    return #text > LONGEST and shown .. "..." or shown
end
local escape = module.escape

local Calls = {}
Calls.__index = Calls

function module.new(host)
    local option = host.option or os.getenv
    local own = {}
    return setmetatable({
        log = host.log,
        count = host.count or function() end,
        get = host.get or function(name) return own[name] end,
        set = host.set or function(name, text) own[name] = text end,
        data = option("CALLBAR_DATA"),
        domain = option("CALLBAR_DOMAIN"),
        on_error = option("CALLBAR_ON_ERROR") or "pass",
        strict = option("CALLBAR_STRICT") == "1",
        refresh_after = tonumber(option("CALLBAR_REFRESH")) or 60,
    }, Calls)
end

-- Returns true if `seconds` have passed since it last returned true for this name.
function Calls:due(name, seconds)
    local now = os.time()
    local last = tonumber(self.get(name))
    -- If the clock was set back, it must not return false for long.
    if last and now >= last and now - last < seconds then return false end
    self.set(name, tostring(now))
    return true
end

-- Returns a reader, or nil and the reason. Tries again at each call, so a directory may appear later.
function Calls:open()
    if self.reader then return self.reader end
    local found, bar = pcall(require, "callbar")
    if not found then return nil, bar end
    if not self.data then return nil, "CALLBAR_DATA is not set" end
    -- One damaged domain must not close the others; reader:health() lists it.
    local message
    self.reader, message = bar.open(self.data, { sound_only = true })
    self.max_values = bar.max_values
    return self.reader, message
end

-- Returns at most `most` values of a header: those beyond are joined to the last one, because one value may
-- hold several addresses. A caller must not get through by sending more headers than callbar reads.
local function bounded(values, most)
    if type(values) ~= "table" or #values <= most then return values end
    local few = {}
    for place = 1, most - 1 do few[place] = values[place] end
    few[most] = table.concat(values, ", ", most)
    return few
end

-- Returns the decision of callbar, or nil and the reason.
function Calls:decide(question)
    local reader, message = self:open()
    if not reader then return nil, message end
    if not self.domain then return nil, "CALLBAR_DOMAIN is not set" end
    if self:due("callbar_refreshed", self.refresh_after) then reader:refresh() end
    return reader:decide(self.domain, {
        callee = question.callee, from = question.from, privacy = question.privacy,
        asserted = bounded(question.asserted, self.max_values),
        remote_party = bounded(question.remote_party, self.max_values),
    })
end

-- Returns whether the callee is plainly a call for help that needs no lists: 112 and 911, which every handset
-- treats as emergency numbers (3GPP TS 22.101 section 10.1.1), and the service URN (RFC 5031).
local function calls_for_help(callee)
    callee = tostring(callee or ""):lower()
    local number = callee:match("^sips?:(%d+)@[^@<>]*$") or callee:match("^sips?:(%d+)$")
        or callee:match("^tel:(%d+)$") or callee:match("^(%d+)$")
    return number == "112" or number == "911" or callee:find("^urn:service:sos%.?[%w.-]*$") ~= nil
end

-- Returns the answer to a call without a decision.
function Calls:failed(why, callee)
    self.count("failed")
    local deny = self.on_error == "deny" and not calls_for_help(callee)
    if self:due("callbar_logged", QUIET) then
        if not deny and self.on_error ~= "pass" then
            self.log("ERR", "callbar: CALLBAR_ON_ERROR must be pass or deny, it is "
                .. escape(self.on_error) .. "; pass holds")
        end
        self.log("ERR", ("callbar: no decision, calls %s: %s"):format(
            deny and "are answered 503" or "go on", escape((tostring(why):gsub("%s+", " ")))))
    end
    if deny then return { action = "deny", code = 503, phrase = "Service Unavailable" } end
    return { action = "pass" }
end

-- Asks about a call, logs and counts. Returns a table: `action`, `party`, `list`, `entry` and `exempt` of the
-- decision; `code`, `phrase` and `reason` (a Reason header, RFC 3326) only if the call must be answered with
-- them; `mark` for the next hop if a list let the call through.
function Calls:ask(question, id)
    local asked, decision, why = pcall(self.decide, self, question)
    if not asked then return self:failed(decision, question.callee) end
    if not decision then return self:failed(why, question.callee) end
    local answer = {
        action = decision.action, party = decision.party, list = decision.list,
        entry = decision.entry, exempt = decision.exempt,
    }
    local because
    if decision.exempt then
        self.count("exempt")
        return answer
    elseif decision.action == "deny" then
        answer.code, answer.phrase = decision.response.code, decision.response.phrase
        because = ("%s barred by list %s, entry %s"):format(
            decision.party, escape(decision.list), escape(decision.entry))
        self.count("barred")
    elseif self.strict and decision.ambiguous then
        answer.action, answer.code, answer.phrase = "refuse", 484, "Address Incomplete"
        because = "the callee is not plainly one number"
        self.count("refused")
    elseif decision.action == "allow" then
        answer.mark = ("%s allowed by %s"):format(decision.party, escape(decision.list))
        self.count("allowed")
    end
    if because then
        answer.reason = ('SIP;cause=%d;text="%s"'):format(answer.code, answer.phrase)
        self.log("NOTICE", ("callbar: %d %s: %s; from %s to %s, call %s"):format(
            answer.code, answer.phrase, because, escape(question.from or "nobody"),
            escape(question.callee or "nobody"), escape(id or "unknown")))
    end
    return answer
end

return module
