// Purpose: table, caches, staging, null sink and loader over a fake world, small enough to make in each test.
// Owns: all of them between start and stop; the world is the rig's as well.
// Threads: one.
// Fails: asserts when something cannot be made.
#pragma once
#include "fake_world.h"
#include "stream/loader.h"
#include "stream/null_sink.h"
#include "stream/upload.h"

#define STREAM_RIG_WANTS 1024

// Zero means the default that is named.
typedef struct StreamRigDesc {
    int workers;                     // 2
    uint32_t queue;                  // 256
    uint32_t blocks;                 // 256
    uint32_t entries;                // 1024
    uint32_t slots[LOD_GRID_COUNT];  // 32, 64, 128
    uint32_t layers[LOD_GRID_COUNT]; // 64, 256, 256
    bool full_maps;                  // else of half size, as at tiers 0 and 1
    Result (*read_sparse)(void *object, ChunkKey key, Arena *scratch, const atomic_bool *cancelled,
                          Chunk *out); // of the source; its object is the fake world
} StreamRigDesc;

typedef struct StreamRig {
    FakeWorld *world;
    Source source;
    NullSink *null_sink;
    GpuSink sink;
    TileLayout layouts[LOD_GRID_COUNT];
    ChunkTable *table;
    MemCache *cache;
    LodCache *lod_cache;
    Staging *staging;
    Loader *loader;
    RunStatsCounters counters;
    Histogram serve, latency;
    LoaderLimits limits; // 8 loads, 64 results, data kept, time 1 s
    PlannerWant wants[STREAM_RIG_WANTS];
    uint32_t want_count;
    bool soon; // of L2 wants from now on
} StreamRig;

// A rig of the heap, but of no counted one.
StreamRig *stream_rig_create(const StreamRigDesc *desc);
// Opens the gate of the world if it is shut.
void stream_rig_destroy(StreamRig *rig);

// The list of wants under construction; most urgent first.
void stream_rig_want(StreamRig *rig, ChunkKey key, int lod, ChunkWant want, float priority);
// `count` chunks eastwards from (x, z) at L2, each a little less urgent than the one before.
void stream_rig_want_row(StreamRig *rig, int64_t x, int64_t z, uint32_t count, ChunkWant want);
// Publishes the list and begins a new one.
void stream_rig_publish(StreamRig *rig);

// Collect, apply, submit, as in a tick.
void stream_rig_step(StreamRig *rig);
// All staged tiles that find a layer; the slots are free again at once.
UploadStats stream_rig_upload(StreamRig *rig);
UploadContext stream_rig_context(StreamRig *rig);
// Steps and uploads until nothing is pending or in flight; false after 10 s.
bool stream_rig_settle(StreamRig *rig);
bool stream_rig_resident(const StreamRig *rig, ChunkKey key, int lod);
// All slots free, no block pinned, nothing in flight.
bool stream_rig_idle(const StreamRig *rig);
