/*
 * The few kernel types and fields that our programs touch. Their offsets come from the running kernel's BTF when a
 * program is loaded (CO-RE), so neither a generated vmlinux.h nor the build machine's kernel matters.
 */
#ifndef BLINDSPOT_BPF_KERNEL_H
#define BLINDSPOT_BPF_KERNEL_H

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef _Bool bool;

#define wire_u32 __u32
#define wire_s32 __s32
#define wire_u64 __u64

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct seq_file;

typedef struct {
    unsigned long sig[1];
} sigset_t;

struct sigpending {
    sigset_t signal;
};

/* Of setitimer's ITIMER_VIRTUAL and ITIMER_PROF, in CPU time of the process. */
struct cpu_itimer {
    __u64 expires;
    __u64 incr;
};

/* Of ITIMER_REAL. */
struct hrtimer {
    __s64 _softexpires;
};

struct signal_struct {
    struct sigpending shared_pending;
    struct hrtimer real_timer;
    __s64 it_real_incr;
    struct cpu_itimer it[2]; /* CPUCLOCK_PROF, CPUCLOCK_VIRT */
};

struct sigaction {
    void *sa_handler;
};

struct k_sigaction {
    struct sigaction sa;
};

struct sighand_struct {
    struct k_sigaction action[64];
};

struct ns_common {
    unsigned int inum;
};

struct pid_namespace {
    struct ns_common ns;
};

struct upid {
    int nr;
    struct pid_namespace *ns;
};

struct pid {
    unsigned int level;
    struct upid numbers[1];
};

struct mm_struct {
    unsigned long start_stack;
};

struct thread_struct {
    unsigned long fsbase;
};

struct sched_entity {
    __u64 sum_exec_runtime;
};

struct sched_info {
    unsigned long pcount;
};

struct task_struct {
    unsigned int __state;
    void *stack;
    struct mm_struct *mm;
    unsigned int kasan_depth;
    int exit_state;
    unsigned int flags;
    int on_cpu; /* a byte in kernel 7.2: its size has to be asked for */
    struct sched_entity se;
    struct sched_info sched_info;
    struct task_struct *group_leader;
    struct pid *thread_pid;
    __u64 utime;
    __u64 stime;
    unsigned long nvcsw;
    unsigned long nivcsw;
    __u64 start_boottime;
    char comm[16];
    struct signal_struct *signal;
    struct sighand_struct *sighand;
    sigset_t blocked;
    struct sigpending pending;
    unsigned long sas_ss_sp;
    unsigned long sas_ss_size;
    unsigned int sas_ss_flags;
    struct thread_struct thread;
};

/* Up to kernel 5.13 (what follows ___ is not compared). */
struct task_struct___with_state {
    long state;
};

struct bpf_iter_meta {
    struct seq_file *seq;
};

struct bpf_iter__task {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
};

#pragma clang attribute pop

/* What a program on a perf event gets (include/uapi/linux/bpf_perf_event.h), not relocated: an ABI. */
struct bpf_perf_event_data {
    unsigned long registers[21]; /* struct pt_regs, of what was interrupted */
    __u64 sample_period;
    __u64 addr;
};

/* include/uapi/linux/bpf.h */
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_RINGBUF 27
#define BPF_RB_NO_WAKEUP 1
#define BPF_RB_FORCE_WAKEUP 2
#define BPF_RB_AVAIL_DATA 0

/* Which helpers the kernel has, include/uapi/linux/bpf.h. */
enum bpf_func_id {
    BPF_FUNC_task_pt_regs = 175,
};

#endif
