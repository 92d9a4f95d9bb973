#include "terrain/river_store.h"

#include "base/hash.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define CELLS 14 // of a patch, each way: with the nodes around 16 on all lattices but the coarsest
#define SEGMENTS (2 * CELLS * CELLS)
#define FIELDS 11 // arrays of RiverSegments
#define SETS 64
#define WAYS 6
#define LOCKS 16
_Static_assert(SETS % LOCKS == 0, "a set has one lock, whichever way it is found");

// The segments that start in CELLS x CELLS cells of one lattice, metres from the corner of the first.
typedef struct RiverPatch {
    int64_t x, z; // in patches
    int lattice;  // -1: empty
    int users;    // it stays while there are any
    uint64_t used;
    OsMutex *lock; // NULL: not kept
    RiverSegments segments;
    int first[CELLS * CELLS + 1]; // segment of each cell, and the end of all
} RiverPatch;

typedef struct RiverSet {
    uint64_t clock;
    RiverPatch patches[WAYS];
} RiverSet;

struct RiverStore {
    RiverStoreDesc desc;
    OsMutex *locks[LOCKS]; // each guards every 16th set
    RiverSet sets[SETS];
    float values[SETS * WAYS][FIELDS][SEGMENTS];
};

static RiverSegments segments_in(float (*v)[SEGMENTS])
{
    return (RiverSegments){v[0], v[1], v[2], v[3],  v[4], v[5],    v[6],
                           v[7], v[8], v[9], v[10], 0,    SEGMENTS};
}

static void lay_out_patch(RiverStore *store, int set, int way)
{
    store->sets[set].patches[way] = (RiverPatch){
        .lattice = -1,
        .lock = store->locks[set % LOCKS],
        .segments = segments_in(store->values[set * WAYS + way]),
    };
}

Result river_store_create(const RiverStoreDesc *desc, RiverStore **out)
{
    assert(desc && desc->fill && desc->landform && out);
    *out = NULL;
    RiverStore *store = os_memory_alloc(sizeof *store, OS_MEMORY_HEIGHTS);
    if (!store)
        return RESULT_OUT_OF_MEMORY;
    store->desc = *desc;
    Result result = RESULT_OK;
    for (int i = 0; !result && i < LOCKS; i++)
        result = os_thread_mutex_create(&store->locks[i]);
    if (result) {
        river_store_destroy(store);
        return result;
    }
    for (int i = 0; i < SETS * WAYS; i++)
        lay_out_patch(store, i / WAYS, i % WAYS);
    *out = store;
    return RESULT_OK;
}

void river_store_destroy(RiverStore *store)
{
    if (!store)
        return;
    for (int i = 0; i < LOCKS; i++)
        os_thread_mutex_destroy(store->locks[i]);
    os_memory_free(store, sizeof *store, OS_MEMORY_HEIGHTS);
}

// -- one patch ---------------------------------------------------------------

// Fills the arrays of `arrays` and names them in `*out`.
static void copy_segments(const RiverSegments *from, RiverSegments arrays, RiverSegments *out)
{
    arrays.count = 0;
    for (int i = 0; i < from->count; i++)
        river_copy(from, i, &arrays);
    *out = arrays;
}

static Result prepare(RiverStore *store, const RiverNetDesc *desc, Arena *scratch, RiverNet *out);

// The patch alone, in `scratch`, which holds no more of it afterwards than its segments: many may find no place to be
// kept in. The box is what its segments serve without those of its neighbours.
static Result make_patch(RiverStore *store, RiverPatch *out, Arena *scratch)
{
    const RiverKind *kind = &river_kinds[out->lattice];
    int32_t side_m = CELLS * kind->cell_m, in_m = (int32_t)river_kind_out_m(kind) + kind->link_m;
    RiverNetDesc desc = {
        .x_m = out->x * side_m,
        .z_m = out->z * side_m,
        .box = {in_m, in_m, side_m - 1 - in_m, side_m - 1 - in_m},
        .lattices = out->lattice + 1,
        .given = out->lattice,
        .whole = 1,
    };
    float(*values)[SEGMENTS] = arena_alloc(scratch, sizeof(float[FIELDS][SEGMENTS]));
    size_t mark = arena_mark(scratch);
    RiverNet net;
    Result result = values ? prepare(store, &desc, scratch, &net) : RESULT_OUT_OF_MEMORY;
    if (result)
        return result;
    store->desc.fill(store->desc.landform, &net);
    copy_segments(&net.segments[out->lattice], segments_in(values), &out->segments);
    memcpy(out->first, net.first[out->lattice], sizeof out->first);
    arena_rewind(scratch, mark);
    return RESULT_OK;
}

static RiverPatch *find_patch(RiverSet *set, const RiverPatch *like)
{
    for (int i = 0; i < WAYS; i++) {
        RiverPatch *patch = &set->patches[i];
        if (patch->lattice == like->lattice && patch->x == like->x && patch->z == like->z)
            return patch;
    }
    return NULL;
}

// Puts a copy in the place that was not used for longest; NULL when all are in use.
static RiverPatch *keep_patch(RiverSet *set, const RiverPatch *made)
{
    RiverPatch *oldest = NULL;
    for (int i = 0; i < WAYS; i++) {
        RiverPatch *patch = &set->patches[i];
        if (patch->users == 0 && (!oldest || patch->used < oldest->used))
            oldest = patch;
    }
    if (!oldest)
        return NULL;
    oldest->x = made->x;
    oldest->z = made->z;
    oldest->lattice = made->lattice;
    copy_segments(&made->segments, oldest->segments, &oldest->segments);
    memcpy(oldest->first, made->first, sizeof oldest->first);
    return oldest;
}

