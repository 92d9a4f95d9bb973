#include "gl_scene.h"
#include "render_kept.h"

#include "mesh/tile_build.h"
#include "terrain/terrain_kernel.h"
#include <assert.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// What the hills need of one coordinate; two of them make a height, so a grid costs its rows and columns only.
typedef struct HillsAxis {
    double big, mid, fine;             // factors
    double slant_sin[3], slant_cos[3]; // of waves that run across both axes
} HillsAxis;

static HillsAxis axis_x(double x)
{
    return (HillsAxis){sin(x / 3100.0 + 0.7),
                       sin(x / 310.0),
                       sin(x / 6.1),
                       {sin(x / 1150.0), sin(x / 97.0), sin(x / 31.0)},
                       {cos(x / 1150.0), cos(x / 97.0), cos(x / 31.0)}};
}

static HillsAxis axis_z(double z)
{
    return (HillsAxis){cos(z / 2700.0),
                       sin(z / 270.0 + 1.0),
                       sin(z / 7.3),
                       {sin(z / 1150.0), sin(-0.6 * z / 97.0), sin(z / 47.0)},
                       {cos(z / 1150.0), cos(-0.6 * z / 97.0), cos(z / 47.0)}};
}

static double height_of(const HillsAxis *x, const HillsAxis *z)
{
    static const double slant_m[3] = {260.0, 24.0, 5.0};
    double sum = 180.0 + 420.0 * x->big * z->big + 70.0 * x->mid * z->mid + 0.8 * x->fine * z->fine;
    for (int i = 0; i < 3; i++)
        sum += slant_m[i] * (x->slant_sin[i] * z->slant_cos[i] + x->slant_cos[i] * z->slant_sin[i]);
    return sum;
}

double gl_scene_hills_m(double x_m, double z_m)
{
    HillsAxis x = axis_x(x_m), z = axis_z(z_m);
    return height_of(&x, &z);
}

static uint16_t quantised(double height_m, double base_m, double step_m, double quantum_m)
{
    double value = (floor(height_m / step_m + 0.5) * step_m - base_m) / quantum_m;
    assert(value >= 0.0 && value <= 65535.0);
    return (uint16_t)value;
}

static uint32_t hills_tint(double height_m)
{
    // Square roots of meadow, rock and sand, times 255.
    if (height_m < 6.0)
        return 0xd07f8c97u;
    return height_m > 520.0 ? 0xe0656a6eu : 0xc0305249u;
}

static void fill_tint(const double *heights, Chunk *out)
{
    for (int index = 0; index < CHUNK_TINT_SIDE * CHUNK_TINT_SIDE; index++) {
        int i = 2 * (index % CHUNK_TINT_SIDE - 1), j = 2 * (index / CHUNK_TINT_SIDE - 1);
        int last = CHUNK_ROWS - CHUNK_APRON - 1;
        out->tint[index] = hills_tint(heights[chunk_index(i, j < last ? j : last)]);
    }
    memset(out->matter, 0, sizeof out->matter);
}

static Result fill_vista(const void *object, int level, int64_t x, int64_t z, Arena *scratch,
                         float *out_m)
{
    (void)object;
    (void)scratch;
    double step = chunk_spacing_m(level);
    HillsAxis columns[VISTA_SIDE], rows[VISTA_SIDE];
    for (int i = 0; i < VISTA_SIDE; i++) {
        columns[i] = axis_x((double)(x + i) * step);
        rows[i] = axis_z((double)(z + i) * step);
        if (level > VISTA_LEVEL_MIN)
            rows[i].fine =
                0.0; // waves shorter than four samples, which the land would leave out too
    }
    for (int i = 0; i < VISTA_SIDE * VISTA_SIDE; i++)
        out_m[i] = fmaxf((float)height_of(&columns[i % VISTA_SIDE], &rows[i / VISTA_SIDE]), 0.0f);
    return RESULT_OK;
}

// Shadows come as the real land's do.
static void fill_skyline(ChunkKey key, Arena *scratch, Chunk *out)
{
    static Vista *vista; // kept until the program ends
    VistaDesc desc = {.fill = fill_vista};
    if (vista == NULL)
        assert_int_equal(vista_create(&desc, &vista), RESULT_OK);
    Skyline skyline;
    size_t mark = arena_mark(scratch);
    assert_int_equal(skyline_gather(vista, key, scratch, &skyline), RESULT_OK);
    terrain_kernel_scalar.skyline(&skyline, out->skyline);
    arena_rewind(scratch, mark);
}

