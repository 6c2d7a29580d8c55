/* What the BPF programs write and src/Blindspot/Interop reads. Each struct has its twin there; a test compares them. */
#ifndef BLINDSPOT_WIRE_H
#define BLINDSPOT_WIRE_H

#define WIRE_THREAD 1
#define WIRE_DISPOSITIONS 2
#define WIRE_EVENT 3

#define WIRE_REGISTERS 21
#define WIRE_SIGNALS 64
#define WIRE_NAME 16
#define WIRE_SLICES 2
#define WIRE_SLICE_BYTES 65536 /* of one stack, at most */

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

/* What the sampling programs are told: whom to look at, and where its runtime keeps what (offsets in bytes). */
struct wire_sampling {
    wire_s32 target_pid; /* in the reader's PID namespace */
    wire_u32 pid_namespace_inode;
    wire_u32 stack_bytes; /* of one stack, at most; no more than WIRE_SLICE_BYTES */
    wire_u32 wake_bytes; /* the reader is woken once so much waits for it */
    wire_u32 has_runtime; /* 0: none is known, and what follows counts for nothing */
    wire_s32 thread_task; /* from the thread pointer: the task that the thread is on, its own one included */
    wire_s32 task_worker;
    wire_s32 task_stack_low;
    wire_s32 task_stack_high;
    wire_s32 task_sp; /* where its stack was left for another */
    wire_s32 task_pc;
    wire_s32 task_bp;
    wire_s32 task_id;
    wire_s32 task_labels; /* below 0, as all that follow: there is none */
    wire_s32 worker_task; /* the task that it runs */
    wire_s32 worker_own_task; /* the one whose stack is the thread's own */
    wire_s32 worker_foreign_depth; /* 4 bytes: calls into C in progress */
    wire_s32 worker_is_foreign; /* 1 byte: C made the thread */
    wire_s32 worker_vdso_sp; /* where the task's stack was left for the vDSO */
    wire_u32 padding;
};

/* One piece of a stack, as it was. */
struct wire_slice {
    wire_u64 address;
    wire_u32 bytes;
    wire_u32 is_cut; /* the stack goes on behind it */
};

#define WIRE_EVENT_CPU 1 /* a tick of the clock that each processor has, while the thread was on it */

#define WIRE_IN_KERNEL 1 /* the registers are those with which it went into the kernel */
#define WIRE_RUNTIME_KNOWN 2 /* what is told of the runtime was all read */

/*
 * Something that happened on a thread, with its stacks: where it stands, and the one that it left for this one. The
 * bytes of the slices follow, one after the other.
 */
struct wire_event {
    wire_u32 kind; /* WIRE_EVENT */
    wire_u32 size; /* with the slices' bytes */
    wire_u32 event; /* WIRE_EVENT_* */
    wire_u32 flags;
    wire_s32 tid; /* in the reader's PID namespace */
    wire_s32 inner_tid;
    wire_u32 cpu;
    wire_u32 padding;
    wire_u64 time; /* CLOCK_MONOTONIC, nanoseconds */
    wire_u64 weight; /* what it stands for: nanoseconds, of CPU time or of waiting */
    wire_u64 fs_base;
    wire_u64 thread_task; /* addresses in the target from here on; 0 where there is nothing */
    wire_u64 worker;
    wire_u64 own_task;
    wire_u64 own_task_sp;
    wire_u64 task;
    wire_u64 task_stack_low;
    wire_u64 task_stack_high;
    wire_u64 task_sp;
    wire_u64 task_pc;
    wire_u64 task_bp;
    wire_u64 task_id;
    wire_u64 task_labels;
    struct wire_slice slices[WIRE_SLICES];
    wire_u64 registers[WIRE_REGISTERS]; /* struct pt_regs */
    char name[WIRE_NAME];
};

/* What a sampling program did on one processor. */
struct wire_counters {
    wire_u64 events; /* sent */
    wire_u64 lost; /* for lack of room */
    wire_u64 failed; /* the registers could not be told */
    wire_u64 bytes; /* sent */
    wire_u64 nanoseconds; /* spent on the target's events */
    wire_u64 others; /* calls for other processes and for idling */
};

#endif
