int labels_block(void);
int labels_arrived(void);
