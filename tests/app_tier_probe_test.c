#include "tier_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_frame_time_has_its_tier(void **state)
{
    (void)state;
    static const struct {
        bool software;
        int measured;
        double frame_ms;
        int tier;
    } rows[] = {
        // A GPU, measured at tier 1: the richer tiers must fit by what they cost more.
        {false, 1, 0.0, 3},
        {false, 1, 1.9, 3},
        {false, 1, 2.1, 2},
        {false, 1, 3.9, 2},
        {false, 1, 4.1, 1},
        {false, 1, 9.9, 1},
        {false, 1, 10.1, 0},
        {false, 1, 500.0, 0},
        // The CPU draws: never above 1, however quick.
        {true, 0, 0.0, 1},
        {true, 0, 2.9, 1},
        {true, 0, 3.1, 0},
        {true, 0, 14.0, 0},
        {true, 0, 500.0, 0},
        {true, 1, 9.9, 1},
        {true, 1, 10.1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int tier = tier_probe_choose(rows[i].software, rows[i].measured, rows[i].frame_ms);
        if (tier != rows[i].tier)
            fail_msg("row %zu: tier %d, not %d", i, tier, rows[i].tier);
    }
}

static void it_begins_with_a_cheap_tier(void **state)
{
    (void)state;
    assert_int_equal(tier_probe_first(true), 0);
    assert_int_equal(tier_probe_first(false), 1);
}

static void ten_frames_of_a_whole_view_decide_and_slow_ones_among_them_do_not(void **state)
{
    (void)state;
    TierProbe probe = tier_probe_start(false);
    int tier = -1;
    for (int i = 0; i < 5; i++)
        assert_false(tier_probe_add(&probe, false, 900.0, &tier)); // not all there yet
    assert_false(tier_probe_add(&probe, true, -1.0, &tier));       // the timer has no answer yet
    for (int i = 0; i < TIER_PROBE_FRAMES - 1; i++)
        assert_false(tier_probe_add(&probe, true, i < 4 ? 80.0 : 3.0, &tier));
    assert_true(tier_probe_add(&probe, true, 3.0, &tier));
    assert_int_equal(tier, 2);
    assert_false(probe.running);
}

static void without_frames_the_first_guess_stays(void **state)
{
    (void)state;
    TierProbe probe = tier_probe_start(false);
    int tier = -1, ticks = 1;
    while (!tier_probe_add(&probe, true, -1.0, &tier))
        ticks++;
    assert_int_equal(ticks, TIER_PROBE_TICKS_MAX);
    assert_int_equal(tier, 1);
    assert_int_equal(probe.count, 0);
    assert_false(probe.running);
}

static void the_gpus_timer_is_asked_where_a_gpu_draws_else_the_cpus_clock(void **state)
{
    (void)state;
    FrameStats frame = {.gpu_ms = 7.5};
    TierProbe gpu = tier_probe_start(false), cpu = tier_probe_start(true);
    assert_true(tier_probe_frame_ms(&gpu, &frame, 0) == 7.5);
    frame.ledger.tick_cpu_ns = 60000000000;
    assert_true(tier_probe_frame_ms(&cpu, &frame, 0) < 0.0); // no tick before to count from
    assert_true(tier_probe_frame_ms(&cpu, &frame, 0) == 60000.0);
    frame.ledger.tick_cpu_ns = 0;
    double idle_ms = tier_probe_frame_ms(&cpu, &frame, 0);
    assert_true(idle_ms >= 0.0 && idle_ms < 1000.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_time_has_its_tier),
        cmocka_unit_test(it_begins_with_a_cheap_tier),
        cmocka_unit_test(ten_frames_of_a_whole_view_decide_and_slow_ones_among_them_do_not),
        cmocka_unit_test(without_frames_the_first_guess_stays),
        cmocka_unit_test(the_gpus_timer_is_asked_where_a_gpu_draws_else_the_cpus_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
