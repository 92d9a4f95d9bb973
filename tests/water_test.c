// Fresh water in chunks: it lies in its bed, lakes are level.
#include "terrain_rig.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define LAKE_M 45.0f // from the shore: further than in any river

// Metres into the water at a texel, as the chunk's card says.
static float shore_m(const Chunk *chunk, int i, int j)
{
    int red = (int)(chunk->matter[j * CHUNK_TINT_SIDE + i] & 0xff);
    float part = (float)(red - CHUNK_SHORE) / 127.0f, scale_m = 2.0f * CHUNK_SHORE_TEXELS;
    scale_m *= chunk_spacing_m(chunk->key.level);
    return scale_m * part / fmaxf(1.0f - fabsf(part), 1e-3f);
}

static float height_m(const Chunk *chunk, int i, int j)
{
    return chunk_height_m(chunk, 2 * (i - 1), 2 * (j - 1));
}

typedef struct Banks {
    int shores, low; // dry texels beside water; those lower than all of it
    float deepest_m;
} Banks;

// The lowest water within `reach` texels.
static float lowest_beside(const Chunk *c, int i, int j, int reach)
{
    float low = INFINITY;
    for (int z = j - reach; z <= j + reach; z++)
        for (int x = i - reach; x <= i + reach; x++)
            if (shore_m(c, x, z) > 0.0f)
                low = fminf(low, height_m(c, x, z));
    return low;
}

static void look_at_banks(const Chunk *c, Banks *out)
{
    for (int j = 2; j < 65; j++) // two more texels on are the last that the chunk has heights for
        for (int i = 2; i < 66; i++) {
            if (shore_m(c, i, j) > 0.0f || height_m(c, i, j) < 0.0f)
                continue;
            if (lowest_beside(c, i, j, 1) == INFINITY)
                continue;
            out->shores++;
            float low = lowest_beside(c, i, j, 2);
            if (height_m(c, i, j) >= low - c->quantum_m)
                continue;
            out->low++;
            out->deepest_m = fmaxf(out->deepest_m, low - height_m(c, i, j));
        }
}

static void water_lies_in_its_bed(void **state)
{
    (void)state;
    static const int LEVELS[] = {0, 2, 3, 4};
    for (int n = 0; n < 4; n++) {
        Banks banks = {0};
        for (uint64_t seed = 0; seed < 6; seed++) {
            TerrainRig *rig = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
            for (int k = 0; k < 36; k++) {
                terrain_rig_read(rig, (ChunkKey){k % 6 * 3 - 9, k / 6 * 3 - 9, LEVELS[n]}, &rig->a);
                look_at_banks(&rig->a, &banks);
            }
            terrain_rig_close(rig);
        }
        print_message("level %d: %d texels beside water, %d lower than it, by %.2f m at most\n",
                      LEVELS[n], banks.shores, banks.low, (double)banks.deepest_m);
        assert_true(banks.shores > 200);
        // What is left: brooks a texel wide on steep slopes, and lakes whose outlets fall within a texel.
        assert_true(banks.low * 100 <= 5 * banks.shores);
        float hangs_m = LEVELS[n] < 3 ? 4.0f : 0.75f * (float)chunk_spacing_m(LEVELS[n]);
        assert_true(banks.deepest_m < hangs_m);
    }
}

typedef struct Steps {
    double sum_m;
    float worst_m;
    int texels;
} Steps;

// Water that both show, where `fine` covers the part (x, z) of `coarse`, which is `times` as wide.
static void look_at_steps(const Chunk *coarse, const Chunk *fine, int times, int x, int z,
                          Steps *out)
{
    int side = 64 / times;
    for (int j = 1; j <= side; j++)
        for (int i = 1; i <= side; i++) {
            int from[2] = {x * side + i, z * side + j};
            int to[2] = {times * (i - 1) + 1, times * (j - 1) + 1};
            if (shore_m(coarse, from[0], from[1]) <= 0.0f || shore_m(fine, to[0], to[1]) <= 0.0f)
                continue;
            float step_m = fabsf(height_m(coarse, from[0], from[1]) - height_m(fine, to[0], to[1]));
            out->sum_m += (double)step_m;
            out->worst_m = fmaxf(out->worst_m, step_m);
            out->texels++;
        }
}

static void look_down(TerrainRig *rig, ChunkKey key, int finer, Steps *out)
{
    int times = 1 << (key.level - finer);
    terrain_rig_read(rig, key, &rig->a);
    for (int part = 0; part < times * times; part++) {
        int x = part % times, z = part / times;
        terrain_rig_read(rig, (ChunkKey){key.x * times + x, key.z * times + z, finer}, &rig->b);
        look_at_steps(&rig->a, &rig->b, times, x, z, out);
    }
}

// Water neither rises nor sinks as one comes near.
static void levels_agree_about_water(void **state)
{
    (void)state;
    static const int LEVELS[] = {0, 2, 3, 4, 5};
    for (int n = 1; n < 5; n++) {
        Steps steps = {0};
        for (uint64_t seed = 0; seed < 6; seed++) {
            TerrainRig *rig = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
            for (int k = 0; k < 9; k++)
                look_down(rig, (ChunkKey){k % 3 * 3 - 4, k / 3 * 3 - 4, LEVELS[n]}, LEVELS[n - 1],
                          &steps);
            terrain_rig_close(rig);
        }
        double mean_m = steps.sum_m / fmax(steps.texels, 1.0),
               spacing_m = chunk_spacing_m(LEVELS[n]);
        print_message("levels %d and %d: %d texels of water, %.3f m apart, %.2f m at most\n",
                      LEVELS[n], LEVELS[n - 1], steps.texels, mean_m, (double)steps.worst_m);
        assert_true(steps.texels > 200);
        assert_true(mean_m < 0.005 * spacing_m && (double)steps.worst_m < 0.10 * spacing_m);
    }
}

static void look_at_lakes(const Chunk *c, int *texels, int *odd)
{
    for (int j = 1; j < 66; j++)
        for (int i = 1; i < 66; i++) {
            if (shore_m(c, i, j) < LAKE_M || shore_m(c, i - 1, j) < LAKE_M)
                continue;
            ++*texels;
            *odd += fabsf(height_m(c, i, j) - height_m(c, i - 1, j)) > c->quantum_m;
        }
}

static void lakes_are_level(void **state)
{
    (void)state;
    int texels = 0, odd = 0;
    for (uint64_t seed = 0; seed < 6; seed++) {
        TerrainRig *rig = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
        for (int k = 0; k < 64; k++) {
            terrain_rig_read(rig, (ChunkKey){k % 8 - 4, k / 8 - 4, 3}, &rig->a);
            look_at_lakes(&rig->a, &texels, &odd);
        }
        terrain_rig_close(rig);
    }
    print_message("%d texels of lakes, %d not level\n", texels, odd);
    assert_true(texels > 1000 && odd == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(water_lies_in_its_bed),
        cmocka_unit_test(lakes_are_level),
        cmocka_unit_test(levels_agree_about_water),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
