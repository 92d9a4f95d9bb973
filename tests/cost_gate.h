// Purpose: judges what a short piece of work costs in CPU time, on a machine that others may share.
// Owns: its figures, inline; about 16 KiB.
// Threads: one; the time of that thread alone is counted.
// Fails: never.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define COST_GATE_RUNS 1000

typedef struct CostGate {
    uint64_t costs_ns[COST_GATE_RUNS], controls_ns[COST_GATE_RUNS];
    uint64_t started_ns;
    int count;
} CostGate;

// Around the work, at most COST_GATE_RUNS times. A control of fixed work is timed after each.
void cost_gate_start(CostGate *gate);
void cost_gate_stop(CostGate *gate);

// Prints the figures. The median must keep the limit. So must p99, but divided by what the machine alone did to
// the control in the same run (its p99 by its median): others empty the caches of a thread although they do not
// use its time. True as well in a build whose costs mean nothing: without optimisation or sanitized.
bool cost_gate_keeps(CostGate *gate, const char *name, double limit_ms);
