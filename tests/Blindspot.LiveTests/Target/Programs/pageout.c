/* Takes the code of a process out of its page table, as a machine short of memory does: pageout PID. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIDFD_OPEN 434
#define PROCESS_MADVISE 440
#define PAGEOUT 21

int main(int argc, char **argv)
{
    char path[64], line[4096];
    int done = 0, pid = argc > 1 ? atoi(argv[1]) : 0;
    long descriptor = syscall(PIDFD_OPEN, pid, 0);
    snprintf(path, sizeof(path), "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "r");
    if (descriptor < 0 || !maps)
        return 1;
    while (fgets(line, sizeof(line), maps)) {
        uint64_t start, end;
        char permissions[5];
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &start, &end, permissions) != 3 || strcmp(permissions, "r-xp") != 0 || !strchr(line, '/'))
            continue;
        struct iovec range = { (void *)(uintptr_t)start, end - start };
        done += syscall(PROCESS_MADVISE, descriptor, &range, 1UL, PAGEOUT, 0) > 0;
    }
    return done > 0 ? 0 : 2;
}
