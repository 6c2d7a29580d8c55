/*
 * mapped KIND   as many mappings as the kernel allows: "memory" (of nothing), "code" (of its own executable, of which
 * half is code, so that each looks like a library).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int file = open("/proc/self/exe", O_RDONLY);
    int is_code = argc > 1 && strcmp(argv[1], "code") == 0;
    char text[64];
    long count = 0;
    for (;; count++) {
        int protection = PROT_READ | (count & 1 ? 0 : is_code ? PROT_EXEC : PROT_WRITE);
        void *page = is_code ? mmap(NULL, 4096, protection, MAP_PRIVATE, file, count & 1 ? 0 : 4096)
                             : mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED)
            break;
    }
    int length = snprintf(text, sizeof(text), "ready %ld\n", count);
    if (write(1, text, (size_t)length) != length)
        return 1;
    for (;;)
        pause();
}
