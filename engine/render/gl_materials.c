#include "render/gl_materials.h"

#include "base/os_memory.h"
#include <assert.h>
#include <glad/gl.h>
#include <stdio.h>
#include <string.h>

#define ANISOTROPY 8.0f
#define MAPS_ALL (MATERIAL_COUNT * MATERIAL_MAPS)

static const uint8_t neutral[MATERIAL_MAPS][4] = {
    {MATERIAL_UNIT, MATERIAL_UNIT, MATERIAL_UNIT, 128}, {128, 128, 230, 255}};

static int side_of(const GlMaterials *materials, int mip)
{
    return MATERIAL_SIDE >> (mip + materials->mip_first);
}

// A software rasteriser pays for each tap.
static bool has_anisotropy(const GlCaps *caps)
{
    return !caps->is_software && caps->anisotropy_max >= ANISOTROPY;
}

static void set_filter(const GlCaps *caps)
{
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_LINEAR);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_WRAP_S, GL_REPEAT);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_WRAP_T, GL_REPEAT);
    if (has_anisotropy(caps))
        glTexParameterf(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAX_ANISOTROPY_EXT, ANISOTROPY);
}

// Every layer is written, so that no page is touched for the first time in a frame.
static void create_map(GlMaterials *materials, int map, uint8_t *texels)
{
    int mips = MATERIAL_MIPS - materials->mip_first;
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAX_LEVEL, mips - 1);
    for (int mip = 0; mip < mips; mip++) {
        int side = side_of(materials, mip);
        size_t count = (size_t)side * (size_t)side;
        glTexImage3D(GL_TEXTURE_2D_ARRAY, mip, GL_RGBA8, side, side, MATERIAL_COUNT, 0, GL_RGBA,
                     GL_UNSIGNED_BYTE, NULL);
        for (size_t i = 0; i < count; i++)
            memcpy(texels + 4 * i, neutral[map], 4);
        for (int layer = 0; layer < MATERIAL_COUNT; layer++)
            glTexSubImage3D(GL_TEXTURE_2D_ARRAY, mip, 0, 0, layer, side, side, 1, GL_RGBA,
                            GL_UNSIGNED_BYTE, texels);
        materials->gpu_bytes += 4 * count * MATERIAL_COUNT;
    }
}

void gl_materials_create(const RenderSetup *setup, GlMaterials *out)
{
    memset(out, 0, sizeof *out);
    size_t bytes = (size_t)4 * MATERIAL_SIDE * MATERIAL_SIDE;
    uint8_t *texels = setup->tier > 0 ? os_memory_alloc(bytes, OS_MEMORY_RENDER) : NULL;
    if (texels == NULL)
        return;
    out->mip_first = setup->tier == 1;
    glGenTextures(MATERIAL_MAPS, out->maps);
    glActiveTexture(GL_TEXTURE0);
    for (int map = 0; map < MATERIAL_MAPS; map++) {
        glBindTexture(GL_TEXTURE_2D_ARRAY, out->maps[map]);
        set_filter(setup->caps);
        create_map(out, map, texels);
        setup->account->objects_created++;
    }
    glBindTexture(GL_TEXTURE_2D_ARRAY, 0);
    os_memory_free(texels, bytes, OS_MEMORY_RENDER);
    setup->account->bytes.owners[GPU_STATS_MATERIALS] += out->gpu_bytes;
}

GpuSinkNeeds gl_materials_needs(int tier)
{
    if (tier == 0)
        return (GpuSinkNeeds){0};
    uint64_t ram_bytes = MATERIAL_COUNT * MATERIAL_LAYER_BYTES;
    size_t skipped_bytes = tier == 1 ? material_mip_offset_bytes(1) : 0;
    return (GpuSinkNeeds){.gpu_bytes = ram_bytes - MATERIAL_COUNT * MATERIAL_MAPS * skipped_bytes,
                          .ram_bytes = ram_bytes};
}

void gl_materials_destroy(GlMaterials *materials, GlAccount *account)
{
    glDeleteTextures(MATERIAL_MAPS, materials->maps);
    account->bytes.owners[GPU_STATS_MATERIALS] -= materials->gpu_bytes;
    memset(materials, 0, sizeof *materials);
}

static bool upload_next(GlMaterials *materials, const MaterialSource *source)
{
    int layer = materials->uploaded / MATERIAL_MAPS, map = materials->uploaded % MATERIAL_MAPS;
    const uint8_t *picture = source->layer(source->object, layer);
    if (picture == NULL)
        return false;
    picture += (size_t)map * MATERIAL_MAP_BYTES;
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D_ARRAY, materials->maps[map]);
    for (int mip = 0; mip < MATERIAL_MIPS - materials->mip_first; mip++) {
        int side = side_of(materials, mip);
        glTexSubImage3D(GL_TEXTURE_2D_ARRAY, mip, 0, 0, layer, side, side, 1, GL_RGBA,
                        GL_UNSIGNED_BYTE,
                        picture + material_mip_offset_bytes(mip + materials->mip_first));
    }
    glBindTexture(GL_TEXTURE_2D_ARRAY, 0);
    materials->uploaded++;
    return true;
}

void gl_materials_step(GlMaterials *materials, const MaterialSource *source)
{
    if (materials->maps[0] == 0 || source->layer == NULL || materials->released)
        return;
    if (materials->uploaded < MAPS_ALL)
        (void)upload_next(materials, source);
    else
        materials->released = source->try_release(source->object);
}

void gl_materials_finish(GlMaterials *materials, const MaterialSource *source)
{
    if (materials->maps[0] == 0 || source->layer == NULL)
        return;
    source->wait(source->object);
    while (materials->uploaded < MAPS_ALL && upload_next(materials, source))
        continue;
}

void gl_materials_bind(const GlMaterials *materials)
{
    for (int map = 0; map < MATERIAL_MAPS && materials->maps[0] != 0; map++) {
        glActiveTexture(GL_TEXTURE0 + GL_PROGRAM_UNIT_MATERIAL_COLOUR + (unsigned)map);
        glBindTexture(GL_TEXTURE_2D_ARRAY, materials->maps[map]);
    }
}

void gl_materials_defines(const GlCaps *caps, char *out, size_t bytes)
{
#define MATERIAL_NAME(name, r, g, b, rough) #name,
    static const char *const names[MATERIAL_COUNT] = {MATERIAL_LIST(MATERIAL_NAME)};
#undef MATERIAL_NAME
#define MATERIAL_MEAN(name, r, g, b, rough) "vec3(" #r ", " #g ", " #b ")",
    static const char *const means[MATERIAL_COUNT] = {MATERIAL_LIST(MATERIAL_MEAN)};
#undef MATERIAL_MEAN
    int used = snprintf(out, bytes, "#define MATERIAL_UNIT %d.0\n#define SHALLOW %d.0\n",
                        MATERIAL_UNIT, has_anisotropy(caps) ? (int)ANISOTROPY : 2);
    for (int i = 0; i < MATERIAL_COUNT; i++)
        used += snprintf(out + used, bytes - (size_t)used, "#define %s %d\n", names[i], i);
    used += snprintf(out + used, bytes - (size_t)used, "const vec3 material_mean[%d] = vec3[%d](",
                     MATERIAL_COUNT, MATERIAL_COUNT);
    for (int i = 0; i < MATERIAL_COUNT; i++)
        used += snprintf(out + used, bytes - (size_t)used, "%s%s", means[i],
                         i + 1 < MATERIAL_COUNT ? ", " : ");\n");
    assert(used > 0 && (size_t)used < bytes);
}
