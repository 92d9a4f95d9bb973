// What is hidden must be hidden: boxes against rays cast over a random terrain.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "mesh/horizon_cull.h"
#include <math.h>
#include <stdlib.h>

#define CELLS 32 // boxes a side
#define CELL_M 100.0f
#define POINTS 8 // terrain samples a box and axis; steps of 12.5 m
#define SIDE (CELLS * POINTS + 1)

typedef struct World {
    float height_m[SIDE][SIDE];
    float eye_x, eye_y, eye_z;
} World;

// Bilinear between samples, so that the least and greatest sample of a box bound its ground.
static float ground(const World *w, float x, float z)
{
    float step = CELL_M / POINTS;
    float u = fminf(fmaxf(x / step, 0.0f), (float)(SIDE - 2));
    float v = fminf(fmaxf(z / step, 0.0f), (float)(SIDE - 2));
    int i = (int)u, j = (int)v;
    float a = u - (float)i, b = v - (float)j;
    return (w->height_m[j][i] * (1 - a) + w->height_m[j][i + 1] * a) * (1 - b) +
           (w->height_m[j + 1][i] * (1 - a) + w->height_m[j + 1][i + 1] * a) * b;
}

// Hills of several sizes; `relief_m` sets how much hides.
static void make_world(World *w, uint64_t seed, float relief_m)
{
    for (int j = 0; j < SIDE; j++) {
        for (int i = 0; i < SIDE; i++) {
            float h = 0.0f;
            for (uint64_t k = 0; k < 6; k++) {
                float kx = rng_range(seed, 1, k, -0.06f, 0.06f) * (float)(1 + k / 2);
                float kz = rng_range(seed, 2, k, -0.06f, 0.06f) * (float)(1 + k / 2);
                h += sinf(kx * (float)i + kz * (float)j + rng_range(seed, 3, k, 0.0f, 6.0f)) /
                     (float)(1 + k / 2);
            }
            w->height_m[j][i] = relief_m * h;
        }
    }
    float side_m = CELLS * CELL_M;
    w->eye_x = rng_range(seed, 4, 0, 0.1f, 0.9f) * side_m;
    w->eye_z = rng_range(seed, 4, 1, 0.1f, 0.9f) * side_m;
    w->eye_y = ground(w, w->eye_x, w->eye_z) + rng_range(seed, 4, 2, 2.0f, 80.0f);
}

static HorizonBox box_of(const World *w, int cx, int cz)
{
    HorizonBox box = {(float)cx * CELL_M - w->eye_x,
                      (float)cz * CELL_M - w->eye_z,
                      (float)(cx + 1) * CELL_M - w->eye_x,
                      (float)(cz + 1) * CELL_M - w->eye_z,
                      1e9f,
                      -1e9f};
    for (int j = 0; j <= POINTS; j++) {
        for (int i = 0; i <= POINTS; i++) {
            float h = w->height_m[cz * POINTS + j][cx * POINTS + i] - w->eye_y;
            box.low_eye = fminf(box.low_eye, h);
            box.high_eye = fmaxf(box.high_eye, h);
        }
    }
    return box;
}

// Whether the ground at (x, z) is seen from the eye: no step of the ray lies under ground.
static bool seen(const World *w, float x, float z)
{
    float dx = x - w->eye_x, dz = z - w->eye_z;
    float y = ground(w, x, z);
    int steps = (int)(sqrtf(dx * dx + dz * dz) / 3.0f) + 1;
    for (int k = 1; k < steps; k++) {
        float t = (float)k / (float)steps;
        if (w->eye_y + (y - w->eye_y) * t < ground(w, w->eye_x + dx * t, w->eye_z + dz * t) - 1e-3f)
            return false;
    }
    return true;
}

static int outward(int n)
{
    return n % 2 == 1 ? n / 2 + 1 : -(n / 2);
}

static void check_hidden(const World *w, int cx, int cz)
{
    for (int j = 0; j <= POINTS; j += 2)
        for (int i = 0; i <= POINTS; i += 2)
            assert_false(seen(w, ((float)cx + (float)i / POINTS) * CELL_M,
                              ((float)cz + (float)j / POINTS) * CELL_M));
}

