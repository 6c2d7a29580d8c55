#define _GNU_SOURCE
#include "many.h"
#include "shape.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long longest_gap;

static FRAME int block_in_poll(void) {
    shape_arrive();
    int result = poll(NULL, 0, -1);
    KEEP(result);
    return result;
}

static FRAME int block_in_pause(void) {
    shape_arrive();
    int result = pause();
    KEEP(result);
    return result;
}

static FRAME int deeper(int left, int depth) {
    int result;
    if (left == 0) {
        result = depth % 2 == 0 ? block_in_poll() : block_in_pause();
    } else {
        result = deeper(left - 1, depth);
    }
    KEEP(result);
    return result;
}

int many_enter(int depth) {
    int result = deeper(depth, depth);
    KEEP(result);
    return result;
}

int many_arrived(void) {
    return shape_arrived;
}

static long microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static FRAME void *beat(void *argument) {
    const struct timespec pause_time = {.tv_nsec = 1000000};
    for (long last = microseconds();;) {
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause_time, NULL);
        long now = microseconds();
        if (now - last > __atomic_load_n(&longest_gap, __ATOMIC_RELAXED)) {
            __atomic_store_n(&longest_gap, now - last, __ATOMIC_RELAXED);
        }
        last = now;
    }
    return argument;
}

void many_heartbeat(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, beat, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, "heartbeat");
}

long many_longest_gap(void) {
    return __atomic_exchange_n(&longest_gap, 0, __ATOMIC_RELAXED);
}
