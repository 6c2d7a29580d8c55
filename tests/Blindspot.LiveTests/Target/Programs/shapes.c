/*
 * Processes of odd shapes. Argument: "leaderless" (main has ended, a thread runs on), "zombie" (prints the id of a child
 * that has ended and is not waited for), "exec" (replaces itself by sleep when it reads a line), "exit" (exits then),
 * "fork" (forks children all the time), "undumpable" (drops to user 65534 first).
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void ready(int number)
{
    printf("ready %d\n", number);
    fflush(stdout);
}

static void *runs_on(void *unused)
{
    (void)unused;
    usleep(100000);
    ready(getpid());
    for (;;)
        pause();
    return NULL;
}

int main(int argc, char **argv)
{
    const char *shape = argc > 1 ? argv[1] : "";
    if (strcmp(shape, "leaderless") == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, runs_on, NULL);
        pthread_exit(NULL);
    } else if (strcmp(shape, "zombie") == 0) {
        int child = fork();
        if (child == 0)
            _exit(0);
        usleep(50000);
        ready(child);
    } else if (strcmp(shape, "exec") == 0) {
        ready(getpid());
        getchar();
        execlp("sleep", "sleep", "1000", (char *)NULL);
        return 1;
    } else if (strcmp(shape, "exit") == 0) {
        ready(getpid());
        getchar();
        return 0;
    } else if (strcmp(shape, "undumpable") == 0) {
        prctl(PR_SET_DUMPABLE, 0);
        ready(getpid());
    } else if (strcmp(shape, "fork") == 0) {
        ready(getpid());
        for (;;) {
            int child = fork();
            if (child == 0)
                _exit(0);
            waitpid(child, NULL, 0);
        }
    }
    for (;;)
        pause();
}
