#include "gl_fixture.h"
#include "render/gl_materials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glad/gl.h>
#include <stdlib.h>
#include <string.h>

#define MAPS (MATERIAL_COUNT * MATERIAL_MAPS)

// A source whose layers come one by one; each byte is its layer's number.
typedef struct Slow {
    uint8_t *layer;
    int ready, waits, releases;
} Slow;

static GlFixture fixture;
static Slow slow;

static const uint8_t *slow_layer(void *object, int layer)
{
    Slow *s = object;
    if (layer >= s->ready)
        return NULL;
    memset(s->layer, layer + 1, MATERIAL_LAYER_BYTES);
    return s->layer;
}

static void slow_wait(void *object)
{
    Slow *s = object;
    s->waits++;
    s->ready = MATERIAL_COUNT;
}

static bool slow_release(void *object)
{
    return ++((Slow *)object)->releases > 1; // not at the first time
}

static const MaterialSource source = {&slow, slow_layer, slow_wait, slow_release};

static RenderSetup setup_of(GlAccount *account, int tier)
{
    return (RenderSetup){.caps = &fixture.caps, .account = account, .tier = tier};
}

// The first texel of a layer of a map, at its coarsest mip.
static int texel_of(const GlMaterials *materials, int map, int layer)
{
    static uint8_t texels[MATERIAL_COUNT * 4];
    glBindTexture(GL_TEXTURE_2D_ARRAY, materials->maps[map]);
    glGetTexImage(GL_TEXTURE_2D_ARRAY, MATERIAL_MIPS - 1 - materials->mip_first, GL_RGBA,
                  GL_UNSIGNED_BYTE, texels);
    return texels[4 * layer];
}

static void maps_are_neutral_until_their_pictures_come_one_a_frame(void **state)
{
    (void)state;
    GlAccount account = {0};
    GlMaterials m;
    RenderSetup setup = setup_of(&account, 1);
    slow = (Slow){.layer = slow.layer};
    gl_materials_create(&setup, &m);
    assert_int_equal(texel_of(&m, 0, 5), MATERIAL_UNIT);
    gl_materials_step(&m, &source);
    assert_int_equal(m.uploaded, 0);
    slow.ready = 3;
    for (int i = 0; i < 20; i++)
        gl_materials_step(&m, &source);
    assert_int_equal(m.uploaded, 3 * MATERIAL_MAPS);
    assert_int_equal(texel_of(&m, 0, 2), 3);
    assert_int_equal(texel_of(&m, 1, 2), 3);
    assert_int_equal(texel_of(&m, 0, 3), MATERIAL_UNIT);
    slow.ready = MATERIAL_COUNT;
    for (int i = 0; i < MAPS + 20; i++)
        gl_materials_step(&m, &source);
    assert_int_equal(m.uploaded, MAPS);
    assert_true(m.released);
    assert_int_equal(slow.releases, 2);
    assert_int_equal(slow.waits, 0);
    gl_materials_destroy(&m, &account);
    assert_int_equal(gpu_stats_total_bytes(&account.bytes), 0);
    assert_int_equal(glGetError(), GL_NO_ERROR);
}

static void finishing_waits_once_and_brings_all(void **state)
{
    (void)state;
    GlAccount account = {0};
    GlMaterials m;
    RenderSetup setup = setup_of(&account, 2);
    slow = (Slow){.layer = slow.layer};
    gl_materials_create(&setup, &m);
    gl_materials_finish(&m, &source);
    assert_int_equal(m.uploaded, MAPS);
    assert_int_equal(slow.waits, 1);
    for (int layer = 0; layer < MATERIAL_COUNT; layer++)
        assert_int_equal(texel_of(&m, 1, layer), layer + 1);
    gl_materials_destroy(&m, &account);
}

static void the_bytes_of_a_tier_are_counted(void **state)
{
    (void)state;
    const uint64_t full = MATERIAL_COUNT * MATERIAL_LAYER_BYTES;
    for (int tier = 0; tier < RENDER_SETUP_TIERS; tier++) {
        GlAccount account = {0};
        GlMaterials m;
        RenderSetup setup = setup_of(&account, tier);
        gl_materials_create(&setup, &m);
        uint64_t half = (full - MAPS * (uint64_t)4 * MATERIAL_SIDE * MATERIAL_SIDE);
        uint64_t bytes = account.bytes.owners[GPU_STATS_MATERIALS];
        assert_int_equal(bytes, tier == 0 ? 0 : tier == 1 ? half : full);
        assert_true(bytes <= UINT64_C(34) << 20);
        gl_materials_destroy(&m, &account);
    }
}

static int create(void **state)
{
    (void)state;
    slow.layer = malloc(MATERIAL_LAYER_BYTES);
    return slow.layer != NULL && gl_fixture_create(&fixture, 64, 64, false) ? 0 : -1;
}

static int destroy(void **state)
{
    (void)state;
    gl_fixture_destroy(&fixture);
    free(slow.layer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_are_neutral_until_their_pictures_come_one_a_frame),
        cmocka_unit_test(finishing_waits_once_and_brings_all),
        cmocka_unit_test(the_bytes_of_a_tier_are_counted),
    };
    return cmocka_run_group_tests(tests, create, destroy);
}
