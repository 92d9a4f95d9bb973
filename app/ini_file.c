#include "ini_file.h"
#include "base/log.h"
#include "base/os_file.h"
#include "base/os_memory.h"
#include <assert.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ini_file_place(IniFile *file, const char *variable, const char *fallback, const char *name)
{
    assert(file && variable && fallback && name);
    memset(file, 0, sizeof *file);
    place_file(variable, fallback, name, file->path);
}

// What the callbacks of inih share: it reports only the first bad line, and not why.
typedef struct Reading {
    IniFile *file;
    const OptionTable *table;
    const char *next; // rest of the text
    int line;
    int wrong_line; // 0: none yet
    ResultText why;
} Reading;

static void reading_wrong(Reading *reading, const char *why)
{
    if (reading->wrong_line)
        return;
    reading->wrong_line = reading->line;
    snprintf(reading->why.text, sizeof reading->why.text, "%s", why);
}

// fgets over the text in memory.
static char *reading_line(char *out, int bytes, void *object)
{
    Reading *reading = object;
    if (!*reading->next)
        return NULL;
    reading->line++;
    size_t length = strcspn(reading->next, "\n");
    size_t whole = length + (reading->next[length] == '\n');
    if (whole >= (size_t)bytes || length >= INI_FILE_LINE_MAX)
        reading_wrong(reading, "the line is too long");
    size_t copied = whole < (size_t)bytes ? whole : (size_t)bytes - 1;
    memcpy(out, reading->next, copied);
    out[copied] = 0;
    // Multi-line values do not exist here: a line that begins with a space must not extend the one before.
    char *start = out + strspn(out, " \t\r\f\v");
    if (start != out)
        memmove(out, start, strlen(start) + 1);
    reading->next += whole;
    return out;
}

static void reading_keep(Reading *reading, const char *section, const char *name, const char *value)
{
    log_warn("%s line %d: unknown setting %s; it is kept and has no effect", reading->file->path,
             reading->line, name);
    if (reading->file->kept_count == INI_FILE_KEPT_MAX) {
        reading_wrong(reading, "too many unknown settings");
        return;
    }
    IniFileKept *kept = &reading->file->kept[reading->file->kept_count++];
    snprintf(kept->section, sizeof kept->section, "%s", section);
    snprintf(kept->line, sizeof kept->line, "%s = %s", name, value);
}

static int reading_value(void *object, const char *section, const char *name, const char *value)
{
    Reading *reading = object;
    const OptionTable *table = reading->table;
    int index = option_find(table->options, table->count, name);
    if (index >= 0 && *section && strcmp(section, table->options[index].group) != 0)
        index = -1;
    if (index < 0) {
        if (strlen(section) >= sizeof reading->file->kept[0].section)
            reading_wrong(reading, "the section's name is too long");
        reading_keep(reading, section, name, value);
        return 1;
    }
    ResultText why = {0};
    if (option_parse(&table->options[index], table->base, name, value, &why) == RESULT_OK)
        return 1;
    reading_wrong(reading, why.text);
    return 0;
}

static Result reading_run(Reading *reading, const uint8_t *data, size_t bytes)
{
    int line = 0;
    if (memchr(data, 0, bytes)) {
        for (const uint8_t *at = data; *at; at++)
            reading->line += *at == '\n';
        reading->line++;
        reading_wrong(reading, "it holds a zero byte");
        return RESULT_BAD_INPUT;
    }
    reading->next = (const char *)data;
    line = ini_parse_stream(reading_line, reading, reading_value, reading);
    if (line > 0 && !reading->wrong_line) {
        reading->line = line;
        reading_wrong(reading, "it is neither [section] nor name = value");
    }
    return reading->wrong_line || line < 0 ? RESULT_BAD_INPUT : RESULT_OK;
}

Result ini_file_read(IniFile *file, const OptionTable *table, ResultText *text)
{
    assert(file && table && table->base);
    uint8_t *data = NULL;
    size_t bytes = 0;
    if (!file->path[0] || !os_file_exists(file->path))
        return RESULT_OK;
    Result result = os_file_read(file->path, INI_FILE_BYTES_MAX, &data, &bytes, text);
    if (result != RESULT_OK) {
        file->left_alone = true;
        return result;
    }
    Reading reading = {.file = file, .table = table};
    result = reading_run(&reading, data, bytes);
    os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
    if (result == RESULT_OK)
        return RESULT_OK;
    option_defaults(table->options, table->count, table->base);
    file->left_alone = true;
    file->kept_count = 0;
    return result_fail(
        text, RESULT_BAD_INPUT,
        "%.200s line %d: %.160s; the defaults are used and the file is left as it is", file->path,
        reading.wrong_line, reading.why.text);
}

