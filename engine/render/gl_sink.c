#include "render/gl_sink.h"

#include "base/log.h"
#include "base/os_memory.h"
#include "render/frame_block.h"
#include "render/gl_materials.h"
#include "render/gl_timer.h"
#include "render/hole_probe.h"
#include "render/pass_post.h"
#include "render/pass_sky.h"
#include "render/pass_terrain.h"
#include "render/readback.h"
#include "render/warm_up.h"
#include <assert.h>
#include <glad/gl.h>
#include <math.h>
#include <string.h>

#define PARTS 3 // that a picture is made of
#define STEPS (PARTS + WARM_UP_ROUNDS)
#define FIRST_STEPS (PARTS + WARM_UP_FIRST)
#define FENCE_WAIT_NS UINT64_C(1000000000)
#define FENCE_WAITS_MAX 10 // then the GPU is taken for hung and the frame goes on
#define RELOAD_FRAMES 30
#define ERROR_CHECK_FRAMES 256
#define SKY_ROWS_PER_FRAME (ATMOSPHERE_SKY_HEIGHT / 16)
#define HOLE_REACH_M 60000.0f // TARGETS' distance, for the full view
#define HOLE_REACH_PART (60000.0f / GL_SINK_VIEW_END_M)

// Everything that lives on the GPU; zeroed as one when the context is gone.
typedef struct Objects {
    GlTiles tiles;
    GlRing frame_ring;
    SceneTarget target;
    GlMaterials materials;
    PassTerrain terrain;
    PassSky sky;
    PassPost post;
    HoleProbe probe;
    GlTimer timer;
    GLsync fence;
} Objects;

struct GlSink {
    GlSinkDesc desc;
    GlAccount account;
    GpuSinkDesc tile_desc;
    bool started;
    bool drawable;       // the passes stand
    int prepared;        // steps taken since start
    bool shown;          // the window's back buffer holds a picture
    RenderSetup setup;   // of the passes
    RenderSetup refused; // could not be built: not tried again
    Objects objects;
    Atmosphere air;
    bool air_shown; // the texture holds its table
    float air_haze;
    uint64_t frame;       // being built now, from 1
    uint64_t frame_done;  // the GPU has finished it and all before it
    uint64_t fence_frame; // that `fence` stands for
    uint64_t uploads, uploaded_bytes;
    uint64_t uploads_at_fence;
    int64_t hole_pixels;
};

static Result create_target(GlSink *sink, ResultText *text)
{
    const GlSinkDesc *desc = &sink->desc;
    Objects *o = &sink->objects;
    Result result =
        scene_target_create(&sink->setup, desc->scene_width, desc->scene_height, &o->target, text);
    if (result == RESULT_OK && desc->hole_probe_frames > 0)
        hole_probe_create(&o->probe, desc->scene_width, desc->scene_height, &sink->account);
    if (result == RESULT_OK)
        result = pass_post_create(&sink->setup, &o->post, text);
    gl_materials_create(&sink->setup, &o->materials);
    if (desc->materials_at_once)
        gl_materials_finish(&o->materials, &desc->materials);
    sink->air_shown = false;
    return result;
}

// One part of what a picture is made of.
static Result create_part(GlSink *sink, int part, ResultText *text)
{
    Objects *o = &sink->objects;
    assert(part >= 0 && part < PARTS);
    if (part == 0)
        return create_target(sink, text);
    if (part == 1)
        return pass_sky_create(&sink->setup, &o->sky, text);
    Result result = pass_terrain_create(&sink->setup, &o->terrain, text);
    sink->drawable = result == RESULT_OK;
    return result;
}

static void destroy_passes(GlSink *sink)
{
    Objects *o = &sink->objects;
    hole_probe_destroy(&o->probe, &sink->account);
    pass_post_destroy(&o->post);
    pass_sky_destroy(&o->sky, &sink->account);
    pass_terrain_destroy(&o->terrain, &sink->account);
    gl_materials_destroy(&o->materials, &sink->account);
    scene_target_destroy(&o->target, &sink->account);
}

