/* C-only: no Go. Threads that wait for a mutex, for a condition, in a read, for another thread, and under deep
 * recursion. */
#define _GNU_SOURCE
#include "stay.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t free_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static FRAME void *lock_start(void *argument) {
    shape_arrive();
    int result = pthread_mutex_lock(&mutex);
    KEEP(result);
    return argument;
}

static FRAME void *condition_start(void *argument) {
    pthread_mutex_lock(&free_mutex);
    shape_arrive();
    int result = pthread_cond_wait(&condition, &free_mutex);
    KEEP(result);
    return argument;
}

static FRAME long read_pipe(void) {
    int ends[2];
    char byte;
    if (pipe(ends) != 0) {
        abort();
    }
    shape_arrive();
    long result = read(ends[0], &byte, 1);
    KEEP(result);
    return result;
}

static FRAME void *read_start(void *argument) {
    long result = read_pipe();
    KEEP(result);
    return argument;
}

static FRAME long recurse(long left) {
    long result = left == 0 ? read_pipe() : recurse(left - 1);
    KEEP(result);
    return result + left;
}

static FRAME void *recurse_start(void *argument) {
    long result = recurse(100);
    KEEP(result);
    return argument;
}

static FRAME void *join_start(void *argument) {
    shape_arrive();
    int result = pthread_join((pthread_t)argument, NULL);
    KEEP(result);
    return NULL;
}

static pthread_t start(const char *name, void *(*function)(void *), void *argument) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, function, argument) != 0) {
        abort();
    }
    pthread_setname_np(thread, name);
    return thread;
}

int main(void) {
    pthread_mutex_lock(&mutex);
    start("lock", lock_start, NULL);
    start("lock", lock_start, NULL);
    start("condition", condition_start, NULL);
    pthread_t reader = start("read", read_start, NULL);
    start("recurse", recurse_start, NULL);
    start("join", join_start, (void *)reader);
    shape_stay(6);
    return 0;
}
