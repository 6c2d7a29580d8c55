// A thread that ends the process when its standard input ends, or after ten minutes: no goroutine would get to do it.
void watch_start(void);
