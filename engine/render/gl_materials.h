// Purpose: the ground's materials on the GPU: two texture arrays, neutral until their pictures come, a map a frame.
// Owns: the arrays; none at the software tier.
// Threads: the main thread, with a current context.
// Fails: never; what the source lacks stays neutral.
#pragma once
#include "render/render_setup.h"
#include "stream/gpu_sink.h"
#include "world/material.h"

typedef struct GlMaterials {
    uint32_t maps[MATERIAL_MAPS]; // RGBA8; 0: the tier has none
    int mip_first;                // of the pictures: 1 where half the side is enough
    int uploaded;                 // maps of all layers that hold their picture, in their order
    bool released;
    uint64_t gpu_bytes;
} GlMaterials;

void gl_materials_create(const RenderSetup *setup, GlMaterials *out);
void gl_materials_destroy(GlMaterials *materials, GlAccount *account);

// What a tier's materials take: on the GPU, and of RAM until they are uploaded.
GpuSinkNeeds gl_materials_needs(int tier);

// Uploads the next map if `source` has it; frees the source's memory after the last one.
void gl_materials_step(GlMaterials *materials, const MaterialSource *source);
// Waits for the source and uploads everything.
void gl_materials_finish(GlMaterials *materials, const MaterialSource *source);
void gl_materials_bind(const GlMaterials *materials);

// Lines of shader text for the layers' numbers and mean colours, and for how the sampler sees shallow angles.
void gl_materials_defines(const GlCaps *caps, char *out, size_t bytes);
