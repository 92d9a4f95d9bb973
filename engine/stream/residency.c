#include "stream/residency.h"

#include <assert.h>
#include <math.h>

typedef struct Walk {
    const ResidencyInput *in;
    const ChunkTable *table;
    double agl2;
} Walk;

const LodTile *residency_find(const ChunkTable *table, ChunkKey key, int lod)
{
    uint32_t index = chunk_table_find(table, key);
    if (index == CHUNK_TABLE_NONE)
        return NULL;
    const ChunkMesh *mesh = &chunk_table_peek(table, index)->meshes[chunk_table_mesh_of(lod)];
    return mesh->state == FRAME_STATS_MESH_RESIDENT ? &mesh->tile : NULL;
}

static double distance_m(const Walk *walk, ChunkKey key)
{
    double plane = chunk_key_distance_m(key, walk->in->eye_m[0], walk->in->eye_m[2]);
    return sqrt(plane * plane + walk->agl2);
}

// Are all tiles that replace `block` at `lod` resident?
static bool block_ready(const Walk *walk, ChunkKey block, int lod)
{
    if (lod < 2)
        return residency_find(walk->table, block, lod) != NULL;
    uint32_t index = chunk_table_find(walk->table, block);
    return index != CHUNK_TABLE_NONE &&
           chunk_table_children_ready(chunk_table_peek(walk->table, index));
}

// Level of the keys whose blocks take `lod` as a whole: the chunk itself for L0 and L1.
static int block_level(int lod)
{
    return lod < 2 ? 0 : lod_key_level(lod + 1);
}

static float nearest_missing_m(const Walk *walk, int lod)
{
    const ResidencyInput *in = walk->in;
    bool root = lod == in->root_lod;
    int level = root ? lod_key_level(lod) : block_level(lod);
    double end_m = in->nominal.end_m[lod], nearest_m = INFINITY;
    if (end_m <= 0.0 || (!root && in->agl_m >= end_m))
        return INFINITY;
    ChunkKey low = chunk_key_at(level, in->eye_m[0] - end_m, in->eye_m[2] - end_m);
    ChunkKey high = chunk_key_at(level, in->eye_m[0] + end_m, in->eye_m[2] + end_m);
    for (int64_t z = low.z; z <= high.z; z++)
        for (int64_t x = low.x; x <= high.x; x++) {
            ChunkKey key = {x, z, level};
            double d_m = root ? chunk_key_distance_m(key, in->eye_m[0], in->eye_m[2])
                              : distance_m(walk, key);
            if (d_m >= end_m || d_m >= nearest_m)
                continue;
            bool ready =
                root ? residency_find(walk->table, key, lod) != NULL : block_ready(walk, key, lod);
            if (!ready)
                nearest_m = d_m;
        }
    return (float)nearest_m;
}

static void update_ranges(Residency *residency, const Walk *walk)
{
    const ResidencyInput *in = walk->in;
    // Coarser than the root nothing is drawn, but the seam rule looks there.
    LodRanges next = in->nominal;
    for (int lod = 0; lod <= in->root_lod; lod++) {
        float end_m = in->nominal.end_m[lod];
        residency->ready_m[lod] = nearest_missing_m(walk, lod);
        if (lod == in->root_lod) {
            next.end_m[lod] = end_m; // what is there is drawn; nothing is coarser
            continue;
        }
        float target_m = fminf(end_m, fmaxf(residency->ready_m[lod] - RESIDENCY_MARGIN_M, 0.0f));
        float grown_m =
            residency->effective.end_m[lod] + end_m * in->growth_per_s * (float)in->dt_s;
        next.end_m[lod] = in->snap ? target_m : fminf(target_m, grown_m);
    }
    residency->effective = lod_ranges_clamp(next);
}

static bool has_ancestor(const Walk *walk, ChunkKey key)
{
    int top = lod_key_level(walk->in->root_lod);
    while (key.level < top) {
        key = chunk_key_parent(key);
        if (residency_find(walk->table, key, lod_of_key_level(key.level)))
            return true;
    }
    return false;
}

static bool any_resident(const ChunkEntry *entry)
{
    for (int m = 0; m < CHUNK_TABLE_MESHES; m++)
        if (entry->meshes[m].state == FRAME_STATS_MESH_RESIDENT)
            return true;
    return false;
}

static void count_square(Residency *residency, const Walk *walk, const Loader *loader)
{
    const ResidencyInput *in = walk->in;
    ChunkKey eye = chunk_key_at(0, in->eye_m[0], in->eye_m[2]);
    int r = in->view_chunks;
    residency->missing = residency->holes = 0;
    residency->square_ready = true;
    for (int64_t z = eye.z - r; z <= eye.z + r; z++)
        for (int64_t x = eye.x - r; x <= eye.x + r; x++) {
            ChunkKey key = {x, z, 0};
            uint32_t index = chunk_table_find(walk->table, key);
            const ChunkEntry *entry =
                index == CHUNK_TABLE_NONE ? NULL : chunk_table_peek(walk->table, index);
            if (entry && entry->meshes[2].state == FRAME_STATS_MESH_RESIDENT)
                continue;
            residency->square_ready = false;
            if (entry && any_resident(entry))
                continue;
            residency->missing += !(entry && loader_runs(loader, index));
            residency->holes += !has_ancestor(walk, key);
        }
}

// Resident at the level that its distance asks for; beyond L2's range the tile of the ring counts.
static bool nominal_ready(const Walk *walk, ChunkKey key)
{
    double d_m = distance_m(walk, key);
    int lod = 0;
    while (lod < walk->in->root_lod && d_m >= (double)walk->in->nominal.end_m[lod])
        lod++;
    while (key.level < lod_key_level(lod))
        key = chunk_key_parent(key);
    return residency_find(walk->table, key, lod) != NULL;
}

static bool sharp_ahead(const Walk *walk)
{
    const double *v = walk->in->velocity_m_s;
    double speed = sqrt(v[0] * v[0] + v[2] * v[2]);
    int steps = speed > 0.1 ? 4 : 0;
    for (int i = 0; i <= steps; i++) {
        double ahead_m = (double)(i * CHUNK_KEY_SIDE_M) / (speed > 0.1 ? speed : 1.0);
        ChunkKey key = chunk_key_at(0, walk->in->eye_m[0] + v[0] * ahead_m,
                                    walk->in->eye_m[2] + v[2] * ahead_m);
        if (!nominal_ready(walk, key))
            return false;
    }
    return true;
}

void residency_update(Residency *residency, const ResidencyInput *input, const ChunkTable *table,
                      const Loader *loader)
{
    assert(input->root_lod > 2 && input->root_lod < LOD_COUNT);
    Walk walk = {.in = input, .table = table, .agl2 = (double)input->agl_m * (double)input->agl_m};
    update_ranges(residency, &walk);
    count_square(residency, &walk, loader);
    residency->sharp = sharp_ahead(&walk);
    residency->complete = residency->square_ready;
    for (int lod = 0; lod <= input->root_lod; lod++)
        residency->complete &= residency->ready_m[lod] >= input->nominal.end_m[lod];
}
