#include "render/pass_terrain.h"

#include "render/gl_materials.h"

#include <assert.h>
#include <glad/gl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define INSTANCES_MAX LOD_SELECT_PICKS_MAX
#define DEFINES_BYTES 2048
#define LEAN "#define LEAN 1\n"

// The order of drawing, near to far, so that early depth tests spare what is hidden: L0, L1, L2, then the rings.
// L1 and the rings share a grid but not a place in that order.
typedef enum DrawStage { STAGE_L0, STAGE_L1, STAGE_L2, STAGE_RINGS, STAGE_COUNT } DrawStage;

// A run of instances of one stage that lie side by side in the ring buffer.
typedef struct Batch {
    uint32_t first;
    int count;
} Batch;

// The tiles of a stage by what they are drawn with: fresh water and sea have their own programs, and tiles that the
// picture's edge cuts are drawn without culling. Software GL culls these before it rounds vertices to its subpixels: a
// sliver that rounding turns to the front would be missing, and the sky show through.
typedef enum DrawKind {
    KIND_DRY,
    KIND_DRY_CUT,
    KIND_FRESH,
    KIND_FRESH_CUT,
    KIND_WET,
    KIND_WET_CUT,
    KIND_COUNT
} DrawKind;

typedef struct Batches {
    Batch of[STAGE_COUNT][KIND_COUNT];
} Batches;

static LodGrid stage_grid(DrawStage stage)
{
    static const LodGrid grids[STAGE_COUNT] = {LOD_GRID_128, LOD_GRID_64, LOD_GRID_32, LOD_GRID_64};
    return grids[stage];
}

static DrawStage stage_of(uint32_t lod)
{
    return lod < STAGE_RINGS ? (DrawStage)lod : STAGE_RINGS;
}

// The software tier has lean programs; water looks the same at every tier.
static Result create_programs(const RenderSetup *setup, PassTerrain *pass, ResultText *text)
{
    bool lean = setup->tier == 0;
    const char *land = lean ? "terrain_lean.frag" : "terrain.frag";
    char dry[DEFINES_BYTES], wet[DEFINES_BYTES + 16];
    gl_materials_defines(setup->caps, dry, sizeof dry);
    snprintf(wet, sizeof wet, "#define WET 1\n%s", dry);
    const struct {
        const char *fragment, *defines;
    } sources[PASS_TERRAIN_PROGRAMS] = {
        [PASS_TERRAIN_DRY] = {land, lean ? LEAN : dry},
        [PASS_TERRAIN_RINGS] = {lean ? land : NULL, LEAN "#define RINGS 1\n"},
        [PASS_TERRAIN_FRESH] = {lean ? land : NULL, LEAN "#define FRESH 1\n"},
        [PASS_TERRAIN_WET] = {land, lean ? LEAN "#define FRESH 1\n#define WET 1\n" : wet},
        [PASS_TERRAIN_VIEW] = {"view_mode.frag", "#define WET 1\n"},
        [PASS_TERRAIN_BORDER] = {"border.frag", "#define BORDER 1\n"},
    };
    for (int i = 0; i < PASS_TERRAIN_PROGRAMS; i++) {
        if (sources[i].fragment == NULL)
            continue;
        Result result = render_setup_program(setup, "terrain.vert", sources[i].fragment,
                                             sources[i].defines, &pass->programs[i], text);
        if (result != RESULT_OK)
            return result;
    }
    return RESULT_OK;
}

