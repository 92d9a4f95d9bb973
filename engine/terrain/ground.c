#include "terrain/ground.h"

#include "base/os_memory.h"
#include "base/os_thread.h"
#include <assert.h>
#include <math.h>

#define PATCHES 32
#define CELLS (GROUND_SIDE - 1)

typedef struct GroundPatch {
    int64_t x, z; // in patches
    bool filled;
    float heights_m[GROUND_SIDE][GROUND_PITCH];
} GroundPatch;

struct Ground {
    GroundDesc desc;
    OsMutex *lock;
    uint8_t *scratch;
    _Alignas(64) GroundPatch patches[PATCHES];
};

Result ground_create(const GroundDesc *desc, Ground **out)
{
    assert(desc && desc->fill && out);
    *out = NULL;
    Ground *ground = os_memory_alloc(sizeof *ground, OS_MEMORY_BASE);
    if (!ground)
        return RESULT_OUT_OF_MEMORY;
    ground->desc = *desc;
    ground->scratch = os_memory_alloc(desc->scratch_bytes, OS_MEMORY_BASE);
    Result result = ground->scratch ? os_thread_mutex_create(&ground->lock) : RESULT_OUT_OF_MEMORY;
    if (result) {
        ground_destroy(ground);
        return result;
    }
    *out = ground;
    return RESULT_OK;
}

void ground_destroy(Ground *ground)
{
    if (!ground)
        return;
    os_thread_mutex_destroy(ground->lock);
    os_memory_free(ground->scratch, ground->desc.scratch_bytes, OS_MEMORY_BASE);
    os_memory_free(ground, sizeof *ground, OS_MEMORY_BASE);
}

static const GroundPatch *patch_at(Ground *ground, int64_t x, int64_t z)
{
    // Neighbours have places of their own: a camera between four of them asks for all in turn.
    GroundPatch *patch = &ground->patches[((uint64_t)x % 8) + 8 * ((uint64_t)z % (PATCHES / 8))];
    if (patch->filled && patch->x == x && patch->z == z)
        return patch;
    Arena scratch = {.memory = ground->scratch, .capacity_bytes = ground->desc.scratch_bytes};
    patch->x = x;
    patch->z = z;
    patch->filled = ground->desc.fill(ground->desc.object, x * CELLS, z * CELLS, &scratch,
                                      &patch->heights_m[0][0]);
    return patch;
}

float ground_at(Ground *ground, double x_m, double z_m)
{
    assert(ground && fabs(x_m) < 0x1p52 && fabs(z_m) < 0x1p52);
    double column = floor(x_m * 0.5), row = floor(z_m * 0.5);
    double patch_x = floor(column / CELLS), patch_z = floor(row / CELLS);
    int i = (int)(column - patch_x * CELLS), j = (int)(row - patch_z * CELLS);
    float u = (float)(x_m * 0.5 - column), v = (float)(z_m * 0.5 - row);
    os_thread_mutex_lock(ground->lock);
    const GroundPatch *patch = patch_at(ground, (int64_t)patch_x, (int64_t)patch_z);
    const float *north = patch->heights_m[j] + i, *south = patch->heights_m[j + 1] + i;
    float north_m = north[0] + (north[1] - north[0]) * u;
    float south_m = south[0] + (south[1] - south[0]) * u;
    os_thread_mutex_unlock(ground->lock);
    return north_m + (south_m - north_m) * v;
}
