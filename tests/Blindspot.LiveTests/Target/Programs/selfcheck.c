/*
 * A program that notices when it is disturbed. Its threads do what threads do (run with known registers, sleep, wait on a
 * condition, on a pipe, in epoll_wait) and check after every wait that registers, signal mask and memory are what they
 * were. Real-time signals that it queues to itself all have to arrive. Progress and faults are counted in a page that is
 * shared with the test through the file named by the first argument.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define KINDS 6
#define BLOCK (1 << 16)

struct board {
    unsigned long progress[KINDS];
    unsigned long faults;
    unsigned long signals_sent;
    unsigned long signals_taken;
};

static struct board *board;
static unsigned char block[BLOCK];
static unsigned long block_sum;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static int pipe_ends[2];
static int epoll;

static unsigned long sum(void)
{
    unsigned long value = 1469598103934665603UL;
    for (int i = 0; i < BLOCK; i++)
        value = (value ^ block[i]) * 1099511628211UL;
    return value;
}

static void fault(const char *what)
{
    __atomic_add_fetch(&board->faults, 1, __ATOMIC_SEQ_CST);
    fprintf(stderr, "fault: %s\n", what);
}

static void own_mask(sigset_t *mask, int kind)
{
    sigemptyset(mask);
    sigaddset(mask, SIGUSR2);
    if (kind != 1)
        sigaddset(mask, SIGRTMIN);
    if (kind & 1)
        sigaddset(mask, SIGHUP);
}

static void check(int kind)
{
    sigset_t want, have;
    own_mask(&want, kind);
    pthread_sigmask(SIG_SETMASK, NULL, &have);
    for (int i = 1; i < 64; i++)
        if (i != 32 && i != 33 && sigismember(&want, i) != sigismember(&have, i))
            fault("mask");
    board->progress[kind]++;
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    (void)context;
    __atomic_add_fetch(&board->signals_taken, 1, __ATOMIC_SEQ_CST);
}

/* A few hundred thousand rounds with every register known; returns how many of them had changed. */
static unsigned long known_registers(void)
{
    unsigned long bad;
    __asm__ volatile(
        "mov $0x1111, %%rbx; mov $0x8888, %%r8; mov $0x9999, %%r9; mov $0xaaaa, %%r10; mov $0xbbbb, %%r11\n"
        "mov $0xcccc, %%r12; mov $0xdddd, %%r13; mov $0xeeee, %%r14; mov $0xffff, %%r15; mov $300000, %%ecx\n"
        "mov $0x2222, %%rsi; mov $0x3333, %%rdi; movq %%rsi, %%xmm7; movq %%rdi, %%xmm13\n"
        "1: dec %%ecx; jnz 1b\n"
        "xor %%eax, %%eax; xor %%edx, %%edx\n"
        "cmp $0x1111, %%rbx; setne %%dl; add %%rdx, %%rax\n"
        "cmp $0x8888, %%r8; setne %%dl; add %%rdx, %%rax\n"
        "cmp $0x9999, %%r9; setne %%dl; add %%rdx, %%rax\n"
        "cmp $0xaaaa, %%r10; setne %%dl; add %%rdx, %%rax\n"
        "cmp $0xbbbb, %%r11; setne %%dl; add %%rdx, %%rax\n"
        "cmp $0xcccc, %%r12; setne %%dl; add %%rdx, %%rax\n"
        "cmp $0xdddd, %%r13; setne %%dl; add %%rdx, %%rax\n"
        "cmp $0xeeee, %%r14; setne %%dl; add %%rdx, %%rax\n"
        "cmp $0xffff, %%r15; setne %%dl; add %%rdx, %%rax\n"
        "movq %%xmm7, %%rbx; cmp $0x2222, %%rbx; setne %%dl; add %%rdx, %%rax\n"
        "movq %%xmm13, %%rbx; cmp $0x3333, %%rbx; setne %%dl; add %%rdx, %%rax\n"
        : "=a"(bad)
        :
        : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm7", "xmm13", "memory", "cc");
    return bad;
}

static void *work(void *argument)
{
    int kind = (int)(long)argument;
    sigset_t mask;
    own_mask(&mask, kind);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    for (;;) {
        struct timespec nap = {0, 2000000};
        char byte;
        struct epoll_event event;
        switch (kind) {
        case 0:
            if (known_registers() != 0)
                fault("registers");
            break;
        case 1:
            if (nanosleep(&nap, NULL) != 0 && errno != EINTR)
                fault("nanosleep");
            break;
        case 2:
            pthread_mutex_lock(&lock);
            pthread_cond_wait(&turn, &lock);
            pthread_mutex_unlock(&lock);
            break;
        case 3:
            if (read(pipe_ends[0], &byte, 1) != 1 || byte != 'x')
                fault("read");
            break;
        case 4:
            if (epoll_wait(epoll, &event, 1, 3) < 0 && errno != EINTR)
                fault("epoll_wait");
            break;
        case 5:
            nanosleep(&nap, NULL);
            if (sum() != block_sum)
                fault("memory");
            break;
        }
        check(kind);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int file = open(argv[1], O_RDWR | O_CREAT, 0600);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigset_t all;
    (void)argc;
    if (file < 0 || ftruncate(file, 4096) != 0)
        return 1;
    board = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (board == MAP_FAILED || pipe(pipe_ends) != 0)
        return 1;
    epoll = epoll_create1(0);
    for (int i = 0; i < BLOCK; i++)
        block[i] = (unsigned char)(i * 31);
    block_sum = sum();
    sigaction(SIGRTMIN, &action, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    for (long kind = 0; kind < KINDS; kind++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, (void *)kind) != 0)
            return 1;
    }
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        struct timespec nap = {0, 1000000};
        union sigval value = {0};
        nanosleep(&nap, NULL);
        pthread_mutex_lock(&lock);
        pthread_cond_broadcast(&turn);
        pthread_mutex_unlock(&lock);
        if (write(pipe_ends[1], "x", 1) != 1)
            fault("write");
        if (sigqueue(getpid(), SIGRTMIN, value) == 0)
            board->signals_sent++;
    }
}