// One level and no mips: half the cost of a software fetch.
static void create_sampler(PassTerrain *pass, GlAccount *account)
{
    glGenSamplers(1, &pass->sampler);
    glSamplerParameteri(pass->sampler, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_NEAREST);
    glSamplerParameteri(pass->sampler, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glSamplerParameteri(pass->sampler, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glSamplerParameteri(pass->sampler, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    account->objects_created++;
}

static void bind_sampler(uint32_t sampler)
{
    for (unsigned i = 0; i < TILE_MAP_COUNT; i++)
        glBindSampler(GL_PROGRAM_UNIT_SURFACE + i, sampler);
}

Result pass_terrain_create(const RenderSetup *setup, PassTerrain *out, ResultText *text)
{
    memset(out, 0, sizeof *out);
    out->mesh_bias = lod_mesh_bias(setup->tier);
    if (setup->tier == 0)
        create_sampler(out, setup->account);
    gl_ring_create(&out->instances, GL_ARRAY_BUFFER, INSTANCES_MAX * sizeof(DrawInstance),
                   setup->account);
    Result result = create_programs(setup, out, text);
    for (int i = 0; result == RESULT_OK && i < TERRAIN_GRID_SIZES; i++) {
        int quads = lod_grid_quads(LOD_GRID_128) >> i;
        result = terrain_grid_create(quads, out->instances.handle, setup->base_instance,
                                     setup->account, &out->grids[i]);
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
    glDeleteSamplers(1, &pass->sampler);
    gl_ring_destroy(&pass->instances, account);
    memset(pass, 0, sizeof *pass);
}

void pass_terrain_reload(PassTerrain *pass, GlAccount *account)
{
    for (int i = 0; i < PASS_TERRAIN_PROGRAMS; i++)
        (void)gl_program_reload(&pass->programs[i], account);
}

// The base of a tile is a multiple of 64 m at or below its lowest point, so a base of 0 or more means that no sea is
// in it. The software tier draws fresh water in another way than the sea, and no wet sand.
static DrawKind kind_of(const DrawInstance *instance, bool lean)
{
    DrawKind kind = KIND_DRY;
    if (instance->base_m < 0.0f || (!lean && (instance->fresh || instance->shore)))
        kind = KIND_WET;
    else if (instance->fresh)
        kind = KIND_FRESH;
    return kind + (instance->cut ? 1 : 0);
}

// Copies one kind of a stage's instances, in their order.
static int copy_kind(const DrawList *list, DrawStage stage, DrawKind kind, bool lean,
                     DrawInstance *out)
{
    LodGrid grid = stage_grid(stage);
    const DrawInstance *from = list->instances[grid];
    int copied = 0;
    for (int i = 0; i < list->counts[grid]; i++) {
        if (kind_of(&from[i], lean) == kind && stage_of(from[i].lod) == stage)
            out[copied++] = from[i];
    }
    return copied;
}

static bool fill_instances(PassTerrain *pass, const DrawList *list, Batches *out)
{
    int total = list->counts[LOD_GRID_128] + list->counts[LOD_GRID_64] + list->counts[LOD_GRID_32];
    assert(total <= INSTANCES_MAX);
    (void)total;
    DrawInstance *memory = gl_ring_map(&pass->instances);
    if (memory == NULL)
        return false;
    uint32_t used = 0;
    Batch *batches = &out->of[0][0];
    for (int i = 0; i < STAGE_COUNT * KIND_COUNT; i++) {
        batches[i].first = used;
        batches[i].count = copy_kind(list, (DrawStage)(i / KIND_COUNT), (DrawKind)(i % KIND_COUNT),
                                     pass->sampler != 0, memory + used);
        used += (uint32_t)batches[i].count;
    }
    uint32_t region = (uint32_t)(gl_ring_unmap(&pass->instances) / sizeof *memory);
    for (int i = 0; i < STAGE_COUNT * KIND_COUNT; i++)
        batches[i].first += region;
    return true;
}

// The crack probe is a view that shows back faces too.
typedef enum DrawLook {
    DRAW_LOOK_SHADED,
    DRAW_LOOK_VIEW,
    DRAW_LOOK_PROBE,
    DRAW_LOOK_BORDER
} DrawLook;

static uint32_t program_of(const PassTerrain *pass, DrawStage stage, DrawKind kind, DrawLook look)
{
    PassTerrainProgram program = look == DRAW_LOOK_BORDER ? PASS_TERRAIN_BORDER : PASS_TERRAIN_VIEW;
    if (look == DRAW_LOOK_SHADED) {
        static const PassTerrainProgram shaded[KIND_COUNT / 2] = {
            PASS_TERRAIN_DRY, PASS_TERRAIN_FRESH, PASS_TERRAIN_WET};
        program = shaded[kind / 2];
        if (program == PASS_TERRAIN_DRY && stage == STAGE_RINGS && pass->sampler != 0)
            program = PASS_TERRAIN_RINGS;
    }
    return pass->programs[program].handle;
}

static void draw_stages(const PassTerrain *pass, const GlTiles *tiles, const Batches *batches,
                        DrawLook look, TerrainGridPart part)
{
    for (int i = 0; i < STAGE_COUNT * KIND_COUNT; i++) {
        DrawStage stage = (DrawStage)(i / KIND_COUNT);
        DrawKind kind = (DrawKind)(i % KIND_COUNT);
        Batch batch = batches->of[stage][kind];
        if (batch.count == 0)
            continue;
        bool cut = kind % 2 == 1;
        if (cut || look == DRAW_LOOK_PROBE)
            glDisable(GL_CULL_FACE);
        else
            glEnable(GL_CULL_FACE);
        glUseProgram(program_of(pass, stage, kind, look));
        LodGrid grid = stage_grid(stage);
        gl_tiles_bind(tiles, grid);
        terrain_grid_draw(&pass->grids[(int)grid + pass->mesh_bias], part, batch.first,
                          batch.count);
    }
}

static void set_state(const DrawScene *scene)
{
    glEnable(GL_DEPTH_TEST);
    glDepthFunc(GL_GREATER);
    glFrontFace(GL_CCW);
    glCullFace(GL_BACK);
    glPolygonMode(GL_FRONT_AND_BACK, scene->wireframe ? GL_LINE : GL_FILL);
}

void pass_terrain_draw(PassTerrain *pass, const GlTiles *tiles, const DrawList *list,
                       const DrawScene *scene)
{
    Batches batches;
    if (!fill_instances(pass, list, &batches))
        return;
    set_state(scene);
    bind_sampler(pass->sampler);
    DrawLook look = scene->mode != DRAW_MODE_SHADED ? DRAW_LOOK_VIEW : DRAW_LOOK_SHADED;
    if (scene->probe)
        look = DRAW_LOOK_PROBE;
    bool skirts = !scene->without_skirts && list->skirts;
    TerrainGridPart part = skirts ? TERRAIN_GRID_WHOLE : TERRAIN_GRID_SURFACE;
    draw_stages(pass, tiles, &batches, look, part);
    if (scene->chunk_bounds)
        draw_stages(pass, tiles, &batches, DRAW_LOOK_BORDER, TERRAIN_GRID_BORDER);
    bind_sampler(0);
    glPolygonMode(GL_FRONT_AND_BACK, GL_FILL);
    glBindVertexArray(0);
}
