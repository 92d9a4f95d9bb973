#include "gl_scene.h"
#include "render/warm_up.h"
#include "render_golden.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH 320
#define HEIGHT 180
#define ROOT_LOD 4 // 8 km: enough to see every path, and quick to build

static GlFixture fixture;
static GlScene scene;
static Source hills;

static GlSceneDesc small_desc(int tier)
{
    return (GlSceneDesc){.width = WIDTH,
                         .height = HEIGHT,
                         .tier = tier,
                         .root_lod = ROOT_LOD,
                         .layers = {24, 200, 200}};
}

static void open_scene(const GlSceneDesc *desc)
{
    hills = gl_scene_hills();
    gl_scene_create(&scene, desc, &hills, &fixture.caps);
}

static uint8_t *read_picture(void)
{
    uint8_t *rgba = malloc(WIDTH * HEIGHT * 4);
    assert_non_null(rgba);
    gl_sink_read(scene.sink, rgba);
    return rgba;
}

static GoldenImage take_picture(void)
{
    uint8_t *rgba = read_picture();
    GoldenImage image = render_golden_from_rgba(rgba, WIDTH, HEIGHT);
    free(rgba);
    return image;
}

static uint64_t gl_errors(void)
{
    return scene.interface.stats(scene.interface.object).errors;
}

// What the stream counts on before anything is there.
static void expect_needs(int tier)
{
    GpuSinkNeeds needs = scene.interface.needs(scene.interface.object, tier);
    GpuStatsBytes bytes = scene.interface.stats(scene.interface.object).gpu;
    bytes.owners[GPU_STATS_TILES] = bytes.owners[GPU_STATS_STAGING] = 0;
    uint64_t taken = gpu_stats_total_bytes(&bytes);
    print_message("tier %d: takes %.2f MiB of %.2f\n", tier, (double)taken / 1048576.0,
                  (double)needs.gpu_bytes / 1048576.0);
    assert_true(taken <= needs.gpu_bytes && needs.gpu_bytes - taken < 4u << 20);
}

static void every_tier_draws_ground_and_sky_without_errors(void **state)
{
    (void)state;
    for (int tier = 0; tier < 4; tier++) {
        GlSceneDesc desc = small_desc(tier);
        open_scene(&desc);
        expect_needs(tier);
        View view = gl_scene_view(&scene, 0.0, 9000.0, 60.0f, 20.0f, -8.0f);
        DrawScene light = gl_scene_light(tier);
        for (int mode = 0; mode < DRAW_MODE_COUNT; mode++) {
            light.mode = (DrawMode)mode;
            light.wireframe =
                mode == DRAW_MODE_NORMALS && tier < 2; // a million smoothed lines take seconds
            light.chunk_bounds = mode == DRAW_MODE_LOD_TINT;
            gl_scene_draw(&scene, &view, NULL, &light);
        }
        light = gl_scene_light(tier);
        gl_scene_draw(&scene, &view, NULL, &light);
        uint8_t *rgba = read_picture();
        int ground = 0;
        for (int i = 0; i < WIDTH * HEIGHT; i++)
            ground += rgba[i * 4 + 3] > 128;
        assert_in_range(ground, WIDTH * HEIGHT / 3, WIDTH * HEIGHT * 9 / 10);
        free(rgba);
        assert_int_equal(gl_errors(), 0);
        gl_scene_destroy(&scene);
    }
}

static void a_settled_picture_has_no_holes_and_makes_no_objects(void **state)
{
    (void)state;
    GlSceneDesc desc = small_desc(0);
    desc.root_lod = 7;
    desc.layers[LOD_GRID_64] = 400;
    desc.layers[LOD_GRID_32] = 300;
    open_scene(&desc);
    View view = gl_scene_view(&scene, 0.0, 9000.0, 60.0f, 20.0f, -8.0f);
    DrawScene light = gl_scene_light(0);
    gl_scene_draw(&scene, &view, NULL, &light);
    uint64_t made = scene.interface.stats(scene.interface.object).objects_created;
    for (int i = 0; i < 4; i++)
        gl_scene_draw(&scene, &view, NULL, &light);
    GpuSinkStats stats = scene.interface.stats(scene.interface.object);
    assert_int_equal(stats.objects_created, made);
    assert_int_equal(stats.hole_pixels, 0);
    scene.list.counts[LOD_GRID_32] /= 2;
    for (int i = 0; i < 4; i++) {
        scene.interface.frame_wait(scene.interface.object);
        scene.interface.submit(scene.interface.object, &scene.list, &scene.frame, &light);
        scene.interface.present(scene.interface.object);
    }
    assert_true(scene.interface.stats(scene.interface.object).hole_pixels > 100);
    gl_scene_destroy(&scene);
}

