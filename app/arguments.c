#include "arguments.h"
#include "nearest.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_CHARS 32
#define NAMES_MAX 96

typedef struct Found {
    const OptionTable *table;
    int index;
} Found;

static Found find_name(const ArgumentsDesc *desc, const char *name, size_t length)
{
    for (int t = 0; t < desc->table_count; t++) {
        for (int i = 0; i < desc->tables[t].count; i++) {
            const Option *option = &desc->tables[t].options[i];
            if (strlen(option->name) == length && strncmp(option->name, name, length) == 0)
                return (Found){&desc->tables[t], i};
        }
    }
    return (Found){NULL, -1};
}

static Found find_letter(const ArgumentsDesc *desc, char letter)
{
    for (int t = 0; t < desc->table_count; t++) {
        for (int i = 0; i < desc->tables[t].count; i++) {
            if (desc->tables[t].options[i].letter == letter)
                return (Found){&desc->tables[t], i};
        }
    }
    return (Found){NULL, -1};
}

static Result unknown_option(const ArgumentsDesc *desc, const char *shown, ResultText *text)
{
    const char *names[NAMES_MAX + 1];
    char name[NAME_MAX_CHARS + 1];
    int count = 0;
    for (int t = 0; t < desc->table_count; t++) {
        for (int i = 0; i < desc->tables[t].count && count < NAMES_MAX; i++)
            names[count++] = desc->tables[t].options[i].name;
    }
    names[count] = NULL;
    const char *bare = shown + strspn(shown, "-");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(bare, "="), bare);
    const char *near = nearest_name(name, names);
    return result_fail(
        text, RESULT_BAD_INPUT, "unknown option %.80s; %s%s%s`arete %s --help` lists them", shown,
        near ? "did you mean --" : "", near ? near : "", near ? "? " : "", desc->command);
}

// Where one option's words begin and what they say.
typedef struct Reader {
    const ArgumentsDesc *desc;
    int argc, index;
    char **argv;
    uint64_t met[ARGUMENTS_TABLES_MAX]; // rows named so far
} Reader;

static Result take(Reader *reader, Found found, const char *shown, const char *value,
                   ResultText *text)
{
    const Option *option = &found.table->options[found.index];
    assert(found.index < 64);
    uint64_t bit = UINT64_C(1) << found.index;
    uint64_t *met = &reader->met[found.table - reader->desc->tables];
    if ((*met & bit) && option->type != OPTION_BITS)
        return result_fail(text, RESULT_BAD_INPUT, "%s is given twice; once is right", shown);
    *met |= bit;
    if (found.table->given)
        found.table->given[found.index] = true;
    if (!value && option->type == OPTION_BOOL) {
        value = "on";
    } else if (!value) {
        const char *next = reader->index < reader->argc ? reader->argv[reader->index] : NULL;
        if (!next || strncmp(next, "--", 2) == 0) {
            char range[256];
            option_range(option, range, sizeof range);
            return result_fail(text, RESULT_BAD_INPUT, "%s lacks its value; %s", shown, range);
        }
        value = next;
        reader->index++;
    }
    return option_parse(option, found.table->base, shown, value, text);
}

static Result take_long(Reader *reader, const char *word, ResultText *text)
{
    char shown[NAME_MAX_CHARS + 3];
    size_t length = strcspn(word + 2, "=");
    const char *value = word[2 + length] == '=' ? word + 2 + length + 1 : NULL;
    Found found = find_name(reader->desc, word + 2, length);
    if (!found.table && strncmp(word, "--no-", 5) == 0 && !value) {
        found = find_name(reader->desc, word + 5, length - 3);
        if (found.table && found.table->options[found.index].type != OPTION_BOOL)
            found.table = NULL;
        value = "off";
    }
    if (!found.table)
        return unknown_option(reader->desc, word, text);
    snprintf(shown, sizeof shown, "--%s", found.table->options[found.index].name);
    return take(reader, found, shown, value, text);
}

static Result take_word(Reader *reader, const char *word, Arguments *out, ResultText *text)
{
    const ArgumentsDesc *desc = reader->desc;
    assert(desc->words_max <= ARGUMENTS_WORDS_MAX);
    if (out->word_count == desc->words_max && desc->words_max == 0)
        return result_fail(text, RESULT_BAD_INPUT,
                           "%.120s is one word too many; `arete %s` takes only options", word,
                           desc->command);
    if (out->word_count == desc->words_max)
        return result_fail(text, RESULT_BAD_INPUT,
                           "%.120s is one word too many; `arete %s` takes %s", word, desc->command,
                           desc->words);
    out->words[out->word_count++] = word;
    return RESULT_OK;
}

Result arguments_parse(const ArgumentsDesc *desc, int argc, char **argv, Arguments *out,
                       ResultText *text)
{
    assert(desc && out && desc->table_count <= ARGUMENTS_TABLES_MAX);
    Reader reader = {.desc = desc, .argc = argc, .argv = argv};
    *out = (Arguments){0};
    Result result = RESULT_OK;
    while (reader.index < argc && result == RESULT_OK && !out->help) {
        const char *word = argv[reader.index++];
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            out->help = true;
        } else if (word[0] == '-' && word[1] == '-') {
            result = take_long(&reader, word, text);
        } else if (word[0] == '-' && word[1]) {
            Found found = find_letter(desc, word[1]);
            if (!found.table)
                result = unknown_option(desc, word, text);
            else
                result = take(&reader, found, (char[]){'-', word[1], 0}, word[2] ? word + 2 : NULL,
                              text);
        } else {
            result = take_word(&reader, word, out, text);
        }
    }
    return result;
}

static void print_option(const Option *option)
{
    char names[96], range[256];
    option_range(option, range, sizeof range);
    snprintf(names, sizeof names, "%s%.1s%s--%s%s %s", option->letter ? "-" : "",
             (char[]){option->letter, 0}, option->letter ? ", " : "",
             option->type == OPTION_BOOL ? "[no-]" : "", option->name, option->unit);
    printf("  %-28s %s\n", names, option->help);
    bool ranged = option->type != OPTION_TEXT && option->type != OPTION_BOOL;
    const char *initial = option->initial ? option->initial : option->unset;
    if (!ranged && !initial)
        return;
    printf("  %-28s %s%s%s%s\n", "", ranged ? range : "", ranged && initial ? "; " : "",
           initial ? "default " : "", initial ? initial : "");
}

void arguments_help(const ArgumentsDesc *desc)
{
    printf("usage: arete %s%s%s [options]\n%s\n", desc->command, *desc->words ? " " : "",
           desc->words, desc->summary);
    const char *group = NULL;
    for (int t = 0; t < desc->table_count; t++) {
        for (int i = 0; i < desc->tables[t].count; i++) {
            const Option *option = &desc->tables[t].options[i];
            const char *now = option->group ? option->group : "options";
            if (!group || strcmp(group, now) != 0)
                printf("\n%s:\n", now);
            group = now;
            print_option(option);
        }
    }
    printf("  %-28s %s\n", "-h, --help", "print this and stop");
    if (desc->notes)
        printf("\n%s\n", desc->notes);
}
