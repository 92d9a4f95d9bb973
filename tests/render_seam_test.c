// The crack and pop probes of the terrain's levels: what the seam rule promises, seen in pictures.
#include "gl_scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH 480
#define HEIGHT 270
#define STRIP_WIDTH 120 // of the same picture: enough of the dear tier's pixels
#define CAMERAS 24
#define POP_FRAMES 62      // 16 m each: 1 km
#define HIGH_SUN_RAD 0.47f // low enough to show a hill that grows
#define LOW_SUN_RAD 0.2f   // most of the valleys lie in shadow

static GlFixture fixture;
static GlScene scene;
static Source hills;
static float *pixels;

static void open_scene(int tier, int width, bool linear)
{
    hills = gl_scene_hills();
    GlSceneDesc desc = {
        .width = width, .height = HEIGHT, .tier = tier, .root_lod = 5, .linear_output = linear};
    gl_scene_create(&scene, &desc, &hills, &fixture.caps);
}

static View camera(int index)
{
    // Round one point, low and high, so that the tiles are shared.
    float agl = index % 3 == 0 ? 3.0f : (index % 3 == 1 ? 60.0f : 350.0f);
    return gl_scene_view(&scene, 700.0 + 40.0 * (index % 5), -1900.0 - 35.0 * (index % 7), agl,
                         (float)index * 15.0f, -12.0f + 3.0f * (float)(index % 5));
}

static bool is_crack(const float *p)
{
    return p[0] > 0.5f && p[2] > 0.5f;
}

// Magenta pixels with ground above them in their column, rows from the top.
static int count_cracks(void)
{
    int cracks = 0;
    for (int x = 0; x < WIDTH; x++) {
        bool ground_above = false;
        for (int y = 0; y < HEIGHT; y++) {
            const float *p = pixels + (y * WIDTH + x) * 4;
            if (!is_crack(p))
                ground_above = true;
            else
                cracks += ground_above;
        }
    }
    return cracks;
}

static int count_back_faces(void)
{
    int backs = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        backs += pixels[i * 4] > 0.5f && pixels[i * 4 + 2] < 0.5f;
    return backs;
}

static void probe_all(int tier, int *out_cracks, int *out_backs)
{
    DrawScene light = gl_scene_light(tier);
    light.probe = true;
    light.without_skirts = true;
    *out_cracks = 0;
    *out_backs = 0;
    for (int i = 0; i < CAMERAS; i++) {
        View view = camera(i);
        gl_scene_draw(&scene, &view, NULL, &light);
        gl_sink_read_linear(scene.sink, pixels);
        *out_cracks += count_cracks();
        *out_backs += count_back_faces();
    }
}

static void no_crack_and_no_back_face_at_any_mesh_bias(void **state)
{
    (void)state;
    for (int tier = 0; tier < 3; tier++) {
        int cracks, backs;
        open_scene(tier, WIDTH, true);
        probe_all(tier, &cracks, &backs);
        print_message("bias %d: %d crack px, %d back faces of %d px\n", lod_mesh_bias(tier), cracks,
                      backs, CAMERAS * WIDTH * HEIGHT);
        gl_scene_destroy(&scene);
        assert_int_equal(cracks, 0);
        assert_true(backs <= (int)(2e-5 * CAMERAS * WIDTH * HEIGHT));
    }
}

static void break_a_ring(DrawList *list)
{
    for (int i = 0; i < list->counts[LOD_GRID_32]; i++)
        list->instances[LOD_GRID_32][i].morph_scale_per_m = 0.0f;
}

static void the_probe_fires_where_a_ring_does_not_morph(void **state)
{
    (void)state;
    int cracks, backs;
    open_scene(0, WIDTH, true);
    scene.alter = break_a_ring;
    probe_all(0, &cracks, &backs);
    gl_scene_destroy(&scene);
    print_message("broken ring: %d crack px\n", cracks);
    assert_true(cracks > 0);
}

