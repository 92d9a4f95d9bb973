// C2: the edges of neighbouring tiles, morphed as the vertex shader does it, are equal to the bit.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "mesh/lod_select.h"
#include "mesh/tile_build.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TILES_MAX 8192 // power of two
#define CAMERAS 24

// The four sides of a built tile: texels of the height map.
typedef enum Side { NORTH, SOUTH, WEST, EAST, SIDE_COUNT } Side;

typedef struct Edges {
    bool used;
    ChunkKey key;
    int lod;
    float base_m;
    uint32_t texels[SIDE_COUNT][CHUNK_SAMPLES];
} Edges;

typedef struct Fixture {
    Chunk chunk;
    Arena scratch;
    uint8_t out[256 * 1024];
    Edges tiles[TILES_MAX];
    int tile_count;
    LodSelect *select;
} Fixture;

typedef struct Vertex {
    float x, y, z;
} Vertex;

// What decides a frame's vertices.
typedef struct Scene {
    const ViewFrame *frame;
    const LodRanges *ranges;
    int bias;
} Scene;

// Height in whole quanta of the level at a point of the plane; each level has a slightly different world, as a
// filtered one would be.
static int64_t height_quanta(int level, double wave_x, double wave_z)
{
    double quantum_m = level <= 3 ? 1.0 / 32.0 : 0.25;
    return llrint((200.0 + 3.0 * level) * wave_x * wave_z / quantum_m);
}

static double wave(double at_m)
{
    return sin(at_m * 2.1e-3) + 0.4 * sin(at_m * 1.3e-4) + 0.02 * sin(at_m * 0.11);
}

static void fill_chunk(Chunk *chunk, ChunkKey key)
{
    int level = key.level, next = level == 6 ? 6 : level == 0 ? 2 : level + 1;
    double spacing_m = (double)chunk_spacing_m(level), side_m = (double)chunk_key_side_m(level);
    double wave_x[CHUNK_STRIDE], wave_z[CHUNK_STRIDE];
    for (int i = 0; i < CHUNK_STRIDE; i++) {
        wave_x[i] = wave((double)key.x * side_m + (i - CHUNK_APRON) * spacing_m);
        wave_z[i] = wave((double)key.z * side_m + (i - CHUNK_APRON) * spacing_m);
    }
    chunk->key = key;
    chunk->quantum_m = level <= 3 ? LOD_NEAR_QUANTUM_M : LOD_FAR_QUANTUM_M;
    // Amplitudes of the waves are 1.42 each: the range of a chunk's values would not fit from one base for the
    // whole world, so the base follows the chunk's middle, and neighbours differ.
    double quantum_m = (double)chunk->quantum_m;
    double middle_m = (double)height_quanta(level, wave_x[66], wave_z[66]) * quantum_m;
    int64_t base = (int64_t)floor((middle_m - 1000.0) / 64.0) * llrint(64.0 / quantum_m);
    chunk->base_m = (float)((double)base * quantum_m);
    for (int j = -2; j <= 131; j++)
        for (int i = -2; i <= 133; i++)
            chunk->heights[chunk_index(i, j)] =
                (uint16_t)(height_quanta(level, wave_x[i + 2], wave_z[j + 2]) - base);
    int step = level == 0 ? 8 : 4, side = 128 / step + 1;
    int64_t coarser = level == 3 ? 8 : 1; // the next level's quantum in this one's
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++)
            chunk->coarse[j * CHUNK_COARSE_SIDE + i] =
                (uint16_t)(height_quanta(next, wave_x[i * step + 2], wave_z[j * step + 2]) *
                               coarser -
                           base);
}

static void build_edges(Fixture *f, Edges *edges, ChunkKey key, int lod)
{
    if (f->chunk.key.level != key.level || !chunk_key_equal(f->chunk.key, key) ||
        f->tile_count == 0)
        fill_chunk(&f->chunk, key);
    TileLayout layout = tile_layout(lod_grid(lod), 1);
    tile_build(&f->chunk, lod, &layout, &f->scratch, f->out);
    const uint32_t *texels = (const uint32_t *)(const void *)(f->out + layout.heights_offset_bytes);
    int side = layout.height_side, last = side - 1;
    *edges = (Edges){.used = true, .key = key, .lod = lod, .base_m = f->chunk.base_m};
    for (int i = 0; i < side; i++) {
        edges->texels[NORTH][i] = texels[i];
        edges->texels[SOUTH][i] = texels[last * side + i];
        edges->texels[WEST][i] = texels[i * side];
        edges->texels[EAST][i] = texels[i * side + last];
    }
}

