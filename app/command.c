#include "command.h"
#include "base/os_file.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

int command_fail(const ResultText *text)
{
    assert(text && text->text[0]);
    fprintf(stderr, "arete: %s\n", text->text);
    return COMMAND_EXIT_USAGE;
}

bool command_arguments(const ArgumentsDesc *desc, int argc, char **argv, Arguments *out,
                       int *out_exit)
{
    ResultText text = {0};
    assert(desc && out && out_exit);
    *out_exit = COMMAND_EXIT_OK;
    if (arguments_parse(desc, argc, argv, out, &text) != RESULT_OK) {
        *out_exit = command_fail(&text);
        return false;
    }
    if (out->help)
        arguments_help(desc);
    return !out->help;
}

Result command_world_word(const char **word, const Settings *settings, const bool *given,
                          char buffer[WORLD_SPEC_NAME_MAX], ResultText *text)
{
    assert(word && settings && given && buffer);
    bool seeded = given[option_find(settings_table, settings_count, "seed")];
    if (*word && seeded)
        return result_fail(text, RESULT_BAD_INPUT, "--seed %" PRIu64 " and %.80s; one of them",
                           settings->seed, *word);
    snprintf(buffer, WORLD_SPEC_NAME_MAX, "seed:%" PRIu64, settings->seed);
    *word = *word ? *word : buffer;
    return RESULT_OK;
}

Result command_open_world(const char *word, double snow_line_m, CommandWorld *out, ResultText *text)
{
    assert(out);
    *out = (CommandWorld){0};
    Result result = world_spec_parse(word, &out->spec, text);
    if (result != RESULT_OK)
        return result;
    TerrainDesc desc = {.seed = out->spec.seed, .snow_line_m = (float)snow_line_m};
    result = terrain_create(&desc, &out->terrain);
    if (result != RESULT_OK)
        return result_fail(text, result, "%s could not be made: %s", out->spec.name,
                           result_name(result));
    out->source = terrain_source(out->terrain);
    return RESULT_OK;
}

void command_close_world(CommandWorld *world)
{
    assert(world);
    terrain_destroy(world->terrain);
    *world = (CommandWorld){0};
}

Result command_check_output(const char *option, const char *path, ResultText *text)
{
    assert(option && path);
    if (*path && os_file_can_write(path))
        return RESULT_OK;
    return result_fail(
        text, RESULT_IO,
        "%s %.200s cannot be written; a file in an existing folder that may be written to", option,
        path);
}

bool command_ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), tail = strlen(ending);
    return length > tail && strcasecmp(path + length - tail, ending) == 0;
}
