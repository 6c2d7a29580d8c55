/*
 * without ERROR CALL[,CALL…] COMMAND…   runs a command for which these system calls fail with that error number, as
 * they do on an older kernel (38, ENOSYS) or behind a container's seccomp filter (1, EPERM).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned number;
} calls[] = {
    {"bpf", SYS_bpf},
    {"clone3", SYS_clone3},
    {"close_range", SYS_close_range},
    {"faccessat2", SYS_faccessat2},
    {"kcmp", SYS_kcmp},
    {"membarrier", SYS_membarrier},
    {"openat2", SYS_openat2},
    {"perf_event_open", SYS_perf_event_open},
    {"pidfd_open", SYS_pidfd_open},
    {"process_vm_readv", SYS_process_vm_readv},
    {"ptrace", SYS_ptrace},
    {"rseq", SYS_rseq},
    {"setpriority", SYS_setpriority},
    {"statx", SYS_statx},
};

int main(int argc, char **argv)
{
    struct sock_filter filter[64];
    unsigned length = 0;
    if (argc < 4)
        return 64;
    unsigned error = (unsigned)atoi(argv[1]);
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (char *name = strtok(argv[2], ","); name; name = strtok(NULL, ",")) {
        unsigned i = 0;
        while (i < sizeof(calls) / sizeof(calls[0]) && strcmp(calls[i].name, name) != 0)
            i++;
        if (i == sizeof(calls) / sizeof(calls[0])) {
            fprintf(stderr, "without: %s is not known here\n", name);
            return 64;
        }
        filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = (unsigned short)length, .filter = filter};

    /* Only who may not install filters otherwise gives up privileges for it. */
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
            perror("without: seccomp");
            return 64;
        }
    }
    execvp(argv[3], argv + 3);
    perror(argv[3]);
    return 64;
}
