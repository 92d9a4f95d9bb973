#include "stream/predictor.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#define TICK_S (1.0 / 60.0)

// Flies at a constant velocity for a while; the latency is what the last update sees.
static Predictor flown(const double velocity_m_s[3], double seconds, double dt_s, double latency_s)
{
    Predictor predictor = {0};
    int steps = (int)lrint(seconds / dt_s);
    for (int i = 0; i <= steps; i++) {
        double position_m[3];
        for (int k = 0; k < 3; k++)
            position_m[k] = 1000.0 + velocity_m_s[k] * dt_s * i;
        predictor_update(&predictor, position_m, dt_s, 1.0, latency_s);
    }
    return predictor;
}

static double ahead_m(const Predictor *predictor)
{
    double eye_m[3], sum = 0.0;
    predictor_eye(predictor, eye_m);
    for (int i = 0; i < 3; i++)
        sum += pow(eye_m[i] - predictor->position_m[i], 2.0);
    return sqrt(sum);
}

static void the_lead_is_metres_at_every_speed(void **state)
{
    (void)state;
    // Twice the latency, within 0.5 s and 4 s; 2 s while none was measured.
    static const struct {
        double speed_m_s, latency_s, lead_s, ahead_m;
    } rows[] = {
        {5, 0, 2, 10},      {5, 0.1, 0.5, 2.5}, {5, 10, 4, 20},        {15, 0, 2, 30},
        {15, 0.6, 1.2, 18}, {15, 2.5, 4, 60},   {100, 0, 2, 200},      {100, 0.05, 0.5, 50},
        {100, 1.5, 3, 300}, {300, 0, 2, 600},   {300, 0.25, 0.5, 150}, {300, 1, 2, 600},
        {300, 99, 4, 1200}, {1000, 0, 2, 2000}, {1000, 0.3, 0.6, 600}, {1000, 2, 4, 4000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double v = rows[i].speed_m_s, velocity_m_s[3] = {v * 0.6, 0.0, -v * 0.8};
        Predictor predictor = flown(velocity_m_s, 5.0, TICK_S, rows[i].latency_s);
        assert_true(fabs(predictor_speed_m_s(&predictor) - v) < v * 1e-6);
        assert_true(fabs(predictor.lead_s - rows[i].lead_s) < 1e-9);
        assert_true(fabs(ahead_m(&predictor) - rows[i].ahead_m) < rows[i].ahead_m * 1e-6);
        assert_int_equal(predictor.teleport_count, 0);
    }
}

static void the_lead_counts_real_seconds_whatever_the_pace_of_time(void **state)
{
    (void)state;
    static const double scales[] = {0.125, 0.5, 1.0, 4.0, 8.0},
                        latencies_s[] = {0.0, 0.1, 0.8, 9.0}, real_s[] = {2.0, 0.5, 1.6, 4.0};
    const double velocity_m_s[3] = {100.0, 0.0, 0.0};
    for (int s = 0; s < 5; s++)
        for (int l = 0; l < 4; l++) {
            Predictor predictor = flown(velocity_m_s, 5.0, TICK_S, 0.0);
            double position_m[3] = {predictor.position_m[0] + 100.0 * TICK_S * scales[s],
                                    predictor.position_m[1], predictor.position_m[2]};
            predictor_update(&predictor, position_m, TICK_S * scales[s], scales[s], latencies_s[l]);
            double expected_m = 100.0 * scales[s] * real_s[l];
            assert_true(fabs(ahead_m(&predictor) - expected_m) < expected_m * 1e-6);
        }
}

static void the_result_does_not_depend_on_the_frame_rate(void **state)
{
    (void)state;
    const double velocity_m_s[3] = {120.0, -30.0, 250.0};
    static const double steps_s[] = {0.1, 0.05, 1.0 / 60.0, 0.01, 0.001};
    for (int i = 0; i < 5; i++) {
        // Halfway into the smoothing, where it shows.
        Predictor predictor = flown(velocity_m_s, 0.3, steps_s[i], 0.0);
        double part = 1.0 - exp(-0.3 / PREDICTOR_SMOOTH_S);
        for (int k = 0; k < 3; k++)
            assert_true(fabs(predictor.velocity_m_s[k] - velocity_m_s[k] * part) < 1e-6);
    }
}

static void a_change_of_speed_is_smoothed_over_a_quarter_of_a_second(void **state)
{
    (void)state;
    const double velocity_m_s[3] = {100.0, 0.0, 0.0};
    Predictor predictor = flown(velocity_m_s, 3.0, TICK_S, 0.0);
    double stop_m[3], before = predictor_speed_m_s(&predictor);
    for (int k = 0; k < 3; k++)
        stop_m[k] = predictor.position_m[k];
    for (int i = 0; i < 15; i++) {
        predictor_update(&predictor, stop_m, TICK_S, 1.0, 0.0);
        assert_true(predictor_speed_m_s(&predictor) < before);
        before = predictor_speed_m_s(&predictor);
    }
    assert_true(fabs(before - 100.0 * exp(-1.0)) < 0.01); // 0.25 s later 1/e is left
}

static void the_first_position_is_no_movement(void **state)
{
    (void)state;
    Predictor predictor = {0};
    const double far_m[3] = {1e7, 0.0, -1e7};
    predictor_update(&predictor, far_m, TICK_S, 1.0, 0.0);
    assert_true(predictor.started && !predictor.teleported);
    assert_true(predictor_speed_m_s(&predictor) == 0.0);
    assert_true(ahead_m(&predictor) == 0.0);
}

static void a_jump_forgets_the_velocity(void **state)
{
    (void)state;
    const double velocity_m_s[3] = {300.0, 0.0, 0.0};
    Predictor predictor = flown(velocity_m_s, 2.0, TICK_S, 0.0);
    double position_m[3] = {predictor.position_m[0], 0.0, predictor.position_m[2] + 500.0};
    predictor_update(&predictor, position_m, TICK_S, 1.0, 0.0); // 30 km/s
    assert_true(predictor.teleported);
    assert_int_equal(predictor.teleport_count, 1);
    assert_true(predictor_speed_m_s(&predictor) == 0.0 && ahead_m(&predictor) == 0.0);
    position_m[0] += 5.0;
    predictor_update(&predictor, position_m, TICK_S, 1.0, 0.0);
    assert_false(predictor.teleported);
    assert_int_equal(predictor.teleport_count, 1);
    assert_true(predictor.velocity_m_s[0] > 0.0 && predictor.velocity_m_s[0] < 300.0);
}

static void the_fastest_camera_is_no_teleport(void **state)
{
    (void)state;
    const double boost_m_s[3] = {0.0, 0.0, PREDICTOR_SPEED_MAX_M_S * 0.999};
    assert_int_equal(flown(boost_m_s, 1.0, TICK_S, 0.0).teleport_count, 0);
    const double beyond_m_s[3] = {0.0, 0.0, PREDICTOR_SPEED_MAX_M_S * 1.001};
    assert_int_equal(flown(beyond_m_s, 1.0, TICK_S, 0.0).teleport_count, 60);
}

static void no_lead_reaches_farther_than_there_is_room(void **state)
{
    (void)state;
    for (double scale = 1.0; scale <= 64.0; scale *= 4.0) {
        Predictor predictor = {0};
        for (int i = 0; i <= 120; i++) {
            const double position_m[3] = {4000.0 * TICK_S * i, 0.0, 0.0};
            predictor_update(&predictor, position_m, TICK_S, scale, 0.5);
        }
        double most_m = fmin(4000.0 * scale, PREDICTOR_REACH_M);
        assert_true(fabs(ahead_m(&predictor) - most_m) < 0.01 * most_m);
    }
}

static void far_from_the_origin_walking_pace_is_still_seen(void **state)
{
    (void)state;
    Predictor predictor = {0};
    for (int i = 0; i <= 120; i++) {
        const double position_m[3] = {1e7 + 1.4 * TICK_S * i, 0.0, -1e7};
        predictor_update(&predictor, position_m, TICK_S, 1.0, 0.0);
    }
    assert_true(fabs(predictor_speed_m_s(&predictor) - 1.4) < 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lead_is_metres_at_every_speed),
        cmocka_unit_test(the_lead_counts_real_seconds_whatever_the_pace_of_time),
        cmocka_unit_test(the_result_does_not_depend_on_the_frame_rate),
        cmocka_unit_test(a_change_of_speed_is_smoothed_over_a_quarter_of_a_second),
        cmocka_unit_test(the_first_position_is_no_movement),
        cmocka_unit_test(a_jump_forgets_the_velocity),
        cmocka_unit_test(the_fastest_camera_is_no_teleport),
        cmocka_unit_test(no_lead_reaches_farther_than_there_is_room),
        cmocka_unit_test(far_from_the_origin_walking_pace_is_still_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
