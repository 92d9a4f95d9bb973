#include "fly_pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#define MS UINT64_C(1000000)

static void a_frame_lasts_what_the_clock_says(void **state)
{
    (void)state;
    FlyPace pace = {0};
    assert_true(fly_pace_begin(&pace, 5000 * MS) == 1.0 / 60);
    assert_true(fabs(fly_pace_begin(&pace, 5020 * MS) - 0.02) < 1e-12);
    assert_true(fly_pace_begin(&pace, 9000 * MS) == FLY_PACE_STEP_MAX_S);
}

static void frames_per_second_settle(void **state)
{
    (void)state;
    FlyPace pace = {0};
    for (uint64_t i = 1; i < 600; i++)
        fly_pace_begin(&pace, i * 10 * MS);
    assert_true(fabs(pace.fps - 100) < 1);
}

static uint64_t frames_in_a_second(int cap, int refresh_hz)
{
    FlyPace pace = {0};
    uint64_t now = 1000 * MS, frames = 0;
    while (now < 2000 * MS) {
        now += 1 * MS; // work
        uint64_t next = fly_pace_next_ns(&pace, now, cap, refresh_hz);
        now = next > now ? next : now;
        frames++;
    }
    return frames;
}

static void the_cap_holds(void **state)
{
    (void)state;
    assert_in_range(frames_in_a_second(30, 0), 29, 31);
    assert_in_range(frames_in_a_second(30, 60), 29, 31);
    assert_in_range(frames_in_a_second(0, 60), 65, 67);
    assert_in_range(frames_in_a_second(240, 60), 65, 67);
    assert_in_range(frames_in_a_second(0, 0), 999, 1001);
}

static void a_long_frame_is_not_caught_up(void **state)
{
    (void)state;
    FlyPace pace = {0};
    fly_pace_next_ns(&pace, 1000 * MS, 100, 0);
    assert_true(fly_pace_next_ns(&pace, 3000 * MS, 100, 0) == 3000 * MS);
    assert_true(fly_pace_next_ns(&pace, 3001 * MS, 100, 0) == 3010 * MS);
}

static void pictures_stop_only_after_a_while_without_change(void **state)
{
    (void)state;
    FlyPace pace = {0};
    for (int i = 1; i < FLY_PACE_STILL_TICKS; i++)
        assert_false(fly_pace_still(&pace, false));
    assert_true(fly_pace_still(&pace, false));
    assert_true(fly_pace_still(&pace, false));
    assert_false(fly_pace_still(&pace, true));
    assert_false(fly_pace_still(&pace, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_lasts_what_the_clock_says),
        cmocka_unit_test(frames_per_second_settle),
        cmocka_unit_test(the_cap_holds),
        cmocka_unit_test(a_long_frame_is_not_caught_up),
        cmocka_unit_test(pictures_stop_only_after_a_while_without_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
