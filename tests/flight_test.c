#include "fake_world.h"
#include "stream/flight.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

static const double start_xz_m[2] = {128.0, 128.0};

static float flat(void *object, double x_m, double z_m)
{
    (void)object;
    (void)x_m;
    (void)z_m;
    return 10.0f;
}

static Flight started(FlightPath path, uint64_t seed, FlightGround *ground)
{
    Flight flight;
    flight_start(&flight, path, seed, start_xz_m, ground, NULL);
    return flight;
}

static double step_m(Flight *flight, double *out_vertical_m)
{
    double before[3];
    memcpy(before, flight->position_m, sizeof before);
    flight_step(flight);
    if (out_vertical_m)
        *out_vertical_m = flight->position_m[1] - before[1];
    return hypot(flight->position_m[0] - before[0], flight->position_m[2] - before[2]);
}

static void names_and_paths_find_each_other(void **state)
{
    (void)state;
    for (int i = 0; i < FLIGHT_COUNT; i++)
        assert_int_equal(flight_find(flight_name((FlightPath)i)), i);
    assert_int_equal(FLIGHT_COUNT, 10);
    assert_true(flight_find("nowhere") < 0 && flight_find("") < 0);
    assert_int_equal(flight_ticks_default(FLIGHT_DIVE), 2048);
    assert_int_equal(flight_ticks_default(FLIGHT_JET), 1024);
}

static void the_same_seed_flies_the_same_path(void **state)
{
    (void)state;
    for (int path = 0; path < FLIGHT_COUNT; path++) {
        Flight a = started((FlightPath)path, 42, fake_world_ground_m);
        Flight b = started((FlightPath)path, 42, fake_world_ground_m);
        Flight other = started((FlightPath)path, 43, fake_world_ground_m);
        bool differs = false;
        for (int tick = 0; tick < 700; tick++) {
            flight_step(&a);
            flight_step(&b);
            flight_step(&other);
            assert_memory_equal(a.position_m, b.position_m, sizeof a.position_m);
            assert_memory_equal(&a.yaw_rad, &b.yaw_rad, sizeof a.yaw_rad);
            differs |= memcmp(a.position_m, other.position_m, sizeof a.position_m) != 0;
        }
        assert_int_equal(differs, path == FLIGHT_WALK || path == FLIGHT_TELEPORT);
    }
}

static void nobody_flies_into_the_ground_or_the_sea(void **state)
{
    (void)state;
    for (int path = 0; path < FLIGHT_COUNT; path++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            Flight flight = started((FlightPath)path, seed, fake_world_ground_m);
            for (uint64_t tick = 0; tick <= flight_ticks_default((FlightPath)path); tick++) {
                const double *p = flight.position_m;
                double ground_m = fmax((double)fake_world_ground_m(NULL, p[0], p[2]), 0.0);
                assert_true(p[1] >= ground_m + 2.0 - 1e-9);
                flight_step(&flight);
            }
        }
}

static void each_path_keeps_its_speed(void **state)
{
    (void)state;
    static const struct {
        FlightPath path;
        double speed_m_s;
    } rows[] = {{FLIGHT_CRUISE, 100}, {FLIGHT_JET, 300},   {FLIGHT_ORBIT, 100},
                {FLIGHT_SPIN, 0},     {FLIGHT_UTURN, 200}, {FLIGHT_SHOCK, 100}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Flight flight = started(rows[i].path, 1, fake_world_ground_m);
        for (int tick = 0; tick < 900; tick++) {
            double speed_m_s = step_m(&flight, NULL) / FLIGHT_TICK_S;
            assert_true(fabs(speed_m_s - rows[i].speed_m_s) < 0.01);
        }
    }
}

static void each_path_keeps_its_height(void **state)
{
    (void)state;
    static const struct {
        FlightPath path;
        double agl_m;
    } rows[] = {{FLIGHT_CRUISE, 300}, {FLIGHT_JET, 200},   {FLIGHT_ORBIT, 300},
                {FLIGHT_UTURN, 300},  {FLIGHT_SHOCK, 300}, {FLIGHT_PINGPONG, 50}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Flight flight = started(rows[i].path, 1, flat);
        for (int tick = 0; tick < 300; tick++) {
            flight_step(&flight);
            assert_true(fabs(flight.position_m[1] - 10.0 - rows[i].agl_m) < 0.01);
        }
    }
}

static void walk_is_the_walk_of_the_origin(void **state)
{
    (void)state;
    Flight flight = started(FLIGHT_WALK, 42, flat);
    assert_true(flight.position_m[0] == 128.0 && flight.position_m[1] == 50.0 &&
                flight.position_m[2] == 128.0);
    int jumps = 0, walks = 0, sprints = 0, turns = 0, wide = 0;
    const int ticks = 20000;
    for (int tick = 0; tick < ticks; tick++) {
        double heading_rad = flight.heading_rad, x_m = flight.position_m[0];
        double speed_m_s = step_m(&flight, NULL) / FLIGHT_TICK_S;
        turns += flight.heading_rad != heading_rad;
        if (flight.teleported) {
            double jump_m = fabs(flight.position_m[0] - x_m);
            assert_true(jump_m <= 500.0);
            wide += jump_m > 250.0;
            jumps++;
        } else if (fabs(speed_m_s - 5.0) < 1e-3) {
            walks++;
        } else {
            assert_true(fabs(speed_m_s - 15.0) < 1e-3);
            sprints++;
        }
    }
    // Four standard deviations of each share.
    assert_in_range(jumps, ticks / 20 - 125, ticks / 20 + 125);
    assert_in_range(walks, ticks * 7 / 10 - 260, ticks * 7 / 10 + 260);
    assert_in_range(sprints, ticks / 4 - 245, ticks / 4 + 245);
    assert_in_range(turns, ticks / 10 - 170, ticks / 10 + 170);
    assert_in_range(wide, jumps / 2 - 65, jumps / 2 + 65);
}

