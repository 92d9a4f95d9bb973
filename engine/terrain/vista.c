#include "terrain/vista.h"

#include "base/hash.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define SETS 128
#define WAYS 6
#define WINDOW_TILES_MAX 9 // 3 x 3: skylines look 119 samples wide

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
    // One a set, held while a tile is made too: who wants the same one would only make it a second time.
    OsMutex *locks[SETS];
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
    for (int i = 0; !result && i < SETS; i++)
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
    for (int i = 0; i < SETS; i++)
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

typedef struct Reading {
    Vista *vista;
    Arena *scratch;
    bool waits; // for tiles that another thread is making; else these are left out
} Reading;

// `read`: set once the window has the tile.
static Result read_tile(const Reading *reading, const VistaWindow *window, const int64_t at[2],
                        bool *read)
{
    int64_t x = at[0], z = at[1];
    const VistaDesc *desc = &reading->vista->desc;
    uint64_t hash = hash_u64(hash_u64((uint64_t)x * 16 + (uint64_t)window->level) + (uint64_t)z);
    VistaSet *set = &reading->vista->sets[hash % SETS];
    OsMutex *lock = reading->vista->locks[hash % SETS];
    size_t mark = arena_mark(reading->scratch);
    Result result = RESULT_OK;
    if (reading->waits)
        os_thread_mutex_lock(lock);
    else if (!os_thread_mutex_try_lock(lock))
        return RESULT_OK;
    VistaTile *tile = find_tile(set, window->level, x, z);
    if (tile->level == 0)
        result = desc->fill(desc->object, window->level, x * VISTA_SIDE, z * VISTA_SIDE,
                            reading->scratch, tile->heights_m);
    if (!result) {
        tile->level = window->level;
        tile->used = ++set->clock;
        copy_part(tile->heights_m, x, z, window);
        *read = true;
    }
    os_thread_mutex_unlock(lock);
    arena_rewind(reading->scratch, mark);
    return result;
}

static Result read_window(const Reading *reading, const VistaWindow *window,
                          bool read[WINDOW_TILES_MAX])
{
    assert(window->side > 0 && window->side <= window->pitch);
    assert(window->level >= VISTA_LEVEL_MIN && window->level <= VISTA_LEVEL_MAX);
    int64_t x = floor_divide(window->x, VISTA_SIDE), z = floor_divide(window->z, VISTA_SIDE);
    int across = (int)(floor_divide(window->x + window->side - 1, VISTA_SIDE) - x) + 1;
    int down = (int)(floor_divide(window->z + window->side - 1, VISTA_SIDE) - z) + 1;
    assert(across * down <= WINDOW_TILES_MAX);
    Result result = RESULT_OK;
    for (int i = 0; !result && i < across * down; i++) {
        int64_t at[2] = {x + i % across, z + i / across};
        if (!read[i])
            result = read_tile(reading, window, at, &read[i]);
    }
    return result;
}

Result vista_read(Vista *vista, const VistaWindow *windows, int count, Arena *scratch)
{
    assert(vista && count <= VISTA_WINDOWS_MAX);
    bool read[VISTA_WINDOWS_MAX][WINDOW_TILES_MAX] = {{false}};
    Reading reading = {vista, scratch, false};
    Result result = RESULT_OK;
    // Threads that want the same tiles make different ones of them first, and then find the others made.
    for (int turn = 0; turn < 2; turn++, reading.waits = true)
        for (int i = 0; !result && i < count; i++)
            result = read_window(&reading, &windows[i], read[i]);
    return result;
}
