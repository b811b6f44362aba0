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

static void handles(void) {
    callbar_reader *wrong[] = {(callbar_reader *)engine, (callbar_reader *)nothing};
    callbar_reader *no_reader = NULL;
    char *json = NULL;
    uint32_t id;
    for (int i = 0; i < 2; i++) {
        EXPECT(check(wrong[i], T(DOMAIN), T("1")) == CALLBAR_STATUS_BAD_HANDLE);
        EXPECT(verdict.action == CALLBAR_ACTION_PASS);
        EXPECT(callbar_domain(wrong[i], T(DOMAIN), &id) == CALLBAR_STATUS_BAD_HANDLE);
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

/* Whatever was closed is told apart from whatever is open. */
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
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    callbar_options options = {sizeof options, CALLBAR_LOAD_MAP, CALLBAR_ACTION_DENY, 0};
    engine = open_engine(argv[1], &options);
    reader = open_reader(engine);
    texts();
    batches();
    handles();
    opening(argv[1]);
    for (int status = -1; status < 20; status++) {
        EXPECT(strlen(callbar_status_message(status)) > 5);
    }
    EXPECT(strcmp(callbar_status_message(99), "no such status") == 0);
    closed();
    return 0;
}
