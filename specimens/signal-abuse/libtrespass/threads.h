/* What libtrespass does to the thread that calls it. Each returns 0, or -1 with errno. */

int block_signal(int number);

/* Blocks the signal while it makes a thread, named blocked-c, which keeps it blocked and uses processor time. */
int block_in_new_thread(int number);

int disable_altstack(void);

/* Gives the thread an alternate stack of that size, below which no page may be touched. */
int replace_altstack(unsigned long size);
