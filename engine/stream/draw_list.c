#include "stream/draw_list.h"

#include "base/os_memory.h"
#include <assert.h>
#include <math.h>

// Distances are rounded differently on the two sides of a range's end.
#define LATE_PART 0.999f
// For the same reason the morph is whole a little before its level ends: a vertex at 0.9999999 leaves a crack.
#define MORPH_PART 0.998f

Result draw_list_create(DrawList *out)
{
    *out = (DrawList){0};
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        out->instances[g] =
            os_memory_alloc(LOD_SELECT_PICKS_MAX * sizeof(DrawInstance), OS_MEMORY_RENDER);
        if (!out->instances[g]) {
            draw_list_destroy(out);
            return RESULT_OUT_OF_MEMORY;
        }
    }
    return RESULT_OK;
}

void draw_list_destroy(DrawList *list)
{
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        os_memory_free(list->instances[g], LOD_SELECT_PICKS_MAX * sizeof(DrawInstance),
                       OS_MEMORY_RENDER);
    *list = (DrawList){0};
}

// Whether a side of the frustum or the near plane runs through the tile. The bound on the earth's bend is that of the
// farthest ring, so a few tiles are called cut that are not.
static bool is_cut(const LodPick *pick, const ViewFrame *frame)
{
    float side_m = (float)chunk_key_side_m(pick->key.level);
    float x = (float)(pick->key.x * chunk_key_side_m(pick->key.level) - frame->anchor_x_m) -
              frame->eye_anchor[0];
    float z = (float)(pick->key.z * chunk_key_side_m(pick->key.level) - frame->anchor_z_m) -
              frame->eye_anchor[2];
    float reach_m = pick->distance_m + 2.0f * side_m;
    float drop_m = reach_m * reach_m / (2.0f * VIEW_EARTH_RADIUS_M);
    vec3 low = {x, pick->tile.min_m - frame->eye_anchor[1] - drop_m, z};
    vec3 high = {x + side_m, fmaxf(pick->tile.max_m, 0.0f) - frame->eye_anchor[1], z + side_m};
    return !view_box_inside(frame, low, high);
}

void draw_list_fill(DrawList *list, const LodPick *picks, int count, const ViewFrame *frame,
                    const LodRanges *ranges, int mesh_bias)
{
    assert(count <= LOD_SELECT_PICKS_MAX && mesh_bias >= 0 && mesh_bias <= LOD_MESH_BIAS_MAX);
    float start_m[LOD_COUNT], scale_per_m[LOD_COUNT];
    for (int lod = 0; lod < LOD_COUNT; lod++) {
        start_m[lod] = lod_morph_start_m(ranges, lod);
        float width_m = ranges->end_m[lod] - start_m[lod];
        scale_per_m[lod] = width_m > 0.0f ? 1.0f / (width_m * MORPH_PART) : 0.0f;
    }
    list->triangles = 0;
    list->skirts = false;
    list->focus = NULL;
    for (int i = 0; i < count; i++)
        list->skirts |=
            picks[i].lod > 0 && picks[i].distance_m < ranges->end_m[picks[i].lod - 1] * LATE_PART;
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        list->counts[g] = 0;
    for (int i = 0; i < count; i++) {
        const LodPick *pick = &picks[i];
        int64_t side_m = chunk_key_side_m(pick->key.level);
        LodGrid grid = lod_grid(pick->lod);
        uint64_t quads = (uint64_t)(lod_grid_quads(grid) >> mesh_bias);
        list->triangles += 2 * quads * quads + (list->skirts ? 8 * quads : 0);
        list->instances[grid][list->counts[grid]++] =
            (DrawInstance){.origin_x_anchor = (float)(pick->key.x * side_m - frame->anchor_x_m),
                           .origin_z_anchor = (float)(pick->key.z * side_m - frame->anchor_z_m),
                           .spacing_m = lod_spacing_m(pick->lod),
                           .base_m = pick->tile.base_m,
                           .morph_start_m = start_m[pick->lod],
                           .morph_scale_per_m = scale_per_m[pick->lod],
                           .layer = (uint16_t)pick->tile.layer,
                           .lod = (uint16_t)pick->lod,
                           .cut = is_cut(pick, frame),
                           .shore = pick->tile.min_m < DRAW_SHORE_M,
                           .fresh = pick->tile.fresh};
    }
}
