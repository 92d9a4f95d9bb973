// Purpose: proves that the verdict sees: each fault, injected into a flight, must break its own limits.
// Owns: nothing between calls.
// Threads: the main thread.
// Fails: self_test_run returns a Result when a flight could not run.
#pragma once
#include "soak/soak.h"

#define SELF_TEST_EXPECTED_MAX 3

_Static_assert(LIMIT_COUNT <= 32, "a bit for every limit");

typedef struct SelfTestRow {
    bool clean; // nothing injected: the verdict must be green
    EngineFault fault;
    LimitId expected[SELF_TEST_EXPECTED_MAX]; // all of these must be broken
    int expected_count;
    int64_t fault_tick;
    uint32_t broken; // bit set of 1 << LimitId
    bool pass;
} SelfTestRow;

typedef struct SelfTestResult {
    SelfTestRow rows[1 + ENGINE_FAULT_COUNT];
    int count;
    bool pass;
} SelfTestResult;

// One clean flight, then one per fault, from `base` (its path, ticks, pace, shock, report and fault are its own).
// Says on base->out, when set, which one flies.
RESULT_MUST Result self_test_run(const SoakDesc *base, SelfTestResult *out, ResultText *text);
void self_test_print(FILE *out, const SelfTestResult *result);
