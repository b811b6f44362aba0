/* A worker of a SIP server in short: opens a data directory, and asks about both parties of calls.
 *
 *     callbar compile --domain my.example --region TR --list spam=examples/do-not-call.txt --data DIR
 *     gcc examples/c/route.c $(pkg-config --cflags --libs callbar) -o route
 *     ./route DIR my.example sip:05050047824@gw.example sip:+905321234567@pbx.example
 */
#include <callbar.h>
#include <stdio.h>
#include <string.h>

/* Answers the final response to a call of this party; 0 lets it go on. */
static unsigned judge(callbar_reader *reader, const char *domain, const char *party) {
    callbar_verdict verdict;
    callbar_status status =
        callbar_check(reader, domain, strlen(domain), party, strlen(party), &verdict);
    if (status != CALLBAR_STATUS_OK) {
        /* The verdict is the one that the options ask for: the call need not wait for anybody. */
        fprintf(stderr, "%s: %s\n", domain, callbar_status_message(status));
    }
    if (verdict.action != CALLBAR_ACTION_DENY) return 0;
    printf("SIP/2.0 %u %.*s (%.*s is on list %.*s)\n", verdict.sip_code, (int)verdict.reason.len,
           verdict.reason.at, (int)verdict.number.len, verdict.number.at, (int)verdict.list.len,
           verdict.list.at);
    return verdict.sip_code;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: %s DIRECTORY DOMAIN PARTY...\n", argv[0]);
        return 2;
    }
    callbar_options options = {.size = sizeof options, .on_error = CALLBAR_ACTION_PASS, .sound_only = 1};
    callbar_engine *engine;
    callbar_reader *reader;
    char why[512];
    /* A server does this in each worker, after the fork; in each thread it opens a reader. */
    if (callbar_engine_open(argv[1], strlen(argv[1]), &options, &engine, why, sizeof why) ||
        callbar_reader_open(engine, &reader)) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    for (int i = 3; i < argc; i++) {
        if (!judge(reader, argv[2], argv[i])) puts("goes on");
    }
    callbar_reader_close(reader);
    callbar_engine_close(engine);
    return 0;
}
