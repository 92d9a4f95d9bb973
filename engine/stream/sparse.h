// Purpose: which chunks may be read sparsely: where tiles show no more than every second sample of them.
// Owns: nothing.
// Threads: any; pure.
// Fails: never.
#pragma once
#include "stream/chunk_table.h"
#include "world/source.h"
#include "world/tile.h"

// The finest mesh of a chunk of `level` that sparse data suffice for, and all coarser ones with it;
// chunk_table_meshes_of: none. One layout a grid.
int sparse_serves(const Source *source, const TileLayout *layouts, int level);
// A chunk of level 0 of which a finer mesh may be wanted next than sparse data suffice for.
bool sparse_soon_full(const ChunkEntry *entry);
// Sparse data are as good as any where they serve every mesh; where not, they are for haste, and nothing finer may be
// wanted, now or next.
bool sparse_suits(const ChunkEntry *entry, int serves, bool hasty);
