// Purpose: walks the quadtree from the coarsest ring and picks the tiles to draw, culled by frustum and horizon.
// Owns: the pick array and the culling bins, from create.
// Threads: one.
// Fails: create returns a Result; picks beyond the capacity are counted and not drawn.
#pragma once
#include "base/result.h"
#include "mesh/horizon_cull.h"
#include "world/chunk_key.h"
#include "world/lod.h"
#include "world/view.h"

#define LOD_SELECT_PICKS_MAX 2048

// What is known of a resident tile.
typedef struct LodTile {
    float min_m, max_m; // of the ground, own and coarser heights
    float base_m;
    uint32_t layer;
    bool fresh; // fresh water shows in it
} LodTile;

typedef struct LodPick {
    ChunkKey key;
    int lod;
    float distance_m; // nearest point of the square, with the eye's height above ground
    LodTile tile;
} LodPick;

typedef struct LodSelectInput {
    const ViewFrame *frame;
    LodRanges ranges;  // effective
    LodRanges nominal; // to count late tiles
    int root_lod;      // 7, or 6 when the last ring is dropped
    bool without_frustum, without_horizon;
    void *object;
    // The resident tile of (key, lod), or NULL. Borrowed until the next call.
    const LodTile *(*find)(void *object, ChunkKey key, int lod);
} LodSelectInput;

typedef struct LodSelectStats {
    uint32_t picked[LOD_COUNT];
    uint32_t picked_total;
    uint32_t culled_frustum; // squares of any level, each with all below it
    uint32_t culled_horizon; // tiles
    uint32_t late;           // picked (visible) tiles coarser than their nominal level
    uint32_t holes;          // root squares in range without any tile
    uint32_t overflow;
} LodSelectStats;

typedef struct LodSelect LodSelect;

RESULT_MUST Result lod_select_create(LodSelect **out);
void lod_select_destroy(LodSelect *select);

// Picks are sorted front to back to within 1/64 of their distance and valid until the next run.
// `*out_count` <= LOD_SELECT_PICKS_MAX.
const LodPick *lod_select_run(LodSelect *select, const LodSelectInput *input, int *out_count,
                              LodSelectStats *out_stats);

// The distance that selection and morph use: sqrt(plane distance squared + height above ground squared).
float lod_select_distance_m(ChunkKey key, const ViewFrame *frame);
