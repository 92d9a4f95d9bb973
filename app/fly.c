#include "fly.h"
#include "base/log.h"
#include "base/os_clock.h"
#include "base/os_exit.h"
#include "base/os_memory.h"
#include "fly_input.h"
#include "fly_pace.h"
#include "fly_screen.h"
#include "profile/zone.h"
#include "screenshot.h"
#include "stop_signal.h"
#include "tier_probe.h"
#include "world/sun.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DEG (3.14159265358979323846 / 180.0)
#define SAVE_EVERY_NS UINT64_C(5000000000)
#define TIME_STEPS_MAX 3 // time goes 8 times as fast or as slow at most
#define STILL_SPEED_M_S 0.005
#define SUN_STEP_MINUTES 15
#define NOT_SHOWN_MS 50 // tick while minimised
#define SEASON_RESTS_NS UINT64_C(300000000)

typedef struct Fly {
    const FlyDesc *desc;
    Settings settings;
    Graphics graphics;
    Engine *engine;
    FlyScreen *screen;
    FlyInput input;
    FlyCamera camera;
    FlyPace pace;
    FlyModes modes;
    TierProbe probe;
    TierFound found;
    double dt_s, agl_m;
    int time_steps; // powers of two
    bool paused, quit;
    bool wants_picture, wants_loss;
    bool still;               // nothing changes: no pictures
    bool changed;             // something happened in this frame
    float range_m[LOD_COUNT]; // of the last frame
    uint64_t saved_ns;
    double snow_line_m, snow_asked_m; // of the land as it stands, and as the knob stood a frame ago
    uint64_t snow_asked_ns;
} Fly;

// The sea's surface is ground as well: one flies over it.
static float ground_m(void *object, double x_m, double z_m)
{
    const Source *source = object;
    return fmaxf(source->ground_m(source->object, x_m, z_m), 0.0f);
}

static void *ground_of(const Fly *fly)
{
    return (void *)(uintptr_t)&fly->desc->world->source;
}

static double time_scale(const Fly *fly)
{
    return fly->paused ? 0 : fly->settings.time_scale * exp2(fly->time_steps);
}

static ShotNote note_of(const Fly *fly)
{
    const FlyCamera *camera = &fly->camera;
    return (ShotNote){.world = fly->desc->world->spec.name,
                      .x_m = camera->position_m[0],
                      .y_m = camera->position_m[1],
                      .z_m = camera->position_m[2],
                      .agl_m = fly->agl_m,
                      .yaw_deg = camera->yaw_rad / DEG,
                      .pitch_deg = camera->pitch_rad / DEG,
                      .settings = &fly->settings,
                      .tier = fly->graphics.tier,
                      .gl33 = fly->desc->gl33};
}

static SavedPosition position_of(const Fly *fly)
{
    const FlyCamera *camera = &fly->camera;
    SavedPosition out = {.x_m = camera->position_m[0],
                         .z_m = camera->position_m[2],
                         .agl_m = fly->agl_m,
                         .yaw_deg = camera->yaw_rad / DEG,
                         .pitch_deg = camera->pitch_rad / DEG,
                         .speed_m_s = camera->speed_m_s,
                         .follow = camera->follow,
                         .found = fly->found};
    snprintf(out.world, sizeof out.world, "%s", fly->desc->world->spec.name);
    return out;
}

static void press_escape(Fly *fly)
{
    if (fly->input.captured)
        fly_input_capture(&fly->input, false);
    else
        fly->quit = true;
}

static void set_mode(Fly *fly, DrawMode mode)
{
    fly->modes.mode = fly->modes.mode == mode ? DRAW_MODE_SHADED : mode;
}

static void step_time(Fly *fly, int by)
{
    int steps = fly->time_steps + by;
    fly->time_steps = steps > TIME_STEPS_MAX    ? TIME_STEPS_MAX
                      : steps < -TIME_STEPS_MAX ? -TIME_STEPS_MAX
                                                : steps;
}

