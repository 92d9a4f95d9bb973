// Purpose: the shared grid meshes on the GPU: six sizes, so that each tier finds its own.
// Owns: vertex, index and vertex-array objects.
// Threads: the main thread, with a current context.
// Fails: create returns a Result when memory runs out.
#pragma once
#include "base/result.h"
#include "render/gl_account.h"
#include "world/lod.h"
#include <stdbool.h>
#include <stddef.h>

#define TERRAIN_GRID_SIZES (LOD_GRID_COUNT + LOD_MESH_BIAS_MAX) // 128, 64, 32, 16, 8, 4 quads

// Attribute locations of the terrain's vertex shader.
#define TERRAIN_GRID_VERTEX 0
#define TERRAIN_GRID_PLACE 1
#define TERRAIN_GRID_MORPH 2
#define TERRAIN_GRID_TILE 3

typedef struct TerrainGrid {
    uint32_t vertex_array, vertices, indices;
    uint32_t instances;   // borrowed: the buffer that the instance attributes read (divisor 1)
    bool base_instance;   // of a draw; 3.3 has none
    uint32_t index_count; // with skirts
    uint32_t surface_index_count; // without
    uint32_t border_first;        // index of the border's line list, after the triangles
    uint32_t border_count;
    uint64_t bytes;
} TerrainGrid;

typedef enum TerrainGridPart {
    TERRAIN_GRID_WHOLE,
    TERRAIN_GRID_SURFACE, // without skirts
    TERRAIN_GRID_BORDER   // lines
} TerrainGridPart;

// `instances`: a buffer of DrawInstance that outlives the grid.
RESULT_MUST Result terrain_grid_create(int quads, uint32_t instances, bool base_instance,
                                       GlAccount *account, TerrainGrid *out);
void terrain_grid_destroy(TerrainGrid *grid, GlAccount *account);

// Draws `count` instances from the one at `first` of the buffer on.
void terrain_grid_draw(const TerrainGrid *grid, TerrainGridPart part, uint32_t first, int count);
