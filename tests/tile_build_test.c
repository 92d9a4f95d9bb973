// Bytes of a tile.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "mesh/tile_build.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Fixture {
    Chunk a, b;
    Arena scratch;
    uint8_t *out[2];
} Fixture;

#define OUT_BYTES (256 * 1024)

// Height in quanta of a rough, deterministic world at whole samples.
static int world_quanta(int64_t x, int64_t z)
{
    double wave = 4000.0 * sin((double)x * 0.021) * cos((double)z * 0.017);
    double fine = 90.0 * sin((double)x * 0.61 + (double)z * 0.37);
    return 30000 + (int)lrint(wave + fine);
}

// `base_quanta` shifts the stored values, as another base would.
static void fill(Chunk *chunk, ChunkKey key, int base_quanta)
{
    memset(chunk, 0, sizeof *chunk);
    chunk->key = key;
    chunk->quantum_m = key.level <= 3 ? LOD_NEAR_QUANTUM_M : LOD_FAR_QUANTUM_M;
    chunk->base_m = (float)base_quanta * chunk->quantum_m;
    for (int j = -2; j <= 131; j++)
        for (int i = -2; i <= 133; i++)
            chunk->heights[chunk_index(i, j)] =
                (uint16_t)(world_quanta(key.x * 128 + i, key.z * 128 + j) - base_quanta);
    for (int i = 0; i < CHUNK_COARSE_SIDE * CHUNK_COARSE_SIDE; i++)
        chunk->coarse[i] = (uint16_t)(rng_u64(1, (uint64_t)key.x, (uint64_t)i) & 0xffff);
    for (int i = 0; i < CHUNK_TINT_SIDE * CHUNK_TINT_SIDE; i++) {
        chunk->tint[i] = (uint32_t)rng_u64(2, (uint64_t)key.x, (uint64_t)i);
        chunk->matter[i] = ~chunk->tint[i];
    }
}

// By the place in the world, so that neighbours agree.
static void fill_skyline(Chunk *chunk)
{
    for (int i = 0; i < CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE; i++) {
        int64_t x = chunk->key.x * 32 + i % CHUNK_SKYLINE_SIDE;
        int64_t z = chunk->key.z * 32 + i / CHUNK_SKYLINE_SIDE;
        chunk->skyline[0][i] = (uint32_t)rng_u64(3, (uint64_t)x, (uint64_t)z);
        chunk->skyline[1][i] = ~chunk->skyline[0][i];
    }
}

static int set_up(void **state)
{
    Fixture *f = calloc(1, sizeof *f);
    if (!f || !arena_create(TILE_BUILD_SCRATCH_BYTES, OS_MEMORY_SCRATCH, &f->scratch))
        return -1;
    for (int i = 0; i < 2; i++)
        f->out[i] = aligned_alloc(64, OUT_BYTES);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;
    arena_destroy(&f->scratch);
    free(f->out[0]);
    free(f->out[1]);
    free(f);
    return 0;
}

static TileLayout build(Fixture *f, const Chunk *chunk, int lod, int map_shift, int which)
{
    TileLayout layout = tile_layout(lod_grid(lod), map_shift);
    assert_true(layout.bytes <= OUT_BYTES);
    tile_build(chunk, lod, &layout, &f->scratch, f->out[which]);
    return layout;
}

static const uint32_t *part(const Fixture *f, int which, uint32_t offset)
{
    return (const uint32_t *)(const void *)(f->out[which] + offset);
}

static int channel(uint32_t texel, int n)
{
    return (int)(texel >> (8 * n) & 255);
}

// The coarser level's height at an even vertex, as the contract of each level puts it.
static uint16_t coarse_at(const Chunk *chunk, int lod, int x, int z)
{
    if (lod == 0)
        return chunk->heights[chunk_index(x, z)];
    if (lod == 1)
        return chunk->heights[chunk_index(2 * x, 2 * z)];
    return chunk->coarse[z / 2 * CHUNK_COARSE_SIDE + x / 2];
}

static void test_tile_build_heights_are_own_and_coarser_at_the_even_neighbour(void **state)
{
    Fixture *f = *state;
    static const int steps[LOD_COUNT] = {1, 2, 4, 2, 2, 2, 2, 2};
    for (int lod = 0; lod < LOD_COUNT; lod++) {
        fill(&f->a, (ChunkKey){5, -3, lod_key_level(lod)}, 640);
        TileLayout layout = build(f, &f->a, lod, 0, 0);
        const uint32_t *texels = part(f, 0, layout.heights_offset_bytes);
        for (int z = 0; z < layout.height_side; z++) {
            for (int x = 0; x < layout.height_side; x++) {
                uint32_t texel = texels[z * layout.height_side + x];
                assert_int_equal(texel & 0xffff,
                                 f->a.heights[chunk_index(x * steps[lod], z * steps[lod])]);
                assert_int_equal(texel >> 16, coarse_at(&f->a, lod, x & ~1, z & ~1));
            }
        }
    }
}

