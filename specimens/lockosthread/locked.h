int locked_block(void);
int locked_arrived(void);