// Finds the patch of this name, or keeps `made` if it is made; `made` otherwise.
static RiverPatch *take_patch(RiverStore *store, RiverPatch *made, bool is_made)
{
    uint64_t hash = hash_u64(
        hash_u64((uint64_t)made->x * RIVER_LATTICES + (uint64_t)made->lattice) + (uint64_t)made->z);
    RiverSet *set = &store->sets[hash % SETS];
    OsMutex *lock = store->locks[hash % LOCKS];
    os_thread_mutex_lock(lock);
    RiverPatch *patch = find_patch(set, made);
    if (!patch && is_made)
        patch = keep_patch(set, made);
    if (patch) {
        patch->users++;
        patch->used = ++set->clock;
    }
    os_thread_mutex_unlock(lock);
    return patch ? patch : made;
}

static void give_back(RiverPatch *patch)
{
    if (!patch->lock)
        return;
    os_thread_mutex_lock(patch->lock);
    patch->users--;
    os_thread_mutex_unlock(patch->lock);
}

// To give back; NULL when the scratch is full.
static RiverPatch *get_patch(RiverStore *store, int lattice, int64_t x, int64_t z, Arena *scratch)
{
    size_t mark = arena_mark(scratch);
    RiverPatch *made = arena_alloc(scratch, sizeof *made);
    if (!made)
        return NULL;
    *made = (RiverPatch){.x = x, .z = z, .lattice = lattice};
    RiverPatch *patch = take_patch(store, made, false);
    if (patch == made) {
        if (make_patch(store, made, scratch))
            return NULL;
        patch = take_patch(store, made, true);
    }
    if (patch != made)
        arena_rewind(scratch, mark);
    return patch;
}

// -- nets --------------------------------------------------------------------

typedef struct RiverPatches {
    RiverPatch **all; // `down` rows of `across`
    int64_t x, z;     // the first
    int across, down;
} RiverPatches;

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

// Appends what of `from` acts in the net; `place`: of the patch's corner in it.
static void copy_acting(const RiverSegments *from, const int range[2], const float place[2],
                        const RiverBox *touched, RiverSegments *to)
{
    for (int i = range[0]; i < range[1]; i++) {
        float x = place[0] + from->x[i], z = place[1] + from->z[i];
        if (from->bed[i] >= RIVER_NEVER ||
            !river_crosses(touched, x, z, x + from->along_x[i], z + from->along_z[i]))
            continue;
        river_copy(from, i, to);
        to->x[to->count - 1] = x;
        to->z[to->count - 1] = z;
    }
}

// A row of cells, one after the other; moves `*starts` on.
static void copy_row(const RiverPatches *patches, RiverNet *net, int k, int row, int **starts)
{
    const RiverNodes *n = &net->nodes[k];
    const RiverKind *kind = &river_kinds[k];
    int64_t cell_z = n->cell_z + row, z = floor_divide(cell_z, CELLS);
    int64_t end = n->cell_x + n->columns - kind->margin;
    RiverPatch **across = patches->all + (z - patches->z) * patches->across;
    for (int64_t cell_x = n->cell_x + kind->margin; cell_x < end; cell_x++) {
        int64_t x = floor_divide(cell_x, CELLS);
        const RiverPatch *patch = across[x - patches->x];
        float place[2] = {(float)(x * CELLS * kind->cell_m - net->x_m),
                          (float)(z * CELLS * kind->cell_m - net->z_m)};
        *(*starts)++ = net->segments[k].count;
        copy_acting(&patch->segments,
                    patch->first + (cell_z - z * CELLS) * CELLS + (cell_x - x * CELLS), place,
                    &n->touched, &net->segments[k]);
    }
}

// The segments of lattice `k` of a net.
static Result gather(RiverStore *store, RiverNet *net, int k, Arena *scratch)
{
    const RiverNodes *n = &net->nodes[k];
    int margin = river_kinds[k].margin, got = 0, *starts = net->first[k];
    RiverPatches p = {.x = floor_divide(n->cell_x + margin, CELLS),
                      .z = floor_divide(n->cell_z + margin, CELLS)};
    p.across = (int)(floor_divide(n->cell_x + n->columns - 1 - margin, CELLS) - p.x) + 1;
    p.down = (int)(floor_divide(n->cell_z + n->rows - 1 - margin, CELLS) - p.z) + 1;
    size_t mark = arena_mark(scratch);
    p.all = arena_alloc(scratch, sizeof *p.all * (size_t)(p.across * p.down));
    if (!p.all)
        return RESULT_OUT_OF_MEMORY;
    for (; got < p.across * p.down; got++) {
        p.all[got] = get_patch(store, k, p.x + got % p.across, p.z + got / p.across, scratch);
        if (!p.all[got])
            break;
    }
    bool whole = got == p.across * p.down;
    for (int row = margin; whole && row < n->rows - margin; row++)
        copy_row(&p, net, k, row, &starts);
    *starts = net->segments[k].count;
    while (got > 0)
        give_back(p.all[--got]);
    arena_rewind(scratch, mark);
    return whole ? RESULT_OK : RESULT_OUT_OF_MEMORY;
}

// Lays out a net and brings what is given.
static Result prepare(RiverStore *store, const RiverNetDesc *desc, Arena *scratch, RiverNet *out)
{
    Result result = river_net(desc, scratch, out);
    for (int k = 0; !result && k < desc->given; k++)
        result = gather(store, out, k, scratch);
    return result;
}

Result river_store_read(RiverStore *store, const RiverNetDesc *desc, Arena *scratch, RiverNet *out)
{
    assert(store && desc && desc->extra_cells == 0);
    RiverNetDesc all = *desc;
    all.given = desc->lattices;
    return prepare(store, &all, scratch, out);
}
