/* Prevents a caller's mistake from ending a process that has calls. Argument: the data directory of
 * test.sh. */
#include "expect.h"

static callbar_engine *engine;
static callbar_reader *reader;
static callbar_verdict verdict;
/* Aligned and readable, and no handle. */
static uint64_t nothing[8];

/* The status of a check, whose answer must be the one that was chosen at open. */
static callbar_status check(callbar_reader *by, const char *domain, size_t domain_len, const char *number,
                            size_t number_len) {
    memset(&verdict, 0xff, sizeof verdict);
    return callbar_check(by, domain, domain_len, number, number_len, &verdict);
}

static int denied(void) {
    return verdict.action == CALLBAR_ACTION_DENY && verdict.sip_code == 603 && is(verdict.list, "") &&
           is(verdict.reason, "Decline") && is(verdict.number, "");
}

static void texts(void) {
    EXPECT(check(reader, NULL, 0, T("1")) == CALLBAR_STATUS_BAD_POINTER && denied());
    EXPECT(check(reader, T(DOMAIN), NULL, 5) == CALLBAR_STATUS_BAD_POINTER && denied());
    EXPECT(check(reader, T(DOMAIN), NULL, 0) == CALLBAR_STATUS_BAD_POINTER && denied());
    EXPECT(check(reader, T(DOMAIN), "1", (size_t)-1) == CALLBAR_STATUS_BAD_LENGTH && denied());
    EXPECT(check(reader, DOMAIN, (size_t)1 << 40, T("1")) == CALLBAR_STATUS_BAD_LENGTH && denied());
    EXPECT(check(reader, T("\xff\xfe"), T("1")) == CALLBAR_STATUS_BAD_UTF8 && denied());
    EXPECT(check(reader, T("other.example"), T("1")) == CALLBAR_STATUS_UNKNOWN_DOMAIN && denied());
    EXPECT(check(reader, "", 0, T("1")) == CALLBAR_STATUS_UNKNOWN_DOMAIN && denied());
    /* A number may have any bytes: that is an answer, not an error. */
    EXPECT(check(reader, T(DOMAIN), T("\xff\x80\xc3")) == CALLBAR_STATUS_OK);
    EXPECT(check(reader, T(DOMAIN), "0505\0000", 6) == CALLBAR_STATUS_OK);
    char *huge = (char *)malloc(1 << 20);
    memset(huge, '5', 1 << 20);
    EXPECT(check(reader, T(DOMAIN), huge, 1 << 20) == CALLBAR_STATUS_OK);
    EXPECT(check(reader, T(DOMAIN), huge, (1 << 20) + 1) == CALLBAR_STATUS_BAD_LENGTH && denied());
    EXPECT(check(reader, huge, 1 << 20, T("1")) == CALLBAR_STATUS_UNKNOWN_DOMAIN && denied());
    free(huge);
    EXPECT(callbar_check(reader, T(DOMAIN), T("1"), NULL) == CALLBAR_STATUS_BAD_POINTER);
    callbar_verdict *odd = (callbar_verdict *)((char *)nothing + 1);
    EXPECT(callbar_check(reader, T(DOMAIN), T("1"), odd) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_check_id(reader, UINT32_MAX, T("1"), &verdict) == CALLBAR_STATUS_UNKNOWN_DOMAIN);
    EXPECT(denied());
}

static void batches(void) {
    callbar_verdict verdicts[3];
    callbar_text numbers[3] = {{"1", 1}, {NULL, 1}, {"2", 1}};
    EXPECT(callbar_check_batch(reader, T(DOMAIN), numbers, 3, verdicts) == CALLBAR_STATUS_BAD_POINTER);
    for (int i = 0; i < 3; i++) {
        verdict = verdicts[i];
        EXPECT(denied());
    }
    EXPECT(callbar_check_batch(reader, T("x"), numbers, 1, verdicts) == CALLBAR_STATUS_UNKNOWN_DOMAIN);
    EXPECT(callbar_check_batch(reader, T(DOMAIN), numbers, (size_t)-1, verdicts) == CALLBAR_STATUS_BAD_LENGTH);
    EXPECT(callbar_check_batch(reader, T(DOMAIN), NULL, 1, verdicts) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_check_batch(reader, T(DOMAIN), numbers, 1, NULL) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_check_batch(NULL, T(DOMAIN), numbers, 1, verdicts) == CALLBAR_STATUS_BAD_POINTER);
}

