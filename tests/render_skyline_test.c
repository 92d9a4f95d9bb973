// Shadows of the land in pictures, held against a search along the rays to the sun.
#include "gl_scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH 384
#define HEIGHT 384
#define STEP 4 // of so many pixels a side one is looked at
#define TRUTHS (WIDTH / STEP * (HEIGHT / STEP))
#define EYE_AGL_M 2500.0f
#define SUN_AZIMUTH_RAD 1.9f
#define SUN_ELEVATION_RAD 0.14f // 8 degrees

static GlFixture fixture;
static GlScene scene;
static Source hills, open_hills;
static float *pixels, *open_pixels;

// What the search says of the ground at a pixel.
typedef enum Truth { TRUTH_UNCLEAR, TRUTH_LIT, TRUTH_DARK } Truth;
static Truth truths[TRUTHS];

// How far the sun stands over the land along its ray, as a difference of slopes; below 0: in shadow.
static double sun_over(double x_m, double z_m)
{
    double east = sin((double)SUN_AZIMUTH_RAD), south = -cos((double)SUN_AZIMUTH_RAD);
    double here = fmax(gl_scene_hills_m(x_m, z_m), 0.0), highest = -1.0;
    for (double run = 30.0; run < 12000.0; run *= 1.01) {
        double far = fmax(gl_scene_hills_m(x_m + east * run, z_m + south * run), 0.0);
        highest = fmax(highest, (far - here) / run);
    }
    return tan((double)SUN_ELEVATION_RAD) - highest;
}

// Cosine between the sun and the ground's normal.
static double facing(double x_m, double z_m)
{
    const double reach = 6.0;
    double slope_x =
        (gl_scene_hills_m(x_m + reach, z_m) - gl_scene_hills_m(x_m - reach, z_m)) / (2.0 * reach);
    double slope_z =
        (gl_scene_hills_m(x_m, z_m + reach) - gl_scene_hills_m(x_m, z_m - reach)) / (2.0 * reach);
    double level = cos((double)SUN_ELEVATION_RAD);
    double east = sin((double)SUN_AZIMUTH_RAD) * level,
           south = -cos((double)SUN_AZIMUTH_RAD) * level;
    return (sin((double)SUN_ELEVATION_RAD) - slope_x * east - slope_z * south) /
           sqrt(1.0 + slope_x * slope_x + slope_z * slope_z);
}

typedef struct Light {
    double lit, dark; // mean share that is left of the light on land without a skyline
    int lit_count, dark_count;
    int wrong; // lit ones that have lost more than the middle of both, and the other way
} Light;

static Result read_without_skyline(void *object, ChunkKey key, Arena *scratch,
                                   const atomic_bool *cancelled, Chunk *out)
{
    Result result = hills.read(object, key, scratch, cancelled, out);
    memset(out->skyline, 0, sizeof out->skyline);
    return result;
}

// Straight down, north up: where a pixel's ray meets the ground, by a few steps.
static void ground_under(const View *view, int column, int row, double *x_m, double *z_m)
{
    double half = tan((double)view->fov_y_rad * 0.5), ground = 0.0;
    double right = ((column + 0.5) / WIDTH * 2.0 - 1.0) * half * (double)view->aspect;
    double down = ((row + 0.5) / HEIGHT * 2.0 - 1.0) * half;
    for (int i = 0; i < 8; i++) {
        *x_m = view->eye_world[0] + right * (view->eye_world[1] - ground);
        *z_m = view->eye_world[2] + down * (view->eye_world[1] - ground);
        ground = fmax(gl_scene_hills_m(*x_m, *z_m), 0.0);
    }
}

static double luma(const float *p)
{
    return 0.2126 * (double)p[0] + 0.7152 * (double)p[1] + 0.0722 * (double)p[2];
}

