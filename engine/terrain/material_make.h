// Purpose: makes the pictures of a ground material from noise, stones, cracks and beds.
// Owns: nothing; the same bits on every machine.
// Threads: any.
// Fails: never; the scratch arena must hold MATERIAL_MAKE_SCRATCH_BYTES.
#pragma once
#include "base/arena.h"
#include "world/material.h"

#define MATERIAL_MAKE_VERSION 1 // raised with every change of what is made
#define MATERIAL_MAKE_SCRATCH_BYTES ((size_t)28 * MATERIAL_SIDE * MATERIAL_SIDE + 4096)
// Greatest standard deviation of a layer's stored luminance, where 1 is the whole range of a byte.
#define MATERIAL_MAKE_SPREAD_MAX 0.10f

// Writes the MATERIAL_LAYER_BYTES of a layer.
void material_make(MaterialKind kind, Arena *scratch, uint8_t *out);