// Compares the columns of two maps side by side: the same samples of the world, seen from two tiles.
static void expect_columns(const uint32_t *a, int column_a, const uint32_t *b, int column_b,
                           int side, uint32_t mask)
{
    for (int j = 0; j < side; j++)
        assert_int_equal(a[j * side + column_a] & mask, b[j * side + column_b] & mask);
}

static void test_tile_build_neighbours_agree_whatever_their_bases(void **state)
{
    Fixture *f = *state;
    fill(&f->a, (ChunkKey){5, -3, 0}, 0);
    fill(&f->b, (ChunkKey){6, -3, 0}, 4096);
    fill_skyline(&f->a);
    fill_skyline(&f->b);
    for (int n = 0; n < 6; n++) {
        int lod = n / 2, shift = n % 2;
        TileLayout layout = build(f, &f->a, lod, shift, 0);
        build(f, &f->b, lod, shift, 1);
        int side = layout.maps[TILE_MAP_SURFACE].side, edge = side - 3;
        const uint32_t *a = part(f, 0, layout.maps[TILE_MAP_SURFACE].offset_bytes[0]);
        const uint32_t *b = part(f, 1, layout.maps[TILE_MAP_SURFACE].offset_bytes[0]);
        expect_columns(a, edge, b, 1, side, ~0u);
        if (layout.maps[TILE_MAP_SURFACE].step > 1)
            continue;
        // Beyond the edge the wide bend outruns the apron; normals do not, so they agree at mip 1 as well.
        expect_columns(a, edge - 1, b, 0, side, 0xffffu);
        expect_columns(a, edge + 1, b, 2, side, 0xffffu);
        expect_columns(a, edge + 2, b, 3, side, 0xffffu);
        a = part(f, 0, layout.maps[TILE_MAP_SURFACE].offset_bytes[1]);
        b = part(f, 1, layout.maps[TILE_MAP_SURFACE].offset_bytes[1]);
        expect_columns(a, edge / 2, b, 0, side / 2, 0xffffu);
        expect_columns(a, edge / 2 + 1, b, 1, side / 2, 0xffffu);
    }
}

static void fill_plane(Chunk *chunk, int level, int per_x, int per_z)
{
    fill(chunk, (ChunkKey){0, 0, level}, 0);
    for (int j = -2; j <= 131; j++)
        for (int i = -2; i <= 133; i++)
            chunk->heights[chunk_index(i, j)] = (uint16_t)(30000 + per_x * i + per_z * j);
}

// Ground without a bend and with one normal everywhere.
static void expect_even(const uint32_t *texels, int side, int nx, int nz)
{
    for (int i = 0; i < side * side; i++) {
        assert_in_range(channel(texels[i], 0) + 1 - nx, 0, 2);
        assert_in_range(channel(texels[i], 1) + 1 - nz, 0, 2);
        assert_int_equal(channel(texels[i], 2), 217);
        assert_int_equal(channel(texels[i], 3), 255);
    }
}

static void test_tile_build_plane_has_its_normal_in_every_texel(void **state)
{
    Fixture *f = *state;
    for (int lod = 0; lod < LOD_COUNT; lod++) {
        for (int shift = 0; shift < 2; shift++) {
            int level = lod_key_level(lod), per_x = 37, per_z = -21;
            fill_plane(&f->a, level, per_x, per_z);
            TileLayout layout = build(f, &f->a, lod, shift, 0);
            double unit = (double)(f->a.quantum_m / chunk_spacing_m(level));
            double gx = per_x * unit, gz = per_z * unit, length = sqrt(1.0 + gx * gx + gz * gz);
            int nx = (int)((0.5 - 0.5 * gx / length) * 255.0 + 0.5);
            int nz = (int)((0.5 - 0.5 * gz / length) * 255.0 + 0.5);
            for (int mip = 0; mip < TILE_MIPS; mip++)
                expect_even(part(f, 0, layout.maps[TILE_MAP_SURFACE].offset_bytes[mip]),
                            layout.maps[TILE_MAP_SURFACE].side >> mip, nx, nz);
        }
    }
}

