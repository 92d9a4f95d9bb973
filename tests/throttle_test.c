#include "stream/throttle.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TICK_S (1.0 / 60.0)
#define MIB (UINT64_C(1) << 20)

static Throttle throttle;
static ThrottleSample sample;

static int begin(void **state)
{
    (void)state;
    throttle_start(&throttle, &(ThrottleDesc){0});
    sample = (ThrottleSample){.busy_ms = 1.0,
                              .frame_ms = 5.0,
                              .streaming_in_flight = true,
                              .view_complete = true,
                              .dt_s = TICK_S};
    return 0;
}

static void tick(double busy_ms, double frame_ms)
{
    sample.busy_ms = busy_ms;
    sample.frame_ms = frame_ms;
    throttle_update(&throttle, &sample);
    sample.tick++;
}

static void ticks(int count, double busy_ms, double frame_ms)
{
    for (int i = 0; i < count; i++)
        tick(busy_ms, frame_ms);
}

static void it_starts_with_everything_allowed(void **state)
{
    (void)state;
    assert_int_equal(throttle.loads, 8);
    assert_int_equal(throttle.byte_budget, THROTTLE_COLD_BYTES);
    sample.view_complete = false;
    tick(1.0, 5.0);
    assert_int_equal(throttle.byte_budget, THROTTLE_COLD_BYTES); // until the view is complete
    sample.view_complete = true;
    tick(1.0, 5.0);
    assert_int_equal(throttle.byte_budget, MIB);
    assert_false(throttle.engaged);
}

static void a_busy_main_thread_narrows_what_is_ahead_of_time(void **state)
{
    (void)state;
    ticks(10, 10.0, 5.0);
    assert_false(throttle.engaged); // the mark itself is allowed
    tick(10.1, 5.0);
    assert_true(throttle.engaged);
    assert_int_equal(throttle.loads, 2);
    assert_int_equal(throttle.byte_budget, MIB / 2);
    assert_int_equal(throttle.engaged_count, 1);
    assert_int_equal(throttle.reason_counts[THROTTLE_REASON_BUSY], 1);
    const ThrottleEvent *event = &throttle.log[0];
    assert_int_equal(event->tick, 10);
    assert_int_equal(event->reason, THROTTLE_REASON_BUSY);
    assert_float_equal((float)event->value_ms, 10.1f, 0.001f);
    assert_float_equal((float)event->mark_ms, 10.0f, 0.001f);
}

static void a_frame_over_its_own_median_counts_only_while_streaming(void **state)
{
    (void)state;
    ticks(120, 1.0, 8.0);
    tick(1.0, 11.9);
    assert_false(throttle.engaged);
    sample.streaming_in_flight = false;
    tick(1.0, 40.0);
    assert_false(throttle.engaged); // whoever made it slow, it was not the stream
    sample.streaming_in_flight = true;
    tick(1.0, 12.1);
    assert_true(throttle.engaged);
    assert_int_equal(throttle.reason_counts[THROTTLE_REASON_FRAME], 1);
    assert_float_equal((float)throttle.log[0].mark_ms, 12.0f, 0.001f);
    assert_float_equal((float)throttle.log[0].value_ms, 12.1f, 0.001f);
}

static void short_frames_and_unknown_medians_engage_nothing(void **state)
{
    (void)state;
    ticks(120, 1.0, 1.0);
    tick(1.0, 3.9); // four times its median, and yet nothing that anybody sees
    assert_false(throttle.engaged);
    tick(1.0, 4.1);
    assert_true(throttle.engaged);
    begin(NULL);
    ticks(5, 1.0, 5.0);
    tick(1.0, 200.0); // the first frames are no measure
    assert_false(throttle.engaged);
    begin(NULL);
    ticks(120, 1.0, 5.0);
    sample.view_complete = false; // a view that is not complete needs all it can get
    tick(1.0, 200.0);
    assert_false(throttle.engaged);
}

static void a_second_under_the_mark_gives_everything_back(void **state)
{
    (void)state;
    ticks(120, 1.0, 5.0);
    tick(30.0, 35.0);
    assert_true(throttle.engaged);
    ticks(59, 1.0, 5.0);
    assert_true(throttle.engaged);
    assert_int_equal(throttle.loads, 2);
    tick(1.0, 5.0);
    assert_false(throttle.engaged);
    assert_int_equal(throttle.loads, 8);
    assert_int_equal(throttle.byte_budget, MIB);
    assert_int_equal(throttle.reason_counts[THROTTLE_REASON_RELEASED], 1);
    assert_true(throttle.released_ms_max <= 1000.0 && throttle.released_ms_max > 900.0);
    assert_int_equal(throttle.engaged_ticks, 60);
}

