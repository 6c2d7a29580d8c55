#include "handlers.h"
#include "shape.h"

#include <stddef.h>

struct sigaction forgotten, before_static, before_array[65], before_helper, before_if, before_raise;
void (*before_signal)(int number);
volatile int passes_on;

static volatile unsigned long seen;

FRAME void swallow(int number, siginfo_t *info, void *context) {
    (void)number, (void)info, (void)context;
}

FRAME void keep_and_forget(int number, siginfo_t *info, void *context) {
    (void)number, (void)info, (void)context;
    seen++;
}

/* The call comes last and becomes a jump. */
FRAME void chain_static(int number, siginfo_t *info, void *context) {
    before_static.sa_sigaction(number, info, context);
}

FRAME void chain_array(int number, siginfo_t *info, void *context) {
    before_array[number].sa_sigaction(number, info, context);
    seen++;
}

FRAME void chain_helper(int number, siginfo_t *info, void *context) {
    seen++;
    pass_on(&before_helper, number, info, context);
}

FRAME void chain_if(int number, siginfo_t *info, void *context) {
    seen++;
    if (passes_on) {
        before_if.sa_sigaction(number, info, context);
    }
}

FRAME void restore_and_raise(int number, siginfo_t *info, void *context) {
    (void)info, (void)context;
    sigaction(number, &before_raise, NULL);
    raise(number);
}

/* The kernel gives the data of a signal to every handler, in registers that this one leaves as they are. */
FRAME void chain_signal(int number) {
    before_signal(number);
}
