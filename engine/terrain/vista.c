#include "terrain/vista.h"

#include "base/hash.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define SETS 128
#define WAYS 4
#define TILE_BYTES (sizeof(float) * VISTA_SIDE * VISTA_SIDE)

typedef struct VistaTile {
    int64_t x, z; // in tiles
    int level;    // 0: empty
    uint64_t used;
    float heights_m[VISTA_SIDE * VISTA_SIDE];
} VistaTile;

struct Vista {
    VistaDesc desc;
    OsMutex *lock;
    uint64_t clock;
    VistaTile tiles[SETS][WAYS];
};

Result vista_create(const VistaDesc *desc, Vista **out)
{
    assert(desc && desc->fill && out);
    *out = NULL;
    Vista *vista = os_memory_alloc(sizeof *vista, OS_MEMORY_HEIGHTS);
    if (!vista)
        return RESULT_OUT_OF_MEMORY;
    vista->desc = *desc;
    Result result = os_thread_mutex_create(&vista->lock);
    if (result) {
        os_memory_free(vista, sizeof *vista, OS_MEMORY_HEIGHTS);
        return result;
    }
    *out = vista;
    return RESULT_OK;
}

void vista_destroy(Vista *vista)
{
    if (!vista)
        return;
    os_thread_mutex_destroy(vista->lock);
    os_memory_free(vista, sizeof *vista, OS_MEMORY_HEIGHTS);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

// What a tile has of the window.
static void copy_part(const float *tile, int64_t tile_x, int64_t tile_z, const VistaWindow *window)
{
    int dx = (int)(tile_x * VISTA_SIDE - window->x), dz = (int)(tile_z * VISTA_SIDE - window->z);
    int left = dx > 0 ? dx : 0, top = dz > 0 ? dz : 0;
    int right = dx + VISTA_SIDE < window->side ? dx + VISTA_SIDE : window->side;
    int bottom = dz + VISTA_SIDE < window->side ? dz + VISTA_SIDE : window->side;
    for (int row = top; row < bottom; row++)
        memcpy(window->heights_m + row * window->pitch + left,
               tile + (row - dz) * VISTA_SIDE + left - dx, sizeof(float) * (size_t)(right - left));
}

static VistaTile *set_of(Vista *vista, int level, int64_t x, int64_t z)
{
    uint64_t hash = hash_u64(hash_u64((uint64_t)x * 16 + (uint64_t)level) + (uint64_t)z);
    return vista->tiles[hash % SETS];
}

static bool take_kept(Vista *vista, int64_t x, int64_t z, const VistaWindow *window)
{
    VistaTile *set = set_of(vista, window->level, x, z);
    bool found = false;
    os_thread_mutex_lock(vista->lock);
    for (int i = 0; !found && i < WAYS; i++) {
        found = set[i].level == window->level && set[i].x == x && set[i].z == z;
        if (!found)
            continue;
        set[i].used = ++vista->clock;
        copy_part(set[i].heights_m, x, z, window);
    }
    os_thread_mutex_unlock(vista->lock);
    return found;
}

static void keep(Vista *vista, int level, int64_t x, int64_t z, const float *heights_m)
{
    VistaTile *set = set_of(vista, level, x, z), *oldest = set;
    os_thread_mutex_lock(vista->lock);
    for (int i = 1; i < WAYS; i++)
        oldest = set[i].used < oldest->used ? &set[i] : oldest;
    oldest->level = level;
    oldest->x = x;
    oldest->z = z;
    oldest->used = ++vista->clock;
    memcpy(oldest->heights_m, heights_m, TILE_BYTES);
    os_thread_mutex_unlock(vista->lock);
}

// Two workers may make the same tile at once: rare, and cheaper than waiting for each other.
static Result make_tile(Vista *vista, int64_t x, int64_t z, const VistaWindow *window,
                        Arena *scratch)
{
    size_t mark = arena_mark(scratch);
    float *tile = arena_alloc(scratch, TILE_BYTES);
    if (!tile)
        return RESULT_OUT_OF_MEMORY;
    const VistaDesc *desc = &vista->desc;
    Result result =
        desc->fill(desc->object, window->level, x * VISTA_SIDE, z * VISTA_SIDE, scratch, tile);
    if (!result) {
        copy_part(tile, x, z, window);
        keep(vista, window->level, x, z, tile);
    }
    arena_rewind(scratch, mark);
    return result;
}

Result vista_read(Vista *vista, const VistaWindow *window, Arena *scratch)
{
    assert(vista && window->side > 0 && window->side <= window->pitch);
    assert(window->level >= VISTA_LEVEL_MIN && window->level <= VISTA_LEVEL_MAX);
    int64_t x_first = floor_divide(window->x, VISTA_SIDE);
    int64_t z_first = floor_divide(window->z, VISTA_SIDE);
    int64_t x_last = floor_divide(window->x + window->side - 1, VISTA_SIDE);
    int64_t z_last = floor_divide(window->z + window->side - 1, VISTA_SIDE);
    Result result = RESULT_OK;
    for (int64_t z = z_first; z <= z_last; z++)
        for (int64_t x = x_first; !result && x <= x_last; x++)
            if (!take_kept(vista, x, z, window))
                result = make_tile(vista, x, z, window, scratch);
    return result;
}
