/* The handlers that libtrespass puts in place of those it finds, and where each keeps what was there before. */
#ifndef TRESPASS_HANDLERS_H
#define TRESPASS_HANDLERS_H

#include <signal.h>

typedef void handler_function(int number, siginfo_t *info, void *context);

/* Pass nothing on. The second keeps the old handler where those that chain keep it, and never calls it. */
handler_function swallow, keep_and_forget;
extern struct sigaction forgotten;

/* Pass on what comes: to a handler kept in a static variable, in an array by number, through a function of another file. */
handler_function chain_static, chain_array, chain_helper;
extern struct sigaction before_static, before_array[65], before_helper;

/* Passes on while a flag is set. */
handler_function chain_if;
extern struct sigaction before_if;
extern volatile int passes_on;

/* Puts the old handler back and raises the signal again: from then on all is as it was. */
handler_function restore_and_raise;
extern struct sigaction before_raise;

/* Pass on: by a structure on the heap; compiled without optimisation; by a call that compilers make safe from speculation;
 * to all of a list. */
handler_function chain_heap, chain_unoptimised, chain_thunk, chain_list;
extern struct sigaction *before_heap, before_unoptimised, before_thunk;
struct link {
    struct sigaction action;
    struct link *next;
};
extern struct link *links;

/* Passes on all but SIGPROF. */
handler_function chain_others;
extern struct sigaction before_others[65];

/* What signal(2) takes and returns: no address of the signal's data, no alternate stack. */
void chain_signal(int number);
extern void (*before_signal)(int number);

void pass_on(const struct sigaction *to, int number, siginfo_t *info, void *context);

#endif
