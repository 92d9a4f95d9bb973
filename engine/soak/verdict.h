// Purpose: judges a run: every limit of its flight against what was measured.
// Owns: nothing; plain values.
// Threads: any.
// Fails: never; a limit that cannot be judged says why, and is red where its absence is itself a fault.
#pragma once
#include "soak/limit.h"
#include "stream/run_stats.h"
#include <stdbool.h>

#define VERDICT_BY_HAND (-1) // flown by a person: only limits that hold on every flight

typedef struct VerdictInput {
    const RunStats *run;
    int path; // FlightPath or VERDICT_BY_HAND
    LimitGpu gpu;
    bool prefetch_off, throttle_off;
    bool live; // began on a running engine: its first view was before
} VerdictInput;

typedef struct VerdictRow {
    LimitId id;
    double value; // NaN: not measured
    double bound;
    bool applies; // false: `reason` says why, and the row passes
    bool pass;
    const char *reason; // "" or static text
} VerdictRow;

typedef struct Verdict {
    bool pass;
    int count;
    int broken; // rows that do not pass
    VerdictRow rows[LIMIT_COUNT];
} Verdict;

Verdict verdict_judge(const VerdictInput *input);

// The row of a limit; NULL when the limit is not one of this flight's.
const VerdictRow *verdict_row(const Verdict *verdict, LimitId id);
