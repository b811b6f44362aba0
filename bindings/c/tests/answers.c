/* Prevents answers through C that differ from those of the engine. Argument: the data directory of
 * test.sh. Also compiled as C++. */
#include "expect.h"

static callbar_verdict check(callbar_reader *reader, const char *number) {
    callbar_verdict verdict;
    EXPECT(callbar_check(reader, T(DOMAIN), T(number), &verdict) == CALLBAR_STATUS_OK);
    return verdict;
}

static void verdicts(callbar_reader *reader) {
    const char *forms[] = {"05050047824", "+905050047824", "0090 505 004 78 24",
                           "sip:05050047824@gw.example;user=phone", "tel:+90-505-004-78-24"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        callbar_verdict verdict = check(reader, forms[i]);
        EXPECT(verdict.action == CALLBAR_ACTION_DENY && verdict.sip_code == 607);
        EXPECT(is(verdict.list, "spam") && is(verdict.reason, "Unwanted"));
        EXPECT(is(verdict.number, "+905050047824"));
    }
    callbar_verdict verdict = check(reader, "+905050047825");
    EXPECT(verdict.action == CALLBAR_ACTION_PASS && verdict.sip_code == 0);
    EXPECT(is(verdict.list, "") && is(verdict.reason, "") && is(verdict.number, ""));
    verdict = check(reader, "0532 111 22 33");
    EXPECT(verdict.action == CALLBAR_ACTION_ALLOW && verdict.sip_code == 0);
    EXPECT(is(verdict.list, "vip") && is(verdict.number, "+905321112233"));
    verdict = check(reader, "0532 111 22 34"); /* by a pattern */
    EXPECT(verdict.action == CALLBAR_ACTION_DENY && is(verdict.number, "+905321112234"));
    verdict = check(reader, "anonymous");
    EXPECT(verdict.sip_code == 433 && is(verdict.reason, "Anonymity Disallowed"));
    verdict = check(reader, ""); /* no number at all is one that is withheld */
    EXPECT(verdict.action == CALLBAR_ACTION_DENY && is(verdict.number, "anonymous"));
}

static callbar_decision decide(callbar_reader *reader, const callbar_call *call) {
    callbar_decision decision;
    memset(&decision, 0xff, sizeof decision);
    decision.size = sizeof decision;
    EXPECT(callbar_decide(reader, T(DOMAIN), call, &decision) == CALLBAR_STATUS_OK);
    EXPECT(decision.size == sizeof decision);
    return decision;
}

static int is_spam(callbar_decision by, callbar_party party) {
    return by.action == CALLBAR_ACTION_DENY && by.party == party && by.sip_code == 607 &&
           is(by.reason, "Unwanted") && is(by.list, "spam") && is(by.entry, "+905050047824") && !by.exempt;
}

static int passes(callbar_decision by) {
    return by.action == CALLBAR_ACTION_PASS && by.party == CALLBAR_PARTY_NONE && by.sip_code == 0 &&
           is(by.reason, "") && is(by.list, "") && is(by.entry, "");
}

static void decisions(callbar_reader *reader) {
    const char *listed = "<sip:05050047824@gw.example>;tag=1", *other = "<sip:02125550148@gw.example>";
    callbar_call call = call_of("sip:02125550147@pbx.example", listed);
    EXPECT(is_spam(decide(reader, &call), CALLBAR_PARTY_CALLER));
    call = call_of(listed, other);
    EXPECT(is_spam(decide(reader, &call), CALLBAR_PARTY_CALLEE));
    call = call_of("sip:02125550147@pbx.example", other);
    callbar_decision decision = decide(reader, &call);
    EXPECT(passes(decision) && !decision.exempt && !decision.ambiguous);
    call.callee = text_of("sip:02125550147p1@pbx.example");
    decision = decide(reader, &call);
    EXPECT(passes(decision) && !decision.exempt && decision.ambiguous == 1);
    /* A barred caller may call for help. */
    callbar_text several[] = {text_of(other), text_of("<tel:+905050047824>")};
    call = call_of("sip:112@pbx.example", listed);
    call.asserted = several;
    call.asserted_count = 2;
    decision = decide(reader, &call);
    EXPECT(passes(decision) && decision.exempt == 1 && !decision.ambiguous);
    call.callee = text_of("112");
    decision = decide(reader, &call);
    EXPECT(passes(decision) && decision.exempt == 1 && !decision.ambiguous);
    /* Headers with several values, in order. */
    call = call_of("sip:02125550147@pbx.example", other);
    call.asserted = several;
    call.asserted_count = 2;
    EXPECT(is_spam(decide(reader, &call), CALLBAR_PARTY_CALLER));
    call.asserted_count = 1; /* the second is not there */
    EXPECT(passes(decide(reader, &call)));
    call.remote_party = several;
    call.remote_party_count = 2;
    EXPECT(is_spam(decide(reader, &call), CALLBAR_PARTY_CALLER));
    several[0] = text_of("0532 111 22 33");
    decision = decide(reader, &call);
    EXPECT(decision.action == CALLBAR_ACTION_ALLOW && decision.party == CALLBAR_PARTY_CALLER);
    EXPECT(is(decision.list, "vip") && is(decision.entry, "+905321112233") && decision.sip_code == 0);
    /* Every kind of entry. */
    call = call_of(NULL, "0532 111 22 34");
    decision = decide(reader, &call);
    EXPECT(decision.action == CALLBAR_ACTION_DENY && is(decision.entry, "+90532*"));
    call = call_of("sip:02125550147@pbx.example", other);
    call.privacy = text_of("id");
    decision = decide(reader, &call);
    EXPECT(decision.sip_code == 433 && is(decision.entry, "anonymous") && is(decision.list, "rest"));
}

