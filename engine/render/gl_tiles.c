#include "render/gl_tiles.h"

#include "base/os_memory.h"
#include "render/gl_program.h"
#include <assert.h>
#include <glad/gl.h>
#include <string.h>

#define SLOT_ALIGNMENT 64u
#define ANISOTROPY 8.0f // beyond it the ground gains nothing that one sees
#define ERRORS_CLEARED_MAX 16

static_assert((int)GL_PROGRAM_UNIT_SKY - (int)GL_PROGRAM_UNIT_SURFACE == (int)TILE_MAP_COUNT,
              "a unit for each map, in their order");

typedef struct MapFormat {
    GLenum internal, format, type;
    GLenum filter_min, filter_mag;
    int levels;
    int texel_bytes;
} MapFormat;

static const MapFormat heights_format = {
    GL_RG16UI, GL_RG_INTEGER, GL_UNSIGNED_SHORT, GL_NEAREST, GL_NEAREST, 1, 4};
static const MapFormat colour_format = {
    GL_RGBA8, GL_RGBA, GL_UNSIGNED_BYTE, GL_LINEAR_MIPMAP_LINEAR, GL_LINEAR, TILE_MIPS, 4};

static uint64_t map_bytes(const MapFormat *format, int side, uint32_t layers)
{
    uint64_t bytes = 0;
    for (int level = 0; level < format->levels; level++)
        bytes +=
            (uint64_t)(side >> level) * (uint64_t)(side >> level) * (uint64_t)format->texel_bytes;
    return bytes * layers;
}

static uint32_t create_array(const MapFormat *format, int side, uint32_t layers, const GlCaps *caps)
{
    GLuint handle = 0;
    glGenTextures(1, &handle);
    glBindTexture(GL_TEXTURE_2D_ARRAY, handle);
    for (int level = 0; level < format->levels; level++)
        glTexImage3D(GL_TEXTURE_2D_ARRAY, level, (GLint)format->internal, side >> level,
                     side >> level, (GLsizei)layers, 0, format->format, format->type, NULL);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAX_LEVEL, format->levels - 1);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MIN_FILTER, (GLint)format->filter_min);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAG_FILTER, (GLint)format->filter_mag);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    // A software rasteriser pays for each tap.
    if (format->levels > 1 && !caps->is_software && caps->anisotropy_max >= ANISOTROPY)
        glTexParameterf(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAX_ANISOTROPY_EXT, ANISOTROPY);
    return handle;
}

static void create_arrays(GlTiles *tiles, const GlCaps *caps, GlAccount *account)
{
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        const TileLayout *layout = &tiles->desc.layouts[grid];
        uint32_t layers = tiles->desc.layer_counts[grid];
        if (layers == 0)
            continue;
        GlTileArrays *arrays = &tiles->arrays[grid];
        arrays->heights = create_array(&heights_format, layout->height_side, layers, caps);
        tiles->gpu_bytes += map_bytes(&heights_format, layout->height_side, layers);
        for (int i = 0; i < TILE_MAP_COUNT; i++) {
            arrays->maps[i] = create_array(&colour_format, layout->maps[i].side, layers, caps);
            tiles->gpu_bytes += map_bytes(&colour_format, layout->maps[i].side, layers);
        }
        account->objects_created += 1 + TILE_MAP_COUNT;
    }
    glBindTexture(GL_TEXTURE_2D_ARRAY, 0);
}

// Lays the slots of all classes out in one block.
static void place_slots(GlTiles *tiles)
{
    size_t at = 0;
    uint32_t total = 0;
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        size_t bytes = tiles->desc.layouts[grid].bytes;
        size_t stride = (bytes + SLOT_ALIGNMENT - 1) / SLOT_ALIGNMENT * SLOT_ALIGNMENT;
        tiles->slot_stride_bytes[grid] = stride;
        tiles->class_offset_bytes[grid] = at;
        tiles->slot_first[grid] = total;
        at += stride * tiles->desc.slot_counts[grid];
        total += tiles->desc.slot_counts[grid];
    }
    tiles->slots_bytes = at;
    tiles->slot_total = total;
}

