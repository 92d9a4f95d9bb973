// `arete shot`: one picture, without a window.
#include "base/os_memory.h"
#include "command.h"
#include "shot.h"
#include <stdio.h>
#include <string.h>

typedef struct ShotOptions {
    double at_m[3], look_deg[2];
    int size[2];
    char output[OPTION_TEXT_MAX], shaders[OPTION_TEXT_MAX];
    bool gl33;
    double timeout_s;
} ShotOptions;

#define AT(field) .offset = offsetof(ShotOptions, field)
static const Option options[] = {
    {.name = "at",
     .unit = "X,Z,AGL",
     .type = OPTION_REALS,
     .count = 3,
     .low = -1e12,
     .high = 1e12,
     AT(at_m),
     .initial = "128,128,260",
     .help = "east, south and height above ground in metres"},
    {.name = "look",
     .unit = "YAW,PITCH",
     .type = OPTION_REALS,
     .count = 2,
     .low = -360,
     .high = 360,
     AT(look_deg),
     .initial = "300,-4",
     .help = "degrees clockwise from north, degrees up (-89 to 89)"},
    {.name = "size",
     .unit = "WxH",
     .type = OPTION_SIZE,
     .low = 16,
     .high = 8192,
     AT(size),
     .initial = "1280x720",
     .help = "of the picture in pixels"},
    {.name = "output",
     .letter = 'o',
     .unit = "F.png",
     .type = OPTION_TEXT,
     AT(output),
     .help = "where the picture goes"},
    {.name = "gl33",
     .unit = "",
     .type = OPTION_BOOL,
     AT(gl33),
     .help = "use OpenGL 3.3 even where 4.5 is to be had"},
    {.name = "shaders",
     .unit = "FOLDER",
     .type = OPTION_TEXT,
     AT(shaders),
     .help = "use these shaders instead of those inside the program"},
    {.name = "timeout",
     .unit = "seconds",
     .type = OPTION_REAL,
     .low = 1,
     .high = 3600,
     AT(timeout_s),
     .initial = "60",
     .help = "longest wait for the view"},
};
#define OPTIONS ((int)(sizeof options / sizeof options[0]))
#define OUTPUT_ROW 3

static Result check_options(const ShotOptions *own, const bool *given, ResultText *text)
{
    if (!given[OUTPUT_ROW])
        return result_fail(text, RESULT_BAD_INPUT, "the output is missing; -o F.png");
    if (!command_ends_with(own->output, ".png"))
        return result_fail(text, RESULT_BAD_INPUT, "-o %.200s is of no known kind; F.png",
                           own->output);
    if (own->at_m[2] < 2 || own->at_m[2] > 30000)
        return result_fail(text, RESULT_BAD_INPUT,
                           "--at: %g m above ground is out of range; 2 to 30000", own->at_m[2]);
    if (own->look_deg[1] < -89 || own->look_deg[1] > 89)
        return result_fail(text, RESULT_BAD_INPUT,
                           "--look: a pitch of %g degrees is out of range; -89 to 89",
                           own->look_deg[1]);
    return command_check_output("-o", own->output, text);
}

static Result take_and_write(const ShotDesc *desc, const ShotOptions *own,
                             const CommandWorld *world, Graphics *graphics, ResultText *text)
{
    int width = 0, height = 0;
    gl_sink_scene_size(graphics->sink, &width, &height);
    size_t bytes = (size_t)width * (size_t)height * 4;
    uint8_t *pixels = os_memory_alloc(bytes, OS_MEMORY_APP);
    if (!pixels)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for %d x %d pixels", width,
                           height);
    Result result = shot_take(desc, graphics, pixels, text);
    float ground = world->source.ground_m(world->source.object, own->at_m[0], own->at_m[1]);
    ShotNote note = {.world = world->spec.name,
                     .x_m = own->at_m[0],
                     .y_m = (ground > 0 ? (double)ground : 0) + own->at_m[2],
                     .z_m = own->at_m[1],
                     .agl_m = own->at_m[2],
                     .yaw_deg = own->look_deg[0],
                     .pitch_deg = own->look_deg[1]};
    if (result == RESULT_OK)
        result = shot_write(own->output, pixels, width, height, &note, text);
    if (result == RESULT_OK)
        printf("%s: %d x %d, tier %d, %s, OpenGL %s\n", own->output, width, height, graphics->tier,
               world->spec.name, graphics->caps.version);
    os_memory_free(pixels, bytes, OS_MEMORY_APP);
    return result;
}

static Result run(const ShotOptions *own, const Settings *settings, const CommandWorld *world,
                  ResultText *text)
{
    GraphicsDesc desc = {.window = {.title = "Arete",
                                    .width = own->size[0],
                                    .height = own->size[1],
                                    .offscreen = true,
                                    .gl33 = own->gl33},
                         .scale = settings->scale,
                         .tier = settings->tier - 1,
                         .shaders = *own->shaders ? own->shaders : NULL,
                         .no_hole_probe = true,
                         .hidden = true};
    ShotDesc shot = {.config = settings_engine(settings, 0),
                     .source = &world->source,
                     .x_m = own->at_m[0],
                     .z_m = own->at_m[1],
                     .agl_m = own->at_m[2],
                     .yaw_deg = own->look_deg[0],
                     .pitch_deg = own->look_deg[1],
                     .fov_deg = settings->fov_deg,
                     .timeout_s = own->timeout_s};
    Result result = engine_check(&shot.config, text);
    if (result != RESULT_OK)
        return result;
    Graphics graphics;
    result = graphics_open(&desc, &graphics, text);
    if (result != RESULT_OK)
        return result;
    shot.config = settings_engine(settings, graphics.tier);
    settings_scene(settings, graphics.tier, &shot.scene);
    shot.scene.force_gl33 = own->gl33;
    result = take_and_write(&shot, own, world, &graphics, text);
    graphics_close(&graphics);
    return result;
}

int command_shot(int argc, char **argv)
{
    ShotOptions own;
    Settings settings;
    bool given[OPTIONS] = {0};
    Arguments arguments;
    ResultText text = {0};
    CommandWorld world;
    int exit_code = 0;
    option_defaults(options, OPTIONS, &own);
    settings_defaults(&settings);
    ArgumentsDesc desc = {
        .command = "shot",
        .words = "[WORLD]",
        .words_max = 1,
        .summary = "Takes one picture after everything in view has arrived.",
        .notes = "The settings file is not read: the same words give the same picture.",
        .tables = {{options, OPTIONS, &own, given},
                   {settings_table, settings_count, &settings, NULL}},
        .table_count = 2};
    if (!command_arguments(&desc, argc, argv, &arguments, &exit_code))
        return exit_code;
    if (check_options(&own, given, &text) != RESULT_OK)
        return command_fail(&text);
    if (command_open_world(arguments.word_count ? arguments.words[0] : NULL, &world, &text) !=
        RESULT_OK)
        return command_fail(&text);
    Result result = run(&own, &settings, &world, &text);
    command_close_world(&world);
    return result == RESULT_OK ? COMMAND_EXIT_OK : command_fail(&text);
}
