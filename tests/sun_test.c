#include "world/sun.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define DEG 57.29577951f
#define SPRING 78  // March 20
#define SUMMER 171 // June 21
#define AUTUMN 265 // September 23
#define WINTER 354 // December 21
#define NOON 720
#define FULL_MOON 264

static SunSky sky(int minute, int day, float latitude_deg)
{
    return sun_sky(minute, day, latitude_deg / DEG);
}

static void the_noon_sun_stands_as_the_almanac_says(void **state)
{
    (void)state;
    static const struct {
        int day;
        float latitude_deg, elevation_deg;
    } noons[] = {{SPRING, 45, 45},     {AUTUMN, 45, 45},     {SPRING, 0, 90},
                 {SPRING, 60, 30},     {SUMMER, 45, 68.44f}, {WINTER, 45, 21.56f},
                 {SUMMER, 23.44f, 90}, {WINTER, 66.56f, 0},  {SUMMER, 90, 23.44f},
                 {45, 45, 32.2f},      {135, 45, 63.9f},     {300, 45, 31.9f}};
    for (size_t i = 0; i < sizeof noons / sizeof noons[0]; i++) {
        SunSky now = sky(NOON, noons[i].day, noons[i].latitude_deg);
        assert_float_equal(now.sun_elevation_rad * DEG, noons[i].elevation_deg, 0.6);
        if (noons[i].elevation_deg < 85 && noons[i].latitude_deg < 85)
            assert_float_equal(now.sun_azimuth_rad * DEG, 180, 0.1);
    }
}

static void at_the_equinox_it_rises_in_the_east_at_six_and_sets_in_the_west(void **state)
{
    (void)state;
    for (float latitude = 0; latitude <= 60; latitude += 15) {
        SunSky rise = sky(6 * 60, SPRING, latitude), set = sky(18 * 60, SPRING, latitude);
        assert_float_equal(rise.sun_elevation_rad * DEG, 0, 0.5);
        assert_float_equal(rise.sun_azimuth_rad * DEG, 90, 0.5);
        assert_float_equal(set.sun_elevation_rad * DEG, 0, 0.5);
        assert_float_equal(set.sun_azimuth_rad * DEG, 270, 0.5);
        assert_float_equal(sky(0, SPRING, latitude).sun_elevation_rad * DEG, latitude - 90, 0.6);
    }
}

// Solar time of sunrise at 45 degrees without refraction: 4:17 in midsummer, 7:43 in midwinter.
static void summer_days_are_long_and_winter_days_short(void **state)
{
    (void)state;
    assert_true(sky(4 * 60 + 14, SUMMER, 45).sun_elevation_rad < 0);
    assert_true(sky(4 * 60 + 20, SUMMER, 45).sun_elevation_rad > 0);
    assert_true(sky(7 * 60 + 40, WINTER, 45).sun_elevation_rad < 0);
    assert_true(sky(7 * 60 + 46, WINTER, 45).sun_elevation_rad > 0);
}

static void the_sun_never_jumps(void **state)
{
    (void)state;
    for (int day = 0; day < SUN_YEAR_DAYS; day++) {
        int next = (day + 1) % SUN_YEAR_DAYS;
        assert_float_equal(sky(NOON, day, 45).sun_elevation_rad,
                           sky(NOON, next, 45).sun_elevation_rad, 0.45 / DEG);
    }
    for (int minute = 0; minute < SUN_DAY_MINUTES; minute++) {
        int next = (minute + 1) % SUN_DAY_MINUTES;
        assert_float_equal(sky(minute, 100, 45).sun_elevation_rad,
                           sky(next, 100, 45).sun_elevation_rad, 0.26 / DEG);
    }
}

static void a_full_moon_stands_opposite_the_sun(void **state)
{
    (void)state;
    for (int minute = 0; minute < SUN_DAY_MINUTES; minute += 60) {
        SunSky now = sky(minute, FULL_MOON, 45);
        assert_float_equal(now.moon_elevation_rad, -now.sun_elevation_rad, 1e-5);
        assert_float_equal(now.moon_lit, 1, 1e-6);
    }
}

static void the_moon_wanes_to_nothing_and_comes_back_in_a_month(void **state)
{
    (void)state;
    // A week later half is left, and it rises at about midnight.
    assert_float_equal(sky(0, FULL_MOON + 7, 45).moon_lit, 0.5, 0.1);
    assert_true(fabsf(sky(0, FULL_MOON + 7, 45).moon_elevation_rad * DEG) < 25);
    assert_true(sky(0, FULL_MOON + 15, 45).moon_lit < 0.01f);
    assert_true(sky(0, FULL_MOON + 30, 45).moon_lit > 0.99f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_noon_sun_stands_as_the_almanac_says),
        cmocka_unit_test(at_the_equinox_it_rises_in_the_east_at_six_and_sets_in_the_west),
        cmocka_unit_test(summer_days_are_long_and_winter_days_short),
        cmocka_unit_test(the_sun_never_jumps),
        cmocka_unit_test(a_full_moon_stands_opposite_the_sun),
        cmocka_unit_test(the_moon_wanes_to_nothing_and_comes_back_in_a_month),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
