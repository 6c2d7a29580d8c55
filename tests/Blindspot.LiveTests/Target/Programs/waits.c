/*
 * waits KIND BOARD [signals|seccomp]: a thread that waits in the given way over and over, and checks after each wait that
 * its result, the time that it took, all registers, the signal mask and the memory are what they have to be. The first
 * thread serves it, from waits that no other system call may be put into. Many dispositions and two timers are set. With
 * "signals", the waiting thread is sent signals all the time; with "seccomp", rt_sigaction ends the process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 8192
#define STEP 300000000L

struct board {
    unsigned long waits;
    unsigned long faults;
    unsigned long sent;
    unsigned long taken;
    char first_fault[64];
};

struct call {
    unsigned long number;
    unsigned long arguments[6];
    unsigned long result;
    unsigned char vector[32];
    unsigned char vector_after[32];
    unsigned long stack_pointer;
    unsigned int control;
    unsigned int control_after;
};

static struct board *board;
static const char *kind;
static int has_signals;
static int has_filter;
static int word;
static int pipe_ends[2];
static int quiet_ends[2];
static pid_t waiter;

static void fault(const char *what, long detail)
{
    if (__atomic_fetch_add(&board->faults, 1, __ATOMIC_SEQ_CST) == 0)
        snprintf(board->first_fault, sizeof board->first_fault, "%s %ld", what, detail);
}

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

/* Does a system call with all registers known; returns how many of them were others afterwards. */
static unsigned long checked(struct call *call)
{
    unsigned long bad;
    __asm__ volatile(
        "ldmxcsr 136(%%rbx)\n"
        "vmovdqu 64(%%rbx), %%ymm5\n"
        "mov 0(%%rbx), %%rax; mov 8(%%rbx), %%rdi; mov 16(%%rbx), %%rsi; mov 24(%%rbx), %%rdx\n"
        "mov 32(%%rbx), %%r10; mov 40(%%rbx), %%r8; mov 48(%%rbx), %%r9\n"
        "mov $0xcccc, %%r12; mov $0xdddd, %%r13; mov $0xeeee, %%r14; mov $0xffff, %%r15\n"
        "movq %%r12, %%xmm7; movq %%r13, %%xmm13\n"
        "mov %%rsp, 128(%%rbx)\n"
        "syscall\n"
        "mov %%rax, 56(%%rbx)\n"
        "xor %%eax, %%eax; xor %%ecx, %%ecx\n"
        "cmp 8(%%rbx), %%rdi; setne %%cl; add %%rcx, %%rax\n"
        "cmp 16(%%rbx), %%rsi; setne %%cl; add %%rcx, %%rax\n"
        "cmp 24(%%rbx), %%rdx; setne %%cl; add %%rcx, %%rax\n"
        "cmp 32(%%rbx), %%r10; setne %%cl; add %%rcx, %%rax\n"
        "cmp 40(%%rbx), %%r8; setne %%cl; add %%rcx, %%rax\n"
        "cmp 48(%%rbx), %%r9; setne %%cl; add %%rcx, %%rax\n"
        "cmp 128(%%rbx), %%rsp; setne %%cl; add %%rcx, %%rax\n"
        "cmp $0xcccc, %%r12; setne %%cl; add %%rcx, %%rax\n"
        "cmp $0xdddd, %%r13; setne %%cl; add %%rcx, %%rax\n"
        "cmp $0xeeee, %%r14; setne %%cl; add %%rcx, %%rax\n"
        "cmp $0xffff, %%r15; setne %%cl; add %%rcx, %%rax\n"
        "movq %%xmm7, %%r12; cmp $0xcccc, %%r12; setne %%cl; add %%rcx, %%rax\n"
        "movq %%xmm13, %%r12; cmp $0xdddd, %%r12; setne %%cl; add %%rcx, %%rax\n"
        "vmovdqu %%ymm5, 96(%%rbx)\n"
        "stmxcsr 140(%%rbx)\n"
        "vzeroupper\n"
        : "=&a"(bad)
        : "b"(call)
        : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm5", "xmm7", "xmm13", "memory", "cc");
    if (memcmp(call->vector, call->vector_after, sizeof call->vector) != 0)
        bad += 100;
    if (call->control != call->control_after)
        bad += 1000;
    return bad;
}

static void own_mask(sigset_t *mask)
{
    sigemptyset(mask);
    sigaddset(mask, SIGUSR2);
    sigaddset(mask, SIGHUP);
    sigaddset(mask, SIGRTMIN + 5);
}

static void wait_once(void)
{
    struct call all;
    struct call *call = &all;
    struct pollfd descriptor = {pipe_ends[0], POLLIN, 0};
    struct pollfd quiet = {quiet_ends[0], POLLIN, 0};
    struct timespec time = {0, STEP};
    sigset_t during;
    fd_set set;
    char byte = 0;
    long started = now(), until = started + STEP, took;
    int is_timed = 0;
    long expected = 0;
    unsigned long bad;
    memset(&all, 0, sizeof all);
    sigemptyset(&during);
    for (int i = 0; i < 32; i++)
        call->vector[i] = (unsigned char)(i * 7 + 1);
    call->control = 0x3f80;
    for (int i = 0; i < 6; i++)
        call->arguments[i] = 0x5550 + i;
    if (strcmp(kind, "futex") == 0) {
        call->number = SYS_futex;
        call->arguments[0] = (unsigned long)&word;
        call->arguments[1] = FUTEX_WAIT | FUTEX_PRIVATE_FLAG;
        call->arguments[2] = (unsigned long)__atomic_load_n(&word, __ATOMIC_SEQ_CST);
        call->arguments[3] = 0;
    } else if (strcmp(kind, "futex-until") == 0) {
        static int never;
        time = (struct timespec){until / 1000000000L, until % 1000000000L};
        call->number = SYS_futex;
        call->arguments[0] = (unsigned long)&never;
        call->arguments[1] = FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG;
        call->arguments[2] = 0;
        call->arguments[3] = (unsigned long)&time;
        call->arguments[5] = 0xffffffff;
        is_timed = 1;
        expected = -ETIMEDOUT;
    } else if (strcmp(kind, "sleep-until") == 0) {
        time = (struct timespec){until / 1000000000L, until % 1000000000L};
        call->number = SYS_clock_nanosleep;
        call->arguments[0] = CLOCK_MONOTONIC;
        call->arguments[1] = TIMER_ABSTIME;
        call->arguments[2] = (unsigned long)&time;
        is_timed = 1;
    } else if (strcmp(kind, "sleep") == 0) {
        call->number = SYS_nanosleep;
        call->arguments[0] = (unsigned long)&time;
        call->arguments[1] = 0;
        is_timed = 1;
    } else if (strcmp(kind, "poll") == 0) {
        call->number = SYS_poll;
        call->arguments[0] = (unsigned long)&descriptor;
        call->arguments[1] = 1;
        call->arguments[2] = (unsigned long)-1;
        expected = 1;
    } else if (strcmp(kind, "poll-for") == 0) {
        call->number = SYS_poll;
        call->arguments[0] = (unsigned long)&quiet;
        call->arguments[1] = 1;
        call->arguments[2] = STEP / 1000000;
        is_timed = 1;
    } else if (strcmp(kind, "ppoll") == 0) {
        call->number = SYS_ppoll;
        call->arguments[0] = (unsigned long)&quiet;
        call->arguments[1] = 1;
        call->arguments[2] = (unsigned long)&time;
        call->arguments[3] = (unsigned long)&during;
        call->arguments[4] = 8;
        is_timed = 1;
    } else if (strcmp(kind, "select") == 0) {
        FD_ZERO(&set);
        FD_SET(quiet_ends[0], &set);
        call->number = SYS_pselect6;
        call->arguments[0] = (unsigned long)quiet_ends[0] + 1;
        call->arguments[1] = (unsigned long)&set;
        call->arguments[2] = call->arguments[3] = call->arguments[5] = 0;
        call->arguments[4] = (unsigned long)&time;
        is_timed = 1;
    } else if (strcmp(kind, "read") == 0) {
        call->number = SYS_read;
        call->arguments[0] = (unsigned long)pipe_ends[0];
        call->arguments[1] = (unsigned long)&byte;
        call->arguments[2] = 1;
        expected = 1;
    } else {
        abort();
    }
    bad = checked(call);
    took = now() - started;
    if (bad != 0)
        fault("registers", (long)bad);
    if (has_signals && (long)call->result == -EINTR)
        return;
    if (strcmp(kind, "futex") == 0 && (long)call->result == -EAGAIN)
        return;
    if ((long)call->result != expected)
        fault("result", (long)call->result);
    if (is_timed && took < STEP)
        fault("early", took);
    if (is_timed && took > 20 * STEP)
        fault("late", took);
    if (strcmp(kind, "poll") == 0 && read(pipe_ends[0], &byte, 1) != 1)
        fault("read", errno);
    if ((strcmp(kind, "poll") == 0 || strcmp(kind, "read") == 0) && byte != 'x')
        fault("byte", byte);
}

static void forbid(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigaction, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        exit(3);
}

static void *work(void *argument)
{
    static unsigned char alternate[20000];
    volatile unsigned char block[BLOCK];
    sigset_t want, have;
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate}, stack_now;
    (void)argument;
    own_mask(&want);
    pthread_sigmask(SIG_SETMASK, &want, NULL);
    sigaltstack(&stack, NULL);
    if (has_filter)
        forbid();
    for (int i = 0; i < BLOCK; i++)
        block[i] = (unsigned char)(i * 31);
    __atomic_store_n(&waiter, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
    for (;;) {
        wait_once();
        for (int i = 0; i < BLOCK; i++)
            if (block[i] != (unsigned char)(i * 31))
                fault("memory", i);
        pthread_sigmask(SIG_SETMASK, NULL, &have);
        for (int i = 1; i < 65; i++)
            if (i != 32 && i != 33 && sigismember(&want, i) != sigismember(&have, i))
                fault("mask", i);
        sigaltstack(NULL, &stack_now);
        if (stack_now.ss_sp != alternate || stack_now.ss_size != sizeof alternate || stack_now.ss_flags != 0)
            fault("alternate stack", stack_now.ss_flags);
        __atomic_fetch_add(&board->waits, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void on_signal(int number)
{
    (void)number;
    __atomic_fetch_add(&board->taken, 1, __ATOMIC_SEQ_CST);
}

static void on_quiet(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    (void)context;
}

static void *burn(void *argument)
{
    for (volatile unsigned long i = 0;; i++)
        ;
    return argument;
}

static void set_dispositions(void)
{
    for (int number = 1; number <= 64; number++) {
        struct sigaction action;
        if (number == SIGKILL || number == SIGSTOP || number == SIGCONT || number == 32 || number == 33 || number % 5 == 0)
            continue;
        memset(&action, 0, sizeof action);
        action.sa_sigaction = on_quiet;
        action.sa_flags = SA_SIGINFO;
        if (number % 3 == 0)
            action.sa_flags |= SA_ONSTACK;
        if (number % 7 < 4 || number == SIGPROF || number == SIGURG)
            action.sa_flags |= SA_RESTART;
        if (number % 11 == 0)
            action.sa_flags |= SA_NODEFER;
        if (number % 13 == 0)
            action.sa_handler = SIG_IGN;
        sigaddset(&action.sa_mask, number % 31 + 1);
        sigaddset(&action.sa_mask, SIGRTMIN + number % 20);
        sigaction(number, &action, NULL);
    }
    struct sigaction counted = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGRTMIN + 3, &counted, NULL);
}

int main(int argc, char **argv)
{
    pthread_t thread;
    sigset_t all;
    int file = open(argv[2], O_RDWR | O_CREAT, 0600);
    struct itimerval real = {.it_interval = {7, 500000}, .it_value = {100000, 0}};
    struct itimerval profiling = {.it_interval = {0, 1000}, .it_value = {0, 1000}};
    kind = argv[1];
    has_signals = argc > 3 && strcmp(argv[3], "signals") == 0;
    has_filter = argc > 3 && strcmp(argv[3], "seccomp") == 0;
    if (file < 0 || ftruncate(file, 4096) != 0)
        return 1;
    board = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (board == MAP_FAILED || pipe(pipe_ends) != 0 || pipe(quiet_ends) != 0)
        return 1;
    set_dispositions();
    setitimer(ITIMER_REAL, &real, NULL);
    if (!has_signals)
        profiling.it_value.tv_sec = 100000;
    setitimer(ITIMER_PROF, &profiling, NULL);
    if (pthread_create(&thread, NULL, work, NULL) != 0)
        return 1;
    if (has_filter)
        forbid();
    if (has_signals) {
        pthread_t burner;
        pthread_create(&burner, NULL, burn, NULL);
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    while (__atomic_load_n(&waiter, __ATOMIC_SEQ_CST) == 0)
        usleep(1000);
    printf("ready %d\n", waiter);
    fflush(stdout);
    for (long round = 0;; round++) {
        struct timespec nap = {0, has_signals ? 1000000 : 60000000};
        union sigval value = {0};
        nanosleep(&nap, NULL);
        if (has_signals) {
            if (pthread_sigqueue(thread, SIGRTMIN + 3, value) == 0)
                board->sent++;
            syscall(SYS_tgkill, getpid(), waiter, SIGURG);
            if (round % 20 != 0)
                continue;
        }
        __atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);
        syscall(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
        if ((strcmp(kind, "poll") == 0 || strcmp(kind, "read") == 0) && write(pipe_ends[1], "x", 1) != 1)
            fault("write", errno);
    }
}
