#include "option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

typedef struct Sample {
    bool flag;
    int whole;
    double real;
    char text[OPTION_TEXT_MAX];
    int choice;
    uint32_t bits;
    double reals[3];
    int size[2];
    int time, date;
} Sample;

#define FIELD(name) .offset = offsetof(Sample, name)

static const Option table[] = {
    {.name = "flag", .unit = "", .type = OPTION_BOOL, FIELD(flag), .initial = "on"},
    {.name = "whole",
     .unit = "chunks",
     .type = OPTION_INT,
     .low = 8,
     .high = 24,
     FIELD(whole),
     .initial = "8",
     .unset = "automatic"},
    {.name = "real",
     .unit = "ms",
     .type = OPTION_REAL,
     .low = -1,
     .high = 2.5,
     FIELD(real),
     .initial = "0.5"},
    {.name = "text", .unit = "FILE", .type = OPTION_TEXT, FIELD(text)},
    {.name = "choice",
     .unit = "x",
     .type = OPTION_CHOICE,
     .choices = "auto|low|high",
     FIELD(choice),
     .initial = "low"},
    {.name = "bits", .unit = "x", .type = OPTION_BITS, .choices = "a|b|c", FIELD(bits)},
    {.name = "reals",
     .unit = "X,Y,Z",
     .type = OPTION_REALS,
     .low = -100,
     .high = 100,
     .count = 3,
     FIELD(reals),
     .initial = "1,2,3"},
    {.name = "size",
     .unit = "WxH",
     .type = OPTION_SIZE,
     .low = 1,
     .high = 4096,
     FIELD(size),
     .initial = "640x360"},
    {.name = "time",
     .unit = "HH:MM",
     .type = OPTION_TIME,
     .high = 1439,
     FIELD(time),
     .initial = "07:05"},
    {.name = "date",
     .unit = "MM-DD",
     .type = OPTION_DATE,
     .high = 364,
     FIELD(date),
     .initial = "03-01"},
};
#define COUNT ((int)(sizeof table / sizeof table[0]))

static Sample made(void)
{
    Sample sample;
    memset(&sample, 0xff, sizeof sample);
    option_defaults(table, COUNT, &sample);
    return sample;
}

static Result set(Sample *sample, const char *name, const char *text, ResultText *why)
{
    int row = option_find(table, COUNT, name);
    assert_true(row >= 0);
    return option_parse(&table[row], sample, name, text, why);
}

static void defaults_fill_every_type(void **state)
{
    (void)state;
    Sample sample = made();
    assert_true(sample.flag);
    assert_int_equal(sample.whole, 8);
    assert_true(sample.real == 0.5);
    assert_string_equal(sample.text, "");
    assert_int_equal(sample.choice, 1);
    assert_int_equal(sample.bits, 0);
    assert_true(sample.reals[2] == 3);
    assert_int_equal(sample.size[1], 360);
    assert_int_equal(sample.time, 7 * 60 + 5);
    assert_int_equal(sample.date, 59);
}

static void every_time_and_date_is_read_as_it_is_written(void **state)
{
    (void)state;
    Sample sample = made(), again = made();
    char text[16];
    for (int minute = 0; minute < 1440; minute++) {
        sample.time = minute;
        sample.date = minute % 365;
        option_format(&table[option_find(table, COUNT, "time")], &sample, text, sizeof text);
        assert_int_equal(set(&again, "time", text, NULL), RESULT_OK);
        option_format(&table[option_find(table, COUNT, "date")], &sample, text, sizeof text);
        assert_int_equal(set(&again, "date", text, NULL), RESULT_OK);
        assert_memory_equal(&again, &sample, sizeof sample);
    }
    assert_int_equal(set(&again, "date", "12-31", NULL), RESULT_OK);
    assert_int_equal(again.date, 364);
}

