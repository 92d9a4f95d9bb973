// Purpose: the meshes that should be resident, most urgent first; a new plan takes the old one's place in parts.
// Owns: its lists, from create; writes what the table's meshes say of who wants them.
// Threads: the main thread.
// Fails: create returns a Result; a full table leaves the least urgent wants out and counts them.
#pragma once
#include "base/arena.h"
#include "stream/chunk_table.h"
#include "stream/lod_cache.h"
#include "stream/planner.h"
#include "stream/run_stats.h"

// A wanted mesh by place.
typedef struct WantedMesh {
    uint32_t entry;
    uint8_t mesh;
} WantedMesh;

typedef struct Wanted {
    ChunkTable *table; // borrowed, like the two below
    LodCache *lod_cache;
    RunStatsCounters *counters;
    Arena lists; // holds the arrays below
    WantedMesh *meshes, *next, *pending;
    uint32_t count, next_count, pending_count;
    uint32_t demand, next_demand;
    const PlannerWant *offer; // of the plan that is being taken over
    uint32_t offer_count, taken;
    uint32_t plan;
    bool taking;  // a plan is being taken over
    bool refresh; // something that is wanted was lost: pending is to be made anew
} Wanted;

RESULT_MUST Result wanted_create(ChunkTable *table, LodCache *lod_cache, RunStatsCounters *counters,
                                 Wanted *out);
void wanted_destroy(Wanted *wanted);

// Begins to take over a plan; `wants` must stay until it is taken. None may be under way.
void wanted_begin(Wanted *wanted, const PlannerWant *wants, uint32_t count);
// Takes over `max` wants of it: their meshes say at once what the new plan says of them, the list and its order are the
// old ones. True with the last: then the list is the new one, and tiles that it does not want lie in the LOD cache
// (`keep_data`) or are free.
bool wanted_take(Wanted *wanted, uint32_t max, bool keep_data);
// Ends it here, if one is under way: what was taken is the list, until the next plan.
void wanted_end(Wanted *wanted, bool keep_data);
// Makes `pending` anew when something was lost: what is wanted and absent, most urgent first.
void wanted_update_pending(Wanted *wanted);
