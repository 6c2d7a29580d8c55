#include "innocents.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void start(void *(*function)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, function, NULL) != 0) {
        abort();
    }
    pthread_detach(thread);
}

static void *end_at_once(void *argument) {
    return argument;
}

/* As libraries do whose threads shall not be bothered: the mask is there for a moment in the thread that makes them. */
static void *make(void *argument) {
    for (;; usleep(2000)) {
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        start(end_at_once);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    return argument;
}

void make_threads(void) {
    start(make);
}

static void *work(void *argument) {
    for (;; usleep(5000)) {
        for (volatile unsigned long turns = 0; turns < 1000000; turns++) {
        }
    }
    return argument;
}

void work_in_thread(void) {
    start(work);
}
