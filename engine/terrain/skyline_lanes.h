// Purpose: the sweep over the rings of a skyline, TERRAIN_LANES texels at a time.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/lanes.h"
#include "terrain/skyline.h"

// Cells of a ring around a chunk, and of the farthest ring: one more than are looked at.
#define SKYLINE_NEAR 11
#define SKYLINE_FAR 41

// How many cells away the land is looked at, along the axes and, for each axis, along the diagonals; 0 ends a list.
#define SKYLINE_REACHES 10

typedef struct SkylineReach {
    int straight[SKYLINE_REACHES], diagonal[SKYLINE_REACHES];
} SkylineReach;

static const SkylineReach skyline_reach_nearest = {{1, 2, 3, 4, 5}, {1, 2, 3}};
static const SkylineReach skyline_reach_each = {{6, 7, 8, 9, 10}, {4, 5, 6, 7}};
static const SkylineReach skyline_reach_farthest = {{12, 14, 16, 18, 20, 22, 24, 28, 32, 40},
                                                    {8, 9, 10, 11, 12, 14, 17, 20, 24, 28}};

// North, then clockwise; x east, z south.
static const int skyline_ways[CHUNK_AZIMUTHS][2] = {{0, -1}, {1, -1}, {1, 0},  {1, 1},
                                                    {0, 1},  {-1, 1}, {-1, 0}, {-1, -1}};

typedef struct SkylineSweep {
    _Alignas(64) float ground_m[CHUNK_SKYLINE_SIDE * SKYLINE_PITCH];
    _Alignas(64) float steepest[CHUNK_SKYLINE_SIDE * SKYLINE_PITCH]; // rise over run
    _Alignas(64) float spread[(CHUNK_SKYLINE_SIDE + 2) * SKYLINE_PITCH];
    int cell[SKYLINE_PITCH]; // of each texel of a row in a ring, and how far on it lies
    float part[SKYLINE_PITCH];
} SkylineSweep;

static inline void skyline_columns(const SkylineRing *ring, SkylineSweep *s)
{
    const float width = 1.0f / (float)(1 << ring->shift);
    for (int i = 0; i < SKYLINE_PITCH; i++) {
        int at = (i < CHUNK_SKYLINE_SIDE ? i : CHUNK_SKYLINE_SIDE - 1) + ring->phase_x;
        s->cell[i] = at >> ring->shift;
        s->part[i] = (float)(at - (s->cell[i] << ring->shift)) * width;
    }
}

// Each texel's height among the cells that begin at `from`, across: one row for each row of cells.
static inline void skyline_spread(const SkylineRing *ring, const float *from, SkylineSweep *s)
{
    int rows = ((CHUNK_SKYLINE_SIDE - 1 + ring->phase_z) >> ring->shift) + 2;
    for (int j = 0; j < rows; j++, from += ring->pitch)
        for (int i = 0; i < CHUNK_SKYLINE_SIDE; i++) {
            const float *at = from + s->cell[i];
            s->spread[j * SKYLINE_PITCH + i] = at[0] + (at[1] - at[0]) * s->part[i];
        }
}

// Raises row `row` to the heights of far land: those at `north`, and `part` of the way on to those at `south`.
static inline void skyline_raise(SkylineSweep *s, int row, const float *north, const float *south,
                                 float part, float per_m)
{
    float *ground = s->ground_m + row * SKYLINE_PITCH, *best = s->steepest + row * SKYLINE_PITCH;
    for (int i = 0; i < CHUNK_SKYLINE_SIDE; i += TERRAIN_LANES) {
        LanesF far = lanes_load(north + i);
        far += (lanes_load(south + i) - far) * part;
        LanesF rise = (far - lanes_load(ground + i)) * per_m;
        lanes_store(best + i, lanes_max(lanes_load(best + i), rise));
    }
}

// Takes land (x, z) cells away into account: each texel's height between four samples, first across, then down. The
// earth's curve is left out: in 20 km it takes half a byte's step.
static inline void skyline_look(const SkylineRing *ring, int x, int z, SkylineSweep *s)
{
    const float *from = ring->heights_m + (ring->margin + z) * ring->pitch;
    int pitch = ring->pitch;
    from += (ring->margin + x) * (1 << ring->stretch);
    if (ring->shift > ring->stretch) {
        skyline_spread(ring, from, s);
        from = s->spread;
        pitch = SKYLINE_PITCH;
    }
    const float per_m = 1.0f / (ring->cell_m * __builtin_sqrtf((float)(x * x + z * z)));
    const float width = 1.0f / (float)(1 << ring->shift);
    for (int j = 0; j < CHUNK_SKYLINE_SIDE; j++) {
        int at = j + ring->phase_z, row = at >> ring->shift;
        float part = (float)(at - (row << ring->shift)) * width;
        skyline_raise(s, j, from + row * pitch, from + (row + 1) * pitch, part, per_m);
    }
}

static inline void skyline_reach(const SkylineRing *ring, const SkylineReach *reach, int azimuth,
                                 SkylineSweep *s)
{
    const int *cells = azimuth % 2 == 0 ? reach->straight : reach->diagonal;
    const int *way = skyline_ways[azimuth];
    for (int i = 0; i < SKYLINE_REACHES && cells[i] > 0; i++)
        skyline_look(ring, way[0] * cells[i], way[1] * cells[i], s);
}

// Puts the sines of the steepest rises into one byte of each texel.
static inline void skyline_write(const SkylineSweep *s, int byte, uint32_t *out)
{
    int32_t values[SKYLINE_PITCH];
    for (int j = 0; j < CHUNK_SKYLINE_SIDE; j++) {
        for (int i = 0; i < SKYLINE_PITCH; i += TERRAIN_LANES) {
            LanesF rise = lanes_load(s->steepest + j * SKYLINE_PITCH + i);
            LanesF sine = rise / lanes_sqrt(1.0f + rise * rise);
            sine = lanes_min(sine * (255.0f / CHUNK_SKYLINE_SINE), lanes_set(255.0f));
            LanesI value = lanes_round(sine);
            memcpy(values + i, &value, sizeof value);
        }
        for (int i = 0; i < CHUNK_SKYLINE_SIDE; i++)
            out[j * CHUNK_SKYLINE_SIDE + i] |= (uint32_t)values[i] << (8 * byte);
    }
}

static inline void skyline_sweep(const Skyline *skyline,
                                 uint32_t out[2][CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE])
{
    SkylineSweep s;
    memset(s.spread, 0, sizeof s.spread);
    const SkylineRing *near = &skyline->rings[0];
    for (int j = 0; j < CHUNK_SKYLINE_SIDE; j++)
        memcpy(s.ground_m + j * SKYLINE_PITCH,
               near->heights_m + (near->margin + j) * near->pitch + near->margin,
               sizeof(float) * SKYLINE_PITCH);
    memset(out, 0, sizeof(uint32_t) * 2 * CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE);
    for (int azimuth = 0; azimuth < CHUNK_AZIMUTHS; azimuth++) {
        memset(s.steepest, 0, sizeof s.steepest);
        for (int k = 0; k < skyline->count; k++) {
            const SkylineRing *ring = &skyline->rings[k];
            if (ring->shift > ring->stretch)
                skyline_columns(ring, &s);
            if (ring->nearest)
                skyline_reach(ring, &skyline_reach_nearest, azimuth, &s);
            skyline_reach(ring, &skyline_reach_each, azimuth, &s);
            if (ring->farthest)
                skyline_reach(ring, &skyline_reach_farthest, azimuth, &s);
        }
        skyline_write(&s, azimuth % 4, out[azimuth / 4]);
    }
}
