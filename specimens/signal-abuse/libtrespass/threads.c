#define _GNU_SOURCE
#include "threads.h"
#include "shape.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>

static int change_mask(int how, int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    errno = pthread_sigmask(how, &set, NULL);
    return errno == 0 ? 0 : -1;
}

int block_signal(int number) {
    return change_mask(SIG_BLOCK, number);
}

static FRAME void *burn_blocked(void *argument) {
    for (volatile unsigned long turns = 0;; turns++) {
    }
    return argument;
}

int block_in_new_thread(int number) {
    pthread_t thread;
    if (change_mask(SIG_BLOCK, number) != 0 || (errno = pthread_create(&thread, NULL, burn_blocked, NULL)) != 0) {
        return -1;
    }
    pthread_setname_np(thread, "blocked-c");
    return change_mask(SIG_UNBLOCK, number);
}

int disable_altstack(void) {
    stack_t none = {.ss_flags = SS_DISABLE};
    return sigaltstack(&none, NULL);
}

int replace_altstack(unsigned long size) {
    const size_t page = 4096, most = 1 << 20;
    char *memory = mmap(NULL, most, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t whole = (size + page - 1) / page * page;
    if (memory == MAP_FAILED || whole > most - page || mprotect(memory + most - whole, whole, PROT_READ | PROT_WRITE) != 0) {
        return -1;
    }
    stack_t own = {.ss_sp = memory + most - whole, .ss_size = size};
    return sigaltstack(&own, NULL);
}
