-- What the scripts of all SIP servers share: one question a call, and what to do with the answer.
--
--     local calls = require("callbar_call").new(host)
--     local answer = calls:ask({ callee = "sip:...", from = "...", asserted = { "..." } }, "Call-ID")
--     if answer.code then ... answer code and phrase, end the call ... end
--
-- `host` is what the server offers:
--
--     host.log(level, text)      writes a line; level is "ERR" or "NOTICE"
--     host.count(name)           counts a call; optional
--     host.option(name)          an option as text, nil if it is not set; os.getenv by default
--     host.get(name)             a text that all Lua states of the process share, and
--     host.set(name, text)       its writer; optional, for servers with a Lua state a call
--
-- Options:
--
--     CALLBAR_DATA       the data directory
--     CALLBAR_DOMAIN     the domain whose lists hold
--     CALLBAR_ON_ERROR   what becomes of a call when there is no answer, because the module, the
--                        directory or the domain is missing: "pass" (default), or "deny" with a 503;
--                        112, 911 and urn:service:sos go on all the same
--     CALLBAR_STRICT     "1" refuses, with a 484, a callee that is not plainly one number
--     CALLBAR_REFRESH    seconds between two looks for a data directory in place of the one that is
--                        open; 60 by default
--
-- Runs under Lua 5.1 to 5.4. Nothing here raises an error in the middle of a call.
local module = {}

-- Seconds between two log lines about calls without an answer.
local QUIET = 10
-- The longest text of a caller that goes into a log line.
local LONGEST = 300

-- Text as it may stand in a log line or in a header: control characters and what is not ASCII become
-- \x and two hexadecimal digits.
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

-- Reports whether `seconds` have passed since it last did so for this name.
function Calls:due(name, seconds)
    local now = os.time()
    local last = tonumber(self.get(name))
    -- A clock that was set back must not silence it for long.
    if last and now >= last and now - last < seconds then return false end
    self.set(name, tostring(now))
    return true
end

-- Returns a reader, or nil and why there is none. A directory that appears later is found.
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

-- Returns the decision of callbar, or nil and why there is none.
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

-- Whether a callee plainly calls for help, known without lists: what every handset takes for an emergency
-- number (3GPP TS 22.101 section 10.1.1), and the service URN (RFC 5031).
local function calls_for_help(callee)
    callee = tostring(callee or ""):lower()
    local number = callee:match("^sips?:(%d+)@[^@<>]*$") or callee:match("^sips?:(%d+)$")
        or callee:match("^tel:(%d+)$") or callee:match("^(%d+)$")
    return number == "112" or number == "911" or callee:find("^urn:service:sos%.?[%w.-]*$") ~= nil
end

-- The answer to a call for which there is no decision.
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

-- Asks about a call, logs and counts. Returns a table: `action`, `party`, `list`, `entry` and `exempt`
-- as callbar decided; `code`, `phrase` and `reason` (a Reason header, RFC 3326) if the call must be
-- answered so, else it goes on; `mark` for the next hop if a list let it through.
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
