// Purpose: all materials of the ground, from the cache file or made anew on threads of their own.
// Owns: the pictures until they are released, the threads while they work, the cache file.
// Threads: create, source and destroy by one, the main thread.
// Fails: create returns a Result. A file that is damaged, old or cannot be written is said once in the log and made
// anew; where nothing can be made the layers stay NULL.
#pragma once
#include "base/arena.h"
#include "base/result.h"
#include "world/material.h"

// As material_make.
typedef void MaterialMaker(MaterialKind kind, Arena *scratch, uint8_t *out);

typedef struct MaterialSetDesc {
    const char
        *path;   // of the cache file, copied; its folders are made; NULL: none is read or written
    int threads; // that make layers; 0: one a CPU, four at most
    MaterialMaker *make; // of a layer; NULL: material_make
} MaterialSetDesc;

typedef struct MaterialSet MaterialSet;

// Nothing is read or made before the source is asked. `*out` is owned by the caller.
RESULT_MUST Result material_set_create(const MaterialSetDesc *desc, MaterialSet **out);
// Waits for layers that are being made.
void material_set_destroy(MaterialSet *set);
MaterialSource material_set_source(MaterialSet *set);
