#include "render/atmosphere.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static Atmosphere *air;

static int set_up(void **state)
{
    (void)state;
    air = calloc(1, sizeof *air);
    return air != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(air);
    return 0;
}

static void shine(float sun_rad, float haze)
{
    atmosphere_update(air, &(SunSky){.sun_elevation_rad = sun_rad}, haze);
}

static float luma(const float *rgb)
{
    return 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
}

static const float *horizon(int column)
{
    return air->sky[3][column];
}

static void the_sky_is_finite_and_positive_at_every_hour(void **state)
{
    (void)state;
    for (float elevation = -1.5f; elevation <= 1.5f; elevation += 0.3f) {
        shine(elevation, 1.0f);
        for (int row = 0; row < ATMOSPHERE_SKY_HEIGHT; row++) {
            for (int column = 0; column < ATMOSPHERE_SKY_WIDTH; column++)
                assert_true(isfinite(luma(air->sky[row][column])) &&
                            luma(air->sky[row][column]) >= 0.0f);
        }
        assert_true(isfinite(air->exposure) && air->exposure > 0.0f);
    }
}

static void the_horizon_is_lighter_and_paler_than_the_zenith(void **state)
{
    (void)state;
    shine(0.6f, 1.0f);
    const float *zenith = air->sky[ATMOSPHERE_SKY_HEIGHT - 1][ATMOSPHERE_SKY_WIDTH - 1];
    const float *low = horizon(ATMOSPHERE_SKY_WIDTH - 1);
    assert_true(luma(low) > 1.5f * luma(zenith));
    assert_true(zenith[2] / zenith[0] > 1.5f * low[2] / low[0]);
}

static void the_sun_side_is_warmer_and_so_is_a_low_sun(void **state)
{
    (void)state;
    shine(0.2f, 1.0f);
    float warm = horizon(0)[0] / horizon(0)[2];
    float cool = horizon(ATMOSPHERE_SKY_WIDTH - 1)[0] / horizon(ATMOSPHERE_SKY_WIDTH - 1)[2];
    assert_true(warm > 1.1f * cool);
    float low_sun = air->sun_light[0] / air->sun_light[2];
    shine(1.0f, 1.0f);
    assert_true(low_sun > 1.3f * air->sun_light[0] / air->sun_light[2]);
}

static void the_zenith_has_one_colour_from_every_side(void **state)
{
    (void)state;
    shine(0.5f, 1.0f);
    const float *first = air->sky[ATMOSPHERE_SKY_HEIGHT - 1][0];
    for (int column = 1; column < ATMOSPHERE_SKY_WIDTH; column++)
        assert_float_equal(luma(air->sky[ATMOSPHERE_SKY_HEIGHT - 1][column]), luma(first),
                           1e-4f * luma(first));
}

static void haze_thickens_the_air_and_hides_the_sun(void **state)
{
    (void)state;
    shine(0.3f, 1.0f);
    float clear_mie = air->mie_per_m, clear_sun = luma(air->sun_light) / air->exposure;
    shine(0.3f, 4.0f);
    assert_float_equal(air->mie_per_m, 4.0f * clear_mie, 1e-9f);
    assert_true(luma(air->sun_light) / air->exposure < 0.95f * clear_sun);
}

static void sunlit_ground_lies_in_the_middle_of_the_tone_curve(void **state)
{
    (void)state;
    for (float elevation = 0.3f; elevation < 1.4f; elevation += 0.2f) {
        shine(elevation, 1.0f);
        float light = (luma(air->sun_light) * sinf(elevation) + luma(air->sky_light)) / 3.14159265f;
        assert_true(0.12f * light > 0.08f && 0.12f * light < 0.35f);
    }
}

// Mean light of the ground that a picture shows.
static float ground_light(void)
{
    const SunSky *now = &air->lights;
    float up = sinf(air->night > 0.0f ? now->moon_elevation_rad : now->sun_elevation_rad);
    return 0.12f / 3.14159265f * (luma(air->sun_light) * fmaxf(up, 0.0f) + luma(air->sky_light));
}

// Every quarter of an hour of days with a full moon and with a new one.
static void every_hour_can_be_seen_and_none_is_sudden(void **state)
{
    (void)state;
    static const int days[] = {264, 279, 171, 354};
    for (size_t d = 0; d < sizeof days / sizeof days[0]; d++) {
        float last = 0.0f;
        for (int minute = 0; minute < SUN_DAY_MINUTES; minute += 15) {
            SunSky lights = sun_sky(minute, days[d], SUN_LATITUDE_RAD);
            atmosphere_update(air, &lights, 1.0f);
            float light = ground_light();
            assert_true(light > 0.008f && light < 0.35f);
            if (last > 0.0f)
                assert_true(light < 2.2f * last && last < 2.2f * light);
            last = light;
        }
    }
}

static void moonlight_is_bluish_and_goes_with_the_phase(void **state)
{
    (void)state;
    SunSky lights = {.sun_elevation_rad = -0.8f, .moon_elevation_rad = 0.7f, .moon_lit = 1.0f};
    atmosphere_update(air, &lights, 1.0f);
    float full = luma(air->sun_light) / air->exposure;
    assert_true(air->night == 1.0f && air->sun_light[2] > air->sun_light[0]);
    lights.moon_lit = 0.25f;
    atmosphere_update(air, &lights, 1.0f);
    assert_float_equal(luma(air->sun_light) / air->exposure, 0.25f * full, 1e-4f * full);
    shine(0.7f, 1.0f);
    assert_float_equal(full, 0.02f * luma(air->sun_light) / air->exposure, 0.005f);
}

// What is shown stays whole until the new light is whole, and ends as if it were made at once.
static void a_table_made_in_steps_is_the_same(void **state)
{
    (void)state;
    static Atmosphere before, at_once;
    SunSky lights = sun_sky(7 * 60, 264, SUN_LATITUDE_RAD);
    shine(0.6f, 1.0f);
    memcpy(&before, air, sizeof before);
    atmosphere_begin(air, &lights, 1.0f);
    for (int row = 4; row < ATMOSPHERE_SKY_HEIGHT; row += 4) {
        assert_false(atmosphere_step(air, 4));
        assert_memory_equal(air->sky, before.sky, sizeof before.sky);
        assert_memory_equal(air->sun_light, before.sun_light, sizeof before.sun_light);
    }
    assert_true(atmosphere_step(air, 4));
    assert_false(atmosphere_step(air, 4));
    atmosphere_update(&at_once, &lights, 1.0f);
    assert_memory_equal(air, &at_once, sizeof at_once);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_sky_is_finite_and_positive_at_every_hour, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_horizon_is_lighter_and_paler_than_the_zenith, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_sun_side_is_warmer_and_so_is_a_low_sun, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_zenith_has_one_colour_from_every_side, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(haze_thickens_the_air_and_hides_the_sun, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sunlit_ground_lies_in_the_middle_of_the_tone_curve, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(every_hour_can_be_seen_and_none_is_sudden, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(moonlight_is_bluish_and_goes_with_the_phase, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_table_made_in_steps_is_the_same, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
