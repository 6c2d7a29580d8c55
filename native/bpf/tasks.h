/* What several programs want to know of a task. */
#ifndef BLINDSPOT_BPF_TASKS_H
#define BLINDSPOT_BPF_TASKS_H

#include "kernel.h"
#include "../wire.h"

/* MAX_PID_NS_LEVEL, include/linux/pid_namespace.h */
#define NAMESPACE_LEVELS 32

/* The id of a task in the reader's namespace and in its own. Zero: it cannot be seen from ours. */
static __always_inline int ids_of(struct pid *pid, unsigned int reader_inode, int *inner)
{
    unsigned int level = BPF_CORE_READ(pid, level);
    int seen = 0;

    for (unsigned int i = 0; i <= NAMESPACE_LEVELS; i++) {
        if (i > level)
            break;

        void *entry = (void *)&pid->numbers[0] + i * bpf_core_type_size(struct upid);
        struct upid *at = entry;
        int nr = 0;
        struct pid_namespace *ns = 0;
        unsigned int inode = 0;

        bpf_probe_read_kernel(&nr, sizeof(nr), &at->nr);
        bpf_probe_read_kernel(&ns, sizeof(ns), &at->ns);
        bpf_probe_read_kernel(&inode, sizeof(inode), &ns->ns.inum);
        if (inode == reader_inode)
            seen = nr;
        *inner = nr;
    }

    return seen;
}

/*
 * The registers with which a task entered the kernel lie at the very end of its kernel stack (task_pt_regs,
 * arch/x86/include/asm/processor.h). Kernels before 5.15 have no helper that says where; in them nothing follows
 * (TOP_OF_KERNEL_STACK_PADDING is 0 on x86-64), and stacks have four pages, with KASAN eight (THREAD_SIZE, page_64_types.h).
 * Such words count only if they name user code and a user stack.
 */
#define STACK_SIZE 0x4000
#define USER_CS 0x33 /* arch/x86/include/asm/segment.h */
#define USER_DS 0x2b
#define CS 17 /* as numbered in wire.h */
#define SS 20

/* task: one whose type the verifier knows, where the kernel has the helper. */
static __always_inline bool read_registers(struct task_struct *task, wire_u64 *registers)
{
    const unsigned long size = sizeof(wire_u64) * WIRE_REGISTERS;

    if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
        return bpf_probe_read_kernel(registers, size, (void *)bpf_task_pt_regs(task)) == 0;

    void *stack_end = BPF_CORE_READ(task, stack) + (bpf_core_field_exists(task->kasan_depth) ? 2 * STACK_SIZE : STACK_SIZE);
    return bpf_probe_read_kernel(registers, size, stack_end - size) == 0 &&
        registers[CS] == USER_CS && registers[SS] == USER_DS;
}

#endif
