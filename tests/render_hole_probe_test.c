#include "render/hole_probe.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH 64
#define HEIGHT 48

static uint8_t picture[HEIGHT][WIDTH][4]; // rows from bottom to top

static void fill_ground(int rows)
{
    memset(picture, 0, sizeof picture);
    for (int y = 0; y < rows; y++) {
        for (int x = 0; x < WIDTH; x++)
            picture[y][x][3] = 255;
    }
}

static ViewFrame frame_at(float pitch_rad)
{
    View view = {.eye_world = {0.0, 1000.0, 0.0},
                 .pitch_rad = pitch_rad,
                 .fov_y_rad = VIEW_FOV_Y_RAD,
                 .aspect = (float)WIDTH / HEIGHT,
                 .agl_m = 1000.0f};
    return view_frame(&view);
}

static int64_t count(float pitch_rad)
{
    ViewFrame frame = frame_at(pitch_rad);
    return hole_probe_count(&picture[0][0][0], WIDTH, HEIGHT, &frame,
                            hole_probe_slope(1000.0, 0.0f, 60000.0f));
}

static void ground_below_and_sky_above_is_whole(void **state)
{
    (void)state;
    fill_ground(HEIGHT / 2);
    assert_int_equal(count(0.0f), 0);
}

static void a_gap_in_the_ground_counts_pixel_by_pixel(void **state)
{
    (void)state;
    fill_ground(HEIGHT / 2);
    picture[3][10][3] = 0;
    picture[4][10][3] = 0;
    picture[HEIGHT / 2 - 5][40][3] = 0;
    assert_int_equal(count(0.0f), 3);
}

static void a_slit_under_a_mountain_counts_though_its_ray_looks_up(void **state)
{
    (void)state;
    fill_ground(HEIGHT - 6);
    picture[HEIGHT - 10][20][3] = 0;
    assert_int_equal(count(0.0f), 1);
}

static void missing_far_ground_counts_only_below_the_horizon(void **state)
{
    (void)state;
    fill_ground(0);
    int64_t holes = count(0.0f);
    // Steep enough: (1000 + 282 m drop) / 60 km = 1.2 degrees; the picture's lower half spans 30.
    assert_in_range(holes, WIDTH * (HEIGHT / 2 - 3), WIDTH * (HEIGHT / 2));
    assert_int_equal(count(1.4f), 0);
    assert_int_equal(count(-1.4f), WIDTH * HEIGHT);
}

static void the_slope_takes_the_curve_of_the_earth_into_account(void **state)
{
    (void)state;
    // The horizon over a flat sea dips by sqrt(2 h / R): the slope never asks for ground above it.
    for (double eye = 2.0; eye < 9000.0; eye *= 1.7)
        assert_true((double)hole_probe_slope(eye, 0.0f, 60000.0f) >=
                    sqrt(2.0 * eye / 6371000.0) * 0.9999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ground_below_and_sky_above_is_whole),
        cmocka_unit_test(a_gap_in_the_ground_counts_pixel_by_pixel),
        cmocka_unit_test(a_slit_under_a_mountain_counts_though_its_ray_looks_up),
        cmocka_unit_test(missing_far_ground_counts_only_below_the_horizon),
        cmocka_unit_test(the_slope_takes_the_curve_of_the_earth_into_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
