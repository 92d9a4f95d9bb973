#include "terrain_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

TerrainRig *terrain_rig_open(uint64_t seed, TerrainWidth width)
{
    TerrainRig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    assert_int_equal(terrain_create(&(TerrainDesc){.seed = seed, .width = width}, &rig->terrain),
                     RESULT_OK);
    rig->source = terrain_source(rig->terrain);
    assert_int_equal(arena_create(TERRAIN_SCRATCH_BYTES, OS_MEMORY_SCRATCH, &rig->scratch), 1);
    return rig;
}

void terrain_rig_close(TerrainRig *rig)
{
    terrain_destroy(rig->terrain);
    arena_destroy(&rig->scratch);
    free(rig);
}

void terrain_rig_read(TerrainRig *rig, ChunkKey key, Chunk *out)
{
    arena_rewind(&rig->scratch, 0);
    Result result = rig->source.read(rig->source.object, key, &rig->scratch, NULL, out);
    assert_int_equal(result, RESULT_OK);
}
