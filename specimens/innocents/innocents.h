/* Each begins what it names and returns; whatever goes wrong ends the program. */

/* A loop of libuv in a thread of its own. */
void uv_begin(void);

/* A producer of librdkafka that finds no broker. */
void kafka_begin(void);

/* A thread that works in libcrypto; and a piece of such work for the caller. */
void crypto_begin(void);
void crypto_work(void);

/* A thread that makes threads, which end at once. */
void make_threads(void);

/* A thread that works and sleeps by turns. */
void work_in_thread(void);
