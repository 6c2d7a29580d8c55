/*
 * 1 GiB of anonymous memory that is never touched and 256 MiB of a file that is never read, beside 8 MiB that are.
 * Argument: a file of at least 256 MiB.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    size_t untouched = 1UL << 30, mapped = 256UL << 20, used = 8UL << 20;
    int file = argc > 1 ? open(argv[1], O_RDONLY) : -1;
    char *a = mmap(NULL, untouched, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    char *b = mmap(NULL, mapped, PROT_READ, MAP_PRIVATE, file, 0);
    char *c = mmap(NULL, used, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (file < 0 || a == MAP_FAILED || b == MAP_FAILED || c == MAP_FAILED)
        return 1;
    madvise(a, untouched, MADV_NOHUGEPAGE);
    memset(c, 0x5a, used);
    printf("ready %p %p %p\n", (void *)a, (void *)b, (void *)c);
    fflush(stdout);
    for (;;)
        pause();
}
