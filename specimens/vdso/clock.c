#define _GNU_SOURCE
#include "clock.h"
#include "shape.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static FRAME long ask_forever(void) {
    struct timespec now;
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_nsec >= 0);
    return now.tv_nsec;
}

long clock_ask(void) {
    shape_arrive();
    long result = ask_forever();
    KEEP(result);
    return result;
}

static FRAME void *asker_start(void *argument) {
    shape_arrive();
    long result = ask_forever();
    KEEP(result);
    return argument;
}

void clock_start_thread(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, asker_start, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, "asker");
}

int clock_arrived(void) {
    return shape_arrived;
}
