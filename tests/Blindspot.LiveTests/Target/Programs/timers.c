// A timer of each kind, a signalfd and a pidfd, and some memory that was given back lazily.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void expired(union sigval value) { (void)value; }

static void caught(int signal) { (void)signal; }

static timer_t start(clockid_t clock, int notify, int signal, pid_t thread) {
    struct sigevent event = {.sigev_notify = notify, .sigev_signo = signal};
    event.sigev_value.sival_int = 77;
    if (notify == SIGEV_THREAD) {
        event.sigev_notify_function = expired;
    } else if (notify == SIGEV_THREAD_ID) {
        event._sigev_un._tid = thread;
    }
    timer_t timer = 0;
    timer_create(clock, &event, &timer);
    return timer;
}

int main(void) {
    start(CLOCK_MONOTONIC, SIGEV_THREAD, 0, 0);
    start(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, 0);
    start(CLOCK_PROCESS_CPUTIME_ID, SIGEV_NONE, 0, 0);
    start(CLOCK_THREAD_CPUTIME_ID, SIGEV_THREAD_ID, SIGPROF, (pid_t)syscall(SYS_gettid));

    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGPROF);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, 0);
    int process = (int)syscall(SYS_pidfd_open, getpid(), 0);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGWINCH, caught);

    size_t size = 8 << 20;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(memory, 1, size);
    madvise(memory, size / 2, MADV_FREE);
    printf("ready %d %d\n", signals, process);
    fflush(stdout);
    for (;;) {
        pause();
    }
}
