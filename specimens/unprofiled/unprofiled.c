#define _GNU_SOURCE
#include "unprofiled.h"
#include "shape.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MEBIBYTE (1L << 20)
#define CHUNK (32L << 10)
#define GROWTH_LIMIT 512

/* A list, so that it is no leak in the strict sense: somebody still knows it. */
static struct chunk {
    struct chunk *next;
} *kept;

int native_allocate(int mebibytes) {
    for (long left = mebibytes * MEBIBYTE / CHUNK; left > 0; left--) {
        struct chunk *one = malloc(CHUNK - 64);
        if (one == NULL) {
            return -1;
        }
        memset(one, 1, CHUNK - 64);
        one->next = kept;
        kept = one;
    }
    return 0;
}

static FRAME void *grow(void *argument) {
    const struct timespec pause_time = {.tv_nsec = 100000000};
    for (int i = 0; i < GROWTH_LIMIT && native_allocate(1) == 0; i++) {
        nanosleep(&pause_time, NULL);
    }
    return argument;
}

/* 10 MiB a second from now on. */
int native_grow(void) {
    pthread_t thread;
    return pthread_create(&thread, NULL, grow, NULL) == 0 ? 0 : -1;
}

int shared_allocate(int mebibytes) {
    int file = (int)syscall(SYS_memfd_create, "frames", 0);
    if (file < 0 || ftruncate(file, mebibytes * MEBIBYTE) != 0) {
        return -1;
    }
    void *memory = mmap(NULL, mebibytes * MEBIBYTE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) {
        return -1;
    }
    memset(memory, 1, mebibytes * MEBIBYTE);
    return close(file);
}

int lazy_allocate(int mebibytes) {
    void *memory = mmap(NULL, mebibytes * MEBIBYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return -1;
    }
    memset(memory, 1, mebibytes * MEBIBYTE);
    return madvise(memory, mebibytes * MEBIBYTE, MADV_FREE);
}
