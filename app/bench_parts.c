// B4, B5, B6, B8: the main thread's parts of the stream, and what a resident chunk weighs.
#include "base/hash.h"
#include "base/os_clock.h"
#include "bench.h"
#include "cache/mem_cache.h"
#include "mesh/lod_select.h"
#include "stream/chunk_table.h"
#include "stream/planner.h"
#include "world/tile.h"
#include <stdio.h>
#include <string.h>

#define KNOWN 50000
#define PLANS 31
#define SELECTS 61
#define HIT_ROUNDS 15
#define HITS 20000
#define CACHE_BLOCKS 1024

static void keep(double value)
{
    __asm__ volatile("" : : "x"(value));
}

static PlannerInput planner_input(int step)
{
    PlannerInput input = {.eye_m = {128 + 40.0 * step, 500, 128},
                          .velocity_m_s = {100, 0, 0},
                          .lead_s = 2,
                          .slack_m = 48,
                          .agl_m = 300,
                          .view_chunks = 8,
                          .prefetch_chunks = 4,
                          .nominal = lod_ranges_nominal(1),
                          .root_lod = LOD_COUNT - 1,
                          .prefetch = true};
    memcpy(input.predicted_m, input.eye_m, sizeof input.predicted_m);
    input.predicted_m[0] += 200;
    planner_capacity(8, 4, &input.nominal, input.root_lod, input.capacity);
    return input;
}

static void fill_known(ChunkTable *table)
{
    for (int i = 0; i < KNOWN; i++) {
        ChunkKey key = {i % 224 - 112, i / 224 - 112, 0};
        (void)chunk_table_insert(table, key);
    }
}

// A plan, and the look at every key that it wants: what the main thread does when the eye has moved.
void bench_parts_planner(Bench *bench)
{
    Planner *planner = NULL;
    ChunkTable *table = NULL;
    double times[PLANS];
    PlannerStats stats = {0};
    if (planner_create(&planner) != RESULT_OK ||
        chunk_table_create(KNOWN * 3 / 2, &table) != RESULT_OK) {
        bench_broken(bench, "plan", "no memory");
        planner_destroy(planner);
        return;
    }
    fill_known(table);
    for (int i = 0; i < PLANS; i++) {
        PlannerInput input = planner_input(i);
        uint64_t start_ns = os_clock_thread_cpu_ns();
        const PlannerWant *wants = planner_update(planner, &input, &stats);
        uint32_t known = 0;
        for (uint32_t j = 0; j < stats.wants; j++)
            known += chunk_table_find(table, wants[j].key) != CHUNK_TABLE_NONE;
        keep(known);
        times[i] = (double)(os_clock_thread_cpu_ns() - start_ns) * 1e-6;
    }
    BenchRow *row =
        bench_add(bench, "plan anew, 50,000 chunks known", "ms CPU", bench_median(times, PLANS));
    row->samples = PLANS;
    snprintf(row->note, sizeof row->note, "%u wanted", stats.wants);
    bench_limit(row, BENCH_AT_MOST, 0.2);
    chunk_table_destroy(table);
    planner_destroy(planner);
}

// Every tile is resident: ground of up to 400 m, higher where squares are large, the same for one key each time.
static const LodTile *find_tile(void *object, ChunkKey key, int lod)
{
    LodTile *tile = object;
    double part = (double)(chunk_key_hash(key) & 255) / 255;
    tile->min_m = (float)(part * 200);
    tile->max_m = tile->min_m + 20 + 30 * (float)lod;
    tile->base_m = 0;
    tile->layer = 0;
    return tile;
}