static RenderSetup setup_of(GlSink *sink, int tier, bool force_gl33)
{
    return (RenderSetup){.caps = &sink->desc.caps,
                         .account = &sink->account,
                         .shader_directory = sink->desc.shader_directory,
                         .tier = tier,
                         .base_instance = sink->desc.caps.base_instance && !force_gl33,
                         .clip_control = sink->desc.caps.clip_control && !force_gl33,
                         .linear_output = sink->desc.linear_output};
}

static void set_depth_convention(const GlSink *sink)
{
    if (sink->desc.caps.clip_control)
        glClipControl(GL_LOWER_LEFT,
                      sink->setup.clip_control ? GL_ZERO_TO_ONE : GL_NEGATIVE_ONE_TO_ONE);
}

static void fill_frame_block(GlSink *sink, const DrawList *list, const ViewFrame *frame,
                             const DrawScene *scene)
{
    FrameBlock *block = gl_ring_map(&sink->objects.frame_ring);
    if (block == NULL)
        return;
    FrameBlockInput input = {.frame = frame,
                             .focus = list->focus ? list->focus : frame,
                             .scene = scene,
                             .air = &sink->air,
                             .layouts = sink->tile_desc.layouts,
                             .mesh_bias = sink->objects.terrain.mesh_bias,
                             .view_end_m = scene->view_range_m > 0.0f ? scene->view_range_m
                                                                      : sink->desc.view_end_m,
                             .width = sink->objects.target.width,
                             .height = sink->objects.target.height,
                             .frame_index = (uint32_t)(sink->frame & 0x7fffffff)};
    FrameBlock filled; // the ring's memory may be write-combined: written once, never read
    frame_block_fill(&input, &filled);
    memcpy(block, &filled, sizeof filled);
    size_t offset = gl_ring_unmap(&sink->objects.frame_ring);
    glBindBufferRange(GL_UNIFORM_BUFFER, GL_PROGRAM_FRAME_BINDING, sink->objects.frame_ring.handle,
                      (GLintptr)offset, sizeof(FrameBlock));
}

// The first light is there at once, a moved sun after sixteen frames: no frame pays for a whole table.
static void update_air(GlSink *sink, const DrawScene *scene)
{
    Atmosphere *air = &sink->air;
    bool at_once = !sink->air_shown || sink->air_haze != scene->haze_scale;
    bool begin = at_once || (air->next_row == ATMOSPHERE_SKY_HEIGHT &&
                             memcmp(&air->lights, &scene->lights, sizeof air->lights) != 0);
    if (begin)
        atmosphere_begin(air, &scene->lights, scene->haze_scale);
    if (atmosphere_step(air, at_once ? ATMOSPHERE_SKY_HEIGHT : SKY_ROWS_PER_FRAME))
        pass_sky_update(&sink->objects.sky, air);
    sink->air_shown = true;
    sink->air_haze = scene->haze_scale;
}

static void draw_passes(GlSink *sink, const DrawList *list, const ViewFrame *frame,
                        const DrawScene *scene)
{
    static const float magenta[3] = {1.0f, 0.0f, 1.0f}, black[3] = {0.0f, 0.0f, 0.0f};
    Objects *o = &sink->objects;
    set_depth_convention(sink);
    pass_sky_bind(&o->sky);
    if (!scene->probe)
        pass_sky_draw_small(&o->sky, &o->target);
    scene_target_begin(&o->target, scene->probe ? magenta : black);
    gl_materials_bind(&o->materials);
    pass_terrain_draw(&o->terrain, &o->tiles, list, scene);
    if (!scene->probe) {
        pass_sky_draw(&o->sky, &o->target, frame, &sink->air);
        pass_sky_draw_clouds(&o->sky, frame, scene);
    }
    scene_target_resolve(&o->target);
    pass_post_draw(&o->post, &o->target);
    glActiveTexture(GL_TEXTURE0);
}

