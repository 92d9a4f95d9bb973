#include "world/lod.h"
#include <assert.h>
#include <math.h>

// The morph of a valid set begins here at the latest; the rest is left for it to run.
#define MORPH_START_MAX 0.98

// The diagonal of the block that is refined when `lod` takes over.
static double block_diagonal_m(int lod)
{
    return (double)lod_block_m(lod) * 1.4142135623730951;
}

// The largest end of `lod - 1` that the end of `lod` allows. Every check of the rule goes through this one
// expression, so that rounding cannot make them disagree.
static double finer_end_max_m(const LodRanges *ranges, int lod)
{
    return MORPH_START_MAX * (double)ranges->end_m[lod] - block_diagonal_m(lod - 1);
}

LodRanges lod_ranges_nominal(float q)
{
    assert(q > 0.79f && q < 1.31f);
    LodRanges out;
    for (int lod = 0; lod < LOD_COUNT; ++lod) {
        out.end_m[lod] = q * LOD_RANGE_BASE_M * (float)(1 << lod);
    }
    // The horizon does not come nearer for a coarser picture.
    if (q < 1.0f)
        out.end_m[LOD_COUNT - 1] = LOD_RANGE_BASE_M * (float)(1 << (LOD_COUNT - 1));
    return out;
}

float lod_morph_start_m(const LodRanges *ranges, int lod)
{
    assert(lod >= 0 && lod < LOD_COUNT);
    double end_m = (double)ranges->end_m[lod];
    double start_m = (double)LOD_MORPH_START * end_m;
    if (lod > 0) {
        start_m = fmax(start_m, (double)ranges->end_m[lod - 1] + block_diagonal_m(lod - 1));
        start_m = fmin(start_m, MORPH_START_MAX * end_m);
    }
    return (float)start_m;
}

bool lod_ranges_valid(const LodRanges *ranges)
{
    for (int lod = 1; lod < LOD_COUNT; ++lod) {
        double finer_m = (double)ranges->end_m[lod - 1];
        if (finer_m > 0.0 && finer_m > finer_end_max_m(ranges, lod)) {
            return false;
        }
    }
    return true;
}

LodRanges lod_ranges_clamp(LodRanges ranges)
{
    // From coarse to fine: each step only lowers the finer end, so what was made right above stays right.
    for (int lod = LOD_COUNT - 1; lod > 0; --lod) {
        double most_m = finer_end_max_m(&ranges, lod);
        if (most_m <= 0.0 || ranges.end_m[lod - 1] <= 0.0f) {
            double calm_m =
                (double)LOD_MORPH_START * (double)ranges.end_m[lod] - block_diagonal_m(lod - 1);
            double waits_m = fmin(fmin((double)ranges.end_m[lod - 1], calm_m), 0.0);
            ranges.end_m[lod - 1] = (float)fmax(waits_m, -block_diagonal_m(lod - 1));
        } else if ((double)ranges.end_m[lod - 1] > most_m) {
            float rounded_m = (float)most_m;
            ranges.end_m[lod - 1] =
                (double)rounded_m > most_m ? nextafterf(rounded_m, 0.0f) : rounded_m;
        }
    }
    assert(lod_ranges_valid(&ranges));
    return ranges;
}

int lod_key_level(int lod)
{
    assert(lod >= 0 && lod < LOD_COUNT);
    return lod < LOD_CHUNK_COUNT ? 0 : lod - 1;
}

int lod_of_key_level(int level)
{
    assert(level == 0 || (level >= 2 && level + 1 < LOD_COUNT));
    return level == 0 ? LOD_CHUNK_COUNT - 1 : level + 1;
}

float lod_spacing_m(int lod)
{
    assert(lod >= 0 && lod < LOD_COUNT);
    return (float)(2 << lod);
}

float lod_tile_m(int lod)
{
    return (float)(256 << lod_key_level(lod));
}

float lod_block_m(int lod)
{
    assert(lod >= 0 && lod < LOD_COUNT);
    return lod + 1 < LOD_COUNT ? lod_tile_m(lod + 1) : 2.0f * lod_tile_m(lod);
}

LodGrid lod_grid(int lod)
{
    assert(lod >= 0 && lod < LOD_COUNT);
    return lod < LOD_CHUNK_COUNT ? (LodGrid)lod : LOD_GRID_64;
}

int lod_grid_quads(LodGrid grid)
{
    assert((int)grid >= 0 && grid < LOD_GRID_COUNT);
    return 128 >> (int)grid;
}

// A software frame is as dear as its triangles: at three halvings, with colour and light from textures, it costs two
// thirds of one at two halvings whose vertices carry the colour, and shows more.
int lod_mesh_bias(int tier)
{
    static const int biases[] = {LOD_MESH_BIAS_MAX, 1, 0, 0};
    assert(tier >= 0 && tier < (int)(sizeof biases / sizeof *biases));
    return biases[tier];
}

float lod_quantum_m(int lod)
{
    assert(lod >= 0 && lod < LOD_COUNT);
    return lod < 5 ? LOD_NEAR_QUANTUM_M : LOD_FAR_QUANTUM_M;
}

float lod_growth_per_s(int tier)
{
    return lod_mesh_bias(tier) > 2 ? 0.1f : 0.25f;
}
