#include "base/hash.h"
#include "terrain/river_store.h"
#include "terrain/terrain.h"
#include "terrain/terrain_kernel.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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

// `store` may be NULL.
static int make(const TerrainKernel *kernel, LandformGrid grid, int extra_cells, RiverStore *store,
                Field *out)
{
    Arena arena;
    assert_int_equal(arena_create(ARENA_BYTES, OS_MEMORY_SCRATCH, &arena), 1);
    Relief relief = {.grid = grid};
    assert_int_equal(landform_lattice(&relief.grid, &arena, &relief.lattice), RESULT_OK);
    kernel->fill_lattice(&relief.grid, &relief.lattice);
    RiverNetDesc desc = relief_rivers(&relief, NULL);
    desc.extra_cells = extra_cells;
    if (store) {
        assert_int_equal(river_store_read(store, &desc, &arena, &relief.net), RESULT_OK);
    } else {
        assert_int_equal(river_net(&desc, &arena, &relief.net), RESULT_OK);
        kernel->fill_rivers(grid.landform, &relief.net);
    }
    kernel->heights(&relief, &(ReliefRows){.end = ROWS, .heights_m = out->m, .pitch = COLUMNS});
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
        int few = make(best_kernel(), grid, 0, NULL, &pruned);
        int many = make(best_kernel(), grid, 3, NULL, &all);
        assert_true(many > few + few / 4);
        assert_memory_equal(pruned.m, all.m, sizeof all.m);
        make(&terrain_kernel_scalar, grid, 0, NULL, &all);
        assert_memory_equal(pruned.m, all.m, sizeof all.m);
    }
}

// A net out of kept patches, whether they are there, made just now or out again, is the net itself.
static void test_kept_rivers_change_no_bit(void **state)
{
    (void)state;
    static Field own, kept;
    Landform land = landform_make(7);
    RiverStore *store;
    RiverStoreDesc desc = {best_kernel()->fill_rivers, &land};
    assert_int_equal(river_store_create(&desc, &store), RESULT_OK);
    for (int n = 0; n < (int)(sizeof LEVELS / sizeof LEVELS[0]) * ROUNDS; n++) {
        LandformGrid grid = random_grid(&land, (uint64_t)(n / 2), LEVELS[n % 6]);
        make(best_kernel(), grid, 0, NULL, &own);
        for (int again = 0; again < 2; again++) {
            make(best_kernel(), grid, 0, store, &kept);
            assert_memory_equal(own.m, kept.m, sizeof own.m);
        }
    }
    river_store_destroy(store);
}

// The same segments, in the same order, as seen from another anchor.
static void test_the_anchor_shows_in_no_segment(void **state)
{
    (void)state;
    const int move_m = 31007, reach_m = 24000;
    Arena arena;
    assert_int_equal(arena_create(ARENA_BYTES, OS_MEMORY_SCRATCH, &arena), 1);
    for (uint64_t seed = 0; seed < 24; seed++) {
        Landform land = landform_make(seed);
        RiverNet here, there;
        RiverNetDesc desc = {.x_m = (int64_t)(seed % 4) * 200000, .z_m = 70000, .lattices = 3};
        desc.box = (RiverBox){-reach_m, -reach_m, reach_m, reach_m};
        arena_rewind(&arena, 0);
        assert_int_equal(river_net(&desc, &arena, &here), RESULT_OK);
        best_kernel()->fill_rivers(&land, &here);
        desc.x_m += move_m;
        desc.box.x0 -= move_m;
        desc.box.x1 -= move_m;
        assert_int_equal(river_net(&desc, &arena, &there), RESULT_OK);
        best_kernel()->fill_rivers(&land, &there);
        for (int k = 0; k < 3; k++) {
            const RiverSegments *a = &here.segments[k], *b = &there.segments[k];
            size_t bytes = sizeof(float) * (size_t)a->count;
            assert_int_equal(a->count, b->count);
            for (int i = 0; i < a->count; i++)
                assert_true(a->x[i] == b->x[i] + (float)move_m && a->z[i] == b->z[i]);
            assert_memory_equal(a->bed, b->bed, bytes);
            assert_memory_equal(a->wide, b->wide, bytes);
            assert_memory_equal(a->lift, b->lift, bytes);
        }
    }
    arena_destroy(&arena);
}

