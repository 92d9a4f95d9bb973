#include "render_golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SIDE 128

static GoldenImage pattern(void)
{
    GoldenImage image = {SIDE, SIDE, malloc(SIDE * SIDE * 3)};
    for (int i = 0; i < SIDE * SIDE * 3; i++)
        image.rgb[i] = (uint8_t)(60 + (i * 7919 % 97) + i / (SIDE * 6));
    return image;
}

static void a_picture_equals_itself(void **state)
{
    (void)state;
    GoldenImage image = pattern();
    GoldenDiff diff = render_golden_compare(&image, &image);
    assert_float_equal((float)diff.ssim, 1.0f, 1e-6f);
    assert_float_equal((float)diff.ssim_min, 1.0f, 1e-6f);
    assert_float_equal((float)diff.delta_e, 0.0f, 1e-9f);
    render_golden_free(&image);
}

static void one_spoilt_tile_shows_in_the_worst_tile(void **state)
{
    (void)state;
    GoldenImage a = pattern(), b = pattern();
    for (int y = 70; y < 110; y++)
        memset(b.rgb + (y * SIDE + 70) * 3, 128, 40 * 3);
    GoldenDiff diff = render_golden_compare(&a, &b);
    assert_true(diff.ssim_min < 0.8);
    assert_true(diff.ssim > diff.ssim_min);
    render_golden_free(&a);
    render_golden_free(&b);
}

static void a_tint_shows_in_the_colour_difference_alone(void **state)
{
    (void)state;
    GoldenImage a = pattern(), b = pattern();
    for (int i = 0; i < SIDE * SIDE; i++)
        b.rgb[i * 3 + 2] = (uint8_t)(b.rgb[i * 3 + 2] + 40);
    GoldenDiff diff = render_golden_compare(&a, &b);
    assert_true(diff.ssim > 0.97);
    assert_true(diff.delta_e > 5.0);
    render_golden_free(&a);
    render_golden_free(&b);
}

static void a_picture_survives_its_file(void **state)
{
    (void)state;
    char path[] = "/tmp/arete_golden_XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    GoldenImage image = pattern(), read;
    assert_true(render_golden_write(path, &image));
    assert_true(render_golden_read(path, &read));
    assert_int_equal(read.width, SIDE);
    assert_memory_equal(read.rgb, image.rgb, SIDE * SIDE * 3);
    render_golden_free(&image);
    render_golden_free(&read);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_equals_itself),
        cmocka_unit_test(one_spoilt_tile_shows_in_the_worst_tile),
        cmocka_unit_test(a_tint_shows_in_the_colour_difference_alone),
        cmocka_unit_test(a_picture_survives_its_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
