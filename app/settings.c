#include "settings.h"
#include "world/sun.h"
#include <assert.h>
#include <string.h>

#define QUALITY_MAX 1.3

#define SETTINGS_FIELD(field) .offset = offsetof(Settings, field)

#define SETTINGS_INT(field, text, of, from, to, first)                                             \
    .type = OPTION_INT, SETTINGS_FIELD(field), .name = text, .unit = of, .low = from, .high = to,  \
    .initial = first
#define SETTINGS_REAL(field, text, of, from, to, first)                                            \
    .type = OPTION_REAL, SETTINGS_FIELD(field), .name = text, .unit = of, .low = from, .high = to, \
    .initial = first
#define SETTINGS_BOOL(field, text, first)                                                          \
    .type = OPTION_BOOL, SETTINGS_FIELD(field), .name = text, .unit = "", .initial = first

const Option settings_table[] = {
    {.type = OPTION_SEED,
     SETTINGS_FIELD(seed),
     .name = "seed",
     .unit = "NUMBER",
     .initial = "42",
     .group = "world",
     .help = "of the endless world where no word names one; fly goes on in the last flight's"},
    {SETTINGS_REAL(snow_line_m, "snow-line", "m", -3000, 3000, "0"), .group = "world", .live = true,
     .help = "how much higher than on average snow and ice begin: below 0 in winter"},
    {SETTINGS_INT(view_chunks, "view", "chunks", 8, 24, "8"), .group = "stream",
     .help = "chunks each way that must be there: farther is sharper and costs memory"},
    {SETTINGS_INT(prefetch_chunks, "prefetch", "chunks", 2, 8, "4"), .group = "stream",
     .help = "ring beyond the view that is loaded ahead"},
    {SETTINGS_INT(loads, "loads", "jobs", 1, 64, "8"), .group = "stream", .live = true,
     .help = "loads ahead in flight at most"},
    {SETTINGS_INT(throttled_loads, "throttled-loads", "jobs", 1, 64, "2"), .group = "stream",
     .live = true, .help = "the same while throttled"},
    {SETTINGS_REAL(throttle_ms, "throttle-ms", "ms", 1, 100, "10"), .group = "stream", .live = true,
     .help = "busy time of a frame that throttles the loads ahead"},
    {SETTINGS_INT(queue, "queue", "items", 64, 4096, "256"), .group = "stream",
     .help = "length of the request queues and of the result queue"},
    {SETTINGS_INT(results, "results", "items", 1, 256, "64"), .group = "stream", .live = true,
     .help = "results taken in per frame at most"},
    {SETTINGS_INT(upload_kib, "upload-kib", "KiB", 64, 16384, "1024"), .group = "stream",
     .live = true, .help = "bytes sent to the GPU per frame at most"},
    {SETTINGS_REAL(upload_ms, "upload-ms", "ms", 0.1, 10, "0.6"), .group = "stream", .live = true,
     .help = "time spent on it per frame at most"},
    {SETTINGS_INT(upload_count, "upload-count", "tiles", 1, 256, "64"), .group = "stream",
     .live = true, .help = "tiles sent per frame at most"},
    {SETTINGS_INT(ram_mib, "ram-mib", "MiB", 64, 16384, "256"), .group = "stream",
     .help = "ceiling of the engine's memory"},
    {SETTINGS_INT(vram_mib, "vram-mib", "MiB", 64, 16384, NULL), .group = "stream",
     .unset = "automatic: 320 MiB, 1024 MiB from tier 2 on", .help = "ceiling of the GPU's memory"},
    {SETTINGS_INT(threads, "threads", "threads", 1, 64, NULL), .group = "stream",
     .unset = "automatic",
     .help = "worker threads; automatic: three quarters of the CPUs, 2 to 16"},
    {.type = OPTION_CHOICE,
     SETTINGS_FIELD(tier),
     .name = "tier",
     .unit = "tier",
     .choices = "auto|0|1|2|3",
     .initial = "auto",
     .group = "picture",
     .help = "quality of the picture: 0 for software rendering, 3 the richest; auto: the viewer "
             "measures"},
    {SETTINGS_REAL(quality, "quality", "factor", 0.8, QUALITY_MAX, NULL), .group = "picture",
     .live = true, .unset = "automatic: 0.8 at tier 0, 1.2 at tier 3, else 1",
     .help =
         "scales the distances at which detail ends; in flight up to 1.3, or what it was at start "
         "where --vram-mib has no room for more"},
    {SETTINGS_REAL(scale, "scale", "factor", 0.25, 1, NULL), .group = "picture", .live = true,
     .unset = "automatic: whole; in a window of a software renderer 640 pixels wide",
     .help = "size of the scene's picture against the window's; words stay sharp"},
    {SETTINGS_REAL(fov_deg, "fov", "degrees", 30, 110, "60"), .group = "picture", .live = true,
     .help = "height of the field of view"},
    {SETTINGS_REAL(haze, "haze", "factor", 0, 8, "1"), .group = "picture", .live = true,
     .help = "thickness of the air: 1 is a clear day"},
    {SETTINGS_REAL(cloud_cover, "cloud-cover", "share", 0, 1, "0.4"), .group = "picture",
     .live = true, .help = "share of the sky that clouds cover"},
    {.type = OPTION_TIME,
     SETTINGS_FIELD(minute),
     .name = "time",
     .unit = "HH:MM",
     .high = SUN_DAY_MINUTES - 1,
     .initial = "09:40",
     .group = "picture",
     .live = true,
     .help = "time of day: at 12:00 the sun stands in the south"},
    {.type = OPTION_DATE,
     SETTINGS_FIELD(day),
     .name = "date",
     .unit = "MM-DD",
     .high = SUN_YEAR_DAYS - 1,
     .initial = "09-22",
     .group = "picture",
     .live = true,
     .help = "date: height of the sun, phase of the moon; it is full on 09-22"},
    {SETTINGS_INT(width, "width", "pixels", 160, 16384, "1280"), .group = "window",
     .help = "width of the window"},
    {SETTINGS_INT(height, "height", "pixels", 90, 16384, "720"), .group = "window",
     .help = "height of the window"},
    {SETTINGS_BOOL(fullscreen, "fullscreen", "off"), .group = "window",
     .help = "start on the whole screen"},
    {SETTINGS_BOOL(vsync, "vsync", "on"), .group = "window", .live = true,
     .help = "show pictures in step with the screen"},
    {SETTINGS_INT(fps_cap, "fps-cap", "frames/s", 0, 1000, "0"), .group = "window", .live = true,
     .help = "pictures a second at most; 0: no cap"},
    {SETTINGS_REAL(sensitivity, "sensitivity", "factor", 0.1, 10, "1"), .group = "flight",
     .live = true, .help = "of mouse and stick"},
    {SETTINGS_BOOL(invert_y, "invert-y", "off"), .group = "flight", .live = true,
     .help = "pulling the mouse or stick looks up"},
    {SETTINGS_REAL(time_scale, "time-scale", "factor", 0.125, 8, "1"), .group = "flight",
     .live = true, .help = "speed of time, flight included"},
};
const int settings_count = sizeof settings_table / sizeof settings_table[0];

