#include "render/pass_terrain.h"

#include <assert.h>
#include <glad/gl.h>
#include <string.h>

#define INSTANCES_MAX LOD_SELECT_PICKS_MAX

// A run of instances of one grid that lie side by side in the ring.
typedef struct Batch {
    size_t offset_bytes;
    int count;
} Batch;

typedef struct Batches {
    Batch dry[LOD_GRID_COUNT], sea[LOD_GRID_COUNT];
} Batches;

static Result create_programs(const RenderSetup *setup, PassTerrain *pass, ResultText *text)
{
    static const struct {
        const char *fragment, *defines;
    } sources[PASS_TERRAIN_PROGRAMS] = {
        [PASS_TERRAIN_DRY] = {"terrain.frag", NULL},
        [PASS_TERRAIN_SEA] = {"terrain.frag", "#define SEA 1\n"},
        [PASS_TERRAIN_VIEW] = {"view_mode.frag", "#define SEA 1\n"},
        [PASS_TERRAIN_BORDER] = {"border.frag", "#define BORDER 1\n"},
    };
    for (int i = 0; i < PASS_TERRAIN_PROGRAMS; i++) {
        Result result = render_setup_program(setup, "terrain.vert", sources[i].fragment,
                                             sources[i].defines, &pass->programs[i], text);
        if (result != RESULT_OK)
            return result;
    }
    return RESULT_OK;
}

Result pass_terrain_create(const RenderSetup *setup, PassTerrain *out, ResultText *text)
{
    memset(out, 0, sizeof *out);
    out->mesh_bias = render_setup_mesh_bias(setup->tier);
    gl_ring_create(&out->instances, GL_ARRAY_BUFFER, INSTANCES_MAX * sizeof(DrawInstance),
                   setup->account);
    Result result = create_programs(setup, out, text);
    for (int i = 0; result == RESULT_OK && i < TERRAIN_GRID_SIZES; i++) {
        int quads = lod_grid_quads(LOD_GRID_128) >> i;
        result = terrain_grid_create(quads, out->instances.handle, setup->account, &out->grids[i]);
        if (result != RESULT_OK)
            (void)result_fail(text, result, "no memory for the grid of %d quads", quads);
    }
    if (result != RESULT_OK)
        pass_terrain_destroy(out, setup->account);
    return result;
}

void pass_terrain_destroy(PassTerrain *pass, GlAccount *account)
{
    for (int i = 0; i < PASS_TERRAIN_PROGRAMS; i++)
        gl_program_destroy(&pass->programs[i]);
    for (int i = 0; i < TERRAIN_GRID_SIZES; i++)
        terrain_grid_destroy(&pass->grids[i], account);
    gl_ring_destroy(&pass->instances, account);
    memset(pass, 0, sizeof *pass);
}

void pass_terrain_reload(PassTerrain *pass, GlAccount *account)
{
    for (int i = 0; i < PASS_TERRAIN_PROGRAMS; i++)
        (void)gl_program_reload(&pass->programs[i], account);
}

// Copies one kind of a grid's instances, in their order. The base of a tile is a multiple of 64 m at or below its
// lowest point, so a base of 0 or more means that no sea is in it.
static int copy_kind(const DrawInstance *from, int count, bool sea, DrawInstance *out)
{
    int copied = 0;
    for (int i = 0; i < count; i++) {
        if ((from[i].base_m < 0.0f) == sea)
            out[copied++] = from[i];
    }
    return copied;
}

static bool fill_instances(PassTerrain *pass, const DrawList *list, Batches *out)
{
    DrawInstance *memory = gl_ring_map(&pass->instances);
    if (memory == NULL)
        return false;
    int used = 0;
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        assert(used + list->counts[grid] <= INSTANCES_MAX);
        out->dry[grid].offset_bytes = (size_t)used * sizeof *memory;
        out->dry[grid].count =
            copy_kind(list->instances[grid], list->counts[grid], false, memory + used);
        used += out->dry[grid].count;
        out->sea[grid].offset_bytes = (size_t)used * sizeof *memory;
        out->sea[grid].count =
            copy_kind(list->instances[grid], list->counts[grid], true, memory + used);
        used += out->sea[grid].count;
    }
    size_t region = gl_ring_unmap(&pass->instances);
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        out->dry[grid].offset_bytes += region;
        out->sea[grid].offset_bytes += region;
    }
    return true;
}

typedef enum DrawPart { DRAW_PART_ALL, DRAW_PART_SURFACE, DRAW_PART_BORDER } DrawPart;

static void draw_batches(const PassTerrain *pass, const GlTiles *tiles, const Batch *batches,
                         DrawPart part)
{
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        if (batches[grid].count == 0)
            continue;
        const TerrainGrid *mesh = &pass->grids[grid + pass->mesh_bias];
        gl_tiles_bind(tiles, (LodGrid)grid);
        terrain_grid_bind(mesh, pass->instances.handle, batches[grid].offset_bytes);
        bool border = part == DRAW_PART_BORDER;
        uint32_t count =
            border ? mesh->border_count
                   : (part == DRAW_PART_ALL ? mesh->index_count : mesh->surface_index_count);
        size_t first_bytes = border ? mesh->border_first * sizeof(uint16_t) : 0;
        glDrawElementsInstanced(border ? GL_LINES : GL_TRIANGLES, (GLsizei)count, GL_UNSIGNED_SHORT,
                                (const void *)first_bytes, batches[grid].count);
    }
}

static void set_state(const DrawScene *scene)
{
    glEnable(GL_DEPTH_TEST);
    glDepthFunc(GL_GREATER);
    glFrontFace(GL_CCW);
    glCullFace(GL_BACK);
    if (scene->probe)
        glDisable(GL_CULL_FACE);
    else
        glEnable(GL_CULL_FACE);
    glPolygonMode(GL_FRONT_AND_BACK, scene->wireframe ? GL_LINE : GL_FILL);
}

static void draw_borders(const PassTerrain *pass, const GlTiles *tiles, const Batches *batches)
{
    glUseProgram(pass->programs[PASS_TERRAIN_BORDER].handle);
    draw_batches(pass, tiles, batches->dry, DRAW_PART_BORDER);
    draw_batches(pass, tiles, batches->sea, DRAW_PART_BORDER);
}

void pass_terrain_draw(PassTerrain *pass, const GlTiles *tiles, const DrawList *list,
                       const DrawScene *scene)
{
    Batches batches;
    if (!fill_instances(pass, list, &batches))
        return;
    set_state(scene);
    bool view = scene->mode != DRAW_MODE_SHADED || scene->probe;
    DrawPart part = scene->without_skirts ? DRAW_PART_SURFACE : DRAW_PART_ALL;
    glUseProgram(pass->programs[view ? PASS_TERRAIN_VIEW : PASS_TERRAIN_DRY].handle);
    draw_batches(pass, tiles, batches.dry, part);
    if (!view)
        glUseProgram(pass->programs[PASS_TERRAIN_SEA].handle);
    draw_batches(pass, tiles, batches.sea, part);
    if (scene->chunk_bounds)
        draw_borders(pass, tiles, &batches);
    glPolygonMode(GL_FRONT_AND_BACK, GL_FILL);
    glBindVertexArray(0);
}
