#define _GNU_SOURCE
#include "handler.h"
#include "shape.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static int waiting[3];
static int entered;
static int spinning_thread;
static uintptr_t spinning_code;

static FRAME long block_in_handler(void) {
    int ends[2];
    char byte;
    if (pipe(ends) != 0) {
        abort();
    }
    __atomic_add_fetch(&entered, 1, __ATOMIC_SEQ_CST);
    long result = read(ends[0], &byte, 1);
    KEEP(result);
    return result;
}

/* The goroutine that spins may just be in the scheduler, as it is every ten milliseconds: then the signal came too soon. */
static int came_too_soon(const ucontext_t *interrupted) {
    uintptr_t into = (uintptr_t)interrupted->uc_mcontext.gregs[REG_RIP] - spinning_code;
    return handler_tid() == spinning_thread && into >= 64;
}

static void on_signal(int number, siginfo_t *info, void *context) {
    if (came_too_soon(context)) {
        return;
    }
    long result = block_in_handler() + number;
    KEEP(result);
}

void handler_install(void) {
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    /* All others wait, so that Go's own signals do not run on top of this handler. */
    sigfillset(&action.sa_mask);
    if (sigaction(SIGUSR1, &action, NULL) != 0) {
        abort();
    }
}

int handler_tid(void) {
    return (int)syscall(SYS_gettid);
}

static FRAME int wait_for_signal(void) {
    int tid = handler_tid();
    waiting[shape_arrive() - 1] = tid;
    int result = pause();
    KEEP(result);
    return result;
}

int handler_pause_here(void) {
    int result = wait_for_signal();
    KEEP(result);
    return result;
}

static FRAME void *own_stack_start(void *argument) {
    int result = wait_for_signal();
    KEEP(result);
    return argument;
}

static FRAME void *alternate_stack_start(void *argument) {
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    if (sigaltstack(&stack, NULL) != 0) {
        abort();
    }
    int result = wait_for_signal();
    KEEP(result);
    return argument;
}

static void start(const char *name, void *(*function)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, function, NULL) != 0) {
        abort();
    }
    pthread_setname_np(thread, name);
}

void handler_start_threads(void) {
    start("own-stack", own_stack_start);
    start("alternate-stack", alternate_stack_start);
}

int handler_arrived(void) {
    return shape_arrived;
}

int handler_entered(void) {
    return __atomic_load_n(&entered, __ATOMIC_SEQ_CST);
}

void handler_interrupt_waiting(void) {
    usleep(20000); /* so that those that arrived are inside pause(2) */
    for (int i = 0; i < 3; i++) {
        syscall(SYS_tgkill, getpid(), waiting[i], SIGUSR1);
    }
}

void handler_interrupt_spinning(int thread, uintptr_t code) {
    spinning_thread = thread;
    spinning_code = code;
    syscall(SYS_tgkill, getpid(), thread, SIGUSR1);
}