static void test_tile_build_valleys_are_darker_and_ridges_lighter_than_plains(void **state)
{
    Fixture *f = *state;
    fill_plane(&f->a, 0, 0, 0);
    for (int j = -2; j <= 131; j++) {
        for (int i = -2; i <= 133; i++) {
            int valley = abs(i - 40) < 8 ? abs(i - 40) - 8 : 0;
            int ridge = abs(i - 90) < 8 ? 8 - abs(i - 90) : 0;
            f->a.heights[chunk_index(i, j)] = (uint16_t)(30000 + 32 * (valley + ridge));
        }
    }
    TileLayout layout = build(f, &f->a, 0, 0, 0);
    const uint32_t *row = part(f, 0, layout.maps[TILE_MAP_SURFACE].offset_bytes[0]) +
                          60 * layout.maps[TILE_MAP_SURFACE].side + 1;
    assert_true(channel(row[40], 2) < 180 && channel(row[90], 2) > 225);
    assert_int_equal(channel(row[15], 2), 217);
    assert_true(channel(row[36], 0) > 160 && channel(row[44], 0) < 96); // both slopes look inwards
    assert_int_equal(channel(row[40], 1), 128);
}

static void test_tile_build_high_skylines_take_sky_away(void **state)
{
    Fixture *f = *state;
    fill(&f->a, (ChunkKey){0, 0, 0}, 0);
    for (int i = 0; i < CHUNK_ROWS * CHUNK_STRIDE; i++)
        f->a.heights[i] = 30000;
    // East of the middle the land around stands 30 degrees high on every side, which leaves 3/4 of the sky.
    for (int i = 0; i < CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE; i++)
        for (int k = 0; k < 2; k++)
            f->a.skyline[k][i] = i % CHUNK_SKYLINE_SIDE > 16 ? 0x9f9f9f9fu : 0;
    for (int lod = 0; lod < 3; lod++) {
        TileLayout layout = build(f, &f->a, lod, 0, 0);
        const TileMap *map = &layout.maps[TILE_MAP_SURFACE];
        const uint32_t *row = part(f, 0, map->offset_bytes[0]) + map->side / 3 * map->side;
        assert_int_equal(channel(row[1], 2), 217);
        assert_in_range(channel(row[map->side - 4], 2), 162, 164);
        // Between two texels it goes over in a straight line.
        assert_in_range(channel(row[1 + 62 / map->step], 2), 188, 192);
    }
}

static void expect_mips(const Fixture *f, const uint32_t offsets[TILE_MIPS], int side)
{
    for (int mip = 1; mip < TILE_MIPS; mip++) {
        int to = side >> mip, from = 2 * to;
        const uint32_t *fine = part(f, 0, offsets[mip - 1]), *coarse = part(f, 0, offsets[mip]);
        for (int i = 0; i < to * to; i++) {
            const uint32_t *at = fine + (2 * (i / to)) * from + 2 * (i % to);
            for (int n = 0; n < 4; n++) {
                int sum = channel(at[0], n) + channel(at[1], n) + channel(at[from], n) +
                          channel(at[from + 1], n);
                assert_int_equal(channel(coarse[i], n), (sum + 2) / 4);
            }
        }
    }
}

static void test_tile_build_mips_are_means_of_four(void **state)
{
    Fixture *f = *state;
    for (int lod = 0; lod < 4; lod++) {
        for (int shift = 0; shift < 2; shift++) {
            fill(&f->a, (ChunkKey){2, 9, lod_key_level(lod)}, 0);
            TileLayout layout = build(f, &f->a, lod, shift, 0);
            for (int i = 0; i < TILE_MAP_COUNT; i++)
                expect_mips(f, layout.maps[i].offset_bytes, layout.maps[i].side);
        }
    }
}

// Channel `byte` of the chunk's map around texel (x, z): the texel itself, or a tent of 1 2 1 each way.
static double filtered_channel(const uint32_t *texels, int pitch, int x, int z, int byte,
                               bool filtered)
{
    static const double tent[3] = {0.25, 0.5, 0.25};
    double sum = 0.0;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
            double weight = filtered ? tent[i + 1] * tent[j + 1] : i == 0 && j == 0;
            uint32_t word = texels[(z + j) * pitch + x + i];
            sum += weight * (double)(word >> (8 * byte) & 0xff);
        }
    return sum;
}