// A bounded text that grows at its end; what does not fit sets `full`.
typedef struct Text {
    char *bytes;
    size_t used;
    bool full;
} Text;

__attribute__((format(printf, 2, 3))) static void text_add(Text *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    size_t left = INI_FILE_BYTES_MAX - text->used;
    int written = vsnprintf(text->bytes + text->used, left, format, list);
    va_end(list);
    text->full = text->full || written < 0 || (size_t)written >= left;
    if (!text->full)
        text->used += (size_t)written;
}

static void add_option(Text *text, const Option *option, const void *base, const void *initial)
{
    char value[OPTION_TEXT_MAX], range[256];
    option_format(option, base, value, sizeof value);
    option_range(option, range, sizeof range);
    bool same = option_equal(option, base, initial);
    text_add(text, "; %s (%s)\n%s%s = %s\n", option->help, range, same ? "; " : "", option->name,
             same && option->unset ? option->unset : value);
}

static void add_kept(Text *text, const IniFile *file, const char *section)
{
    for (int i = 0; i < file->kept_count; i++) {
        if (strcmp(file->kept[i].section, section) == 0)
            text_add(text, "%s\n", file->kept[i].line);
    }
}

static bool group_begins(const OptionTable *table, int index)
{
    return index == 0 || strcmp(table->options[index].group, table->options[index - 1].group) != 0;
}

static bool group_exists(const OptionTable *table, const char *section)
{
    for (int i = 0; i < table->count; i++) {
        if (strcmp(table->options[i].group, section) == 0)
            return true;
    }
    return false;
}

// Kept sections that the table does not have, each written once.
static void add_foreign(Text *text, const IniFile *file, const OptionTable *table)
{
    for (int i = 0; i < file->kept_count; i++) {
        const char *section = file->kept[i].section;
        bool seen = !*section || group_exists(table, section);
        for (int j = 0; j < i && !seen; j++)
            seen = strcmp(file->kept[j].section, section) == 0;
        if (seen)
            continue;
        text_add(text, "\n[%s]\n", section);
        add_kept(text, file, section);
    }
}

static void write_text(Text *text, const IniFile *file, const OptionTable *table,
                       const void *initial)
{
    text_add(text, "; Arete. Lines that begin with ; show defaults.\n");
    add_kept(text, file, "");
    for (int i = 0; i < table->count; i++) {
        assert(table->options[i].group && "this table is not meant for a file");
        if (group_begins(table, i)) {
            text_add(text, "\n[%s]\n", table->options[i].group);
            add_kept(text, file, table->options[i].group);
        }
        add_option(text, &table->options[i], table->base, initial);
    }
    add_foreign(text, file, table);
}

static size_t struct_bytes(const OptionTable *table)
{
    size_t bytes = 0;
    for (int i = 0; i < table->count; i++) {
        size_t end = table->options[i].offset + OPTION_TEXT_MAX;
        bytes = end > bytes ? end : bytes;
    }
    return bytes;
}

static Result make_folder(const char *path, ResultText *text)
{
    char folder[sizeof((IniFile *)0)->path];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash || slash == folder)
        return RESULT_OK;
    *slash = 0;
    return os_file_make_directories(folder, text);
}

Result ini_file_write(const IniFile *file, const OptionTable *table, ResultText *text)
{
    assert(file && table && table->base);
    if (!file->path[0] || file->left_alone)
        return RESULT_OK;
    size_t initial_bytes = struct_bytes(table);
    void *initial = os_memory_alloc(initial_bytes, OS_MEMORY_APP);
    Text out = {.bytes = os_memory_alloc(INI_FILE_BYTES_MAX, OS_MEMORY_APP)};
    Result result = RESULT_OUT_OF_MEMORY;
    if (initial && out.bytes) {
        option_defaults(table->options, table->count, initial);
        write_text(&out, file, table, initial);
        result = out.full ? result_fail(text, RESULT_LIMIT, "%s would grow over 64 KiB", file->path)
                          : make_folder(file->path, text);
    }
    if (result == RESULT_OK)
        result = os_file_write(file->path, out.bytes, out.used, text);
    os_memory_free(out.bytes, INI_FILE_BYTES_MAX, OS_MEMORY_APP);
    os_memory_free(initial, initial_bytes, OS_MEMORY_APP);
    return result;
}
