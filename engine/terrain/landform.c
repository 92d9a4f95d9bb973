#include "terrain/landform.h"
#include "base/hash.h"
#include <assert.h>

// Per level: lattice step in samples, first octave that is added at the samples, octaves in all. An
// octave stays while its cell is 3.25 samples or more: gradient noise peaks at 1.5 cells, so that
// is 5 samples per wave.
static const struct {
    int step, split, count;
} PLAN[LANDFORM_LEVELS] = {
    {8, 7, 12}, // 2 m samples, lattice 16 m, octaves from 208 m to 6.5 m
    {8, 6, 11}, // unused level
    {8, 5, 10}, // 8 m, 64 m
    {8, 4, 9},  // 16 m, 128 m
    {4, 4, 8},  // 32 m, 128 m
    {4, 3, 7},  // 64 m, 256 m
    {2, 4, 6},  // 128 m, 256 m
};

#define OCTAVE_FIRST_M 13312.0f
#define WARPED_DOWN_TO_M 400.0f

static void make_octaves(Landform *out, uint64_t seed)
{
    static const float FOLD[LANDFORM_OCTAVES] = {0.40f, 0.55f, 0.3f};
    static const float CARVE[LANDFORM_OCTAVES] = {0.5f, 0.5f, 0.4f, 0.3f};
    static const float GULLY[LANDFORM_OCTAVES] = {0, 0.09f, 0.15f, 0.13f, 0.11f, 0.08f, 0.055f};
    static const float GAIN[LANDFORM_OCTAVES] = {1.0f,    0.58f,   0.30f,   0.09f,
                                                 0.032f,  0.016f,  0.008f,  0.0045f,
                                                 0.0024f, 0.0013f, 0.0006f, 0.00025f};
    float wavelength_m = OCTAVE_FIRST_M;
    for (uint32_t i = 0; i < LANDFORM_OCTAVES; i++, wavelength_m *= 0.5f) {
        out->octaves[i] = (LandformOctave){
            .noise = noise_octave(seed, 32 + i, wavelength_m),
            .gain = GAIN[i],
            .fold = FOLD[i],
            .carve = CARVE[i],
            .gully = GULLY[i],
            .damping = i < 2 ? 0.0f : 0.9f,
            .warped = wavelength_m > WARPED_DOWN_TO_M,
        };
    }
}

Landform landform_make(uint64_t seed)
{
    static const float CONTINENT_M[LANDFORM_CONTINENTS] = {262000, 131000, 62000, 29000};
    Landform out = {
        .belt = noise_octave(seed, 8, 118000),
        .belt_strength = noise_octave(seed, 9, 196000),
        .hills = noise_octave(seed, 10, 34000),
        .warps = {noise_octave(seed, 11, 6500), noise_octave(seed, 12, 1900)},
        .temperature = noise_octave(seed, 13, 181000),
        .moisture = {noise_octave(seed, 14, 233000), noise_octave(seed, 15, 61000)},
        .hue = noise_octave(seed, 16, 23000),
    };
    for (uint32_t i = 0; i < LANDFORM_CONTINENTS; i++)
        out.continents[i] = noise_octave(seed, i, CONTINENT_M[i]);
    make_octaves(&out, seed);
    NoiseOctave turn = noise_octave(seed, 17, 1.0f);
    out.home_x = turn.a_per_m;
    out.home_z = turn.b_per_m;
    return out;
}

int landform_unit_m(const LandformGrid *grid)
{
    return (2 << grid->level) * grid->stride;
}

void landform_plan(int level, int *split, int *count)
{
    assert(level >= 0 && level < LANDFORM_LEVELS);
    *split = PLAN[level].split;
    *count = PLAN[level].count;
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
    assert(grid->level >= 0 && grid->level < LANDFORM_LEVELS);
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

Result landform_lattice_halve(const LandformLattice *lattice, int columns, Arena *scratch,
                              LandformLattice *out)
{
    assert(lattice->step >= 2 && lattice->phase_x % 2 == 0 && lattice->phase_z % 2 == 0);
    int step = lattice->step / 2;
    int cells = (lattice->phase_x / 2 + 1) / step, rows = (lattice->phase_z / 2 + 1) / step;
    *out = *lattice;
    out->step = step;
    out->phase_x = lattice->phase_x / 2 + 1 - cells * step;
    out->phase_z = lattice->phase_z / 2 + 1 - rows * step;
    out->fields = lattice->fields + rows * lattice->pitch + cells;
    return make_weights(out, columns, scratch);
}
