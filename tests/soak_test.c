// The runner on a fake engine and a fake clock: pace, hooks, faults, report, live soaks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/os_file.h"
#include "fake_engine.h"
#include "soak/soak.h"
#include "soak/soak_live.h"
#include <math.h>
#include <stdio.h>
#include <unistd.h>

static SoakResult result;
static SoakLive live;
static ResultText text;
static int after_count;

static SoakDesc desc_of(FlightPath path)
{
    return (SoakDesc){.source = &fake_source, .path = path, .pace = SOAK_PACE_FREE};
}

static void test_soak_flies_the_default_ticks_of_its_path(void **state)
{
    (void)state;
    SoakDesc desc = desc_of(FLIGHT_SPIN);
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    assert_int_equal(result.ticks, 1024);
    assert_int_equal(result.run.ticks, 1024);
    assert_true(result.verdict.pass);
    assert_int_equal(result.fault_tick, -1);
    assert_int_equal(result.config.view_chunks, 8);
}

static void test_soak_passes_the_flight_to_the_tick(void **state)
{
    (void)state;
    SoakDesc desc = desc_of(FLIGHT_CRUISE);
    desc.ticks = 60;
    desc.aspect = 2.0f;
    desc.scene.tier = 3;
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    Flight flight;
    flight_start(&flight, FLIGHT_CRUISE, 42, desc.start_xz_m, fake_ground, NULL);
    for (int i = 1; i < 60; ++i) {
        flight_step(&flight);
    }
    for (int i = 0; i < 3; ++i) {
        assert_true(fake_input.view.eye_world[i] == flight.position_m[i]);
    }
    assert_true(fabs((double)fake_input.view.agl_m - (flight.position_m[1] - 100.0)) < 0.01);
    assert_true(fake_input.view.aspect == 2.0f);
    assert_int_equal(fake_input.scene.tier, 3);
    assert_true(fabs(fake_input.dt_s - 1.0 / 60.0) < 1e-12);
}

static void test_soak_real_pace_takes_a_sixtieth_of_a_second_per_tick(void **state)
{
    (void)state;
    SoakDesc desc = desc_of(FLIGHT_SPIN);
    desc.pace = SOAK_PACE_REAL;
    desc.ticks = 600;
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    assert_true(fabs(result.wall_s - 10.0) < 0.001);
}

static void test_soak_free_pace_waits_only_while_workers_have_work(void **state)
{
    (void)state;
    SoakDesc desc = desc_of(FLIGHT_SPIN);
    desc.ticks = 600;
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    assert_true(result.wall_s < 6.0); // every other tick is idle
    fake_busy = true;
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    assert_true(fabs(result.wall_s - 10.0) < 0.01);
}

static bool stop_after_five(void *object, Engine *engine)
{
    assert_ptr_equal(object, &after_count);
    assert_non_null(engine_frame(engine));
    return ++after_count < 5;
}

static void test_soak_stopped_early_is_no_pass(void **state)
{
    (void)state;
    SoakDesc desc = desc_of(FLIGHT_SPIN);
    after_count = 0;
    desc.after_tick = stop_after_five;
    desc.object = &after_count;
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_CANCELLED);
    assert_int_equal(result.ticks, 5);
    assert_true(result.stopped);
    assert_false(result.verdict.pass);
}

static void test_soak_injects_its_fault_after_warm_up_and_ends_soon(void **state)
{
    (void)state;
    SoakDesc desc = desc_of(FLIGHT_SPIN);
    desc.ticks = 2000;
    desc.fault = (SoakFault){true, ENGINE_FAULT_HOLE, 0, 30};
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    assert_true(result.run.warm);
    assert_true(result.fault_tick > 300 && result.fault_tick < 330);
    assert_int_equal(result.ticks, (uint64_t)result.fault_tick + 30);
    assert_false(result.verdict.pass);
}

static int blocked_count, burn_count, first_blocked, first_burn;

static bool note_shock(void *object, Engine *engine)
{
    (void)object;
    int tick = (int)engine_frame(engine)->tick;
    if (fake_input.block_workers && blocked_count++ == 0) {
        first_blocked = tick;
    }
    if (fake_input.main_burn_ms > 0.0 && burn_count++ == 0) {
        first_burn = tick;
    }
    return true;
}

static void test_soak_shocks_after_the_first_view(void **state)
{
    (void)state;
    SoakDesc desc = desc_of(FLIGHT_SPIN);
    desc.ticks = 100;
    desc.shock = (SoakShock){.block_ticks = 5, .burn_ticks = 3, .burn_ms = 20.0};
    desc.after_tick = note_shock;
    blocked_count = burn_count = 0;
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    assert_int_equal(blocked_count, 5);
    assert_int_equal(first_blocked, result.run.view_complete_tick + 1);
    assert_int_equal(burn_count, 3);
    assert_int_equal(first_burn, first_blocked + 5);
    const SoakExtremes *extremes = &result.extremes;
    assert_int_equal(extremes->burn_ticks, 3);
    assert_int_equal(extremes->burn_jobs_ahead, 3 * 2);
    assert_int_equal(extremes->burn_worker_ns, 3 * 2 * 500000);
    assert_int_equal(extremes->upload_bytes_steady_max, 1000000);
}

