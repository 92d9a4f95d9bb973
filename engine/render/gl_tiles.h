// Purpose: the texture arrays that hold the tiles, and the staging slots that feed them.
// Owns: an array for each part of a tile and grid class, one pixel buffer, the slots where it cannot stay mapped.
// Threads: the main thread; slot memory is written by jobs between acquire and upload.
// Fails: create returns a Result; nothing else fails.
#pragma once
#include "render/gl_account.h"
#include "render/gl_caps.h"
#include "stream/gpu_sink.h"

typedef struct GlTileArrays {
    uint32_t
        heights; // RG16UI, NEAREST: with any other filter an integer texture is incomplete and reads 0
    uint32_t maps[TILE_MAP_COUNT]; // RGBA8, 3 mips
} GlTileArrays;

typedef struct GlTiles {
    GpuSinkDesc desc;
    GlTileArrays arrays[LOD_GRID_COUNT];
    uint32_t pixel_buffer;
    uint8_t *slots; // mapped buffer, or heap
    bool mapped;
    size_t slots_bytes;
    size_t class_offset_bytes[LOD_GRID_COUNT];
    size_t slot_stride_bytes[LOD_GRID_COUNT];
    uint64_t *slot_frames; // frame of each slot's last upload, all classes in a row; 0: never
    uint32_t slot_first[LOD_GRID_COUNT];
    uint32_t slot_total;
    uint64_t gpu_bytes; // of the arrays
} GlTiles;

// Allocates everything and writes every layer once, so that no page is touched for the first time in a frame.
RESULT_MUST Result gl_tiles_create(const GpuSinkDesc *desc, const GlCaps *caps, GlAccount *account,
                                   GlTiles *out, ResultText *text);
void gl_tiles_destroy(GlTiles *tiles, GlAccount *account);
// As destroy when the context is gone: frees the heap, leaves GL alone.
void gl_tiles_forget(GlTiles *tiles, GlAccount *account);

uint8_t *gl_tiles_slot(const GlTiles *tiles, LodGrid grid, uint32_t slot);
// Frame of the slot's last upload, 0 when there was none.
uint64_t gl_tiles_slot_frame(const GlTiles *tiles, LodGrid grid, uint32_t slot);
void gl_tiles_upload(GlTiles *tiles, LodGrid grid, uint32_t layer, uint32_t slot, uint64_t frame);
// Binds the arrays of a class to the units of gl_program.h.
void gl_tiles_bind(const GlTiles *tiles, LodGrid grid);
