int deep_enter(int levels);
int deep_arrived(void);