static void good_words_are_taken(void **state)
{
    (void)state;
    Sample sample = made();
    assert_int_equal(set(&sample, "flag", "no", NULL), RESULT_OK);
    assert_int_equal(set(&sample, "whole", "24", NULL), RESULT_OK);
    assert_int_equal(set(&sample, "real", "-1e0", NULL), RESULT_OK);
    assert_int_equal(set(&sample, "text", "a b", NULL), RESULT_OK);
    assert_int_equal(set(&sample, "choice", "high", NULL), RESULT_OK);
    assert_int_equal(set(&sample, "bits", "a", NULL), RESULT_OK);
    assert_int_equal(set(&sample, "bits", "c", NULL), RESULT_OK);
    assert_int_equal(set(&sample, "reals", "-1.5,0,99", NULL), RESULT_OK);
    assert_int_equal(set(&sample, "size", "320x200", NULL), RESULT_OK);
    assert_false(sample.flag);
    assert_int_equal(sample.whole, 24);
    assert_true(sample.real == -1);
    assert_string_equal(sample.text, "a b");
    assert_int_equal(sample.choice, 2);
    assert_int_equal(sample.bits, 5);
    assert_true(sample.reals[0] == -1.5 && sample.reals[2] == 99);
    assert_int_equal(sample.size[0], 320);
}

static void bad_words_are_refused_and_change_nothing(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"time", "24:00"}, {"time", "7:05"},      {"time", "07:60"},  {"date", "02-29"},
        {"date", "00-01"}, {"whole", "7"},        {"whole", "25"},    {"whole", "9.5"},
        {"whole", "abc"},  {"whole", ""},         {"whole", "9x"},    {"whole", "0x10"},
        {"whole", " 9"},   {"whole", "nan"},      {"whole", "1e999"}, {"real", "2.6"},
        {"real", "inf"},   {"real", "-"},         {"flag", "maybe"},  {"choice", "lo"},
        {"choice", ""},    {"bits", "d"},         {"reals", "1,2"},   {"reals", "1,2,3,4"},
        {"reals", "1,,3"}, {"reals", "1,2,101"},  {"size", "640"},    {"size", "640x"},
        {"size", "0x4"},   {"size", "640x360x2"}, {"size", "1.5x2"},  {"text", ""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Sample sample = made(), before = sample;
        ResultText why = {0};
        assert_int_equal(set(&sample, bad[i][0], bad[i][1], &why), RESULT_BAD_INPUT);
        assert_memory_equal(&sample, &before, sizeof sample);
        assert_non_null(strchr(why.text, ';'));
    }
}

static void refusals_say_the_range(void **state)
{
    (void)state;
    Sample sample = made();
    ResultText why = {0};
    assert_int_equal(set(&sample, "whole", "0", &why), RESULT_BAD_INPUT);
    assert_string_equal(why.text,
                        "whole 0 is out of range; 8 to 24 chunks (leave out for automatic)");
    assert_int_equal(set(&sample, "choice", "hihg", &why), RESULT_BAD_INPUT);
    assert_string_equal(
        why.text, "choice hihg is not among the choices; did you mean high? auto, low or high");
    assert_int_equal(set(&sample, "choice", "mid", &why), RESULT_BAD_INPUT);
    assert_string_equal(why.text, "choice mid is not among the choices; auto, low or high");
}

static void format_and_parse_are_inverse(void **state)
{
    (void)state;
    Sample sample = made(), again = made();
    sample.real = -0.125;
    sample.whole = 17;
    sample.choice = 2;
    sample.flag = false;
    sample.reals[1] = 12.25;
    strcpy(sample.text, "some text");
    for (int i = 0; i < COUNT; i++) {
        char text[OPTION_TEXT_MAX];
        if (table[i].type == OPTION_BITS)
            continue;
        option_format(&table[i], &sample, text, sizeof text);
        assert_int_equal(option_parse(&table[i], &again, "x", text, NULL), RESULT_OK);
        assert_true(option_equal(&table[i], &sample, &again));
    }
}

static void numbers_are_clamped(void **state)
{
    (void)state;
    Sample sample = made();
    option_set_number(&table[1], &sample, 1000);
    assert_int_equal(sample.whole, 24);
    option_set_number(&table[2], &sample, -7);
    assert_true(sample.real == -1);
    option_set_number(&table[4], &sample, 9);
    assert_int_equal(sample.choice, 1);
    option_set_number(&table[4], &sample, 2);
    assert_true(option_number(&table[4], &sample) == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_fill_every_type),
        cmocka_unit_test(every_time_and_date_is_read_as_it_is_written),
        cmocka_unit_test(good_words_are_taken),
        cmocka_unit_test(bad_words_are_refused_and_change_nothing),
        cmocka_unit_test(refusals_say_the_range),
        cmocka_unit_test(format_and_parse_are_inverse),
        cmocka_unit_test(numbers_are_clamped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
