// Purpose: rivers and lakes of a rectangle as lines in world metres, from the skeleton that chunks are made from.
// Owns: nothing; the lines lie in the caller's arena.
// Threads: any.
// Fails: waters_make returns RESULT_LIMIT for too large a rectangle, RESULT_OUT_OF_MEMORY when the arena is full.
//
// The skeleton's links are straight; land is bent on its way to them. So the way back is looked for: the place of each
// of a line's points among the rivers is known, and the point of the rectangle that lies there is found step by step.
#pragma once
#include "terrain/terrain_kernel.h"

// A rectangle is at most this many samples of its level long: 1 km at level 0, 8 km at level 3, 65 km at level 6.
#define WATERS_SIDE_MAX 512
// Samples from one point of a line to the next, about.
#define WATERS_STEP 4

typedef struct WatersDesc {
    int64_t x_m, z_m; // north-west corner
    int32_t width_m, depth_m;
    int level; // of the chunks whose water is asked for: coarse ones lack brooks and bends
} WatersDesc;

// Where a line's water goes, if not into another line.
#define WATERS_SEA (-1)
#define WATERS_OUTSIDE (-2) // the rectangle
#define WATERS_NOWHERE (-3) // a lake without a river from it, or a brook that seeps away

// Among dunes sand hides rivers whose half_m is under 4 to 8: they are listed, and not drawn.
typedef struct WatersPoint {
    float x_m, z_m; // from the north-west corner
    float level_m;  // of the water's surface, as the level's chunks show it
    float half_m;   // half the width of a river; 0 on a shore
    // Metres into the water: half_m, or more within other water; less than 0 where a lower valley beside leaves its bed
    // dry, or samples beside it miss a brook.
    float shore_m;
} WatersPoint;

// A river down to where another one takes its water, or the closed shore of a lake, cut off at the rectangle's sides.
typedef struct WatersLine {
    int first, count; // points, one at least
    int order;        // 1 for brooks to RIVER_ORDER_MAX; 0: a lake
    int down;         // line that takes the water, or WATERS_*
    int down_point;   // of all points: where it does; -1 without a line
} WatersLine;

typedef struct Waters {
    WatersPoint *points;
    WatersLine *lines;
    int point_count, line_count;
} Waters;

// The rectangle's corner and sides are multiples of the level's spacing. The same lines whatever the kernel's width.
// Terrain's terrain_waters is the door to it.
RESULT_MUST Result waters_make(const Landform *landform, const TerrainKernel *kernel,
                               const WatersDesc *desc, Arena *arena, Waters *out);
