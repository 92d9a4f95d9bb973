// Purpose: wires a world, the caches, the stream and a GPU sink; engine_tick is the only frame function.
// Owns: everything between create and destroy, except the source and the sink.
// Threads: all calls by the main thread.
// Fails: create returns a Result with a text; a tick never fails.
#pragma once
#include "base/result.h"
#include "stream/flight.h"
#include "stream/frame_stats.h"
#include "stream/gpu_sink.h"
#include "stream/run_stats.h"
#include "world/source.h"
#include "world/view.h"

#define ENGINE_FRAMES_KEPT 600 // 10 s at 60 Hz
#define ENGINE_THREADS_AUTO_MAX 16
#define ENGINE_COLD_DRAW_TICKS                                                                     \
    8 // on software GL a view that is not complete draws each so-manieth tick

// Ideas that can be switched off one by one to see what they are worth.
#define ENGINE_FEATURE_LIST(X)                                                                     \
    X(ENGINE_FEATURE_PREFETCH, "prefetch")                                                         \
    X(ENGINE_FEATURE_THROTTLE, "throttle")                                                         \
    X(ENGINE_FEATURE_LOD_CACHE, "lod-cache")                                                       \
    X(ENGINE_FEATURE_UPLOAD_BUDGET, "upload-budget")

typedef enum EngineFeature {
#define ENGINE_ENUM(name, text) name,
    ENGINE_FEATURE_LIST(ENGINE_ENUM)
#undef ENGINE_ENUM
        ENGINE_FEATURE_COUNT
} EngineFeature;

// Faults that the soak's self-test injects; each must break its own limits.
#define ENGINE_FAULT_LIST(X)                                                                       \
    X(ENGINE_FAULT_LEAK, "leak")           /* 1 MiB per second of virtual time */                  \
    X(ENGINE_FAULT_HOLE, "hole")           /* one square loses its tile and all ancestors */       \
    X(ENGINE_FAULT_DUPLICATE, "duplicate") /* one chunk is generated twice */                      \
    X(ENGINE_FAULT_STALL, "stall")         /* 5 ms of main-thread CPU in a streaming row */        \
    X(ENGINE_FAULT_LOCK, "lock") /* the main thread waits for a lock in a streaming row */         \
    X(ENGINE_FAULT_DROP, "drop") /* one wanted result is thrown away */

typedef enum EngineFault {
#define ENGINE_ENUM(name, text) name,
    ENGINE_FAULT_LIST(ENGINE_ENUM)
#undef ENGINE_ENUM
        ENGINE_FAULT_COUNT
} EngineFault;

// Zero means the default that is named.
typedef struct EngineConfig {
    int view_chunks;             // 8 (8-24)
    int prefetch_chunks;         // 4 (2-8)
    int loads_max;               // 8 speculative jobs in flight
    int loads_throttled;         // 2
    double throttle_ms;          // 10
    int queue_requests;          // 256
    int queue_results;           // 256
    int results_per_tick;        // 64
    uint64_t upload_bytes;       // 1 MiB a frame
    double upload_ms;            // 0.6
    int upload_count;            // 64 a frame
    uint64_t ram_ceiling_bytes;  // 256 MiB
    uint64_t vram_ceiling_bytes; // 320 MiB, 1 GiB from tier 2 on
    GpuSinkNeeds needs;          // of sink and source, for engine_check; engine_create asks them
    int threads;                 // 0: 3/4 of the CPUs, 2 to ENGINE_THREADS_AUTO_MAX
    int tier;                    // 0-3: map size, mesh bias and last ring
    bool short_view;             // drop the last ring: 33 km
    float quality;               // 1.0 (0.8 at tier 0, 1.2 at tier 3): scales every range (0.8-1.3)
    float quality_max;     // at least quality; layers are made for it, so it can be reached live
    uint32_t features_off; // bit set of 1 << EngineFeature
    double start_m[3];     // where the first view will be
    // Asked while the coarsest ring is waited for: true ends the wait. NULL: never.
    bool (*stop)(void *object);
    void *stop_object; // borrowed
} EngineConfig;

