// Purpose: what one frame draws: instances of the three shared grids, front to back, and the scene's settings.
// Owns: the instance arrays, from create.
// Threads: the main thread.
// Fails: create returns a Result; the capacity equals the selection's.
#pragma once
#include "base/result.h"
#include "mesh/lod_select.h"
#include "world/lod.h"
#include "world/sun.h"
#include "world/view.h"

// Ground above the sea that the sea can still wet and darken lies below.
#define DRAW_SHORE_M 3.0f

// 32 bytes, as the vertex shader reads them.
typedef struct DrawInstance {
    float origin_x_anchor,
        origin_z_anchor; // north-west corner relative to the anchor, whole metres
    float spacing_m;     // of the full mesh, before the tier's bias
    float base_m;
    float morph_start_m;
    float morph_scale_per_m; // 1 / width of the morph zone
    uint16_t layer;
    uint16_t lod;
    // Not read by the shader: 1 where the picture's edge runs through the tile; where ground lies below DRAW_SHORE_M;
    // where there is fresh water in it.
    uint8_t cut, shore;
    uint16_t fresh;
} DrawInstance;

typedef enum DrawMode {
    DRAW_MODE_SHADED,
    DRAW_MODE_LOD_TINT,
    DRAW_MODE_NORMALS,
    DRAW_MODE_COUNT
} DrawMode;

// Settings of the picture; plain values, changed between frames.
typedef struct DrawScene {
    int tier; // 0-3
    DrawMode mode;
    bool wireframe;
    bool chunk_bounds;
    bool without_skirts; // tests
    bool probe;          // crack probe: magenta clear, no sky, no haze, back faces red
    SunSky lights;
    float haze_scale;  // 1: clear day
    float lowland_m;   // height of the valleys about the eye: the engine fills it in
    float cloud_cover; // share of the sky, 0..1; 0: none
    double time_s;     // for waves and the clouds' drift; virtual time
    bool force_gl33;   // leave out every 4.x feature
    // Tangent of a cone whose tip hangs half the height above ground below the eye: ground that is late may not
    // rise above it, so that coarse ground never swallows the eye. 0: off (the usual case).
    float late_cone;
    float view_range_m; // distance at which haze has swallowed everything
} DrawScene;

typedef struct DrawList {
    DrawInstance *instances[LOD_GRID_COUNT];
    int counts[LOD_GRID_COUNT];
    const ViewFrame *focus; // whose eye chose the levels; NULL: the frame's own. Borrowed
    bool skirts;        // a tile is coarser than its distance asks: only then may an edge be open
    uint64_t triangles; // at the tier's mesh bias, with skirts where they are drawn
} DrawList;

RESULT_MUST Result draw_list_create(DrawList *out);
void draw_list_destroy(DrawList *list);

// Fills the list from the picks (already front to back). `mesh_bias` is only used to count triangles.
void draw_list_fill(DrawList *list, const LodPick *picks, int count, const ViewFrame *frame,
                    const LodRanges *ranges, int mesh_bias);
