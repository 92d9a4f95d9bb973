// Purpose: river nets out of patches that are kept: what neighbours and all levels ask for is made once.
// Owns: the patches, from create. A patch that is there or not changes no bit, only the time that reading takes.
// Threads: any at once; a lock is held to look a patch up or to put one in, never while one is made.
// Fails: create and read return a Result.
#pragma once
#include "terrain/landform.h"
#include "terrain/river.h"

typedef struct RiverStore RiverStore;

typedef struct RiverStoreDesc {
    void (*fill)(const Landform *landform, RiverNet *net); // as river_net_fill
    const Landform *landform;                              // borrowed
} RiverStoreDesc;

RESULT_MUST Result river_store_create(const RiverStoreDesc *desc, RiverStore **out);
void river_store_destroy(RiverStore *store);

// Makes the net of `desc` in `scratch`: segments of all lattices, no nodes. The same bits as river_net and
// a fill would give.
RESULT_MUST Result river_store_read(RiverStore *store, const RiverNetDesc *desc, Arena *scratch,
                                    RiverNet *out);
