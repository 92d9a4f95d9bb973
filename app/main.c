// The command line: picks the command; without one, the first word may be a world and the viewer starts.
#include "base/os_memory.h"
#include "base/version.h"
#include "command.h"
#include "nearest.h"
#include <stdio.h>
#include <string.h>

typedef struct Command {
    const char *name, *summary;
    CommandRun *run;
} Command;

static const Command commands[] = {
    {"fly", "flies over a world in a window; the default", command_fly},
    {"soak", "flies a scripted path without a pilot and ends in a verdict", command_soak},
    {"shot", "takes one picture after everything in view has arrived", command_shot},
    {"heights", "writes the height field of a rectangle to a file", command_heights},
    {"bench", "measures the parts of the engine one by one", command_bench},
};
#define COMMANDS ((int)(sizeof commands / sizeof commands[0]))

static void print_help(void)
{
    printf(
        "Arete %s (%s): fly over endless terrain\n\nusage: arete [COMMAND] [WORLD] [options]\n\n",
        version_string(), version_revision());
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-8s %s\n", commands[i].name, commands[i].summary);
    printf("\nWORLD is seed:NUMBER (default " WORLD_SPEC_DEFAULT ").\n"
           "`arete COMMAND --help` lists the options of a command.\n");
}

static int unknown_command(const char *word)
{
    const char *names[COMMANDS + 1];
    char list[128] = "";
    size_t used = 0;
    for (int i = 0; i < COMMANDS; i++) {
        names[i] = commands[i].name;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    names[COMMANDS] = NULL;
    const char *near = nearest_name(word, names);
    ResultText text;
    (void)result_fail(
        &text, RESULT_BAD_INPUT,
        "%.120s is no command and no world; %s%s%scommands are %s, and a world is seed:NUMBER",
        word, near ? "did you mean " : "", near ? near : "", near ? "? " : "", list);
    return command_fail(&text);
}

int main(int argc, char **argv)
{
    os_memory_setup();
    const char *first = argc > 1 ? argv[1] : "";
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0) {
        print_help();
        return COMMAND_EXIT_OK;
    }
    if (strcmp(first, "--version") == 0) {
        printf("Arete %s (%s)\n", version_string(), version_revision());
        return COMMAND_EXIT_OK;
    }
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(first, commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    }
    if (*first && *first != '-' && !world_spec_looks_like(first))
        return unknown_command(first);
    return command_fly(argc - 1, argv + 1);
}
