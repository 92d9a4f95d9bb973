#include "base/result.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void every_code_has_its_own_phrase(void **state)
{
    (void)state;
    for (int i = 0; i < RESULT_COUNT; i++) {
        assert_true(strlen(result_name((Result)i)) > 0);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(result_name((Result)i), result_name((Result)k));
    }
    assert_string_equal(result_name(RESULT_NO_SPACE), "no space left");
}

static void a_code_outside_the_list_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(result_name(RESULT_COUNT), "unknown");
    assert_string_equal(result_name((Result)-1), "unknown");
}

static void fail_writes_the_text_and_returns_the_code(void **state)
{
    (void)state;
    ResultText text = {0};
    assert_int_equal(result_fail(&text, RESULT_LIMIT, "%d of %s", 7, "nine"), RESULT_LIMIT);
    assert_string_equal(text.text, "7 of nine");
    assert_int_equal(result_fail(NULL, RESULT_IO, "nobody reads this"), RESULT_IO);
}

static void a_long_text_is_cut_and_ended(void **state)
{
    (void)state;
    ResultText text;
    char wide[2 * RESULT_TEXT_MAX];
    memset(wide, 'x', sizeof wide - 1);
    wide[sizeof wide - 1] = 0;
    assert_int_equal(result_fail(&text, RESULT_IO, "%s", wide), RESULT_IO);
    assert_int_equal(strlen(text.text), RESULT_TEXT_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_own_phrase),
        cmocka_unit_test(a_code_outside_the_list_is_unknown),
        cmocka_unit_test(fail_writes_the_text_and_returns_the_code),
        cmocka_unit_test(a_long_text_is_cut_and_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
