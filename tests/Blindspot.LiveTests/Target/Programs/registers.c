/*
 * Threads that are blocked in pause() with known registers: rbx, rbp, r12 to r15 hold 0xA, 0xB, 0xC, 0xD, 0xE, 0xF in
 * the top half and the thread's id below. SPINNING more run all the time with the same registers.
 * Arguments: BLOCKED SPINNING.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *blocked(void *unused)
{
    long tid = syscall(SYS_gettid);
    char stack[16384];
    sigset_t mask;
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    (void)unused;
    prctl(PR_SET_NAME, "blocked");
    sigaltstack(&alternate, NULL);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    __asm__ volatile(
        "push %%rbp\n"
        "mov %0, %%rbx; mov %0, %%r12; mov %0, %%r13; mov %0, %%r14; mov %0, %%r15\n"
        "mov $0xA00000000, %%rax; add %%rax, %%rbx\n"
        "mov $0xC00000000, %%rax; add %%rax, %%r12\n"
        "mov $0xD00000000, %%rax; add %%rax, %%r13\n"
        "mov $0xE00000000, %%rax; add %%rax, %%r14\n"
        "mov $0xF00000000, %%rax; add %%rax, %%r15\n"
        "mov $0xB00000000, %%rbp; add %0, %%rbp\n"
        "1: mov $34, %%eax\n"
        "syscall\n"
        "jmp 1b\n"
        "pop %%rbp\n"
        :
        : "D"(tid)
        : "rax", "rbx", "rcx", "r11", "r12", "r13", "r14", "r15", "memory");
    return NULL;
}

static void *spinning(void *unused)
{
    long tid = syscall(SYS_gettid);
    (void)unused;
    prctl(PR_SET_NAME, "spinning");
    __asm__ volatile(
        "push %%rbp\n"
        "mov %0, %%rbx; mov %0, %%r12\n"
        "mov $0xA00000000, %%rax; add %%rax, %%rbx\n"
        "mov $0xC00000000, %%rax; add %%rax, %%r12\n"
        "1: pause\n"
        "jmp 1b\n"
        "pop %%rbp\n"
        :
        : "D"(tid)
        : "rax", "rbx", "r12", "memory");
    return NULL;
}

int main(int argc, char **argv)
{
    int counts[2] = {argc > 1 ? atoi(argv[1]) : 4, argc > 2 ? atoi(argv[2]) : 0};
    pthread_attr_t attributes;
    signal(SIGUSR1, SIG_IGN);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    for (int kind = 0; kind < 2; kind++) {
        for (int i = 0; i < counts[kind]; i++) {
            pthread_t thread;
            if (pthread_create(&thread, &attributes, kind ? spinning : blocked, NULL) != 0)
                return 1;
        }
    }
    usleep(200000);
    printf("ready\n");
    fflush(stdout);
    for (;;)
        pause();
}