// Around midnight the date stays: the same day again.
static void move_sun(Fly *fly, int minutes)
{
    Settings *settings = &fly->settings;
    settings->minute = (settings->minute + minutes + SUN_DAY_MINUTES) % SUN_DAY_MINUTES;
    fly_screen_say(fly->screen, "%02d:%02d", settings->minute / 60, settings->minute % 60);
}

static void press(Fly *fly, FlyKey key)
{
    switch (key) {
    case FLY_KEY_FOLLOW:
        fly_camera_set_follow(&fly->camera, !fly->camera.follow, ground_m, ground_of(fly));
        break;
    case FLY_KEY_PAUSE:
        fly->paused = !fly->paused;
        break;
    case FLY_KEY_TIME_SLOWER:
        step_time(fly, -1);
        break;
    case FLY_KEY_TIME_FASTER:
        step_time(fly, 1);
        break;
    case FLY_KEY_EARLIER:
        move_sun(fly, -SUN_STEP_MINUTES);
        break;
    case FLY_KEY_LATER:
        move_sun(fly, SUN_STEP_MINUTES);
        break;
    case FLY_KEY_HELP:
        fly_screen_toggle_help(fly->screen);
        break;
    case FLY_KEY_SCREENSHOT:
        fly->wants_picture = true;
        break;
    case FLY_KEY_OVERLAY:
        fly_screen_toggle_overlay(fly->screen);
        break;
    case FLY_KEY_NEXT_PAGE:
        fly_screen_next_page(fly->screen);
        break;
    case FLY_KEY_WIREFRAME:
        fly->modes.wireframe = !fly->modes.wireframe;
        break;
    case FLY_KEY_LOD_TINT:
        set_mode(fly, DRAW_MODE_LOD_TINT);
        break;
    case FLY_KEY_BOUNDS:
        fly->modes.chunk_bounds = !fly->modes.chunk_bounds;
        break;
    case FLY_KEY_NORMALS:
        set_mode(fly, DRAW_MODE_NORMALS);
        break;
    case FLY_KEY_FREEZE:
        fly->modes.freeze_culling = !fly->modes.freeze_culling;
        fly_screen_say(fly->screen, "culling %s", fly->modes.freeze_culling ? "frozen" : "goes on");
        break;
    case FLY_KEY_FULLSCREEN:
        window_set_fullscreen(fly->graphics.window, !window_fullscreen(fly->graphics.window));
        break;
    case FLY_KEY_LOSE_GPU:
        fly->wants_loss = true;
        break;
    case FLY_KEY_ESCAPE:
        press_escape(fly);
        break;
    default:
        break;
    }
}

// Between the steps of the start, whose events wait for the loop.
static bool wants_end(void *object)
{
    Fly *fly = object;
    SDL_PumpEvents();
    fly->quit = fly->quit || stop_signal_seen() || SDL_HasEvent(SDL_QUIT);
    return fly->quit;
}

static void pump_events(Fly *fly)
{
    SDL_Event event;
    while (SDL_PollEvent(&event)) {
        fly->changed = true;
        if (event.type == SDL_QUIT)
            fly->quit = true;
        fly_screen_event(fly->screen, &event);
        fly_input_event(&fly->input, &event, fly_screen_has_mouse(fly->screen),
                        fly_screen_has_keys(fly->screen));
    }
    fly->quit = fly->quit || stop_signal_seen();
}

