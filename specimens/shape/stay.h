/* The protocol of the specimens, for those without Go. Include it after defining _GNU_SOURCE. */
#ifndef SPECIMENS_STAY_H
#define SPECIMENS_STAY_H

#include "shape.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How many threads of this process do not sleep in the kernel. */
static int shape_awake(void) {
    int awake = 0;
    DIR *folder = opendir("/proc/self/task");
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        char path[300], stat[512];
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof path, "/proc/self/task/%s/stat", entry->d_name);
        FILE *file = fopen(path, "r");
        if (file != NULL) {
            char *end = fgets(stat, sizeof stat, file) != NULL ? strrchr(stat, ')') : NULL;
            awake += end != NULL && end[2] != 'S';
            fclose(file);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return awake;
}

/* Waits until so many threads have arrived and sleep, says so, and stays until standard input ends. */
static FRAME void shape_stay(int threads) {
    int waited = 0;
    char bytes[64];
    alarm(600);
    while (__atomic_load_n(&shape_arrived, __ATOMIC_SEQ_CST) < threads || shape_awake() > 1) {
        if (++waited > 4000) {
            fputs("specimen: did not come to rest\n", stderr);
            _exit(3);
        }
        usleep(5000);
    }
    if (write(STDOUT_FILENO, "ready\n", 6) != 6) {
        _exit(3);
    }
    while (read(STDIN_FILENO, bytes, sizeof bytes) > 0) {
    }
    _exit(0);
}

#endif
