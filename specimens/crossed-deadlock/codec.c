#define _GNU_SOURCE
#include "codec.h"
#include "shape.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

extern void goProgress(int percent);

static pthread_mutex_t codec_lock = PTHREAD_MUTEX_INITIALIZER;

static FRAME void *codec_io_start(void *argument) {
    shape_arrive();
    int result = poll(NULL, 0, -1);
    KEEP(result);
    return argument;
}

void codec_open(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, codec_io_start, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, "codec-io");
}

static FRAME int encode_block(int block) {
    goProgress(block * 50);
    KEEP(block);
    return block;
}

static FRAME int encode_locked(int blocks) {
    int done = 0;
    for (int block = 0; block < blocks; block++) {
        done += encode_block(block);
    }
    return done;
}

/* Arrives before the lock for all but the first encoder, who gets it. */
int codec_encode(int number) {
    if (number > 0) {
        shape_arrive();
    }
    pthread_mutex_lock(&codec_lock);
    int done = encode_locked(2);
    pthread_mutex_unlock(&codec_lock);
    return done;
}

int codec_flush(void) {
    shape_arrive();
    int result = pthread_mutex_lock(&codec_lock);
    pthread_mutex_unlock(&codec_lock);
    return result;
}

int codec_arrived(void) {
    return shape_arrived;
}
