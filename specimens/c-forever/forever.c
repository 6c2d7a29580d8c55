#define _GNU_SOURCE
#include "forever.h"
#include "shape.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static FRAME int sleep_a_day(void) {
    const struct timespec day = {.tv_sec = 24 * 3600};
    shape_arrive();
    int result = nanosleep(&day, NULL);
    KEEP(result);
    return result;
}

static FRAME void *holder_start(void *argument) {
    pthread_mutex_lock(&mutex);
    int result = sleep_a_day();
    KEEP(result);
    return argument;
}

void forever_hold(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, holder_start, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, "holder");
    while (__atomic_load_n(&shape_arrived, __ATOMIC_SEQ_CST) == 0) {
        const struct timespec moment = {.tv_nsec = 1000000};
        nanosleep(&moment, NULL);
    }
}

static FRAME int take_mutex(void) {
    shape_arrive();
    int result = pthread_mutex_lock(&mutex);
    KEEP(result);
    return result;
}

int forever_lock(void) {
    int result = take_mutex();
    KEEP(result);
    return result;
}

int forever_sleep(void) {
    int result = sleep_a_day();
    KEEP(result);
    return result;
}

int forever_poll(void) {
    shape_arrive();
    int result = poll(NULL, 0, -1);
    KEEP(result);
    return result;
}

int forever_arrived(void) {
    return shape_arrived;
}
