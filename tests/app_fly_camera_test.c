#include "base/rng.h"
#include "fly_camera.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

static float flat(void *object, double x_m, double z_m)
{
    (void)object;
    (void)x_m;
    (void)z_m;
    return 100.0f;
}

// Hills of 400 m over 2 km.
static float hills(void *object, double x_m, double z_m)
{
    (void)object;
    return (float)(200 * sin(x_m / 318.0) * cos(z_m / 377.0));
}

static float cliffs(void *object, double x_m, double z_m)
{
    (void)object;
    return fmod(floor(x_m / 50) + floor(z_m / 70), 2) != 0 ? 800.0f : 0.0f;
}

// Furrows 8 m deep, 16 m apart.
static float furrows(void *object, double x_m, double z_m)
{
    (void)object;
    (void)z_m;
    return (float)(4 * cos(x_m * 6.283185307179586 / 16));
}

static FlyCamera flown(double hz, double seconds, bool follow)
{
    FlyCamera camera = fly_camera_make(10, 150, -20, hills, NULL);
    FlyControls controls = {.forward = 1, .right = 0.3};
    camera.speed_m_s = 120;
    fly_camera_set_follow(&camera, follow, hills, NULL);
    long frames = lround(hz * seconds);
    for (long i = 0; i < frames; i++) {
        controls.turn_rad = 0.4 / hz;
        fly_camera_step(&camera, &controls, 1 / hz, hills, NULL);
    }
    return camera;
}

static double apart(const FlyCamera *a, const FlyCamera *b)
{
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += (a->position_m[i] - b->position_m[i]) * (a->position_m[i] - b->position_m[i]);
    return sqrt(sum);
}

static void the_flight_does_not_depend_on_the_frame_rate(void **state)
{
    (void)state;
    FlyCamera fine = flown(240, 10, false), coarse = flown(30, 10, false);
    // 1,200 m flown; turning in steps is what remains.
    assert_true(apart(&fine, &coarse) < 12);
    assert_true(fabs(fine.yaw_rad - coarse.yaw_rad) < 1e-6);
    FlyCamera fine_low = flown(240, 10, true), coarse_low = flown(30, 10, true);
    assert_true(apart(&fine_low, &coarse_low) < 15);
}

static void straight_flight_is_exact_at_any_rate(void **state)
{
    (void)state;
    FlyControls ahead = {.forward = 1};
    FlyCamera a = fly_camera_make(0, 50, 0, flat, NULL), b = a, c = a;
    for (int i = 0; i < 600; i++)
        fly_camera_step(&a, &ahead, 1 / 120.0, flat, NULL);
    for (int i = 0; i < 100; i++)
        fly_camera_step(&b, &ahead, 1 / 20.0, flat, NULL);
    assert_true(apart(&a, &b) < 1e-6);
    // A slow frame while time goes eight times as fast.
    for (int i = 0; i < 2; i++)
        fly_camera_step(&c, &ahead, 2.5, flat, NULL);
    assert_true(apart(&a, &c) < 1e-6);
    // Yaw 0 is north: -z. It lags by speed / 5 behind a start at full speed.
    assert_true(fabs(a.position_m[2] + 100 * (5 - 0.2)) < 0.1);
}

static void it_is_never_under_the_ground(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        FlyCamera camera = fly_camera_make(0, 0, 0, cliffs, NULL);
        camera.speed_m_s = 1000;
        for (uint64_t i = 0; i < 3000; i++) {
            FlyControls controls = {.forward = (double)rng_range(seed, 1, i, -1, 1),
                                    .up = (double)rng_range(seed, 2, i, -1, 0.5f),
                                    .turn_rad = (double)rng_range(seed, 3, i, -0.2f, 0.2f),
                                    .tilt_rad = (double)rng_range(seed, 4, i, -0.2f, 0.2f),
                                    .boost = rng_unit(seed, 5, i) < 0.2f};
            if (i % 500 == 250)
                fly_camera_set_follow(&camera, !camera.follow, cliffs, NULL);
            fly_camera_step(&camera, &controls, (double)rng_range(seed, 6, i, 0.001f, 0.5f), cliffs,
                            NULL);
            double ground = (double)cliffs(NULL, camera.position_m[0], camera.position_m[2]);
            assert_true(camera.position_m[1] >= ground + FLY_CAMERA_GROUND_M - 1e-9);
            assert_true(camera.position_m[1] <= FLY_CAMERA_CEILING_M + 1000);
            assert_true(fabs(camera.pitch_rad) <= FLY_CAMERA_PITCH_MAX_RAD);
        }
    }
}

