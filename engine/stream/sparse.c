#include "stream/sparse.h"

int sparse_serves(const Source *source, const TileLayout *layouts, int level)
{
    int meshes = chunk_table_meshes_of(level), mesh = source->read_sparse ? 0 : meshes;
    while (mesh < meshes && !tile_takes_sparse(&layouts[lod_grid(chunk_table_lod_of(level, mesh))]))
        mesh++;
    return mesh;
}

bool sparse_soon_full(const ChunkEntry *entry)
{
    return entry->meshes[CHUNK_TABLE_MESHES - 1].soon;
}

bool sparse_suits(const ChunkEntry *entry, int serves, bool hasty)
{
    if (serves == chunk_table_meshes_of(entry->key.level) ||
        (serves > 0 && (!hasty || sparse_soon_full(entry))))
        return false;
    for (int m = 0; m < serves; m++)
        if (entry->meshes[m].want != CHUNK_WANT_NONE)
            return false;
    return true;
}
