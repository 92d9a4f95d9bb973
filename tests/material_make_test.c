#include "base/hash.h"
#include "base/os_clock.h"
#include "sanitized.h"
#include "terrain/material_make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE MATERIAL_SIDE
#define PATCH 64
// A patch of 0.5 m that is lighter or darker than the rest by more than this stands out where the square repeats.
#define PATCH_OFF_MAX 0.08

static uint8_t *layers[MATERIAL_COUNT];
static double made_s;

static int make_all(void **state)
{
    (void)state;
    Arena scratch;
    if (!arena_create(MATERIAL_MAKE_SCRATCH_BYTES, OS_MEMORY_SCRATCH, &scratch))
        return -1;
    uint64_t start_ns = os_clock_thread_cpu_ns();
    for (int i = 0; i < MATERIAL_COUNT; i++) {
        layers[i] = malloc(MATERIAL_LAYER_BYTES);
        if (layers[i] == NULL)
            return -1;
        material_make((MaterialKind)i, &scratch, layers[i]);
    }
    made_s = (double)(os_clock_thread_cpu_ns() - start_ns) * 1e-9;
    arena_destroy(&scratch);
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    for (int i = 0; i < MATERIAL_COUNT; i++)
        free(layers[i]);
    return 0;
}

static const uint8_t *texel(int layer, int map, int x, int z)
{
    size_t at = (size_t)(((z + SIDE) % SIDE) * SIDE + (x + SIDE) % SIDE);
    return layers[layer] + (size_t)map * MATERIAL_MAP_BYTES + 4 * at;
}

// Mean difference of neighbours across the line x = `at`, or z.
static double step_across(int layer, int map, int at, int down)
{
    double sum = 0;
    for (int i = 0; i < SIDE; i++) {
        const uint8_t *a = down ? texel(layer, map, i, at - 1) : texel(layer, map, at - 1, i);
        const uint8_t *b = down ? texel(layer, map, i, at) : texel(layer, map, at, i);
        for (int c = 0; c < 4; c++)
            sum += abs(a[c] - b[c]);
    }
    return sum / SIDE;
}

static void every_layer_continues_at_its_opposite_edges(void **state)
{
    (void)state;
    for (int k = 0; k < MATERIAL_COUNT * MATERIAL_MAPS * 2; k++) {
        int layer = k / 4, map = k / 2 % 2, down = k % 2;
        double greatest = 0;
        for (int at = 1; at < SIDE; at++)
            greatest = fmax(greatest, step_across(layer, map, at, down));
        double edge = step_across(layer, map, 0, down);
        if (edge > 1.05 * greatest)
            fail_msg("layer %d map %d: %.2f at the edge, at most %.2f inside", layer, map, edge,
                     greatest);
    }
}

