#include "base/os_clock.h"
#include "base/os_file.h"
#include "base/os_memory.h"
#include "saved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char home[64];

static int make_home(void **state)
{
    (void)state;
    strcpy(home, "/tmp/arete_saved_XXXXXX");
    return mkdtemp(home) && setenv("XDG_CONFIG_HOME", home, 1) == 0 &&
                   setenv("XDG_STATE_HOME", home, 1) == 0
               ? 0
               : -1;
}

static void remove_file(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/arete/%s", home, name);
    unlink(path);
}

static int remove_home(void **state)
{
    (void)state;
    char path[128];
    remove_file("arete.ini");
    remove_file("position.ini");
    snprintf(path, sizeof path, "%s/arete", home);
    rmdir(path);
    return rmdir(home);
}

static SavedPosition place(double x)
{
    return (SavedPosition){.world = "seed:7",
                           .x_m = x,
                           .z_m = -5.5,
                           .agl_m = 120,
                           .yaw_deg = 90,
                           .pitch_deg = -3,
                           .speed_m_s = 50,
                           .follow = true};
}

static void changes_in_flight_and_the_position_come_back(void **state)
{
    (void)state;
    Settings settings, again;
    SavedPosition position, back;
    uint64_t before = os_memory_stats().live_total_bytes;
    Saved *saved = saved_create(false, &settings, &position);
    saved_start(saved, &settings);
    settings.haze = 3;
    position = place(1234.5);
    saved_destroy(saved, &settings, &position);
    saved = saved_create(false, &again, &back);
    assert_true(again.haze == 3);
    assert_string_equal(back.world, "seed:7");
    assert_true(back.x_m == 1234.5 && back.z_m == -5.5 && back.follow);
    saved_destroy(saved, NULL, NULL);
    assert_true(os_memory_stats().live_total_bytes == before);
}

static void the_command_line_is_not_saved(void **state)
{
    (void)state;
    Settings settings, again;
    SavedPosition position;
    Saved *saved = saved_create(false, &settings, &position);
    settings.view_chunks = 20; // as --view 20 would
    saved_start(saved, &settings);
    settings.fps_cap = 90;
    position = place(1);
    saved_destroy(saved, &settings, &position);
    saved = saved_create(false, &again, &position);
    assert_int_equal(again.view_chunks, 8);
    assert_int_equal(again.fps_cap, 90);
    saved_destroy(saved, NULL, NULL);
}

static void the_files_stand_before_the_end(void **state)
{
    (void)state;
    char path[128];
    Settings settings, again;
    SavedPosition position;
    Saved *saved = saved_create(false, &settings, &position);
    saved_start(saved, &settings);
    snprintf(path, sizeof path, "%s/arete/arete.ini", home);
    assert_true(os_file_exists(path));
    settings.haze = 4;
    position = place(77);
    saved_post(saved, &settings, &position);
    SavedPosition back = {0};
    for (int i = 0; i < 200 && back.x_m != 77; i++) {
        os_clock_sleep_until_ns(os_clock_now_ns() + 10000000);
        Saved *other = saved_create(false, &again, &back);
        saved_destroy(other, NULL, NULL);
    }
    assert_true(back.x_m == 77 && again.haze == 4);
    saved_destroy(saved, &settings, &position);
}

static void fresh_neither_reads_nor_writes(void **state)
{
    (void)state;
    char path[128];
    Settings settings;
    SavedPosition position;
    snprintf(path, sizeof path, "%s/arete", home);
    assert_int_equal(os_file_make_directories(path, NULL), RESULT_OK);
    snprintf(path, sizeof path, "%s/arete/arete.ini", home);
    const char *content = "[stream]\nview = 11\n";
    assert_int_equal(os_file_write(path, content, strlen(content), NULL), RESULT_OK);
    Saved *saved = saved_create(true, &settings, &position);
    assert_int_equal(settings.view_chunks, 8);
    saved_start(saved, &settings);
    settings.haze = 5;
    position = place(1);
    saved_post(saved, &settings, &position);
    saved_destroy(saved, &settings, &position);
    saved = saved_create(false, &settings, &position);
    assert_int_equal(settings.view_chunks, 11);
    assert_true(settings.haze == 1);
    assert_string_equal(position.world, "");
    saved_destroy(saved, NULL, NULL);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_home, remove_home)
    const struct CMUnitTest tests[] = {
        CASE(changes_in_flight_and_the_position_come_back),
        CASE(the_command_line_is_not_saved),
        CASE(the_files_stand_before_the_end),
        CASE(fresh_neither_reads_nor_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
