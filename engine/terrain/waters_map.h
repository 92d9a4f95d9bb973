// Purpose: where the samples of a rectangle lie among the rivers, the way back, and the rivers there.
// Owns: nothing; all lies in the caller's arena.
// Threads: any.
// Fails: waters_map returns RESULT_OUT_OF_MEMORY when the arena is full.
#pragma once
#include "terrain/terrain_kernel.h"
#include "terrain/waters.h"
#include <stdbool.h>

typedef struct WatersMap {
    float *x, *z;              // metres from the corner
    float *level_m;            // heights: of the water, where there is some
    float *lie, *shore, *half; // as ReliefRows has them
    int columns, rows, pitch;
    float unit_m;
    RiverBox box; // of all places
    RiverNet net; // anchored at the corner
} WatersMap;

RESULT_MUST Result waters_map(const Landform *landform, const TerrainKernel *kernel,
                              const WatersDesc *desc, Arena *arena, WatersMap *out);

// Moves `inout`, samples from the corner, to what lies at `place`; `near`: it is not far from there. Beyond the
// rectangle the land is taken to be as displaced as at its side. False: found no way there.
bool waters_map_find(const WatersMap *map, const float place[2], bool near, float inout[2]);

bool waters_map_holds(const WatersMap *map, const float at[2]);

// A value of the map between its samples.
float waters_map_between(const WatersMap *map, const float *from, const float at[2]);
