int many_enter(int depth);
int many_arrived(void);

/* Starts the thread that measures stalls. */
void many_heartbeat(void);

/* The longest gap in microseconds since this was last asked. */
long many_longest_gap(void);
