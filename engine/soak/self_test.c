#include "soak/self_test.h"
#include "base/os_memory.h"
#include <assert.h>
#include <string.h>

// A run that has not warmed up by then never injects its fault, and is red for that.
#define TICKS_MAX 2400

typedef struct SelfTestCase {
    EngineFault fault;
    FlightPath path;
    uint64_t tick;        // 0: after warm-up
    uint64_t ticks_after; // enough for the fault to show
    LimitId expected[SELF_TEST_EXPECTED_MAX];
    int expected_count;
} SelfTestCase;

// Standing still is enough for what happens on the main thread, and quick. A leak flies until there is a slope to
// judge. A second generation and a lost result need chunks on their way: the cold start's.
static const SelfTestCase cases[] = {
    {ENGINE_FAULT_LEAK,
     FLIGHT_SPIN,
     0,
     RUN_STATS_SLOPE_TICKS,
     {LIMIT_RSS_DELTA_RATIO, LIMIT_MEMORY_SLOPE, LIMIT_ALLOCATIONS_STEADY},
     3},
    {ENGINE_FAULT_HOLE, FLIGHT_SPIN, 0, 60, {LIMIT_HOLES}, 1},
    {ENGINE_FAULT_DUPLICATE, FLIGHT_SPIN, 4, 120, {LIMIT_DUPLICATES}, 1},
    {ENGINE_FAULT_STALL, FLIGHT_SPIN, 0, 60, {LIMIT_HITCHES_STEADY}, 1},
    {ENGINE_FAULT_LOCK, FLIGHT_SPIN, 0, 60, {LIMIT_STREAM_BLOCKED}, 1},
    {ENGINE_FAULT_DROP, FLIGHT_SPIN, 4, 120, {LIMIT_DROPPED}, 1},
};

_Static_assert(sizeof cases / sizeof *cases == ENGINE_FAULT_COUNT, "a case for every fault");

static uint32_t broken_limits(const Verdict *verdict)
{
    uint32_t broken = 0;
    for (int i = 0; i < verdict->count; ++i) {
        broken |= verdict->rows[i].pass ? 0 : 1u << verdict->rows[i].id;
    }
    return broken;
}

// A stall is streaming's own: the report must not lay it on the machine.
static bool blames_machine(const RunStats *run)
{
    for (uint32_t i = 0; i < run->hitches_kept; ++i) {
        if (run_stats_hitch(run, i)->slowness < RUN_STATS_SLOW) {
            return false;
        }
    }
    return run->hitches_kept > 0;
}

static SoakDesc flight_of(const SoakDesc *base)
{
    SoakDesc desc = *base;
    desc.path = FLIGHT_SPIN;
    desc.ticks = RUN_STATS_SLOPE_TICKS; // so that every limit of the leak can be green too
    desc.pace = SOAK_PACE_FREE;
    desc.json_path = NULL;
    desc.out = NULL;
    desc.fault = (SoakFault){0};
    desc.shock = (SoakShock){0};
    return desc;
}

static Result fly_clean(const SoakDesc *base, SoakResult *scratch, SelfTestRow *row,
                        ResultText *text)
{
    SoakDesc desc = flight_of(base);
    Result result = soak_run(&desc, scratch, text);
    *row = (SelfTestRow){.clean = true,
                         .fault_tick = -1,
                         .broken = broken_limits(&scratch->verdict),
                         .pass = scratch->verdict.pass};
    return result;
}

static Result fly_fault(const SoakDesc *base, const SelfTestCase *test, SoakResult *scratch,
                        SelfTestRow *row, ResultText *text)
{
    SoakDesc desc = flight_of(base);
    desc.path = test->path;
    desc.ticks = TICKS_MAX;
    desc.fault = (SoakFault){true, test->fault, test->tick, test->ticks_after};
    Result result = soak_run(&desc, scratch, text);
    *row = (SelfTestRow){.fault = test->fault,
                         .expected_count = test->expected_count,
                         .fault_tick = scratch->fault_tick,
                         .broken = broken_limits(&scratch->verdict),
                         .pass = scratch->fault_tick >= 0 && (test->fault != ENGINE_FAULT_STALL ||
                                                              !blames_machine(&scratch->run))};
    memcpy(row->expected, test->expected, sizeof row->expected);
    for (int i = 0; i < row->expected_count; ++i) {
        row->pass = row->pass && (row->broken & 1u << row->expected[i]) != 0;
    }
    return result;
}

Result self_test_run(const SoakDesc *base, SelfTestResult *out, ResultText *text)
{
    assert(base != NULL && out != NULL);
    SoakResult *scratch = os_memory_alloc(sizeof *scratch, OS_MEMORY_BASE);
    if (scratch == NULL) {
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the self-test's results");
    }
    *out = (SelfTestResult){.pass = true};
    Result result = RESULT_OK;
    for (int i = 0; i <= ENGINE_FAULT_COUNT && result == RESULT_OK; ++i) {
        SelfTestRow *row = &out->rows[i];
        if (base->out != NULL) {
            fprintf(base->out, "injecting %s\n",
                    i == 0 ? "nothing" : engine_fault_name(cases[i - 1].fault));
            fflush(base->out);
        }
        result = i == 0 ? fly_clean(base, scratch, row, text)
                        : fly_fault(base, &cases[i - 1], scratch, row, text);
        if (result == RESULT_OK) {
            out->pass = out->pass && row->pass;
            ++out->count;
        }
    }
    os_memory_free(scratch, sizeof *scratch, OS_MEMORY_BASE);
    return result;
}

// One line for each limit that must break, or that did.
static void print_row(FILE *out, const SelfTestRow *row)
{
    const char *verdict = row->clean            ? (row->pass ? "green: pass" : "red: FAIL")
                          : row->fault_tick < 0 ? "not injected: FAIL"
                          : row->pass           ? "red: pass"
                                                : "not seen: FAIL";
    fprintf(out, "%-12s %s\n", row->clean ? "none" : engine_fault_name(row->fault), verdict);
    uint32_t expected = 0;
    for (int i = 0; i < row->expected_count; ++i) {
        expected |= 1u << row->expected[i];
    }
    for (int id = 0; id < LIMIT_COUNT; ++id) {
        bool broke = (row->broken & 1u << id) != 0;
        bool must = (expected & 1u << id) != 0;
        if (broke || must) {
            fprintf(out, "  %-26s %-10s %s\n", limit_get((LimitId)id)->name,
                    must ? "must break" : "", broke ? "broke" : "held");
        }
    }
}

void self_test_print(FILE *out, const SelfTestResult *result)
{
    assert(out != NULL && result != NULL);
    fprintf(out, "\nfault and its limits\n");
    for (int i = 0; i < result->count; ++i) {
        print_row(out, &result->rows[i]);
    }
    fprintf(out, "self-test: %s\n", result->pass ? "pass" : "FAIL");
    fflush(out);
}