static double lowest_walk(double mesh_m)
{
    FlyCamera camera = fly_camera_make(0, 0, 0, furrows, NULL);
    camera.mesh_m = mesh_m;
    camera.yaw_rad = 1.5707963; // across the furrows
    double lowest = camera.position_m[1];
    for (int i = 0; i < 1200; i++) {
        FlyControls controls = {.forward = 0.1, .up = -1};
        fly_camera_step(&camera, &controls, 1 / 60.0, furrows, NULL);
        lowest = fmin(lowest, camera.position_m[1]);
    }
    return lowest;
}

static void it_is_never_under_the_mesh_that_shows_the_ground(void **state)
{
    (void)state;
    // Vertices on every crest hide the furrows; on every crest and bottom they show them.
    assert_true(lowest_walk(16) >= 4 + FLY_CAMERA_GROUND_M - 1e-3);
    assert_true(lowest_walk(8) < -3 + FLY_CAMERA_GROUND_M);
    assert_true(lowest_walk(0) < -3 + FLY_CAMERA_GROUND_M);
}

// A kilometre high, but for a pit between the coarsest mesh's vertices.
static float plateau_or_pit(void *object, double x_m, double z_m)
{
    (void)object;
    return fabs(x_m - 8) < 200 && fabs(z_m) < 200 && fabs(x_m) > 1 ? 0.0f : 1000.0f;
}

static double eye_m(FlyCamera *camera, const float range_m[LOD_COUNT], double dt_s)
{
    fly_camera_lift(camera, range_m, dt_s, furrows, NULL);
    return fly_camera_view(camera, 1, 1, FLY_CAMERA_GROUND_M).eye_world[1];
}

static void the_eye_is_over_the_coarse_land_that_is_drawn_while_the_fine_one_is_late(void **state)
{
    (void)state;
    const float all_m[LOD_COUNT] = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536};
    const float late_m[LOD_COUNT] = {0, 0, 0, 4096, 8192, 16384, 32768, 65536};
    const float morphs_m[LOD_COUNT] = {0, 0, 2.2f, 4096, 8192, 16384, 32768, 65536};
    const float none_m[LOD_COUNT] = {0};
    FlyCamera camera = fly_camera_make(8, 0, 0, furrows, NULL); // at a furrow's bottom
    double low_m = camera.position_m[1];
    assert_true(low_m < -3 + FLY_CAMERA_GROUND_M);
    assert_true(eye_m(&camera, none_m, 0.016) == low_m); // nothing is drawn yet
    assert_true(eye_m(&camera, all_m, 0.016) == low_m);
    // Squares of 16 m show crests alone.
    assert_true(eye_m(&camera, late_m, 0.016) >= 4 + FLY_CAMERA_GROUND_M - 1e-3);
    assert_true(camera.position_m[1] == low_m);
    double high_m = eye_m(&camera, all_m, 0.1);
    assert_true(high_m > low_m && high_m < 4 + FLY_CAMERA_GROUND_M);
    for (int i = 0; i < 30; i++)
        (void)eye_m(&camera, all_m, 0.1);
    assert_true(eye_m(&camera, all_m, 0.1) == low_m);
    // Squares of 8 m that turn into those.
    assert_true(eye_m(&camera, morphs_m, 0.016) >= 4 + FLY_CAMERA_GROUND_M - 1e-3);
    // A software tier's squares are eight times as wide: those of 4 m are of 32 m, crests alone again.
    const float next_m[LOD_COUNT] = {0, 1024, 2048, 4096, 8192, 16384, 32768, 65536};
    camera.lift_m = 0;
    assert_true(eye_m(&camera, next_m, 0.016) < low_m + 1);
    camera.mesh_m = 16;
    assert_true(eye_m(&camera, next_m, 0.016) >= 4 + FLY_CAMERA_GROUND_M - 1e-3);
    // What is drawn goes by the lifted eye: fine land that is far enough below it counts as there, and is not.
    const float far_m[LOD_COUNT] = {512, 512, 512, 512, 512, 512, 512, 65536};
    camera.lift_m = 600;
    fly_camera_lift(&camera, far_m, 1e-3, plateau_or_pit, NULL);
    assert_true(camera.lift_m > 590);
    fly_camera_lift(&camera, far_m, 10, plateau_or_pit, NULL);
    assert_true(camera.lift_m > 590);
}

