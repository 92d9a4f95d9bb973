// The flyer's lines: figures with units, and the help card.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/hud.h"
#include <math.h>
#include <string.h>

static Hud hud;

static HudInput level(void)
{
    return (HudInput){.position_m = {12345.4, 812.3, -67.0},
                      .agl_m = 300.2,
                      .speed_m_s = 100.0,
                      .heading_rad = 0.7853981,
                      .fps = 60.0,
                      .world = "seed:42",
                      .time_scale = 1.0};
}

static const HudLine *line(const char *label)
{
    for (int i = 0; i < hud.line_count; ++i) {
        if (strcmp(hud.lines[i].label, label) == 0) {
            return &hud.lines[i];
        }
    }
    return NULL;
}

static void test_hud_shows_every_figure_with_its_unit(void **state)
{
    (void)state;
    HudInput input = level();
    hud_build(&input, &hud);
    assert_string_equal(line("speed")->text, "100 m/s  360 km/h");
    assert_string_equal(line("above ground")->text, "300 m");
    assert_string_equal(line("above sea")->text, "812 m");
    assert_string_equal(line("heading")->text, "045\u00b0 NE");
    assert_string_equal(line("east, south")->text, "12345 m, -67 m");
    assert_string_equal(line("world")->text, "seed:42");
    assert_string_equal(line("frames")->text, "60 /s");
    assert_null(line("time"));
    assert_string_equal(hud.message, "");
}

static void test_hud_compass_wraps_around_north(void **state)
{
    (void)state;
    assert_string_equal(hud_compass(0.0), "N");
    assert_string_equal(hud_compass(6.28), "N");
    assert_string_equal(hud_compass(-0.1), "N");
    assert_string_equal(hud_compass(1.5708), "E");
    assert_string_equal(hud_compass(-1.5708), "W");
    assert_string_equal(hud_compass(3.1416 + 6.2832), "S");
    assert_string_equal(hud_compass((double)NAN), "?");
    HudInput input = level();
    input.heading_rad = 6.2831; // 359.99 degrees reads 000, never 360
    hud_build(&input, &hud);
    assert_string_equal(line("heading")->text, "000\u00b0 N");
}

static void test_hud_warns_near_the_ground_and_when_frames_are_slow(void **state)
{
    (void)state;
    HudInput input = level();
    input.agl_m = 5.0;
    input.fps = 40.0;
    hud_build(&input, &hud);
    assert_int_equal(line("above ground")->tone, UI_TONE_WARN);
    assert_int_equal(line("frames")->tone, UI_TONE_WARN);
    input.fps = 20.0;
    hud_build(&input, &hud);
    assert_int_equal(line("frames")->tone, UI_TONE_BAD);
    // Measured by what the cap allows.
    input.fps_cap = 20.0;
    hud_build(&input, &hud);
    assert_int_equal(line("frames")->tone, UI_TONE_GOOD);
    input.fps_cap = 30.0;
    hud_build(&input, &hud);
    assert_int_equal(line("frames")->tone, UI_TONE_WARN);
    input.fps_cap = 144.0;
    hud_build(&input, &hud);
    assert_int_equal(line("frames")->tone, UI_TONE_BAD);
}

static void test_hud_shows_the_help_card_only_when_asked(void **state)
{
    (void)state;
    const HudKey keys[] = {{"W", "forward"}, {"F1", "this card"}};
    HudInput input = level();
    input.keys = keys;
    input.key_count = 2;
    hud_build(&input, &hud);
    assert_null(hud.keys);
    input.show_help = true;
    hud_build(&input, &hud);
    assert_ptr_equal(hud.keys, keys);
    assert_int_equal(hud.key_count, 2);
}

static void test_hud_tells_pause_and_time_scale(void **state)
{
    (void)state;
    HudInput input = level();
    input.time_scale = 0.0;
    hud_build(&input, &hud);
    assert_string_equal(line("time")->text, "paused");
    input.time_scale = 0.5;
    input.message = "picture saved";
    hud_build(&input, &hud);
    assert_string_equal(line("time")->text, "0.5 x");
    assert_string_equal(hud.message, "picture saved");
}

static void test_hud_cuts_texts_that_are_too_long(void **state)
{
    (void)state;
    char world[400];
    memset(world, 'w', sizeof world - 1);
    world[sizeof world - 1] = '\0';
    HudInput input = level();
    input.world = world;
    input.message = world;
    input.position_m[0] = 1e300;
    hud_build(&input, &hud);
    assert_int_equal(strlen(line("world")->text), HUD_TEXT_MAX - 1);
    assert_int_equal(strlen(hud.message), sizeof hud.message - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hud_shows_every_figure_with_its_unit),
        cmocka_unit_test(test_hud_compass_wraps_around_north),
        cmocka_unit_test(test_hud_warns_near_the_ground_and_when_frames_are_slow),
        cmocka_unit_test(test_hud_shows_the_help_card_only_when_asked),
        cmocka_unit_test(test_hud_tells_pause_and_time_scale),
        cmocka_unit_test(test_hud_cuts_texts_that_are_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
