/* Handlers that pass on in ways that are harder to see in their code. */
#include "handlers.h"
#include "shape.h"

#include <stddef.h>

struct sigaction *before_heap, before_unoptimised, before_thunk, before_others[65];
struct link *links;

FRAME void chain_heap(int number, siginfo_t *info, void *context) {
    before_heap->sa_sigaction(number, info, context);
}

FRAME __attribute__((optimize("O0"))) void chain_unoptimised(int number, siginfo_t *info, void *context) {
    before_unoptimised.sa_sigaction(number, info, context);
}

FRAME __attribute__((indirect_branch("thunk"))) void chain_thunk(int number, siginfo_t *info, void *context) {
    before_thunk.sa_sigaction(number, info, context);
}

FRAME void chain_list(int number, siginfo_t *info, void *context) {
    for (struct link *link = links; link != NULL; link = link->next) {
        link->action.sa_sigaction(number, info, context);
    }
}

FRAME void chain_others(int number, siginfo_t *info, void *context) {
    switch (number) {
    case SIGPROF:
        return;
    default:
        before_others[number].sa_sigaction(number, info, context);
    }
}
