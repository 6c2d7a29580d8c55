int nest_call(int left);
int nest_block(void);
int hold_outer(void);
int hold_inner(void);
int callbacks_arrived(void);
