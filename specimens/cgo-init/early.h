int early_plain(int value);
int early_call(void);
int early_block(void);
int early_arrived(void);
