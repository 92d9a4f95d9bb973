#include "render/gl_ring.h"

#include <assert.h>
#include <glad/gl.h>
#include <string.h>

#define OFFSET_ALIGNMENT 256u

void gl_ring_create(GlRing *out, uint32_t target, size_t region_bytes, GlAccount *account)
{
    assert(region_bytes > 0);
    memset(out, 0, sizeof *out);
    out->target = target;
    out->region_bytes = (region_bytes + OFFSET_ALIGNMENT - 1) / OFFSET_ALIGNMENT * OFFSET_ALIGNMENT;
    glGenBuffers(1, &out->handle);
    glBindBuffer(target, out->handle);
    glBufferData(target, (GLsizeiptr)(out->region_bytes * GL_RING_REGIONS), NULL, GL_DYNAMIC_DRAW);
    account->objects_created++;
    account->bytes.owners[GPU_STATS_MESHES] += out->region_bytes * GL_RING_REGIONS;
}

void gl_ring_destroy(GlRing *ring, GlAccount *account)
{
    if (ring->handle == 0)
        return;
    glDeleteBuffers(1, &ring->handle);
    account->bytes.owners[GPU_STATS_MESHES] -= ring->region_bytes * GL_RING_REGIONS;
    memset(ring, 0, sizeof *ring);
}

void *gl_ring_map(GlRing *ring)
{
    assert(ring->handle != 0);
    ring->region = (ring->region + 1) % GL_RING_REGIONS;
    glBindBuffer(ring->target, ring->handle);
    return glMapBufferRange(ring->target, (GLintptr)(ring->region_bytes * (size_t)ring->region),
                            (GLsizeiptr)ring->region_bytes,
                            GL_MAP_WRITE_BIT | GL_MAP_INVALIDATE_RANGE_BIT |
                                GL_MAP_UNSYNCHRONIZED_BIT);
}

size_t gl_ring_unmap(GlRing *ring)
{
    glUnmapBuffer(ring->target);
    return ring->region_bytes * (size_t)ring->region;
}