static void move(Fly *fly)
{
    FlyControls controls;
    uint64_t pressed = 0;
    FlyInputTuning tuning = {fly->settings.sensitivity, fly->settings.invert_y};
    fly_input_take(&fly->input, fly->dt_s, &tuning, &controls, &pressed);
    for (int key = 0; key < FLY_KEY_COUNT; key++) {
        if ((pressed >> key) & 1)
            press(fly, (FlyKey)key);
    }
    FlyCamera *camera = &fly->camera;
    double x_m = camera->position_m[0], z_m = camera->position_m[2], lift_m = camera->lift_m;
    int bias = lod_mesh_bias(fly->graphics.tier);
    camera->mesh_m = bias > 0 ? (double)lod_spacing_m(0) * (1 << bias) : 0;
    fly_camera_step(camera, &controls, fly->dt_s * time_scale(fly), ground_m, ground_of(fly));
    fly_camera_lift(camera, engine_frame(fly->engine)->range_m, fly->dt_s, ground_m,
                    ground_of(fly));
    if (controls.speed_steps != 0) // at rest nothing else shows it
        fly_screen_say(fly->screen, "cruising speed %.4g m/s", camera->speed_m_s);
    const double *v = camera->velocity_m_s;
    bool asked = controls.turn_rad != 0 || controls.tilt_rad != 0 || controls.speed_steps != 0;
    double fastest_m_s = fmax(fabs(v[0]), fmax(fabs(v[1]), fabs(v[2])));
    bool moving = time_scale(fly) > 0 && fastest_m_s > STILL_SPEED_M_S;
    fly->changed = fly->changed || asked || moving || pressed != 0 ||
                   x_m != camera->position_m[0] || z_m != camera->position_m[2] ||
                   lift_m != camera->lift_m;
    fly->agl_m = camera->position_m[1] -
                 (double)ground_m(ground_of(fly), camera->position_m[0], camera->position_m[2]);
}

// Whether the stream or the screen will change the picture by itself.
static bool is_busy(Fly *fly)
{
    const FrameStats *frame = engine_frame(fly->engine);
    bool grown = memcmp(fly->range_m, frame->range_m, sizeof fly->range_m) != 0;
    memcpy(fly->range_m, frame->range_m, sizeof fly->range_m);
    return grown || fly->probe.running || !engine_settled(fly->engine) ||
           fly_screen_moves(fly->screen);
}

// The tick's row "input".
static void take_input(void *object, EngineInput *inout)
{
    Fly *fly = object;
    fly->changed = false;
    fly->dt_s = fly_pace_begin(&fly->pace, os_clock_now_ns());
    pump_events(fly);
    move(fly);
    bool minimised = window_minimised(fly->graphics.window);
    if (!minimised && graphics_follow(&fly->graphics, fly->engine, fly->settings.scale)) {
        engine_excuse(fly->engine);
        fly->changed = true;
    }
    bool busy = is_busy(fly);
    fly->still = fly_pace_still(&fly->pace,
                                busy || fly->changed || fly->wants_picture || fly->desc->shaders);
    inout->view = fly_camera_view(&fly->camera, fly->settings.fov_deg * DEG,
                                  (double)graphics_aspect(&fly->graphics), fly->agl_m);
    inout->dt_s = fly->dt_s * time_scale(fly);
    inout->time_scale = time_scale(fly);
    settings_scene(&fly->settings, fly->graphics.tier, &inout->scene);
    inout->scene.mode = fly->modes.mode;
    inout->scene.wireframe = fly->modes.wireframe;
    inout->scene.chunk_bounds = fly->modes.chunk_bounds;
    inout->scene.force_gl33 = fly->desc->gl33;
    inout->scene.time_s += inout->dt_s;
    inout->freeze_culling = fly->modes.freeze_culling;
    inout->quality = (float)fly->settings.quality;
    inout->idle = minimised || fly->still || fly->quit;
}

// The tick's row "ui".
static void draw_screen(void *object)
{
    Fly *fly = object;
    if (fly->still || window_minimised(fly->graphics.window))
        return;
    Settings before = fly->settings;
    FlyScreenInput input = {.engine = fly->engine,
                            .graphics = &fly->graphics,
                            .camera = &fly->camera,
                            .settings = &fly->settings,
                            .modes = &fly->modes,
                            .world = fly->desc->world->spec.name,
                            .attribution = fly->desc->world->source.attribution,
                            .agl_m = fly->agl_m,
                            .fps = fly->pace.fps,
                            .time_scale = time_scale(fly),
                            .dt_s = fly->dt_s};
    fly_screen_draw(fly->screen, &input, fly->input.captured);
    if (before.vsync != fly->settings.vsync)
        window_set_vsync(fly->graphics.window, fly->settings.vsync);
    if (memcmp(&before, &fly->settings, sizeof before) != 0) {
        EngineConfig limits = settings_engine(&fly->settings, fly->graphics.tier);
        engine_set_limits(fly->engine, &limits);
    }
}