static callbar_decision decision;

/* The status of a decision, which must be the one that was chosen at open. */
static callbar_status decide(const char *domain, size_t domain_len, const callbar_call *call) {
    memset(&decision, 0xff, sizeof decision);
    decision.size = sizeof decision;
    return callbar_decide(reader, domain, domain_len, call, &decision);
}

static int barred(void) {
    return decision.action == CALLBAR_ACTION_DENY && decision.sip_code == 603 &&
           decision.party == CALLBAR_PARTY_NONE && decision.exempt == 0 && decision.ambiguous == 0 &&
           is(decision.reason, "Decline") && is(decision.list, "") && is(decision.entry, "") &&
           decision.size == sizeof decision;
}

static void calls(void) {
    const callbar_call good = call_of("112", "05050047824");
    callbar_call call = good;
    /* The pointers themselves. */
    EXPECT(decide(T(DOMAIN), NULL) == CALLBAR_STATUS_BAD_POINTER && barred());
    EXPECT(decide(T(DOMAIN), (callbar_call *)((char *)nothing + 1)) == CALLBAR_STATUS_BAD_POINTER && barred());
    EXPECT(decide(NULL, 0, &call) == CALLBAR_STATUS_BAD_POINTER && barred());
    EXPECT(callbar_decide(reader, T(DOMAIN), &call, NULL) == CALLBAR_STATUS_BAD_POINTER);
    callbar_decision *odd = (callbar_decision *)((char *)nothing + 1);
    EXPECT(callbar_decide(reader, T(DOMAIN), &call, odd) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_decide_id(reader, UINT32_MAX, &call, &decision) == CALLBAR_STATUS_UNKNOWN_DOMAIN);
    EXPECT(barred());
    /* Sizes. */
    call.size = 0;
    EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_OPTION && barred());
    call.size = sizeof call - 1;
    EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_OPTION && barred());
    call.size = sizeof call + 1;
    EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_OPTION && barred());
    for (uint32_t size = 0; size <= sizeof decision + 8; size++) {
        if (size == sizeof decision) continue;
        callbar_decision untouched;
        memset(&decision, 0x5a, sizeof decision);
        decision.size = size;
        memcpy(&untouched, &decision, sizeof decision);
        EXPECT(callbar_decide(reader, T(DOMAIN), &good, &decision) == CALLBAR_STATUS_BAD_OPTION);
        EXPECT(memcmp(&untouched, &decision, sizeof decision) == 0);
    }
    /* The domain. */
    EXPECT(decide(T("\xff\xfe"), &good) == CALLBAR_STATUS_BAD_UTF8 && barred());
    EXPECT(decide(T("other.example"), &good) == CALLBAR_STATUS_UNKNOWN_DOMAIN && barred());
    EXPECT(decide(DOMAIN, (size_t)1 << 40, &good) == CALLBAR_STATUS_BAD_LENGTH && barred());
    /* Each text. */
    char *huge = (char *)malloc((1 << 20) + 1);
    memset(huge, '5', (1 << 20) + 1);
    for (int which = 0; which < 3; which++) {
        callbar_text *text = which == 0 ? &call.callee : which == 1 ? &call.from : &call.privacy;
        call = good;
        *text = (callbar_text){NULL, 1};
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_POINTER && barred());
        *text = (callbar_text){"1", (size_t)-1};
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_LENGTH && barred());
        *text = (callbar_text){huge, (1 << 20) + 1};
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_LENGTH && barred());
        *text = (callbar_text){huge, 1 << 20};
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_OK);
        *text = (callbar_text){"\xff\0\x80", 3};
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_OK);
    }
    /* Each array. */
    callbar_text several[65];
    for (int i = 0; i < 65; i++) several[i] = text_of("02125550148");
    for (int which = 0; which < 2; which++) {
        call = good;
        const callbar_text **array = which ? &call.asserted : &call.remote_party;
        size_t *count = which ? &call.asserted_count : &call.remote_party_count;
        *count = 1;
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_POINTER && barred());
        *array = (const callbar_text *)((char *)nothing + 1);
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_POINTER && barred());
        *count = 0;
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_OK && decision.exempt);
        *array = several;
        *count = 64;
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_OK && decision.exempt);
        /* The caller chose how many: no option makes such a call pass. */
        *count = 65;
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_LENGTH);
        EXPECT(decision.action == CALLBAR_ACTION_DENY && decision.sip_code == 400);
        *count = (size_t)-1;
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_LENGTH);
        EXPECT(decision.action == CALLBAR_ACTION_DENY && decision.sip_code == 400);
        *count = 64;
        several[63] = (callbar_text){NULL, 0};
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_POINTER && barred());
        several[63] = (callbar_text){huge, (1 << 20) + 1};
        EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_LENGTH && barred());
        several[63] = text_of("02125550148");
    }
    free(huge);
    /* As JSON. */
    char *json = NULL;
    call = good;
    call.size = 1;
    EXPECT(callbar_explain_call(reader, T(DOMAIN), &good, NULL) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_explain_call(reader, T(DOMAIN), &call, &json) == CALLBAR_STATUS_BAD_OPTION && !json);
    EXPECT(callbar_explain_call(reader, T(DOMAIN), NULL, &json) == CALLBAR_STATUS_BAD_POINTER && !json);
    EXPECT(callbar_explain_call(reader, T("x"), &good, &json) == CALLBAR_STATUS_UNKNOWN_DOMAIN && !json);
}

