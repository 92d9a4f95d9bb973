#include "graphics.h"
#include "base/log.h"
#include "place.h"
#include <assert.h>
#include <math.h>
#include <string.h>

static void swap(void *object)
{
    window_swap(((Graphics *)object)->window);
}

int graphics_tier(const GlCaps *caps)
{
    assert(caps);
    return caps->is_software ? 0 : 2;
}

static Result make_materials(const GraphicsDesc *desc, Graphics *out, ResultText *text)
{
    char path[PLACE_BYTES_MAX] = "";
    if (desc->cached)
        place_file("XDG_CACHE_HOME", ".cache", "materials.bin", path);
    Result result = material_set_create(&(MaterialSetDesc){.path = path}, &out->materials);
    return result == RESULT_OK ? result : result_fail(text, result, "no memory for materials");
}

static int scaled(int pixels, double scale)
{
    int size = (int)lround(pixels * scale);
    return size > 0 ? size : 1;
}

// On a software renderer a picture of this width still moves; words are drawn at the window's size all the same.
#define SOFTWARE_WIDTH 640.0
#define SCALE_MIN 0.25

static double automatic_scale(const Graphics *graphics, int width)
{
    double scale = graphics->caps.is_software ? SOFTWARE_WIDTH / width : 1.0;
    return scale > 1.0 ? 1.0 : scale < SCALE_MIN ? SCALE_MIN : scale;
}

static Result make_sink(const GraphicsDesc *desc, Graphics *out, ResultText *text)
{
    out->gl33 = desc->window.gl33;
    Result result = gl_caps_load(window_gl_address, out->gl33, &out->caps, text);
    if (result == RESULT_OK)
        result = make_materials(desc, out, text);
    if (result != RESULT_OK)
        return result;
    out->tier = desc->tier >= 0 ? desc->tier : graphics_tier(&out->caps);
    window_size(out->window, &out->width, &out->height);
    out->scale = desc->scale > 0 ? desc->scale : 1;
    if (desc->scale <= 0 && desc->scale_follows && out->width > 0)
        out->scale = automatic_scale(out, out->width);
    out->scale_asked = out->scale;
    GlSinkDesc sink = {
        .caps = out->caps,
        .shader_directory = desc->shaders,
        .window_width = out->width,
        .window_height = out->height,
        .scene_width = scaled(out->width, out->scale),
        .scene_height = scaled(out->height, out->scale),
        .tier = out->tier,
        .hole_probe_frames = desc->no_hole_probe ? -1 : 0,
        .check_errors = desc->check_errors,
        .materials = material_set_source(out->materials),
        .materials_at_once = desc->materials_at_once,
        .swap = desc->hidden ? NULL : swap,
        .swap_object = out,
    };
    result = gl_sink_create(&sink, &out->sink, text);
    if (result == RESULT_OK)
        out->gpu = gl_sink_interface(out->sink);
    return result;
}

Result graphics_open(const GraphicsDesc *desc, Graphics *out, ResultText *text)
{
    assert(desc && out);
    *out = (Graphics){0};
    Result result = window_create(&desc->window, &out->window, text);
    if (result == RESULT_OK)
        result = make_sink(desc, out, text);
    if (result != RESULT_OK) {
        graphics_close(out);
        return result;
    }
    log_info("OpenGL %s on %s", out->caps.version, out->caps.renderer);
    return RESULT_OK;
}

void graphics_set_tier(Graphics *graphics, int tier)
{
    graphics->tier = tier;
    graphics->scale_asked = -1.0; // another tier has other targets, and maybe another ceiling
    gl_sink_set_tier(graphics->sink, tier);
}

void graphics_close(Graphics *graphics)
{
    assert(graphics);
    if (graphics->sink)
        gl_sink_destroy(graphics->sink);
    material_set_destroy(graphics->materials);
    window_destroy(graphics->window);
    graphics->materials = NULL;
    graphics->sink = NULL;
    graphics->window = NULL;
}

// As much of the scale as the engine's ceiling has room for beside its tiles.
static double scale_with_room(const Graphics *graphics, const Engine *engine, double asked)
{
    GpuSinkStats stats = graphics->gpu.stats(graphics->gpu.object);
    uint64_t ceiling = engine_config(engine)->vram_ceiling_bytes;
    uint64_t tiles = stats.gpu.owners[GPU_STATS_TILES] + stats.gpu.owners[GPU_STATS_STAGING];
    for (double scale = asked;; scale = fmax(0.9 * scale, SCALE_MIN)) {
        GpuSinkNeeds needs =
            gl_sink_needs(graphics->sink, graphics->tier, scaled(graphics->width, scale),
                          scaled(graphics->height, scale));
        if (tiles + needs.gpu_bytes <= ceiling || scale <= SCALE_MIN)
            return scale;
    }
}

bool graphics_follow(Graphics *graphics, const Engine *engine, double scale)
{
    int width = 0, height = 0;
    assert(graphics->window && engine && scale >= 0);
    window_size(graphics->window, &width, &height);
    if (scale <= 0 && width > 0)
        scale = automatic_scale(graphics, width);
    if (scale <= 0)
        return false;
    if (width == graphics->width && height == graphics->height && scale == graphics->scale_asked)
        return false;
    ResultText text = {0};
    graphics->width = width;
    graphics->height = height;
    graphics->scale_asked = scale;
    double fits = scale_with_room(graphics, engine, scale);
    if (fits < scale && !graphics->is_reduced)
        log_warn("--vram-mib has no room for all of the picture: it is drawn at %.2f of its size",
                 fits / scale);
    graphics->is_reduced = fits < scale;
    if (gl_sink_resize(graphics->sink, width, height, scaled(width, fits), scaled(height, fits),
                       &text) == RESULT_OK)
        graphics->scale = fits;
    else
        log_error("the scene keeps its size in a window of %d x %d: %s", width, height, text.text);
    return true;
}

float graphics_aspect(const Graphics *graphics)
{
    return (float)graphics->width / (float)graphics->height;
}

// Map sizes and rings go with the tier, so the stream begins anew.
Result graphics_change_tier(Graphics *graphics, const EngineConfig *config, const Source *source,
                            Engine **engine, ResultText *text)
{
    assert(config && source && engine && *engine);
    EngineConfig next = *config, last = *engine_config(*engine);
    Result result = engine_check(config, text);
    if (result == RESULT_OK) {
        next.features_off = last.features_off;
        engine_destroy(*engine);
        *engine = NULL;
        graphics_set_tier(graphics, next.tier);
        result = engine_create(&next, source, &graphics->gpu, engine, text);
    }
    if (result == RESULT_OK)
        return RESULT_OK;
    log_warn("tier %d cannot be had (%s); it stays at %d", config->tier, text->text, last.tier);
    if (*engine)
        return RESULT_OK;
    memcpy(last.start_m, config->start_m, sizeof last.start_m);
    graphics_set_tier(graphics, last.tier);
    return engine_create(&last, source, &graphics->gpu, engine, text);
}

Result graphics_lose(Graphics *graphics, Engine *engine, ResultText *text)
{
    assert(graphics->window && engine);
    engine_gpu_release(engine);
    Result result = window_recreate_context(graphics->window, text);
    if (result == RESULT_OK)
        result = gl_caps_load(window_gl_address, graphics->gl33, &graphics->caps, text);
    if (result != RESULT_OK)
        return result;
    gl_sink_lost(graphics->sink, &graphics->caps);
    return engine_gpu_lost(engine, text);
}