static void an_upload_keeps_its_slot_busy_until_the_gpu_is_done(void **state)
{
    (void)state;
    GlSceneDesc desc = small_desc(0);
    open_scene(&desc);
    void *sink = scene.interface.object;
    scene.interface.frame_wait(sink);
    assert_true(scene.interface.slot_idle(sink, LOD_GRID_32, 0));
    uint8_t *memory = scene.interface.slot_memory(sink, LOD_GRID_32, 0);
    assert_int_equal((uintptr_t)memory % 64, 0);
    scene.interface.upload(sink, LOD_GRID_32, 7, 0);
    assert_false(scene.interface.slot_idle(sink, LOD_GRID_32, 0));
    assert_true(scene.interface.slot_idle(sink, LOD_GRID_32, 1));
    // A tick that draws nothing frees the slot all the same.
    scene.interface.frame_wait(sink);
    assert_true(scene.interface.slot_idle(sink, LOD_GRID_32, 0));
    assert_ptr_equal(scene.interface.slot_memory(sink, LOD_GRID_32, 0), memory);
    assert_int_equal(gl_errors(), 0);
    gl_scene_destroy(&scene);
}

// One flat tile `quanta` above its base.
static void lay_flat(float base_m, uint16_t quanta)
{
    void *sink = scene.interface.object;
    const TileLayout *layout = &scene.tiles_desc.layouts[LOD_GRID_64];
    uint8_t *slot = scene.interface.slot_memory(sink, LOD_GRID_64, 0);
    memset(slot, 128, layout->bytes);
    // Open ground of one kind, darker than any sky.
    const TileMap *tint = &layout->maps[TILE_MAP_TINT], *matter = &layout->maps[TILE_MAP_MATTER];
    for (int mip = 0; mip < TILE_MIPS; mip++) {
        size_t side = (size_t)(tint->side >> mip);
        memset(slot + tint->offset_bytes[mip], 60, 4 * side * side);
        memset(slot + matter->offset_bytes[mip], 0, 4 * side * side);
    }
    uint16_t *heights = (uint16_t *)(void *)(slot + layout->heights_offset_bytes);
    for (int i = 0; i < layout->height_side * layout->height_side * 2; i++)
        heights[i] = quanta;
    scene.interface.upload(sink, LOD_GRID_64, 3, 0);
    scene.list.instances[LOD_GRID_64][0] =
        (DrawInstance){-1024.0f, -1024.0f, 32.0f, base_m, 1e9f, 0.0f, 3, 4, 0, 0, 0};
    scene.list.counts[LOD_GRID_64] = 1;
}

static void look_down(double eye_m)
{
    void *sink = scene.interface.object;
    View view = {.eye_world = {0.0, eye_m, 0.0},
                 .pitch_rad = -1.5707f,
                 .fov_y_rad = VIEW_FOV_Y_RAD,
                 .aspect = (float)WIDTH / HEIGHT,
                 .agl_m = 100.0f};
    ViewFrame frame = view_frame(&view);
    DrawScene light = gl_scene_light(scene.desc.tier);
    scene.interface.frame_wait(sink);
    scene.interface.submit(sink, &scene.list, &frame, &light);
    scene.interface.present(sink);
}

static void draw_flat(float base_m, uint16_t quanta, double eye_m)
{
    lay_flat(base_m, quanta);
    look_down(eye_m);
}

static int ground_pixels(void)
{
    uint8_t *rgba = read_picture();
    int count = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        count += rgba[i * 4 + 3] > 128;
    free(rgba);
    return count;
}

static void height_texels_reach_the_vertices(void **state)
{
    (void)state;
    GlSceneDesc desc = small_desc(0);
    open_scene(&desc);
    // 3,200 quanta of 1/32 m: ground at 100 m, above an eye at 60 m and below one at 160 m. An integer texture with
    // a wrong filter reads 0 everywhere and shows ground in both.
    draw_flat(0.0f, 3200, 160.0);
    assert_int_equal(ground_pixels(), WIDTH * HEIGHT);
    draw_flat(0.0f, 3200, 60.0);
    assert_int_equal(ground_pixels(), 0);
    gl_scene_destroy(&scene);
}

