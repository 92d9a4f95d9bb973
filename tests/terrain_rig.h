// Purpose: a world, its source and the scratch to read chunks with, for tests.
// Owns: all of it, on the heap.
// Threads: one.
// Fails: a failed assertion.
#pragma once
#include "terrain/terrain.h"

typedef struct TerrainRig {
    Terrain *terrain;
    Source source;
    Arena scratch;
    Chunk a, b; // room for what is read
} TerrainRig;

TerrainRig *terrain_rig_open(uint64_t seed, TerrainWidth width);
void terrain_rig_close(TerrainRig *rig);
void terrain_rig_read(TerrainRig *rig, ChunkKey key, Chunk *out);