// Level but for one point, 8 m high.
static float peak(void *object, double x_m, double z_m)
{
    const double *at = object;
    return x_m == at[0] && z_m == at[1] ? 8.0f : 0.0f;
}

static void squares_are_cut_from_north_west_to_south_east(void **state)
{
    (void)state;
    // Of a peak at each corner, seen at (12, 4) in the north-eastern triangle and at (4, 12) in the other.
    double corners[4][2] = {{0, 0}, {16, 0}, {0, 16}, {16, 16}};
    const double heights_m[4][2] = {{2, 2}, {4, 0}, {0, 4}, {2, 2}};
    for (int i = 0; i < 4; i++)
        for (int side = 0; side < 2; side++) {
            FlyCamera camera = fly_camera_make(side ? 4 : 12, 0, side ? 12 : 4, peak, corners[i]);
            camera.mesh_m = 16;
            fly_camera_step(&camera, &(FlyControls){0}, 0.001, peak, corners[i]);
            double above_m = camera.position_m[1] - heights_m[i][side];
            assert_true(fabs(above_m - FLY_CAMERA_GROUND_M) < 1e-6);
        }
}

static void speed_goes_in_steps_between_its_ends(void **state)
{
    (void)state;
    FlyCamera camera = fly_camera_make(0, 50, 0, flat, NULL);
    fly_camera_step(&camera, &(FlyControls){.speed_steps = 1}, 0, flat, NULL);
    assert_true(fabs(camera.speed_m_s - 125) < 1e-9);
    fly_camera_step(&camera, &(FlyControls){.speed_steps = 100}, 0, flat, NULL);
    assert_true(camera.speed_m_s == FLY_CAMERA_SPEED_MAX_M_S);
    fly_camera_step(&camera, &(FlyControls){.speed_steps = -200}, 0, flat, NULL);
    assert_true(camera.speed_m_s == FLY_CAMERA_SPEED_MIN_M_S);
}

static double settled_speed(FlyControls controls)
{
    FlyCamera camera = fly_camera_make(0, 500, 0, flat, NULL);
    for (int i = 0; i < 300; i++)
        fly_camera_step(&camera, &controls, 1 / 60.0, flat, NULL);
    return sqrt(camera.velocity_m_s[0] * camera.velocity_m_s[0] +
                camera.velocity_m_s[1] * camera.velocity_m_s[1] +
                camera.velocity_m_s[2] * camera.velocity_m_s[2]);
}

static void boost_slow_and_diagonals_keep_their_speed(void **state)
{
    (void)state;
    assert_true(fabs(settled_speed((FlyControls){.forward = 1}) - 100) < 0.01);
    assert_true(fabs(settled_speed((FlyControls){.forward = 1, .boost = true}) - 400) < 0.01);
    assert_true(fabs(settled_speed((FlyControls){.forward = 1, .slow = true}) - 25) < 0.01);
    assert_true(fabs(settled_speed((FlyControls){.forward = 1, .right = 1}) - 100) < 0.01);
    assert_true(fabs(settled_speed((FlyControls){.forward = 0.5}) - 50) < 0.01);
}

