#define _GNU_SOURCE
#include "abuse.h"
#include "shape.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct later {
    int *flag;
    int milliseconds;
};

void name_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

static FRAME void *burn(void *argument) {
    for (volatile unsigned long turns = 0;; turns++) {
    }
    return argument;
}

void burn_start(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, burn, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, "burning-c");
}

static void *wait_and_set(void *argument) {
    struct later *later = argument;
    usleep(later->milliseconds * 1000);
    __atomic_store_n(later->flag, 1, __ATOMIC_SEQ_CST);
    free(later);
    return NULL;
}

void set_later(int *flag, int milliseconds) {
    struct later *later = malloc(sizeof *later);
    pthread_t thread;
    sigset_t all, before;
    *later = (struct later){flag, milliseconds};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, wait_and_set, later) != 0) {
        abort();
    }
    pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
