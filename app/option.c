#include "option.h"
#include "nearest.h"
#include "world_spec.h"
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *field_of(const Option *option, void *base)
{
    assert(option && base);
    return (char *)base + option->offset;
}

static const void *value_of(const Option *option, const void *base)
{
    assert(option && base);
    return (const char *)base + option->offset;
}

static size_t field_bytes(const Option *option)
{
    switch (option->type) {
    case OPTION_BOOL:
        return sizeof(bool);
    case OPTION_INT:
    case OPTION_CHOICE:
    case OPTION_TIME:
    case OPTION_DATE:
        return sizeof(int);
    case OPTION_SEED:
        return sizeof(uint64_t);
    case OPTION_REAL:
        return sizeof(double);
    case OPTION_TEXT:
        return OPTION_TEXT_MAX;
    case OPTION_BITS:
        return sizeof(uint32_t);
    case OPTION_REALS:
        return option->count * sizeof(double);
    case OPTION_SIZE:
        return 2 * sizeof(int);
    }
    return 0;
}

bool option_choice(const char *choices, int index, char *out, size_t bytes)
{
    assert(choices && bytes > 0);
    for (; index > 0; index--) {
        choices = strchr(choices, '|');
        if (!choices)
            return false;
        choices++;
    }
    snprintf(out, bytes, "%.*s", (int)strcspn(choices, "|"), choices);
    return true;
}

// Whole text as a finite number; no spaces, no hex, no "inf".
static bool number_parse(const char *text, const char **end, double *out)
{
    if (!isdigit((unsigned char)*text) && !strchr("+-.", *text))
        return false;
    if (!*text || strpbrk(text, "xXnN"))
        return false;
    char *stop = NULL;
    double value = strtod(text, &stop);
    if (stop == text || !isfinite(value))
        return false;
    *out = value;
    *end = stop;
    return true;
}

static void number_print(double value, char *out, size_t bytes)
{
    snprintf(out, bytes, "%.10g", value);
}

void option_range(const Option *option, char *out, size_t bytes)
{
    assert(option && out && bytes > 0);
    char low[32], high[32], name[64];
    number_print(option->low, low, sizeof low);
    number_print(option->high, high, sizeof high);
    size_t used = 0;
    out[0] = 0;
    switch (option->type) {
    case OPTION_BOOL:
        snprintf(out, bytes, "on or off");
        break;
    case OPTION_INT:
    case OPTION_REAL:
        snprintf(out, bytes, "%s to %s%s%s", low, high, *option->unit ? " " : "", option->unit);
        break;
    case OPTION_SEED:
        snprintf(out, bytes, "0 to %" PRIu64 ", or 0x and hex digits", UINT64_MAX);
        break;
    case OPTION_TIME:
        snprintf(out, bytes, "HH:MM, 00:00 to 23:59");
        break;
    case OPTION_DATE:
        snprintf(out, bytes, "MM-DD, 01-01 to 12-31");
        break;
    case OPTION_TEXT:
        snprintf(out, bytes, "%s", option->unit);
        break;
    case OPTION_REALS:
    case OPTION_SIZE:
        snprintf(out, bytes, "%s, each from %s to %s", option->unit, low, high);
        break;
    case OPTION_CHOICE:
    case OPTION_BITS:
        for (int i = 0; option_choice(option->choices, i, name, sizeof name); i++) {
            char next[64];
            bool last = !option_choice(option->choices, i + 1, next, sizeof next);
            const char *join = i == 0 ? "" : last ? " or " : ", ";
            int written = snprintf(out + used, bytes - used, "%s%s", join, name);
            used = used + (size_t)written < bytes ? used + (size_t)written : bytes - 1;
        }
        break;
    }
}

static Result wrong(const Option *option, const char *shown, const char *text, const char *what,
                    ResultText *out)
{
    char range[256];
    option_range(option, range, sizeof range);
    return result_fail(out, RESULT_BAD_INPUT, "%s %.120s %s; %s%s%s%s", shown, text, what, range,
                       option->unset ? " (leave out for " : "", option->unset ? option->unset : "",
                       option->unset ? ")" : "");
}

static Result parse_number(const Option *option, void *field, const char *shown, const char *text,
                           ResultText *out)
{
    double value = 0;
    const char *end = text;
    if (!number_parse(text, &end, &value) || *end)
        return wrong(option, shown, text, "is no number", out);
    if (option->type == OPTION_INT && value != floor(value))
        return wrong(option, shown, text, "is no whole number", out);
    if (value < option->low || value > option->high)
        return wrong(option, shown, text, "is out of range", out);
    if (option->type == OPTION_INT)
        *(int *)field = (int)value;
    else
        *(double *)field = value;
    return RESULT_OK;
}

