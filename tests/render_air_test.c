#include "gl_scene.h"
#include "render/atmosphere.h"
#include "render/frame_block.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH 160
#define HEIGHT 90
#define ROOT_LOD 4

static Atmosphere air;

// Extinction of the mist per metre at the eye, `over_m` above valleys `lowland_m` above the sea.
static float mist_at(float over_m, float lowland_m, int minute, float haze_scale)
{
    DrawScene scene = {.lights = sun_sky(minute, 264, SUN_LATITUDE_RAD),
                       .haze_scale = haze_scale,
                       .lowland_m = lowland_m};
    atmosphere_update(&air, &scene.lights, haze_scale);
    View view = {.eye_world = {0.0, (double)(lowland_m + over_m), 0.0},
                 .fov_y_rad = VIEW_FOV_Y_RAD,
                 .aspect = 1.0f};
    ViewFrame frame = view_frame(&view);
    TileLayout layouts[LOD_GRID_COUNT];
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++)
        layouts[grid] = tile_layout((LodGrid)grid, false);
    FrameBlockInput input = {.frame = &frame,
                             .focus = &frame,
                             .scene = &scene,
                             .air = &air,
                             .layouts = layouts,
                             .view_end_m = 65536.0f,
                             .width = WIDTH,
                             .height = HEIGHT};
    FrameBlock block;
    frame_block_fill(&input, &block);
    return block.mist[0];
}

static void mist_lies_in_valleys_however_high_they_are(void **state)
{
    (void)state;
    float floor = mist_at(2.0f, 0.0f, 380, 1.0f);
    assert_float_equal(mist_at(2.0f, 1200.0f, 380, 1.0f), floor, 0.01f * floor);
    assert_true(mist_at(1000.0f, 1200.0f, 380, 1.0f) < 0.01f * floor);
}

static void mist_is_a_thing_of_the_morning_and_of_damp_air(void **state)
{
    (void)state;
    float dawn = mist_at(2.0f, 300.0f, 380, 1.0f);
    assert_true(dawn > 5.0f * mist_at(2.0f, 300.0f, 720, 1.0f));
    assert_true(dawn > 1.5f * mist_at(2.0f, 300.0f, 1060, 1.0f));
    assert_true(mist_at(2.0f, 300.0f, 380, 0.2f) < 0.25f * dawn);
}

static float redness(const float *pixels, int from_row, int to_row, bool ground)
{
    float red = 0.0f, blue = 0.0f;
    for (int i = from_row * WIDTH; i < to_row * WIDTH; i++) {
        bool is_ground = pixels[4 * i + 3] > 0.5f;
        red += is_ground == ground ? pixels[4 * i] : 0.0f;
        blue += is_ground == ground ? pixels[4 * i + 2] : 0.0f;
    }
    assert_true(blue > 0.0f);
    return red / blue;
}

static void a_low_sun_does_not_redden_the_near_haze(void **state)
{
    (void)state;
    static float pixels[WIDTH * HEIGHT * 4];
    GlFixture fixture;
    if (!gl_fixture_create(&fixture, WIDTH, HEIGHT, false))
        skip();
    for (int tier = 0; tier < 3; tier += 2) {
        Source hills = gl_scene_hills();
        GlScene scene;
        GlSceneDesc desc = {.width = WIDTH,
                            .height = HEIGHT,
                            .tier = tier,
                            .root_lod = ROOT_LOD,
                            .linear_output = true,
                            .layers = {24, 200, 200}};
        gl_scene_create(&scene, &desc, &hills, &fixture.caps);
        DrawScene light = gl_scene_light(tier);
        light.lights.sun_elevation_rad = 0.03f;
        light.haze_scale = 8.0f;
        float yaw_deg = light.lights.sun_azimuth_rad * 57.29578f;
        View view = gl_scene_view(&scene, 0.0, 9000.0, 300.0f, yaw_deg, -12.0f);
        gl_scene_draw(&scene, &view, NULL, &light);
        gl_sink_read_linear(scene.sink, pixels);
        float sky = redness(pixels, 0, HEIGHT, false);
        float ground = redness(pixels, HEIGHT / 2, HEIGHT, true);
        print_message("tier %d: sky %.2f, ground %.2f\n", tier, (double)sky, (double)ground);
        assert_true(ground < 0.6f * sky);
        gl_scene_destroy(&scene);
    }
    gl_fixture_destroy(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mist_lies_in_valleys_however_high_they_are),
        cmocka_unit_test(mist_is_a_thing_of_the_morning_and_of_damp_air),
        cmocka_unit_test(a_low_sun_does_not_redden_the_near_haze),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