// Walks the boxes outwards, hides and adds as the selection does; returns how many were hidden.
static int cull_world(const World *w, HorizonCull *cull)
{
    int eye_x = (int)(w->eye_x / CELL_M), eye_z = (int)(w->eye_z / CELL_M), hidden = 0;
    horizon_cull_reset(cull);
    for (int row = 0; row < 2 * CELLS; row++) {
        for (int column = 0; column < 2 * CELLS; column++) {
            int cx = eye_x + outward(column), cz = eye_z + outward(row);
            if (cx < 0 || cz < 0 || cx >= CELLS || cz >= CELLS)
                continue;
            HorizonBox box = box_of(w, cx, cz);
            if (horizon_cull_hides(cull, &box)) {
                check_hidden(w, cx, cz);
                hidden++;
                continue;
            }
            horizon_cull_add(cull, &box);
        }
    }
    return hidden;
}

static void test_horizon_cull_never_hides_what_a_ray_reaches(void **state)
{
    (void)state;
    World *w = malloc(sizeof *w);
    HorizonCull *cull = malloc(sizeof *cull);
    int hidden = 0;
    for (uint64_t seed = 1; seed <= 16; seed++) {
        make_world(w, seed, seed % 3 == 0 ? 8.0f : 60.0f);
        hidden += cull_world(w, cull);
    }
    // The test is worth something only if much was hidden, and hills must be good for something.
    assert_true(hidden > 16 * CELLS * CELLS / 10);
    free(w);
    free(cull);
}

// Whether ground of at least box->low_eye everywhere in the box cuts the line from the eye to a point beyond it.
static bool blocks(const HorizonBox *box, double x, double z, double y)
{
    double enter = 0.0, leave = 1.0;
    double d[2] = {x, z};
    double low[2] = {(double)box->x0_eye, (double)box->z0_eye};
    double high[2] = {(double)box->x1_eye, (double)box->z1_eye};
    for (int axis = 0; axis < 2; axis++) {
        double a = low[axis] / d[axis], b = high[axis] / d[axis];
        enter = fmax(enter, fmin(a, b));
        leave = fmin(leave, fmax(a, b));
    }
    return enter <= leave && fmin(enter * y, leave * y) <= (double)box->low_eye;
}

static HorizonBox random_box(uint64_t n, float angle, float away_m, float half_m, float low)
{
    float x = away_m * cosf(angle), z = away_m * sinf(angle);
    float wide = half_m * rng_range(9, 0, n, 0.3f, 1.0f),
          deep = half_m * rng_range(9, 1, n, 0.3f, 1.0f);
    return (HorizonBox){x - wide, z - deep, x + wide,
                        z + deep, low,      low + rng_range(9, 2, n, 0.0f, 4.0f)};
}

// Small boxes around the outline of a wall, some of them a fraction of a bin beside it.
static void test_horizon_cull_hidden_box_lies_behind_the_wall_to_the_last_corner(void **state)
{
    (void)state;
    int hidden = 0;
    for (uint64_t n = 0; n < 120000; n++) {
        float angle = rng_range(9, 3, n, -3.2f, 3.2f);
        HorizonBox wall = random_box(n, angle, 200.0f, 90.0f, rng_range(9, 4, n, -30.0f, 30.0f));
        float turn = rng_range(9, 5, n, -0.6f, 0.6f);
        float low = wall.low_eye * rng_range(9, 7, n, 0.0f, 3.0f) - 8.0f;
        HorizonBox box = random_box(n + 1, angle + turn, 400.0f, 8.0f, low);
        HorizonCull cull;
        horizon_cull_reset(&cull);
        horizon_cull_add(&cull, &wall);
        if (!horizon_cull_hides(&cull, &box))
            continue;
        hidden++;
        for (int corner = 0; corner < 4; corner++) {
            double x = (double)(corner % 2 ? box.x1_eye : box.x0_eye);
            double z = (double)(corner / 2 ? box.z1_eye : box.z0_eye);
            assert_true(blocks(&wall, x, z, (double)box.high_eye));
        }
    }
    assert_true(hidden > 6000);
}

