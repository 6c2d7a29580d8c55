/*
 * Processes of odd shapes. Argument: "leaderless" (main has ended, a thread runs on), "zombie" (prints the id of a child
 * that has ended and is not waited for), "exec" (has a second thread; replaces itself by sleep when it reads a line), "exit" (exits then),
 * "fork" (forks children all the time), "undumpable", "strict" and "filter" (seccomp), "vfork" (waits for a child
 * that does not exec: D state), "reexec" (executes itself all the time, with a few threads), "deep FOLDER" (executes a copy of itself with a path of 5,000 bytes, as "filter"), "user" (becomes user 65534 when it reads a line), "names" (threads with odd names).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

static const char *const names[] = {
    "\033[31mred", "two\nlines", "\xff\xfe\xc3", "\xe2\x82", "a\tb\\x1b", ") R 1 2 3", "\x9b" "2J", "\xe2\x80\xae" "txt", "",
};

static int run_deep(const char *folder)
{
    char name[201], block[65536];
    ssize_t length;
    int from = open("/proc/self/exe", O_RDONLY);
    memset(name, 'd', 200);
    name[200] = 0;
    if (chdir(folder) != 0)
        return 1;
    for (int i = 0; i < 25; i++)
        if (mkdir(name, 0755) != 0 || chdir(name) != 0)
            return 1;
    int to = open("long", O_WRONLY | O_CREAT, 0755);
    while ((length = read(from, block, sizeof(block))) > 0)
        if (write(to, block, (size_t)length) != length)
            return 1;
    close(to);
    execl("./long", "./long", "filter", (char *)NULL);
    return 1;
}

static void *named(void *name)
{
    prctl(PR_SET_NAME, name);
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
        pthread_t thread;
        pthread_create(&thread, NULL, named, "sibling");
        usleep(20000);
        ready(getpid());
        getchar();
        execlp("sleep", "sleep", "1000", (char *)NULL);
        return 1;
    } else if (strcmp(shape, "exit") == 0) {
        ready(getpid());
        getchar();
        return 0;
    } else if (strcmp(shape, "strict") == 0) {
        int ends[2];
        char byte;
        if (pipe(ends) != 0)
            return 1;
        ready(getpid());
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        for (;;)
            syscall(SYS_read, ends[0], &byte, 1);
    } else if (strcmp(shape, "filter") == 0) {
        struct sock_filter only_pause[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pause, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        };
        struct sock_fprog program = {.len = 4, .filter = only_pause};
        ready(getpid());
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
    } else if (strcmp(shape, "vfork") == 0) {
        ready(getpid());
        if (syscall(SYS_clone, CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            pause();
        }
    } else if (strcmp(shape, "user") == 0) {
        ready(getpid());
        getchar();
        if (setresuid(65534, 65534, 65534) != 0)
            return 1;
    } else if (strcmp(shape, "reexec") == 0) {
        pthread_t thread;
        if (argc == 2)
            ready(getpid());
        for (int i = 0; i < 3; i++)
            pthread_create(&thread, NULL, named, "short");
        usleep(2000);
        execl("/proc/self/exe", argv[0], "reexec", "again", (char *)NULL);
        return 1;
    } else if (strcmp(shape, "deep") == 0 && argc > 2) {
        return run_deep(argv[2]);
    } else if (strcmp(shape, "names") == 0) {
        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            pthread_t thread;
            pthread_create(&thread, NULL, named, (void *)names[i]);
        }
        usleep(50000);
        ready(getpid());
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
