// I1, I2, G3 and H1: the named scenes at four tiers and without 4.x features, against goldens of llvmpipe; what must
// hold of any picture of them; texture that shows no repeat; a skyline that does not flicker. A run without words takes
// two scenes at two tiers, --rest the others, --all takes everything; with ARETE_BLESS=1 it writes the goldens anew.
#include "render_golden.h"
#include "render_kept.h"
#include "render_measure.h"
#include "render_rig.h"
#include "scene.h"
#include "world/sun.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define WIDTH 640
#define HEIGHT 360
#define STRIP_WIDTH 160 // the middle quarter of a picture, in which a skyline shows its flicker
#define GROUND_SCENE 5  // rainforest-hills
#define SEA_SCENE 9     // coast-cliffs
#define GROUND_SIDE 512
#define GROUND_AGL_M 45.0
#define JITTERS 16
#define JITTER_DEG 0.01f

static bool few = true, rest; // what is taken
static int wrong;             // pictures: one that is off does not keep the others from being seen

static bool is_taken(int scene, int tier)
{
    return tier % 2 == 0 && (scene == GROUND_SCENE || scene == SEA_SCENE) ? few : rest;
}

static void expect(bool good, const char *what)
{
    if (!good)
        print_message("  WRONG: %s\n", what);
    wrong += !good;
}

static bool open_rig(RenderRig *rig, const Scene *scene, const Source *source, RenderRigDesc *desc)
{
    desc->source = source;
    memcpy(desc->start_m, (double[]){scene->at_m[0], scene->at_m[2], scene->at_m[1]},
           sizeof desc->start_m);
    if (!render_rig_create(rig, desc))
        return false;
    rig->scene.lights = sun_sky(scene->minute, scene->day, SUN_LATITUDE_RAD);
    rig->scene.cloud_cover = (float)scene->cloud_cover;
    rig->view.fov_y_rad = (float)scene->fov_deg * 0.017453293f;
    render_rig_look(rig, scene->at_m[0], scene->at_m[1], scene->at_m[2], (float)scene->look_deg[0],
                    (float)scene->look_deg[1]);
    return true;
}

static void check_sanity(const GoldenImage *image, bool night)
{
    RenderMeasure m = render_measure_picture(image);
    print_message("  luma %.3f, clipped %.4f, saturation %.3f, spectrum %.2f\n", m.luma, m.clipped,
                  m.saturation, m.spectrum);
    // Measured on the first whole set and kept: snow is bright, moonlight is blue, and sea and haze are smooth.
    expect(night || (m.luma > 0.28 && m.luma < 0.62), "luma, 0.28 to 0.62 by day");
    expect(m.clipped < 0.01, "clipped, below 0.01");
    expect(m.saturation > 0.12 && m.saturation < (night ? 0.55 : 0.40),
           "saturation, 0.12 to 0.40, by night 0.55");
    expect(m.spectrum > -3.6 && m.spectrum < -1.7, "spectrum, -3.6 to -1.7");
}

static void check_picture(RenderRig *rig, const Scene *scene, int tier)
{
    char path[256];
    double start_s = (double)clock() / CLOCKS_PER_SEC;
    render_rig_settle(rig);
    GoldenImage image = render_golden_from_rgba(render_rig_read(rig), WIDTH, HEIGHT);
    print_message("%s, tier %d%s: %.1f s of CPU\n", scene->name, tier,
                  rig->desc.gl33 ? ", GL 3.3" : "", (double)clock() / CLOCKS_PER_SEC - start_s);
    if (!rig->desc.gl33)
        check_sanity(&image, rig->scene.lights.sun_elevation_rad < 0.0f);
    snprintf(path, sizeof path, "%s/tests/golden/%s_t%d.png", ARETE_SOURCE_DIR, scene->name, tier);
    expect(render_golden_check(path, &image), "golden");
    render_golden_free(&image);
}

// First row of ground in each column: the picture's alpha says whether there is ground.
static void find_skyline(const uint8_t *rgba, int *skyline)
{
    for (int x = 0; x < STRIP_WIDTH; x++) {
        skyline[x] = 0;
        while (skyline[x] < HEIGHT && rgba[4 * (skyline[x] * STRIP_WIDTH + x) + 3] < 128)
            skyline[x]++;
    }
}

