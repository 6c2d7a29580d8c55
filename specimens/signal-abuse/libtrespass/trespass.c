/* Libtrespass: a library that does to the signals of its process what a library should not do, one deed for each mode. */
#define _GNU_SOURCE
#include "handlers.h"
#include "threads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define PLAIN SA_SIGINFO | SA_RESTART
#define ONSTACK SA_SIGINFO | SA_RESTART | SA_ONSTACK
#define HANDLER(special) (handler_function *)(special)

static const struct {
    const char *mode;
    int signal;
    handler_function *handler;
    int flags;
    struct sigaction *before;
} installations[] = {
    {"prof-empty", SIGPROF, swallow, PLAIN, NULL},
    {"prof-empty-onstack", SIGPROF, swallow, ONSTACK, NULL},
    {"prof-ignore", SIGPROF, HANDLER(SIG_IGN), 0, NULL},
    {"prof-default", SIGPROF, HANDLER(SIG_DFL), 0, NULL},
    {"prof-chain", SIGPROF, chain_static, PLAIN, &before_static},
    {"prof-chain-onstack", SIGPROF, chain_static, ONSTACK, &before_static},
    {"prof-chain-array", SIGPROF, chain_array, ONSTACK, &before_array[SIGPROF]},
    {"prof-chain-helper", SIGPROF, chain_helper, ONSTACK, &before_helper},
    {"prof-chain-two", SIGPROF, chain_static, ONSTACK, &before_static},
    {"prof-chain-to-empty", SIGPROF, swallow, ONSTACK, NULL},
    {"prof-chain-if-clear", SIGPROF, chain_if, ONSTACK, &before_if},
    {"prof-chain-if-set", SIGPROF, chain_if, ONSTACK, &before_if},
    {"prof-chain-unoptimised", SIGPROF, chain_unoptimised, ONSTACK, &before_unoptimised},
    {"prof-chain-thunk", SIGPROF, chain_thunk, ONSTACK, &before_thunk},
    {"prof-chain-others", SIGPROF, chain_others, ONSTACK, &before_others[SIGPROF]},
    {"prof-restore", SIGPROF, restore_and_raise, ONSTACK, &before_raise},
    {"prof-forget", SIGPROF, keep_and_forget, ONSTACK, &forgotten},
    {"urg-empty", SIGURG, swallow, PLAIN, NULL},
    {"urg-empty-onstack", SIGURG, swallow, ONSTACK, NULL},
    {"urg-ignore", SIGURG, HANDLER(SIG_IGN), 0, NULL},
    {"urg-default", SIGURG, HANDLER(SIG_DFL), 0, NULL},
    {"urg-chain-onstack", SIGURG, chain_array, ONSTACK, &before_array[SIGURG]},
    {"urg-forget", SIGURG, keep_and_forget, ONSTACK, &forgotten},
    {"segv-empty", SIGSEGV, swallow, ONSTACK, NULL},
    {"segv-ignore", SIGSEGV, HANDLER(SIG_IGN), 0, NULL},
    {"segv-default", SIGSEGV, HANDLER(SIG_DFL), 0, NULL},
    {"segv-chain", SIGSEGV, chain_static, PLAIN, &before_static},
    {"segv-chain-onstack", SIGSEGV, chain_static, ONSTACK, &before_static},
    {"notify-empty", SIGUSR1, swallow, ONSTACK, NULL},
    {"notify-ignore", SIGUSR1, HANDLER(SIG_IGN), 0, NULL},
    {"notify-chain-onstack", SIGUSR1, chain_helper, ONSTACK, &before_helper},
};

static int install(const char *mode) {
    for (size_t i = 0; i < sizeof installations / sizeof *installations; i++) {
        if (strcmp(mode, installations[i].mode) == 0) {
            struct sigaction action = {.sa_sigaction = installations[i].handler, .sa_flags = installations[i].flags};
            passes_on = strcmp(mode, "prof-chain-if-set") == 0;
            if (installations[i].handler == chain_others) {
                sigaction(SIGUSR2, &action, &before_others[SIGUSR2]);
            }
            return sigaction(installations[i].signal, &action, installations[i].before);
        }
    }
    errno = EINVAL;
    return -1;
}

/* Go's own handler stays, without the flag by which it runs on a stack of its own. */
static int take_flag_away(int number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) {
        return -1;
    }
    action.sa_flags &= ~SA_ONSTACK;
    return sigaction(number, &action, NULL);
}

static int set_profiling_timer(long seconds) {
    struct itimerval every = {.it_interval.tv_sec = seconds, .it_value.tv_sec = seconds};
    return setitimer(ITIMER_PROF, &every, NULL);
}

static int install_over(handler_function *handler, struct sigaction *before) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = ONSTACK};
    return sigaction(SIGPROF, &action, before);
}

/* Does what the mode says, partly to the calling thread. Returns 0, or -1 with errno. */
int trespass(const char *mode, unsigned long size) {
    if (strcmp(mode, "prof-flag") == 0) {
        return take_flag_away(SIGPROF);
    }
    if (strcmp(mode, "prof-chain-signal") == 0) {
        before_signal = signal(SIGPROF, chain_signal);
        return before_signal == SIG_ERR ? -1 : 0;
    }
    if (strcmp(mode, "prof-chain-heap") == 0) {
        before_heap = calloc(1, sizeof *before_heap);
        return install_over(chain_heap, before_heap);
    }
    if (strcmp(mode, "prof-chain-list") == 0) {
        links = calloc(1, sizeof *links);
        return install_over(chain_list, &links->action);
    }
    if (strcmp(mode, "prof-block-m") == 0) {
        return block_signal(SIGPROF);
    }
    if (strcmp(mode, "prof-block-c") == 0) {
        return block_in_new_thread(SIGPROF);
    }
    if (strcmp(mode, "urg-block-m") == 0) {
        return block_signal(SIGURG);
    }
    if (strcmp(mode, "itimer-off") == 0) {
        return set_profiling_timer(0);
    }
    if (strcmp(mode, "itimer-slow") == 0) {
        return set_profiling_timer(1);
    }
    if (strcmp(mode, "altstack-disable") == 0) {
        return disable_altstack();
    }
    if (strncmp(mode, "altstack-", 9) == 0) {
        return replace_altstack(size);
    }
    return install(mode);
}
