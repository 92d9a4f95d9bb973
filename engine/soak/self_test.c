#include "soak/self_test.h"
#include "base/os_memory.h"
#include <assert.h>
#include <string.h>

// A run that has not warmed up by then never injects its fault, and is red for that.
#define TICKS_MAX 2400
#define CLEAN_TICKS 640

typedef struct SelfTestCase {
    EngineFault fault;
    FlightPath path;
    uint64_t tick;        // 0: after warm-up
    uint64_t ticks_after; // enough for the fault to show
    LimitId expected[SELF_TEST_EXPECTED_MAX];
    int expected_count;
} SelfTestCase;

// Standing still is enough for what happens on the main thread, and quick. A leak needs 25 s: 25 MiB are over
// 6 % of up to 400 MiB. A second generation and a lost result need chunks on their way: the cold start's.
static const SelfTestCase cases[] = {
    {ENGINE_FAULT_LEAK, FLIGHT_SPIN, 0, 1500, {LIMIT_RSS_DELTA_RATIO, LIMIT_ALLOCATIONS_STEADY}, 2},
    {ENGINE_FAULT_HOLE, FLIGHT_SPIN, 0, 60, {LIMIT_HOLES}, 1},
    {ENGINE_FAULT_DUPLICATE, FLIGHT_SPIN, 4, 120, {LIMIT_DUPLICATES}, 1},
    {ENGINE_FAULT_STALL, FLIGHT_SPIN, 0, 60, {LIMIT_HITCHES_STEADY}, 1},
    {ENGINE_FAULT_LOCK, FLIGHT_SPIN, 0, 60, {LIMIT_STREAM_BLOCKED}, 1},
    {ENGINE_FAULT_DROP, FLIGHT_SPIN, 4, 120, {LIMIT_DROPPED}, 1},
};

_Static_assert(sizeof cases / sizeof *cases == ENGINE_FAULT_COUNT, "a case for every fault");

static void note_broken(SelfTestRow *row, const Verdict *verdict)
{
    row->broken = LIMIT_COUNT;
    for (int i = 0; i < verdict->count; ++i) {
        if (!verdict->rows[i].pass && row->broken == LIMIT_COUNT) {
            row->broken = verdict->rows[i].id;
        }
    }
    row->broken_count = verdict->broken;
}

static bool is_broken(const Verdict *verdict, LimitId id)
{
    const VerdictRow *row = verdict_row(verdict, id);
    return row != NULL && !row->pass;
}

static SoakDesc flight_of(const SoakDesc *base)
{
    SoakDesc desc = *base;
    desc.path = FLIGHT_SPIN;
    desc.ticks = CLEAN_TICKS;
    desc.pace = SOAK_PACE_FREE;
    desc.json_path = NULL;
    desc.out = NULL;
    desc.fault = (SoakFault){0};
    return desc;
}

static Result fly_clean(const SoakDesc *base, SoakResult *scratch, SelfTestRow *row,
                        ResultText *text)
{
    SoakDesc desc = flight_of(base);
    Result result = soak_run(&desc, scratch, text);
    *row = (SelfTestRow){.clean = true, .fault_tick = -1};
    note_broken(row, &scratch->verdict);
    row->pass = scratch->verdict.pass;
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
                         .fault_tick = scratch->fault_tick};
    memcpy(row->expected, test->expected, sizeof row->expected);
    note_broken(row, &scratch->verdict);
    for (int i = 0; i < test->expected_count; ++i) {
        if (scratch->fault_tick >= 0 && is_broken(&scratch->verdict, test->expected[i])) {
            row->broken = test->expected[i];
            row->pass = true;
            break;
        }
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

static void print_row(FILE *out, const SelfTestRow *row)
{
    const char *broken = row->broken_count > 0 ? limit_get(row->broken)->name : "nothing";
    if (row->clean) {
        fprintf(out, "%-12s %-26s %-26s %s\n", "none", "nothing", broken,
                row->pass ? "green: pass" : "red: FAIL");
        return;
    }
    fprintf(out, "%-12s %-26s %-26s %s\n", engine_fault_name(row->fault),
            limit_get(row->expected[0])->name, broken,
            row->fault_tick < 0 ? "not injected: FAIL"
            : row->pass         ? "red: pass"
                                : "not seen: FAIL");
}

void self_test_print(FILE *out, const SelfTestResult *result)
{
    assert(out != NULL && result != NULL);
    fprintf(out, "\n%-12s %-26s %-26s verdict\n", "fault", "must break", "broke");
    for (int i = 0; i < result->count; ++i) {
        print_row(out, &result->rows[i]);
    }
    fprintf(out, "self-test: %s\n", result->pass ? "pass" : "FAIL");
    fflush(out);
}