// Of one tick; filled by the input hook.
typedef struct EngineInput {
    View view;
    double dt_s;         // virtual time since the last tick; 0 while paused
    double time_scale;   // virtual seconds in a real one; 0: 1
    bool block_workers;  // shock flight
    double main_burn_ms; // shock flight: burned in the input row
    DrawScene scene;
    bool freeze_culling; // keep draw list and stream as they were when it was switched on
    float quality;       // 0: config's; never above its quality_max
    bool idle;           // nothing to draw (minimised): select, submit and present are left out
} EngineInput;

typedef struct EngineHooks {
    void *object;
    void (*input)(void *object, EngineInput *inout); // row "input"; inout keeps last tick's values
    void (*ui)(void *object);                        // row "ui", in ticks that draw; may be NULL
} EngineHooks;

// One cell of the overlay's map: a chunk of the demand square and its surroundings.
typedef struct EngineMapCell {
    uint8_t data_state; // FrameStatsData
    uint8_t best_lod;   // finest resident lod, 255: none
    uint8_t wanted;     // 0 no, 1 demand, 2 ring, 3 lobe
} EngineMapCell;

#define ENGINE_MAP_SIDE 41 // chunks around the eye's chunk, odd

typedef struct Engine Engine;

const char *engine_feature_name(EngineFeature feature);
const char *engine_fault_name(EngineFault fault);

// Checks a config without building anything: ranges, capacities against the ceilings (with the arithmetic and the
// largest view that fits in the text).
RESULT_MUST Result engine_check(const EngineConfig *config, ResultText *text);

// Builds the engine over a borrowed source and sink, starts the workers and lays down the coarsest ring.
// `*out` is owned by the caller.
RESULT_MUST Result engine_create(const EngineConfig *config, const Source *source,
                                 const GpuSink *sink, Engine **out, ResultText *text);
// Ends within a second at any moment.
void engine_destroy(Engine *engine);

// One frame.
void engine_tick(Engine *engine, const EngineHooks *hooks);

const FrameStats *engine_frame(const Engine *engine); // of the last tick
// The last frames, oldest first: `*out_count` <= ENGINE_FRAMES_KEPT; i-th = frames[(first + i) % ENGINE_FRAMES_KEPT].
const FrameStats *engine_frames(const Engine *engine, int *out_first, int *out_count);
const RunStats *engine_run(const Engine *engine);
const EngineConfig *engine_config(const Engine *engine); // with defaults filled in
// ENGINE_MAP_SIDE^2 cells, rows from north to south.
void engine_map(const Engine *engine, EngineMapCell *out);
// Height of the ground in metres under a point.
float engine_ground_m(const Engine *engine, double x_m, double z_m);

// Live knobs: switch a feature, set the tick's limits. Out-of-range values are clamped.
void engine_set_feature(Engine *engine, EngineFeature feature, bool on);
void engine_set_limits(Engine *engine, const EngineConfig *limits);
void engine_inject(Engine *engine, EngineFault fault);
// After what the user asked for, a picture or another size: the memory and the objects that this took since the last
// tick are the stream's no more than the start's, and do not count as made after warm-up.
void engine_excuse(Engine *engine);

// The world changes: forgets all that was read, calls `change` while nothing is being read, and lays the coarsest ring
// again before it returns, as engine_create does: 3 s at most, no longer than `stop` allows. Counters go on.
void engine_renew(Engine *engine, void (*change)(void *object), void *object);

// Before the context goes: ends the jobs that write into its memory, forgets every tile and stops the sink.
void engine_gpu_release(Engine *engine);
// After engine_gpu_release and a new context: starts the sink again; the coarsest ring stands when it returns.
RESULT_MUST Result engine_gpu_lost(Engine *engine, ResultText *text);

// True when everything wanted is resident and nothing is in flight.
bool engine_settled(const Engine *engine);
