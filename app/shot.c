#include "shot.h"
#include "base/os_clock.h"
#include "base/version.h"
#include "png_file.h"
#include "progress.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DEG (3.14159265358979323846 / 180.0)
#define POLL_NS 2000000u
// After the last tile has arrived the effective ranges still grow to their nominal values: that takes under 2 s.
#define STEADY_TICKS 8

typedef struct Shot {
    const ShotDesc *desc;
    View view;
    bool idle;
} Shot;

static void take_input(void *object, EngineInput *inout)
{
    const Shot *shot = object;
    inout->view = shot->view;
    inout->dt_s = 1.0 / 60;
    inout->scene = shot->desc->scene;
    inout->scene.time_s = 0; // waves stand still: the same picture every time
    inout->quality = shot->desc->config.quality;
    inout->idle = shot->idle;
}

static View view_of(const ShotDesc *desc, const Graphics *graphics)
{
    const Source *source = desc->source;
    double ground = (double)source->ground_m(source->object, desc->x_m, desc->z_m);
    double fov = desc->fov_deg > 0 ? desc->fov_deg : 60;
    return (View){
        .eye_world = {desc->x_m, fmax(ground, 0) + desc->agl_m, desc->z_m},
        .yaw_rad = (float)(desc->yaw_deg * DEG),
        .pitch_rad = (float)(desc->pitch_deg * DEG),
        .fov_y_rad = (float)(fov * DEG),
        .aspect = graphics_aspect(graphics),
        .agl_m = (float)desc->agl_m,
    };
}

static bool ranges_steady(const float last_m[LOD_COUNT], const FrameStats *frame)
{
    return memcmp(last_m, frame->range_m, sizeof frame->range_m) == 0;
}

// Ticks without drawing until everything is there and the ranges have stopped to grow.
static Result settle(Shot *shot, Engine *engine, const EngineHooks *hooks, ResultText *text)
{
    double limit_s = shot->desc->timeout_s > 0 ? shot->desc->timeout_s : SHOT_TIMEOUT_S;
    uint64_t deadline_ns = os_clock_now_ns() + (uint64_t)(limit_s * 1e9);
    float last_m[LOD_COUNT] = {0};
    int steady = 0;
    Progress progress = progress_begin("chunks in view");
    shot->idle = true;
    while (steady < STEADY_TICKS && os_clock_now_ns() < deadline_ns) {
        engine_tick(engine, hooks);
        const FrameStats *frame = engine_frame(engine);
        bool still = engine_settled(engine) && ranges_steady(last_m, frame);
        steady = still ? steady + 1 : 0;
        memcpy(last_m, frame->range_m, sizeof last_m);
        uint32_t open = frame->in_flight_demand + frame->in_flight_speculative;
        uint64_t ready = frame->data_states[FRAME_STATS_DATA_READY];
        progress_update(&progress, ready, ready + open);
        if (!engine_settled(engine))
            os_clock_sleep_until_ns(os_clock_now_ns() + POLL_NS);
    }
    progress_end(&progress);
    if (steady >= STEADY_TICKS)
        return RESULT_OK;
    return result_fail(text, RESULT_LIMIT,
                       "the view did not arrive within %.0f s; a nearer --view or more --threads",
                       limit_s);
}

Result shot_take(const ShotDesc *desc, Graphics *graphics, uint8_t *rgba, ResultText *text)
{
    assert(desc && desc->source && graphics && rgba);
    Shot shot = {.desc = desc, .view = view_of(desc, graphics)};
    EngineConfig config = desc->config;
    memcpy(config.start_m, shot.view.eye_world, sizeof config.start_m);
    Engine *engine = NULL;
    Result result = engine_create(&config, desc->source, &graphics->gpu, &engine, text);
    if (result != RESULT_OK)
        return result;
    EngineHooks hooks = {.object = &shot, .input = take_input};
    result = settle(&shot, engine, &hooks, text);
    if (result == RESULT_OK) {
        shot.idle = false;
        engine_tick(engine, &hooks);
        gl_sink_read(graphics->sink, rgba);
    }
    engine_destroy(engine);
    return result;
}

static void drop_alpha(uint8_t *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        memmove(pixels + 3 * i, pixels + 4 * i, 3);
}

// Whether the settings' row goes into the command: the picture's, the snow line and how far one sees. Width and height
// of the picture already hold the scale.
static bool is_told(const Option *option, const Settings *settings, const Settings *initial)
{
    if (strcmp(option->name, "time") == 0 || strcmp(option->name, "date") == 0)
        return true;
    bool has_say = strcmp(option->group, "picture") == 0 || strcmp(option->name, "view") == 0 ||
                   strcmp(option->name, "snow-line") == 0;
    bool apart = strcmp(option->name, "tier") == 0 || strcmp(option->name, "scale") == 0;
    return has_say && !apart && !option_equal(option, settings, initial);
}

void shot_command_line(const ShotNote *note, int width, int height, char *out, size_t bytes)
{
    assert(note && note->settings && out && bytes > 0);
    char value[OPTION_TEXT_MAX];
    Settings initial;
    settings_defaults(&initial);
    size_t used = (size_t)snprintf(
        out, bytes,
        "arete shot %s --tier %d --size %dx%d --at %.10g,%.10g,%.10g --look %.10g,%.10g%s",
        note->world, note->tier, width, height, note->x_m, note->z_m, note->agl_m, note->yaw_deg,
        note->pitch_deg, note->gl33 ? " --gl33" : "");
    for (int i = 0; i < settings_count && used < bytes; i++) {
        if (!is_told(&settings_table[i], note->settings, &initial))
            continue;
        option_format(&settings_table[i], note->settings, value, sizeof value);
        used +=
            (size_t)snprintf(out + used, bytes - used, " --%s %s", settings_table[i].name, value);
    }
    if (used < bytes)
        snprintf(out + used, bytes - used, " -o again.png");
}

Result shot_write(const char *path, uint8_t *rgba, int width, int height, const ShotNote *note,
                  ResultText *text)
{
    char position[160], look[64], version[96], again[1024];
    assert(path && rgba && note && width > 0 && height > 0);
    snprintf(position, sizeof position, "x %.3f m, z %.3f m, %.3f m above sea, %.3f m above ground",
             note->x_m, note->z_m, note->y_m, note->agl_m);
    snprintf(look, sizeof look, "yaw %.3f degrees, pitch %.3f degrees", note->yaw_deg,
             note->pitch_deg);
    snprintf(version, sizeof version, "%s (%s)", version_string(), version_revision());
    shot_command_line(note, width, height, again, sizeof again);
    const PngFileText texts[] = {{"Software", "Arete"}, {"Version", version},
                                 {"Seed", note->world}, {"Position", position},
                                 {"Look", look},        {"Again", again}};
    drop_alpha(rgba, (size_t)width * (size_t)height);
    PngFileImage image = {PNG_FILE_RGB8, (uint32_t)width, (uint32_t)height,
                          rgba,          texts,           (int)(sizeof texts / sizeof texts[0])};
    return png_file_write(path, &image, text);
}
