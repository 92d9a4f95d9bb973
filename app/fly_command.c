// `arete fly`: the viewer, from its words to its end.
#include "base/log.h"
#include "command.h"
#include "fly.h"
#include <stdio.h>
#include <string.h>

typedef struct FlyOptions {
    double at_m[3], look_deg[2];
    int ticks, overlay;
    char trace[OPTION_TEXT_MAX], shaders[OPTION_TEXT_MAX];
    bool fresh, gl33, verbose;
} FlyOptions;

#define AT(field) .offset = offsetof(FlyOptions, field)
#define PAGES "frame|streaming|memory|map|knobs|soak"
static const Option options[] = {
    {.name = "at",
     .unit = "X,Z,AGL",
     .type = OPTION_REALS,
     .count = 3,
     .low = -1e12,
     .high = 1e12,
     AT(at_m),
     .unset = "the last position",
     .help = "start there: east, south and height above ground in metres"},
    {.name = "look",
     .unit = "YAW,PITCH",
     .type = OPTION_REALS,
     .count = 2,
     .low = -360,
     .high = 360,
     AT(look_deg),
     .unset = "the last look",
     .help = "look there: degrees clockwise from north, degrees up (-89 to 89)"},
    {.name = "fresh",
     .unit = "",
     .type = OPTION_BOOL,
     AT(fresh),
     .help = "leave saved settings and position out of it, reading and writing"},
    {.name = "overlay",
     .unit = "PAGE",
     .type = OPTION_CHOICE,
     AT(overlay),
     .choices = PAGES,
     .unset = "hidden",
     .help = "open the debug overlay at this page"},
    {.name = "trace",
     .unit = "FILE",
     .type = OPTION_TEXT,
     AT(trace),
     .help = "write a trace for Perfetto or Chrome at the end"},
    {.name = "shaders",
     .unit = "FOLDER",
     .type = OPTION_TEXT,
     AT(shaders),
     .help = "use these shaders, and reload them when they change"},
    {.name = "ticks",
     .unit = "ticks",
     .type = OPTION_INT,
     .low = 1,
     .high = 1e9,
     AT(ticks),
     .unset = "endless",
     .help = "end after so many frames"},
    {.name = "gl33",
     .unit = "",
     .type = OPTION_BOOL,
     AT(gl33),
     .help = "use OpenGL 3.3 even where 4.5 is to be had"},
    {.name = "verbose", .unit = "", .type = OPTION_BOOL, AT(verbose), .help = "say more"},
};
#define OPTIONS ((int)(sizeof options / sizeof options[0]))
enum { ROW_AT, ROW_LOOK, ROW_FRESH, ROW_OVERLAY, ROW_TRACE };

static Result check_options(const FlyOptions *own, const bool *given, ResultText *text)
{
    if (given[ROW_AT] && (own->at_m[2] < 2 || own->at_m[2] > 30000))
        return result_fail(text, RESULT_BAD_INPUT,
                           "--at: %g m above ground is out of range; 2 to 30000", own->at_m[2]);
    if (given[ROW_LOOK] && (own->look_deg[1] < -89 || own->look_deg[1] > 89))
        return result_fail(text, RESULT_BAD_INPUT,
                           "--look: a pitch of %g degrees is out of range; -89 to 89",
                           own->look_deg[1]);
    return given[ROW_TRACE] ? command_check_output("--trace", own->trace, text) : RESULT_OK;
}

// Where one starts: the command line's word, else where one was in this world, else the world's start.
static void place(const FlyOptions *own, const bool *given, const SavedPosition *last, FlyDesc *out)
{
    bool known = strcmp(last->world, out->world->spec.name) == 0;
    const double start[3] = {128, 128, 260}, level[2] = {300, -4};
    const double back[3] = {last->x_m, last->z_m, last->agl_m};
    const double look[2] = {last->yaw_deg, last->pitch_deg};
    memcpy(out->at_m, given[ROW_AT] ? own->at_m : known ? back : start, sizeof out->at_m);
    memcpy(out->look_deg,
           given[ROW_LOOK] ? own->look_deg
           : known         ? look
                           : level,
           sizeof out->look_deg);
    out->speed_m_s = known ? last->speed_m_s : 0;
    out->follow = known && !given[ROW_AT] && last->follow;
}

static void overrule(Settings *settings, const Settings *words, const bool *given)
{
    for (int i = 0; i < settings_count; i++) {
        if (given[i])
            option_copy(&settings_table[i], words, settings);
    }
}

static Result run(const FlyOptions *own, const bool *given, const char *word, FlyDesc *desc,
                  const SavedPosition *last, ResultText *text)
{
    CommandWorld world;
    ResultText ignored;
    char page[32];
    WorldSpec spec;
    // A world saved by a later version may be unknown here: then the default it is.
    if (!word && *last->world && world_spec_parse(last->world, &spec, &ignored) == RESULT_OK)
        word = last->world;
    Result result = command_open_world(word, &world, text);
    if (result != RESULT_OK) {
        saved_destroy(desc->saved, NULL, NULL);
        return result;
    }
    desc->world = &world;
    desc->trace = given[ROW_TRACE] ? own->trace : NULL;
    desc->shaders = *own->shaders ? own->shaders : NULL;
    desc->ticks = (uint64_t)own->ticks;
    desc->gl33 = own->gl33;
    if (given[ROW_OVERLAY] && option_choice(PAGES, own->overlay, page, sizeof page))
        desc->overlay = page;
    place(own, given, last, desc);
    Settings live;
    SavedPosition position;
    result = fly_run(desc, &live, &position, text);
    bool flown = result == RESULT_OK;
    saved_destroy(desc->saved, flown ? &live : NULL, flown ? &position : NULL);
    command_close_world(&world);
    return result;
}

int command_fly(int argc, char **argv)
{
    FlyOptions own;
    Settings words;
    SavedPosition last;
    FlyDesc fly = {0};
    bool given[OPTIONS] = {0}, settings_given[64] = {0};
    Arguments arguments;
    ResultText text = {0};
    int exit_code = 0;
    option_defaults(options, OPTIONS, &own);
    settings_defaults(&words);
    ArgumentsDesc desc = {
        .command = "fly",
        .words = "[WORLD]",
        .words_max = 1,
        .summary = "Flies over a world in a window. F1 shows the keys.",
        .notes = "Settings are kept in $XDG_CONFIG_HOME/arete/arete.ini, the last position in\n"
                 "$XDG_STATE_HOME/arete/position.ini; the command line comes before both.",
        .tables = {{options, OPTIONS, &own, given},
                   {settings_table, settings_count, &words, settings_given}},
        .table_count = 2};
    if (!command_arguments(&desc, argc, argv, &arguments, &exit_code))
        return exit_code;
    log_set_level(own.verbose ? LOG_INFO : LOG_WARN);
    const char *word = arguments.word_count ? arguments.words[0] : NULL;
    WorldSpec spec;
    if (check_options(&own, given, &text) != RESULT_OK ||
        (word && world_spec_parse(word, &spec, &text) != RESULT_OK))
        return command_fail(&text);
    fly.saved = saved_create(own.fresh, &fly.settings, &last);
    if (!fly.saved) {
        (void)result_fail(&text, RESULT_OUT_OF_MEMORY, "no memory for the settings");
        return command_fail(&text);
    }
    overrule(&fly.settings, &words, settings_given);
    Result result = run(&own, given, word, &fly, &last, &text);
    return result == RESULT_OK ? COMMAND_EXIT_OK : command_fail(&text);
}
