// `arete soak`: scripted flights with a verdict; without GL, SDL is never started.
#include "base/log.h"
#include "base/os_exit.h"
#include "base/os_memory.h"
#include "command.h"
#include "graphics.h"
#include "picture_options.h"
#include "profile/zone.h"
#include "soak/ablation.h"
#include "soak/self_test.h"
#include "soak/soak.h"
#include "stop_signal.h"
#include <SDL.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

typedef enum SoakGpu { SOAK_GPU_NONE, SOAK_GPU_OFFSCREEN, SOAK_GPU_WINDOW } SoakGpu;
static const char *const gpu_names[] = {"none", "offscreen", "window"};

typedef struct SoakOptions {
    int path, ticks, gpu, pace;
    char json[OPTION_TEXT_MAX], trace[OPTION_TEXT_MAX];
    uint32_t without;
    bool ablate, self_test, quiet;
    int size[2];
    PictureOptions picture; // gl33 alone is asked for
} SoakOptions;

#define AT(field) .offset = offsetof(SoakOptions, field)
// Names in the order of FLIGHT_LIST, SoakPace and ENGINE_FEATURE_LIST; soak_command checks that at its start.
static const Option options[] = {
    {.name = "path",
     .unit = "NAME",
     .type = OPTION_CHOICE,
     AT(path),
     .initial = "walk",
     .choices = "walk|cruise|jet|orbit|spin|uturn|dive|pingpong|teleport|shock|all",
     .help = "flight, or all of them one after the other"},
    {.name = "ticks",
     .unit = "ticks",
     .type = OPTION_INT,
     .low = 1,
     .high = 1e9,
     AT(ticks),
     .unset = "the flight's own: 1024, dive 2048",
     .help = "length of the flight, 60 a second"},
    {.name = "json",
     .unit = "FILE",
     .type = OPTION_TEXT,
     AT(json),
     .help = "writes the report there; with all paths FILE-NAME for each"},
    {.name = "gpu",
     .unit = "KIND",
     .type = OPTION_CHOICE,
     AT(gpu),
     .initial = "none",
     .choices = "none|offscreen|window",
     .help = "what draws"},
    {.name = "pace",
     .unit = "KIND",
     .type = OPTION_CHOICE,
     AT(pace),
     .initial = "real",
     .choices = "real|free",
     .help = "sleeps to 60 Hz, or grants the workers the same time at most"},
    {.name = "without",
     .unit = "FEATURE",
     .type = OPTION_BITS,
     AT(without),
     .choices = "prefetch|throttle|lod-cache|upload-budget",
     .help = "switched off; may be repeated"},
    {.name = "ablate",
     .unit = "",
     .type = OPTION_BOOL,
     AT(ablate),
     .help = "compares flights with and without each feature"},
    {.name = "self-test",
     .unit = "",
     .type = OPTION_BOOL,
     AT(self_test),
     .help = "injects faults and shows that each breaks its own limits"},
    {.name = "size",
     .unit = "WxH",
     .type = OPTION_SIZE,
     .low = 16,
     .high = 8192,
     AT(size),
     .initial = "640x360",
     .help = "of the picture in pixels"},
    {.name = "trace",
     .unit = "FILE",
     .type = OPTION_TEXT,
     AT(trace),
     .help = "write a trace for Perfetto or Chrome at the end"},
    {.name = "quiet",
     .unit = "",
     .type = OPTION_BOOL,
     AT(quiet),
     .help = "prints nothing but errors"},
};
#define OPTIONS ((int)(sizeof options / sizeof options[0]))
enum { ROW_PATH, ROW_TICKS, ROW_JSON, ROW_GPU, ROW_PACE, ROW_WITHOUT };

// What the hooks of a run share.
typedef struct SoakScreen {
    Graphics *graphics; // NULL without GL
    const char *trace;  // file; NULL: none
    bool stopped;
} SoakScreen;

static bool stopped(void *object)
{
    SoakScreen *screen = object;
    screen->stopped = screen->stopped || stop_signal_seen();
    return screen->stopped;
}

// The window's events between two ticks; closing it ends the run.
static bool after_tick(void *object, Engine *engine)
{
    (void)engine;
    SoakScreen *screen = object;
    SDL_Event event;
    while (screen->graphics && SDL_PollEvent(&event))
        screen->stopped = screen->stopped || event.type == SDL_QUIT;
    return !stopped(screen);
}

