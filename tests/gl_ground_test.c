#include "gl_fixture.h"
#include "gl_scene.h"
#include "shared_materials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 512
#define BYTES (SIDE * SIDE * 4)
#define PART 4             // pixels a side of one that is compared with itself
#define CROP (SIDE / PART) // of them
#define LAG_LEAST 6
#define LAG_MOST 48
#define REPEAT_MAX 0.25

static GlFixture fixture;
static GlScene scene;
static uint32_t matter; // of all ground, as in world/chunk.h

#define STONE 0x0000ff00u
#define WOODS 0x00ff0000u
#define SNOW 0xff000000u

// The hills, all of one matter.
static Result plain_read(void *object, ChunkKey key, Arena *scratch, const atomic_bool *cancelled,
                         Chunk *out)
{
    Source hills = gl_scene_hills();
    (void)object;
    Result result = hills.read(hills.object, key, scratch, cancelled, out);
    for (int i = 0; i < CHUNK_TINT_SIDE * CHUNK_TINT_SIDE; i++) {
        out->tint[i] = 0xc0606468u;
        out->matter[i] = matter;
    }
    return result;
}

static float plain_ground(void *object, double x_m, double z_m)
{
    (void)object;
    return (float)gl_scene_hills_m(x_m, z_m);
}

static const Source plain = {
    .name = "plain", .attribution = "", .read = plain_read, .ground_m = plain_ground};

// With materials or with neutral maps.
static void open_scene(int tier, bool with_materials)
{
    // Straight down fewer layers than usual are enough; making them costs more than the picture.
    GlSceneDesc desc = {.width = SIDE, .height = SIDE, .tier = tier, .layers = {64, 240, 240}};
    if (with_materials)
        desc.materials = shared_materials();
    gl_scene_create(&scene, &desc, &plain, &fixture.caps);
}

// A picture straight down from `agl_m` of all ground's `matter` as it is now.
static void look_down(float agl_m, uint8_t *out)
{
    gl_scene_forget(&scene);
    View view = gl_scene_view(&scene, 0, 9000, agl_m, 0, -89.9f);
    DrawScene light = gl_scene_light(scene.desc.tier);
    light.haze_scale = 0.0f;
    gl_scene_draw(&scene, &view, NULL, &light);
    gl_sink_read(scene.sink, out);
    GpuSinkStats stats = scene.interface.stats(scene.interface.object);
    assert_int_equal(stats.errors, 0);
}

static double mean_of(const uint8_t *picture)
{
    double sum = 0;
    for (int i = 0; i < BYTES; i++)
        sum += i % 4 < 3 ? picture[i] : 0;
    return sum / (SIDE * SIDE * 3);
}

static int greatest_difference(const uint8_t *a, const uint8_t *b)
{
    int greatest = 0;
    for (int i = 0; i < BYTES; i++)
        greatest = abs(a[i] - b[i]) > greatest ? abs(a[i] - b[i]) : greatest;
    return greatest;
}

static void far_ground_is_the_tint_and_near_ground_is_not(void **state)
{
    (void)state;
    static uint8_t far[2][BYTES], near[2][BYTES];
    matter = 0;
    for (int tier = 1; tier < 4; tier += 2) {
        for (int with = 0; with < 2; with++) {
            open_scene(tier, with);
            look_down(2300, far[with]);
            look_down(4, near[with]);
            gl_scene_destroy(&scene);
        }
        assert_in_range(greatest_difference(far[0], far[1]), 0, 1);
        assert_true(greatest_difference(near[0], near[1]) > 40);
    }
}

// Stone on half of the ground is as bright as the tint says, which holds that half already.
static void a_choice_keeps_the_mean_of_the_tint(void **state)
{
    (void)state;
    static uint8_t whole[BYTES], half[BYTES];
    open_scene(2, false);
    matter = 0;
    look_down(2300, whole);
    matter = 0x00008000u;
    look_down(2300, half);
    gl_scene_destroy(&scene);
    print_message("mean %.1f of open ground, %.1f half stone\n", mean_of(whole), mean_of(half));
    assert_true(fabs(mean_of(whole) - mean_of(half)) < 6);
    assert_true(greatest_difference(whole, half) > 25); // and yet it is a choice
}

// Luminance of PART x PART pixels without what is slower than the lags that are looked at.
static void take_crop(const uint8_t *picture, double *out)
{
    static double raw[CROP * CROP];
    for (int i = 0; i < CROP * CROP; i++) {
        double sum = 0;
        for (int k = 0; k < PART * PART; k++) {
            size_t at = (size_t)((i / CROP * PART + k / PART) * SIDE + i % CROP * PART + k % PART);
            sum += 0.3 * picture[4 * at] + 0.6 * picture[4 * at + 1] + 0.1 * picture[4 * at + 2];
        }
        raw[i] = sum;
    }
    enum { REACH = 12 };
    for (int i = 0; i < CROP * CROP; i++) {
        double sum = 0;
        int count = 0;
        for (int k = 0; k < (2 * REACH + 1) * (2 * REACH + 1); k++) {
            int x = i % CROP + k % (2 * REACH + 1) - REACH,
                z = i / CROP + k / (2 * REACH + 1) - REACH;
            if (x < 0 || z < 0 || x >= CROP || z >= CROP)
                continue;
            sum += raw[z * CROP + x];
            count++;
        }
        out[i] = raw[i] - sum / count;
    }
}

static double correlation(const double *crop, int dx, int dz)
{
    double product = 0, a = 0, b = 0;
    for (int z = dz < 0 ? -dz : 0; z < CROP - (dz > 0 ? dz : 0); z++)
        for (int x = 0; x < CROP - dx; x++) {
            double p = crop[z * CROP + x], q = crop[(z + dz) * CROP + x + dx];
            product += p * q;
            a += p * p;
            b += q * q;
        }
    return product / sqrt(a * b);
}

// The greatest of all lags off the centre.
static double most_alike(const double *crop)
{
    double most = 0;
    for (int i = 0; i < (2 * LAG_MOST + 1) * (LAG_MOST + 1); i++) {
        int dx = i % (LAG_MOST + 1), dz = i / (LAG_MOST + 1) - LAG_MOST;
        if (dx * dx + dz * dz >= LAG_LEAST * LAG_LEAST)
            most = fmax(most, correlation(crop, dx, dz));
    }
    return most;
}

static void no_ground_repeats_to_the_eye(void **state)
{
    (void)state;
    static const uint32_t matters[4] = {0, STONE, WOODS, SNOW};
    static uint8_t picture[BYTES];
    static double crop[CROP * CROP];
    for (int tier = 2; tier < 4; tier++) {
        open_scene(tier, true);
        for (int i = 0; i < 4; i++) {
            matter = matters[i];
            look_down(40, picture);
            take_crop(picture, crop);
            double most = most_alike(crop);
            print_message("tier %d, matter %08x: %.3f\n", tier, matter, most);
            assert_true(most <= REPEAT_MAX);
        }
        gl_scene_destroy(&scene);
    }
}

static int create(void **state)
{
    (void)state;
    return gl_fixture_create(&fixture, 64, 64, false) ? 0 : -1;
}

static int destroy(void **state)
{
    (void)state;
    gl_fixture_destroy(&fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(far_ground_is_the_tint_and_near_ground_is_not),
        cmocka_unit_test(a_choice_keeps_the_mean_of_the_tint),
        cmocka_unit_test(no_ground_repeats_to_the_eye),
    };
    return cmocka_run_group_tests(tests, create, destroy);
}
