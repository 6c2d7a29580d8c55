int untouched_block(void);
int untouched_arrived(void);