static void names_agree(void)
{
    char name[32];
    for (int i = 0; i < FLIGHT_COUNT; i++)
        assert(option_choice(options[ROW_PATH].choices, i, name, sizeof name) &&
               flight_find(name) == i);
    for (int i = 0; i < ENGINE_FEATURE_COUNT; i++)
        assert(option_choice(options[ROW_WITHOUT].choices, i, name, sizeof name) &&
               strcmp(name, engine_feature_name((EngineFeature)i)) == 0);
    for (int i = 0; i <= SOAK_PACE_FREE; i++)
        assert(option_choice(options[ROW_PACE].choices, i, name, sizeof name) &&
               soak_pace_find(name) == i);
}

// "report.json" and "jet" make "report-jet.json".
static void path_of_flight(const char *json, const char *flight, char *out, size_t bytes)
{
    const char *dot = strrchr(json, '.');
    const char *slash = strrchr(json, '/');
    if (!dot || (slash && dot < slash))
        dot = json + strlen(json);
    snprintf(out, bytes, "%.*s-%s%s", (int)(dot - json), json, flight, dot);
}

static Result fly_all(SoakDesc *desc, SoakResult *result, bool *pass, ResultText *text)
{
    const char *json = desc->json_path;
    char path[OPTION_TEXT_MAX + 32];
    for (int i = 0; i < FLIGHT_COUNT; i++) {
        desc->path = (FlightPath)i;
        if (json) {
            path_of_flight(json, flight_name(desc->path), path, sizeof path);
            desc->json_path = path;
        }
        Result code = soak_run(desc, result, text);
        if (code != RESULT_OK)
            return code;
        *pass = *pass && result->verdict.pass;
    }
    return RESULT_OK;
}

static Result fly_ablation(const SoakDesc *desc, bool *pass, ResultText *text)
{
    AblationResult table;
    Result code = ablation_run(desc, &table, text);
    if (code != RESULT_OK)
        return code;
    if (desc->out)
        ablation_print(desc->out, &table);
    *pass = table.pass;
    return desc->json_path ? ablation_write(&table, desc->json_path, text) : RESULT_OK;
}

static Result fly_self_test(const SoakDesc *desc, bool *pass, ResultText *text)
{
    SelfTestResult table;
    Result code = self_test_run(desc, &table, text);
    if (code != RESULT_OK)
        return code;
    if (desc->out)
        self_test_print(desc->out, &table);
    *pass = table.pass;
    return RESULT_OK;
}

static Result fly_desc(const SoakOptions *own, SoakDesc *desc, bool *pass, ResultText *text)
{
    if (own->ablate)
        return fly_ablation(desc, pass, text);
    if (own->self_test)
        return fly_self_test(desc, pass, text);
    SoakResult *result = os_memory_alloc(sizeof *result, OS_MEMORY_APP);
    if (!result)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the result");
    Result code = RESULT_OK;
    *pass = true;
    if (own->path == FLIGHT_COUNT) {
        code = fly_all(desc, result, pass, text);
    } else {
        desc->path = (FlightPath)own->path;
        code = soak_run(desc, result, text);
        *pass = result->verdict.pass;
    }
    os_memory_free(result, sizeof *result, OS_MEMORY_APP);
    return code;
}

// SDL has no hook for an X server that goes away; exit code 1 would be a verdict.
static int lose_display(void *object)
{
    const SoakScreen *screen = object;
    ResultText text;
    if (screen->trace && zone_trace_write(screen->trace, &text) != RESULT_OK)
        log_error("%s", text.text);
    (void)result_fail(&text, RESULT_IO, "the display was lost; --gpu offscreen needs none");
    return command_fail(&text);
}

static Result fly_on_gpu(const SoakOptions *own, const Settings *settings, SoakDesc *desc,
                         bool *pass, ResultText *text)
{
    Graphics graphics;
    GraphicsDesc on = {.window = {.title = "Arete soak",
                                  .width = own->size[0],
                                  .height = own->size[1],
                                  .gl33 = own->picture.gl33,
                                  .offscreen = own->gpu == SOAK_GPU_OFFSCREEN},
                       .scale = settings->scale,
                       .tier = settings->tier - 1,
                       .cached = true};
    SoakScreen *screen = desc->object;
    os_exit_arm(lose_display, screen);
    Result result = graphics_open(&on, &graphics, text);
    if (result != RESULT_OK) {
        os_exit_disarm();
        return result;
    }
    // The caller's config but for the tier, which the renderer decides where nobody did.
    screen->graphics = &graphics;
    desc->config.tier = graphics.tier;
    settings_scene(settings, graphics.tier, &desc->scene);
    desc->scene.force_gl33 = own->picture.gl33;
    desc->sink = &graphics.gpu;
    desc->gl_renderer = graphics.caps.renderer;
    desc->gl_version = graphics.caps.version;
    desc->aspect = graphics_aspect(&graphics);
    result = stopped(screen) ? result_fail(text, RESULT_CANCELLED, "stopped before the first tick")
                             : fly_desc(own, desc, pass, text);
    graphics_close(&graphics);
    os_exit_disarm();
    return result;
}

