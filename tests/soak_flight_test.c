// The runner on the real engine: what it counts is there, and a fault that is injected is seen.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "soak/report.h"
#include "soak/soak.h"
#include "terrain/terrain.h"
#include <string.h>

static Terrain *terrain;
static Source source;
static SoakResult result;
static ResultText text;

static int start_group(void **state)
{
    (void)state;
    TerrainDesc desc = {.seed = 42};
    if (terrain_create(&desc, &terrain) != RESULT_OK) {
        return -1;
    }
    source = terrain_source(terrain);
    return 0;
}

static int end_group(void **state)
{
    (void)state;
    terrain_destroy(terrain);
    return 0;
}

static SoakDesc desc_of(FlightPath path, uint64_t ticks)
{
    return (SoakDesc){.source = &source, .path = path, .ticks = ticks, .pace = SOAK_PACE_FREE};
}

// Counts only: times vary with what else the machine does.
static void test_soak_flight_counts_a_clean_flight(void **state)
{
    (void)state;
    SoakDesc desc = desc_of(FLIGHT_CRUISE, 160);
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    const RunStats *run = &result.run;
    assert_int_equal(run->ticks, 160);
    assert_int_equal(run->holes, 0);
    assert_int_equal(run->counters.duplicates, 0);
    assert_int_equal(run->counters.dropped, 0);
    assert_true(run->counters.generated > 50);
    assert_true(run->workers.workers_ran >= 1);
    assert_true(run->memory.live_total_bytes > 0);
    assert_true(result.last.rss_bytes > 0);
    assert_true(result.last.gpu_bytes > 0);
    assert_int_equal(result.config.view_chunks, 8);
    char *json = report_json(&desc, &result);
    assert_non_null(json);
    assert_non_null(strstr(json, "\"verdict\""));
    report_free(json);
}

static void assert_red(EngineFault fault, uint64_t tick, LimitId limit)
{
    SoakDesc desc = desc_of(FLIGHT_SPIN, 400);
    desc.fault = (SoakFault){true, fault, tick, 40};
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    assert_int_equal(result.fault_tick, tick);
    assert_false(result.verdict.pass);
    assert_false(verdict_row(&result.verdict, limit)->pass);
}

static void test_soak_flight_sees_injected_faults(void **state)
{
    (void)state;
    assert_red(ENGINE_FAULT_DUPLICATE, 4, LIMIT_DUPLICATES);
    assert_red(ENGINE_FAULT_DROP, 4, LIMIT_DROPPED);
    assert_red(ENGINE_FAULT_LOCK, 4, LIMIT_STREAM_BLOCKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_soak_flight_counts_a_clean_flight),
        cmocka_unit_test(test_soak_flight_sees_injected_faults),
    };
    return cmocka_run_group_tests(tests, start_group, end_group);
}