static void take_picture(Fly *fly)
{
    char path[1152];
    ResultText text = {0};
    ShotNote note = note_of(fly);
    fly->wants_picture = false;
    if (screenshot_take(&fly->graphics, &note, path, sizeof path, &text) == RESULT_OK)
        fly_screen_say(fly->screen, "picture saved: %s", path);
    else
        fly_screen_say(fly->screen, "no picture: %s", text.text);
    engine_excuse(fly->engine);
}

static Result lose_gpu(Fly *fly, ResultText *text)
{
    fly->wants_loss = false;
    Result result = graphics_lose(&fly->graphics, fly->engine, text);
    if (result == RESULT_OK)
        result = fly_screen_restore_gpu(fly->screen, text);
    if (result == RESULT_OK)
        fly_screen_say(fly->screen, "the graphics context was made anew");
    return result;
}

static void save_now_and_then(Fly *fly)
{
    uint64_t now_ns = os_clock_now_ns();
    if (now_ns - fly->saved_ns < SAVE_EVERY_NS)
        return;
    SavedPosition position = position_of(fly);
    saved_post(fly->desc->saved, &fly->settings, &position);
    fly->saved_ns = now_ns;
}

// Sleeps until the next frame is due; an event ends the long sleeps.
static void keep_pace(Fly *fly)
{
    if (window_minimised(fly->graphics.window)) {
        SDL_WaitEventTimeout(NULL, NOT_SHOWN_MS);
        return;
    }
    if (fly->still) {
        SDL_WaitEventTimeout(NULL, fly->input.pad ? FLY_PACE_STILL_PAD_MS : FLY_PACE_STILL_MS);
        return;
    }
    int refresh_hz = fly->settings.vsync ? window_refresh_hz(fly->graphics.window) : 0;
    os_clock_sleep_until_ns(
        fly_pace_next_ns(&fly->pace, os_clock_now_ns(), fly->settings.fps_cap, refresh_hz));
}

static EngineConfig config_of_tier(const Fly *fly, int tier)
{
    EngineConfig config = settings_engine(&fly->settings, tier);
    config.needs = fly->graphics.gpu.needs(fly->graphics.gpu.object, config.tier);
    config.needs.ram_bytes += fly->desc->world->source.kept_bytes;
    return config;
}

static EngineConfig engine_config_at(const Fly *fly, int tier)
{
    EngineConfig config = config_of_tier(fly, tier);
    settings_leave_room(&config);
    config.stop = wants_end;
    config.stop_object = (void *)(uintptr_t)fly;
    memcpy(config.start_m, fly->camera.position_m, sizeof config.start_m);
    return config;
}

static Result open_engine(Fly *fly, int tier, ResultText *text)
{
    EngineConfig config = engine_config_at(fly, tier);
    graphics_set_tier(&fly->graphics, tier);
    return engine_create(&config, &fly->desc->world->source, &fly->graphics.gpu, &fly->engine,
                         text);
}

// A probe knows what is quick enough; the ceilings of this flight may have room for less.
static int tier_with_room(const Fly *fly, int tier)
{
    ResultText text = {0};
    for (; tier > 0; tier--) {
        EngineConfig config = config_of_tier(fly, tier);
        if (engine_check(&config, &text) == RESULT_OK)
            break;
        log_info("tier %d cannot be had: %s", tier, text.text);
    }
    return tier;
}

static TierFound found_now(const Fly *fly, int tier)
{
    const Graphics *graphics = &fly->graphics;
    TierFound out = {.tier = tier};
    snprintf(out.where, sizeof out.where, "%s, %d x %d, scale %g", graphics->caps.renderer,
             graphics->width, graphics->height, fly->settings.scale);
    return out;
}