// Every program meets its real target, most before the first frame, so that no driver compiles in flight.
static void warm_round(GlSink *sink, int round)
{
    WarmUp warm;
    warm_up_round(round, sink->tile_desc.layer_counts, sink->setup.tier, &warm);
    Atmosphere *air = &sink->air;
    if (air->haze_scale <= 0.0f) { // none yet: frames make their own
        update_air(sink, &warm.scene);
        sink->air_shown = false;
    }
    // The lights choose programs; for their drawing any table will do.
    SunSky lights = air->lights;
    float night = air->night;
    air->lights = warm.scene.lights;
    air->night = warm.scene.lights.sun_elevation_rad < 0.0f ? 1.0f : 0.0f;
    fill_frame_block(sink, &warm.list, &warm.frame, &warm.scene);
    draw_passes(sink, &warm.list, &warm.frame, &warm.scene);
    air->lights = lights;
    air->night = night;
}

static Result prepare_step(GlSink *sink, ResultText *text)
{
    assert(sink->prepared < STEPS);
    int step = sink->prepared++;
    if (step < PARTS)
        return create_part(sink, step, text);
    warm_round(sink, step - PARTS);
    if (sink->prepared == FIRST_STEPS || sink->prepared == STEPS)
        glFinish();
    return RESULT_OK;
}

// Passes for another tier or depth convention: a change of settings, not part of any flight.
static Result rebuild_passes(GlSink *sink, const RenderSetup *setup, ResultText *text)
{
    destroy_passes(sink);
    sink->setup = *setup;
    sink->drawable = false;
    Result result = RESULT_OK;
    for (sink->prepared = 0; result == RESULT_OK && sink->prepared < STEPS;)
        result = prepare_step(sink, text);
    sink->prepared = STEPS;
    return result;
}

static void sink_stop(void *object)
{
    GlSink *sink = object;
    if (!sink->started)
        return;
    Objects *o = &sink->objects;
    glFinish();
    // The context may go on without us: leave its depth range as it was found.
    if (sink->desc.caps.clip_control)
        glClipControl(GL_LOWER_LEFT, GL_NEGATIVE_ONE_TO_ONE);
    glDeleteSync(o->fence);
    gl_timer_destroy(&o->timer);
    destroy_passes(sink);
    gl_ring_destroy(&o->frame_ring, &sink->account);
    gl_tiles_destroy(&o->tiles, &sink->account);
    memset(o, 0, sizeof *o);
    sink->started = false;
}

static Result sink_start(void *object, const GpuSinkDesc *desc, ResultText *text)
{
    GlSink *sink = object;
    assert(!sink->started);
    sink->tile_desc = *desc;
    gl_caps_watch(&sink->desc.caps, &sink->account);
    Result result =
        gl_tiles_create(desc, &sink->desc.caps, &sink->account, &sink->objects.tiles, text);
    if (result != RESULT_OK)
        return result;
    sink->started = true;
    gl_ring_create(&sink->objects.frame_ring, GL_UNIFORM_BUFFER, sizeof(FrameBlock),
                   &sink->account);
    gl_timer_create(&sink->objects.timer);
    sink->setup = setup_of(sink, sink->desc.tier, false);
    sink->prepared = 0;
    sink->drawable = sink->shown = false;
    sink->frame_done = sink->frame;
    sink->frame++;
    sink->hole_pixels = -1;
    gl_caps_check_errors(&sink->account);
    return RESULT_OK;
}

static Result sink_prepare(void *object, bool *out_more, ResultText *text)
{
    GlSink *sink = object;
    Result result = sink->prepared < FIRST_STEPS ? prepare_step(sink, text) : RESULT_OK;
    *out_more = result == RESULT_OK && sink->prepared < FIRST_STEPS;
    if (!*out_more)
        gl_caps_check_errors(&sink->account);
    return result;
}

static bool sink_prepare_later(void *object)
{
    GlSink *sink = object;
    if (sink->prepared < FIRST_STEPS || sink->prepared == STEPS)
        return false;
    (void)prepare_step(sink, NULL); // it draws: nothing in it can fail
    return sink->prepared < STEPS;
}

