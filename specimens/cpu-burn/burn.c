#define _GNU_SOURCE
#include "burn.h"
#include "shape.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

extern int goBurnAgain(int left);

static clockid_t clocks[BURNERS];

/* Notes the calling thread as the one that burns for this. */
void burn_register(int burner) {
    if (pthread_getcpuclockid(pthread_self(), &clocks[burner]) != 0) {
        abort();
    }
    shape_arrive();
}

/* CPU time of a registered thread, in seconds, by the kernel's own clock of it. */
double burn_used(int burner) {
    struct timespec used;
    if (clock_gettime(clocks[burner], &used) != 0) {
        abort();
    }
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* A leaf without a frame of its own. */
static FRAME long burn_leaf(long value) {
    return value * 31 + 7;
}

/* One with a frame, whose call frame information changes from instruction to instruction. */
static FRAME long burn_mixed(long value) {
    long room[8];
    for (int i = 0; i < 8; i++) {
        room[i] = value ^ i;
        KEEP(room[i]);
    }
    return room[value & 7];
}

static FRAME int burn_loop(long value) {
    for (;;) {
        value = burn_leaf(value);
        value += burn_mixed(value);
        KEEP(value);
    }
    return (int)value;
}

int burn_direct(void) {
    int result = burn_loop(1);
    KEEP(result);
    return result;
}

int burn_nested(void) {
    int result = burn_loop(2);
    KEEP(result);
    return result;
}

static FRAME int burn_middle(int left) {
    char room[96];
    room[left] = 1;
    int result = goBurnAgain(left);
    __asm__ volatile("" : : "r"(room) : "memory");
    return result + room[left];
}

int burn_call(int left) {
    int result = burn_middle(left);
    KEEP(result);
    return result;
}

static FRAME void *burner_start(void *argument) {
    burn_register(BURNER_THREAD);
    int result = burn_loop(3);
    KEEP(result);
    return argument;
}

void burn_start_thread(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, burner_start, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, "c-burner");
}

int burn_arrived(void) {
    return shape_arrived;
}