// `count` numbers with `separator` between them.
static Result parse_numbers(const Option *option, const char *shown, const char *text,
                            double *values, ResultText *out)
{
    int count = option->type == OPTION_SIZE ? 2 : option->count;
    char separator = option->type == OPTION_SIZE ? 'x' : ',';
    char copy[OPTION_TEXT_MAX];
    assert(count <= OPTION_REALS_MAX);
    if (strlen(text) >= sizeof copy)
        return wrong(option, shown, text, "is too long", out);
    snprintf(copy, sizeof copy, "%s", text);
    char *part = copy;
    for (int i = 0; i < count; i++) {
        char *stop = strchr(part, separator);
        if ((stop == NULL) != (i == count - 1))
            return wrong(option, shown, text, "has not the right count of numbers", out);
        if (stop)
            *stop = 0;
        const char *end = part;
        if (!number_parse(part, &end, &values[i]) || *end)
            return wrong(option, shown, text, "is no list of numbers", out);
        if (values[i] < option->low || values[i] > option->high)
            return wrong(option, shown, text, "is out of range", out);
        part = stop ? stop + 1 : part;
    }
    return RESULT_OK;
}

static Result parse_list(const Option *option, void *field, const char *shown, const char *text,
                         ResultText *out)
{
    double values[OPTION_REALS_MAX];
    Result result = parse_numbers(option, shown, text, values, out);
    if (result != RESULT_OK)
        return result;
    if (option->type == OPTION_REALS) {
        memcpy(field, values, option->count * sizeof(double));
        return RESULT_OK;
    }
    for (int i = 0; i < 2; i++) {
        if (values[i] != floor(values[i]))
            return wrong(option, shown, text, "has a fraction", out);
        ((int *)field)[i] = (int)values[i];
    }
    return RESULT_OK;
}

static Result parse_bool(const Option *option, bool *field, const char *shown, const char *text,
                         ResultText *out)
{
    static const char *const words[] = {"off", "on", "no", "yes", "false", "true", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *field = i % 2 == 1;
            return RESULT_OK;
        }
    }
    return wrong(option, shown, text, "is neither on nor off", out);
}

static Result wrong_choice(const Option *option, const char *shown, const char *text,
                           ResultText *out)
{
    char names[OPTION_CHOICES_MAX][64], range[256];
    const char *list[OPTION_CHOICES_MAX + 1] = {NULL};
    for (int i = 0; i < OPTION_CHOICES_MAX; i++) {
        if (!option_choice(option->choices, i, names[i], sizeof names[i]))
            break;
        list[i] = names[i];
    }
    const char *near = nearest_name(text, list);
    option_range(option, range, sizeof range);
    return result_fail(out, RESULT_BAD_INPUT, "%s %.120s is not among the choices; %s%s%s%s", shown,
                       text, near ? "did you mean " : "", near ? near : "", near ? "? " : "",
                       range);
}

static Result parse_choice(const Option *option, void *field, const char *shown, const char *text,
                           ResultText *out)
{
    char name[64];
    for (int i = 0; option_choice(option->choices, i, name, sizeof name); i++) {
        if (strcmp(name, text) != 0)
            continue;
        if (option->type == OPTION_CHOICE)
            *(int *)field = i;
        else
            *(uint32_t *)field |= 1u << i;
        return RESULT_OK;
    }
    return wrong_choice(option, shown, text, out);
}

static const int month_days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

// Two digits, `join`, two digits, and nothing more.
static bool pair_parse(const char *text, char join, int out[2])
{
    for (int i = 0; i < 5; i++) {
        bool fits = i == 2 ? text[i] == join : isdigit((unsigned char)text[i]) != 0;
        if (!fits)
            return false;
    }
    out[0] = (text[0] - '0') * 10 + text[1] - '0';
    out[1] = (text[3] - '0') * 10 + text[4] - '0';
    return text[5] == 0;
}

static Result parse_time(const Option *option, int *field, const char *shown, const char *text,
                         ResultText *out)
{
    int pair[2];
    if (!pair_parse(text, ':', pair) || pair[0] > 23 || pair[1] > 59)
        return wrong(option, shown, text, "is no time of day", out);
    *field = pair[0] * 60 + pair[1];
    return RESULT_OK;
}

static Result parse_date(const Option *option, int *field, const char *shown, const char *text,
                         ResultText *out)
{
    int pair[2];
    bool known = pair_parse(text, '-', pair) && pair[0] >= 1 && pair[0] <= 12;
    if (!known || pair[1] < 1 || pair[1] > month_days[pair[0] - 1])
        return wrong(option, shown, text, "is no date of an ordinary year", out);
    *field = pair[1] - 1;
    for (int month = 0; month < pair[0] - 1; month++)
        *field += month_days[month];
    return RESULT_OK;
}

static Result parse_seed(const Option *option, uint64_t *field, const char *shown, const char *text,
                         ResultText *out)
{
    Result result = world_spec_seed(text, field);
    if (result == RESULT_OK)
        return RESULT_OK;
    return wrong(option, shown, text, result == RESULT_LIMIT ? "is too large" : "is no seed", out);
}