// Mean difference of a frame's bytes to the last one's, and the share of pixels that changed by more than 16.
static void difference(const uint8_t *a, const uint8_t *b, double *out_mean, double *out_changed)
{
    double sum = 0.0;
    int changed = 0, count = scene.desc.width * HEIGHT;
    for (int i = 0; i < count; i++) {
        int most = 0;
        for (int c = 0; c < 3; c++) {
            int d = abs(a[i * 4 + c] - b[i * 4 + c]);
            sum += d;
            most = d > most ? d : most;
        }
        changed += most > 16;
    }
    *out_mean = sum / (3.0 * count);
    *out_changed = (double)changed / count;
}

static void fly_focus(float sun_elevation_rad, double *out_mean, double *out_changed)
{
    uint8_t *last = malloc(WIDTH * HEIGHT * 4), *now = malloc(WIDTH * HEIGHT * 4);
    DrawScene light = gl_scene_light(scene.desc.tier);
    light.lights.sun_elevation_rad = sun_elevation_rad;
    View view = gl_scene_view(&scene, 0.0, 0.0, 120.0f, 30.0f, -14.0f);
    *out_mean = *out_changed = 0.0;
    for (int i = 0; i <= POP_FRAMES; i++) {
        View focus = view;
        focus.eye_world[0] += 16.0 * i * sin(0.5235988);
        focus.eye_world[2] -= 16.0 * i * cos(0.5235988);
        gl_scene_draw(&scene, &view, &focus, &light);
        gl_sink_read(scene.sink, now);
        double mean, changed;
        difference(now, last, &mean, &changed);
        if (i > 0) {
            *out_mean += mean / POP_FRAMES;
            *out_changed += changed / POP_FRAMES;
        }
        uint8_t *swapped = last;
        last = now;
        now = swapped;
    }
    free(last);
    free(now);
}

static void stop_morph(DrawList *list)
{
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        for (int i = 0; i < list->counts[grid]; i++)
            list->instances[grid][i].morph_scale_per_m = 0.0f;
    }
}

static void levels_change_without_a_pop(void **state)
{
    (void)state;
    double mean, changed, broken_mean, broken_changed;
    open_scene(0, WIDTH, false);
    fly_focus(HIGH_SUN_RAD, &mean, &changed);
    scene.alter = stop_morph;
    fly_focus(HIGH_SUN_RAD, &broken_mean, &broken_changed);
    gl_scene_destroy(&scene);
    print_message("morph: mean %.3f/255, %.4f %% px over 16; none: %.3f, %.4f %%\n", mean,
                  100.0 * changed, broken_mean, 100.0 * broken_changed);
    assert_true(mean <= 0.2 && changed <= 0.0003);
    // The control: without the morph, at least, the measure must see it.
    assert_true(broken_changed > 3.0 * changed);
}

static void shadows_change_without_a_pop(void **state)
{
    (void)state;
    for (int tier = 0; tier <= 2; tier += 2) {
        double mean, changed;
        open_scene(tier, tier == 0 ? WIDTH : STRIP_WIDTH, false);
        fly_focus(LOW_SUN_RAD, &mean, &changed);
        gl_scene_destroy(&scene);
        print_message("tier %d, low sun: mean %.3f/255, %.3f %% px over 16\n", tier, mean,
                      100.0 * changed);
        // A fifth of what the picture as a whole may change: one level's empty skylines change 0.06 %.
        assert_true(mean <= 0.2 && changed <= 0.0003);
    }
}

int main(void)
{
    if (!gl_fixture_create(&fixture, WIDTH, HEIGHT, false))
        return 0;
    pixels = malloc(WIDTH * HEIGHT * 4 * sizeof *pixels);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_crack_and_no_back_face_at_any_mesh_bias),
        cmocka_unit_test(the_probe_fires_where_a_ring_does_not_morph),
        cmocka_unit_test(levels_change_without_a_pop),
        cmocka_unit_test(shadows_change_without_a_pop),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(pixels);
    gl_fixture_destroy(&fixture);
    return failed;
}
