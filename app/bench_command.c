// `arete bench`: picks benchmarks, runs them one by one, prints a table and writes JSON.
#include "base/log.h"
#include "bench.h"
#include "command.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct BenchOptions {
    char json[OPTION_TEXT_MAX], world[OPTION_TEXT_MAX];
} BenchOptions;

#define AT(field) .offset = offsetof(BenchOptions, field)
static const Option options[] = {
    {.name = "json",
     .unit = "FILE",
     .type = OPTION_TEXT,
     AT(json),
     .help = "writes the figures there"},
    {.name = "world",
     .unit = "WORLD",
     .type = OPTION_TEXT,
     AT(world),
     .initial = WORLD_SPEC_DEFAULT,
     .help = "that is measured"},
};
#define OPTIONS ((int)(sizeof options / sizeof options[0]))

static int find_case(const char *word)
{
    for (int i = 0; i < bench_case_count; i++) {
        if (strcasecmp(word, bench_cases[i].id) == 0)
            return i;
    }
    return -1;
}

static void list_cases(char *out, size_t bytes)
{
    size_t used = 0;
    for (int i = 0; i < bench_case_count && used < bytes; i++)
        used += (size_t)snprintf(out + used, bytes - used, "%s%s (%s)", i ? ", " : "",
                                 bench_cases[i].id, bench_cases[i].name);
}

static Result pick(const Arguments *arguments, bool *picked, ResultText *text)
{
    char list[400];
    for (int i = 0; i < arguments->word_count; i++) {
        int which = find_case(arguments->words[i]);
        if (which < 0) {
            list_cases(list, sizeof list);
            return result_fail(text, RESULT_BAD_INPUT, "no benchmark is called %.40s; there are %s",
                               arguments->words[i], list);
        }
        picked[which] = true;
    }
    for (int i = 0; i < bench_case_count && arguments->word_count == 0; i++)
        picked[i] = true;
    return RESULT_OK;
}

static Result run(const BenchOptions *own, const bool *picked, Bench *bench, ResultText *text)
{
    CommandWorld world;
    Result result = command_open_world(own->world, 0, &world, text);
    if (result != RESULT_OK)
        return result;
    bench->source = &world.source;
    bench->seed = world.spec.seed;
    for (int i = 0; i < bench_case_count; i++) {
        if (!picked[i])
            continue;
        fprintf(stderr, "%s: %s\n", bench_cases[i].id, bench_cases[i].name);
        bench->current = bench_cases[i].id;
        bench_cases[i].run(bench);
    }
    bench_print(bench);
    if (*own->json)
        result = bench_write(bench, own->json, text);
    command_close_world(&world);
    return result;
}

int command_bench(int argc, char **argv)
{
    BenchOptions own;
    Bench bench = {0};
    Arguments arguments;
    ResultText text = {0};
    bool picked[ARGUMENTS_WORDS_MAX] = {0};
    int exit_code = 0;
    option_defaults(options, OPTIONS, &own);
    ArgumentsDesc desc = {
        .command = "bench",
        .words = "[NAME...]",
        .words_max = ARGUMENTS_WORDS_MAX,
        .summary = "Measures the parts of the engine one by one; names as in B1.",
        .notes = "Times are CPU times and medians, so that other programs matter little.\n"
                 "Exit code: 0 every limit held, 1 one did not, 2 could not run.",
        .tables = {{options, OPTIONS, &own, NULL}},
        .table_count = 1};
    if (!command_arguments(&desc, argc, argv, &arguments, &exit_code))
        return exit_code;
    if (pick(&arguments, picked, &text) != RESULT_OK)
        return command_fail(&text);
    if (*own.json && command_check_output("--json", own.json, &text) != RESULT_OK)
        return command_fail(&text);
    log_set_level(LOG_WARN);
    if (run(&own, picked, &bench, &text) != RESULT_OK)
        return command_fail(&text);
    return bench_passed(&bench) ? COMMAND_EXIT_OK : COMMAND_EXIT_FAILED;
}
