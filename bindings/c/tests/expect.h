/* What the tests share: expectations that name their place, and a data directory that is open. */
#ifndef EXPECT_H
#define EXPECT_H

#include <callbar.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "my.example"
/* A text as two arguments. */
#define T(text) (text), strlen(text)

#define EXPECT(what)                                                       \
    do {                                                                   \
        if (!(what)) {                                                     \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
            exit(1);                                                       \
        }                                                                  \
    } while (0)

static inline int is(callbar_text text, const char *expected) {
    return text.len == strlen(expected) && (text.len == 0 || memcmp(text.at, expected, text.len) == 0);
}

static inline callbar_engine *open_engine(const char *dir, const callbar_options *options) {
    callbar_engine *engine;
    char why[256];
    if (callbar_engine_open(T(dir), options, &engine, why, sizeof why) != CALLBAR_STATUS_OK) {
        fprintf(stderr, "%s: %s\n", dir, why);
        exit(1);
    }
    return engine;
}

static inline callbar_reader *open_reader(const callbar_engine *engine) {
    callbar_reader *reader;
    EXPECT(callbar_reader_open(engine, &reader) == CALLBAR_STATUS_OK);
    return reader;
}

#endif
