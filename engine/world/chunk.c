#include "world/chunk.h"
#include <assert.h>
#include <stddef.h>

static_assert(CHUNK_SAMPLES + CHUNK_APRON <= CHUNK_STRIDE - CHUNK_APRON, "columns hold the apron");
static_assert(CHUNK_SAMPLES + 2 * CHUNK_APRON <= CHUNK_ROWS, "rows hold the apron");

// Position along one side in samples, 0 .. 128.
static double samples_from(double point_m, int64_t unit, int level)
{
    double low_m = (double)unit * (double)chunk_key_side_m(level);
    double samples = (point_m - low_m) / (double)chunk_spacing_m(level);
    assert(samples >= 0.0 && samples <= CHUNK_SAMPLES - 1);
    return samples;
}

float chunk_height_at_m(const Chunk *chunk, double x_m, double z_m)
{
    assert(chunk != NULL);
    double u = samples_from(x_m, chunk->key.x, chunk->key.level);
    double v = samples_from(z_m, chunk->key.z, chunk->key.level);
    int i = (int)u, j = (int)v; // on the far edges the apron holds i + 1 and j + 1
    float s = (float)(u - i), t = (float)(v - j);
    float north_west = chunk_height_m(chunk, i, j), north_east = chunk_height_m(chunk, i + 1, j);
    float south_west = chunk_height_m(chunk, i, j + 1);
    float south_east = chunk_height_m(chunk, i + 1, j + 1);
    float north = north_west + (north_east - north_west) * s;
    float south = south_west + (south_east - south_west) * s;
    return north + (south - north) * t;
}
