// Purpose: turns the wanted list into jobs and their results into staged tiles; each key at most once.
// Owns: tickets, result ring, job pool and the list of what is wanted; shares the table with residency and upload.
// Threads: all calls by the main thread; jobs touch only their own ticket, block and slots.
// Fails: create returns a Result; failed chunks are retried with back-off, then stay failed and are shown.
#pragma once
#include "base/job_pool.h"
#include "cache/mem_cache.h"
#include "profile/histogram.h"
#include "profile/ledger.h"
#include "stream/chunk_table.h"
#include "stream/lod_cache.h"
#include "stream/planner.h"
#include "stream/run_stats.h"
#include "stream/staging.h"
#include "world/source.h"

#define LOADER_ATTEMPTS_MAX 6
#define LOADER_BACKOFF_NS UINT64_C(250000000) // doubles with each attempt

// How many demand jobs may be in flight for each worker: about one tick of work, so that order stays fresh; in haste,
// when ticks may be long, twice as many.
#define LOADER_DEMAND_PER_WORKER 24u

typedef struct LoaderDesc {
    const Source *source; // borrowed, like all below
    const TileLayout *layouts;
    ChunkTable *table;
    MemCache *cache;
    LodCache *lod_cache;
    Staging *staging;
    RunStatsCounters *counters;
    int workers, nice;
    uint32_t queue_requests, queue_results;
} LoaderDesc;

// What a tick allows.
typedef struct LoaderLimits {
    int loads; // speculative jobs in flight
    int results_max;
    bool keep_data; // the LOD mesh cache is on
    bool hasty;     // many in flight, and chunks are read as sparsely as their wanted tiles allow
    bool refine;    // those are read again, in full, where a finer tile may be wanted next
    uint64_t now_ns;
} LoaderLimits;

typedef struct LoaderStats {
    uint32_t wanted, wanted_demand;
    uint32_t pending, pending_demand; // wanted and not yet in work
    uint32_t in_flight_demand, in_flight_speculative;
    uint32_t running; // chunks that a worker reads right now
    bool refining;    // chunks wait for their second read
    uint32_t results_depth;
    uint32_t failed; // gave up after LOADER_ATTEMPTS_MAX
} LoaderStats;

// A tile that waits for its upload.
typedef struct LoaderStaged {
    uint32_t entry;
    uint8_t mesh;
} LoaderStaged;

typedef struct Loader Loader;

RESULT_MUST Result loader_create(const LoaderDesc *desc, Loader **out);
// Cancels what is queued and the reads that run, waits for their end.
void loader_destroy(Loader *loader);

// Offers a new wanted list, to be taken over in parts; `wants` must stay until it is taken. None may be under way.
void loader_offer(Loader *loader, const PlannerWant *wants, uint32_t count);
// Takes over `max` wants of it; true when that was all. Until then jobs are made in the order of the list before; with
// the last part, queued jobs that nobody wants are cancelled and unwanted tiles go into the LOD cache.
bool loader_take(Loader *loader, uint32_t max, const LoaderLimits *limits);
bool loader_taking(const Loader *loader);
// Takes a list over at once, in place of one that is under way.
void loader_publish(Loader *loader, const PlannerWant *wants, uint32_t count,
                    const LoaderLimits *limits);
// Hands jobs to the workers as far as limits, slots and queues allow.
void loader_submit(Loader *loader, const LoaderLimits *limits);
// Takes up to limits->results_max finished jobs out of the ring; returns how many.
uint32_t loader_collect(Loader *loader, const LoaderLimits *limits);
// Commits what collect took: data ready, tiles staged. Notes its largest item in `pen` (NULL allowed).
void loader_apply(Loader *loader, const LoaderLimits *limits, LedgerPen *pen);

// Tiles to upload; upload removes them with loader_unstage, which keeps the order of the others.
const LoaderStaged *loader_staged(const Loader *loader, uint32_t *out_count);
void loader_unstage(Loader *loader, uint32_t index);

// Entry is being read or built by a worker right now.
bool loader_runs(const Loader *loader, uint32_t entry);
// Blocks until nothing is in flight, collecting results; for a world or context that goes, and tests.
void loader_drain(Loader *loader, const LoaderLimits *limits);
// Data of an entry was evicted by the cache.
void loader_forget(Loader *loader, ChunkKey key);
// Something that was wanted was lost: look through the wanted list again.
void loader_refresh(Loader *loader);
// Tests and the self-test: throws the next wanted result away.
void loader_drop_next(Loader *loader);
// Tests and the self-test: generates a ready chunk once more.
bool loader_duplicate_next(Loader *loader);

LoaderStats loader_stats(const Loader *loader);
JobPool *loader_pool(Loader *loader);