static void assert_same_segments(const RiverSegments *a, int i, const RiverSegments *b, int j,
                                 int count)
{
    size_t bytes = sizeof(float) * (size_t)count;
    assert_memory_equal(a->x + i, b->x + j, bytes);
    assert_memory_equal(a->z + i, b->z + j, bytes);
    assert_memory_equal(a->along_x + i, b->along_x + j, bytes);
    assert_memory_equal(a->along_z + i, b->along_z + j, bytes);
    assert_memory_equal(a->bed + i, b->bed + j, bytes);
    assert_memory_equal(a->drop + i, b->drop + j, bytes);
    assert_memory_equal(a->wide + i, b->wide + j, bytes);
    assert_memory_equal(a->widen + i, b->widen + j, bytes);
    assert_memory_equal(a->lift + i, b->lift + j, bytes);
}

// Great rivers of a square of 58 km, all of its cells' segments, made in a scratch full of `fill`.
static void make_great(const Landform *land, int64_t x_m, int extra_cells, int fill, Arena *arena,
                       RiverNet *out)
{
    const int box_m = 58000;
    const size_t bytes = 2u << 20;
    RiverNetDesc desc = {.x_m = x_m, .box = {0, 0, box_m, box_m}, .lattices = 1, .whole = 1};
    desc.extra_cells = extra_cells;
    arena_rewind(arena, 0);
    memset(arena_alloc(arena, bytes), fill, bytes);
    arena_rewind(arena, 0);
    assert_int_equal(river_net(&desc, arena, out), RESULT_OK);
    best_kernel()->fill_rivers(land, out);
}

// A job's scratch holds what the last one left: whether that is zero or what may be a link (12.7 km) changes nothing.
// Nor do cells farther away: lakes, orders and basins depend on no more than the margin holds.
static void test_great_rivers_depend_on_their_margin_only(void **state)
{
    (void)state;
    const int extra = 3, inner = river_kinds[0].margin;
    Arena arenas[3];
    RiverNet nets[3];
    for (int k = 0; k < 3; k++)
        assert_int_equal(arena_create(8u << 20, OS_MEMORY_SCRATCH, &arenas[k]), 1);
    for (int n = 0; n < 400; n++) {
        Landform land = landform_make(hash_u64((uint64_t)(n % 20)));
        for (int k = 0; k < 3; k++)
            make_great(&land, n / 20 * 61000, k == 2 ? extra : 0, k ? 0x46 : 0, &arenas[k],
                       &nets[k]);
        const RiverSegments *a = &nets[0].segments[0], *b = &nets[2].segments[0];
        assert_int_equal(a->count, nets[1].segments[0].count);
        assert_same_segments(a, 0, &nets[1].segments[0], 0, a->count);
        int rows = nets[0].nodes[0].rows - 2 * inner,
            columns = nets[0].nodes[0].columns - 2 * inner;
        int wide = nets[2].nodes[0].columns - 2 * inner;
        assert_int_equal(wide, columns + 2 * extra);
        for (int cell = 0; cell < rows * columns; cell++) {
            const int *i = nets[0].first[0] + cell;
            const int *j =
                nets[2].first[0] + (cell / columns + extra) * wide + cell % columns + extra;
            assert_int_equal(i[1] - i[0], j[1] - j[0]);
            assert_same_segments(a, i[0], b, j[0], i[1] - i[0]);
        }
    }
    for (int k = 0; k < 3; k++)
        arena_destroy(&arenas[k]);
}

// A sample has the same bits in every grid that holds it, whatever the grid is anchored to.
static void test_grids_agree_where_they_overlap(void **state)
{
    (void)state;
    static Field a, b;
    for (int n = 0; n < (int)(sizeof LEVELS / sizeof LEVELS[0]) * ROUNDS; n++) {
        Landform land = landform_make(hash_u64((uint64_t)n));
        LandformGrid grid = random_grid(&land, (uint64_t)n, LEVELS[n / ROUNDS]);
        make(best_kernel(), grid, 0, NULL, &a);
        int right = 1 + n * 7 % 61, down = 1 + n * 5 % 23;
        grid.x += right;
        grid.z += down;
        make(best_kernel(), grid, 0, NULL, &b);
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
        make(best_kernel(), grid, 0, NULL, &f);
        for (int i = COLUMNS; i < ROWS * COLUMNS; i++) {
            float x = i % COLUMNS ? f.m[i] - f.m[i - 1] : 0.0f, z = f.m[i] - f.m[i - COLUMNS];
            steepest = fmaxf(steepest, hypotf(x, z) * 0.5f);
        }
    }
    print_message("steepest slope: %.2f\n", (double)steepest);
    assert_true(steepest < 3.0f);
}

