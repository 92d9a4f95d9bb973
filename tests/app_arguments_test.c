#include "arguments.h"
#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

typedef struct Own {
    char output[OPTION_TEXT_MAX];
    uint32_t without;
    double at[3];
} Own;

static const Option own_table[] = {
    {.name = "output",
     .letter = 'o',
     .unit = "F.png",
     .type = OPTION_TEXT,
     .offset = offsetof(Own, output)},
    {.name = "without",
     .unit = "FEATURE",
     .type = OPTION_BITS,
     .choices = "prefetch|throttle",
     .offset = offsetof(Own, without)},
    {.name = "at",
     .unit = "X,Z,AGL",
     .type = OPTION_REALS,
     .count = 3,
     .low = -1e12,
     .high = 1e12,
     .offset = offsetof(Own, at)},
};

static Settings settings;
static Own own;
static bool given[64];

static Result parse(char *const *words, Arguments *out, ResultText *why)
{
    int count = 0;
    static Arguments ignored;
    settings_defaults(&settings);
    option_defaults(own_table, 3, &own);
    memset(given, 0, sizeof given);
    ArgumentsDesc desc = {
        .command = "shot",
        .words = "[WORLD]",
        .words_max = 1,
        .summary = "s",
        .tables = {{own_table, 3, &own, NULL}, {settings_table, settings_count, &settings, given}},
        .table_count = 2};
    while (words[count])
        count++;
    return arguments_parse(&desc, count, (char **)words, out ? out : &ignored, why);
}
#define PARSE(why, ...) parse((char *const[]){__VA_ARGS__, NULL}, NULL, why)

static void both_spellings_are_taken(void **state)
{
    (void)state;
    assert_int_equal(PARSE(NULL, "--view", "12", "--haze=0.5", "-o", "a.png"), RESULT_OK);
    assert_int_equal(settings.view_chunks, 12);
    assert_true(settings.haze == 0.5);
    assert_string_equal(own.output, "a.png");
    assert_int_equal(PARSE(NULL, "-ob.png"), RESULT_OK);
    assert_string_equal(own.output, "b.png");
}

static void switches_go_on_and_off(void **state)
{
    (void)state;
    assert_int_equal(PARSE(NULL, "--no-vsync", "--fullscreen"), RESULT_OK);
    assert_false(settings.vsync);
    assert_true(settings.fullscreen);
    assert_int_equal(PARSE(NULL, "--vsync=off"), RESULT_OK);
    assert_false(settings.vsync);
    assert_int_equal(PARSE(NULL, "--no-view"), RESULT_BAD_INPUT);
    assert_int_equal(PARSE(NULL, "--no-vsync=on"), RESULT_BAD_INPUT);
}

static void negative_values_are_values(void **state)
{
    (void)state;
    assert_int_equal(PARSE(NULL, "--at", "-100,-200,30"), RESULT_OK);
    assert_true(own.at[0] == -100 && own.at[1] == -200);
}

static void repeatable_options_add_up_and_others_do_not(void **state)
{
    (void)state;
    ResultText why = {0};
    assert_int_equal(PARSE(NULL, "--without", "prefetch", "--without=throttle"), RESULT_OK);
    assert_int_equal(own.without, 3);
    assert_int_equal(PARSE(&why, "-o", "a.png", "--output", "b.png"), RESULT_BAD_INPUT);
    assert_non_null(strstr(why.text, "given twice"));
}

static void what_was_given_is_marked(void **state)
{
    (void)state;
    assert_int_equal(PARSE(NULL, "--threads", "3"), RESULT_OK);
    assert_true(given[option_find(settings_table, settings_count, "threads")]);
    assert_false(given[option_find(settings_table, settings_count, "view")]);
}

static void unknown_options_suggest_the_nearest(void **state)
{
    (void)state;
    ResultText why = {0};
    assert_int_equal(PARSE(&why, "--veiw", "9"), RESULT_BAD_INPUT);
    assert_non_null(strstr(why.text, "did you mean --view?"));
    assert_int_equal(PARSE(&why, "--qqqqqqqqqqq"), RESULT_BAD_INPUT);
    assert_null(strstr(why.text, "did you mean"));
    assert_non_null(strstr(why.text, "--help"));
    assert_int_equal(PARSE(&why, "-z"), RESULT_BAD_INPUT);
}

static void values_that_lack_or_break_are_refused(void **state)
{
    (void)state;
    ResultText why = {0};
    assert_int_equal(PARSE(&why, "--view"), RESULT_BAD_INPUT);
    assert_non_null(strstr(why.text, "lacks its value; 8 to 24 chunks"));
    assert_int_equal(PARSE(&why, "--view", "--vsync"), RESULT_BAD_INPUT);
    assert_int_equal(PARSE(&why, "--threads", "0"), RESULT_BAD_INPUT);
    assert_string_equal(why.text,
                        "--threads 0 is out of range; 1 to 64 threads (leave out for automatic)");
    assert_int_equal(PARSE(&why, "--view", "many"), RESULT_BAD_INPUT);
    assert_non_null(strstr(why.text, "is no number"));
}

static void words_are_counted(void **state)
{
    (void)state;
    Arguments arguments;
    char *const one[] = {"seed:7", "--view", "9", NULL}, *const two[] = {"seed:7", "seed:8", NULL};
    assert_int_equal(parse(one, &arguments, NULL), RESULT_OK);
    assert_int_equal(arguments.word_count, 1);
    assert_string_equal(arguments.words[0], "seed:7");
    assert_int_equal(parse(two, &arguments, NULL), RESULT_BAD_INPUT);
}

static void help_is_seen_before_later_mistakes(void **state)
{
    (void)state;
    Arguments arguments;
    char *const words[] = {"--help", "--nonsense", NULL};
    assert_int_equal(parse(words, &arguments, NULL), RESULT_OK);
    assert_true(arguments.help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_spellings_are_taken),
        cmocka_unit_test(switches_go_on_and_off),
        cmocka_unit_test(negative_values_are_values),
        cmocka_unit_test(repeatable_options_add_up_and_others_do_not),
        cmocka_unit_test(what_was_given_is_marked),
        cmocka_unit_test(unknown_options_suggest_the_nearest),
        cmocka_unit_test(values_that_lack_or_break_are_refused),
        cmocka_unit_test(words_are_counted),
        cmocka_unit_test(help_is_seen_before_later_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