static Result hills_read(void *object, ChunkKey key, Arena *scratch, const atomic_bool *cancelled,
                         Chunk *out)
{
    (void)object;
    (void)cancelled;
    double step = chunk_spacing_m(key.level);
    double x0 = (double)key.x * (double)chunk_key_side_m(key.level);
    double z0 = (double)key.z * (double)chunk_key_side_m(key.level);
    int lod = lod_of_key_level(key.level);
    int coarser = lod + 1 < LOD_COUNT ? lod + 1 : lod;
    memset(out, 0, sizeof *out);
    out->key = key;
    out->quantum_m = lod_quantum_m(lod);
    double *heights = arena_alloc(scratch, sizeof *heights * CHUNK_ROWS * CHUNK_STRIDE);
    HillsAxis *columns = arena_alloc(scratch, sizeof *columns * CHUNK_STRIDE);
    HillsAxis *rows = arena_alloc(scratch, sizeof *rows * CHUNK_ROWS);
    assert(heights != NULL && columns != NULL && rows != NULL);
    for (int i = 0; i < CHUNK_STRIDE; i++)
        columns[i] = axis_x(x0 + (i - CHUNK_APRON) * step);
    for (int j = 0; j < CHUNK_ROWS; j++)
        rows[j] = axis_z(z0 + (j - CHUNK_APRON) * step);
    double low = 1e9, high = -1e9;
    for (int index = 0; index < CHUNK_ROWS * CHUNK_STRIDE; index++) {
        heights[index] = height_of(&columns[index % CHUNK_STRIDE], &rows[index / CHUNK_STRIDE]);
        low = fmin(low, heights[index]);
        high = fmax(high, heights[index]);
    }
    out->base_m = (float)(floor((low - 1.0) / 64.0) * 64.0);
    for (int index = 0; index < CHUNK_ROWS * CHUNK_STRIDE; index++)
        out->heights[index] =
            quantised(heights[index], out->base_m, out->quantum_m, out->quantum_m);
    out->min_m = (float)low - 0.25f;
    out->max_m = (float)high + 0.25f;
    int side = key.level == 0 ? 17 : CHUNK_COARSE_SIDE, stride = key.level == 0 ? 8 : 4;
    for (int j = 0; j < side; j++) {
        for (int i = 0; i < side; i++)
            out->coarse[j * CHUNK_COARSE_SIDE + i] =
                quantised(gl_scene_hills_m(x0 + i * stride * step, z0 + j * stride * step),
                          out->base_m, lod_quantum_m(coarser), out->quantum_m);
    }
    fill_tint(heights, out);
    fill_skyline(key, scratch, out);
    return RESULT_OK;
}

static float hills_ground(void *object, double x_m, double z_m)
{
    (void)object;
    return (float)gl_scene_hills_m(x_m, z_m);
}

Source gl_scene_hills(void)
{
    static RenderKept *kept; // until the program ends
    const Source hills = {
        .name = "hills", .attribution = "", .read = hills_read, .ground_m = hills_ground};
    if (kept == NULL)
        kept = render_kept_of(&hills);
    return render_kept_source(kept);
}

DrawScene gl_scene_light(int tier)
{
    return (DrawScene){.tier = tier,
                       .lights = {.sun_azimuth_rad = 2.2f, .sun_elevation_rad = 0.55f},
                       .haze_scale = 1.0f};
}

View gl_scene_view(const GlScene *scene, double x, double z, float agl_m, float yaw_deg,
                   float pitch_deg)
{
    float ground = fmaxf(scene->source->ground_m(scene->source->object, x, z), 0.0f);
    return (View){.eye_world = {x, (double)(ground + agl_m), z},
                  .yaw_rad = yaw_deg * 0.01745329f,
                  .pitch_rad = pitch_deg * 0.01745329f,
                  .fov_y_rad = VIEW_FOV_Y_RAD,
                  .aspect = (float)scene->desc.width / (float)scene->desc.height,
                  .agl_m = agl_m};
}

void gl_scene_start(GlScene *scene)
{
    ResultText text = {0};
    GpuSink *sink = &scene->interface;
    bool more = true;
    Result result = sink->start(sink->object, &scene->tiles_desc, &text);
    while (result == RESULT_OK && more)
        result = sink->prepare(sink->object, &more, &text);
    if (result != RESULT_OK)
        fail_msg("%s", text.text);
}

