// Purpose: turns a chunk into the bytes of one tile: heights with the coarser level beside, normals, light, colour.
// Owns: nothing.
// Threads: any; pure. The output may be write-combined memory: it is written in order and never read.
// Fails: never.
#pragma once
#include "base/arena.h"
#include "world/chunk.h"
#include "world/tile.h"

// The surface's third byte is the part of the sky that is seen: what the skyline leaves of it, times a share judged by
// how the ground bends within one and two samples: 217 (0.85) on even ground, down to 64 in pits, up to 255 on ridges.
// The fourth is free: 255.

// Builds the tile of `lod` (its key level is chunk->key.level) into `out`, layout->bytes long.
// `scratch` needs TILE_BUILD_SCRATCH_BYTES.
#define TILE_BUILD_SCRATCH_BYTES (512u * 1024u)
void tile_build(const Chunk *chunk, int lod, const TileLayout *layout, Arena *scratch,
                uint8_t *out);
