#define _GNU_SOURCE
#include "foreign.h"
#include "shape.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

extern int goVisit(int value);
extern int goStay(void);
extern int goThrough(void);

static FRAME int never_block(void) {
    shape_arrive();
    int result = pause();
    KEEP(result);
    return result;
}

static FRAME void *never_start(void *argument) {
    int result = never_block();
    KEEP(result);
    return argument;
}

static FRAME int returned_block(void) {
    shape_arrive();
    int result = poll(NULL, 0, -1);
    KEEP(result);
    return result;
}

static FRAME void *returned_start(void *argument) {
    int visits = goVisit(0) + goVisit(1);
    int result = returned_block() + visits;
    KEEP(result);
    return argument;
}

static FRAME int inside_call(void) {
    int result = goStay();
    KEEP(result);
    return result;
}

static FRAME void *inside_start(void *argument) {
    int result = inside_call();
    KEEP(result);
    return argument;
}

int again_block(void) {
    shape_arrive();
    int result = pause();
    KEEP(result);
    return result;
}

static FRAME int again_call(void) {
    int result = goThrough();
    KEEP(result);
    return result;
}

static FRAME void *again_start(void *argument) {
    int result = again_call();
    KEEP(result);
    return argument;
}

static void start(const char *name, void *(*function)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, function, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, name);
}

void foreign_start(void) {
    start("never-go", never_start);
    start("was-in-go", returned_start);
    start("in-go", inside_start);
    start("go-and-c", again_start);
}

int foreign_arrived(void) {
    return shape_arrived;
}
