long busy_enter(void);
void busy_start_thread(void);
int busy_arrived(void);
