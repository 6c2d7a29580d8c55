/*
 * Events with both stacks of a thread: the one that it stands on, and the one that it left for it. A thread of a runtime
 * with tasks (Go's goroutines) goes from a task's stack to its own when it calls C, and back when C calls in turn; a
 * stack that is to be whole takes bytes of both, of one moment.
 *
 * A program that sends events includes this, calls begin_event, and send_event with what it got. Nothing here knows of a
 * version of a runtime: where it keeps what comes from user space (struct wire_sampling).
 */
#ifndef BLINDSPOT_BPF_EVENTS_H
#define BLINDSPOT_BPF_EVENTS_H

#include "tasks.h"

const volatile struct wire_sampling sampling = {0};

#define PAGE 4096ul
#define SP 19 /* as numbered in wire.h */

/* An event is put together here, since the BPF stack is small, and its length is known only in the end. */
struct scratch {
    struct wire_event event;
    char stacks[WIRE_SLICES * (WIRE_SLICE_BYTES + PAGE)];
};

/* User space gives these the number of processors. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct scratch);
} scratches SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct wire_counters);
} counters SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 1 << 20);
} events SEC(".maps");

static __always_inline __u64 read_word(__u64 address, bool *failed)
{
    __u64 value = 0;

    if (bpf_probe_read_user(&value, sizeof(value), (void *)address) != 0)
        *failed = 1;
    return value;
}

static __always_inline __u64 read_field(__u64 address, int offset, bool *failed)
{
    return offset < 0 ? 0 : read_word(address + offset, failed);
}

/* What the runtime says of this thread; true if its own stack may hold frames below the task that it runs. */
static __always_inline bool read_runtime(struct wire_event *event, __u64 *vdso_sp)
{
    bool failed = 0;
    __u32 depth = 0;
    char is_foreign = 0;

    event->thread_task = read_word(event->fs_base + (long)sampling.thread_task, &failed);
    if (event->thread_task == 0) {
        event->flags |= failed ? 0 : WIRE_RUNTIME_KNOWN;
        return 0;
    }

    __u64 worker = read_field(event->thread_task, sampling.task_worker, &failed);
    __u64 own_task = read_field(worker, sampling.worker_own_task, &failed);
    __u64 task = read_field(worker, sampling.worker_task, &failed);
    event->worker = worker;
    event->own_task = own_task;
    event->own_task_sp = read_field(own_task, sampling.task_sp, &failed);
    event->task = task;
    if (task) {
        event->task_stack_low = read_field(task, sampling.task_stack_low, &failed);
        event->task_stack_high = read_field(task, sampling.task_stack_high, &failed);
        event->task_sp = read_field(task, sampling.task_sp, &failed);
        event->task_pc = read_field(task, sampling.task_pc, &failed);
        event->task_bp = read_field(task, sampling.task_bp, &failed);
        event->task_id = read_field(task, sampling.task_id, &failed);
        event->task_labels = read_field(task, sampling.task_labels, &failed);
        *vdso_sp = read_field(worker, sampling.worker_vdso_sp, &failed);
    }

    if (!failed)
        event->flags |= WIRE_RUNTIME_KNOWN;

    if (sampling.worker_foreign_depth < 0 || sampling.worker_is_foreign < 0)
        return 1;

    bpf_probe_read_user(&depth, sizeof(depth), (void *)(worker + sampling.worker_foreign_depth));
    bpf_probe_read_user(&is_foreign, sizeof(is_foreign), (void *)(worker + sampling.worker_is_foreign));
    return depth != 0 || is_foreign != 0;
}

/*
 * Where a thread's own stack ends, if that can be told: C libraries put the thread's control block, to which fs points,
 * behind it; the first thread's stack begins where the kernel put the arguments; the runtime knows the stacks that it made
 * itself. What lies too far away is another place of the address space.
 */
static __always_inline __u64 thread_stack_end(struct wire_event *event, struct task_struct *task, __u64 from)
{
    bool failed = 0;
    __u64 end = event->fs_base;
    if (end - from - 1 < sampling.stack_bytes)
        return end;

    end = BPF_CORE_READ(task, mm, start_stack);
    if (end - from - 1 < sampling.stack_bytes)
        return end;

    end = event->own_task ? read_field(event->own_task, sampling.task_stack_high, &failed) : 0;
    if (end - from - 1 < sampling.stack_bytes)
        return end;

    return 0;
}

