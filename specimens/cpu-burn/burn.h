int burn_direct(void);
int burn_call(int left);
int burn_nested(void);
void burn_start_thread(void);
int burn_arrived(void);
void burn_register(int burner);
double burn_used(int burner);

/* The threads that burn. */
enum { BURNER_DIRECT, BURNER_NESTED, BURNER_GO, BURNER_THREAD, BURNERS };
