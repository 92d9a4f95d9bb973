#include "terrain/landform.h"
#include "base/hash.h"
#include <assert.h>

// A part stays while its waves are four samples long, rivers while their cells are five. Gullies have
// waves of 121 m and 57 m, the details' cells are 52 m to 6.5 m.
static const LandformPlan PLAN[LANDFORM_PLANS] = {
    {16, 4, 2, 2, 4, 2, 2, 1.0f}, // 2 m samples, lattice 32 m
    {16, 4, 2, 2, 3, 2, 2, 1.0f}, // unused level
    {8, 4, 2, 2, 2, 2, 2, 1.0f},  // 8 m, 64 m
    {8, 4, 2, 2, 1, 2, 2, 1.0f},  // 16 m, 128 m
    {4, 4, 1, 1, 0, 2, 2, 1.0f},  // 32 m, 128 m
    {4, 3, 1, 0, 0, 1, 2, 0.84f}, // 64 m, 256 m
    {4, 3, 0, 0, 0, 1, 1, 0.84f}, // 128 m, 512 m
    {1, 2, 0, 0, 0, 1, 0, 0.70f}, // 256 m, 256 m: from here on only as far land
    {1, 2, 0, 0, 0, 0, 0, 0.70f}, // 512 m, 512 m
};

Landform landform_make(uint64_t seed)
{
    static const float CONTINENT_M[LANDFORM_CONTINENTS] = {262000, 131000, 62000, 29000};
    static const float WARP_M[LANDFORM_WARPS] = {6500, 1900, 500};
    static const float ROCK_M[LANDFORM_ROCKS] = {2900, 800};
    static const float BEND_M[LANDFORM_BENDS] = {230, 95};
    static const float GULLY_M[LANDFORM_GULLIES] = {170, 80};
    static const float DETAIL_M[LANDFORM_DETAILS] = {52, 26, 13, 6.5f};
    static const float DUNE_M[LANDFORM_DUNES] = {1150, 330};
    static const float TOWER_M[LANDFORM_TOWERS] = {560, 330};
    Landform out = {
        .belt = noise_octave(seed, 8, 118000),
        .belt_strength = noise_octave(seed, 9, 196000),
        .hills = noise_octave(seed, 10, 34000),
        .massif = noise_octave(seed, 12, 15000),
        .temperature = noise_octave(seed, 13, 181000),
        .moisture = {noise_octave(seed, 14, 233000), noise_octave(seed, 15, 61000),
                     noise_octave(seed, 18, 17000)},
        .hue = noise_octave(seed, 16, 23000),
        .soil = noise_octave(seed, 19, 37000),
        .river_seed = (uint32_t)hash_u64(seed ^ UINT64_C(0x52495645525321)),
        .volcano_seed = (uint32_t)hash_u64(seed ^ UINT64_C(0x564f4c43414e4f)),
    };
    for (uint32_t i = 0; i < LANDFORM_CONTINENTS; i++)
        out.continents[i] = noise_octave(seed, i, CONTINENT_M[i]);
    for (uint32_t i = 0; i < LANDFORM_WARPS; i++)
        out.warps[i] = noise_octave(seed, 20 + i, WARP_M[i]);
    for (uint32_t i = 0; i < LANDFORM_ROCKS; i++)
        out.rocks[i] = noise_octave(seed, 24 + i, ROCK_M[i]);
    for (uint32_t i = 0; i < LANDFORM_BENDS; i++)
        out.bends[i] = noise_octave(seed, 26 + i, BEND_M[i]);
    for (uint32_t i = 0; i < LANDFORM_GULLIES; i++)
        out.gullies[i] = noise_octave(seed, 28 + i, GULLY_M[i]);
    for (uint32_t i = 0; i < LANDFORM_DETAILS; i++)
        out.details[i] = noise_octave(seed, 32 + i, DETAIL_M[i]);
    for (uint32_t i = 0; i < LANDFORM_DUNES; i++)
        out.dunes[i] = noise_octave(seed, 40 + i, DUNE_M[i]);
    for (uint32_t i = 0; i < LANDFORM_TOWERS; i++)
        out.towers[i] = noise_octave(seed, 44 + i, TOWER_M[i]);
    NoiseOctave turn = noise_octave(seed, 17, 1.0f);
    out.home_x = turn.a_per_m;
    out.home_z = turn.b_per_m;
    return out;
}