// In 64 directions, a wall 100 m away hides a lower box behind it and not a higher one.
static void test_horizon_cull_wall_hides_lower_ground_in_every_direction(void **state)
{
    (void)state;
    for (int n = 0; n < 64; n++) {
        float angle = (float)n * 0.0981748f + 0.02f, c = cosf(angle), s = sinf(angle);
        HorizonBox wall = {100 * c - 30, 100 * s - 30, 100 * c + 30, 100 * s + 30, 10.0f, 12.0f};
        HorizonBox low = {400 * c - 10, 400 * s - 10, 400 * c + 10, 400 * s + 10, -50.0f, 20.0f};
        HorizonBox high = low,
                   opposite = {-low.x1_eye, -low.z1_eye, -low.x0_eye, -low.z0_eye, -50, 20};
        high.high_eye = 80.0f;
        HorizonCull cull;
        horizon_cull_reset(&cull);
        assert_false(horizon_cull_hides(&cull, &low));
        horizon_cull_add(&cull, &wall);
        assert_true(horizon_cull_hides(&cull, &low));
        assert_false(horizon_cull_hides(&cull, &high));
        assert_false(horizon_cull_hides(&cull, &opposite));
    }
}

// From a height, ground that bulges hides what lies deep behind its far edge.
static void test_horizon_cull_plateau_below_the_eye_hides_the_pit_behind(void **state)
{
    (void)state;
    HorizonCull cull;
    horizon_cull_reset(&cull);
    HorizonBox plateau = {10, -200, 100, 200, -20.0f, -19.0f};
    HorizonBox pit = {110, -10, 120, 10, -60.0f, -30.0f}; // the ray over the edge is at -22 to -24
    HorizonBox shallow = {110, -10, 120, 10, -60.0f, -21.0f};
    horizon_cull_add(&cull, &plateau);
    assert_true(horizon_cull_hides(&cull, &pit));
    assert_false(horizon_cull_hides(&cull, &shallow));
}

static void test_horizon_cull_wall_hides_nothing_that_sticks_out_beside_it(void **state)
{
    (void)state;
    HorizonCull cull;
    horizon_cull_reset(&cull);
    HorizonBox wall = {100, -20, 110, 20, 50.0f, 51.0f};
    HorizonBox behind = {300, -20, 320, 20, 0.0f, 20.0f}, beside = {300, 30, 320, 80, 0.0f, 20.0f};
    horizon_cull_add(&cull, &wall);
    assert_true(horizon_cull_hides(&cull, &behind));
    assert_false(horizon_cull_hides(&cull, &beside));
}

static void test_horizon_cull_box_around_the_eye_is_seen_and_hides_nothing(void **state)
{
    (void)state;
    HorizonCull cull, empty;
    horizon_cull_reset(&cull);
    horizon_cull_reset(&empty);
    HorizonBox around = {-10, -10, 10, 10, 5.0f, 6.0f}, touching = {0, -10, 10, 10, 5.0f, 6.0f};
    horizon_cull_add(&cull, &around);
    horizon_cull_add(&cull, &touching);
    assert_memory_equal(&cull, &empty, sizeof cull);
    assert_false(horizon_cull_hides(&cull, &around));
    assert_false(horizon_cull_hides(&cull, &touching));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_horizon_cull_never_hides_what_a_ray_reaches),
        cmocka_unit_test(test_horizon_cull_hidden_box_lies_behind_the_wall_to_the_last_corner),
        cmocka_unit_test(test_horizon_cull_wall_hides_lower_ground_in_every_direction),
        cmocka_unit_test(test_horizon_cull_plateau_below_the_eye_hides_the_pit_behind),
        cmocka_unit_test(test_horizon_cull_wall_hides_nothing_that_sticks_out_beside_it),
        cmocka_unit_test(test_horizon_cull_box_around_the_eye_is_seen_and_hides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
