/* Librelay: a library that passes a signal on, properly, to the handler of whoever was there before: another library. */
#include "shape.h"

#include <signal.h>
#include <stddef.h>

static struct sigaction before_relay;

static FRAME void relay(int number, siginfo_t *info, void *context) {
    before_relay.sa_sigaction(number, info, context);
}

int relay_install(int number) {
    struct sigaction action = {.sa_sigaction = relay, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    return sigaction(number, &action, &before_relay);
}
