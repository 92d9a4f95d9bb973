// Purpose: the shape of the land: heights for rows of samples of any level, through one small door.
// Owns: nothing; a Landform is a plain value, the lattice lies in the job's scratch.
// Threads: any.
// Fails: landform_lattice returns RESULT_OUT_OF_MEMORY when the scratch is full.
//
// What varies over kilometres is worked out on a coarse lattice in world coordinates and carried to
// the samples by uniform cubic B-splines, whose second derivative is continuous, so that no trace of
// the lattice shows. Valleys, gullies and detail are worked out sample by sample (relief_lanes.h).
// All of it depends on the world position and the level only.
#pragma once
#include "base/arena.h"
#include "base/result.h"
#include "terrain/noise.h"

#define LANDFORM_CONTINENTS 4
#define LANDFORM_WARPS 3
#define LANDFORM_ROCKS 2
#define LANDFORM_BENDS 2
#define LANDFORM_GULLIES 2
#define LANDFORM_DETAILS 4
#define LANDFORM_DUNES 2
#define LANDFORM_TOWERS 2

// Depth of gullies and height of detail per metre of wavelength, and what the next octave keeps of it.
#define LANDFORM_GULLY 0.045f
#define LANDFORM_GULLY_NEXT 0.45f
#define LANDFORM_DETAIL 0.095f
#define LANDFORM_DETAIL_NEXT 0.75f
#define LANDFORM_MOISTURES 3
#define LANDFORM_LEVELS 7
// Two levels more, 256 m and 512 m apart, that no chunk has: far land, for its skyline.
#define LANDFORM_PLANS 9

// Columns of a lattice row or a sample row are padded to this many floats.
#define LANDFORM_PAD 16
#define LANDFORM_COLUMNS_MAX 144

// Degrees that it is colder a metre higher.
#define LANDFORM_LAPSE_C_PER_M 0.0065f

// What the lattice carries.
typedef enum LandformField {
    LANDFORM_WARP_X, // from a point to its place among the rivers, metres
    LANDFORM_WARP_Z,
    LANDFORM_STEEP,       // rise over run of the hillsides: 0.02 plains, 0.8 mountains
    LANDFORM_BASE,        // height of the great rivers, metres; from here on provinces
    LANDFORM_ALPINE,      // 1 where glaciers shaped the valleys
    LANDFORM_FJORD,       // metres that these are sunk below the sea
    LANDFORM_MESA,        // 1 where hard and soft beds lie flat
    LANDFORM_BEDS,        // metres that the beds are shifted
    LANDFORM_DUNE,        // 1 where the wind shapes the land
    LANDFORM_KARST,       // 1 where towers stand
    LANDFORM_BADLAND,     // 1 where gullies are all there is
    LANDFORM_CLIFF,       // metres of cliff between land and beach
    LANDFORM_CONE,        // metres of volcano
    LANDFORM_TEMPERATURE, // at sea level, degrees Celsius; from here on climate
    LANDFORM_MOISTURE,    // 0 desert, 1 wet
    LANDFORM_HUE,         // of plants, -1 to 1, one value per region
    LANDFORM_SOIL,        // of soil and rock, the same
    LANDFORM_FIELD_COUNT
} LandformField;

#define LANDFORM_SHAPE_FIELDS LANDFORM_TEMPERATURE // fields that heights need
#define LANDFORM_PROVINCES (LANDFORM_SHAPE_FIELDS - LANDFORM_BASE)

typedef struct Landform {
    NoiseOctave continents[LANDFORM_CONTINENTS];
    NoiseOctave belt, belt_strength, hills, massif;
    NoiseOctave warps[LANDFORM_WARPS];
    NoiseOctave rocks[LANDFORM_ROCKS];
    NoiseOctave bends[LANDFORM_BENDS];
    NoiseOctave gullies[LANDFORM_GULLIES];
    NoiseOctave details[LANDFORM_DETAILS];
    NoiseOctave dunes[LANDFORM_DUNES], towers[LANDFORM_TOWERS];
    NoiseOctave temperature, moisture[LANDFORM_MOISTURES], hue, soil;
    uint32_t river_seed, volcano_seed;
    float home_x, home_z; // unit vector across the mountain belt near the origin
} Landform;

// How much of the land a level shows; the coarse parts first.
typedef struct LandformPlan {
    int step;     // samples from one lattice point to the next
    int lattices; // of rivers
    int bends, gullies, details, dunes, towers;
    float
        side; // steepness of hillsides: less where the finest rivers, which lower them, are left out
} LandformPlan;

// Which points are wanted: `columns` x `rows` of them, `stride` samples of `level` apart; x and z
// count strides.
typedef struct LandformGrid {
    const Landform *landform;
    int64_t x, z;
    int level, stride;
    int columns, rows;
    int climate; // fill the lattice's climate fields too
} LandformGrid;

// The lattice under a grid, as the grid's points see it.
typedef struct LandformLattice {
    float *fields;        // LANDFORM_FIELD_COUNT x rows x pitch, with a ring of one point around
    int field_stride;     // floats from one field to the next
    const float *weights; // 4 x weight_pitch: spline weights of each column
    int weight_pitch;
    int step;             // points of the grid from one lattice point to the next: 16, 8, 4, 2 or 1
    int phase_x, phase_z; // place of the grid's first point in its lattice cell, in points
    int columns, rows, pitch;
    int64_t x_m, z_m; // first lattice point
    uint32_t present; // bit of each field that is not zero everywhere; the others change nothing
    int spacing_m;
} LandformLattice;

Landform landform_make(uint64_t seed);

// Metres between the points of a grid.
int landform_unit_m(const LandformGrid *grid);
LandformPlan landform_plan(int level);

// Lays out (does not fill) the lattice of a grid in `scratch`; the grid's origin is a multiple of
// its own stride.
RESULT_MUST Result landform_lattice(const LandformGrid *grid, Arena *scratch, LandformLattice *out);
// The same filled lattice seen by every `stride`-th point of the grid (1 or 2), beginning at point (stride, stride);
// 2 is not for a step of 1.
RESULT_MUST Result landform_lattice_thin(const LandformLattice *lattice, int stride, int columns,
                                         Arena *scratch, LandformLattice *out);
// Spline weights of a point `phase` points into a cell of `step`.
void landform_weights(int step, int phase, float out[4]);
