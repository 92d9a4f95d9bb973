#include "cost_gate.h"
#include "base/os_clock.h"
#include "sanitized.h"
#include "sort_u64.h"
#include <assert.h>
#include <stdio.h>

#define CONTROL_BYTES 65536
#define CONTROL_FIGURES 40

// Figures into text and a walk through memory: what a page of figures does too.
static void control(void)
{
    static volatile unsigned char memory[CONTROL_BYTES];
    static volatile char kept;
    char text[32];
    for (int i = 0; i < CONTROL_FIGURES; ++i) {
        snprintf(text, sizeof text, "%.2f", (double)i * 1.37);
        kept = text[0];
    }
    for (int i = 0; i < CONTROL_BYTES; i += 64) {
        ++memory[i];
    }
    (void)kept;
}

void cost_gate_start(CostGate *gate)
{
    assert(gate->count < COST_GATE_RUNS);
    gate->started_ns = os_clock_thread_cpu_ns();
}

void cost_gate_stop(CostGate *gate)
{
    uint64_t stopped_ns = os_clock_thread_cpu_ns();
    gate->costs_ns[gate->count] = stopped_ns - gate->started_ns;
    control();
    gate->controls_ns[gate->count++] = os_clock_thread_cpu_ns() - stopped_ns;
}

static double quantile_ms(const uint64_t *sorted_ns, int count, int percent)
{
    return (double)sorted_ns[(count * percent + 99) / 100 - 1] * 1e-6;
}

bool cost_gate_keeps(CostGate *gate, const char *name, double limit_ms)
{
    assert(gate->count > 0);
    int count = gate->count;
    sort_u64(gate->costs_ns, (size_t)count);
    sort_u64(gate->controls_ns, (size_t)count);
    double p50_ms = quantile_ms(gate->costs_ns, count, 50);
    double p99_ms = quantile_ms(gate->costs_ns, count, 99);
    double unrest =
        quantile_ms(gate->controls_ns, count, 99) / quantile_ms(gate->controls_ns, count, 50);
    printf("%-10s p50 %.4f ms  p99 %.4f ms  control's p99 / p50 %.2f\n", name, p50_ms, p99_ms,
           unrest);
#ifdef __OPTIMIZE__
    return sanitized() || (p50_ms < limit_ms && p99_ms / unrest < limit_ms);
#else
    (void)limit_ms;
    return true;
#endif
}
