// Purpose: the levels of detail: sizes, ranges, morph zone and the inequality that keeps seams closed.
// Owns: nothing.
// Threads: any.
// Fails: never; lod_ranges_valid says whether a set of ranges keeps the rule.
#pragma once
#include <stdbool.h>

// Levels of detail from fine to coarse: L0 L1 L2 are meshes of one 256 m chunk, R3-R7 are squares of 1-16 km.
#define LOD_COUNT 8
#define LOD_CHUNK_COUNT 3       // L0, L1, L2 share a chunk of level 0
#define LOD_RANGE_BASE_M 512.0f // distance at which L0 ends; doubles with each level
#define LOD_MORPH_START 0.86f   // morph begins at this part of a level's range
#define LOD_NEAR_QUANTUM_M (1.0f / 32.0f)
#define LOD_FAR_QUANTUM_M (1.0f / 4.0f) // from R5 up

// The three shared grid meshes: 128, 64 and 32 quads a side.
typedef enum LodGrid { LOD_GRID_128, LOD_GRID_64, LOD_GRID_32, LOD_GRID_COUNT } LodGrid;

// Distance in metres at which each level ends; at 0 or less the level is not drawn at all.
typedef struct LodRanges {
    float end_m[LOD_COUNT];
} LodRanges;

// Nominal ranges for quality scale `q` (0.8-1.3); the last one never shrinks.
LodRanges lod_ranges_nominal(float q);

// Where the morph of `lod` begins: LOD_MORPH_START of its end for q >= 0.983, later where the rule needs it.
float lod_morph_start_m(const LodRanges *ranges, int lod);

// The seam rule: end of the finer level + diagonal of the block that was refined <= morph start <= 0.98 of the end,
// for every level whose finer level is drawn.
bool lod_ranges_valid(const LodRanges *ranges);

// Lowers finer ranges until the rule holds; none that is drawn grows. A range that is not drawn waits below 0, where
// the coarser level's morph begins at its usual place: growing from there, no morph ever jumps.
LodRanges lod_ranges_clamp(LodRanges ranges);

// Level of the chunk key that holds `lod` (0, 0, 0, 2, 3, 4, 5, 6).
int lod_key_level(int lod);
// The single lod of a key level of 2 or more; L2 for level 0.
int lod_of_key_level(int level);
// Vertex spacing of `lod` in metres: 2 * 2^lod.
float lod_spacing_m(int lod);
// Side of the square that `lod` draws, in metres.
float lod_tile_m(int lod);
// Side of the block that is replaced as one when `lod` takes over from the next coarser level: the coarser tile
// (256 for L0 and L1, 1024 for L2, 2048 for R3 ...).
float lod_block_m(int lod);
LodGrid lod_grid(int lod);
int lod_grid_quads(LodGrid grid); // 128, 64, 32
// How often a tier (0-3) halves the quads of its meshes: 3, 1, 0, 0. Tiles and their maps stay as they are.
int lod_mesh_bias(int tier);
#define LOD_MESH_BIAS_MAX 3
// How much of its nominal length a range that was late gains a second, at a tier: no faster than a picture may change.
float lod_growth_per_s(int tier);
// Height step of `lod` in metres.
float lod_quantum_m(int lod);