Result option_parse(const Option *option, void *base, const char *shown, const char *text,
                    ResultText *out)
{
    assert(shown && text);
    void *field = field_of(option, base);
    switch (option->type) {
    case OPTION_BOOL:
        return parse_bool(option, field, shown, text, out);
    case OPTION_INT:
    case OPTION_REAL:
        return parse_number(option, field, shown, text, out);
    case OPTION_SEED:
        return parse_seed(option, field, shown, text, out);
    case OPTION_CHOICE:
    case OPTION_BITS:
        return parse_choice(option, field, shown, text, out);
    case OPTION_REALS:
    case OPTION_SIZE:
        return parse_list(option, field, shown, text, out);
    case OPTION_TIME:
        return parse_time(option, field, shown, text, out);
    case OPTION_DATE:
        return parse_date(option, field, shown, text, out);
    case OPTION_TEXT:
        break;
    }
    if (strlen(text) >= OPTION_TEXT_MAX)
        return wrong(option, shown, text, "is too long", out);
    if (!*text)
        return wrong(option, shown, "''", "is empty", out);
    snprintf(field, OPTION_TEXT_MAX, "%s", text);
    return RESULT_OK;
}

static void format_list(const Option *option, const void *field, char *out, size_t bytes)
{
    size_t used = 0;
    int count = option->type == OPTION_SIZE ? 2 : option->count;
    for (int i = 0; i < count && used < bytes; i++) {
        char number[32];
        number_print(option->type == OPTION_SIZE ? ((const int *)field)[i]
                                                 : ((const double *)field)[i],
                     number, sizeof number);
        const char *join = i == 0 ? "" : option->type == OPTION_SIZE ? "x" : ",";
        used += (size_t)snprintf(out + used, bytes - used, "%s%s", join, number);
    }
}

static void format_date(int day, char *out, size_t bytes)
{
    int month = 0;
    while (month < 11 && day >= month_days[month])
        day -= month_days[month++];
    snprintf(out, bytes, "%02d-%02d", month + 1, day + 1);
}

void option_format(const Option *option, const void *base, char *out, size_t bytes)
{
    assert(out && bytes > 0);
    const void *field = value_of(option, base);
    out[0] = 0;
    switch (option->type) {
    case OPTION_BOOL:
        snprintf(out, bytes, "%s", *(const bool *)field ? "on" : "off");
        break;
    case OPTION_INT:
        snprintf(out, bytes, "%d", *(const int *)field);
        break;
    case OPTION_SEED:
        snprintf(out, bytes, "%" PRIu64, *(const uint64_t *)field);
        break;
    case OPTION_TIME:
        snprintf(out, bytes, "%02d:%02d", *(const int *)field / 60, *(const int *)field % 60);
        break;
    case OPTION_DATE:
        format_date(*(const int *)field, out, bytes);
        break;
    case OPTION_REAL:
        number_print(*(const double *)field, out, bytes);
        break;
    case OPTION_TEXT:
        snprintf(out, bytes, "%s", (const char *)field);
        break;
    case OPTION_CHOICE:
        option_choice(option->choices, *(const int *)field, out, bytes);
        break;
    case OPTION_BITS:
        snprintf(out, bytes, "%u", (unsigned)*(const uint32_t *)field);
        break;
    case OPTION_REALS:
    case OPTION_SIZE:
        format_list(option, field, out, bytes);
        break;
    }
}

void option_defaults(const Option *options, int count, void *base)
{
    for (int i = 0; i < count; i++) {
        memset(field_of(&options[i], base), 0, field_bytes(&options[i]));
        if (!options[i].initial)
            continue;
        Result result = option_parse(&options[i], base, options[i].name, options[i].initial, NULL);
        assert(result == RESULT_OK && "a default breaks its own range");
        (void)result;
    }
}

bool option_equal(const Option *option, const void *a, const void *b)
{
    if (option->type == OPTION_TEXT)
        return strcmp(value_of(option, a), value_of(option, b)) == 0;
    return memcmp(value_of(option, a), value_of(option, b), field_bytes(option)) == 0;
}

void option_copy(const Option *option, const void *from, void *to)
{
    memcpy(field_of(option, to), value_of(option, from), field_bytes(option));
}

double option_number(const Option *option, const void *base)
{
    const void *field = value_of(option, base);
    switch (option->type) {
    case OPTION_BOOL:
        return *(const bool *)field ? 1 : 0;
    case OPTION_INT:
    case OPTION_CHOICE:
    case OPTION_TIME:
    case OPTION_DATE:
        return *(const int *)field;
    case OPTION_REAL:
        return *(const double *)field;
    default:
        break;
    }
    assert(false && "not a number");
    return 0;
}

void option_set_number(const Option *option, void *base, double value)
{
    void *field = field_of(option, base);
    double clamped = fmin(fmax(value, option->low), option->high);
    char name[64];
    switch (option->type) {
    case OPTION_BOOL:
        *(bool *)field = value != 0;
        break;
    case OPTION_INT:
    case OPTION_TIME:
    case OPTION_DATE:
        *(int *)field = (int)lround(clamped);
        break;
    case OPTION_REAL:
        *(double *)field = clamped;
        break;
    case OPTION_CHOICE:
        if (value >= 0 && option_choice(option->choices, (int)value, name, sizeof name))
            *(int *)field = (int)value;
        break;
    default:
        assert(false && "not a number");
    }
}

int option_find(const Option *options, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(options[i].name, name) == 0)
            return i;
    }
    return -1;
}