static Result run(const SoakOptions *own, const Settings *settings, const CommandWorld *world,
                  bool *pass, ResultText *text)
{
    SoakScreen screen = {.trace = *own->trace ? own->trace : NULL};
    SoakDesc desc = {.config = settings_engine(settings, 0),
                     .source = &world->source,
                     .start_xz_m = {128, 128},
                     .ticks = (uint64_t)own->ticks,
                     .pace = (SoakPace)own->pace,
                     .gpu = gpu_names[own->gpu],
                     .aspect = (float)own->size[0] / (float)own->size[1],
                     .json_path = *own->json ? own->json : NULL,
                     .out = own->quiet ? NULL : stdout,
                     .after_tick = after_tick,
                     .object = &screen};
    desc.config.needs.ram_bytes = world->source.kept_bytes;
    desc.config.features_off = own->without;
    desc.config.stop = stopped;
    desc.config.stop_object = &screen;
    settings_scene(settings, 0, &desc.scene);
    Result result = engine_check(&desc.config, text);
    if (result != RESULT_OK)
        return result;
    if (screen.trace)
        result = zone_trace_begin(0);
    if (result == RESULT_OK)
        result = own->gpu == SOAK_GPU_NONE ? fly_desc(own, &desc, pass, text)
                                           : fly_on_gpu(own, settings, &desc, pass, text);
    if (result == RESULT_OK && screen.trace)
        result = zone_trace_write(screen.trace, text);
    return result;
}

static Result check_options(const SoakOptions *own, ResultText *text)
{
    if (own->ablate && own->self_test)
        return result_fail(text, RESULT_BAD_INPUT,
                           "--ablate and --self-test exclude each other; one of them");
    if (own->ablate && own->without)
        return result_fail(text, RESULT_BAD_INPUT,
                           "--ablate switches features by itself; leave --without out");
    if (own->self_test && *own->json)
        return result_fail(text, RESULT_BAD_INPUT,
                           "--self-test writes no report; leave --json out");
    Result result = *own->json ? command_check_output("--json", own->json, text) : RESULT_OK;
    if (result != RESULT_OK || !*own->trace)
        return result;
    return command_check_output("--trace", own->trace, text);
}

int command_soak(int argc, char **argv)
{
    SoakOptions own;
    Settings settings;
    Arguments arguments;
    ResultText text = {0};
    CommandWorld world;
    char seed[WORLD_SPEC_NAME_MAX];
    int exit_code = 0;
    bool pass = false, given[64] = {0};
    names_agree();
    option_defaults(picture_options, PICTURE_OPTIONS_COUNT, &own.picture);
    option_defaults(options, OPTIONS, &own);
    settings_defaults(&settings);
    ArgumentsDesc desc = {
        .command = "soak",
        .words = "[WORLD]",
        .words_max = 1,
        .summary = "Flies a scripted path without a pilot and ends in a verdict.",
        .notes = "Exit code: 0 every limit held, 1 a limit broke, 2 could not run.\n"
                 "The settings file is not read: the same words give the same flight.",
        .tables = {{options, OPTIONS, &own, NULL},
                   {&picture_options[PICTURE_OPTIONS_GL33], 1, &own.picture, NULL},
                   {settings_table, settings_count, &settings, given}},
        .table_count = 3};
    if (!command_arguments(&desc, argc, argv, &arguments, &exit_code))
        return exit_code;
    stop_signal_begin();
    if (own.quiet)
        log_set_level(LOG_ERROR);
    const char *word = arguments.word_count ? arguments.words[0] : NULL;
    if (check_options(&own, &text) != RESULT_OK ||
        command_world_word(&word, &settings, given, seed, &text) != RESULT_OK ||
        command_open_world(word, settings.snow_line_m, &world, &text) != RESULT_OK)
        return command_fail(&text);
    Result result = run(&own, &settings, &world, &pass, &text);
    command_close_world(&world);
    if (result != RESULT_OK)
        return command_fail(&text);
    return pass ? COMMAND_EXIT_OK : COMMAND_EXIT_FAILED;
}