static void check_shimmer(RenderRig *rig)
{
    GoldenImage images[JITTERS];
    int skyline[STRIP_WIDTH];
    float yaw_rad = rig->view.yaw_rad;
    render_rig_settle(rig);
    find_skyline(render_rig_read(rig), skyline);
    for (int i = 0; i < JITTERS; i++) {
        // Golden-ratio steps: spread evenly, in no order.
        float by = 2.0f * fmodf(0.618034f * (float)i, 1.0f) - 1.0f;
        rig->view.yaw_rad = yaw_rad + by * JITTER_DEG * 0.017453293f;
        render_rig_tick(rig);
        images[i] = render_golden_from_rgba(render_rig_read(rig), STRIP_WIDTH, HEIGHT);
    }
    RenderShimmer shimmer = render_measure_shimmer(images, JITTERS, skyline);
    print_message("  skyline flickers %.2f, worst hundredth %.1f of 255\n", shimmer.mean,
                  shimmer.p99);
    expect(shimmer.mean <= 2.0 && shimmer.p99 <= 12.0, "shimmer, 2 and 12 at most");
    for (int i = 0; i < JITTERS; i++)
        render_golden_free(&images[i]);
}

static bool check_scene(int index, const Source *source)
{
    const Scene *scene = &scene_table[index];
    for (int tier = 0; tier < 4; tier++) {
        RenderRig rig;
        RenderRigDesc desc = {.tier = tier, .width = WIDTH, .height = HEIGHT};
        if (!is_taken(index, tier))
            continue;
        if (!open_rig(&rig, scene, source, &desc))
            return false;
        check_picture(&rig, scene, tier);
        render_rig_destroy(&rig);
        if (tier == 2 && (index == GROUND_SCENE || index % 3 == 0)) {
            desc.width = STRIP_WIDTH;
            if (!open_rig(&rig, scene, source, &desc))
                return false;
            check_shimmer(&rig);
            render_rig_destroy(&rig);
            desc.width = WIDTH;
        }
        // Nothing may depend on a 4.x feature.
        desc.gl33 = true;
        if (index % 4 != 1 || !open_rig(&rig, scene, source, &desc))
            continue;
        check_picture(&rig, scene, tier);
        render_rig_destroy(&rig);
    }
    return true;
}

static void every_scene_looks_like_its_golden_and_like_land(void **state)
{
    (void)state;
    wrong = 0;
    for (int i = 0; i < SCENE_COUNT; i++) {
        if (!is_taken(i, 0) && !is_taken(i, 1))
            continue;
        RenderKept *kept = render_kept_create(strtoull(scene_table[i].world + 5, NULL, 10));
        Source source = render_kept_source(kept);
        bool drawn = check_scene(i, &source);
        render_kept_destroy(kept);
        if (!drawn)
            skip();
    }
    assert_int_equal(wrong, 0);
}

// Straight down, where a tile would show as a grid.
static void ground_shows_no_repeat(void **state)
{
    (void)state;
    static double luma[GROUND_SIDE * GROUND_SIDE];
    const Scene *scene = &scene_table[GROUND_SCENE];
    RenderKept *kept = render_kept_create(strtoull(scene->world + 5, NULL, 10));
    Source source = render_kept_source(kept);
    wrong = 0;
    for (int tier = 0; tier < 4; tier++) {
        RenderRig rig;
        RenderRigDesc desc = {.tier = tier, .width = GROUND_SIDE, .height = GROUND_SIDE};
        if (!(tier == 2 ? few : rest))
            continue;
        if (!open_rig(&rig, scene, &source, &desc))
            skip();
        render_rig_look(&rig, scene->at_m[0], scene->at_m[1], GROUND_AGL_M, 0.0f, -89.0f);
        render_rig_settle(&rig);
        const uint8_t *p = render_rig_read(&rig);
        for (int i = 0; i < GROUND_SIDE * GROUND_SIDE; i++, p += 4)
            luma[i] = 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2];
        double repeat = render_measure_repeat(luma, GROUND_SIDE);
        print_message("%s from above, tier %d: repeats %.3f\n", scene->name, tier, repeat);
        expect(repeat < 0.25, "repeat, below 0.25");
        render_rig_destroy(&rig);
    }
    render_kept_destroy(kept);
    assert_int_equal(wrong, 0);
}

int main(int argc, char **argv)
{
    rest = argc > 1 && (strcmp(argv[1], "--all") == 0 || strcmp(argv[1], "--rest") == 0);
    few = !rest || strcmp(argv[1], "--all") == 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scene_looks_like_its_golden_and_like_land),
        cmocka_unit_test(ground_shows_no_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
