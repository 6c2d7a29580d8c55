/* The C program that a specimen runs in when it is built as a library (c-shared, c-archive). The main thread is C's, and
 * calls the specimen's main as a library's function; Go's runtime was started on a thread of its own, by a constructor. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FRAME __attribute__((noipa))

#ifdef LINKED
extern void specimen_main(void);

static void (*find_main(void))(void) {
    return specimen_main;
}
#else
/* The library is loaded late, into a process that runs already: its part of the static TLS block is what was spare. */
static void (*find_main(void))(void) {
    char path[PATH_MAX + 4];
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
    if (length <= 0) {
        perror("specimen: /proc/self/exe");
        exit(3);
    }
    snprintf(path + length, 4, ".so");
    void *library = dlopen(path, RTLD_NOW);
    void (*start)(void) = library == NULL ? NULL : (void (*)(void))dlsym(library, "specimen_main");
    if (start == NULL) {
        fprintf(stderr, "specimen: %s\n", dlerror());
        exit(3);
    }
    return start;
}
#endif

static FRAME void host_run(void (*start)(void)) {
    start();
    __asm__ volatile("" : : : "memory");
}

int main(void) {
    host_run(find_main());
    return 0;
}
