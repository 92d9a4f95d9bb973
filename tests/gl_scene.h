// Purpose: a still scene for pictures: a source's tiles around an eye, selected, built, uploaded and drawn.
// Owns: the selection, the draw list, the chunk buffer and the sink.
// Threads: the main thread.
// Fails: by assertion of the test.
#pragma once
#include "base/arena.h"
#include "gl_fixture.h"
#include "render/gl_sink.h"
#include "stream/draw_list.h"
#include "world/source.h"

#define GL_SCENE_TILES_MAX 1400

typedef struct GlSceneDesc {
    int width, height;
    int tier;
    int root_lod;     // 0: the coarsest
    int probe_frames; // 0: every frame
    float quality;    // 0: 1
    bool linear_output;
    MaterialSource materials; // none: the ground stays plain
    const char *shader_directory;
    uint32_t layers[LOD_GRID_COUNT]; // 0: enough for the whole view
} GlSceneDesc;

typedef struct GlSceneTile {
    ChunkKey key;
    int lod;
    LodTile tile;
} GlSceneTile;

typedef struct GlScene {
    GlSceneDesc desc;
    const Source *source;
    GlSink *sink;
    GpuSink interface;
    GpuSinkDesc tiles_desc;
    LodSelect *select;
    LodSelectStats stats;
    LodRanges ranges;
    DrawList list;
    GlSceneTile tiles[GL_SCENE_TILES_MAX];
    int tile_count;
    uint32_t layers_used[LOD_GRID_COUNT];
    Arena scratch;
    Chunk *chunk;
    bool chunk_valid;
    ViewFrame frame;
    void (*alter)(DrawList *list); // spoils the list before it is drawn; NULL: nothing
} GlScene;

// A day's default light, tier from the desc.
DrawScene gl_scene_light(int tier);
View gl_scene_view(const GlScene *scene, double x, double z, float agl_m, float yaw_deg,
                   float pitch_deg);

void gl_scene_create(GlScene *out, const GlSceneDesc *desc, const Source *source,
                     const GlCaps *caps);
void gl_scene_destroy(GlScene *scene);
// Starts and prepares the sink, again after a lost context.
void gl_scene_start(GlScene *scene);

// Forgets what was uploaded (after the sink was started again).
void gl_scene_forget(GlScene *scene);

// Selects for `focus` (its distances choose the levels) and draws from `view`; NULL: the same.
void gl_scene_draw(GlScene *scene, const View *view, const View *focus, const DrawScene *light);

// An analytic world of hills, valleys and sea, the same at every level: heights differ only by the levels' quanta.
Source gl_scene_hills(void);
double gl_scene_hills_m(double x_m, double z_m);