static void ids(callbar_reader *reader) {
    uint32_t id;
    callbar_verdict verdict;
    EXPECT(callbar_domain(reader, T("MY.Example"), &id) == CALLBAR_STATUS_OK);
    EXPECT(callbar_check_id(reader, id, T("05050047824"), &verdict) == CALLBAR_STATUS_OK);
    EXPECT(verdict.action == CALLBAR_ACTION_DENY && is(verdict.number, "+905050047824"));
    callbar_call call = call_of("sip:02125550147@pbx.example", "05050047824");
    callbar_decision decision;
    decision.size = sizeof decision;
    EXPECT(callbar_decide_id(reader, id, &call, &decision) == CALLBAR_STATUS_OK);
    EXPECT(is_spam(decision, CALLBAR_PARTY_CALLER));
}

static void batches(callbar_reader *reader) {
    callbar_text numbers[200];
    callbar_verdict verdicts[200];
    for (size_t i = 0; i < 200; i++) {
        numbers[i].at = i % 3 ? "05050047825" : "05050047824";
        numbers[i].len = 11;
    }
    EXPECT(callbar_check_batch(reader, T(DOMAIN), numbers, 200, verdicts) == CALLBAR_STATUS_OK);
    for (size_t i = 0; i < 200; i++) {
        EXPECT(verdicts[i].action == (i % 3 ? CALLBAR_ACTION_PASS : CALLBAR_ACTION_DENY));
        EXPECT(is(verdicts[i].list, i % 3 ? "" : "spam"));
    }
    EXPECT(callbar_check_batch(reader, T(DOMAIN), numbers, 0, verdicts) == CALLBAR_STATUS_OK);
}

static void json(const callbar_engine *engine, callbar_reader *reader) {
    char *text;
    EXPECT(callbar_explain(reader, T(DOMAIN), T("0505 004 78 24"), &text) == CALLBAR_STATUS_OK);
    EXPECT(strstr(text, "\"verdict\":\"deny\"") && strstr(text, "\"number\":\"+905050047824\""));
    callbar_free(text);
    callbar_call call = call_of("sip:02125550147@pbx.example", "05050047824");
    EXPECT(callbar_explain_call(reader, T(DOMAIN), &call, &text) == CALLBAR_STATUS_OK);
    EXPECT(strstr(text, "\"action\":\"deny\",\"party\":\"caller\"") && strstr(text, "\"question\":\"from\""));
    callbar_free(text);
    EXPECT(callbar_engine_health(engine, &text) == CALLBAR_STATUS_OK);
    EXPECT(strstr(text, "\"domains\":2") && strstr(text, "\"problems\":[]"));
    callbar_free(text);
    EXPECT(callbar_reader_health(reader, &text) == CALLBAR_STATUS_OK);
    EXPECT(strstr(text, "\"sees_others\":true"));
    callbar_free(text);
    EXPECT(callbar_engine_refresh(engine) == CALLBAR_STATUS_OK);
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    EXPECT(callbar_abi_version() == CALLBAR_ABI_VERSION);
    EXPECT(strcmp(callbar_version(), "0.1.0") == 0);
    for (uint32_t mode = CALLBAR_LOAD_MAP; mode <= CALLBAR_LOAD_HEAP; mode++) {
        callbar_options options;
        memset(&options, 0, sizeof options);
        options.size = sizeof options;
        options.load_mode = mode;
        callbar_engine *engine = open_engine(argv[1], &options);
        callbar_reader *reader = open_reader(engine);
        verdicts(reader);
        decisions(reader);
        ids(reader);
        batches(reader);
        json(engine, reader);
        /* A reader outlives its engine. */
        EXPECT(callbar_engine_close(engine) == CALLBAR_STATUS_OK);
        verdicts(reader);
        EXPECT(callbar_reader_close(reader) == CALLBAR_STATUS_OK);
    }
    return 0;
}
