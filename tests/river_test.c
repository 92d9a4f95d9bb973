#include "base/hash.h"
#include "terrain/terrain.h"
#include "terrain/terrain_kernel.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COLUMNS 144
#define ROWS 40
#define ROUNDS 6
#define ARENA_BYTES (64u << 20)

static const int LEVELS[] = {0, 2, 3, 4, 5, 6};

typedef struct Field {
    float m[ROWS * COLUMNS];
} Field;

static const TerrainKernel *best_kernel(void)
{
#if defined(__x86_64__)
    if (terrain_width_supported(TERRAIN_WIDTH_AVX2))
        return &terrain_kernel_avx2;
#endif
    return &terrain_kernel_scalar;
}

static int make(const TerrainKernel *kernel, LandformGrid grid, int extra_cells, Field *out)
{
    Arena arena;
    assert_int_equal(arena_create(ARENA_BYTES, OS_MEMORY_SCRATCH, &arena), 1);
    Relief relief = {.grid = grid};
    assert_int_equal(landform_lattice(&relief.grid, &arena, &relief.lattice), RESULT_OK);
    kernel->fill_lattice(&relief.grid, &relief.lattice);
    assert_int_equal(relief_rivers(&relief, NULL, extra_cells, &arena), RESULT_OK);
    kernel->fill_rivers(grid.landform, &relief.net);
    kernel->heights(&relief, &(ReliefRows){0, ROWS, out->m, COLUMNS, NULL});
    arena_destroy(&arena);
    return relief.net.capacity;
}

// A place in the mountains around the origin, or anywhere.
static LandformGrid random_grid(const Landform *land, uint64_t index, int level)
{
    uint64_t a = hash_u64(index * 2 + 1), b = hash_u64(index * 2 + 2);
    int64_t reach_m = index % 3 ? 60000 : INT64_C(1) << 40;
    return (LandformGrid){
        .landform = land,
        .x = (int64_t)(a % (uint64_t)(2 * reach_m) - (uint64_t)reach_m) / (2 << level),
        .z = (int64_t)(b % (uint64_t)(2 * reach_m) - (uint64_t)reach_m) / (2 << level),
        .level = level,
        .stride = 1,
        .columns = COLUMNS,
        .rows = ROWS,
    };
}

// The definition of the land knows no search: all segments of a much larger region, each asked at
// every sample, must give the very same bits.
static void test_the_choice_of_rivers_changes_no_bit(void **state)
{
    (void)state;
    static Field pruned, all;
    for (int n = 0; n < (int)(sizeof LEVELS / sizeof LEVELS[0]) * ROUNDS; n++) {
        Landform land = landform_make(hash_u64((uint64_t)n));
        LandformGrid grid = random_grid(&land, (uint64_t)n, LEVELS[n / ROUNDS]);
        int few = make(best_kernel(), grid, 0, &pruned);
        int many = make(best_kernel(), grid, 3, &all);
        assert_true(many > few + few / 4);
        assert_memory_equal(pruned.m, all.m, sizeof all.m);
        make(&terrain_kernel_scalar, grid, 0, &all);
        assert_memory_equal(pruned.m, all.m, sizeof all.m);
    }
}

// A sample has the same bits in every grid that holds it, whatever the grid is anchored to.
static void test_grids_agree_where_they_overlap(void **state)
{
    (void)state;
    static Field a, b;
    for (int n = 0; n < (int)(sizeof LEVELS / sizeof LEVELS[0]) * ROUNDS; n++) {
        Landform land = landform_make(hash_u64((uint64_t)n));
        LandformGrid grid = random_grid(&land, (uint64_t)n, LEVELS[n / ROUNDS]);
        make(best_kernel(), grid, 0, &a);
        int right = 1 + n * 7 % 61, down = 1 + n * 5 % 23;
        grid.x += right;
        grid.z += down;
        make(best_kernel(), grid, 0, &b);
        for (int j = down; j < ROWS; j++)
            assert_memory_equal(a.m + j * COLUMNS + right, b.m + (j - down) * COLUMNS,
                                sizeof(float) * (size_t)(COLUMNS - right));
    }
}

// Where a river stops acting its penalty must long have lifted it out of the way: no walls.
static void test_no_walls_stand_in_the_land(void **state)
{
    (void)state;
    static Field f;
    float steepest = 0.0f;
    for (int n = 0; n < 120; n++) {
        Landform land = landform_make((uint64_t)(n % 5));
        LandformGrid grid = random_grid(&land, (uint64_t)n, 0);
        make(best_kernel(), grid, 0, &f);
        for (int i = COLUMNS; i < ROWS * COLUMNS; i++) {
            float x = i % COLUMNS ? f.m[i] - f.m[i - 1] : 0.0f, z = f.m[i] - f.m[i - COLUMNS];
            steepest = fmaxf(steepest, hypotf(x, z) * 0.5f);
        }
    }
    print_message("steepest slope: %.2f\n", (double)steepest);
    assert_true(steepest < 3.0f);
}

// Every segment that has a length leads down, and no sample is left without a valley.
static void test_every_river_leads_down(void **state)
{
    (void)state;
    const TerrainKernel *kernel = best_kernel();
    Arena arena;
    assert_int_equal(arena_create(ARENA_BYTES, OS_MEMORY_SCRATCH, &arena), 1);
    int count = 0, pots[RIVER_LATTICES] = {0}, all[RIVER_LATTICES] = {0};
    for (uint64_t seed = 0; seed < 8; seed++) {
        Landform land = landform_make(seed);
        RiverNet net;
        RiverNetDesc desc = {.box = {-10000, -10000, 10000, 10000}, .lattices = RIVER_LATTICES};
        arena_rewind(&arena, 0);
        assert_int_equal(river_net(&desc, &arena, &net), RESULT_OK);
        kernel->fill_rivers(&land, &net);
        for (int k = 0; k < RIVER_LATTICES; k++)
            for (int i = 0; i < net.segments[k].count; i++, count++) {
                const RiverSegments *s = &net.segments[k];
                int still = s->along_x[i] == 0.0f && s->along_z[i] == 0.0f;
                assert_true(still ? s->drop[i] == 0.0f : s->drop[i] > 0.0f);
                assert_true(still && k > 0 ? s->bed[i] == RIVER_NEVER
                                           : s->bed[i] > -3000.0f && s->bed[i] < 4000.0f);
                pots[k] += still;
                all[k]++;
            }
    }
    for (int k = 0; k < RIVER_LATTICES; k++) {
        print_message("lattice %d: %d of %d nodes lead nowhere\n", k, pots[k], all[k]);
        assert_true(pots[k] * 100 <= all[k] * (k == 0 ? 4 : 1));
    }
    arena_destroy(&arena);
}

static void test_a_full_scratch_is_reported(void **state)
{
    (void)state;
    Arena arena;
    RiverNet net;
    RiverNetDesc desc = {.box = {0, 0, 256, 256}, .lattices = RIVER_LATTICES};
    for (size_t bytes = 4096; bytes <= 65536; bytes *= 2) {
        assert_int_equal(arena_create(bytes, OS_MEMORY_SCRATCH, &arena), 1);
        assert_int_equal(river_net(&desc, &arena, &net), RESULT_OUT_OF_MEMORY);
        arena_destroy(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_choice_of_rivers_changes_no_bit),
        cmocka_unit_test(test_grids_agree_where_they_overlap),
        cmocka_unit_test(test_no_walls_stand_in_the_land),
        cmocka_unit_test(test_every_river_leads_down),
        cmocka_unit_test(test_a_full_scratch_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