// Nodes, and those of them that lead nowhere though they are on dry land.
static void count_pots(const RiverNet *net, int pots[RIVER_LATTICES], int all[RIVER_LATTICES])
{
    for (int k = 0; k < RIVER_LATTICES; k++) {
        const RiverNodes *n = &net->nodes[k];
        int margin = river_kinds[k].margin;
        for (int row = margin; row < n->rows - margin; row++)
            for (int i = margin; i < n->columns - margin; i++, all[k]++) {
                int at = row * n->pitch + i;
                pots[k] += n->link_drop[at] <= 0.0f && n->foot_drop[at] >= 0.0f;
            }
    }
}

// Every segment that has a length leads down, and no sample is left without a valley.
static void test_every_river_leads_down(void **state)
{
    (void)state;
    const TerrainKernel *kernel = best_kernel();
    Arena arena;
    assert_int_equal(arena_create(ARENA_BYTES, OS_MEMORY_SCRATCH, &arena), 1);
    int pots[RIVER_LATTICES] = {0}, all[RIVER_LATTICES] = {0};
    for (uint64_t seed = 0; seed < 8; seed++) {
        Landform land = landform_make(seed);
        RiverNet net;
        RiverNetDesc desc = {.box = {-10000, -10000, 10000, 10000}, .lattices = RIVER_LATTICES};
        arena_rewind(&arena, 0);
        assert_int_equal(river_net(&desc, &arena, &net), RESULT_OK);
        kernel->fill_rivers(&land, &net);
        count_pots(&net, pots, all);
        for (int k = 0; k < RIVER_LATTICES; k++)
            for (int i = 0; i < net.segments[k].count; i++) {
                const RiverSegments *s = &net.segments[k];
                int still = s->along_x[i] == 0.0f && s->along_z[i] == 0.0f;
                int lake = !still && s->drop[i] == 0.0f;
                assert_true(still ? s->drop[i] == 0.0f : s->drop[i] >= 0.0f);
                assert_true(s->wide[i] >= 0.0f && s->wide[i] + s->widen[i] >= 0.0f);
                assert_true(!lake || s->wide[i] + s->widen[i] > 0.0f);
                assert_true(still && k > 0 && s->wide[i] == 0.0f
                                ? s->bed[i] == RIVER_NEVER
                                : s->bed[i] > -3000.0f && s->bed[i] < 4000.0f);
            }
    }
    for (int k = 0; k < RIVER_LATTICES; k++) {
        print_message("lattice %d: %d of %d nodes lead nowhere\n", k, pots[k], all[k]);
        assert_true(pots[k] * 100 <= all[k] * (k == 0 ? 4 : 1));
    }
    arena_destroy(&arena);
}

// Water on its way: a segment of the net, from a part of it on.
typedef struct Boat {
    int lattice, segment;
    float from;
} Boat;

static float level_at(const RiverSegments *s, int i, float t)
{
    return s->bed[i] - t * s->drop[i];
}

static float half_at(const RiverSegments *s, int i, float t)
{
    return s->wide[i] + t * s->widen[i];
}

// The water that lies at the end of the boat's segment at the same height and goes on down from there.
static int move_on(const RiverNet *net, Boat *boat)
{
    const RiverSegments *old = &net->segments[boat->lattice];
    float x = old->x[boat->segment] + old->along_x[boat->segment];
    float z = old->z[boat->segment] + old->along_z[boat->segment];
    float level = level_at(old, boat->segment, 1.0f), width = half_at(old, boat->segment, 1.0f);
    bool flows = old->drop[boat->segment] > 0.0f;
    float nearest = flows ? 0.5f : width + 0.5f; // a river leaves a lake at its shore
    Boat found = {-1, 0, 0.0f};
    for (int k = 0; k <= boat->lattice; k++)
        for (int i = 0; i < net->segments[k].count; i++) {
            const RiverSegments *s = &net->segments[k];
            float dx = x - s->x[i], dz = z - s->z[i];
            float t = fminf(fmaxf(dx * s->per_x[i] + dz * s->per_z[i], 0.0f), 1.0f);
            float away = hypotf(dx - t * s->along_x[i], dz - t * s->along_z[i]) - half_at(s, i, t);
            int self = k == boat->lattice && i == boat->segment;
            // The mouth of a greater river is water that goes on from there.
            int over = t > 0.999f && s->drop[i] > 0.0f && k == boat->lattice;
            if (self || over || away > nearest || fabsf(level_at(s, i, t) - level + 0.05f) > 0.052f)
                continue;
            nearest = away;
            found = (Boat){k, i, t};
        }
    if (found.lattice < 0)
        return 0;
    const RiverSegments *s = &net->segments[found.lattice];
    assert_true(!flows || half_at(s, found.segment, found.from) > width - 1e-3f);
    *boat = found;
    return 1;
}

