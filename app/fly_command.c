// `arete fly`: the viewer, from its words to its end.
#include "base/log.h"
#include "command.h"
#include "fly.h"
#include "picture_options.h"
#include "stop_signal.h"
#include <stdio.h>
#include <string.h>

typedef struct FlyOptions {
    PictureOptions picture;
    bool picture_given[PICTURE_OPTIONS_COUNT];
    int ticks, overlay;
    char trace[OPTION_TEXT_MAX];
    bool fresh, verbose;
} FlyOptions;

#define AT(field) .offset = offsetof(FlyOptions, field)
#define PAGES "frame|streaming|memory|map|knobs|soak"
static const Option options[] = {
    {.name = "fresh",
     .unit = "",
     .type = OPTION_BOOL,
     AT(fresh),
     .help = "leave saved settings, position and materials out of it, reading and writing"},
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
    {.name = "ticks",
     .unit = "ticks",
     .type = OPTION_INT,
     .low = 1,
     .high = 1e9,
     AT(ticks),
     .unset = "endless",
     .help = "end after so many frames"},
    {.name = "verbose", .unit = "", .type = OPTION_BOOL, AT(verbose), .help = "say more"},
};
#define OPTIONS ((int)(sizeof options / sizeof options[0]))
enum { ROW_FRESH, ROW_OVERLAY };

static Result check_options(const FlyOptions *own, ResultText *text)
{
    Result result = picture_options_check(&own->picture, text);
    if (result != RESULT_OK || !*own->trace)
        return result;
    return command_check_output("--trace", own->trace, text);
}

// Where one starts: the command line's word, else where one was in this world, else the table's default.
static void place(const FlyOptions *own, const SavedPosition *last, FlyDesc *out)
{
    bool known = strcmp(last->world, out->world->spec.name) == 0;
    bool at_last = known && !own->picture_given[PICTURE_OPTIONS_AT];
    bool look_last = known && !own->picture_given[PICTURE_OPTIONS_LOOK];
    const double back[3] = {last->x_m, last->z_m, last->agl_m};
    const double look[2] = {last->yaw_deg, last->pitch_deg};
    memcpy(out->at_m, at_last ? back : own->picture.at_m, sizeof out->at_m);
    memcpy(out->look_deg, look_last ? look : own->picture.look_deg, sizeof out->look_deg);
    out->speed_m_s = known ? last->speed_m_s : 0;
    out->follow = at_last && last->follow;
    out->found = last->found;
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
    char page[32];
    Result result = command_open_world(word, desc->settings.snow_line_m, &world, text);
    if (result != RESULT_OK) {
        saved_destroy(desc->saved, NULL, NULL);
        return result;
    }
    desc->world = &world;
    desc->trace = *own->trace ? own->trace : NULL;
    desc->shaders = *own->picture.shaders ? own->picture.shaders : NULL;
    desc->ticks = (uint64_t)own->ticks;
    desc->gl33 = own->picture.gl33;
    desc->fresh = own->fresh;
    if (given[ROW_OVERLAY] && option_choice(PAGES, own->overlay, page, sizeof page))
        desc->overlay = page;
    place(own, last, desc);
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
    FlyOptions own = {0};
    Settings words;
    SavedPosition last;
    FlyDesc fly = {0};
    bool given[OPTIONS] = {0}, settings_given[64] = {0};
    Arguments arguments;
    ResultText text = {0};
    int exit_code = 0;
    option_defaults(picture_options, PICTURE_OPTIONS_COUNT, &own.picture);
    option_defaults(options, OPTIONS, &own);
    settings_defaults(&words);
    ArgumentsDesc desc = {
        .command = "fly",
        .words = "[WORLD]",
        .words_max = 1,
        .summary = "Flies over a world in a window. F1 shows the keys.",
        .notes = "Settings are kept in $XDG_CONFIG_HOME/arete/arete.ini, the last position in\n"
                 "$XDG_STATE_HOME/arete/position.ini; the command line comes before both.\n"
                 "Materials of the ground are kept in $XDG_CACHE_HOME/arete/materials.bin.\n"
                 "Without --at or --look, a flight in the world of the last one goes on where that "
                 "ended.",
        .tables = {{picture_options, PICTURE_OPTIONS_COUNT, &own.picture, own.picture_given},
                   {options, OPTIONS, &own, given},
                   {settings_table, settings_count, &words, settings_given}},
        .table_count = 3};
    if (!command_arguments(&desc, argc, argv, &arguments, &exit_code))
        return exit_code;
    PictureWords line = {arguments.word_count ? arguments.words[0] : NULL, &own.picture,
                         own.picture_given, &words, settings_given};
    if (!picture_options_scene(&line))
        return COMMAND_EXIT_OK;
    stop_signal_begin();
    log_set_level(own.verbose ? LOG_INFO : LOG_WARN);
    const char *word = line.world;
    WorldSpec spec;
    if (check_options(&own, &text) != RESULT_OK ||
        (word && world_spec_parse(word, &spec, &text) != RESULT_OK))
        return command_fail(&text);
    fly.saved = saved_create(own.fresh, &fly.settings, &last);
    if (!fly.saved) {
        (void)result_fail(&text, RESULT_OUT_OF_MEMORY, "no memory for the settings");
        return command_fail(&text);
    }
    overrule(&fly.settings, &words, settings_given);
    // A world saved by a later version may be unknown here: then the settings' it is.
    bool seeded = settings_given[option_find(settings_table, settings_count, "seed")];
    ResultText ignored;
    if (!word && !seeded && *last.world &&
        world_spec_parse(last.world, &spec, &ignored) == RESULT_OK)
        word = last.world;
    char seed[WORLD_SPEC_NAME_MAX];
    Result result = command_world_word(&word, &fly.settings, settings_given, seed, &text);
    if (result == RESULT_OK)
        result = run(&own, given, word, &fly, &last, &text);
    else
        saved_destroy(fly.saved, NULL, NULL);
    return result == RESULT_OK ? COMMAND_EXIT_OK : command_fail(&text);
}
