/* Prevents a forked worker that keeps old lists. Arguments: a data directory, and a
 * command that puts +905050047899 on a list of it. */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

#define LATE "+905050047899"

static int denies(callbar_reader *reader) {
    callbar_verdict verdict;
    EXPECT(callbar_check(reader, T(DOMAIN), T(LATE), &verdict) == CALLBAR_STATUS_OK);
    return verdict.action == CALLBAR_ACTION_DENY;
}

/* Checks until the number is denied, 20 seconds at most. */
static int sees_change(callbar_reader *reader) {
    time_t end = time(NULL) + 20;
    while (time(NULL) < end) {
        if (denies(reader)) return 1;
        usleep(1000);
    }
    return 0;
}

/* A worker: says that it is ready, and ends with 0 if all of its readers see the change. */
static int worker(const char *dir, callbar_engine *parents, callbar_reader *inherited, int ready) {
    callbar_engine *engine = open_engine(dir, NULL);
    callbar_reader *own = open_reader(engine), *of_parents = open_reader(parents);
    EXPECT(!denies(own) && !denies(inherited) && !denies(of_parents));
    EXPECT(write(ready, "r", 1) == 1);
    int seen = sees_change(own) && sees_change(inherited) && sees_change(of_parents);
    callbar_reader *readers[] = {own, inherited, of_parents};
    for (int i = 0; i < 3; i++) EXPECT(callbar_reader_close(readers[i]) == CALLBAR_STATUS_OK);
    EXPECT(callbar_engine_close(engine) == CALLBAR_STATUS_OK);
    EXPECT(callbar_engine_close(parents) == CALLBAR_STATUS_OK);
    return seen ? 0 : 3;
}

int main(int argc, char **argv) {
    enum { WORKERS = 4 };
    int ready[2], status;
    char byte;
    EXPECT(argc == 3 && pipe(ready) == 0);
    callbar_engine *engine = open_engine(argv[1], NULL);
    callbar_reader *reader = open_reader(engine);
    EXPECT(!denies(reader));
    for (int i = 0; i < WORKERS; i++) {
        pid_t pid = fork();
        EXPECT(pid >= 0);
        if (pid == 0) _exit(worker(argv[1], engine, reader, ready[1]));
    }
    for (int i = 0; i < WORKERS; i++) EXPECT(read(ready[0], &byte, 1) == 1);
    EXPECT(system(argv[2]) == 0);
    for (int i = 0; i < WORKERS; i++) {
        EXPECT(wait(&status) > 0);
        EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    EXPECT(denies(reader));
    EXPECT(callbar_reader_close(reader) == CALLBAR_STATUS_OK);
    EXPECT(callbar_engine_close(engine) == CALLBAR_STATUS_OK);
    return 0;
}
