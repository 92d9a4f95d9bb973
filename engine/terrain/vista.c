#include "terrain/vista.h"

#include "base/hash.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include <assert.h>
#include <string.h>

#define SETS 128
#define WAYS 6
#define LOCKS 32

typedef struct VistaTile {
    int64_t x, z; // in tiles
    int level;    // 0: empty
    uint64_t used;
    float heights_m[VISTA_SIDE * VISTA_SIDE];
} VistaTile;

typedef struct VistaSet {
    uint64_t clock;
    VistaTile tiles[WAYS];
} VistaSet;

struct Vista {
    VistaDesc desc;
    // Each guards every 32nd set, while a tile is made too: who wants the same one would only make it a second time.
    OsMutex *locks[LOCKS];
    VistaSet sets[SETS];
};

Result vista_create(const VistaDesc *desc, Vista **out)
{
    assert(desc && desc->fill && out);
    *out = NULL;
    Vista *vista = os_memory_alloc(sizeof *vista, OS_MEMORY_HEIGHTS);
    if (!vista)
        return RESULT_OUT_OF_MEMORY;
    vista->desc = *desc;
    Result result = RESULT_OK;
    for (int i = 0; !result && i < LOCKS; i++)
        result = os_thread_mutex_create(&vista->locks[i]);
    if (result) {
        vista_destroy(vista);
        return result;
    }
    *out = vista;
    return RESULT_OK;
}

void vista_destroy(Vista *vista)
{
    if (!vista)
        return;
    for (int i = 0; i < LOCKS; i++)
        os_thread_mutex_destroy(vista->locks[i]);
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

// The tile if the set has it, or else the one that was not used for longest, emptied.
static VistaTile *find_tile(VistaSet *set, int level, int64_t x, int64_t z)
{
    VistaTile *oldest = &set->tiles[0];
    for (int i = 0; i < WAYS; i++) {
        VistaTile *tile = &set->tiles[i];
        if (tile->level == level && tile->x == x && tile->z == z)
            return tile;
        oldest = tile->used < oldest->used ? tile : oldest;
    }
    oldest->level = 0;
    oldest->x = x;
    oldest->z = z;
    return oldest;
}

static Result read_tile(Vista *vista, int64_t x, int64_t z, const VistaWindow *window,
                        Arena *scratch)
{
    uint64_t hash = hash_u64(hash_u64((uint64_t)x * 16 + (uint64_t)window->level) + (uint64_t)z);
    VistaSet *set = &vista->sets[hash % SETS];
    OsMutex *lock = vista->locks[hash % LOCKS];
    const VistaDesc *desc = &vista->desc;
    size_t mark = arena_mark(scratch);
    Result result = RESULT_OK;
    os_thread_mutex_lock(lock);
    VistaTile *tile = find_tile(set, window->level, x, z);
    if (tile->level == 0)
        result = desc->fill(desc->object, window->level, x * VISTA_SIDE, z * VISTA_SIDE, scratch,
                            tile->heights_m);
    if (!result) {
        tile->level = window->level;
        tile->used = ++set->clock;
        copy_part(tile->heights_m, x, z, window);
    }
    os_thread_mutex_unlock(lock);
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
            result = read_tile(vista, x, z, window, scratch);
    return result;
}
