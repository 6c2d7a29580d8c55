long clock_ask(void);
void clock_start_thread(void);
int clock_arrived(void);
