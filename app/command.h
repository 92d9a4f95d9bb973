// Purpose: what all commands share: the list of them, exit codes, errors, the world's opening, output checks.
// Owns: nothing; an CommandWorld owns its terrain until command_close_world.
// Threads: the main thread.
// Fails: prints "arete: what was wrong; what would be right" and gives the exit code.
#pragma once
#include "arguments.h"
#include "settings.h"
#include "terrain/terrain.h"
#include "world_spec.h"

#define COMMAND_EXIT_OK 0
#define COMMAND_EXIT_FAILED 1 // it ran, and the verdict is red
#define COMMAND_EXIT_USAGE 2  // it could not run, or lost its display

// `argc` and `argv` hold the words after the command's name; the exit code is returned.
typedef int CommandRun(int argc, char **argv);
CommandRun command_fly, command_soak, command_shot, command_heights, command_bench;

// Parses, prints help when asked. False: return `*out_exit` at once.
bool command_arguments(const ArgumentsDesc *desc, int argc, char **argv, Arguments *out,
                       int *out_exit);

// Prints the error; returns COMMAND_EXIT_USAGE.
int command_fail(const ResultText *text);

typedef struct CommandWorld {
    WorldSpec spec;
    Terrain *terrain;
    Source source;
} CommandWorld;

// The WORLD word of a command line without one: the seed of its settings, written into `buffer`. A word and a --seed
// (`given`: as the table's rows) are one too many.
RESULT_MUST Result command_world_word(const char **word, const Settings *settings,
                                      const bool *given, char buffer[WORLD_SPEC_NAME_MAX],
                                      ResultText *text);

// `word` as in world_spec_parse; the snow line as in TerrainDesc.
RESULT_MUST Result command_open_world(const char *word, double snow_line_m, CommandWorld *out,
                                      ResultText *text);
void command_close_world(CommandWorld *world);

// Checks before any work that `path` can be written; `option` is how it was named.
RESULT_MUST Result command_check_output(const char *option, const char *path, ResultText *text);

// True when `path` ends in `ending`, case aside.
bool command_ends_with(const char *path, const char *ending);
