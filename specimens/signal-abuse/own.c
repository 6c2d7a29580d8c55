#define _GNU_SOURCE
#include "abuse.h"
#include "shape.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

static struct sigaction own_before;

static FRAME void own_swallow(int number, siginfo_t *info, void *context) {
    (void)number, (void)info, (void)context;
}

static FRAME void own_chain(int number, siginfo_t *info, void *context) {
    own_before.sa_sigaction(number, info, context);
}

static FRAME void own_constructor_handler(int number, siginfo_t *info, void *context) {
    (void)number, (void)info, (void)context;
}

static int install(int number, void (*handler)(int, siginfo_t *, void *), int flags) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART | flags};
    return sigaction(number, &action, &own_before);
}

int own_trespass(const char *mode) {
    if (strcmp(mode, "own-prof-empty-onstack") == 0) {
        return install(SIGPROF, own_swallow, SA_ONSTACK);
    }
    if (strcmp(mode, "own-prof-chain") == 0) {
        return install(SIGPROF, own_chain, 0);
    }
    if (strcmp(mode, "own-prof-chain-onstack") == 0) {
        return install(SIGPROF, own_chain, SA_ONSTACK);
    }
    if (strcmp(mode, "own-urg-empty-onstack") == 0) {
        return install(SIGURG, own_swallow, SA_ONSTACK);
    }
    return strcmp(mode, "own-constructor") == 0 ? 0 : -1;
}

/* Runs before Go's runtime, which installs its handlers over these. */
static __attribute__((constructor)) void own_constructor(int count, char **words) {
    if (count > 1 && strcmp(words[count - 1], "own-constructor") == 0) {
        install(SIGPROF, own_constructor_handler, 0);
        install(SIGURG, own_constructor_handler, 0);
    }
}
