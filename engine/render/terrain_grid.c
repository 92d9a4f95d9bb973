#include "render/terrain_grid.h"

#include "base/os_memory.h"
#include "mesh/grid_mesh.h"
#include "stream/draw_list.h"
#include <assert.h>
#include <glad/gl.h>
#include <stdbool.h>
#include <string.h>

_Static_assert(sizeof(DrawInstance) == 32, "the vertex shader reads 32 bytes an instance");

static void point_instances(size_t offset_bytes)
{
    const GLsizei stride = sizeof(DrawInstance);
    glVertexAttribPointer(TERRAIN_GRID_PLACE, 4, GL_FLOAT, GL_FALSE, stride,
                          (const void *)(offset_bytes + offsetof(DrawInstance, origin_x_anchor)));
    glVertexAttribPointer(TERRAIN_GRID_MORPH, 2, GL_FLOAT, GL_FALSE, stride,
                          (const void *)(offset_bytes + offsetof(DrawInstance, morph_start_m)));
    glVertexAttribIPointer(TERRAIN_GRID_TILE, 2, GL_UNSIGNED_SHORT, stride,
                           (const void *)(offset_bytes + offsetof(DrawInstance, layer)));
}

// Index of the surface vertex at (x, z); the mesh's own order is not this module's business.
static uint16_t find_vertex(const GridMesh *mesh, int x, int z)
{
    for (uint32_t i = 0; i < mesh->vertex_count; i++) {
        const GridVertex *vertex = &mesh->vertices[i];
        if (vertex->x == x && vertex->z == z && vertex->skirt == 0)
            return (uint16_t)i;
    }
    assert(false && "the grid has every vertex");
    return 0;
}

// Lines along the four sides, for the chunk bounds.
static uint32_t make_border(const GridMesh *mesh, uint16_t *out)
{
    int quads = mesh->quads;
    uint32_t count = 0;
    for (int side = 0; side < 4; side++) {
        int fixed = side < 2 ? 0 : quads;
        bool along_x = side % 2 == 0;
        uint16_t last = find_vertex(mesh, along_x ? 0 : fixed, along_x ? fixed : 0);
        for (int i = 1; i <= quads; i++) {
            uint16_t next = find_vertex(mesh, along_x ? i : fixed, along_x ? fixed : i);
            out[count++] = last;
            out[count++] = next;
            last = next;
        }
    }
    return count;
}

static void make_objects(TerrainGrid *grid, const GridMesh *mesh, const uint16_t *border)
{
    size_t vertex_bytes = mesh->vertex_count * sizeof *mesh->vertices;
    size_t index_bytes = mesh->index_count * sizeof *mesh->indices;
    size_t border_bytes = grid->border_count * sizeof *border;
    glGenVertexArrays(1, &grid->vertex_array);
    glBindVertexArray(grid->vertex_array);
    GLuint buffers[2];
    glGenBuffers(2, buffers);
    grid->vertices = buffers[0];
    grid->indices = buffers[1];
    glBindBuffer(GL_ARRAY_BUFFER, grid->vertices);
    glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)vertex_bytes, mesh->vertices, GL_STATIC_DRAW);
    glVertexAttribIPointer(TERRAIN_GRID_VERTEX, 4, GL_UNSIGNED_BYTE, sizeof(GridVertex), NULL);
    glEnableVertexAttribArray(TERRAIN_GRID_VERTEX);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, grid->indices);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, (GLsizeiptr)(index_bytes + border_bytes), NULL,
                 GL_STATIC_DRAW);
    glBufferSubData(GL_ELEMENT_ARRAY_BUFFER, 0, (GLsizeiptr)index_bytes, mesh->indices);
    glBufferSubData(GL_ELEMENT_ARRAY_BUFFER, (GLintptr)index_bytes, (GLsizeiptr)border_bytes,
                    border);
    glBindBuffer(GL_ARRAY_BUFFER, grid->instances);
    point_instances(0);
    for (GLuint location = TERRAIN_GRID_PLACE; location <= TERRAIN_GRID_TILE; location++) {
        glEnableVertexAttribArray(location);
        glVertexAttribDivisor(location, 1);
    }
    glBindVertexArray(0);
    grid->bytes = vertex_bytes + index_bytes + border_bytes;
}

Result terrain_grid_create(int quads, uint32_t instances, bool base_instance, GlAccount *account,
                           TerrainGrid *out)
{
    assert(quads > 0 && instances != 0);
    memset(out, 0, sizeof *out);
    out->instances = instances;
    out->base_instance = base_instance;
    GridMesh mesh;
    Result result = grid_mesh_create(quads, &mesh);
    if (result != RESULT_OK)
        return result;
    size_t border_bytes = (size_t)quads * 8 * sizeof(uint16_t);
    uint16_t *border = os_memory_alloc(border_bytes, OS_MEMORY_RENDER);
    if (border == NULL) {
        grid_mesh_destroy(&mesh);
        return RESULT_OUT_OF_MEMORY;
    }
    out->index_count = mesh.index_count;
    out->surface_index_count = mesh.surface_index_count;
    out->border_first = mesh.index_count;
    out->border_count = make_border(&mesh, border);
    assert(out->border_count * sizeof *border == border_bytes);
    make_objects(out, &mesh, border);
    account->objects_created += 3;
    account->bytes.owners[GPU_STATS_MESHES] += out->bytes;
    os_memory_free(border, border_bytes, OS_MEMORY_RENDER);
    grid_mesh_destroy(&mesh);
    return RESULT_OK;
}

void terrain_grid_destroy(TerrainGrid *grid, GlAccount *account)
{
    glDeleteVertexArrays(1, &grid->vertex_array);
    glDeleteBuffers(1, &grid->vertices);
    glDeleteBuffers(1, &grid->indices);
    account->bytes.owners[GPU_STATS_MESHES] -= grid->bytes;
    memset(grid, 0, sizeof *grid);
}

// Only 3.3, which has no base instance, moves the attributes. Mesa compiles each vertex shader a second time for a
// vertex array that changes with every draw, some frames into the flight.
void terrain_grid_draw(const TerrainGrid *grid, TerrainGridPart part, uint32_t first, int count)
{
    assert(grid->vertex_array != 0 && count > 0);
    const struct {
        GLenum mode;
        uint32_t first, count; // of indices
    } parts[] = {[TERRAIN_GRID_WHOLE] = {GL_TRIANGLES, 0, grid->index_count},
                 [TERRAIN_GRID_SURFACE] = {GL_TRIANGLES, 0, grid->surface_index_count},
                 [TERRAIN_GRID_BORDER] = {GL_LINES, grid->border_first, grid->border_count}};
    const void *indices = (const void *)(parts[part].first * sizeof(uint16_t));
    GLsizei index_count = (GLsizei)parts[part].count;
    glBindVertexArray(grid->vertex_array);
    if (grid->base_instance) {
        glDrawElementsInstancedBaseInstance(parts[part].mode, index_count, GL_UNSIGNED_SHORT,
                                            indices, count, first);
        return;
    }
    glBindBuffer(GL_ARRAY_BUFFER, grid->instances);
    point_instances(first * sizeof(DrawInstance));
    glDrawElementsInstanced(parts[part].mode, index_count, GL_UNSIGNED_SHORT, indices, count);
}
