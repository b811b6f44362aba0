/* Prevents a question that allocates or enters the kernel. Argument: the data directory of test.sh,
 * which runs this under strace and looks between the two marks. */
#include <unistd.h>

#include "expect.h"

/* The allocator of glibc with a counter: all allocations of the library pass here. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
static unsigned long allocations;
void *malloc(size_t size) { return allocations++, __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return allocations++, __libc_calloc(count, size); }
void *realloc(void *at, size_t size) { return allocations++, __libc_realloc(at, size); }
void *aligned_alloc(size_t to, size_t size) { return allocations++, __libc_memalign(to, size); }
int posix_memalign(void **at, size_t to, size_t size) {
    allocations++;
    return (*at = __libc_memalign(to, size)) ? 0 : 12;
}

int main(int argc, char **argv) {
    const char *numbers[] = {"05050047824",   "+905050047825", "anonymous", "", "sip:alice@example.com",
                             "0532 111 22 33", "+905321112234", "\xff\xfe",  "112", "*67"};
    enum { NUMBERS = sizeof numbers / sizeof *numbers };
    callbar_text batch[NUMBERS];
    callbar_verdict verdicts[NUMBERS], verdict;
    callbar_decision decision = {.size = sizeof decision};
    uint32_t id;
    EXPECT(argc == 2);
    for (int i = 0; i < NUMBERS; i++) batch[i] = (callbar_text){numbers[i], strlen(numbers[i])};
    callbar_engine *engine = open_engine(argv[1], NULL);
    callbar_reader *reader = open_reader(engine);
    EXPECT(callbar_domain(reader, T(DOMAIN), &id) == CALLBAR_STATUS_OK);
    EXPECT(allocations > 0); /* or nothing would be counted below */

    access("/checks-begin", F_OK);
    unsigned long before = allocations;
    unsigned denied = 0, barred = 0;
    for (int i = 0; i < 100000; i++) {
        const char *number = numbers[i % NUMBERS];
        denied += callbar_check(reader, T(DOMAIN), T(number), &verdict) == CALLBAR_STATUS_OK &&
                  verdict.action == CALLBAR_ACTION_DENY;
        callbar_check_id(reader, id, T(number), &verdict);
        callbar_check(reader, T("unknown.example"), T(number), &verdict);
        callbar_check(reader, T("\xff"), T(number), &verdict);
        callbar_call call = call_of("sip:02125550123p1@gw.example", number);
        barred += callbar_decide(reader, T(DOMAIN), &call, &decision) == CALLBAR_STATUS_OK &&
                  decision.action == CALLBAR_ACTION_DENY;
        callbar_decide_id(reader, id, &call, &decision);
        call.callee = text_of(number);
        call.asserted = call.remote_party = batch;
        call.asserted_count = call.remote_party_count = i % NUMBERS;
        call.privacy = text_of("id");
        callbar_decide_id(reader, id, &call, &decision);
        callbar_decide(reader, T("unknown.example"), &call, &decision);
        call.size = 0;
        callbar_decide(reader, T(DOMAIN), &call, &decision);
    }
    callbar_check_batch(reader, T(DOMAIN), batch, NUMBERS, verdicts);
    unsigned long after = allocations;
    access("/checks-end", F_OK);

    EXPECT(denied == 40000);
    EXPECT(barred == 40000);
    EXPECT(after == before);
    EXPECT(callbar_reader_close(reader) == CALLBAR_STATUS_OK);
    EXPECT(callbar_engine_close(engine) == CALLBAR_STATUS_OK);
    return 0;
}