static double red_of_flat(uint16_t quanta, bool shore)
{
    lay_flat(0.0f, quanta);
    scene.list.instances[LOD_GRID_64][0].shore = shore;
    look_down(60.0);
    uint8_t *rgba = read_picture();
    double mean = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        mean += rgba[i * 4] / (double)(WIDTH * HEIGHT);
    free(rgba);
    return mean;
}

static void low_ground_beside_the_sea_is_wet(void **state)
{
    (void)state;
    GlSceneDesc desc = small_desc(1);
    open_scene(&desc);
    assert_true(red_of_flat(0, true) < 0.9 * red_of_flat(0, false));
    assert_true(fabs(red_of_flat(128, true) - red_of_flat(128, false)) < 1); // 4 m up: no edge
    gl_scene_destroy(&scene);
}

static void ground_below_the_sea_shows_water_at_zero(void **state)
{
    (void)state;
    GlSceneDesc desc = small_desc(0);
    open_scene(&desc);
    draw_flat(-64.0f, 320, 20.0); // bed at -54 m
    assert_int_equal(ground_pixels(), WIDTH * HEIGHT);
    uint8_t *rgba = read_picture();
    const uint8_t *middle = rgba + (HEIGHT / 3 * WIDTH + WIDTH / 3) * 4;
    assert_true(middle[2] > middle[0] + 10);
    free(rgba);
    gl_scene_destroy(&scene);
}

