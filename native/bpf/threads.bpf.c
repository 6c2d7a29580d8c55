/*
 * Every thread of one process as the kernel sees it, without stopping it: an iterator over tasks (kernel 5.8 or newer)
 * that user space reads like a file of records (wire.h).
 */
#include "kernel.h"
#include "../wire.h"
#include "tasks.h"

/* bpf_probe_read_kernel and bpf_seq_write are for GPL-compatible programs. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* The target's id and the inode of the PID namespace in which it is meant. */
const volatile __s32 target_pid = 0;
const volatile __u32 pid_namespace_inode = 0;

/* Only one reader runs the iterator at a time: records are put together here instead of on the small BPF stack. */
struct wire_thread thread_record;
struct wire_dispositions dispositions_record;

static __always_inline unsigned int state_of(struct task_struct *task)
{
    if (bpf_core_field_exists(task->__state))
        return task->__state;

    return (unsigned int)((struct task_struct___with_state *)task)->state;
}

/* The timers of setitimer(2), which no file of /proc shows. */
static __always_inline void read_timers(struct signal_struct *signal, struct wire_dispositions *all)
{
    all->timers_known = bpf_core_field_exists(signal->it) && bpf_core_field_exists(signal->it_real_incr) &&
        bpf_core_field_exists(signal->real_timer._softexpires);
    if (!all->timers_known)
        return;

    all->now = bpf_ktime_get_ns();
    all->real_interval = signal->it_real_incr;
    all->real_expires = signal->real_timer._softexpires;
    all->profiling_interval = signal->it[0].incr;
    all->profiling_expires = signal->it[0].expires;
    all->virtual_interval = signal->it[1].incr;
    all->virtual_expires = signal->it[1].expires;
}

SEC("iter/task")
int threads(struct bpf_iter__task *ctx)
{
    struct task_struct *task = ctx->task;
    if (!task)
        return 0;

    struct task_struct *leader = task->group_leader;
    int inner = 0;
    if (ids_of(leader->thread_pid, pid_namespace_inode, &inner) != target_pid)
        return 0;

    struct wire_thread *record = &thread_record;
    int tid = leader == task ? target_pid : ids_of(task->thread_pid, pid_namespace_inode, &inner);
    if (tid == 0)
        return 0;

    if (leader == task) {
        struct wire_dispositions *all = &dispositions_record;
        all->kind = WIRE_DISPOSITIONS;
        all->size = sizeof(*all);
        read_timers(task->signal, all);
        if (bpf_probe_read_kernel(all->signals, sizeof(all->signals), &task->sighand->action) == 0)
            bpf_seq_write(ctx->meta->seq, all, sizeof(*all));
    }

    record->kind = WIRE_THREAD;
    record->size = sizeof(*record);
    record->tid = tid;
    record->inner_tid = inner;
    record->on_cpu = BPF_CORE_READ_BITFIELD(task, on_cpu);
    record->state = state_of(task);
    record->exit_state = task->exit_state;
    record->voluntary_switches = task->nvcsw;
    record->involuntary_switches = task->nivcsw;
    record->run_count = bpf_core_field_exists(task->sched_info.pcount) ? task->sched_info.pcount : 0;
    record->run_nanoseconds = task->se.sum_exec_runtime;
    asm volatile("" ::: "memory");

    record->task_flags = task->flags;
    record->user_nanoseconds = task->utime;
    record->system_nanoseconds = task->stime;
    record->start_nanoseconds = task->start_boottime;
    record->blocked = task->blocked.sig[0];
    record->pending = task->pending.signal.sig[0];
    record->shared_pending = task->signal->shared_pending.signal.sig[0];
    record->alternate_stack = task->sas_ss_sp;
    record->alternate_stack_size = task->sas_ss_size;
    record->alternate_stack_flags = task->sas_ss_flags;
    record->fs_base = task->thread.fsbase;
    bpf_probe_read_kernel(record->name, sizeof(record->name), &task->comm);

    if (!read_registers(task, record->registers))
        return 0;

    bpf_seq_write(ctx->meta->seq, record, sizeof(*record));
    return 0;
}
