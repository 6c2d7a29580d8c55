#include <stdint.h>

void handler_install(void);

/* Two threads: one handles signals on its own stack, one on an alternate stack. */
void handler_start_threads(void);
int handler_pause_here(void);
int handler_tid(void);

/* How many threads wait in C to be interrupted, and how many are inside the handler. */
int handler_arrived(void);
int handler_entered(void);

/* Sends SIGUSR1 to those threads, once they sleep; and to one that is to be interrupted in the code that begins there. */
void handler_interrupt_waiting(void);
void handler_interrupt_spinning(int thread, uintptr_t code);
