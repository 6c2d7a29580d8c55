/* Each returns 0, or -1 when the system refuses. */
int native_allocate(int mebibytes);
int native_grow(void);
int shared_allocate(int mebibytes);
int lazy_allocate(int mebibytes);
