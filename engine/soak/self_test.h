// Purpose: proves that the verdict sees: each fault, injected into a short flight, must turn it red.
// Owns: nothing between calls.
// Threads: the main thread.
// Fails: self_test_run returns a Result when a flight could not run.
#pragma once
#include "soak/soak.h"

#define SELF_TEST_EXPECTED_MAX 2

typedef struct SelfTestRow {
    bool clean; // nothing injected: the verdict must be green
    EngineFault fault;
    LimitId expected[SELF_TEST_EXPECTED_MAX]; // one of these must be broken
    int expected_count;
    int64_t fault_tick;
    LimitId broken; // the first limit that broke
    int broken_count;
    bool pass;
} SelfTestRow;

typedef struct SelfTestResult {
    SelfTestRow rows[1 + ENGINE_FAULT_COUNT];
    int count;
    bool pass;
} SelfTestResult;

// One clean flight, then one per fault, from `base` (its path, ticks, pace, report and fault are its own).
// Says on base->out, when set, which one flies.
RESULT_MUST Result self_test_run(const SoakDesc *base, SelfTestResult *out, ResultText *text);
void self_test_print(FILE *out, const SelfTestResult *result);
