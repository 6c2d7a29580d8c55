#define _GNU_SOURCE
#include "early.h"
#include "shape.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

extern int goEarly(void);
extern int goFromConstructor(void);

static FRAME int constructor_block(void) {
    shape_arrive();
    int result = pause();
    KEEP(result);
    return result;
}

static FRAME void *constructor_start(void *argument) {
    int result = constructor_block();
    KEEP(result);
    return argument;
}

/* Waits inside cgo until the runtime is there. */
static FRAME void *constructor_go_start(void *argument) {
    int result = goFromConstructor();
    KEEP(result);
    return argument;
}

__attribute__((constructor)) static void before_main(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, constructor_start, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, "constructor");
    if (pthread_create(&thread, NULL, constructor_go_start, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, "constructor-go");
}

int early_plain(int value) {
    return value * 2;
}

int early_call(void) {
    int result = goEarly();
    KEEP(result);
    return result;
}

int early_block(void) {
    shape_arrive();
    int result = pause();
    KEEP(result);
    return result;
}

int early_arrived(void) {
    return shape_arrived;
}
