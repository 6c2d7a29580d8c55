#define _GNU_SOURCE
#include "abuse.h"
#include "shape.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
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

/* Starts a thread that takes no signals. */
static void start_quiet(void *(*function)(void *), void *argument) {
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, function, argument) != 0) {
        abort();
    }
    pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
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
    *later = (struct later){flag, milliseconds};
    start_quiet(wait_and_set, later);
}

static void *send_to_all(void *number) {
    int self = (int)syscall(SYS_gettid);
    for (;; usleep(200)) {
        DIR *folder = opendir("/proc/self/task");
        for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
            int thread = atoi(entry->d_name);
            if (thread > 0 && thread != self) {
                syscall(SYS_tgkill, getpid(), thread, (int)(intptr_t)number);
            }
        }
        closedir(folder);
    }
    return NULL;
}

void storm_start(int number) {
    start_quiet(send_to_all, (void *)(intptr_t)number);
}
