#include "render_measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIDE 256

// Noise smoothed `times` over: 0 is white, more is blurred.
static double *noise(int times)
{
    static double values[SIDE * SIDE], next[SIDE * SIDE];
    uint32_t state = 1;
    for (int i = 0; i < SIDE * SIDE; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = 255.0 * (state >> 8) / (1 << 24);
    }
    for (; times > 0; times--) {
        for (int i = 0; i < SIDE * SIDE; i++) {
            int x = i % SIDE, y = i / SIDE, left = (x + SIDE - 1) % SIDE,
                up = (y + SIDE - 1) % SIDE;
            next[i] = 0.25 * (values[i] + values[y * SIDE + left] + values[up * SIDE + x] +
                              values[up * SIDE + left]);
        }
        memcpy(values, next, sizeof values);
    }
    return values;
}

static GoldenImage picture(const double *luma)
{
    GoldenImage image = {SIDE, SIDE, malloc(SIDE * SIDE * 3)};
    for (int i = 0; i < SIDE * SIDE * 3; i++)
        image.rgb[i] = (uint8_t)fmin(fmax(luma[i / 3], 0.0), 255.0);
    return image;
}

static void a_grey_picture_measures_as_it_is(void **state)
{
    (void)state;
    GoldenImage image = picture(noise(2));
    for (int i = 0; i < SIDE * SIDE / 4; i++)
        memset(image.rgb + i * 3, i % 2 ? 255 : 0, 3);
    for (int i = SIDE * SIDE / 4; i < SIDE * SIDE; i++)
        memcpy(image.rgb + i * 3, (uint8_t[]){100, 100, 50}, 3);
    RenderMeasure measure = render_measure_picture(&image);
    assert_float_equal((float)measure.clipped, 0.25f, 1e-4f);
    assert_float_equal((float)measure.saturation, 0.375f, 1e-3f);
    assert_float_equal((float)measure.luma, 0.25f * 0.5f + 0.75f * 96.4f / 255.0f, 1e-3f);
    render_golden_free(&image);
}

static void a_blurred_picture_has_a_steeper_spectrum(void **state)
{
    (void)state;
    double slopes[2];
    for (int i = 0; i < 2; i++) {
        GoldenImage image = picture(noise(40 * i));
        slopes[i] = render_measure_picture(&image).spectrum;
        render_golden_free(&image);
    }
    print_message("white %.2f, blurred %.2f\n", slopes[0], slopes[1]);
    assert_true(fabs(slopes[0]) < 0.1);
    assert_true(slopes[1] < -2.4);
}

static void a_repeat_shows_and_noise_does_not(void **state)
{
    (void)state;
    for (int blur = 0; blur < 9; blur += 4) {
        double *luma = noise(blur);
        double alone = render_measure_repeat(luma, SIDE);
        // A tile of 40 pixels, half of what one sees.
        for (int i = SIDE * SIDE - 1; i >= 0; i--)
            luma[i] = 0.5 * luma[i] + 0.5 * luma[i / SIDE % 40 * SIDE + i % SIDE % 40];
        double tiled = render_measure_repeat(luma, SIDE);
        print_message("noise %.3f, tiled %.3f\n", alone, tiled);
        assert_true(alone < 0.2);
        assert_true(tiled > 0.3);
    }
}

static void only_flicker_near_the_skyline_counts(void **state)
{
    (void)state;
    GoldenImage images[4];
    int skyline[SIDE];
    for (int x = 0; x < SIDE; x++)
        skyline[x] = 100;
    for (int i = 0; i < 4; i++)
        images[i] = picture(noise(4));
    RenderShimmer still = render_measure_shimmer(images, 4, skyline);
    assert_true(still.mean < 1e-9 && still.p99 < 1e-9);
    memset(images[1].rgb + 200 * SIDE * 3, 0, SIDE * 3);
    RenderShimmer away = render_measure_shimmer(images, 4, skyline);
    assert_true(away.mean < 1e-9 && away.p99 < 1e-9);
    // One row of the band's 81 goes dark in one picture of four: more than a hundredth.
    memset(images[1].rgb + 110 * SIDE * 3, 0, SIDE * 3);
    RenderShimmer near = render_measure_shimmer(images, 4, skyline);
    assert_true(near.mean > 0.5 && near.p99 > 12.0);
    for (int i = 0; i < 4; i++)
        render_golden_free(&images[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grey_picture_measures_as_it_is),
        cmocka_unit_test(a_blurred_picture_has_a_steeper_spectrum),
        cmocka_unit_test(a_repeat_shows_and_noise_does_not),
        cmocka_unit_test(only_flicker_near_the_skyline_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