int landform_unit_m(const LandformGrid *grid)
{
    return (2 << grid->level) * grid->stride;
}

LandformPlan landform_plan(int level)
{
    assert(level >= 0 && level < LANDFORM_PLANS);
    return PLAN[level];
}

void landform_weights(int step, int phase, float out[4])
{
    assert(step > 0 && phase >= 0 && phase < step);
    float t = (float)phase / (float)step, s = 1.0f - t;
    float t3 = t * t * t * (1.0f / 6.0f), s3 = s * s * s * (1.0f / 6.0f);
    out[0] = s3;
    out[1] = 2.0f / 3.0f - t * t + 3.0f * t3;
    out[2] = 2.0f / 3.0f - s * s + 3.0f * s3;
    out[3] = t3;
}

static int padded(int columns)
{
    return (columns + LANDFORM_PAD - 1) / LANDFORM_PAD * LANDFORM_PAD;
}

static Result make_weights(LandformLattice *lattice, int columns, Arena *scratch)
{
    int pitch = padded(columns);
    float *weights = arena_alloc(scratch, sizeof(float) * 4 * (size_t)pitch);
    if (!weights)
        return RESULT_OUT_OF_MEMORY;
    for (int i = 0; i < pitch; i++) {
        float w[4];
        landform_weights(lattice->step, (lattice->phase_x + i) % lattice->step, w);
        for (int k = 0; k < 4; k++)
            weights[k * pitch + i] = w[k];
    }
    lattice->weights = weights;
    lattice->weight_pitch = pitch;
    return RESULT_OK;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

Result landform_lattice(const LandformGrid *grid, Arena *scratch, LandformLattice *out)
{
    assert(grid->level >= 0 && grid->level < LANDFORM_PLANS);
    assert(grid->columns > 0 && padded(grid->columns) <= LANDFORM_COLUMNS_MAX && grid->rows > 0);
    int step = PLAN[grid->level].step / grid->stride;
    assert(step * grid->stride == PLAN[grid->level].step);
    int64_t cell_x = floor_divide(grid->x, step), cell_z = floor_divide(grid->z, step);
    LandformLattice lattice = {
        .step = step,
        .phase_x = (int)(grid->x - cell_x * step),
        .phase_z = (int)(grid->z - cell_z * step),
        .spacing_m = step * landform_unit_m(grid),
    };
    lattice.x_m = (cell_x - 1) * lattice.spacing_m;
    lattice.z_m = (cell_z - 1) * lattice.spacing_m;
    lattice.columns = (lattice.phase_x + grid->columns - 1) / step + 4;
    lattice.rows = (lattice.phase_z + grid->rows - 1) / step + 4;
    // A ring of one more point all round feeds landform_sharpen.
    lattice.pitch = padded(lattice.columns + 2);
    lattice.field_stride = (lattice.rows + 2) * lattice.pitch;
    size_t bytes = sizeof(float) * LANDFORM_FIELD_COUNT * (size_t)lattice.field_stride;
    lattice.fields = arena_alloc(scratch, bytes);
    if (!lattice.fields)
        return RESULT_OUT_OF_MEMORY;
    lattice.fields += lattice.pitch + 1;
    *out = lattice;
    return make_weights(out, grid->columns, scratch);
}

Result landform_lattice_thin(const LandformLattice *lattice, int stride, int columns,
                             Arena *scratch, LandformLattice *out)
{
    assert(lattice->step % stride == 0 && lattice->phase_x % stride == 0 &&
           lattice->phase_z % stride == 0);
    int step = lattice->step / stride;
    int phase_x = lattice->phase_x / stride + 1, phase_z = lattice->phase_z / stride + 1;
    int cells = phase_x / step, rows = phase_z / step;
    *out = *lattice;
    out->step = step;
    out->phase_x = phase_x - cells * step;
    out->phase_z = phase_z - rows * step;
    out->fields = lattice->fields + rows * lattice->pitch + cells;
    return make_weights(out, columns, scratch);
}
