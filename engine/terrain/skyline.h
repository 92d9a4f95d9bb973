// Purpose: how high the land around stands against the sky, for each texel of a chunk in eight directions.
// Owns: nothing; all lies in the job's scratch.
// Threads: any.
// Fails: skyline_gather returns a Result.
//
// Along each direction the land is sampled at distances that grow by a tenth to a third, each from heights as coarse as
// an eighth of the distance, up to 512 m, with crests raised by what samples miss of them; the steepest way up to a
// sample counts. All of it depends on the world position and the level only, so that neighbours agree where they meet.
#pragma once
#include "terrain/vista.h"
#include "world/chunk.h"
#include <stdbool.h>

#define SKYLINE_RINGS_MAX VISTA_WINDOWS_MAX
#define SKYLINE_PITCH 48 // texels of a row, padded

// Heights of one spacing around a chunk.
typedef struct SkylineRing {
    const float *heights_m;
    int pitch, margin;    // the first texel's cell is (margin, margin)
    int shift;            // texels of a cell: 1 << shift
    int stretch;          // columns of a cell: 1 << stretch; all its texels' or one
    int phase_x, phase_z; // place of the first texel in its cell, in texels
    bool nearest, farthest;
    float cell_m;
} SkylineRing;

typedef struct Skyline {
    SkylineRing rings[SKYLINE_RINGS_MAX];
    int count;
} Skyline;

// The rings of a chunk, near to far.
RESULT_MUST Result skyline_gather(Vista *vista, ChunkKey key, Arena *scratch, Skyline *out);
