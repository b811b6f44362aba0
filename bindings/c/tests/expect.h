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

static inline callbar_text text_of(const char *text) {
    callbar_text it = {text, text ? strlen(text) : 0};
    return it;
}

/* A call; NULL for what it does not have. */
static inline callbar_call call_of(const char *callee, const char *from) {
    callbar_call call;
    memset(&call, 0, sizeof call);
    call.size = sizeof call;
    call.callee = text_of(callee);
    call.from = text_of(from);
    return call;
}

#endif