static void acceleration_is_smooth(void **state)
{
    (void)state;
    FlyCamera camera = fly_camera_make(0, 500, 0, flat, NULL);
    double last = 0;
    for (int i = 0; i < 120; i++) {
        fly_camera_step(&camera, &(FlyControls){.forward = i < 60 ? 1 : 0}, 1 / 60.0, flat, NULL);
        double speed = -camera.velocity_m_s[2];
        assert_true(fabs(speed - last) < 9);
        last = speed;
    }
    assert_true(last < 1 && last >= 0);
}

static void following_keeps_the_height_above_ground(void **state)
{
    (void)state;
    FlyCamera camera = fly_camera_make(0, 80, 0, hills, NULL);
    camera.speed_m_s = 30;
    fly_camera_set_follow(&camera, true, hills, NULL);
    assert_true(fabs(camera.follow_agl_m - 80) < 0.01);
    camera.pitch_rad = -0.5;
    for (int i = 0; i < 1200; i++) {
        fly_camera_step(&camera, &(FlyControls){.forward = 1}, 1 / 60.0, hills, NULL);
        double agl =
            camera.position_m[1] - (double)hills(NULL, camera.position_m[0], camera.position_m[2]);
        assert_true(agl > 55 && agl < 105);
    }
    for (int i = 0; i < 60; i++)
        fly_camera_step(&camera, &(FlyControls){.up = 1}, 1 / 60.0, hills, NULL);
    assert_true(camera.follow_agl_m > 95);
}

static void no_time_means_no_movement_but_one_may_look(void **state)
{
    (void)state;
    FlyCamera camera = fly_camera_make(5, 50, 6, flat, NULL), before = camera;
    fly_camera_step(&camera, &(FlyControls){.forward = 1, .turn_rad = 0.25}, 0, flat, NULL);
    assert_true(apart(&camera, &before) == 0);
    assert_true(camera.yaw_rad == 0.25);
}

static void the_world_has_an_edge_for_doubles(void **state)
{
    (void)state;
    FlyCamera camera = fly_camera_make(9e15, 50, -9e15, flat, NULL);
    assert_true(camera.position_m[0] == FLY_CAMERA_COORD_MAX_M);
    camera.speed_m_s = 1000;
    camera.yaw_rad = 1.5707963;
    for (int i = 0; i < 60; i++)
        fly_camera_step(&camera, &(FlyControls){.forward = 1}, 0.1, flat, NULL);
    assert_true(camera.position_m[0] <= FLY_CAMERA_COORD_MAX_M);
}

static void heading_is_a_compass(void **state)
{
    (void)state;
    FlyCamera camera = fly_camera_make(0, 50, 0, flat, NULL);
    fly_camera_step(&camera, &(FlyControls){.turn_rad = 1.5707963267948966}, 0, flat, NULL);
    assert_true(fabs(fly_camera_heading_deg(&camera) - 90) < 1e-9);
    fly_camera_step(&camera, &(FlyControls){.turn_rad = -3.1415926535897931}, 0, flat, NULL);
    assert_true(fabs(fly_camera_heading_deg(&camera) - 270) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_flight_does_not_depend_on_the_frame_rate),
        cmocka_unit_test(straight_flight_is_exact_at_any_rate),
        cmocka_unit_test(it_is_never_under_the_ground),
        cmocka_unit_test(it_is_never_under_the_mesh_that_shows_the_ground),
        cmocka_unit_test(the_eye_is_over_the_coarse_land_that_is_drawn_while_the_fine_one_is_late),
        cmocka_unit_test(squares_are_cut_from_north_west_to_south_east),
        cmocka_unit_test(speed_goes_in_steps_between_its_ends),
        cmocka_unit_test(boost_slow_and_diagonals_keep_their_speed),
        cmocka_unit_test(acceleration_is_smooth),
        cmocka_unit_test(following_keeps_the_height_above_ground),
        cmocka_unit_test(no_time_means_no_movement_but_one_may_look),
        cmocka_unit_test(the_world_has_an_edge_for_doubles),
        cmocka_unit_test(heading_is_a_compass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
