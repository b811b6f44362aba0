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

static void exemptions(callbar_reader *reader) {
    int32_t exempt = -1;
    EXPECT(callbar_exempts(reader, T(DOMAIN), T("sip:112@gw.example"), &exempt) == CALLBAR_STATUS_OK);
    EXPECT(exempt == 1);
    EXPECT(callbar_exempts(reader, T(DOMAIN), T("05050047824"), &exempt) == CALLBAR_STATUS_OK);
    EXPECT(exempt == 0);
    exempt = 1;
    EXPECT(callbar_exempts(reader, T("other"), T("112"), &exempt) == CALLBAR_STATUS_UNKNOWN_DOMAIN);
    EXPECT(exempt == 0);
    EXPECT(callbar_exempts(reader, T(DOMAIN), T("112"), NULL) == CALLBAR_STATUS_BAD_POINTER);
}

static void ids(callbar_reader *reader) {
    uint32_t id;
    callbar_verdict verdict;
    EXPECT(callbar_domain(reader, T("MY.Example"), &id) == CALLBAR_STATUS_OK);
    EXPECT(callbar_check_id(reader, id, T("05050047824"), &verdict) == CALLBAR_STATUS_OK);
    EXPECT(verdict.action == CALLBAR_ACTION_DENY && is(verdict.number, "+905050047824"));
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
        exemptions(reader);
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
