#include "render/atmosphere.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

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
        atmosphere_update(air, elevation, 1.0f);
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
    atmosphere_update(air, 0.6f, 1.0f);
    const float *zenith = air->sky[ATMOSPHERE_SKY_HEIGHT - 1][ATMOSPHERE_SKY_WIDTH - 1];
    const float *low = horizon(ATMOSPHERE_SKY_WIDTH - 1);
    assert_true(luma(low) > 1.5f * luma(zenith));
    assert_true(zenith[2] / zenith[0] > 1.5f * low[2] / low[0]);
}

static void the_sun_side_is_warmer_and_so_is_a_low_sun(void **state)
{
    (void)state;
    atmosphere_update(air, 0.2f, 1.0f);
    float warm = horizon(0)[0] / horizon(0)[2];
    float cool = horizon(ATMOSPHERE_SKY_WIDTH - 1)[0] / horizon(ATMOSPHERE_SKY_WIDTH - 1)[2];
    assert_true(warm > 1.1f * cool);
    float low_sun = air->sun_light[0] / air->sun_light[2];
    atmosphere_update(air, 1.0f, 1.0f);
    assert_true(low_sun > 1.3f * air->sun_light[0] / air->sun_light[2]);
}

static void the_zenith_has_one_colour_from_every_side(void **state)
{
    (void)state;
    atmosphere_update(air, 0.5f, 1.0f);
    const float *first = air->sky[ATMOSPHERE_SKY_HEIGHT - 1][0];
    for (int column = 1; column < ATMOSPHERE_SKY_WIDTH; column++)
        assert_float_equal(luma(air->sky[ATMOSPHERE_SKY_HEIGHT - 1][column]), luma(first),
                           1e-4f * luma(first));
}

static void haze_thickens_the_air_and_hides_the_sun(void **state)
{
    (void)state;
    atmosphere_update(air, 0.3f, 1.0f);
    float clear_mie = air->mie_per_m, clear_sun = luma(air->sun_light) / air->exposure;
    atmosphere_update(air, 0.3f, 4.0f);
    assert_float_equal(air->mie_per_m, 4.0f * clear_mie, 1e-9f);
    assert_true(luma(air->sun_light) / air->exposure < 0.95f * clear_sun);
}

static void sunlit_ground_lies_in_the_middle_of_the_tone_curve(void **state)
{
    (void)state;
    for (float elevation = 0.3f; elevation < 1.4f; elevation += 0.2f) {
        atmosphere_update(air, elevation, 1.0f);
        float light = (luma(air->sun_light) * sinf(elevation) + luma(air->sky_light)) / 3.14159265f;
        assert_true(0.12f * light > 0.08f && 0.12f * light < 0.35f);
    }
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