/* Copies a stack; what is above a page that is not there is left out. Returns how many bytes came. */
static __always_inline __u32 copy_stack(char *into, __u64 from, __u32 bytes)
{
    if (bytes > WIRE_SLICE_BYTES)
        bytes = WIRE_SLICE_BYTES;
    if (bpf_probe_read_user(into, bytes, (void *)from) == 0)
        return bytes;

    __u32 done = 0;
    for (int i = 0; i <= WIRE_SLICE_BYTES / PAGE; i++) {
        __u32 step = PAGE - ((from + done) & (PAGE - 1));
        if (done >= bytes)
            break;
        if (step > bytes - done)
            step = bytes - done;

        /* Told in the verifier's way, and kept from being told otherwise by the compiler. */
        asm volatile("" : "+r"(done));
        asm volatile("" : "+r"(step));
        done &= WIRE_SLICE_BYTES - 1;
        step &= 2 * PAGE - 1;
        if (step > PAGE)
            break;
        if (bpf_probe_read_user(into + done, step, (void *)(from + done)) != 0)
            break;
        done += step;
    }

    return done > bytes ? bytes : done;
}

static __always_inline __u32 add_slice(struct scratch *scratch, int number, __u32 used, __u64 from, __u64 end)
{
    struct wire_slice *slice = &scratch->event.slices[number];

    /* Frames without room of their own are read from a word below; not on a page that may not be there. */
    if ((from & (PAGE - 1)) >= 16)
        from -= 16;

    __u64 length = end > from ? end - from : 0;
    if (end == 0 || length > sampling.stack_bytes) {
        length = sampling.stack_bytes;
        slice->is_cut = 1;
    }

    asm volatile("" : "+r"(used));
    used &= 2 * WIRE_SLICE_BYTES - 1;
    if (used > WIRE_SLICE_BYTES)
        return 0;

    __u32 bytes = copy_stack(scratch->stacks + used, from, length);
    slice->address = from;
    slice->bytes = bytes;
    if (bytes < length)
        slice->is_cut = 1;
    return bytes;
}

/* The scratch space of this processor, with the event's thread in it; null if the thread is not the target's. */
static __always_inline struct scratch *begin_event(struct wire_counters *count, __u32 processor)
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();
    int inner = 0;
    int pid = ids_of(BPF_CORE_READ(task, group_leader, thread_pid), sampling.pid_namespace_inode, &inner);
    if (pid == 0 || pid != sampling.target_pid) {
        count->others++;
        return 0;
    }

    struct scratch *scratch = bpf_map_lookup_elem(&scratches, &processor);
    if (!scratch)
        return 0;

    struct wire_event *event = &scratch->event;
    bool has_registers;
    __builtin_memset(event, 0, sizeof(*event));
    if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
        has_registers = read_registers(bpf_get_current_task_btf(), event->registers);
    else
        has_registers = read_registers(task, event->registers);
    if (!has_registers) {
        count->failed++;
        return 0;
    }

    event->kind = WIRE_EVENT;
    event->tid = ids_of(BPF_CORE_READ(task, thread_pid), sampling.pid_namespace_inode, &inner);
    event->inner_tid = inner;
    event->cpu = processor;
    event->fs_base = BPF_CORE_READ(task, thread.fsbase);
    bpf_get_current_comm(event->name, sizeof(event->name));
    return scratch;
}

/* Takes the stacks and sends all. */
static __always_inline void send_event(struct scratch *scratch, struct wire_counters *count)
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();
    struct wire_event *event = &scratch->event;
    __u64 sp = event->registers[SP];
    __u64 vdso_sp = 0;
    __u32 used = 0;
    bool has_outer = 0;

    if (sampling.has_runtime)
        has_outer = read_runtime(event, &vdso_sp);

    __u64 low = event->task_stack_low;
    __u64 high = event->task_stack_high;
    if (event->task && sp > low && sp <= high) {
        used = add_slice(scratch, 0, 0, sp, high);
        if (has_outer)
            used += add_slice(scratch, 1, used, event->own_task_sp, thread_stack_end(event, task, event->own_task_sp));
    } else {
        used = add_slice(scratch, 0, 0, sp, thread_stack_end(event, task, sp));
        if (event->task) {
            __u64 left = event->task_sp;
            if (vdso_sp > low + 256 && vdso_sp <= high)
                left = vdso_sp - 256; /* the function that calls the vDSO has its frame below */
            if (left > low && left <= high)
                used += add_slice(scratch, 1, used, left, high);
        }
    }

    asm volatile("" : "+r"(used));
    used &= 4 * WIRE_SLICE_BYTES - 1;
    if (used > 2 * WIRE_SLICE_BYTES)
        return;

    __u32 size = sizeof(*event) + used;
    __u64 flags = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) >= sampling.wake_bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
    event->size = size;
    if (bpf_ringbuf_output(&events, scratch, size, flags) == 0) {
        count->events++;
        count->bytes += size;
    } else {
        count->lost++;
    }
}

#endif