static void orbit_is_a_circle_that_looks_in(void **state)
{
    (void)state;
    Flight flight = started(FLIGHT_ORBIT, 1, flat);
    for (int tick = 0; tick < 3770; tick++) { // once round
        flight_step(&flight);
        double dx = flight.position_m[0] - 128.0, dz = flight.position_m[2] - 128.0;
        assert_true(fabs(hypot(dx, dz) - 1000.0) < 1e-6);
        double inward =
            (sin((double)flight.yaw_rad) * -dx - cos((double)flight.yaw_rad) * -dz) / 1000.0;
        assert_true(inward > 0.999);
    }
}

static void spin_turns_half_round_in_a_second(void **state)
{
    (void)state;
    Flight flight = started(FLIGHT_SPIN, 1, flat);
    for (int tick = 1; tick <= 600; tick++) {
        flight_step(&flight);
        double expected = fmod(PI * tick / 60.0, 2.0 * PI);
        assert_true(cos((double)flight.yaw_rad - expected) > 0.999999);
    }
}

static void uturn_comes_back_every_ten_seconds(void **state)
{
    (void)state;
    Flight flight = started(FLIGHT_UTURN, 1, flat);
    double heading_rad = flight.heading_rad;
    for (int tick = 1; tick < 480; tick++) {
        flight_step(&flight);
        assert_true(flight.heading_rad == heading_rad);
    }
    for (int tick = 480; tick <= 600; tick++)
        flight_step(&flight);
    assert_true(fabs(flight.heading_rad - heading_rad - PI) < 0.06); // two ticks
    double turned_rad = flight.heading_rad;
    for (int tick = 601; tick < 1080; tick++)
        flight_step(&flight);
    assert_true(flight.heading_rad == turned_rad);
}

static void dive_goes_down_and_up_again_at_its_speed(void **state)
{
    (void)state;
    Flight flight = started(FLIGHT_DIVE, 1, flat);
    double low_m = 1e9, travelled_m = 0.0, vertical_m;
    assert_true(fabs(flight.position_m[1] - 6010.0) < 1.0);
    for (int tick = 0; tick < 2048; tick++) {
        double plane_m = step_m(&flight, &vertical_m);
        travelled_m += hypot(plane_m, vertical_m);
        low_m = fmin(low_m, flight.position_m[1] - 10.0);
    }
    assert_true(low_m >= 30.0 && low_m < 200.0);
    assert_true(fabs(travelled_m / (2048.0 * FLIGHT_TICK_S) - 400.0) < 20.0);
    assert_true(flight.position_m[1] > 3000.0); // and up
}

static void pingpong_crosses_a_chunk_border_every_two_seconds(void **state)
{
    (void)state;
    Flight flight = started(FLIGHT_PINGPONG, 1, flat);
    int crossings = 0;
    for (int tick = 0; tick < 1200; tick++) {
        double before_m = flight.position_m[0];
        flight_step(&flight);
        crossings += tick > 0 && (before_m < 0.0) != (flight.position_m[0] < 0.0);
        assert_true(fabs(flight.position_m[0]) <= 150.0);
    }
    assert_in_range(crossings, 9, 10);
}

static void teleport_jumps_fifty_kilometres_every_five_seconds(void **state)
{
    (void)state;
    Flight flight = started(FLIGHT_TELEPORT, 7, flat);
    for (int tick = 1; tick <= 1024; tick++) {
        double moved_m = step_m(&flight, NULL);
        assert_int_equal(flight.teleported, tick % 300 == 0);
        assert_true(fabs(moved_m - (tick % 300 == 0 ? 50000.0 : 0.0)) < 1e-6);
    }
}

static void shock_blocks_the_workers_and_burns_the_main_thread(void **state)
{
    (void)state;
    Flight flight = started(FLIGHT_SHOCK, 1, flat);
    int blocked = 0, burned = 0;
    for (int tick = 1; tick <= 1024; tick++) {
        flight_step(&flight);
        double second = tick / 60.0, since_s = fmod(second, 4.0);
        bool expected = second >= 4.0 && second < 13.0 && since_s < 0.5 - 1e-9;
        assert_int_equal(flight.block_workers, expected);
        blocked += flight.block_workers;
        if (flight.main_burn_ms > 0.0) {
            assert_true(tick == 360 || tick == 600);
            assert_true(flight.main_burn_ms == 30.0);
            burned++;
        }
    }
    assert_int_equal(blocked, 90);
    assert_int_equal(burned, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_paths_find_each_other),
        cmocka_unit_test(the_same_seed_flies_the_same_path),
        cmocka_unit_test(nobody_flies_into_the_ground_or_the_sea),
        cmocka_unit_test(each_path_keeps_its_speed),
        cmocka_unit_test(each_path_keeps_its_height),
        cmocka_unit_test(walk_is_the_walk_of_the_origin),
        cmocka_unit_test(orbit_is_a_circle_that_looks_in),
        cmocka_unit_test(spin_turns_half_round_in_a_second),
        cmocka_unit_test(uturn_comes_back_every_ten_seconds),
        cmocka_unit_test(dive_goes_down_and_up_again_at_its_speed),
        cmocka_unit_test(pingpong_crosses_a_chunk_border_every_two_seconds),
        cmocka_unit_test(teleport_jumps_fifty_kilometres_every_five_seconds),
        cmocka_unit_test(shock_blocks_the_workers_and_burns_the_main_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