// The tier for this renderer and size, as an earlier flight found it, or for the probe that now begins.
static int first_tier(Fly *fly)
{
    if (fly->settings.tier > 0)
        return fly->settings.tier - 1;
    TierFound now = found_now(fly, fly->found.tier);
    if (strcmp(now.where, fly->found.where) == 0) {
        log_info("tier %d: found before on %s", now.tier, now.where);
        return tier_with_room(fly, now.tier);
    }
    fly->probe = tier_probe_start(fly->graphics.caps.is_software);
    fly->probe.tier = tier_with_room(fly, fly->probe.tier);
    return fly->probe.tier;
}

static Result follow_probe(Fly *fly, ResultText *text)
{
    int tier = 0;
    if (!fly->probe.running || fly_screen_soaks(fly->screen))
        return RESULT_OK;
    const FrameStats *frame = engine_frame(fly->engine);
    bool whole = frame->view_complete && !window_minimised(fly->graphics.window);
    double frame_ms =
        tier_probe_frame_ms(&fly->probe, frame, engine_run(fly->engine)->workers.cpu_ns);
    if (!tier_probe_add(&fly->probe, whole, frame_ms, &tier))
        return RESULT_OK;
    if (fly->probe.count == TIER_PROBE_FRAMES)
        fly->found = found_now(fly, tier);
    tier = tier_with_room(fly, tier);
    if (tier == fly->probe.tier || wants_end(fly))
        return RESULT_OK;
    EngineConfig config = engine_config_at(fly, tier);
    Result result = graphics_change_tier(&fly->graphics, &config, &fly->desc->world->source,
                                         &fly->engine, text);
    if (fly->graphics.tier != tier)
        fly->found = (TierFound){0};
    return result;
}

static void change_season(void *object)
{
    const Fly *fly = object;
    terrain_set_snow_line(fly->desc->world->terrain, (float)fly->snow_line_m);
}

// The whole land is made anew for another snow line, so the knob must have come to rest.
static void follow_season(Fly *fly)
{
    double asked_m = fly->settings.snow_line_m;
    if (asked_m != fly->snow_asked_m)
        fly->snow_asked_ns = os_clock_now_ns();
    fly->snow_asked_m = asked_m;
    if (asked_m == fly->snow_line_m || fly_screen_soaks(fly->screen) ||
        os_clock_now_ns() - fly->snow_asked_ns < SEASON_RESTS_NS)
        return;
    fly->snow_line_m = asked_m;
    engine_renew(fly->engine, change_season, fly);
}

static Result loop(Fly *fly, ResultText *text)
{
    EngineHooks hooks = {.object = fly, .input = take_input, .ui = draw_screen};
    uint64_t ticks = 0;
    Result result = RESULT_OK;
    while (!fly->quit && result == RESULT_OK) {
        engine_tick(fly->engine, &hooks);
        fly_screen_after_tick(fly->screen, fly->engine);
        if (fly->wants_picture)
            take_picture(fly);
        if (fly->wants_loss)
            result = lose_gpu(fly, text);
        if (result == RESULT_OK)
            result = follow_probe(fly, text);
        if (result == RESULT_OK)
            follow_season(fly);
        save_now_and_then(fly);
        ticks++;
        fly->quit = fly->quit || (fly->desc->ticks && ticks >= fly->desc->ticks);
        keep_pace(fly);
    }
    return result;
}

static void place_camera(Fly *fly)
{
    const FlyDesc *desc = fly->desc;
    fly->camera =
        fly_camera_make(desc->at_m[0], desc->at_m[2], desc->at_m[1], ground_m, ground_of(fly));
    fly->camera.yaw_rad = desc->look_deg[0] * DEG;
    fly->camera.pitch_rad = desc->look_deg[1] * DEG;
    if (desc->speed_m_s > 0)
        fly->camera.speed_m_s = desc->speed_m_s;
    fly->agl_m = fmax(desc->at_m[2], FLY_CAMERA_GROUND_M);
    fly_camera_set_follow(&fly->camera, desc->follow, ground_m, ground_of(fly));
}

