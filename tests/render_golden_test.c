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

static void put(GoldenImage *image, int x, int y, int red, int green, int blue)
{
    uint8_t *at = image->rgb + (y * SIDE + x) * 3;
    at[0] = (uint8_t)red;
    at[1] = (uint8_t)green;
    at[2] = (uint8_t)blue;
}

// Soft colours under hard light, as land has them.
static GoldenImage land(int tint)
{
    GoldenImage image = {SIDE, SIDE, malloc(SIDE * SIDE * 3)};
    for (int i = 0; i < SIDE * SIDE; i++) {
        int light = 60 + i * 7919 % 97, x = i % SIDE, y = i / SIDE;
        put(&image, x, y, light + x / 8, light, light + y / 8 + tint);
    }
    return image;
}

static void a_golden_keeps_the_light_and_the_colours(void **state)
{
    (void)state;
    GoldenImage image = land(0), kept = render_golden_keep(&image);
    GoldenDiff diff = render_golden_compare(&image, &kept);
    assert_true(diff.ssim > 0.999);
    assert_true(diff.delta_e < 0.8); // of rounding
    render_golden_free(&image);
    render_golden_free(&kept);
}

static void a_golden_tells_a_change_of_light_or_colour(void **state)
{
    (void)state;
    char path[] = "/tmp/arete_golden_XXXXXX", beside[64];
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    snprintf(beside, sizeof beside, "%s.new.png", path);
    GoldenImage same = land(0), bluer = land(6), moved = land(0);
    memmove(moved.rgb, moved.rgb + 3, (SIDE * SIDE - 1) * 3);
    setenv("ARETE_BLESS", "1", 1);
    assert_true(render_golden_check(path, &same));
    unsetenv("ARETE_BLESS");
    assert_true(render_golden_check(path, &same));
    assert_int_not_equal(access(beside, F_OK), 0);
    assert_false(render_golden_check(path, &bluer));
    assert_int_equal(access(beside, F_OK), 0);
    assert_false(render_golden_check(path, &moved));
    render_golden_free(&same);
    render_golden_free(&bluer);
    render_golden_free(&moved);
    remove(path);
    remove(beside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_equals_itself),
        cmocka_unit_test(one_spoilt_tile_shows_in_the_worst_tile),
        cmocka_unit_test(a_tint_shows_in_the_colour_difference_alone),
        cmocka_unit_test(a_picture_survives_its_file),
        cmocka_unit_test(a_golden_keeps_the_light_and_the_colours),
        cmocka_unit_test(a_golden_tells_a_change_of_light_or_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
