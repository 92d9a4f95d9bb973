// Purpose: the one authority on every chunk: its data, its meshes, who wants them; each transition is checked.
// Owns: the entries and their index, from create.
// Threads: the main thread.
// Fails: create returns a Result; insert refuses when full; a wrong transition asserts.
#pragma once
#include "base/key_index.h"
#include "mesh/lod_select.h"
#include "stream/frame_stats.h"
#include "world/chunk.h"

#define CHUNK_TABLE_NONE KEY_INDEX_NONE
#define CHUNK_TABLE_MESHES 3 // L0, L1, L2 of a level-0 chunk; only [0] of the others

// Why a mesh is wanted. Demand comes first, the lobe before the ring.
typedef enum ChunkWant {
    CHUNK_WANT_NONE,
    CHUNK_WANT_DEMAND,
    CHUNK_WANT_LOBE, // ahead of the moving eye
    CHUNK_WANT_RING, // around the eye, whatever its direction
    CHUNK_WANT_COUNT
} ChunkWant;

typedef struct ChunkMesh {
    uint8_t state; // FrameStatsMesh
    uint8_t want;  // ChunkWant
    bool cached;   // resident, wanted by nobody, kept in the LOD mesh cache's list
    bool soon;     // as PlannerWant's
    uint32_t plan; // number of the last plan that wanted it
    float priority;
    uint32_t layer;        // valid while RESIDENT
    uint32_t slot;         // valid while BUILDING or STAGED
    uint32_t older, newer; // neighbours in the list of cached meshes
    uint64_t submitted_ns;
    LodTile tile;
} ChunkMesh;

typedef struct ChunkEntry {
    ChunkKey key;
    Chunk *chunk; // block of the memory cache while READY or being read
    uint8_t data; // FrameStatsData
    uint8_t attempts;
    uint8_t tickets; // jobs that use this entry now
    uint8_t serves;  // finest mesh that its data suffice for; 0 but while they are sparse
    bool was_sparse; // data were given up for a read in full, which is still to come
    bool speculative_lobe, speculative_ring; // its data was generated ahead, for which reason
    bool counted_used;                       // and it has entered the view square since
    bool ever_resident;
    uint32_t parent;       // entry of the coarser chunk; CHUNK_TABLE_NONE at the top
    uint8_t child_entries; // entries that name this one as parent
    uint8_t
        ready_children; // and those of them that show their coarsest mesh: 16 or 4 replace this tile
    uint32_t next_free;
    uint64_t retry_ns; // no read before this; in the past unless the last one failed
    ChunkMesh meshes[CHUNK_TABLE_MESHES];
} ChunkEntry;

typedef struct ChunkTable ChunkTable;

typedef struct ChunkTableStats {
    uint32_t capacity, count;
    uint32_t data_states[FRAME_STATS_DATA_COUNT];
    uint32_t mesh_states[FRAME_STATS_MESH_COUNT];
    uint64_t refused;
} ChunkTableStats;

RESULT_MUST Result chunk_table_create(uint32_t capacity, ChunkTable **out);
void chunk_table_destroy(ChunkTable *table);

// Index of the entry or CHUNK_TABLE_NONE.
uint32_t chunk_table_find(const ChunkTable *table, ChunkKey key);
// Finds or makes an entry (all ABSENT) and those of its ancestors; CHUNK_TABLE_NONE when full.
uint32_t chunk_table_insert(ChunkTable *table, ChunkKey key);
// Removes an entry that nothing uses: data ABSENT or FAILED, meshes ABSENT, no tickets, no children.
void chunk_table_remove(ChunkTable *table, uint32_t index);
// Looks at the next `count` places, round and round, and removes the entries that nothing uses; returns how many.
uint32_t chunk_table_sweep(ChunkTable *table, uint32_t count);
ChunkEntry *chunk_table_entry(ChunkTable *table, uint32_t index);
const ChunkEntry *chunk_table_peek(const ChunkTable *table, uint32_t index);
// True when every child of the entry is resident at the next finer level, so that they may replace it.
bool chunk_table_children_ready(const ChunkEntry *entry);
bool chunk_table_unused(const ChunkEntry *entry);
// Slot in use at `index`? For sweeps over 0 .. capacity - 1.
bool chunk_table_live(const ChunkTable *table, uint32_t index);

void chunk_table_set_data(ChunkTable *table, ChunkEntry *entry, FrameStatsData state);
void chunk_table_set_mesh(ChunkTable *table, ChunkEntry *entry, int mesh, FrameStatsMesh state);
ChunkTableStats chunk_table_stats(const ChunkTable *table);

// Mesh number of a lod inside its entry: 0, 1, 2 for L0-L2; 0 for the rings.
int chunk_table_mesh_of(int lod);
// The lod of mesh number `mesh` in a chunk of `level`.
int chunk_table_lod_of(int level, int mesh);
// Meshes of a chunk: 3 of level 0, else 1.
int chunk_table_meshes_of(int level);