// Only ground that faces the sun, clearly in the light or in another hill's shadow.
static Truth truth_at(const View *view, int column, int row)
{
    double x_m, z_m;
    ground_under(view, column, row, &x_m, &z_m);
    double over = sun_over(x_m, z_m);
    if (fabs(over) <= 0.03 || facing(x_m, z_m) <= 0.06 || gl_scene_hills_m(x_m, z_m) <= 10.0)
        return TRUTH_UNCLEAR;
    return over > 0.0 ? TRUTH_LIT : TRUTH_DARK;
}

static void pixel_of(int i, int *column, int *row)
{
    *column = i % (WIDTH / STEP) * STEP + STEP / 2;
    *row = i / (WIDTH / STEP) * STEP;
}

// Every tier shows the same ground, so one search serves all.
static void search(const View *view)
{
    for (int i = 0; i < TRUTHS; i++) {
        int column, row;
        pixel_of(i, &column, &row);
        truths[i] = truth_at(view, column, row);
    }
}

// What a pixel keeps of the light it would have without a skyline.
static double kept(int i)
{
    int column, row;
    pixel_of(i, &column, &row);
    int at = (row * WIDTH + column) * 4;
    return luma(pixels + at) / luma(open_pixels + at);
}

static Light measure(void)
{
    Light light = {0};
    for (int i = 0; i < TRUTHS; i++) {
        light.lit += truths[i] == TRUTH_LIT ? kept(i) : 0.0;
        light.dark += truths[i] == TRUTH_DARK ? kept(i) : 0.0;
        light.lit_count += truths[i] == TRUTH_LIT;
        light.dark_count += truths[i] == TRUTH_DARK;
    }
    light.lit /= light.lit_count;
    light.dark /= light.dark_count;
    double middle = 0.5 * (light.lit + light.dark);
    for (int i = 0; i < TRUTHS; i++)
        if (truths[i] != TRUTH_UNCLEAR)
            light.wrong += truths[i] == TRUTH_LIT ? kept(i) < middle : kept(i) > middle;
    return light;
}

static View draw(int tier, const Source *source, float *out)
{
    GlSceneDesc desc = {.width = WIDTH, .height = HEIGHT, .tier = tier, .linear_output = true};
    gl_scene_create(&scene, &desc, source, &fixture.caps);
    DrawScene scenery = gl_scene_light(tier);
    scenery.lights.sun_azimuth_rad = SUN_AZIMUTH_RAD;
    scenery.lights.sun_elevation_rad = SUN_ELEVATION_RAD;
    View view = gl_scene_view(&scene, 2000.0, -6000.0, EYE_AGL_M, 0.0f, -90.0f);
    gl_scene_draw(&scene, &view, NULL, &scenery);
    gl_sink_read_linear(scene.sink, out);
    gl_scene_destroy(&scene);
    return view;
}

static void hills_cast_shadows_on_what_faces_the_sun(void **state)
{
    (void)state;
    hills = open_hills = gl_scene_hills();
    open_hills.read = read_without_skyline;
    for (int tier = 0; tier < 3; tier++) {
        (void)draw(tier, &open_hills, open_pixels);
        View view = draw(tier, &hills, pixels);
        if (tier == 0)
            search(&view);
        Light light = measure();
        int count = light.lit_count + light.dark_count;
        print_message("tier %d: %d in the light keep %.2f, %d in shadow %.2f; %.1f %% wrong\n",
                      tier, light.lit_count, light.lit, light.dark_count, light.dark,
                      100.0 * light.wrong / count);
        assert_true(light.lit_count > 100 && light.dark_count > 100);
        // What stays in a shadow is the sky of a low sun and the bounce, which weigh most where it grazes.
        assert_true(light.lit > 0.9 && light.dark < 0.8);
        assert_true(light.wrong < count / 20);
    }
}

int main(void)
{
    if (!gl_fixture_create(&fixture, WIDTH, HEIGHT, false))
        return 0;
    pixels = malloc(sizeof(float) * WIDTH * HEIGHT * 4);
    open_pixels = malloc(sizeof(float) * WIDTH * HEIGHT * 4);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hills_cast_shadows_on_what_faces_the_sun),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(pixels);
    free(open_pixels);
    gl_fixture_destroy(&fixture);
    return failed;
}
