#include "gl_scene.h"
#include "render/atmosphere.h"
#include "render/cloud_map.h"
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
#define PIXELS (WIDTH * HEIGHT)
#define ROOT_LOD 4

static GlFixture fixture;
static GlScene scene;
static Source hills;
static float before[PIXELS * 4], after[PIXELS * 4];

static void open_scene(int tier)
{
    GlSceneDesc desc = {.width = WIDTH,
                        .height = HEIGHT,
                        .tier = tier,
                        .root_lod = ROOT_LOD,
                        .linear_output = true,
                        .layers = {24, 200, 200}};
    hills = gl_scene_hills();
    gl_scene_create(&scene, &desc, &hills, &fixture.caps);
}

static void close_scene(void)
{
    assert_int_equal((int)scene.interface.stats(scene.interface.object).errors, 0);
    gl_scene_destroy(&scene);
}

static void draw(const View *view, const DrawScene *light, float *out)
{
    gl_scene_draw(&scene, view, NULL, light);
    gl_sink_read_linear(scene.sink, out);
}

static float luma(const float *rgb)
{
    return 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
}

static float brightest(const float *pixels)
{
    float most = 0.0f;
    for (int i = 0; i < PIXELS; i++)
        most = fmaxf(most, luma(pixels + 4 * i));
    return most;
}

static double difference(void)
{
    double sum = 0.0;
    for (int i = 0; i < PIXELS; i++)
        sum += fabs((double)luma(before + 4 * i) - (double)luma(after + 4 * i)) / PIXELS;
    return sum;
}

static void no_cover_is_no_cloud_and_some_is_some(void **state)
{
    (void)state;
    for (int tier = 0; tier < 4; tier++) {
        open_scene(tier);
        View view = gl_scene_view(&scene, 0.0, 9000.0, 60.0f, 20.0f, 10.0f);
        DrawScene light = gl_scene_light(tier);
        draw(&view, &light, before);
        light.time_s = 500.0; // far fewer than a cloud needs to pass, enough to see it move
        draw(&view, &light, after);
        for (int i = 0; i < PIXELS; i++)
            assert_true(before[4 * i + 3] > 0.0f || memcmp(before + 4 * i, after + 4 * i, 12) == 0);
        light.cloud_cover = 0.5f;
        draw(&view, &light, after);
        double cloudy = difference();
        assert_true(cloudy > 0.02);
        memcpy(before, after, sizeof before);
        light.time_s = 600.0;
        draw(&view, &light, after);
        assert_true(difference() > 0.05 * cloudy);
        close_scene();
    }
}

// Share of neighbours in the sky between which lies more than `part` of all its range.
static double hard_edges(const float *pixels, float part)
{
    float least = 1e9f, most = 0.0f;
    for (int i = 0; i < PIXELS; i++) {
        least = fminf(least, luma(pixels + 4 * i));
        most = fmaxf(most, luma(pixels + 4 * i));
    }
    int hard = 0;
    for (int i = 0; i < PIXELS; i++) {
        float step = i % WIDTH == 0 ? 0.0f : luma(pixels + 4 * i) - luma(pixels + 4 * (i - 1));
        hard += fabsf(step) > part * (most - least);
    }
    return (double)hard / PIXELS;
}

static void rims_are_soft(void **state)
{
    (void)state;
    for (int tier = 0; tier < 3; tier++) {
        open_scene(tier);
        View view = gl_scene_view(&scene, 0.0, 9000.0, 60.0f, 200.0f, 50.0f);
        DrawScene light = gl_scene_light(tier);
        light.cloud_cover = 0.4f;
        draw(&view, &light, after);
        double hard = hard_edges(after, 0.35f);
        print_message("tier %d: %.4f of the sky are hard edges\n", tier, hard);
        assert_true(hard < 0.008);
        close_scene();
    }
}

static void a_whole_cover_hides_the_sun(void **state)
{
    (void)state;
    for (int tier = 0; tier < 3; tier++) {
        open_scene(tier);
        DrawScene light = gl_scene_light(tier);
        float yaw_deg = light.lights.sun_azimuth_rad * 57.29578f;
        View view = gl_scene_view(&scene, 0.0, 9000.0, 60.0f, yaw_deg, 31.0f);
        draw(&view, &light, before);
        light.cloud_cover = 1.0f;
        draw(&view, &light, after);
        assert_true(brightest(before) > 10.0f * brightest(after));
        close_scene();
    }
}

// How far inside a cloud the light's path from a place passes, by the map itself.
static float thick_towards_sun(const uint8_t *map, const View *view, const SunSky *lights,
                               float cover)
{
    float sun[3];
    frame_block_direction(lights->sun_azimuth_rad, lights->sun_elevation_rad, sun);
    double rise = (double)(ATMOSPHERE_HEAPS_M) - (view->eye_world[1] - (double)view->agl_m);
    double at[2] = {view->eye_world[0] + rise * (double)(sun[0] / sun[1]),
                    view->eye_world[2] + rise * (double)(sun[2] / sun[1])};
    int texel[2];
    for (int axis = 0; axis < 2; axis++) {
        double part = at[axis] / FRAME_BLOCK_HEAPS_TILE_M;
        texel[axis] = (int)((part - floor(part)) * CLOUD_MAP_SIDE);
    }
    return (float)map[4 * (texel[1] * CLOUD_MAP_SIDE + texel[0])] / 255.0f -
           (1.0f - cover * (1.0f + 0.25f * cover));
}

