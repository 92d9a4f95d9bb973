#include "world/chunk_key.h"
#include <assert.h>
#include <math.h>

static bool level_in_use(int level)
{
    return level >= 0 && level <= CHUNK_KEY_LEVEL_MAX && level != 1;
}

static bool coordinate_in_range(int64_t value)
{
    return value > -CHUNK_KEY_COORD_MAX && value < CHUNK_KEY_COORD_MAX;
}

static bool key_valid(ChunkKey key)
{
    return level_in_use(key.level) && coordinate_in_range(key.x) && coordinate_in_range(key.z);
}

// floor(value / side); a side is a power of two, so that the quotient is exact before the floor.
static int64_t floor_units(double value_m, int64_t side_m)
{
    double units = floor(value_m / (double)side_m);
    assert(fabs(units) < (double)CHUNK_KEY_COORD_MAX);
    return (int64_t)units;
}

int64_t chunk_key_side_m(int level)
{
    assert(level >= 0 && level <= CHUNK_KEY_LEVEL_MAX);
    return INT64_C(256) << level;
}

ChunkKey chunk_key_at(int level, double x_m, double z_m)
{
    assert(level_in_use(level));
    int64_t side_m = chunk_key_side_m(level);
    return (ChunkKey){floor_units(x_m, side_m), floor_units(z_m, side_m), level};
}

ChunkKey chunk_key_parent(ChunkKey key)
{
    assert(key_valid(key) && key.level < CHUNK_KEY_LEVEL_MAX);
    // gcc and clang shift negative numbers arithmetically, which is the floor.
    int shift = key.level == 0 ? 2 : 1;
    return (ChunkKey){key.x >> shift, key.z >> shift, key.level + shift};
}

int chunk_key_children_side(int level)
{
    assert(level_in_use(level) && level >= 2);
    return level == 2 ? 4 : 2;
}

ChunkKey chunk_key_child(ChunkKey key, int i, int j)
{
    assert(key_valid(key));
    int side = chunk_key_children_side(key.level);
    assert(i >= 0 && i < side && j >= 0 && j < side);
    ChunkKey child = {key.x * side + i, key.z * side + j, key.level == 2 ? 0 : key.level - 1};
    assert(key_valid(child));
    return child;
}

// How far `value` lies outside [low, high].
static double outside_m(double value_m, double low_m, double high_m)
{
    // Comparisons, not fmax: without NaN to think of they stay in line.
    double below_m = low_m - value_m, above_m = value_m - high_m;
    double out_m = below_m > above_m ? below_m : above_m;
    return out_m > 0.0 ? out_m : 0.0;
}

double chunk_key_distance_m(ChunkKey key, double x_m, double z_m)
{
    assert(key_valid(key));
    double side_m = (double)chunk_key_side_m(key.level);
    double x_low_m = (double)key.x * side_m, z_low_m = (double)key.z * side_m;
    double dx_m = outside_m(x_m, x_low_m, x_low_m + side_m);
    double dz_m = outside_m(z_m, z_low_m, z_low_m + side_m);
    return sqrt(dx_m * dx_m + dz_m * dz_m);
}