static void set_fence(GlSink *sink)
{
    assert(sink->objects.fence == NULL);
    sink->objects.fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    sink->fence_frame = sink->frame++;
    sink->uploads_at_fence = sink->uploads;
}

static void wait_fence(GlSink *sink)
{
    GLenum state = GL_TIMEOUT_EXPIRED;
    for (int i = 0; i < FENCE_WAITS_MAX && state == GL_TIMEOUT_EXPIRED; i++)
        state = glClientWaitSync(sink->objects.fence, GL_SYNC_FLUSH_COMMANDS_BIT, FENCE_WAIT_NS);
    if (state == GL_TIMEOUT_EXPIRED || state == GL_WAIT_FAILED) {
        sink->account.errors++;
        log_error("gl: the GPU has not finished frame %llu", (unsigned long long)sink->fence_frame);
    }
    glDeleteSync(sink->objects.fence);
    sink->objects.fence = NULL;
    sink->frame_done = sink->fence_frame;
}

static void sink_frame_wait(void *object)
{
    GlSink *sink = object;
    // Ticks that draw nothing (a minimised window) upload all the same: their slots need a fence too.
    if (sink->objects.fence == NULL && sink->uploads != sink->uploads_at_fence)
        set_fence(sink);
    if (sink->objects.fence != NULL)
        wait_fence(sink);
    sink->objects.probe.result = -1; // said once, in the tick in which it became known
    hole_probe_step(&sink->objects.probe, &sink->objects.target);
    sink->hole_pixels = sink->objects.probe.result;
}

static uint8_t *sink_slot_memory(void *object, LodGrid grid, uint32_t slot)
{
    return gl_tiles_slot(&((GlSink *)object)->objects.tiles, grid, slot);
}

static bool sink_slot_idle(void *object, LodGrid grid, uint32_t slot)
{
    const GlSink *sink = object;
    return gl_tiles_slot_frame(&sink->objects.tiles, grid, slot) <= sink->frame_done;
}

static void sink_upload(void *object, LodGrid grid, uint32_t layer, uint32_t slot)
{
    GlSink *sink = object;
    gl_tiles_upload(&sink->objects.tiles, grid, layer, slot, sink->frame);
    sink->uploads++;
    sink->uploaded_bytes += tile_gpu_bytes(&sink->tile_desc.layouts[grid]);
}

static bool same_setup(const RenderSetup *a, const RenderSetup *b)
{
    return a->caps == b->caps && a->tier == b->tier && a->base_instance == b->base_instance &&
           a->clip_control == b->clip_control;
}

static void match_setup(GlSink *sink, const DrawScene *scene)
{
    RenderSetup setup = setup_of(sink, scene->tier, scene->force_gl33);
    if (same_setup(&setup, &sink->setup) || same_setup(&setup, &sink->refused))
        return;
    RenderSetup last = sink->setup;
    ResultText text = {0};
    if (rebuild_passes(sink, &setup, &text) == RESULT_OK)
        return;
    log_error("tier %d cannot be drawn (%s); back to tier %d", scene->tier, text.text, last.tier);
    sink->account.errors++;
    sink->refused = setup;
    if (rebuild_passes(sink, &last, &text) != RESULT_OK)
        log_error("nor can tier %d: %s", last.tier, text.text);
}

static void reload_shaders(GlSink *sink)
{
    if (sink->desc.shader_directory == NULL || sink->frame % RELOAD_FRAMES != 0)
        return;
    pass_terrain_reload(&sink->objects.terrain, &sink->account);
    pass_sky_reload(&sink->objects.sky, &sink->account);
    (void)gl_program_reload(&sink->objects.post.program, &sink->account);
}