static void test_soak_says_why_it_could_not_run(void **state)
{
    (void)state;
    SoakDesc desc = desc_of(FLIGHT_SPIN);
    fake_fails = true;
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_LIMIT);
    assert_string_equal(text.text, "the fake engine refuses");
    fake_fails = false;
    desc.json_path = "/nonexistent/folder/report.json";
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_IO);
    assert_non_null(strstr(text.text, "/nonexistent/folder/report.json"));
}

static void test_soak_writes_its_report(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "/tmp/soak_test_%d.json", (int)getpid());
    SoakDesc desc = desc_of(FLIGHT_SPIN);
    desc.ticks = 8;
    desc.json_path = path;
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    assert_true(os_file_exists(path));
    unlink(path);
}

static void test_soak_prints_progress_each_128_ticks(void **state)
{
    (void)state;
    SoakDesc desc = desc_of(FLIGHT_SPIN);
    desc.ticks = 300;
    desc.out = tmpfile();
    assert_non_null(desc.out);
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    rewind(desc.out);
    char line[256];
    int progress = 0;
    bool verdict = false;
    while (fgets(line, sizeof line, desc.out) != NULL) {
        progress += strncmp(line, "tick ", 5) == 0;
        verdict = verdict || strcmp(line, "verdict: pass\n") == 0;
    }
    fclose(desc.out);
    assert_int_equal(progress, 3); // 128, 256 and the last
    assert_true(verdict);
}

static void live_input(void *object, EngineInput *inout)
{
    (void)object;
    inout->dt_s = FLIGHT_TICK_S;
}

static void test_soak_live_judges_only_what_happened_since(void **state)
{
    (void)state;
    EngineHooks hooks = {NULL, live_input, NULL};
    Engine *engine = NULL;
    EngineConfig config = {0};
    GpuSink sink = {.name = "none"};
    assert_int_equal(engine_create(&config, &fake_source, &sink, &engine, &text), RESULT_OK);
    for (int i = 0; i < 50; ++i) {
        engine_tick(engine, &hooks);
    }
    engine->run.counters.duplicates = 7; // before: not this soak's
    soak_live_begin(&live, engine, 400, NULL);
    int done = 0;
    for (int i = 0; i < 500; ++i) {
        engine_tick(engine, &hooks);
        done += soak_live_add(&live, engine);
    }
    assert_int_equal(done, 1);
    assert_true(live.done && live.verdict.pass);
    assert_true(soak_live_progress(&live) == 1.0f);
    assert_int_equal(live.run.ticks, 400);
    assert_int_equal(live.run.counters.generated, 800);
    assert_false(verdict_row(&live.verdict, LIMIT_FIRST_VIEW_MS)->applies);
    soak_live_begin(&live, engine, 10, NULL);
    engine->run.counters.duplicates = 8;
    while (!live.done) {
        engine_tick(engine, &hooks);
        soak_live_add(&live, engine);
    }
    assert_false(live.verdict.pass);
    assert_false(verdict_row(&live.verdict, LIMIT_DUPLICATES)->pass);
}

static void test_soak_knows_its_paces(void **state)
{
    (void)state;
    assert_int_equal(soak_pace_find("free"), SOAK_PACE_FREE);
    assert_int_equal(soak_pace_find("real"), SOAK_PACE_REAL);
    assert_true(soak_pace_find("fast") < 0);
    assert_string_equal(soak_pace_name(SOAK_PACE_FREE), "free");
}

#define SOAK_TEST(test) cmocka_unit_test_setup_teardown(test, fake_engine_start, fake_engine_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOAK_TEST(test_soak_flies_the_default_ticks_of_its_path),
        SOAK_TEST(test_soak_passes_the_flight_to_the_tick),
        SOAK_TEST(test_soak_real_pace_takes_a_sixtieth_of_a_second_per_tick),
        SOAK_TEST(test_soak_free_pace_waits_only_while_workers_have_work),
        SOAK_TEST(test_soak_stopped_early_is_no_pass),
        SOAK_TEST(test_soak_injects_its_fault_after_warm_up_and_ends_soon),
        SOAK_TEST(test_soak_shocks_after_the_first_view),
        SOAK_TEST(test_soak_says_why_it_could_not_run),
        SOAK_TEST(test_soak_writes_its_report),
        SOAK_TEST(test_soak_prints_progress_each_128_ticks),
        SOAK_TEST(test_soak_live_judges_only_what_happened_since),
        SOAK_TEST(test_soak_knows_its_paces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