static bool create_staging(GlTiles *tiles, const GlCaps *caps, GlAccount *account)
{
    glGenBuffers(1, &tiles->pixel_buffer);
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, tiles->pixel_buffer);
    account->objects_created++;
    tiles->mapped = caps->buffer_storage;
    if (tiles->mapped) {
        const GLbitfield flags = GL_MAP_WRITE_BIT | GL_MAP_PERSISTENT_BIT | GL_MAP_COHERENT_BIT;
        glBufferStorage(GL_PIXEL_UNPACK_BUFFER, (GLsizeiptr)tiles->slots_bytes, NULL, flags);
        tiles->slots =
            glMapBufferRange(GL_PIXEL_UNPACK_BUFFER, 0, (GLsizeiptr)tiles->slots_bytes, flags);
    } else {
        glBufferData(GL_PIXEL_UNPACK_BUFFER, (GLsizeiptr)tiles->slots_bytes, NULL, GL_STREAM_DRAW);
        tiles->slots = os_memory_alloc(tiles->slots_bytes, OS_MEMORY_STAGING);
    }
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
    if (tiles->slots != NULL)
        memset(tiles->slots, 0, tiles->slots_bytes);
    tiles->slot_frames =
        os_memory_alloc(tiles->slot_total * sizeof *tiles->slot_frames, OS_MEMORY_RENDER);
    return tiles->slots != NULL && tiles->slot_frames != NULL;
}

static void touch_layers(GlTiles *tiles)
{
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        if (tiles->desc.slot_counts[grid] == 0)
            continue;
        for (uint32_t layer = 0; layer < tiles->desc.layer_counts[grid]; layer++)
            gl_tiles_upload(tiles, (LodGrid)grid, layer, 0, 0);
    }
}

static Result check_limits(const GpuSinkDesc *desc, const GlCaps *caps, ResultText *text)
{
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        if (desc->layer_counts[grid] > (uint32_t)caps->layers_max)
            return result_fail(text, RESULT_LIMIT,
                               "%u tiles of one class are wanted, but this GPU's arrays hold %d: "
                               "use a shorter view",
                               desc->layer_counts[grid], caps->layers_max);
    }
    return RESULT_OK;
}

Result gl_tiles_create(const GpuSinkDesc *desc, const GlCaps *caps, GlAccount *account,
                       GlTiles *out, ResultText *text)
{
    assert(desc != NULL && caps != NULL && account != NULL);
    memset(out, 0, sizeof *out);
    Result result = check_limits(desc, caps, text);
    if (result != RESULT_OK)
        return result;
    out->desc = *desc;
    place_slots(out);
    for (int i = 0; i < ERRORS_CLEARED_MAX && glGetError() != GL_NO_ERROR; i++)
        account->errors++;
    create_arrays(out, caps, account);
    bool staged = create_staging(out, caps, account);
    if (staged && glGetError() == GL_NO_ERROR)
        touch_layers(out);
    account->bytes.owners[GPU_STATS_TILES] += out->gpu_bytes;
    account->bytes.owners[GPU_STATS_STAGING] += out->slots_bytes;
    if (staged && glGetError() == GL_NO_ERROR)
        return RESULT_OK;
    unsigned mebibytes = (unsigned)((out->gpu_bytes + out->slots_bytes) >> 20);
    gl_tiles_destroy(out, account);
    return result_fail(
        text, RESULT_OUT_OF_MEMORY,
        "the GPU has no room for %u MiB of terrain: lower the view distance or the tier",
        mebibytes);
}

static void free_heap(GlTiles *tiles, GlAccount *account)
{
    account->bytes.owners[GPU_STATS_TILES] -= tiles->gpu_bytes;
    account->bytes.owners[GPU_STATS_STAGING] -= tiles->slots_bytes;
    if (!tiles->mapped)
        os_memory_free(tiles->slots, tiles->slots_bytes, OS_MEMORY_STAGING);
    os_memory_free(tiles->slot_frames, tiles->slot_total * sizeof *tiles->slot_frames,
                   OS_MEMORY_RENDER);
    memset(tiles, 0, sizeof *tiles);
}

