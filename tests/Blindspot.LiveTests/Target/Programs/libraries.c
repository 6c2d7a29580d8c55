/* Loads Go libraries (specimens built as c-shared) and runs each one's main on a thread of its own: several Go runtimes in
   one process. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *run_library(void *start)
{
    ((void (*)(void))start)();
    return NULL;
}

int main(int count, char **paths)
{
    for (int i = 1; i < count; i++) {
        pthread_t thread;
        void *library = dlopen(paths[i], RTLD_NOW | RTLD_LOCAL);
        void *start = library == NULL ? NULL : dlsym(library, "specimen_main");
        if (start == NULL || pthread_create(&thread, NULL, run_library, start) != 0) {
            fprintf(stderr, "libraries: %s\n", dlerror());
            return 3;
        }
    }
    for (;;)
        pause();
}
