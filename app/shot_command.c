// `arete shot`: one picture, without a window.
#include "base/os_memory.h"
#include "command.h"
#include "picture_options.h"
#include "shot.h"
#include <stdio.h>
#include <string.h>

typedef struct ShotOptions {
    PictureOptions picture;
    bool picture_given[PICTURE_OPTIONS_COUNT];
    int size[2];
    char output[OPTION_TEXT_MAX];
    double timeout_s;
} ShotOptions;

#define AT(field) .offset = offsetof(ShotOptions, field)
static const Option options[] = {
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

static Result check_options(const ShotOptions *own, ResultText *text)
{
    if (!*own->output)
        return result_fail(text, RESULT_BAD_INPUT, "the output is missing; -o F.png");
    if (!command_ends_with(own->output, ".png"))
        return result_fail(text, RESULT_BAD_INPUT, "-o %.200s is of no known kind; F.png",
                           own->output);
    Result result = picture_options_check(&own->picture, text);
    return result == RESULT_OK ? command_check_output("-o", own->output, text) : result;
}

static Result take_and_write(const ShotDesc *desc, const ShotOptions *own,
                             const CommandWorld *world, const Settings *settings,
                             Graphics *graphics, ResultText *text)
{
    int width = 0, height = 0;
    gl_sink_scene_size(graphics->sink, &width, &height);
    size_t bytes = (size_t)width * (size_t)height * 4;
    uint8_t *pixels = os_memory_alloc(bytes, OS_MEMORY_APP);
    if (!pixels)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for %d x %d pixels", width,
                           height);
    Result result = shot_take(desc, graphics, pixels, text);
    float ground =
        world->source.ground_m(world->source.object, own->picture.at_m[0], own->picture.at_m[1]);
    ShotNote note = {.world = world->spec.name,
                     .x_m = own->picture.at_m[0],
                     .y_m = (ground > 0 ? (double)ground : 0) + own->picture.at_m[2],
                     .z_m = own->picture.at_m[1],
                     .agl_m = own->picture.at_m[2],
                     .yaw_deg = own->picture.look_deg[0],
                     .pitch_deg = own->picture.look_deg[1],
                     .settings = settings,
                     .tier = graphics->tier,
                     .gl33 = own->picture.gl33};
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
                                    .gl33 = own->picture.gl33},
                         .scale = settings->scale,
                         .tier = settings->tier - 1,
                         .shaders = *own->picture.shaders ? own->picture.shaders : NULL,
                         .no_hole_probe = true,
                         .hidden = true,
                         .cached = true,
                         .materials_at_once = true};
    ShotDesc shot = {.config = settings_engine(settings, 0),
                     .source = &world->source,
                     .x_m = own->picture.at_m[0],
                     .z_m = own->picture.at_m[1],
                     .agl_m = own->picture.at_m[2],
                     .yaw_deg = own->picture.look_deg[0],
                     .pitch_deg = own->picture.look_deg[1],
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
    shot.scene.force_gl33 = own->picture.gl33;
    result = take_and_write(&shot, own, world, settings, &graphics, text);
    graphics_close(&graphics);
    return result;
}

int command_shot(int argc, char **argv)
{
    ShotOptions own = {0};
    Settings settings;
    bool settings_given[64] = {0};
    Arguments arguments;
    ResultText text = {0};
    CommandWorld world;
    char seed[WORLD_SPEC_NAME_MAX];
    int exit_code = 0;
    option_defaults(picture_options, PICTURE_OPTIONS_COUNT, &own.picture);
    option_defaults(options, OPTIONS, &own);
    settings_defaults(&settings);
    ArgumentsDesc desc = {
        .command = "shot",
        .words = "[WORLD]",
        .words_max = 1,
        .summary = "Takes one picture after everything in view has arrived.",
        .notes = "The settings file is not read: the same words give the same picture.",
        .tables = {{picture_options, PICTURE_OPTIONS_COUNT, &own.picture, own.picture_given},
                   {options, OPTIONS, &own, NULL},
                   {settings_table, settings_count, &settings, settings_given}},
        .table_count = 3};
    if (!command_arguments(&desc, argc, argv, &arguments, &exit_code))
        return exit_code;
    PictureWords words = {arguments.word_count ? arguments.words[0] : NULL, &own.picture,
                          own.picture_given, &settings, settings_given};
    if (!picture_options_scene(&words))
        return COMMAND_EXIT_OK;
    if (check_options(&own, &text) != RESULT_OK ||
        command_world_word(&words.world, &settings, settings_given, seed, &text) != RESULT_OK ||
        command_open_world(words.world, settings.snow_line_m, &world, &text) != RESULT_OK)
        return command_fail(&text);
    Result result = run(&own, &settings, &world, &text);
    command_close_world(&world);
    return result == RESULT_OK ? COMMAND_EXIT_OK : command_fail(&text);
}
