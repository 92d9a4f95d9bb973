#include "world_spec.h"
#include "base/os_file.h"
#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define RIGHT "this version flies seed:NUMBER, as in seed:42"

// Digits of `base` up to 2^64 - 1; RESULT_LIMIT when the number is larger.
static Result digits_parse(const char *text, unsigned base, uint64_t *out)
{
    uint64_t value = 0;
    if (!*text)
        return RESULT_BAD_INPUT;
    for (; *text; text++) {
        int c = tolower((unsigned char)*text);
        unsigned digit = isdigit(c)   ? (unsigned)(c - '0')
                         : isalpha(c) ? (unsigned)(c - 'a' + 10)
                                      : 99;
        if (digit >= base)
            return RESULT_BAD_INPUT;
        if (value > (UINT64_MAX - digit) / base)
            return RESULT_LIMIT;
        value = value * base + digit;
    }
    *out = value;
    return RESULT_OK;
}

Result world_spec_seed(const char *digits, uint64_t *out)
{
    assert(digits && out);
    bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
    return digits_parse(digits + (hex ? 2 : 0), hex ? 16 : 10, out);
}

static Result seed_parse(const char *digits, WorldSpec *out, ResultText *text)
{
    Result result = world_spec_seed(digits, &out->seed);
    if (result == RESULT_LIMIT)
        return result_fail(
            text, RESULT_BAD_INPUT,
            "seed %.80s is too large; 0 to 18446744073709551615, or 0x0 to 0xffffffffffffffff",
            digits);
    if (result != RESULT_OK)
        return result_fail(text, RESULT_BAD_INPUT,
                           "seed '%.80s' is no number; a whole number from 0 to "
                           "18446744073709551615, or 0x and hex digits",
                           digits);
    snprintf(out->name, sizeof out->name, "seed:%" PRIu64, out->seed);
    return RESULT_OK;
}

static bool starts(const char *word, const char *start)
{
    return strncasecmp(word, start, strlen(start)) == 0;
}

static bool ends(const char *word, const char *end)
{
    size_t length = strlen(word), tail = strlen(end);
    return length >= tail && strcasecmp(word + length - tail, end) == 0;
}

static bool real_world_kind(const char *word)
{
    static const char *const kinds[] = {".tif", ".tiff", ".hgt", ".pmtiles", ".mbtiles", ".zip"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (ends(word, kinds[i]))
            return true;
    }
    return false;
}

static bool is_folder(const char *word)
{
    char inside[1024];
    int length = snprintf(inside, sizeof inside, "%s/.", word);
    return length < (int)sizeof inside && os_file_exists(inside);
}

// "42", "seed42" and "seed=42" are meant as seed:42.
static bool meant_seed(const char *word, WorldSpec *out)
{
    if (starts(word, "seed"))
        word += strcspn(word, "0123456789");
    return seed_parse(word, out, NULL) == RESULT_OK;
}

Result world_spec_parse(const char *word, WorldSpec *out, ResultText *text)
{
    assert(out);
    *out = (WorldSpec){0};
    if (!word)
        word = WORLD_SPEC_DEFAULT;
    if (starts(word, "seed:"))
        return seed_parse(word + 5, out, text);
    if (starts(word, "http://") || starts(word, "https://"))
        return result_fail(
            text, RESULT_UNSUPPORTED,
            "%.200s: worlds from the network are not supported by this version; " RIGHT, word);
    if (!*word)
        return result_fail(text, RESULT_BAD_INPUT, "the world is empty; " RIGHT);
    if (is_folder(word))
        return result_fail(
            text, RESULT_UNSUPPORTED,
            "%.200s: folders of real-world data are not supported by this version; " RIGHT, word);
    if (!os_file_exists(word) && meant_seed(word, out))
        return result_fail(text, RESULT_NOT_FOUND,
                           "world %.200s: there is no such file; did you mean %s?", word,
                           out->name);
    if (!os_file_exists(word))
        return result_fail(text, RESULT_NOT_FOUND, "world %.200s: there is no such file; " RIGHT,
                           word);
    if (real_world_kind(word))
        return result_fail(text, RESULT_UNSUPPORTED,
                           "%.200s: real-world data is not supported by this version; " RIGHT,
                           word);
    return result_fail(text, RESULT_UNSUPPORTED, "%.200s: a file of unknown kind; " RIGHT, word);
}

bool world_spec_looks_like(const char *word)
{
    assert(word);
    WorldSpec meant;
    return strpbrk(word, ":/.") != NULL || meant_seed(word, &meant) || os_file_exists(word);
}
