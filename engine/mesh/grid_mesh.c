#include "mesh/grid_mesh.h"

#include "base/os_memory.h"
#include <assert.h>

// Eight quads a strip at most: two rows of nine vertices stay in a 16-entry cache, and a batch of 32 vertices
// still holds three rows.
#define GRID_MESH_STRIP_QUADS 8

static uint32_t vertex_count(int quads)
{
    return (uint32_t)((quads + 1) * (quads + 1) + 4 * (quads + 1));
}

static uint32_t surface_index_count(int quads)
{
    return (uint32_t)(6 * quads * quads);
}

static uint32_t index_count(int quads)
{
    return surface_index_count(quads) + (uint32_t)(4 * 6 * quads);
}

static uint16_t surface_vertex(int quads, int x, int z)
{
    return (uint16_t)(z * (quads + 1) + x);
}

// Skirt vertex `i` of side 0 north, 1 east, 2 south, 3 west.
static uint16_t skirt_vertex(int quads, int side, int i)
{
    return (uint16_t)((quads + 1) * (quads + 1) + side * (quads + 1) + i);
}

// Grid place of vertex `i` of a side, walked clockwise on the map so that every skirt has one winding.
static void side_place(int quads, int side, int i, int *out_x, int *out_z)
{
    switch (side) {
    case 0:
        *out_x = i;
        *out_z = 0;
        return;
    case 1:
        *out_x = quads;
        *out_z = i;
        return;
    case 2:
        *out_x = quads - i;
        *out_z = quads;
        return;
    default:
        *out_x = 0;
        *out_z = quads - i;
        return;
    }
}

static void fill_vertices(GridMesh *mesh)
{
    int quads = mesh->quads;
    GridVertex *out = mesh->vertices;
    for (int z = 0; z <= quads; z++)
        for (int x = 0; x <= quads; x++)
            *out++ = (GridVertex){.x = (uint8_t)x, .z = (uint8_t)z};
    for (int side = 0; side < 4; side++) {
        for (int i = 0; i <= quads; i++) {
            int x, z;
            side_place(quads, side, i, &x, &z);
            *out++ = (GridVertex){.x = (uint8_t)x, .z = (uint8_t)z, .skirt = 1};
        }
    }
    assert(out == mesh->vertices + mesh->vertex_count);
}

// The diagonal runs from north-west to south-east: odd vertices slide along it onto the coarser grid.
static uint16_t *put_quad(uint16_t *out, int quads, int x, int z)
{
    uint16_t north_west = surface_vertex(quads, x, z);
    uint16_t north_east = surface_vertex(quads, x + 1, z);
    uint16_t south_west = surface_vertex(quads, x, z + 1);
    uint16_t south_east = surface_vertex(quads, x + 1, z + 1);
    *out++ = north_west;
    *out++ = south_west;
    *out++ = south_east;
    *out++ = north_west;
    *out++ = south_east;
    *out++ = north_east;
    return out;
}

// Skirt quads face away from the tile.
static uint16_t *put_skirt(uint16_t *out, int quads, int side, int i)
{
    int x0, z0, x1, z1;
    side_place(quads, side, i, &x0, &z0);
    side_place(quads, side, i + 1, &x1, &z1);
    uint16_t top0 = surface_vertex(quads, x0, z0);
    uint16_t top1 = surface_vertex(quads, x1, z1);
    uint16_t low0 = skirt_vertex(quads, side, i);
    uint16_t low1 = skirt_vertex(quads, side, i + 1);
    *out++ = top0;
    *out++ = top1;
    *out++ = low0;
    *out++ = top1;
    *out++ = low1;
    *out++ = low0;
    return out;
}

static void fill_indices(GridMesh *mesh)
{
    int quads = mesh->quads;
    int width = quads < GRID_MESH_STRIP_QUADS ? quads : GRID_MESH_STRIP_QUADS;
    uint16_t *out = mesh->indices;
    for (int strip = 0; strip < quads; strip += width)
        for (int z = 0; z < quads; z++)
            for (int x = strip; x < strip + width; x++)
                out = put_quad(out, quads, x, z);
    assert(out == mesh->indices + mesh->surface_index_count);
    for (int side = 0; side < 4; side++)
        for (int i = 0; i < quads; i++)
            out = put_skirt(out, quads, side, i);
    assert(out == mesh->indices + mesh->index_count);
}

Result grid_mesh_create(int quads, GridMesh *out)
{
    assert(quads >= 4 && quads <= 128 && (quads & (quads - 1)) == 0);
    assert(vertex_count(quads) <= UINT16_MAX);
    *out = (GridMesh){.quads = quads,
                      .vertex_count = vertex_count(quads),
                      .index_count = index_count(quads),
                      .surface_index_count = surface_index_count(quads)};
    out->vertices = os_memory_alloc(out->vertex_count * sizeof *out->vertices, OS_MEMORY_RENDER);
    out->indices = os_memory_alloc(out->index_count * sizeof *out->indices, OS_MEMORY_RENDER);
    if (!out->vertices || !out->indices) {
        grid_mesh_destroy(out);
        return RESULT_OUT_OF_MEMORY;
    }
    fill_vertices(out);
    fill_indices(out);
    return RESULT_OK;
}

void grid_mesh_destroy(GridMesh *mesh)
{
    os_memory_free(mesh->vertices, mesh->vertex_count * sizeof *mesh->vertices, OS_MEMORY_RENDER);
    os_memory_free(mesh->indices, mesh->index_count * sizeof *mesh->indices, OS_MEMORY_RENDER);
    *mesh = (GridMesh){0};
}
