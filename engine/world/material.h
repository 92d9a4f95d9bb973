// Purpose: the materials of the ground: their names, mean colours and how their pictures lie in memory.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Every material is a square of MATERIAL_SIDE texels that continues at its opposite edges.
#define MATERIAL_SIDE 512
#define MATERIAL_MIPS 10
// A layer is two maps, RGBA8, each with all its mips, largest first:
// colour: linear albedo over the material's mean, MATERIAL_UNIT = 1; alpha height, 0 deepest;
// relief: normal x and z (0.5 + 0.5 n), roughness, share of the sky that is not hidden.
#define MATERIAL_UNIT 128
#define MATERIAL_MAPS 2
#define MATERIAL_MAP_BYTES ((size_t)4 * (((size_t)1 << (2 * MATERIAL_MIPS)) - 1) / 3)
#define MATERIAL_LAYER_BYTES (MATERIAL_MAPS * MATERIAL_MAP_BYTES)

// Name; mean linear albedo, from photographs; roughness.
#define MATERIAL_LIST(X)                                                                           \
    X(GRASS, .085f, .105f, .036f, .90f)                                                            \
    X(FOREST_FLOOR, .058f, .056f, .029f, .92f)                                                     \
    X(SOIL, .125f, .096f, .066f, .92f)                                                             \
    X(GRAVEL, .205f, .192f, .172f, .85f)                                                           \
    X(SCREE, .235f, .222f, .204f, .85f)                                                            \
    X(BEDDED_ROCK, .185f, .172f, .158f, .80f)                                                      \
    X(GRANITE, .190f, .180f, .170f, .75f)                                                          \
    X(SAND, .350f, .300f, .220f, .90f)                                                             \
    X(MUD, .230f, .190f, .140f, .85f)                                                              \
    X(SNOW, .800f, .840f, .900f, .55f)                                                             \
    X(ICE, .560f, .660f, .730f, .20f)                                                              \
    X(RIVER_STONES, .165f, .160f, .150f, .60f)

typedef enum MaterialKind {
#define MATERIAL_ENUM(name, r, g, b, rough) MATERIAL_##name,
    MATERIAL_LIST(MATERIAL_ENUM)
#undef MATERIAL_ENUM
        MATERIAL_COUNT
} MaterialKind;

// Where mip `mip` of a map begins.
static inline size_t material_mip_offset_bytes(int mip)
{
    size_t bytes = 0;
    for (int i = 0; i < mip; i++)
        bytes += (size_t)4 * (MATERIAL_SIDE >> i) * (MATERIAL_SIDE >> i);
    return bytes;
}

// Whoever makes the materials, as the renderer sees it; all are called by the main thread.
typedef struct MaterialSource {
    void *object;
    // The MATERIAL_LAYER_BYTES of a layer, NULL while it is being made. The first call begins the work.
    const uint8_t *(*layer)(void *object, int layer);
    // Returns when every layer that can be made is there.
    void (*wait)(void *object);
    // The layers are no longer needed: true when they are gone, false when it is to be tried again later. A call of
    // `layer` after it begins anew.
    bool (*try_release)(void *object);
} MaterialSource;