static void calm_is_a_matter_of_time_and_not_of_ticks(void **state)
{
    (void)state;
    static const double steps_s[] = {1.0 / 30.0, 1.0 / 60.0, 1.0 / 144.0};
    static const int expected[] = {30, 60, 144};
    for (int i = 0; i < 3; i++) {
        begin(NULL);
        sample.dt_s = steps_s[i];
        ticks(120, 1.0, 5.0);
        tick(30.0, 5.0);
        int calm = 0;
        for (; throttle.engaged && calm < 1000; calm++)
            tick(1.0, 5.0);
        assert_int_equal(calm, expected[i]);
    }
    begin(NULL);
    sample.dt_s = 0.0; // paused: no time passes, nothing is given back
    tick(30.0, 5.0);
    ticks(500, 1.0, 5.0);
    assert_true(throttle.engaged);
}

static void a_spike_within_the_second_starts_it_again(void **state)
{
    (void)state;
    ticks(120, 1.0, 5.0);
    tick(30.0, 35.0);
    ticks(40, 1.0, 5.0);
    tick(30.0, 35.0);
    ticks(59, 1.0, 5.0);
    assert_true(throttle.engaged);
    tick(1.0, 5.0);
    assert_false(throttle.engaged);
    assert_int_equal(throttle.engaged_count, 1); // one episode
}

static void the_byte_budget_falls_to_its_floor_and_no_further(void **state)
{
    (void)state;
    ticks(120, 1.0, 5.0);
    uint64_t before = MIB;
    for (int i = 0; i < 20; i++) {
        tick(30.0, 5.0);
        assert_true(throttle.byte_budget <= before && throttle.byte_budget >= 64 * 1024);
        before = throttle.byte_budget;
        ticks(20, 1.0, 5.0);
    }
    assert_int_equal(throttle.byte_budget, 64 * 1024);
    assert_int_equal(throttle.loads, 2);
    // Many spikes on end are one reason, not one for each.
    begin(NULL);
    ticks(50, 30.0, 5.0);
    assert_int_equal(throttle.byte_budget, MIB / 2);
    assert_int_equal(throttle.log_count, 1);
}

static void a_machine_that_is_slower_for_good_is_released(void **state)
{
    (void)state;
    ticks(200, 1.0, 6.0);
    ticks(30, 1.0, 20.0);
    assert_true(throttle.engaged);
    ticks(150, 1.0, 20.0); // 20 ms is its median by now
    assert_false(throttle.engaged);
    assert_int_equal(throttle.loads, 8);
    tick(1.0, 29.0);
    assert_false(throttle.engaged);
    tick(1.0, 31.0);
    assert_true(throttle.engaged);
}

static void switched_off_it_never_engages_and_lets_go(void **state)
{
    (void)state;
    tick(30.0, 35.0);
    assert_true(throttle.engaged);
    throttle.desc.disabled = true;
    ticks(70, 30.0, 35.0);
    assert_false(throttle.engaged);
    assert_int_equal(throttle.loads, 8);
    ticks(200, 500.0, 500.0);
    assert_false(throttle.engaged);
    assert_int_equal(throttle.engaged_count, 1);
}

static void the_log_keeps_the_last_events(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        tick(30.0, 5.0);
        ticks(70, 1.0, 5.0);
    }
    assert_int_equal(throttle.log_count, 40);
    uint64_t last = 0;
    for (uint32_t i = 0; i < THROTTLE_LOG_MAX; i++) {
        const ThrottleEvent *event = &throttle.log[(throttle.log_count + i) % THROTTLE_LOG_MAX];
        assert_true(event->tick > last);
        last = event->tick;
        assert_int_equal(event->reason, i % 2 ? THROTTLE_REASON_RELEASED : THROTTLE_REASON_BUSY);
    }
    assert_string_equal(throttle_reason_name(THROTTLE_REASON_FRAME), "frame");
    assert_string_equal(throttle_reason_name(THROTTLE_REASON_COUNT), "unknown");
}

#define THROTTLE_TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        THROTTLE_TEST(it_starts_with_everything_allowed),
        THROTTLE_TEST(a_busy_main_thread_narrows_what_is_ahead_of_time),
        THROTTLE_TEST(a_frame_over_its_own_median_counts_only_while_streaming),
        THROTTLE_TEST(short_frames_and_unknown_medians_engage_nothing),
        THROTTLE_TEST(a_second_under_the_mark_gives_everything_back),
        THROTTLE_TEST(calm_is_a_matter_of_time_and_not_of_ticks),
        THROTTLE_TEST(a_spike_within_the_second_starts_it_again),
        THROTTLE_TEST(the_byte_budget_falls_to_its_floor_and_no_further),
        THROTTLE_TEST(a_machine_that_is_slower_for_good_is_released),
        THROTTLE_TEST(switched_off_it_never_engages_and_lets_go),
        THROTTLE_TEST(the_log_keeps_the_last_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
