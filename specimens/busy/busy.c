#define _GNU_SOURCE
#include "busy.h"
#include "shape.h"

#include <pthread.h>
#include <stdlib.h>

/* A leaf without a frame of its own. */
static FRAME long spin_leaf(long value) {
    return value * 31 + 7;
}

/* A leaf that pushes and pops: its call frame information changes from instruction to instruction. */
static FRAME long spin_mixed(long value) {
    long room[8];
    for (int i = 0; i < 8; i++) {
        room[i] = value ^ i;
        KEEP(room[i]);
    }
    return room[value & 7];
}

static FRAME long spin_forever(long value) {
    for (;;) {
        value = spin_leaf(value);
        value += spin_mixed(value);
        KEEP(value);
    }
    return value;
}

long busy_enter(void) {
    shape_arrive();
    long result = spin_forever(1);
    KEEP(result);
    return result;
}

static FRAME void *spinner_start(void *argument) {
    shape_arrive();
    long result = spin_forever(2);
    KEEP(result);
    return argument;
}

void busy_start_thread(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, spinner_start, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, "spinner");
}

int busy_arrived(void) {
    return shape_arrived;
}
