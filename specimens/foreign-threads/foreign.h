void foreign_start(void);
int foreign_arrived(void);
int again_block(void);
