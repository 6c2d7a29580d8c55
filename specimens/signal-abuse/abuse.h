/* The C that is linked into the executable itself. All that return int return 0, or -1 with errno or a message. */

/* Loads a library and calls its trespass or relay_install. */
int load_and_trespass(const char *library, const char *mode, unsigned long size);
int load_and_relay(const char *library, int number);
const char *load_error(void);

/* The modes that begin with "own-". */
int own_trespass(const char *mode);

/* Names the calling thread. */
void name_thread(const char *name);

/* A thread made by C that uses processor time from then on. */
void burn_start(void);

/* Sets the flag after that time, from a thread without signals. */
void set_later(int *flag, int milliseconds);

/* Sends the signal to every thread again and again, from then on. */
void storm_start(int number);
