#include "base/os_file.h"
#include "screenshot.h"

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
static const ShotNote note = {.world = "seed:42", .x_m = 128.4, .y_m = 900, .z_m = -3.6};

static int make_home(void **state)
{
    (void)state;
    strcpy(home, "/tmp/arete_pictures_XXXXXX");
    unsetenv("XDG_PICTURES_DIR");
    return mkdtemp(home) && setenv("HOME", home, 1) == 0 ? 0 : -1;
}

static int remove_home(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/Pictures", home);
    rmdir(path);
    return rmdir(home);
}

static void pictures_go_where_pictures_are_kept(void **state)
{
    (void)state;
    char path[256], folder[128], want[256];
    assert_int_equal(screenshot_path(&note, path, sizeof path, NULL), RESULT_OK);
    assert_string_equal(path, "./arete-seed-42-x128-z-4-y900.png");
    snprintf(folder, sizeof folder, "%s/Pictures", home);
    assert_int_equal(os_file_make_directories(folder, NULL), RESULT_OK);
    assert_int_equal(screenshot_path(&note, path, sizeof path, NULL), RESULT_OK);
    snprintf(want, sizeof want, "%s/arete-seed-42-x128-z-4-y900.png", folder);
    assert_string_equal(path, want);
    rmdir(folder);
    setenv("XDG_PICTURES_DIR", folder, 1);
    assert_int_equal(screenshot_path(&note, path, sizeof path, NULL), RESULT_OK);
    assert_string_equal(path, want);
    assert_true(os_file_exists(folder));
}

static void an_older_picture_is_never_overwritten(void **state)
{
    (void)state;
    char first[256], second[256];
    setenv("XDG_PICTURES_DIR", home, 1);
    assert_int_equal(screenshot_path(&note, first, sizeof first, NULL), RESULT_OK);
    assert_int_equal(os_file_write(first, "x", 1, NULL), RESULT_OK);
    assert_int_equal(screenshot_path(&note, second, sizeof second, NULL), RESULT_OK);
    assert_string_not_equal(first, second);
    assert_non_null(strstr(second, "-2.png"));
    unlink(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pictures_go_where_pictures_are_kept, make_home,
                                        remove_home),
        cmocka_unit_test_setup_teardown(an_older_picture_is_never_overwritten, make_home,
                                        remove_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
