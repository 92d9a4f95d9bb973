// Purpose: the stream as a whole: plans, loads, uploads, evicts and says what may be drawn, step by step in a tick.
// Owns: table, caches, staging, loader, planner, predictor, throttle and residency; borrows source, sink and run.
// Threads: the main thread.
// Fails: create returns a Result with a text; the steps never fail.
#pragma once
#include "profile/ledger.h"
#include "stream/fault.h"
#include "stream/gpu_sink.h"
#include "stream/loader.h"
#include "stream/predictor.h"
#include "stream/residency.h"
#include "stream/run_stats.h"
#include "stream/throttle.h"
#include "stream/upload.h"

typedef struct StreamerDesc {
    const Source *source;
    const GpuSink *sink;
    RunStats *run;
    int view_chunks, prefetch_chunks;
    int workers; // resolved, 1-64
    uint32_t queue_requests, queue_results;
    uint64_t ram_ceiling_bytes, vram_ceiling_bytes;
    GpuSinkNeeds needs; // of sink and source; count towards both ceilings
    int map_shift;      // 1: half-size maps
    int root_lod;       // 7 or 6
    float quality;      // the most that a tick may ask for
    float growth_per_s; // of late ranges, as residency.h
    ThrottleDesc throttle;
    bool (*stop)(void *object); // ends the wait for the first ring; NULL: never
    void *stop_object;          // borrowed
} StreamerDesc;

// Of one tick.
typedef struct StreamerTick {
    uint64_t tick;
    double eye_m[3];
    float agl_m;
    double dt_s;        // 0 while paused: the eye's clock
    double time_scale;  // seconds of that clock in a real one
    double stream_dt_s; // of ranges and throttle, which go on in a pause
    float quality;
    bool prefetch, keep_data, unlimited_upload, throttle_off; // features
    int results_max;
    double upload_ms;
    uint32_t upload_count;
} StreamerTick;

typedef struct Streamer Streamer;

// Starts the sink and the workers.
RESULT_MUST Result streamer_create(const StreamerDesc *desc, Streamer **out, ResultText *text);
void streamer_destroy(Streamer *streamer);

// Before the first tick and after tiles were forgotten. Prepares the sink for a first picture while the workers begin,
// then waits for the coarsest ring and the ground below the eye, 3 s at most, and until the cache is resident; all of
// it no longer than `stop` allows. Fails where the sink does.
RESULT_MUST Result streamer_first_ring(Streamer *streamer, const StreamerTick *tick,
                                       ResultText *text);

// In a tick that draws: one step of what the sink's first picture could do without, once nothing is missing or nothing
// more is coming.
void streamer_prepare_later(Streamer *streamer);

// The steps of a tick in this order; each notes its items in the open row of `pen`.
void streamer_plan(Streamer *streamer, const StreamerTick *tick, LedgerPen *pen);
void streamer_collect(Streamer *streamer, const StreamerTick *tick);
void streamer_apply(Streamer *streamer, const StreamerTick *tick, LedgerPen *pen);
void streamer_submit(Streamer *streamer, const StreamerTick *tick);
void streamer_upload(Streamer *streamer, const StreamerTick *tick, LedgerPen *pen);
void streamer_evict(Streamer *streamer);
void streamer_reside(Streamer *streamer, const StreamerTick *tick);
// Feeds the throttle with what the tick measured.
void streamer_throttle(Streamer *streamer, const StreamerTick *tick, const Ledger *ledger);

// Fills the stream's part of a frame's record.
void streamer_frame(const Streamer *streamer, FrameStats *out);
const Residency *streamer_residency(const Streamer *streamer);
const LodTile *streamer_find(const Streamer *streamer, ChunkKey key, int lod);
const ChunkEntry *streamer_entry(const Streamer *streamer, ChunkKey key); // NULL: not known
const Throttle *streamer_throttle_state(const Streamer *streamer);
void streamer_set_throttle(Streamer *streamer, const ThrottleDesc *desc);
JobPool *streamer_pool(Streamer *streamer);
bool streamer_settled(const Streamer *streamer);
// From start or a jump until the view is complete: ranges follow at once, what arrives is shown at once.
bool streamer_cold(const Streamer *streamer);

// Ends all jobs and forgets tiles and data: the world is about to change. Nothing is read until the next plan.
void streamer_forget(Streamer *streamer);
// Lets running jobs end and forgets every tile: no job touches the sink's memory afterwards.
void streamer_gpu_release(Streamer *streamer);
// Starts the sink again; streamer_first_ring then prepares it.
RESULT_MUST Result streamer_gpu_start(Streamer *streamer, ResultText *text);

// Self-test.
void streamer_make_hole(Streamer *streamer);
Loader *streamer_loader(Streamer *streamer);
