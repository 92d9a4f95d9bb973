#include "base/os_file.h"
#include "world_spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

static void seeds_are_read_in_both_bases(void **state)
{
    (void)state;
    WorldSpec spec;
    assert_int_equal(world_spec_parse(NULL, &spec, NULL), RESULT_OK);
    assert_true(spec.seed == 42);
    assert_int_equal(world_spec_parse("seed:0", &spec, NULL), RESULT_OK);
    assert_true(spec.seed == 0);
    assert_int_equal(world_spec_parse("seed:18446744073709551615", &spec, NULL), RESULT_OK);
    assert_true(spec.seed == UINT64_MAX);
    assert_string_equal(spec.name, "seed:18446744073709551615");
    assert_int_equal(world_spec_parse("seed:0xFf", &spec, NULL), RESULT_OK);
    assert_true(spec.seed == 255);
    assert_string_equal(spec.name, "seed:255");
}

static void bad_seeds_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"seed:",
                                      "seed:abc",
                                      "seed:-1",
                                      "seed:1.5",
                                      "seed: 1",
                                      "seed:0x",
                                      "seed:0xg",
                                      "seed:+1",
                                      "seed:1e3",
                                      "seed:18446744073709551616",
                                      "seed:0x10000000000000000"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        WorldSpec spec;
        ResultText why = {0};
        assert_int_equal(world_spec_parse(bad[i], &spec, &why), RESULT_BAD_INPUT);
        assert_non_null(strstr(why.text, "18446744073709551615"));
    }
}

static void other_worlds_are_told_apart(void **state)
{
    (void)state;
    WorldSpec spec;
    ResultText why = {0};
    assert_int_equal(os_file_write("/tmp/arete_world.tif", "x", 1, NULL), RESULT_OK);
    assert_int_equal(os_file_write("/tmp/arete_world.txt", "x", 1, NULL), RESULT_OK);
    assert_int_equal(world_spec_parse("https://example.org/{z}/{x}/{y}.webp", &spec, &why),
                     RESULT_UNSUPPORTED);
    assert_non_null(strstr(why.text, "network"));
    assert_int_equal(world_spec_parse("/no/such/file.tif", &spec, &why), RESULT_NOT_FOUND);
    assert_non_null(strstr(why.text, "no such file"));
    assert_int_equal(world_spec_parse("seed42", &spec, &why), RESULT_NOT_FOUND);
    assert_non_null(strstr(why.text, "did you mean seed:42?"));
    assert_int_equal(world_spec_parse("/tmp/arete_world.tif", &spec, &why), RESULT_UNSUPPORTED);
    assert_non_null(strstr(why.text, "real-world data"));
    assert_int_equal(world_spec_parse("/tmp/arete_world.txt", &spec, &why), RESULT_UNSUPPORTED);
    assert_non_null(strstr(why.text, "unknown kind"));
    assert_int_equal(world_spec_parse("/tmp", &spec, &why), RESULT_UNSUPPORTED);
    assert_non_null(strstr(why.text, "folders"));
    assert_int_equal(world_spec_parse("", &spec, &why), RESULT_BAD_INPUT);
    assert_non_null(strstr(why.text, "seed:42"));
    unlink("/tmp/arete_world.tif");
    unlink("/tmp/arete_world.txt");
}

static void worlds_are_told_from_commands(void **state)
{
    (void)state;
    assert_true(world_spec_looks_like("seed:1"));
    assert_true(world_spec_looks_like("a.tif"));
    assert_true(world_spec_looks_like("./x"));
    assert_false(world_spec_looks_like("sok"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_read_in_both_bases),
        cmocka_unit_test(bad_seeds_are_refused),
        cmocka_unit_test(other_worlds_are_told_apart),
        cmocka_unit_test(worlds_are_told_from_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
