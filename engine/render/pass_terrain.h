// Purpose: draws the terrain: instances of the shared grids, dry tiles and tiles with water apart.
// Owns: its programs, the grids and the instance buffer.
// Threads: the main thread, with a current context.
// Fails: create and rebuild return a Result; a draw does not fail.
#pragma once
#include "render/gl_ring.h"
#include "render/gl_tiles.h"
#include "render/render_setup.h"
#include "render/terrain_grid.h"

typedef enum PassTerrainProgram {
    PASS_TERRAIN_DRY,
    PASS_TERRAIN_RINGS, // software tier: dry tiles beyond the chunks
    PASS_TERRAIN_FRESH, // software tier: tiles with fresh water and without sea
    PASS_TERRAIN_WET, // tiles whose base lies below sea level; other tiers: and tiles with fresh water
    PASS_TERRAIN_VIEW, // debug view modes and the crack probe
    PASS_TERRAIN_BORDER,
    PASS_TERRAIN_PROGRAMS
} PassTerrainProgram;

typedef struct PassTerrain {
    GlProgram programs[PASS_TERRAIN_PROGRAMS];
    TerrainGrid grids[TERRAIN_GRID_SIZES];
    uint32_t sampler; // replaces the arrays' own filter at the software tier; 0: theirs
    GlRing instances;
    int mesh_bias;
} PassTerrain;

RESULT_MUST Result pass_terrain_create(const RenderSetup *setup, PassTerrain *out,
                                       ResultText *text);
void pass_terrain_destroy(PassTerrain *pass, GlAccount *account);
void pass_terrain_reload(PassTerrain *pass, GlAccount *account);

// Draws the list; the target is bound, the frame block and the sky map too.
void pass_terrain_draw(PassTerrain *pass, const GlTiles *tiles, const DrawList *list,
                       const DrawScene *scene);