static void mark_for_holes(GlSink *sink, const DrawList *list, const ViewFrame *frame,
                           const DrawScene *scene)
{
    int every = sink->desc.hole_probe_frames;
    bool plain = scene->mode == DRAW_MODE_SHADED && !scene->wireframe && !scene->probe;
    if (every < 0 || !plain || sink->frame % (uint64_t)every != 0)
        return;
    float lowest_m = INFINITY;
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        for (int i = 0; i < list->counts[grid]; i++)
            lowest_m = fminf(lowest_m, list->instances[grid][i].base_m);
    }
    // The sea is drawn at 0, so nothing that one sees lies lower.
    lowest_m = isfinite(lowest_m) ? fmaxf(lowest_m, 0.0f) : 0.0f;
    float reach_m = fminf(HOLE_REACH_M, sink->desc.view_end_m * HOLE_REACH_PART);
    float slope = hole_probe_slope(frame->view.eye_world[1], lowest_m, reach_m);
    hole_probe_mark(&sink->objects.probe, frame, slope);
}

static void sink_submit(void *object, const DrawList *list, const ViewFrame *frame,
                        const DrawScene *scene)
{
    GlSink *sink = object;
    assert(scene->tier >= 0 && scene->tier < RENDER_SETUP_TIERS);
    if (sink->prepared == 0)
        return;
    match_setup(sink, scene);
    if (!sink->drawable)
        return;
    reload_shaders(sink);
    // A software rasteriser's timers say nothing that the ledger does not.
    bool timed = !sink->desc.caps.is_software;
    if (timed)
        gl_timer_begin(&sink->objects.timer);
    update_air(sink, scene);
    gl_materials_step(&sink->objects.materials, &sink->desc.materials);
    fill_frame_block(sink, list, frame, scene);
    draw_passes(sink, list, frame, scene);
    if (timed)
        gl_timer_end(&sink->objects.timer);
    mark_for_holes(sink, list, frame, scene);
    sink->shown = sink->desc.swap != NULL;
    if (sink->shown)
        scene_target_show(&sink->objects.target, sink->desc.window_width, sink->desc.window_height);
}

static void sink_present(void *object)
{
    GlSink *sink = object;
    if (sink->shown)
        sink->desc.swap(sink->desc.swap_object);
    sink->shown = false;
    if (sink->objects.fence == NULL)
        set_fence(sink);
    if (sink->desc.check_errors || sink->frame % ERROR_CHECK_FRAMES == 0)
        gl_caps_check_errors(&sink->account);
}

// Lattices, tables of light, frame blocks: a picture's small things.
#define SMALL_BYTES (UINT64_C(4) << 20)

GpuSinkNeeds gl_sink_needs(GlSink *sink, int tier, int scene_width, int scene_height)
{
    RenderSetup setup = setup_of(sink, tier, false);
    GpuSinkNeeds needs = gl_materials_needs(tier);
    if (sink->desc.materials.layer == NULL)
        needs.ram_bytes = 0;
    needs.gpu_bytes += SMALL_BYTES + scene_target_bytes(&setup, scene_width, scene_height);
    if (sink->desc.hole_probe_frames > 0)
        needs.gpu_bytes += hole_probe_bytes(scene_width, scene_height);
    return needs;
}

static GpuSinkNeeds sink_needs(void *object, int tier)
{
    GlSink *sink = object;
    return gl_sink_needs(sink, tier, sink->desc.scene_width, sink->desc.scene_height);
}

static GpuSinkStats sink_stats(void *object)
{
    const GlSink *sink = object;
    return (GpuSinkStats){.gpu = sink->account.bytes,
                          .uploaded_bytes = sink->uploaded_bytes,
                          .uploads = sink->uploads,
                          .objects_created = sink->account.objects_created,
                          .errors = sink->account.errors,
                          .hole_pixels = sink->hole_pixels,
                          .gpu_ms = sink->started ? sink->objects.timer.ms : -1.0};
}

static void default_sizes(GlSinkDesc *desc)
{
    desc->scene_width = desc->scene_width > 0 ? desc->scene_width : desc->window_width;
    desc->scene_height = desc->scene_height > 0 ? desc->scene_height : desc->window_height;
}

