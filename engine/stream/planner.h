// Purpose: the whole list of what should be resident, most urgent first, from where the eye is and will be.
// Owns: its two lists, from create.
// Threads: the main thread; pure apart from its own lists.
// Fails: create returns a Result; wants beyond a grid's capacity are left out, the least urgent first, and counted.
#pragma once
#include "base/result.h"
#include "stream/chunk_table.h"
#include "world/chunk_key.h"
#include "world/lod.h"

#define PLANNER_WANTS_MAX 8192
#define PLANNER_STEPS 3
#define PLANNER_SLACK_M 32.0 // least slack
#define PLANNER_ROOT_RING_M                                                                        \
    56000.0 // coarsest tiles kept around the view, so that a 50 km jump lands on ground
#define PLANNER_LOBE_CHUNKS_MAX 256
// How long before a finer mesh of a chunk may be wanted ahead of time its data should be there in full.
#define PLANNER_SOON_M 128.0
// Faster than this the plain ring is left out: what will be seen is ahead, what was seen is in the LOD cache.
#define PLANNER_RING_SPEED_M_S 50.0
// How much earlier than needed a tile is made: more when fast, never more than twice.
#define PLANNER_MARGIN_M 256.0

// Urgency is the whole part of a priority; lower is sooner.
typedef enum PlannerClass {
    PLANNER_CLASS_ROOT, // the coarsest ring: something everywhere
    PLANNER_CLASS_SQUARE, // the view square, and before each part of it the tiles between it and that ring
    PLANNER_CLASS_REFINE, // everything else that is drawn
    PLANNER_CLASS_LOBE,
    PLANNER_CLASS_RING,
    PLANNER_CLASS_COUNT
} PlannerClass;

typedef struct PlannerInput {
    double eye_m[3];
    double predicted_m[3];
    double velocity_m_s[3];
    double lead_s;
    double
        slack_m; // how far the eye may move until the next plan holds: PLANNER_SLACK_M to PLANNER_MARGIN_M
    float agl_m;
    int view_chunks, prefetch_chunks;
    LodRanges nominal;
    int root_lod;
    int sparse_lod;                    // finest of 1, 2 that sparse data suffice for; 0: none
    bool prefetch;                     // ring, lobe and margins
    uint32_t capacity[LOD_GRID_COUNT]; // layers
} PlannerInput;

typedef struct PlannerWant {
    ChunkKey key;
    float priority; // PlannerClass + part in [0, 1)
    uint8_t lod;
    uint8_t want; // ChunkWant
    bool soon;    // L2: a mesh that sparse data do not suffice for may be wanted next
} PlannerWant;

typedef struct PlannerStats {
    uint32_t wants, demand, lobe, ring;
    uint32_t left_out[LOD_GRID_COUNT]; // over capacity
    uint32_t overflow;                 // over PLANNER_WANTS_MAX
} PlannerStats;

typedef struct Planner Planner;

RESULT_MUST Result planner_create(Planner **out);
void planner_destroy(Planner *planner);

// A plan is made in PLANNER_STEPS steps, so that no tick bears it whole: this begins one, in place of any under way.
void planner_begin(Planner *planner, const PlannerInput *input);
// The next step. True with the last: then the wants are there.
bool planner_step(Planner *planner);
// Wants sorted by priority, valid until the next plan begins.
const PlannerWant *planner_wants(const Planner *planner, PlannerStats *out_stats);
// All steps at once.
const PlannerWant *planner_update(Planner *planner, const PlannerInput *input,
                                  PlannerStats *out_stats);

// Layers of each grid that a view needs, lobe and margins included: the capacity check at start.
void planner_capacity(int view_chunks, int prefetch_chunks, const LodRanges *nominal, int root_lod,
                      uint32_t out[LOD_GRID_COUNT]);
