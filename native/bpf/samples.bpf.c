/*
 * Where a process spends its CPU time: a clock on every processor, at whose ticks the thread that runs there is copied,
 * registers and stacks, if it is one of the target's (kernel 5.8 or newer, for the ring buffer).
 */
#include "kernel.h"
#include "../wire.h"
#include "events.h"

/* bpf_probe_read_user and its like are for GPL-compatible programs. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("perf_event")
int cpu_clock(struct bpf_perf_event_data *ctx)
{
    __u64 started = bpf_ktime_get_ns();
    __u32 processor = bpf_get_smp_processor_id();
    struct wire_counters *count = bpf_map_lookup_elem(&counters, &processor);
    if (!count)
        return 0;

    struct scratch *scratch = begin_event(count, processor);
    if (!scratch)
        return 0;

    struct wire_event *event = &scratch->event;
    event->event = WIRE_EVENT_CPU;
    event->flags = (ctx->registers[CS] & 3) == 3 ? 0 : WIRE_IN_KERNEL;
    event->time = started;
    event->weight = ctx->sample_period;
    send_event(scratch, count);
    count->nanoseconds += bpf_ktime_get_ns() - started;
    return 0;
}
