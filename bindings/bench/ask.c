/* Measures a question through C, in nanoseconds. Arguments: check or decide, data directory, file of
 * numbers. `decide` asks about calls from these numbers to a number that is not listed. */
#include <callbar.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 200000, ROUNDS = 21 };
static char text[MOST * 32];
static callbar_text numbers[MOST];
static const char CALLEE[] = "sip:+902125550147@pbx.example";

static int is_barred(callbar_reader *reader, callbar_text number) {
    callbar_call call = {.size = sizeof call, .callee = {CALLEE, sizeof CALLEE - 1}, .from = number};
    callbar_decision decision = {.size = sizeof decision};
    callbar_decide(reader, "my.example", 10, &call, &decision);
    return decision.action == CALLBAR_ACTION_DENY;
}

static int is_denied(callbar_reader *reader, callbar_text number) {
    callbar_verdict verdict;
    callbar_check(reader, "my.example", 10, number.at, number.len, &verdict);
    return verdict.action == CALLBAR_ACTION_DENY;
}

static int ascending(const void *a, const void *b) {
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

int main(int argc, char **argv) {
    callbar_engine *engine;
    callbar_reader *reader;
    FILE *file = argc == 4 ? fopen(argv[3], "r") : NULL;
    size_t count = 0, denied = 0;
    double times[ROUNDS];
    if (!file || callbar_engine_open(argv[2], strlen(argv[2]), NULL, &engine, NULL, 0) ||
        callbar_reader_open(engine, &reader)) return 2;
    for (char *at = text; count < MOST && fgets(at, 32, file); count++) {
        numbers[count] = (callbar_text){at, strcspn(at, "\n")};
        at += numbers[count].len;
    }
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        if (strcmp(argv[1], "decide") == 0) {
            for (size_t i = 0; i < count; i++) denied += is_barred(reader, numbers[i]);
        } else {
            for (size_t i = 0; i < count; i++) denied += is_denied(reader, numbers[i]);
        }
        clock_gettime(CLOCK_MONOTONIC, &end);
        times[round] = ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / count;
    }
    qsort(times, ROUNDS, sizeof *times, ascending);
    printf("%.1f %.1f %zu\n", times[ROUNDS / 2], times[0], denied / ROUNDS);
    return 0;
}
