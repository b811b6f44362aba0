/* Nanoseconds of a check through C. Arguments: data directory, file of numbers. */
#include <callbar.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 200000, ROUNDS = 21 };
static char text[MOST * 32];
static callbar_text numbers[MOST];

static int ascending(const void *a, const void *b) {
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

int main(int argc, char **argv) {
    callbar_engine *engine;
    callbar_reader *reader;
    FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
    size_t count = 0, denied = 0;
    double times[ROUNDS];
    if (!file || callbar_engine_open(argv[1], strlen(argv[1]), NULL, &engine, NULL, 0) ||
        callbar_reader_open(engine, &reader)) return 2;
    for (char *at = text; count < MOST && fgets(at, 32, file); count++) {
        numbers[count] = (callbar_text){at, strcspn(at, "\n")};
        at += numbers[count].len;
    }
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (size_t i = 0; i < count; i++) {
            callbar_verdict verdict;
            callbar_check(reader, "my.example", 10, numbers[i].at, numbers[i].len, &verdict);
            denied += verdict.action == CALLBAR_ACTION_DENY;
        }
        clock_gettime(CLOCK_MONOTONIC, &end);
        times[round] = ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / count;
    }
    qsort(times, ROUNDS, sizeof *times, ascending);
    printf("%.1f %.1f %zu\n", times[ROUNDS / 2], times[0], denied / ROUNDS);
    return 0;
}
