// Purpose: two octaves of warp and eight of noise on a square of points, a metre apart.
// Owns: nothing; its line lies on the stack.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/noise_lanes.h"

enum {
    NOISE_FIELD_WARPS = 2,
    NOISE_FIELD_OCTAVES = NOISE_FIELD_WARPS + 8,
    NOISE_FIELD_BLOCKS = 256 / TERRAIN_LANES,
};

// Up to 256 points in a line: few enough for the nearest cache.
typedef struct NoiseFieldLine {
    LanesF move_x[NOISE_FIELD_BLOCKS], move_z[NOISE_FIELD_BLOCKS], sum[NOISE_FIELD_BLOCKS];
    LanesI u[NOISE_FIELD_BLOCKS], v[NOISE_FIELD_BLOCKS];
} NoiseFieldLine;

static inline void noise_field_warp(const NoiseCursor *cursor, float reach, int blocks,
                                    NoiseFieldLine *line)
{
    for (int i = 0; i < blocks; i++) {
        NoiseSample n = noise_sample(cursor, i);
        line->move_x[i] += reach * n.slope_x;
        line->move_z[i] += reach * n.slope_z;
    }
}

// Two loops, for a block's work is one long chain: a processor that looks so far ahead sees little
// of the next block's.
static inline void noise_field_add(const NoiseCursor *cursor, float weight, int blocks,
                                   NoiseFieldLine *line)
{
    LanesI u = noise_u(cursor, 0), v = noise_v(cursor, 0);
    for (int i = 0; i < blocks; i++) {
        NoiseShift shift = noise_shift(cursor, line->move_x[i], line->move_z[i]);
        line->u[i] = u + shift.u;
        line->v[i] = v + shift.v;
        u += cursor->advance_u;
        v += cursor->advance_v;
    }
    for (int i = 0; i < blocks; i++)
        line->sum[i] += noise_value_times(cursor, line->u[i], line->v[i], weight);
}

// The values at the points of a line that begins at (x, z). Octave by octave, so that an octave's
// constants stay in registers; they are copies, which no store to the line can change.
static inline void noise_field_fill(const NoiseCursor cursors[NOISE_FIELD_OCTAVES], const int at[2],
                                    int blocks, NoiseFieldLine *line)
{
    size_t bytes = sizeof(LanesF) * (size_t)blocks;
    memset(line->move_x, 0, bytes);
    memset(line->move_z, 0, bytes);
    memset(line->sum, 0, bytes);
    for (int i = 0; i < NOISE_FIELD_OCTAVES; i++) {
        const NoiseOctave octave = *cursors[i].octave;
        NoiseCursor cursor = cursors[i];
        cursor.octave = &octave;
        noise_cursor_row(&cursor, at[0], at[1]);
        int wave = i - NOISE_FIELD_WARPS;
        if (wave < 0)
            noise_field_warp(&cursor, 1000.0f / (float)(1 + i), blocks, line);
        else
            noise_field_add(&cursor, 1.0f / (float)(1 << wave), blocks, line);
    }
}

static inline int noise_field_count(int left)
{
    const int most = NOISE_FIELD_BLOCKS * TERRAIN_LANES;
    return left < most ? left : most;
}

// TARGETS.md calls this B9; `out` holds side * side values. Rows as far as whole blocks reach, then
// the columns that are left, downwards: few points are computed for nobody.
static void noise_field(uint64_t seed, int side, float *out)
{
    NoiseOctave octaves[NOISE_FIELD_OCTAVES];
    NoiseCursor east[NOISE_FIELD_OCTAVES], south[NOISE_FIELD_OCTAVES];
    for (int i = 0; i < NOISE_FIELD_OCTAVES; i++) {
        int wave = i - NOISE_FIELD_WARPS;
        octaves[i] = noise_octave(seed, (uint32_t)i,
                                  wave < 0 ? 97.0f / (float)(1 + i) : 200.0f / (float)(1 << wave));
        east[i] = noise_cursor(&octaves[i], 1);
        south[i] = noise_cursor_south(&octaves[i], 1);
    }
    NoiseFieldLine line;
    int whole = side - side % TERRAIN_LANES;
    for (int z = 0; z < side; z++)
        for (int x = 0, count; x < whole; x += count) {
            count = noise_field_count(whole - x);
            noise_field_fill(east, (int[2]){x, z}, count / TERRAIN_LANES, &line);
            memcpy(out + (size_t)z * (size_t)side + x, line.sum, sizeof(float) * (size_t)count);
        }
    for (int x = whole; x < side; x++)
        for (int z = 0, count; z < side; z += count) {
            count = noise_field_count(side - z);
            noise_field_fill(south, (int[2]){x, z}, (count + TERRAIN_LANES - 1) / TERRAIN_LANES,
                             &line);
            for (int i = 0; i < count; i++)
                out[(size_t)(z + i) * (size_t)side + (size_t)x] = ((const float *)line.sum)[i];
        }
}