static double light_of(const float mean[3], const uint8_t *at)
{
    static const double weights[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0, all = 0;
    for (int c = 0; c < 3; c++) {
        sum += weights[c] * (double)mean[c] * at[c];
        all += weights[c] * (double)mean[c];
    }
    return sum / all;
}

#define MEAN_OF(name, r, g, b, rough) {r, g, b},
static const float means[MATERIAL_COUNT][3] = {MATERIAL_LIST(MEAN_OF)};

static void colours_are_even_and_their_mean_is_one(void **state)
{
    (void)state;
    for (int layer = 0; layer < MATERIAL_COUNT; layer++) {
        double channel[3] = {0}, sum = 0, square = 0,
               patches[(SIDE / PATCH) * (SIDE / PATCH)] = {0};
        for (int i = 0; i < SIDE * SIDE; i++) {
            const uint8_t *at = texel(layer, 0, i % SIDE, i / SIDE);
            for (int c = 0; c < 3; c++)
                channel[c] += at[c];
            double light = light_of(means[layer], at);
            sum += light;
            square += light * light;
            patches[i / SIDE / PATCH * (SIDE / PATCH) + i % SIDE / PATCH] += light;
        }
        double count = SIDE * SIDE, mean = sum / count;
        double spread = sqrt(square / count - mean * mean) / 255.0, patch_off = 0;
        for (int i = 0; i < (SIDE / PATCH) * (SIDE / PATCH); i++)
            patch_off = fmax(patch_off, fabs(patches[i] / (PATCH * PATCH) / mean - 1.0));
        print_message("layer %2d: spread %.3f, patches off %.3f\n", layer, spread, patch_off);
        for (int c = 0; c < 3; c++)
            assert_true(fabs(channel[c] / count - MATERIAL_UNIT) < 0.5);
        assert_true(spread <= (double)MATERIAL_MAKE_SPREAD_MAX && spread > 0.005);
        assert_true(patch_off <= PATCH_OFF_MAX);
    }
}

static void means_are_those_of_dry_ground(void **state)
{
    (void)state;
    for (int i = 0; i < MATERIAL_COUNT; i++) {
        const float *m = means[i];
        if (i != MATERIAL_SNOW && i != MATERIAL_ICE)
            assert_true(m[0] <= 0.40f && m[1] <= 0.40f && m[2] <= 0.40f);
        // Greens stay olive.
        assert_true(m[1] <= 1.3f * m[0] || i == MATERIAL_SNOW);
    }
}

static void mips_keep_the_mean(void **state)
{
    (void)state;
    for (int layer = 0; layer < MATERIAL_COUNT; layer++) {
        const uint8_t *last = layers[layer] + material_mip_offset_bytes(MATERIAL_MIPS - 1);
        for (int c = 0; c < 3; c++)
            assert_true(abs(last[c] - MATERIAL_UNIT) <= 1);
    }
    assert_int_equal(material_mip_offset_bytes(MATERIAL_MIPS), MATERIAL_MAP_BYTES);
}

static void the_same_bits_come_again(void **state)
{
    (void)state;
    Arena scratch;
    assert_true(arena_create(MATERIAL_MAKE_SCRATCH_BYTES, OS_MEMORY_SCRATCH, &scratch));
    memset(arena_alloc(&scratch, MATERIAL_MAKE_SCRATCH_BYTES), 0xa5,
           MATERIAL_MAKE_SCRATCH_BYTES); // what it finds in the scratch plays no part
    arena_rewind(&scratch, 0);
    uint8_t *again = malloc(MATERIAL_LAYER_BYTES);
    assert_non_null(again);
    material_make(MATERIAL_SAND, &scratch, again);
    assert_memory_equal(again, layers[MATERIAL_SAND], MATERIAL_LAYER_BYTES);
    free(again);
    arena_destroy(&scratch);
}

// The bits themselves: another compiler, width or option must not change them. A change on purpose raises
// MATERIAL_MAKE_VERSION with it.
static void the_bits_are_those_of_this_version(void **state)
{
    (void)state;
    uint64_t hash = MATERIAL_MAKE_VERSION;
    for (int i = 0; i < MATERIAL_COUNT; i++)
        hash = hash_bytes(layers[i], MATERIAL_LAYER_BYTES, hash);
    print_message("hash %016llx, %.2f s of CPU time\n", (unsigned long long)hash, made_s);
    assert_int_equal(hash, UINT64_C(0x9c3331a4abeeb2a4));
}

// Under 2 s on two cores.
static void all_layers_are_made_in_time(void **state)
{
    (void)state;
#ifdef __OPTIMIZE__
    if (!sanitized())
        assert_true(made_s / 2 < 2.0);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layer_continues_at_its_opposite_edges),
        cmocka_unit_test(colours_are_even_and_their_mean_is_one),
        cmocka_unit_test(means_are_those_of_dry_ground),
        cmocka_unit_test(mips_keep_the_mean),
        cmocka_unit_test(the_same_bits_come_again),
        cmocka_unit_test(the_bits_are_those_of_this_version),
        cmocka_unit_test(all_layers_are_made_in_time),
    };
    return cmocka_run_group_tests(tests, make_all, free_all);
}
