// Purpose: the door through which the engine reaches a GPU, or a counter that stands in for one.
// Owns: nothing; the sink behind `object` owns its arrays and staging memory.
// Threads: the main thread; slot memory is written by jobs between acquire and upload.
// Fails: start and prepare return a Result; nothing else may fail in a frame.
#pragma once
#include "base/result.h"
#include "stream/draw_list.h"
#include "stream/gpu_stats.h"
#include "world/tile.h"

typedef struct GpuSinkDesc {
    TileLayout layouts[LOD_GRID_COUNT];
    uint32_t layer_counts[LOD_GRID_COUNT];
    uint32_t slot_counts[LOD_GRID_COUNT]; // staging slots of each class
} GpuSinkDesc;

// What a picture takes beside tiles and their staging: on the GPU; of RAM until it is there.
typedef struct GpuSinkNeeds {
    uint64_t gpu_bytes, ram_bytes;
} GpuSinkNeeds;

typedef struct GpuSinkStats {
    GpuStatsBytes gpu;       // arrays, buffers and targets, by our own account
    uint64_t uploaded_bytes; // since start
    uint64_t uploads;
    uint64_t objects_created; // textures, buffers, programs, VAOs, FBOs since the program began
    uint64_t errors;          // GL errors and high-severity messages
    int64_t hole_pixels;      // of the frame whose examination ended in this tick; -1: none
    double gpu_ms;            // of a frame some frames ago; -1: unknown
} GpuSinkStats;

typedef struct GpuSink {
    void *object;
    const char *name; // "none", "gl"
    bool software;    // draws on the CPU: a picture takes the cores that the tiles need
    // At this tier and the present size, started or not.
    GpuSinkNeeds (*needs)(void *object, int tier);
    // Allocates what tiles use. Called again after a lost context.
    RESULT_MUST Result (*start)(void *object, const GpuSinkDesc *desc, ResultText *text);
    // One step of what else a first picture uses: targets and programs, then scenes for which drivers compile them,
    // each perhaps for long; tiles may come meanwhile. Called after start until `out_more` is false; then it does
    // nothing. After an error only stop may follow. A flight that is told to end need not prepare to the end: frames
    // before the first step draw nothing, later ones may wait for a compiler.
    RESULT_MUST Result (*prepare)(void *object, bool *out_more, ResultText *text);
    // One step of what a first picture can do without, for a tick in which nothing is missing; false: nothing is left.
    bool (*prepare_later)(void *object);
    void (*stop)(void *object);
    // Waits until the GPU has finished frame N-1; opens the tick.
    void (*frame_wait)(void *object);
    // Staging memory of a slot, desc.layouts[grid].bytes long; stable between start and stop.
    uint8_t *(*slot_memory)(void *object, LodGrid grid, uint32_t slot);
    // True when the GPU no longer reads the slot; never waits.
    bool (*slot_idle)(void *object, LodGrid grid, uint32_t slot);
    // Queues the copy of a slot into a layer.
    void (*upload)(void *object, LodGrid grid, uint32_t layer, uint32_t slot);
    // Draws the frame.
    void (*submit)(void *object, const DrawList *list, const ViewFrame *frame,
                   const DrawScene *scene);
    // Shows the picture and sets the frame's fence.
    void (*present)(void *object);
    GpuSinkStats (*stats)(void *object);
} GpuSink;