Result gl_sink_create(const GlSinkDesc *desc, GlSink **out, ResultText *text)
{
    assert(desc != NULL && desc->tier >= 0 && desc->tier < RENDER_SETUP_TIERS);
    assert(desc->window_width > 0 && desc->window_height > 0);
    GlSink *sink = os_memory_alloc(sizeof *sink, OS_MEMORY_RENDER);
    if (sink == NULL)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the renderer");
    sink->desc = *desc;
    default_sizes(&sink->desc);
    if (sink->desc.view_end_m <= 0.0f)
        sink->desc.view_end_m = GL_SINK_VIEW_END_M;
    if (sink->desc.hole_probe_frames == 0)
        sink->desc.hole_probe_frames = GL_SINK_PROBE_FRAMES;
    sink->hole_pixels = -1;
    *out = sink;
    return RESULT_OK;
}

void gl_sink_destroy(GlSink *sink)
{
    if (sink == NULL)
        return;
    sink_stop(sink);
    os_memory_free(sink, sizeof *sink, OS_MEMORY_RENDER);
}

GpuSink gl_sink_interface(GlSink *sink)
{
    return (GpuSink){.object = sink,
                     .name = "gl",
                     .needs = sink_needs,
                     .start = sink_start,
                     .prepare = sink_prepare,
                     .stop = sink_stop,
                     .software = sink->desc.caps.is_software,
                     .prepare_later = sink_prepare_later,
                     .frame_wait = sink_frame_wait,
                     .slot_memory = sink_slot_memory,
                     .slot_idle = sink_slot_idle,
                     .upload = sink_upload,
                     .submit = sink_submit,
                     .present = sink_present,
                     .stats = sink_stats};
}

Result gl_sink_resize(GlSink *sink, int window_width, int window_height, int scene_width,
                      int scene_height, ResultText *text)
{
    if (window_width < 1 || window_height < 1)
        return RESULT_OK;
    GlSinkDesc last = sink->desc;
    sink->desc.window_width = window_width;
    sink->desc.window_height = window_height;
    sink->desc.scene_width = scene_width;
    sink->desc.scene_height = scene_height;
    default_sizes(&sink->desc);
    bool same =
        sink->desc.scene_width == last.scene_width && sink->desc.scene_height == last.scene_height;
    if (same || !sink->started || sink->prepared == 0)
        return RESULT_OK;
    Objects *o = &sink->objects;
    SceneTarget target;
    Result result = scene_target_create(&sink->setup, sink->desc.scene_width,
                                        sink->desc.scene_height, &target, text);
    if (result != RESULT_OK) {
        sink->desc = last;
        return result;
    }
    scene_target_destroy(&o->target, &sink->account);
    hole_probe_destroy(&o->probe, &sink->account);
    o->target = target;
    if (sink->desc.hole_probe_frames > 0)
        hole_probe_create(&o->probe, target.width, target.height, &sink->account);
    return RESULT_OK;
}

void gl_sink_set_tier(GlSink *sink, int tier)
{
    assert(!sink->started && tier >= 0 && tier < RENDER_SETUP_TIERS);
    sink->desc.tier = tier;
}

void gl_sink_set_view_end_m(GlSink *sink, float view_end_m)
{
    assert(view_end_m > 0.0f);
    sink->desc.view_end_m = view_end_m;
}

void gl_sink_lost(GlSink *sink, const GlCaps *caps)
{
    if (sink->started)
        gl_tiles_forget(&sink->objects.tiles, &sink->account);
    memset(&sink->objects, 0, sizeof sink->objects);
    sink->account.bytes = (GpuStatsBytes){0};
    sink->started = false;
    sink->desc.caps = *caps;
}

void gl_sink_scene_size(const GlSink *sink, int *out_width, int *out_height)
{
    *out_width = sink->desc.scene_width;
    *out_height = sink->desc.scene_height;
}

void gl_sink_read(GlSink *sink, uint8_t *out)
{
    assert(sink->started);
    const SceneTarget *target = &sink->objects.target;
    readback_rgba8(target->final_frame, target->width, target->height, out);
}

void gl_sink_read_linear(GlSink *sink, float *out)
{
    assert(sink->started && sink->desc.linear_output);
    const SceneTarget *target = &sink->objects.target;
    readback_rgba32f(target->resolve_frame, target->width, target->height, out);
}