void gl_scene_create(GlScene *out, const GlSceneDesc *desc, const Source *source,
                     const GlCaps *caps)
{
    static const uint32_t layers[LOD_GRID_COUNT] = {64, 620, 512};
    memset(out, 0, sizeof *out);
    out->desc = *desc;
    out->source = source;
    GlSinkDesc sink_desc = {.caps = *caps,
                            .window_width = desc->width,
                            .window_height = desc->height,
                            .tier = desc->tier,
                            .hole_probe_frames = desc->probe_frames > 0 ? desc->probe_frames : 1,
                            .check_errors = true,
                            .linear_output = desc->linear_output,
                            .materials = desc->materials,
                            .materials_at_once = true,
                            .shader_directory = desc->shader_directory};
    ResultText text = {0};
    assert_int_equal(gl_sink_create(&sink_desc, &out->sink, &text), RESULT_OK);
    out->interface = gl_sink_interface(out->sink);
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        out->tiles_desc.layouts[grid] = tile_layout((LodGrid)grid, desc->tier < 2);
        out->tiles_desc.layer_counts[grid] =
            desc->layers[grid] > 0 ? desc->layers[grid] : layers[grid];
        out->tiles_desc.slot_counts[grid] = 2;
    }
    gl_scene_start(out);
    assert_int_equal(lod_select_create(&out->select), RESULT_OK);
    assert_int_equal(draw_list_create(&out->list), RESULT_OK);
    assert_true(arena_create(4u << 20, OS_MEMORY_SCRATCH, &out->scratch));
    out->chunk = os_memory_alloc(sizeof *out->chunk, OS_MEMORY_HEIGHTS);
    out->ranges = lod_ranges_nominal(desc->quality > 0.0f ? desc->quality : 1.0f);
}

void gl_scene_destroy(GlScene *scene)
{
    os_memory_free(scene->chunk, sizeof *scene->chunk, OS_MEMORY_HEIGHTS);
    arena_destroy(&scene->scratch);
    draw_list_destroy(&scene->list);
    lod_select_destroy(scene->select);
    gl_sink_destroy(scene->sink);
}

void gl_scene_forget(GlScene *scene)
{
    scene->tile_count = 0;
    scene->chunk_valid = false;
    memset(scene->layers_used, 0, sizeof scene->layers_used);
}

static void read_chunk(GlScene *scene, ChunkKey key)
{
    if (scene->chunk_valid && chunk_key_equal(scene->chunk->key, key))
        return;
    arena_rewind(&scene->scratch, 0);
    Result result =
        scene->source->read(scene->source->object, key, &scene->scratch, NULL, scene->chunk);
    assert_int_equal(result, RESULT_OK);
    scene->chunk_valid = true;
}

static const LodTile *make_tile(GlScene *scene, ChunkKey key, int lod)
{
    LodGrid grid = lod_grid(lod);
    assert_true(scene->tile_count < GL_SCENE_TILES_MAX);
    assert_true(scene->layers_used[grid] < scene->tiles_desc.layer_counts[grid]);
    read_chunk(scene, key);
    void *sink = scene->interface.object;
    uint32_t slot = 0;
    while (!scene->interface.slot_idle(sink, grid, slot)) {
        slot = (slot + 1) % scene->tiles_desc.slot_counts[grid];
        if (slot == 0)
            scene->interface.frame_wait(sink);
    }
    arena_rewind(&scene->scratch, 0);
    tile_build(scene->chunk, lod, &scene->tiles_desc.layouts[grid], &scene->scratch,
               scene->interface.slot_memory(sink, grid, slot));
    uint32_t layer = scene->layers_used[grid]++;
    scene->interface.upload(sink, grid, layer, slot);
    GlSceneTile *tile = &scene->tiles[scene->tile_count++];
    const Chunk *chunk = scene->chunk;
    *tile =
        (GlSceneTile){key, lod, {chunk->min_m, chunk->max_m, chunk->base_m, layer, chunk->fresh}};
    return &tile->tile;
}

static const LodTile *find_tile(void *object, ChunkKey key, int lod)
{
    GlScene *scene = object;
    for (int i = 0; i < scene->tile_count; i++) {
        if (scene->tiles[i].lod == lod && chunk_key_equal(scene->tiles[i].key, key))
            return &scene->tiles[i].tile;
    }
    return make_tile(scene, key, lod);
}

void gl_scene_draw(GlScene *scene, const View *view, const View *focus, const DrawScene *light)
{
    ViewFrame frame = view_frame(view);
    ViewFrame focus_frame = focus != NULL ? view_frame(focus) : frame;
    void *sink = scene->interface.object;
    scene->interface.frame_wait(sink);
    LodSelectInput input = {.frame = &focus_frame,
                            .ranges = scene->ranges,
                            .nominal = scene->ranges,
                            .root_lod =
                                scene->desc.root_lod > 0 ? scene->desc.root_lod : LOD_COUNT - 1,
                            .without_frustum = focus != NULL,
                            .without_horizon = focus != NULL,
                            .object = scene,
                            .find = find_tile};
    int count = 0;
    const LodPick *picks = lod_select_run(scene->select, &input, &count, &scene->stats);
    draw_list_fill(&scene->list, picks, count, &frame, &scene->ranges, lod_mesh_bias(light->tier));
    scene->frame = frame;
    if (scene->alter != NULL)
        scene->alter(&scene->list);
    scene->list.focus = focus != NULL ? &focus_frame : NULL;
    scene->interface.submit(sink, &scene->list, &frame, light);
    scene->interface.present(sink);
}