typedef enum Ending {
    ENDING_SEA,
    ENDING_LAKE,
    ENDING_OUTSIDE,
    ENDING_NOWHERE,
    ENDING_COUNT
} Ending;

static Ending follow(const RiverNet *net, Boat boat, float reach_m)
{
    for (int step = 0; step < 1000; step++) {
        const RiverSegments *s = &net->segments[boat.lattice];
        int i = boat.segment;
        assert_true(s->drop[i] >= 0.0f && s->widen[i] >= (s->drop[i] > 0.0f ? 0.0f : -s->wide[i]));
        if (level_at(s, i, 1.0f) <= 0.0f)
            return ENDING_SEA;
        if (s->along_x[i] == 0.0f && s->along_z[i] == 0.0f)
            return ENDING_LAKE;
        if (fabsf(s->x[i] + s->along_x[i]) > reach_m || fabsf(s->z[i] + s->along_z[i]) > reach_m)
            return ENDING_OUTSIDE;
        if (!move_on(net, &boat))
            return ENDING_NOWHERE;
    }
    return ENDING_NOWHERE;
}

// From any segment on: down, never narrower, to the sea or a lake without a way out.
static void test_rivers_reach_a_lake_or_the_sea(void **state)
{
    (void)state;
    const float reach_m = 50000.0f;
    int endings[ENDING_COUNT] = {0};
    Arena arena;
    assert_int_equal(arena_create(ARENA_BYTES, OS_MEMORY_SCRATCH, &arena), 1);
    for (uint64_t seed = 0; seed < 10; seed++) {
        Landform land = landform_make(seed);
        RiverNet net;
        RiverNetDesc desc = {.x_m = (int64_t)(seed % 3) * 1000000, .lattices = 3};
        desc.box = (RiverBox){-(int)reach_m, -(int)reach_m, (int)reach_m, (int)reach_m};
        arena_rewind(&arena, 0);
        assert_int_equal(river_net(&desc, &arena, &net), RESULT_OK);
        best_kernel()->fill_rivers(&land, &net);
        for (int n = 0; n < 300; n++) {
            uint64_t random = hash_u64(seed * 300 + (uint64_t)n + 1);
            Boat boat = {.lattice = n % 3};
            const RiverSegments *s = &net.segments[boat.lattice];
            do
                boat.segment = (int)((random = hash_u64(random)) % (uint64_t)s->count);
            while (s->bed[boat.segment] == RIVER_NEVER || fabsf(s->x[boat.segment]) > reach_m ||
                   fabsf(s->z[boat.segment]) > reach_m);
            endings[follow(&net, boat, reach_m)]++;
        }
    }
    print_message("of 3000 boats %d reach the sea, %d a lake, %d leave, %d are lost\n",
                  endings[ENDING_SEA], endings[ENDING_LAKE], endings[ENDING_OUTSIDE],
                  endings[ENDING_NOWHERE]);
    assert_true(endings[ENDING_NOWHERE] == 0);
    assert_true(endings[ENDING_SEA] + endings[ENDING_LAKE] > 900);
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
        cmocka_unit_test(test_kept_rivers_change_no_bit),
        cmocka_unit_test(test_the_anchor_shows_in_no_segment),
        cmocka_unit_test(test_great_rivers_depend_on_their_margin_only),
        cmocka_unit_test(test_grids_agree_where_they_overlap),
        cmocka_unit_test(test_no_walls_stand_in_the_land),
        cmocka_unit_test(test_every_river_leads_down),
        cmocka_unit_test(test_rivers_reach_a_lake_or_the_sea),
        cmocka_unit_test(test_a_full_scratch_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
