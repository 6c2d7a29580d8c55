/* What the BPF programs write and src/Blindspot/Interop reads. Each struct has its twin there; a test compares them. */
#ifndef BLINDSPOT_WIRE_H
#define BLINDSPOT_WIRE_H

#define WIRE_THREAD 1
#define WIRE_DISPOSITIONS 2

#define WIRE_REGISTERS 21
#define WIRE_SIGNALS 64
#define WIRE_NAME 16

/*
 * One thread. The marks by which a later look proves that it did not run in between (on_cpu, the switch counts,
 * run_count) are read before the registers.
 */
struct wire_thread {
    wire_u32 kind; /* WIRE_THREAD */
    wire_u32 size; /* of this record, in bytes */
    wire_s32 tid; /* in the reader's PID namespace */
    wire_s32 inner_tid; /* in the thread's own, innermost one */
    wire_u32 state; /* task_struct.__state, or .state before kernel 5.14 */
    wire_u32 exit_state;
    wire_u32 on_cpu;
    wire_u32 task_flags; /* PF_* */
    wire_u64 voluntary_switches;
    wire_u64 involuntary_switches;
    wire_u64 run_count; /* times it was put on a processor (sched_info.pcount) */
    wire_u64 run_nanoseconds; /* exact, brought up to date at ticks and switches */
    wire_u64 user_nanoseconds; /* sampled by ticks */
    wire_u64 system_nanoseconds;
    wire_u64 start_nanoseconds; /* since boot */
    wire_u64 blocked; /* bit n-1: signal n */
    wire_u64 pending; /* of the thread alone */
    wire_u64 shared_pending; /* of the process */
    wire_u64 alternate_stack;
    wire_u64 alternate_stack_size;
    wire_u64 alternate_stack_flags;
    wire_u64 fs_base;
    wire_u64 registers[WIRE_REGISTERS]; /* struct pt_regs: r15 … bx, r11 … di, orig_ax, ip, cs, flags, sp, ss */
    char name[WIRE_NAME]; /* comm, ended by a zero */
};

/* struct sigaction as the kernel keeps it (x86-64). */
struct wire_disposition {
    wire_u64 handler; /* 0 default, 1 ignored */
    wire_u64 flags;
    wire_u64 restorer;
    wire_u64 mask;
};

/* Once per process, just before its leader's thread record. */
struct wire_dispositions {
    wire_u32 kind; /* WIRE_DISPOSITIONS */
    wire_u32 size;
    struct wire_disposition signals[WIRE_SIGNALS]; /* [n-1]: signal n */
    wire_u64 timers_known; /* 0: this kernel keeps the timers of setitimer otherwise */
    wire_u64 now; /* CLOCK_MONOTONIC, nanoseconds */
    wire_u64 real_interval; /* ITIMER_REAL; nanoseconds, as all of them */
    wire_u64 real_expires; /* last set to; in the past when it is off */
    wire_u64 virtual_interval;
    wire_u64 virtual_expires; /* CPU time of the process; 0 when it is off */
    wire_u64 profiling_interval;
    wire_u64 profiling_expires;
};

#endif
