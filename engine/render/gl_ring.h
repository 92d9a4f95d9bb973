// Purpose: a buffer that is written anew each frame: three regions, so that the GPU never reads what is written.
// Owns: the GL buffer.
// Threads: the main thread, with a current context.
// Fails: never after create; the caller keeps within the region.
#pragma once
#include "render/gl_account.h"
#include <stddef.h>

#define GL_RING_REGIONS 3 // one written, one drawn, one to spare: the tick waits for frame N-1

typedef struct GlRing {
    uint32_t handle;
    uint32_t target;
    size_t region_bytes;
    int region;
} GlRing;

// `target`: the GL binding point. `region_bytes` is rounded up to 256, the largest offset alignment in use.
void gl_ring_create(GlRing *out, uint32_t target, size_t region_bytes, GlAccount *account);
void gl_ring_destroy(GlRing *ring, GlAccount *account);

// Moves to the next region and maps it for writing; stays bound to the target. NULL only if the context is lost.
void *gl_ring_map(GlRing *ring);
// Ends the writing; returns the region's offset in bytes.
size_t gl_ring_unmap(GlRing *ring);