static double luma_of(const uint8_t *pixel)
{
    return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

// The row at which ground begins in a column, whole pixels and what the pixels about it show of the other side.
static double skyline_row(const uint8_t *rgba, int column)
{
    enum { REACH = 2 };
    const size_t stride = (size_t)WIDTH * 4;
    const uint8_t *top = rgba + (size_t)column * 4;
    int row = 0;
    while (row < HEIGHT && top[(size_t)row * stride + 3] == 0)
        row++;
    assert_in_range(row, REACH, HEIGHT - REACH - 1);
    double sky = luma_of(top + (size_t)(row - REACH) * stride);
    double ground = luma_of(top + (size_t)(row + REACH - 1) * stride), covered = 0.0;
    for (int r = row - REACH; r < row + REACH; r++)
        covered += (luma_of(top + (size_t)r * stride) - sky) / (ground - sky);
    return row + REACH - covered;
}

// How far a straight skyline strays from its line, root mean square in rows.
static double skyline_stairs(int tier)
{
    GlSceneDesc desc = small_desc(tier);
    open_scene(&desc);
    DrawInstance plane = {-2048.0f, -1000.0f, 64.0f, 0.0f, 1e9f, 0.0f, 3, 4, 0, 0, 0};
    draw_flat(0.0f, 3200, 160.0);
    scene.list.instances[LOD_GRID_64][0] = plane;
    View view = {.eye_world = {0.0, 400.0, 0.0},
                 .yaw_rad = 0.3f,
                 .fov_y_rad = VIEW_FOV_Y_RAD,
                 .aspect = (float)WIDTH / HEIGHT,
                 .agl_m = 300.0f};
    ViewFrame frame = view_frame(&view);
    DrawScene light = gl_scene_light(tier);
    light.haze_scale = 0.01f;
    scene.interface.frame_wait(scene.interface.object);
    scene.interface.submit(scene.interface.object, &scene.list, &frame, &light);
    scene.interface.present(scene.interface.object);
    uint8_t *rgba = read_picture();
    double sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0, syy = 0.0;
    int n = 0;
    for (int x = WIDTH / 2 - 40; x < WIDTH / 2 + 40; x++, n++) {
        double y = skyline_row(rgba, x);
        sx += x, sy += y, sxx += (double)x * x, sxy += x * y, syy += y * y;
    }
    free(rgba);
    assert_int_equal(gl_errors(), 0);
    gl_scene_destroy(&scene);
    double xx = sxx - sx * sx / n, xy = sxy - sx * sy / n, yy = syy - sy * sy / n;
    print_message("tier %d: slope %.4f, stairs %.3f rows\n", tier, xy / xx,
                  sqrt(fmax(yy - xy * xy / xx, 0.0) / n));
    assert_true(fabs(xy / xx) > 0.02);
    return sqrt(fmax(yy - xy * xy / xx, 0.0) / n);
}

static void edges_are_smooth_where_they_should_be(void **state)
{
    (void)state;
    assert_true(skyline_stairs(0) > 0.25); // whole pixels stray by 1 / sqrt(12)
    assert_true(skyline_stairs(1) < 0.15);
    assert_true(skyline_stairs(2) < 0.15);
}

static void two_planes_keep_their_order(float eye_m, bool force_gl33)
{
    // The upper one first, so that only the depth test can keep it.
    DrawInstance *instances = scene.list.instances[LOD_GRID_64];
    instances[0] = (DrawInstance){-16384.0f, -16384.0f, 512.0f, 10.1f, 1e9f, 0.0f, 0, 1, 0, 0, 0};
    instances[1] = (DrawInstance){-16384.0f, -16384.0f, 512.0f, 10.0f, 1e9f, 0.0f, 0, 3, 0, 0, 0};
    scene.list.counts[LOD_GRID_64] = 2;
    View view = {.eye_world = {100.0, (double)(eye_m + 10.0f), 100.0},
                 .pitch_rad = -1.5707f,
                 .fov_y_rad = 0.5f,
                 .aspect = (float)WIDTH / HEIGHT,
                 .agl_m = eye_m};
    ViewFrame frame = view_frame(&view);
    DrawScene light = gl_scene_light(0);
    light.mode = DRAW_MODE_LOD_TINT;
    light.force_gl33 = force_gl33;
    void *sink = scene.interface.object;
    scene.interface.frame_wait(sink);
    scene.interface.submit(sink, &scene.list, &frame, &light);
    scene.interface.present(sink);
    uint8_t *rgba = read_picture();
    int wrong = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        wrong += rgba[i * 4] <= rgba[i * 4 + 2]; // level 1 is yellow, level 3 blue
    free(rgba);
    assert_int_equal(wrong, 0);
}

static void planes_a_hand_apart_are_ordered_out_to_20_km(void **state)
{
    (void)state;
    static const float distances_m[] = {1000.0f, 5000.0f, 20000.0f};
    GlSceneDesc desc = small_desc(0);
    open_scene(&desc);
    for (int i = 0; i < 6; i++)
        two_planes_keep_their_order(distances_m[i % 3], i >= 3);
    gl_scene_destroy(&scene);
}

static void the_33_path_gives_the_same_picture(void **state)
{
    (void)state;
    for (int tier = 0; tier < 4; tier += 2) {
        GoldenImage images[2];
        GlCaps all = fixture.caps;
        for (int old = 0; old < 2; old++) {
            if (old) {
                fixture.caps.clip_control = false;
                fixture.caps.buffer_storage = false;
                fixture.caps.base_instance = false;
            }
            GlSceneDesc desc = small_desc(tier);
            open_scene(&desc);
            View view = gl_scene_view(&scene, 0.0, 9000.0, 3.0f, 20.0f, -8.0f);
            DrawScene light = gl_scene_light(tier);
            light.force_gl33 = old != 0;
            gl_scene_draw(&scene, &view, NULL, &light);
            images[old] = take_picture();
            assert_int_equal(gl_errors(), 0);
            gl_scene_destroy(&scene);
        }
        fixture.caps = all;
        GoldenDiff diff = render_golden_compare(&images[0], &images[1]);
        print_message("tier %d: ssim %.5f, worst tile %.5f, dE %.4f\n", tier, diff.ssim,
                      diff.ssim_min, diff.delta_e);
        assert_true(diff.ssim >= 0.985 && diff.ssim_min >= 0.92 && diff.delta_e < 1.0);
        render_golden_free(&images[0]);
        render_golden_free(&images[1]);
    }
}

static uint64_t gpu_bytes(void)
{
    GpuStatsBytes bytes = scene.interface.stats(scene.interface.object).gpu;
    for (int i = 0; i < GPU_STATS_OWNER_COUNT; i++)
        assert_true(bytes.owners[i] < UINT64_MAX / 2); // none gives back what another took
    return gpu_stats_total_bytes(&bytes);
}

static void a_lost_context_comes_back_with_the_same_picture(void **state)
{
    (void)state;
    GlSceneDesc desc = small_desc(2);
    open_scene(&desc);
    View view = gl_scene_view(&scene, 0.0, 9000.0, 60.0f, 20.0f, -8.0f);
    DrawScene light = gl_scene_light(2);
    gl_scene_draw(&scene, &view, NULL, &light);
    uint8_t *before = read_picture();
    uint64_t bytes = gpu_bytes();
    assert_true(gl_fixture_renew(&fixture, false));
    gl_sink_lost(scene.sink, &fixture.caps);
    assert_int_equal(gpu_bytes(), 0);
    gl_scene_start(&scene);
    assert_int_equal(gpu_bytes(), bytes);
    gl_scene_forget(&scene);
    gl_scene_draw(&scene, &view, NULL, &light);
    uint8_t *after = read_picture();
    assert_memory_equal(before, after, WIDTH * HEIGHT * 4);
    free(before);
    free(after);
    assert_int_equal(gl_errors(), 0);
    gl_scene_destroy(&scene);
}

static void what_is_prepared_once_is_not_prepared_again(void **state)
{
    (void)state;
    GlSceneDesc desc = small_desc(0);
    open_scene(&desc);
    GpuSink *sink = &scene.interface;
    uint64_t objects = sink->stats(sink->object).objects_created;
    bool more = true;
    assert_int_equal(sink->prepare(sink->object, &more, NULL), RESULT_OK);
    assert_false(more);
    // The rest only draws, and the next frame shows nothing of it.
    View view = gl_scene_view(&scene, 0.0, 9000.0, 60.0f, 20.0f, -8.0f);
    DrawScene light = gl_scene_light(0);
    gl_scene_draw(&scene, &view, NULL, &light);
    uint8_t *before = read_picture();
    int later = 0;
    do {
        more = sink->prepare_later(sink->object);
        gl_scene_draw(&scene, &view, NULL, &light);
        uint8_t *after = read_picture();
        assert_memory_equal(before, after, WIDTH * HEIGHT * 4);
        free(after);
        later++;
    } while (more);
    free(before);
    assert_int_equal(later, WARM_UP_ROUNDS - WARM_UP_FIRST);
    assert_false(sink->prepare_later(sink->object));
    assert_int_equal(sink->stats(sink->object).objects_created, objects);
    assert_int_equal(gl_errors(), 0);
    gl_scene_destroy(&scene);
}

static void a_sink_stopped_amid_its_preparation_leaves_nothing(void **state)
{
    (void)state;
    GlSceneDesc desc = small_desc(0);
    open_scene(&desc);
    GpuSink *sink = &scene.interface;
    for (int steps = 0; steps < 3; steps++) {
        sink->stop(sink->object);
        assert_int_equal(gpu_bytes(), 0);
        ResultText text = {0};
        assert_int_equal(sink->start(sink->object, &scene.tiles_desc, &text), RESULT_OK);
        bool more = true;
        for (int i = 0; i < steps; i++)
            assert_int_equal(sink->prepare(sink->object, &more, &text), RESULT_OK);
        assert_true(more);
        assert_false(sink->prepare_later(sink->object));
        // Until it is prepared it takes a new size and shows nothing.
        assert_int_equal(gl_sink_resize(scene.sink, 200 + steps, 150, 0, 0, &text), RESULT_OK);
        sink->present(sink->object);
        sink->frame_wait(sink->object);
    }
    sink->stop(sink->object);
    assert_int_equal(gpu_bytes(), 0);
    gl_scene_start(&scene);
    assert_int_equal(gl_errors(), 0);
    gl_scene_destroy(&scene);
}

static void a_resize_changes_the_scene_and_survives_zero(void **state)
{
    (void)state;
    GlSceneDesc desc = small_desc(2);
    open_scene(&desc);
    ResultText text = {0};
    int width = 0, height = 0;
    assert_int_equal(gl_sink_resize(scene.sink, 0, 0, 0, 0, &text), RESULT_OK);
    gl_sink_scene_size(scene.sink, &width, &height);
    assert_int_equal(width, WIDTH);
    assert_int_equal(gl_sink_resize(scene.sink, 400, 300, 200, 150, &text), RESULT_OK);
    gl_sink_scene_size(scene.sink, &width, &height);
    assert_int_equal(width, 200);
    assert_int_equal(height, 150);
    View view = gl_scene_view(&scene, 0.0, 9000.0, 60.0f, 20.0f, -8.0f);
    DrawScene light = gl_scene_light(2);
    gl_scene_draw(&scene, &view, NULL, &light);
    assert_int_equal(gl_sink_resize(scene.sink, 400, 300, 20000, 20000, &text), RESULT_BAD_INPUT);
    gl_scene_draw(&scene, &view, NULL, &light);
    assert_int_equal(gl_errors(), 0);
    gl_scene_destroy(&scene);
}

static void linear_light_is_finite_and_never_negative(void **state)
{
    (void)state;
    static const struct {
        double x, z;
        float agl, yaw, pitch, sun;
    } views[] = {{0, 9000, 60, 20, -8, 0.55f},
                 {-2000, 8800, 4, -20, -3, 0.05f},
                 {0, 0, 900, 120, -60, 1.3f},
                 {500, 0, 2, 126, 20, 0.3f},
                 {-2000, 8800, 200, 126, -10, -0.2f}};
    float *light_linear = malloc(WIDTH * HEIGHT * 4 * sizeof *light_linear);
    assert_non_null(light_linear);
    for (int tier = 0; tier < 4; tier++) {
        GlSceneDesc desc = small_desc(tier);
        desc.linear_output = true;
        open_scene(&desc);
        // The even tiers see every view; their neighbours differ in grain only.
        size_t count = tier % 2 == 0 ? sizeof views / sizeof views[0] : 2;
        for (size_t i = 0; i < count; i++) {
            View view = gl_scene_view(&scene, views[i].x, views[i].z, views[i].agl, views[i].yaw,
                                      views[i].pitch);
            DrawScene light = gl_scene_light(tier);
            light.lights.sun_elevation_rad = views[i].sun;
            gl_scene_forget(&scene);
            gl_scene_draw(&scene, &view, NULL, &light);
            gl_sink_read_linear(scene.sink, light_linear);
            int wrong = 0;
            for (int p = 0; p < WIDTH * HEIGHT * 4; p++)
                wrong += !isfinite(light_linear[p]) || light_linear[p] < 0.0f;
            assert_int_equal(wrong, 0);
        }
        gl_scene_destroy(&scene);
    }
    free(light_linear);
}

// The sky follows a moved sun over some frames, and ends where a fresh one begins.
static void a_moved_sun_is_followed_to_the_end(void **state)
{
    (void)state;
    enum { BYTES = WIDTH * HEIGHT * 4 };
    uint8_t *followed = malloc(BYTES), *fresh = malloc(BYTES), *before = malloc(BYTES);
    assert_true(followed && fresh && before);
    GlSceneDesc desc = small_desc(2);
    for (int run = 0; run < 2; run++) {
        open_scene(&desc);
        View view = gl_scene_view(&scene, 0, 9000, 60, 20, 5);
        DrawScene light = gl_scene_light(2);
        gl_scene_forget(&scene);
        if (run == 0)
            gl_scene_draw(&scene, &view, NULL, &light);
        gl_sink_read(scene.sink, before);
        light.lights.sun_elevation_rad = 0.1f;
        light.lights.sun_azimuth_rad = 1.5f;
        // The frames on the way show the zenith alone: what follows the sun is not of the view; no ground is shaded.
        View zenith = gl_scene_view(&scene, 0, 9000, 60, 20, 89);
        for (int frame = 1; frame < 16 && run == 0; frame++)
            gl_scene_draw(&scene, &zenith, NULL, &light);
        gl_scene_draw(&scene, &view, NULL, &light);
        gl_sink_read(scene.sink, run == 0 ? followed : fresh);
        if (run == 0)
            assert_memory_not_equal(before, followed, BYTES);
        gl_scene_destroy(&scene);
    }
    assert_memory_equal(followed, fresh, BYTES);
    free(followed);
    free(fresh);
    free(before);
}

int main(void)
{
    if (!gl_fixture_create(&fixture, WIDTH, HEIGHT, false))
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tier_draws_ground_and_sky_without_errors),
        cmocka_unit_test(a_moved_sun_is_followed_to_the_end),
        cmocka_unit_test(edges_are_smooth_where_they_should_be),
        cmocka_unit_test(a_settled_picture_has_no_holes_and_makes_no_objects),
        cmocka_unit_test(an_upload_keeps_its_slot_busy_until_the_gpu_is_done),
        cmocka_unit_test(height_texels_reach_the_vertices),
        cmocka_unit_test(low_ground_beside_the_sea_is_wet),
        cmocka_unit_test(ground_below_the_sea_shows_water_at_zero),
        cmocka_unit_test(planes_a_hand_apart_are_ordered_out_to_20_km),
        cmocka_unit_test(the_33_path_gives_the_same_picture),
        cmocka_unit_test(a_lost_context_comes_back_with_the_same_picture),
        cmocka_unit_test(what_is_prepared_once_is_not_prepared_again),
        cmocka_unit_test(a_sink_stopped_amid_its_preparation_leaves_nothing),
        cmocka_unit_test(a_resize_changes_the_scene_and_survives_zero),
        cmocka_unit_test(linear_light_is_finite_and_never_negative),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gl_fixture_destroy(&fixture);
    return failed;
}
