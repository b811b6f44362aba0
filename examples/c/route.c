/* A worker of a SIP server in short: opens a data directory, and asks what follows for a call.
 *
 *     callbar compile --domain my.example --region TR --list spam=examples/do-not-call.txt --data DIR
 *     gcc examples/c/route.c $(pkg-config --cflags --libs callbar) -o route
 *     ./route DIR my.example sip:+905321234567@pbx.example '<sip:05050047824@gw.example>;tag=1'
 *
 * Arguments: DIR DOMAIN CALLEE FROM [ASSERTED...]. The callee is the request URI, the others are the
 * values of From and P-Asserted-Identity.
 */
#include <callbar.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 64 };

static callbar_text text_of(const char *text) { return (callbar_text){text, strlen(text)}; }

/* Answers the final response to a call, or lets it go on. */
static void answer(callbar_reader *reader, const char *domain, const callbar_call *call) {
    callbar_decision decision = {.size = sizeof decision};
    callbar_status status = callbar_decide(reader, domain, strlen(domain), call, &decision);
    if (status != CALLBAR_STATUS_OK) {
        /* The decision is the one that the options ask for: the call need not wait for anybody. */
        fprintf(stderr, "%s: %s\n", domain, callbar_status_message(status));
    }
    if (decision.action == CALLBAR_ACTION_DENY) {
        printf("SIP/2.0 %u %.*s (the %s is %.*s on list %.*s)\n", decision.sip_code,
               (int)decision.reason.len, decision.reason.at,
               decision.party == CALLBAR_PARTY_CALLER ? "caller" : "callee", (int)decision.entry.len,
               decision.entry.at, (int)decision.list.len, decision.list.at);
    } else {
        puts(decision.exempt ? "goes on: an emergency call" : "goes on");
    }
}

int main(int argc, char **argv) {
    if (argc < 5 || argc - 5 > MOST) {
        fprintf(stderr, "usage: %s DIR DOMAIN CALLEE FROM [ASSERTED...]\n", argv[0]);
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
    callbar_text asserted[MOST];
    for (int i = 5; i < argc; i++) asserted[i - 5] = text_of(argv[i]);
    callbar_call call = {
        .size = sizeof call,
        .callee = text_of(argv[3]),
        .from = text_of(argv[4]),
        .asserted = asserted,
        .asserted_count = (size_t)argc - 5,
    };
    answer(reader, argv[2], &call);
    callbar_reader_close(reader);
    callbar_engine_close(engine);
    return 0;
}