static void handles(void) {
    callbar_reader *wrong[] = {(callbar_reader *)engine, (callbar_reader *)nothing};
    callbar_reader *no_reader = NULL;
    callbar_call call = call_of("112", "05050047824");
    char *json = NULL;
    uint32_t id;
    for (int i = 0; i < 2; i++) {
        EXPECT(check(wrong[i], T(DOMAIN), T("1")) == CALLBAR_STATUS_BAD_HANDLE);
        EXPECT(verdict.action == CALLBAR_ACTION_PASS);
        decision.size = sizeof decision;
        EXPECT(callbar_decide(wrong[i], T(DOMAIN), &call, &decision) == CALLBAR_STATUS_BAD_HANDLE);
        EXPECT(decision.action == CALLBAR_ACTION_PASS && !decision.exempt && decision.sip_code == 0);
        EXPECT(callbar_domain(wrong[i], T(DOMAIN), &id) == CALLBAR_STATUS_BAD_HANDLE);
        EXPECT(callbar_explain_call(wrong[i], T(DOMAIN), &call, &json) == CALLBAR_STATUS_BAD_HANDLE && !json);
        EXPECT(callbar_explain(wrong[i], T(DOMAIN), T("1"), &json) == CALLBAR_STATUS_BAD_HANDLE && !json);
        EXPECT(callbar_reader_health(wrong[i], &json) == CALLBAR_STATUS_BAD_HANDLE && !json);
        EXPECT(callbar_reader_close(wrong[i]) == CALLBAR_STATUS_BAD_HANDLE);
    }
    EXPECT(check(NULL, T(DOMAIN), T("1")) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(check((callbar_reader *)((char *)nothing + 1), T(DOMAIN), T("1")) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_reader_open((callbar_engine *)reader, &no_reader) == CALLBAR_STATUS_BAD_HANDLE);
    EXPECT(no_reader == NULL && callbar_reader_open(engine, NULL) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_reader_open(NULL, &no_reader) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_engine_close((callbar_engine *)reader) == CALLBAR_STATUS_BAD_HANDLE);
    EXPECT(callbar_engine_health((callbar_engine *)reader, &json) == CALLBAR_STATUS_BAD_HANDLE);
    EXPECT(callbar_engine_refresh((callbar_engine *)reader) == CALLBAR_STATUS_BAD_HANDLE);
    EXPECT(callbar_engine_health(engine, NULL) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_explain(reader, T(DOMAIN), T("1"), NULL) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_explain(reader, T("x"), T("1"), &json) == CALLBAR_STATUS_UNKNOWN_DOMAIN && !json);
    EXPECT(callbar_domain(reader, T("x"), &id) == CALLBAR_STATUS_UNKNOWN_DOMAIN);
    EXPECT(callbar_domain(reader, T(DOMAIN), NULL) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_reader_close(NULL) == CALLBAR_STATUS_OK && callbar_engine_close(NULL) == CALLBAR_STATUS_OK);
    callbar_free(NULL);
}

static void opening(const char *dir) {
    callbar_engine *none = engine;
    char why[64];
    callbar_options options = {sizeof options, 0, 0, 0};
    EXPECT(callbar_engine_open(T("/no/such/directory"), NULL, &none, why, sizeof why) == CALLBAR_STATUS_CANNOT_OPEN);
    EXPECT(none == NULL && strstr(why, "/no/such/directory"));
    /* A message has its NUL wherever it is cut. */
    memset(why, 'x', sizeof why);
    EXPECT(callbar_engine_open(T("/no/such/directory"), NULL, &none, why, 4) == CALLBAR_STATUS_CANNOT_OPEN);
    EXPECT(strlen(why) == 3 && why[4] == 'x');
    EXPECT(callbar_engine_open(T("/no"), NULL, &none, why, 0) == CALLBAR_STATUS_CANNOT_OPEN && why[4] == 'x');
    EXPECT(callbar_engine_open("/a\0b", 4, NULL, &none, NULL, 0) == CALLBAR_STATUS_CANNOT_OPEN);
    EXPECT(callbar_engine_open(NULL, 0, NULL, &none, NULL, 0) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_engine_open(T(dir), NULL, NULL, NULL, 0) == CALLBAR_STATUS_BAD_POINTER);
    EXPECT(callbar_engine_open(dir, (size_t)-1, NULL, &none, NULL, 0) == CALLBAR_STATUS_BAD_LENGTH);
    options.size = 4;
    EXPECT(callbar_engine_open(T(dir), &options, &none, NULL, 0) == CALLBAR_STATUS_BAD_OPTION);
    options.size = sizeof options;
    options.load_mode = 2;
    EXPECT(callbar_engine_open(T(dir), &options, &none, NULL, 0) == CALLBAR_STATUS_BAD_OPTION);
    options.load_mode = 0;
    options.on_error = CALLBAR_ACTION_ALLOW;
    EXPECT(callbar_engine_open(T(dir), &options, &none, NULL, 0) == CALLBAR_STATUS_BAD_OPTION);
}

/* A closed handle is recognised. */
static void closed(void) {
    char *json = NULL;
    callbar_reader *other;
    EXPECT(callbar_engine_close(engine) == CALLBAR_STATUS_OK);
    EXPECT(callbar_engine_close(engine) == CALLBAR_STATUS_BAD_HANDLE);
    EXPECT(callbar_reader_open(engine, &other) == CALLBAR_STATUS_BAD_HANDLE && !other);
    EXPECT(callbar_engine_health(engine, &json) == CALLBAR_STATUS_BAD_HANDLE);
    EXPECT(check(reader, T(DOMAIN), T("05050047824")) == CALLBAR_STATUS_OK && verdict.sip_code == 607);
    EXPECT(callbar_reader_close(reader) == CALLBAR_STATUS_OK);
    EXPECT(callbar_reader_close(reader) == CALLBAR_STATUS_BAD_HANDLE);
    EXPECT(check(reader, T(DOMAIN), T("05050047824")) == CALLBAR_STATUS_BAD_HANDLE);
    callbar_call call = call_of("112", "05050047824");
    EXPECT(decide(T(DOMAIN), &call) == CALLBAR_STATUS_BAD_HANDLE && decision.action == CALLBAR_ACTION_PASS);
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    callbar_options options = {sizeof options, CALLBAR_LOAD_MAP, CALLBAR_ACTION_DENY, 0};
    engine = open_engine(argv[1], &options);
    reader = open_reader(engine);
    texts();
    batches();
    calls();
    handles();
    opening(argv[1]);
    for (int status = -1; status < 20; status++) {
        EXPECT(strlen(callbar_status_message(status)) > 5);
    }
    EXPECT(strcmp(callbar_status_message(99), "no such status") == 0);
    closed();
    return 0;
}