void bench_parts_select(Bench *bench)
{
    LodSelect *select = NULL;
    LodTile tile = {0};
    double times[SELECTS];
    LodSelectStats stats = {0};
    if (lod_select_create(&select) != RESULT_OK) {
        bench_broken(bench, "selection", "no memory");
        return;
    }
    for (int i = 0; i < SELECTS; i++) {
        View view = {.eye_world = {100.0 * i, 520, 40.0 * i},
                     .yaw_rad = 0.1f * (float)i,
                     .pitch_rad = -0.1f,
                     .fov_y_rad = VIEW_FOV_Y_RAD,
                     .aspect = 16.0f / 9,
                     .agl_m = 300};
        ViewFrame frame = view_frame(&view);
        LodSelectInput input = {.frame = &frame,
                                .ranges = lod_ranges_nominal(1),
                                .nominal = lod_ranges_nominal(1),
                                .root_lod = LOD_COUNT - 1,
                                .object = &tile,
                                .find = find_tile};
        int count = 0;
        uint64_t start_ns = os_clock_thread_cpu_ns();
        (void)lod_select_run(select, &input, &count, &stats);
        times[i] = (double)(os_clock_thread_cpu_ns() - start_ns) * 1e-6;
    }
    BenchRow *row =
        bench_add(bench, "65 km view, frustum and horizon", "ms CPU", bench_median(times, SELECTS));
    row->samples = SELECTS;
    snprintf(row->note, sizeof row->note, "%u tiles picked, %u and %u culled", stats.picked_total,
             stats.culled_frustum, stats.culled_horizon);
    bench_limit(row, BENCH_AT_MOST, 0.05);
    lod_select_destroy(select);
}

void bench_parts_cache(Bench *bench)
{
    MemCache *cache = NULL;
    double times[HIT_ROUNDS];
    if (mem_cache_create(CACHE_BLOCKS * sizeof(Chunk), sizeof(Chunk), &cache) != RESULT_OK) {
        bench_broken(bench, "cache hit", "no memory");
        return;
    }
    for (int i = 0; i < CACHE_BLOCKS; i++) {
        void *block = mem_cache_acquire(cache, (ChunkKey){i % 32, i / 32, 0});
        if (block)
            mem_cache_unpin(cache, block);
    }
    for (int round = 0; round < HIT_ROUNDS; round++) {
        uint64_t found = 0, start_ns = os_clock_thread_cpu_ns();
        for (uint64_t i = 0; i < HITS; i++) {
            uint64_t random = hash_u64(i);
            found += mem_cache_find(cache, (ChunkKey){(int64_t)(random & 31),
                                                      (int64_t)((random >> 8) & 31), 0}) != NULL;
        }
        keep((double)found);
        times[round] = (double)(os_clock_thread_cpu_ns() - start_ns) * 1e-3 / HITS;
    }
    BenchRow *row = bench_add(bench, "hit among 1,024 chunks, random order", "us CPU",
                              bench_median(times, HIT_ROUNDS));
    row->samples = HIT_ROUNDS;
    bench_limit(row, BENCH_AT_MOST, 2);
    mem_cache_destroy(cache);
}

void bench_parts_bytes(Bench *bench)
{
    static const char *const names[2][LOD_GRID_COUNT] = {
        {"GPU bytes of a tile at L0", "GPU bytes of a tile at L1",
         "GPU bytes of a tile at L2 and beyond"},
        {"the same at L0 with half maps", "the same at L1 with half maps",
         "the same at L2 with half maps"}};
    // Heights of two levels in 16 bits each, normals with sky visibility, colour, three mips of both.
    static const double limits_bytes[LOD_GRID_COUNT] = {216 * 1024, 142 * 1024, 45 * 1024};
    bench_add(bench, "CPU bytes of a chunk's data", "bytes", (double)sizeof(Chunk));
    for (int shift = 0; shift < 2; shift++) {
        for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
            TileLayout layout = tile_layout((LodGrid)grid, shift);
            BenchRow *row =
                bench_add(bench, names[shift][grid], "bytes", (double)tile_gpu_bytes(&layout));
            bench_limit(row, BENCH_AT_MOST, limits_bytes[grid]);
        }
    }
}
