// Purpose: the procedural world of a seed: chunks of land as a pure function of their key.
// Owns: a Terrain, made once and never changed.
// Threads: create and destroy by one; the source's read by any at once.
// Fails: create and read return a Result.
#pragma once
#include "base/result.h"
#include "terrain/waters.h"
#include "world/source.h"

// Written into whatever keeps chunks: raised whenever the same seed gives other land.
#define TERRAIN_VERSION 9

// Most scratch bytes that one read takes.
#define TERRAIN_SCRATCH_BYTES (3u << 20)

// Most bytes that a Terrain takes: far land and rivers that are kept, and the ground.
#define TERRAIN_KEPT_BYTES (21u << 20)

// How many points are worked on at once; every width gives the same bits.
typedef enum TerrainWidth {
    TERRAIN_WIDTH_BEST, // the widest that this processor runs
    TERRAIN_WIDTH_SCALAR,
    TERRAIN_WIDTH_SSE2,
    TERRAIN_WIDTH_AVX2,
    TERRAIN_WIDTH_AVX512,
    TERRAIN_WIDTH_COUNT
} TerrainWidth;

typedef struct Terrain Terrain;

typedef struct TerrainDesc {
    uint64_t seed;
    TerrainWidth width; // 0: the best
    float snow_line_m;  // how much higher than on average snow and ice begin; -3000 to 3000
} TerrainDesc;

// RESULT_UNSUPPORTED when this build or processor lacks the width that was asked for.
RESULT_MUST Result terrain_create(const TerrainDesc *desc, Terrain **out);
void terrain_destroy(Terrain *terrain);

// Another season, as in TerrainDesc; while nobody reads. Heights stay; ice takes the shores of waters.
void terrain_set_snow_line(Terrain *terrain, float snow_line_m);

// The world as a source; it borrows `terrain`, its name too.
Source terrain_source(Terrain *terrain);

// The rivers and lakes of a rectangle, for whatever is to follow them; any thread.
RESULT_MUST Result terrain_waters(const Terrain *terrain, const WatersDesc *desc, Arena *arena,
                                  Waters *out);

// The widest that this build and processor can run.
TerrainWidth terrain_best_width(void);
bool terrain_width_supported(TerrainWidth width);
// "scalar", "sse2", "avx2", "avx512"; "best" for 0.
const char *terrain_width_name(TerrainWidth width);

// Benchmark B9: two octaves of domain warp and eight of noise at side x side points (side <= 4096)
// into `out`.
void terrain_noise(TerrainWidth width, uint64_t seed, int side, float *out);
