#include "innocents.h"

#include <signal.h>
#include <stdlib.h>
#include <uv.h>

static uv_loop_t loop;
static uv_timer_t timer;
static uv_signal_t watcher;

static void work(uv_work_t *request) {
    (void)request;
}

static void free_work(uv_work_t *request, int status) {
    (void)status;
    free(request);
}

static void on_timer(uv_timer_t *handle) {
    (void)handle;
    uv_queue_work(&loop, calloc(1, sizeof(uv_work_t)), work, free_work);
}

static void on_signal(uv_signal_t *handle, int number) {
    (void)handle, (void)number;
}

static void run(void *argument) {
    (void)argument;
    uv_run(&loop, UV_RUN_DEFAULT);
}

/* No children: libuv's handler of SIGCHLD, which lacks SA_ONSTACK, would destroy the program by and by. */
void uv_begin(void) {
    uv_thread_t thread;
    int failed = uv_loop_init(&loop) | uv_loop_configure(&loop, UV_LOOP_BLOCK_SIGNAL, SIGPROF) |
                 uv_timer_init(&loop, &timer) | uv_timer_start(&timer, on_timer, 10, 10) |
                 uv_signal_init(&loop, &watcher) | uv_signal_start(&watcher, on_signal, SIGUSR2) |
                 uv_thread_create(&thread, run, NULL);
    if (failed) {
        abort();
    }
}