static const Edges *edges_of(Fixture *f, const LodPick *pick)
{
    uint32_t at = (uint32_t)(chunk_key_hash(pick->key) + (uint64_t)pick->lod * 977) % TILES_MAX;
    for (; f->tiles[at].used; at = (at + 1) % TILES_MAX)
        if (f->tiles[at].lod == pick->lod && chunk_key_equal(f->tiles[at].key, pick->key))
            return &f->tiles[at];
    build_edges(f, &f->tiles[at], pick->key, pick->lod);
    assert_true(++f->tile_count < TILES_MAX);
    return &f->tiles[at];
}

// The rule of shaders/terrain.vert for vertex `g` of a side, counted in the biased grid. Heights add the morph to
// the own height, which is exact: a rule that weights both would round by the tile's base.
static Vertex vertex_at(const Scene *scene, const Edges *edges, Side side, int g)
{
    const ViewFrame *frame = scene->frame;
    int stride = 1 << scene->bias, last = lod_grid_quads(lod_grid(edges->lod)) >> scene->bias;
    int64_t side_m = chunk_key_side_m(edges->key.level);
    float origin_x = (float)(edges->key.x * side_m - frame->anchor_x_m);
    float origin_z = (float)(edges->key.z * side_m - frame->anchor_z_m);
    int gx = side == WEST ? 0 : side == EAST ? last : g;
    int gz = side == NORTH ? 0 : side == SOUTH ? last : g;
    float cell = (float)stride * lod_spacing_m(edges->lod);
    float dx = origin_x + (float)gx * cell - frame->eye_anchor[0];
    float dz = origin_z + (float)gz * cell - frame->eye_anchor[2];
    float agl = frame->view.agl_m;
    float d = sqrtf(dx * dx + dz * dz + agl * agl);
    float start = lod_morph_start_m(scene->ranges, edges->lod);
    float scale = 1.0f / (scene->ranges->end_m[edges->lod] - start);
    float m = fminf(fmaxf((d - start) * scale, 0.0f), 1.0f);
    float own = (float)(edges->texels[side][g * stride] & 0xffff);
    float coarse = (float)(edges->texels[side][(g & ~1) * stride] >> 16);
    float quantum = lod_quantum_m(edges->lod);
    return (Vertex){((float)gx - (float)(gx & 1) * m) * cell + origin_x,
                    (edges->base_m + own * quantum) + (coarse - own) * quantum * m,
                    ((float)gz - (float)(gz & 1) * m) * cell + origin_z};
}

// Index in a side's biased grid of a point `along` it, or -1 between two.
static int index_at(const Scene *scene, const Edges *edges, Side side, float along)
{
    int64_t side_m = chunk_key_side_m(edges->key.level);
    bool by_x = side == NORTH || side == SOUTH;
    int64_t origin = by_x ? edges->key.x * side_m - scene->frame->anchor_x_m
                          : edges->key.z * side_m - scene->frame->anchor_z_m;
    float cell = (float)(1 << scene->bias) * lod_spacing_m(edges->lod);
    float place = (along - (float)origin) / cell;
    return place == floorf(place) ? (int)place : -1;
}