static void ground_is_dark_where_the_cloud_towards_the_sun_stands(void **state)
{
    (void)state;
    const float cover = 0.4f;
    uint8_t *map = malloc(CLOUD_MAP_BYTES);
    assert_non_null(map);
    assert_int_equal(cloud_map_fill(map, NULL), RESULT_OK);
    for (int tier = 0; tier < 3; tier++) {
        open_scene(tier);
        int dark = 0, lit = 0;
        for (int i = 0; i < 24; i++) {
            View view = gl_scene_view(&scene, 300.0 * i, 9000.0 - 170.0 * i, 40.0f, 0.0f, -89.0f);
            DrawScene light = gl_scene_light(tier);
            light.lights.sun_elevation_rad = 0.8f; // from the south-east
            gl_scene_forget(&scene);
            draw(&view, &light, before);
            light.cloud_cover = cover;
            draw(&view, &light, after);
            size_t middle = 4 * (HEIGHT / 2 * WIDTH + WIDTH / 2);
            float left = luma(after + middle) / luma(before + middle);
            float thick = thick_towards_sun(map, &view, &light.lights, cover);
            dark += thick > 0.15f;
            lit += thick < -0.10f;
            assert_true(thick < 0.15f || left < 0.75f);
            assert_true(thick > -0.10f || left > 0.97f);
        }
        assert_true(dark > 3 && lit > 3);
        close_scene();
    }
    free(map);
}

// A whole number of both layers' periods away, with the same sun: the same sky.
static void clouds_are_steady_ten_thousand_kilometres_out(void **state)
{
    (void)state;
    const double away_m = 81.0 * 122880.0;
    for (int tier = 0; tier < 3; tier++) {
        open_scene(tier);
        DrawScene light = gl_scene_light(tier);
        light.cloud_cover = 0.5f;
        View view = gl_scene_view(&scene, 77.0, 9000.0, 60.0f, 20.0f, 45.0f);
        view.eye_world[1] = 1500.0;
        draw(&view, &light, before);
        view.eye_world[0] += away_m;
        view.eye_world[2] -= away_m;
        draw(&view, &light, after);
        assert_true(difference() < 1e-4);
        view.eye_world[0] += 1.0; // one metre is a step, not a leap
        draw(&view, &light, after);
        double step = difference();
        assert_true(step > 0.0 && step < 0.004);
        close_scene();
    }
}

static void light_is_finite_below_within_and_above(void **state)
{
    (void)state;
    static const float heights_m[] = {60.0f, 2200.0f, 2300.0f, 2500.0f, 7990.0f, 20000.0f};
    static const float covers[] = {0.01f, 0.5f, 1.0f};
    static const float sun_rad[] = {0.9f, 0.0f, -0.6f};
    for (int round = 0; round < 8; round++) {
        open_scene(round % 4);
        for (int i = 0; i < 18; i++) {
            View view = gl_scene_view(&scene, 0.0, 9000.0, heights_m[i % 6], 20.0f,
                                      i % 2 == 0 ? 8.0f : -20.0f);
            view.eye_world[1] = (double)heights_m[i % 6] + (i % 6 == 0 ? 300.0 : 0.0);
            DrawScene light = gl_scene_light(round % 4);
            light.force_gl33 = round >= 4;
            light.cloud_cover = covers[i % 3];
            light.lights.sun_elevation_rad = sun_rad[i / 6];
            draw(&view, &light, after);
            for (int p = 0; p < PIXELS * 4; p++)
                assert_true(isfinite(after[p]) && after[p] >= 0.0f);
        }
        close_scene();
    }
}

static void a_rank_is_the_share_that_lies_below(void **state)
{
    (void)state;
    uint8_t *map = malloc(CLOUD_MAP_BYTES), *again = malloc(CLOUD_MAP_BYTES);
    assert_non_null(map);
    assert_non_null(again);
    assert_int_equal(cloud_map_fill(map, NULL), RESULT_OK);
    assert_int_equal(cloud_map_fill(again, NULL), RESULT_OK);
    assert_memory_equal(map, again, CLOUD_MAP_BYTES);
    const int texels = CLOUD_MAP_SIDE * CLOUD_MAP_SIDE;
    for (int channel = 0; channel < 4; channel += 3) {
        for (int rank = 32; rank < 255; rank += 32) {
            int below = 0;
            for (int i = 0; i < texels; i++)
                below += map[4 * i + channel] < rank;
            assert_float_equal((float)below / (float)texels, (float)rank / 255.0f, 0.01f);
        }
    }
    // Each mip keeps its mean: without rounding up or down, far clouds cover as much of the sky as near ones.
    const uint8_t *mip = map;
    for (int side = CLOUD_MAP_SIDE; side >= 1; mip += 4 * side * side, side /= 2) {
        for (int channel = 0; channel < 4; channel++) {
            uint64_t sum = 0, whole = 0;
            for (int i = 0; i < side * side; i++)
                sum += mip[4 * i + channel];
            for (int i = 0; i < texels; i++)
                whole += map[4 * i + channel];
            assert_float_equal((float)sum / (float)(side * side), (float)whole / (float)texels,
                               1.5f);
        }
    }
    assert_ptr_equal(mip, map + CLOUD_MAP_BYTES);
    free(map);
    free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rank_is_the_share_that_lies_below),
        cmocka_unit_test(no_cover_is_no_cloud_and_some_is_some),
        cmocka_unit_test(rims_are_soft),
        cmocka_unit_test(a_whole_cover_hides_the_sun),
        cmocka_unit_test(ground_is_dark_where_the_cloud_towards_the_sun_stands),
        cmocka_unit_test(clouds_are_steady_ten_thousand_kilometres_out),
        cmocka_unit_test(light_is_finite_below_within_and_above),
    };
    if (!gl_fixture_create(&fixture, WIDTH, HEIGHT, false))
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gl_fixture_destroy(&fixture);
    return failed;
}