void settings_defaults(Settings *out)
{
    assert(out);
    memset(out, 0, sizeof *out);
    option_defaults(settings_table, settings_count, out);
}

EngineConfig settings_engine(const Settings *settings, int tier_auto)
{
    assert(settings && tier_auto >= 0 && tier_auto <= 3);
    return (EngineConfig){
        .view_chunks = settings->view_chunks,
        .prefetch_chunks = settings->prefetch_chunks,
        .loads_max = settings->loads,
        .loads_throttled = settings->throttled_loads,
        .throttle_ms = settings->throttle_ms,
        .queue_requests = settings->queue,
        .queue_results = settings->queue,
        .results_per_tick = settings->results,
        .upload_bytes = (uint64_t)settings->upload_kib * 1024,
        .upload_ms = settings->upload_ms,
        .upload_count = settings->upload_count,
        .ram_ceiling_bytes = (uint64_t)settings->ram_mib * 1024 * 1024,
        .vram_ceiling_bytes = (uint64_t)settings->vram_mib * 1024 * 1024,
        .threads = settings->threads,
        .tier = settings->tier > 0 ? settings->tier - 1 : tier_auto,
        .quality = (float)settings->quality,
    };
}

void settings_leave_room(EngineConfig *config)
{
    ResultText ignored = {0};
    config->quality_max = (float)QUALITY_MAX;
    if (engine_check(config, &ignored) != RESULT_OK)
        config->quality_max = 0.0f;
}

void settings_scene(const Settings *settings, int tier_auto, DrawScene *out)
{
    assert(settings && out);
    out->tier = settings->tier > 0 ? settings->tier - 1 : tier_auto;
    out->lights = sun_sky(settings->minute, settings->day, SUN_LATITUDE_RAD);
    out->haze_scale = (float)settings->haze;
    out->cloud_cover = (float)settings->cloud_cover;
}
