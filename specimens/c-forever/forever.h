/* Starts a thread that takes the mutex and sleeps; returns when it has it. */
void forever_hold(void);
int forever_lock(void);
int forever_sleep(void);
int forever_poll(void);
int forever_arrived(void);
