#include "render_kept.h"

#include "base/key_index.h"
#include "base/os_thread.h"
#include "terrain/terrain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHUNKS_MAX 16384

struct RenderKept {
    Terrain *terrain; // NULL: of another source
    Source inner;
    OsMutex *mutex; // over all below
    KeyIndex index;
    Chunk *chunks[CHUNKS_MAX];
};

static const Chunk *find(const RenderKept *kept, ChunkKey key)
{
    uint32_t step = 0;
    uint64_t hash = chunk_key_hash(key);
    for (;;) {
        uint32_t slot = key_index_next(&kept->index, hash, &step);
        if (slot == KEY_INDEX_NONE)
            return NULL;
        if (chunk_key_equal(kept->chunks[slot]->key, key))
            return kept->chunks[slot];
    }
}

static void keep(RenderKept *kept, const Chunk *chunk)
{
    uint32_t slot = kept->index.count;
    if (slot == CHUNKS_MAX || find(kept, chunk->key) != NULL)
        return;
    kept->chunks[slot] = malloc(sizeof *chunk);
    if (kept->chunks[slot] == NULL)
        return;
    *kept->chunks[slot] = *chunk;
    key_index_add(&kept->index, chunk_key_hash(chunk->key), slot);
}

static Result kept_read(void *object, ChunkKey key, Arena *scratch, const atomic_bool *cancelled,
                        Chunk *out)
{
    RenderKept *kept = object;
    os_thread_mutex_lock(kept->mutex);
    const Chunk *known = find(kept, key);
    if (known != NULL)
        *out = *known;
    os_thread_mutex_unlock(kept->mutex);
    if (known != NULL)
        return RESULT_OK;
    Result result = kept->inner.read(kept->inner.object, key, scratch, cancelled, out);
    if (result != RESULT_OK)
        return result;
    os_thread_mutex_lock(kept->mutex);
    keep(kept, out);
    os_thread_mutex_unlock(kept->mutex);
    return RESULT_OK;
}

static float kept_ground(void *object, double x_m, double z_m)
{
    const RenderKept *kept = object;
    return kept->inner.ground_m(kept->inner.object, x_m, z_m);
}

RenderKept *render_kept_of(const Source *inner)
{
    RenderKept *kept = calloc(1, sizeof *kept);
    assert_non_null(kept);
    kept->inner = *inner;
    assert_int_equal(os_thread_mutex_create(&kept->mutex), RESULT_OK);
    assert_int_equal(key_index_create(CHUNKS_MAX, OS_MEMORY_APP, &kept->index), RESULT_OK);
    return kept;
}

RenderKept *render_kept_create(uint64_t seed)
{
    Terrain *terrain = NULL;
    assert_int_equal(terrain_create(&(TerrainDesc){.seed = seed}, &terrain), RESULT_OK);
    Source source = terrain_source(terrain);
    RenderKept *kept = render_kept_of(&source);
    kept->terrain = terrain;
    return kept;
}

Source render_kept_source(RenderKept *kept)
{
    // What a source may leave out is left out: it would get another object than its own.
    return (Source){.name = kept->inner.name,
                    .attribution = kept->inner.attribution,
                    .seed = kept->inner.seed,
                    .cost = kept->inner.cost,
                    .object = kept,
                    .read = kept_read,
                    .ground_m = kept_ground};
}

void render_kept_destroy(RenderKept *kept)
{
    for (uint32_t i = 0; i < kept->index.count; i++)
        free(kept->chunks[i]);
    key_index_destroy(&kept->index);
    os_thread_mutex_destroy(kept->mutex);
    terrain_destroy(kept->terrain);
    free(kept);
}
