#include "nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const names[] = {"fly", "soak", "shot", "heights", "bench", NULL};

static void a_slip_of_the_finger_is_near(void **state)
{
    (void)state;
    assert_string_equal(nearest_name("sok", names), "soak");
    assert_string_equal(nearest_name("saok", names), "soak");
    assert_string_equal(nearest_name("height", names), "heights");
    assert_string_equal(nearest_name("bench", names), "bench");
}

static void other_words_are_near_to_nothing(void **state)
{
    (void)state;
    assert_null(nearest_name("xyzzy", names));
    assert_null(nearest_name("a", names));
    assert_null(nearest_name("", names));
    assert_null(nearest_name("a-word-that-is-longer-than-any-name-may-be", names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_of_the_finger_is_near),
        cmocka_unit_test(other_words_are_near_to_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
