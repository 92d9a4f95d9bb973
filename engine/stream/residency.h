// Purpose: what may be drawn: ranges that shrink at once when tiles are late and grow smoothly; holes and completeness.
// Owns: nothing; a plain value.
// Threads: the main thread.
// Fails: never.
#pragma once
#include "stream/chunk_table.h"
#include "stream/loader.h"
#include "world/lod.h"

#define RESIDENCY_MARGIN_M 1.0f

typedef struct ResidencyInput {
    double eye_m[3];
    double velocity_m_s[3];
    float agl_m;
    LodRanges nominal;
    int root_lod;
    int view_chunks;
    double dt_s;
    float growth_per_s; // of a level's nominal range
    bool snap;          // grow at once: cold start and teleport, until the view is complete
} ResidencyInput;

typedef struct Residency {
    LodRanges effective;
    float ready_m
        [LOD_COUNT]; // distance of the nearest block that is not wholly resident; infinite when none is missing
    uint32_t missing;  // view-square chunks neither resident (any level) nor running
    uint32_t holes;    // and those without even an ancestor
    bool square_ready; // every chunk of the view square resident
    bool complete;     // and every range as far as its nominal end
    bool sharp; // chunk under the eye and the next 4 along the velocity at their nominal level
} Residency;

void residency_update(Residency *residency, const ResidencyInput *input, const ChunkTable *table,
                      const Loader *loader);

// The resident tile of (key, lod) or NULL.
const LodTile *residency_find(const ChunkTable *table, ChunkKey key, int lod);