// Texel i is at sample step * (i - 1), which the chunk holds in texel step / held_step * (i - 1) + 1; maps with fewer
// texels than the chunk's are filtered.
static void expect_thinned(const uint32_t *texels, int held_step, const TileMap *map,
                           const uint32_t *out)
{
    int side = map->side, step = map->step / held_step, pitch = 128 / held_step + 4;
    for (int j = 1; j < side - 2; j++)
        for (int i = 1; i < side - 2; i++)
            for (int byte = 0; byte < 4; byte++) {
                double expected = filtered_channel(texels, pitch, step * (i - 1) + 1,
                                                   step * (j - 1) + 1, byte, step > 1);
                double found = out[j * side + i] >> (8 * byte) & 0xff;
                assert_true(found - expected <= 1.0 && expected - found <= 1.0);
            }
}

// L2's map of half the size is the next mip of L1's, texel by texel.
static void expect_as_mip(const Fixture *f, const TileMap *map, const TileMap *finer)
{
    int side = finer->side / 2;
    assert_true(map->zero == 0.75f && finer->zero == 1.5f && side < map->side);
    const uint32_t *own = part(f, 0, map->offset_bytes[0]);
    const uint32_t *mip = part(f, 1, finer->offset_bytes[1]);
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++)
            assert_int_equal(own[j * map->side + i], mip[j * side + i]);
}

static void test_tile_build_thinned_maps_lie_at_their_samples(void **state)
{
    Fixture *f = *state;
    for (int lod = 0; lod < 4; lod++) {
        for (int shift = 0; shift < 2; shift++) {
            fill(&f->a, (ChunkKey){2, 9, lod_key_level(lod)}, 0);
            fill_skyline(&f->a);
            TileLayout layout = build(f, &f->a, lod, shift, 0);
            const TileMap *tint = &layout.maps[TILE_MAP_TINT];
            const TileMap *matter = &layout.maps[TILE_MAP_MATTER];
            if (lod == 2 && shift == 1) {
                TileLayout finer = build(f, &f->a, 1, shift, 1);
                expect_as_mip(f, tint, &finer.maps[TILE_MAP_TINT]);
                expect_as_mip(f, matter, &finer.maps[TILE_MAP_MATTER]);
            } else {
                expect_thinned(f->a.tint, 2, tint, part(f, 0, tint->offset_bytes[0]));
                expect_thinned(f->a.matter, 2, matter, part(f, 0, matter->offset_bytes[0]));
            }
            for (int k = 0; k < 2; k++) {
                const TileMap *skyline = &layout.maps[TILE_MAP_SKYLINE_EAST + k];
                expect_thinned(f->a.skyline[k], 4, skyline, part(f, 0, skyline->offset_bytes[0]));
            }
        }
    }
}

static void test_tile_build_writes_every_byte_and_none_beyond(void **state)
{
    Fixture *f = *state;
    for (int lod = 0; lod < 4; lod++) {
        for (int shift = 0; shift < 2; shift++) {
            fill(&f->a, (ChunkKey){-8, 1, lod_key_level(lod)}, 0);
            fill_skyline(&f->a);
            memset(f->out[0], 0x00, OUT_BYTES);
            memset(f->out[1], 0xff, OUT_BYTES);
            TileLayout layout = build(f, &f->a, lod, shift, 0);
            // Nothing comes from what was in the scratch memory.
            memset(arena_alloc(&f->scratch, TILE_BUILD_SCRATCH_BYTES), 0x5a,
                   TILE_BUILD_SCRATCH_BYTES);
            arena_rewind(&f->scratch, 0);
            build(f, &f->a, lod, shift, 1);
            assert_memory_equal(f->out[0], f->out[1], layout.bytes);
            assert_int_equal(f->out[0][layout.bytes], 0x00);
            assert_int_equal(f->out[1][layout.bytes], 0xff);
            assert_int_equal(f->scratch.used_bytes, 0);
            assert_int_equal(f->scratch.overflow_count, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tile_build_heights_are_own_and_coarser_at_the_even_neighbour),
        cmocka_unit_test(test_tile_build_neighbours_agree_whatever_their_bases),
        cmocka_unit_test(test_tile_build_plane_has_its_normal_in_every_texel),
        cmocka_unit_test(test_tile_build_valleys_are_darker_and_ridges_lighter_than_plains),
        cmocka_unit_test(test_tile_build_high_skylines_take_sky_away),
        cmocka_unit_test(test_tile_build_mips_are_means_of_four),
        cmocka_unit_test(test_tile_build_thinned_maps_lie_at_their_samples),
        cmocka_unit_test(test_tile_build_writes_every_byte_and_none_beyond),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
