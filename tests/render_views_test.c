// I1 and I2: four views of the real world at four tiers and without 4.x features, against goldens of llvmpipe.
// ARETE_BLESS=1 writes them anew.
#include "render_golden.h"
#include "render_rig.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH 640
#define HEIGHT 360

typedef struct GoldenView {
    const char *name;
    uint64_t seed;
    double x_m, z_m, agl_m;
    float yaw_deg, pitch_deg;
} GoldenView;

static const GoldenView views[] = {
    {"start", 42, 128.0, 128.0, 300.0, 35.0f, -8.0f},
    {"belt", 7777, 5000.0, -12000.0, 250.0, 200.0f, -6.0f},
    {"high", 1, 20000.0, 30000.0, 4000.0, 300.0f, -18.0f},
    {"ground", 42, -9000.0, 4000.0, 4.0, 120.0f, 2.0f},
};

// Mean luma, part of clipped pixels and mean saturation of a day picture (I2).
static void check_sanity(const GoldenImage *image)
{
    double luma = 0.0, saturation = 0.0, clipped = 0.0;
    size_t pixels = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *p = image->rgb + 3 * i;
        int high = p[0] > p[1] ? p[0] : p[1], low = p[0] < p[1] ? p[0] : p[1];
        high = p[2] > high ? p[2] : high;
        low = p[2] < low ? p[2] : low;
        luma += (0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2]) / 255.0;
        saturation += high ? (double)(high - low) / high : 0.0;
        clipped += low == 255 || high == 0;
    }
    print_message("  luma %.3f, saturation %.3f, clipped %.4f\n", luma / (double)pixels,
                  saturation / (double)pixels, clipped / (double)pixels);
    assert_true(luma / (double)pixels > 0.28 && luma / (double)pixels < 0.62);
    assert_true(clipped / (double)pixels < 0.01);
    assert_true(saturation / (double)pixels > 0.10 && saturation / (double)pixels < 0.45);
}

static bool check_view(const GoldenView *view, int tier, bool gl33)
{
    RenderRig rig;
    RenderRigDesc desc = {.seed = view->seed,
                          .tier = tier,
                          .width = WIDTH,
                          .height = HEIGHT,
                          .gl33 = gl33,
                          .start_m = {view->x_m, view->agl_m, view->z_m}};
    if (!render_rig_create(&rig, &desc))
        return false;
    render_rig_look(&rig, view->x_m, view->z_m, view->agl_m, view->yaw_deg, view->pitch_deg);
    render_rig_settle(&rig);
    GoldenImage image = render_golden_from_rgba(render_rig_read(&rig), WIDTH, HEIGHT);
    char path[256];
    snprintf(path, sizeof path, "%s/tests/golden/view_%s_t%d.png", ARETE_SOURCE_DIR, view->name,
             tier);
    print_message("%s, tier %d%s\n", view->name, tier, gl33 ? ", GL 3.3" : "");
    check_sanity(&image);
    assert_true(render_golden_check(path, &image));
    render_golden_free(&image);
    render_rig_destroy(&rig);
    return true;
}

static void every_view_at_every_tier_looks_like_its_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
        for (int tier = 0; tier < 4; tier++)
            if (!check_view(&views[i], tier, false))
                skip();
}

// The same goldens: nothing may depend on a 4.x feature.
static void without_gl_4_the_pictures_are_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
        for (int tier = 0; tier < 4; tier++)
            if (!check_view(&views[i], tier, true))
                skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_view_at_every_tier_looks_like_its_golden),
        cmocka_unit_test(without_gl_4_the_pictures_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