static bool same_bits(Vertex a, Vertex b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

// Every vertex of the finer edge lies on a vertex of the coarser one, and none of those is left out.
static int check_levels(const Scene *scene, const Edges *fine, Side fine_side, const Edges *coarse,
                        Side coarse_side)
{
    int last = lod_grid_quads(lod_grid(fine->lod)) >> scene->bias, before = -1;
    bool by_x = fine_side == NORTH || fine_side == SOUTH;
    for (int g = 0; g <= last; g++) {
        Vertex v = vertex_at(scene, fine, fine_side, g);
        int index = index_at(scene, coarse, coarse_side, by_x ? v.x : v.z);
        assert_true(index >= 0);
        assert_true(same_bits(v, vertex_at(scene, coarse, coarse_side, index)));
        assert_true(before < 0 || index == before || index == before + 1);
        before = index;
    }
    return last + 1;
}

static int check_pair(const Scene *scene, const Edges *a, Side a_side, const Edges *b, Side b_side)
{
    if (a->lod < b->lod)
        return check_levels(scene, a, a_side, b, b_side);
    if (a->lod > b->lod)
        return check_levels(scene, b, b_side, a, a_side);
    int last = lod_grid_quads(lod_grid(a->lod)) >> scene->bias;
    for (int g = 0; g <= last; g++)
        assert_true(same_bits(vertex_at(scene, a, a_side, g), vertex_at(scene, b, b_side, g)));
    return last + 1;
}

typedef struct Counts {
    int pairs, across_levels, vertices;
} Counts;

// `b` lies east or south of `a` and they share a part of a side; level steps of more than one fail.
static void check_neighbours(Fixture *f, const Scene *scene, const LodPick *a, const LodPick *b,
                             Counts *counts)
{
    int64_t side_a = chunk_key_side_m(a->key.level), side_b = chunk_key_side_m(b->key.level);
    int64_t ax = a->key.x * side_a, az = a->key.z * side_a, bx = b->key.x * side_b,
            bz = b->key.z * side_b;
    bool east = ax + side_a == bx && az < bz + side_b && bz < az + side_a;
    bool south = az + side_a == bz && ax < bx + side_b && bx < ax + side_a;
    if (!east && !south)
        return;
    assert_in_range(a->lod - b->lod + 1, 0, 2);
    counts->pairs++;
    counts->across_levels += a->lod != b->lod;
    const Edges *edges_a = edges_of(f, a), *edges_b = edges_of(f, b);
    counts->vertices +=
        check_pair(scene, edges_a, east ? EAST : SOUTH, edges_b, east ? WEST : NORTH);
}

static const LodTile *find(void *object, ChunkKey key, int lod)
{
    static const LodTile tile;
    (void)object, (void)key, (void)lod;
    return &tile;
}

static ViewFrame camera(uint64_t n)
{
    // Eight around each of three spots; some stand on a chunk's corner, some fly high.
    float spread = n % 4 == 3 ? 0.0f : 1500.0f;
    View view = {
        .eye_world = {(double)(n / 8) * 4.1e6 - 3e6 + (double)rng_range(1, 0, n, -spread, spread),
                      500.0,
                      77824.0 - (double)(n / 8) * 5e5 +
                          (double)rng_range(1, 1, n, -spread, spread)},
        .fov_y_rad = VIEW_FOV_Y_RAD,
        .aspect = 1.5f,
        .agl_m = n % 5 == 4 ? 900.0f : rng_range(1, 2, n, 1.0f, 120.0f)};
    return view_frame(&view);
}

// Nominal ranges at several qualities; every third camera has some of them shrunk, as late tiles do.
static LodRanges ranges_of(uint64_t n)
{
    LodRanges ranges = lod_ranges_nominal(0.8f + 0.5f * (float)(n % 7) / 6.0f);
    if (n % 3 == 2) {
        for (uint64_t lod = 0; lod < 6; lod++)
            ranges.end_m[lod] *= rng_range(2, n, lod, 0.6f, 1.0f);
        ranges = lod_ranges_clamp(ranges);
    }
    assert_true(lod_ranges_valid(&ranges));
    return ranges;
}

static void check_camera(Fixture *f, uint64_t n, Counts *counts)
{
    ViewFrame frame = camera(n);
    LodRanges ranges = ranges_of(n);
    LodSelectInput input = {.frame = &frame,
                            .ranges = ranges,
                            .nominal = ranges,
                            .root_lod = n % 2 ? 7 : 6,
                            .without_frustum = true,
                            .without_horizon = true,
                            .find = find};
    LodSelectStats stats;
    int count;
    const LodPick *picks = lod_select_run(f->select, &input, &count, &stats);
    assert_true(count > 30 && stats.overflow == 0);
    for (int bias = 0; bias <= LOD_MESH_BIAS_MAX; bias++) {
        Scene scene = {&frame, &ranges, bias};
        for (int a = 0; a < count; a++)
            for (int b = 0; b < count; b++)
                check_neighbours(f, &scene, &picks[a], &picks[b], counts);
    }
}

static void test_seam_morphed_edges_of_neighbours_are_equal_to_the_bit(void **state)
{
    Fixture *f = *state;
    Counts counts = {0};
    for (uint64_t n = 0; n < CAMERAS; n++) {
        if (n % 8 == 0) {
            memset(f->tiles, 0, sizeof f->tiles);
            f->tile_count = 0;
        }
        check_camera(f, n, &counts);
    }
    assert_true(counts.pairs > CAMERAS * 4 * 500);
    assert_true(counts.across_levels > CAMERAS * 4 * 100);
    assert_true(counts.vertices > 500000);
}

static int set_up(void **state)
{
    Fixture *f = calloc(1, sizeof *f);
    if (!f || !arena_create(TILE_BUILD_SCRATCH_BYTES, OS_MEMORY_SCRATCH, &f->scratch))
        return -1;
    *state = f;
    return lod_select_create(&f->select) == RESULT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    Fixture *f = *state;
    lod_select_destroy(f->select);
    arena_destroy(&f->scratch);
    free(f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seam_morphed_edges_of_neighbours_are_equal_to_the_bit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