static Result open_all(Fly *fly, ResultText *text)
{
    const FlyDesc *desc = fly->desc;
    char title[64];
    snprintf(title, sizeof title, "Arete, %s", desc->world->spec.name);
    GraphicsDesc graphics = {.window = {.title = title,
                                        .width = desc->settings.width,
                                        .height = desc->settings.height,
                                        .fullscreen = desc->settings.fullscreen,
                                        .vsync = desc->settings.vsync,
                                        .gl33 = desc->gl33},
                             .scale = desc->settings.scale,
                             .scale_follows = true,
                             .tier = desc->settings.tier - 1,
                             .shaders = desc->shaders,
                             .no_hole_probe = true,
                             .cached = !desc->fresh};
#ifdef ARETE_DEBUG
    graphics.window.debug = graphics.check_errors = true;
#endif
    Result result = graphics_open(&graphics, &fly->graphics, text);
    if (result != RESULT_OK || wants_end(fly))
        return result;
    result = open_engine(fly, first_tier(fly), text);
    if (result == RESULT_OK && !wants_end(fly))
        result = fly_screen_create(&fly->graphics, &fly->screen, text);
    return result;
}

static void close_all(Fly *fly)
{
    fly_input_capture(&fly->input, false);
    fly_input_stop(&fly->input);
    fly_screen_destroy(fly->screen);
    engine_destroy(fly->engine);
    graphics_close(&fly->graphics);
}

// SDL has no hook for an X server that goes away; nothing else ends the process in flight.
static int lose_display(void *object)
{
    const Fly *fly = object;
    SavedPosition position = position_of(fly);
    saved_destroy(fly->desc->saved, &fly->settings, &position);
    ResultText text;
    if (fly->desc->trace && zone_trace_write(fly->desc->trace, &text) != RESULT_OK)
        log_error("%s", text.text);
    (void)result_fail(&text, RESULT_IO,
                      "the display was lost; settings and position are kept as after any flight");
    return command_fail(&text);
}

static Result fly_once(Fly *fly, ResultText *text)
{
    const FlyDesc *desc = fly->desc;
    EngineConfig config = settings_engine(&desc->settings, 0);
    config.needs.ram_bytes = desc->world->source.kept_bytes;
    Result result = engine_check(&config, text);
    if (result == RESULT_OK && desc->trace)
        result = zone_trace_begin(0);
    if (result != RESULT_OK)
        return result;
    saved_start(desc->saved, &desc->settings);
    fly_input_start(&fly->input);
    place_camera(fly);
    os_exit_arm(lose_display, fly);
    result = open_all(fly, text);
    if (result == RESULT_OK && !fly->quit) {
        if (desc->overlay && fly_screen_open(fly->screen, desc->overlay))
            fly_screen_toggle_overlay(fly->screen);
        result = loop(fly, text);
    }
    close_all(fly);
    os_exit_disarm();
    if (result == RESULT_OK && desc->trace)
        result = zone_trace_write(desc->trace, text);
    return result;
}

Result fly_run(const FlyDesc *desc, Settings *out_settings, SavedPosition *out_position,
               ResultText *text)
{
    assert(desc && desc->world && desc->saved && out_settings && out_position);
    Fly *fly = os_memory_alloc(sizeof *fly, OS_MEMORY_APP);
    if (!fly)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the viewer");
    fly->desc = desc;
    fly->settings = desc->settings;
    fly->snow_line_m = fly->snow_asked_m = desc->settings.snow_line_m;
    fly->found = desc->found;
    Result result = fly_once(fly, text);
    *out_settings = fly->settings;
    *out_position = position_of(fly);
    os_memory_free(fly, sizeof *fly, OS_MEMORY_APP);
    return result;
}
