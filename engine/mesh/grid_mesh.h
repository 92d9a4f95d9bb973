// Purpose: the three shared index meshes: a regular grid with one diagonal everywhere, and skirts.
// Owns: the arrays of a GridMesh until grid_mesh_destroy.
// Threads: any.
// Fails: create returns a Result.
#pragma once
#include "base/result.h"
#include "world/lod.h"
#include <stdint.h>

// A vertex is its grid coordinates; skirt vertices carry 1 in `skirt` and hang below their edge twin.
typedef struct GridVertex {
    uint8_t x, z; // 0 .. quads (128 fits)
    uint8_t skirt;
    uint8_t unused;
} GridVertex;

typedef struct GridMesh {
    int quads;
    GridVertex *vertices;
    uint16_t *indices; // triangles, counter-clockwise from above; surface first, then skirts
    uint32_t vertex_count;
    uint32_t index_count;         // with skirts
    uint32_t surface_index_count; // without
} GridMesh;

// `quads` a side: 128, 64, 32, 16, 8 or 4. Indices are ordered for the vertex cache.
RESULT_MUST Result grid_mesh_create(int quads, GridMesh *out);
void grid_mesh_destroy(GridMesh *mesh);