void gl_tiles_destroy(GlTiles *tiles, GlAccount *account)
{
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        glDeleteTextures(1, &tiles->arrays[grid].heights);
        glDeleteTextures(TILE_MAP_COUNT, tiles->arrays[grid].maps);
    }
    if (tiles->mapped && tiles->slots != NULL) {
        glBindBuffer(GL_PIXEL_UNPACK_BUFFER, tiles->pixel_buffer);
        glUnmapBuffer(GL_PIXEL_UNPACK_BUFFER);
        glBindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
    }
    glDeleteBuffers(1, &tiles->pixel_buffer);
    free_heap(tiles, account);
}

void gl_tiles_forget(GlTiles *tiles, GlAccount *account)
{
    free_heap(tiles, account);
}

uint8_t *gl_tiles_slot(const GlTiles *tiles, LodGrid grid, uint32_t slot)
{
    assert(slot < tiles->desc.slot_counts[grid]);
    return tiles->slots + tiles->class_offset_bytes[grid] + slot * tiles->slot_stride_bytes[grid];
}

uint64_t gl_tiles_slot_frame(const GlTiles *tiles, LodGrid grid, uint32_t slot)
{
    assert(slot < tiles->desc.slot_counts[grid]);
    return tiles->slot_frames[tiles->slot_first[grid] + slot];
}

static void upload_map(const MapFormat *format, uint32_t array, int side, uint32_t layer,
                       const uintptr_t *offsets)
{
    glBindTexture(GL_TEXTURE_2D_ARRAY, array);
    for (int level = 0; level < format->levels; level++)
        glTexSubImage3D(GL_TEXTURE_2D_ARRAY, level, 0, 0, (GLint)layer, side >> level,
                        side >> level, 1, format->format, format->type,
                        (const void *)offsets[level]);
}

void gl_tiles_upload(GlTiles *tiles, LodGrid grid, uint32_t layer, uint32_t slot, uint64_t frame)
{
    assert(layer < tiles->desc.layer_counts[grid] && slot < tiles->desc.slot_counts[grid]);
    const TileLayout *layout = &tiles->desc.layouts[grid];
    uintptr_t base = tiles->class_offset_bytes[grid] + slot * tiles->slot_stride_bytes[grid];
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, tiles->pixel_buffer);
    if (!tiles->mapped)
        glBufferSubData(GL_PIXEL_UNPACK_BUFFER, (GLintptr)base, (GLsizeiptr)layout->bytes,
                        tiles->slots + base);
    glActiveTexture(GL_TEXTURE0);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    uintptr_t heights = base + layout->heights_offset_bytes;
    upload_map(&heights_format, tiles->arrays[grid].heights, layout->height_side, layer, &heights);
    for (int i = 0; i < TILE_MAP_COUNT; i++) {
        const TileMap *map = &layout->maps[i];
        uintptr_t offsets[TILE_MIPS];
        for (int level = 0; level < TILE_MIPS; level++)
            offsets[level] = base + map->offset_bytes[level];
        upload_map(&colour_format, tiles->arrays[grid].maps[i], map->side, layer, offsets);
    }
    glBindTexture(GL_TEXTURE_2D_ARRAY, 0);
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
    tiles->slot_frames[tiles->slot_first[grid] + slot] = frame;
}

void gl_tiles_bind(const GlTiles *tiles, LodGrid grid)
{
    const GlTileArrays *arrays = &tiles->arrays[grid];
    glActiveTexture(GL_TEXTURE0 + GL_PROGRAM_UNIT_HEIGHTS);
    glBindTexture(GL_TEXTURE_2D_ARRAY, arrays->heights);
    for (int i = 0; i < TILE_MAP_COUNT; i++) {
        glActiveTexture(GL_TEXTURE0 + GL_PROGRAM_UNIT_SURFACE + (unsigned)i);
        glBindTexture(GL_TEXTURE_2D_ARRAY, arrays->maps[i]);
    }
}
