// B1, B2, B9, B10: what the procedural world costs.
#include "base/job_pool.h"
#include "base/os_clock.h"
#include "base/os_memory.h"
#include "bench.h"
#include "mesh/tile_build.h"
#include "mesh/tile_kernel.h"
#include "terrain/terrain.h"
#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>

#define SCRATCH_BYTES (4u * 1024u * 1024u)
#define CHUNK_SAMPLES_TAKEN 21
#define CHUNK_MOST_MS 3.0 // with rivers, from AVX2 on
#define RATE_LEAST                                                                                 \
    600.0 // chunks a second for land with rivers; land of noise alone should give 1,290
#define RATE_ROUNDS 5
#define RATE_CHUNKS BENCH_SQUARE_CHUNKS
#define GRID_ROWS 136 // of heights around a tile
#define GRID_TEXELS (132 * 132)
#define GRID_TILES 4 // have 257 x 257 vertices
#define GRID_RUN 10  // tiles that are timed together
#define GRID_MOST_MS 0.06
#define NOISE_SIDE 257
#define NOISE_SAMPLES_TAKEN 11

#define CHUNK_RUN 4 // chunks that are timed together

// Milliseconds of CPU per chunk of a level; NAN when one could not be read.
static double chunk_ms(const Source *source, int level, Chunk *chunk, Arena *scratch)
{
    double times[CHUNK_SAMPLES_TAKEN];
    for (uint64_t i = 0; i < CHUNK_SAMPLES_TAKEN; i++) {
        uint64_t start_ns = os_clock_thread_cpu_ns();
        for (uint64_t j = 0; j < CHUNK_RUN; j++) {
            arena_rewind(scratch, 0);
            ChunkKey key = bench_key(i * CHUNK_RUN + j, level);
            if (source->read(source->object, key, scratch, NULL, chunk) != RESULT_OK)
                return NAN;
        }
        times[i] = (double)(os_clock_thread_cpu_ns() - start_ns) * 1e-6 / CHUNK_RUN;
    }
    return bench_median(times, CHUNK_SAMPLES_TAKEN);
}

// The same land on another width: a row per level.
static void measure_width(Bench *bench, TerrainWidth width, Chunk *chunk, Arena *scratch)
{
    static const char *const names[CHUNK_KEY_LEVEL_MAX + 1] = {
        [0] = "chunk of 129 x 129, 2 m apart, one core",
        [2] = "the same 8 m apart",
        [3] = "16 m apart",
        [4] = "32 m apart",
        [5] = "64 m apart",
        [6] = "128 m apart"};
    Terrain *terrain = NULL;
    if (terrain_create(&(TerrainDesc){.seed = bench->seed, .width = width}, &terrain)) {
        bench_broken(bench, "one chunk", "no memory");
        return;
    }
    Source source = terrain_source(terrain);
    for (int level = 0; level <= CHUNK_KEY_LEVEL_MAX; level += level == 0 ? 2 : 1) {
        BenchRow *row =
            bench_add(bench, names[level], "ms CPU", chunk_ms(&source, level, chunk, scratch));
        row->samples = CHUNK_SAMPLES_TAKEN;
        snprintf(row->note, sizeof row->note, "%s", terrain_width_name(width));
        if (width >= TERRAIN_WIDTH_AVX2 || width == terrain_best_width() || !isfinite(row->value))
            bench_limit(row, BENCH_AT_MOST, CHUNK_MOST_MS);
    }
    terrain_destroy(terrain);
}

void bench_terrain_chunk(Bench *bench)
{
    Arena scratch;
    Chunk *chunk = os_memory_alloc(sizeof *chunk, OS_MEMORY_APP);
    if (!chunk || !arena_create(SCRATCH_BYTES, OS_MEMORY_APP, &scratch)) {
        bench_broken(bench, "one chunk", "no memory");
        os_memory_free(chunk, sizeof *chunk, OS_MEMORY_APP);
        return;
    }
    // Scalar code is only for processors without any of the others.
    int first =
        terrain_best_width() == TERRAIN_WIDTH_SCALAR ? TERRAIN_WIDTH_SCALAR : TERRAIN_WIDTH_SSE2;
    for (int width = first; width < TERRAIN_WIDTH_COUNT; width++)
        if (terrain_width_supported((TerrainWidth)width))
            measure_width(bench, (TerrainWidth)width, chunk, &scratch);
    arena_destroy(&scratch);
    os_memory_free(chunk, sizeof *chunk, OS_MEMORY_APP);
}

typedef struct RateJob {
    const Source *source;
    TileLayout layouts[LOD_CHUNK_COUNT];
    int meshes;      // 1: L0 only, 3: all of the chunk
    uint64_t square; // the next one: each round begins on land that nobody has seen
    atomic_int done, failed;
} RateJob;

static void make_chunk(void *object, uint64_t item, Arena *scratch, int worker_index)
{
    (void)worker_index;
    RateJob *job = object;
    Chunk *chunk = arena_alloc(scratch, sizeof *chunk);
    uint8_t *tile = arena_alloc(scratch, job->layouts[0].bytes);
    size_t mark = arena_mark(scratch);
    bool made = chunk && tile &&
                job->source->read(job->source->object, bench_key(item, 0), scratch, NULL, chunk) ==
                    RESULT_OK;
    for (int lod = 0; made && lod < job->meshes; lod++) {
        arena_rewind(scratch, mark);
        tile_build(chunk, lod, &job->layouts[lod], scratch, tile);
    }
    atomic_fetch_add(made ? &job->done : &job->failed, 1);
}

// Chunks a second that `workers` cores make, from the workers' own CPU time: other programs do not count.
static double rate(RateJob *job, int workers, bool *ok)
{
    JobPool *pool = NULL;
    JobPoolDesc desc = {
        .workers = workers, .run = make_chunk, .object = job, .scratch_bytes = SCRATCH_BYTES};
    *ok = job_pool_create(&desc, &pool) == RESULT_OK;
    if (!*ok)
        return 0;
    atomic_store(&job->done, 0);
    uint64_t first = job->square++ * RATE_CHUNKS, next = 0;
    while (atomic_load(&job->done) + atomic_load(&job->failed) < RATE_CHUNKS) {
        while (next < RATE_CHUNKS && job_pool_try_push(pool, JOB_DEMAND, first + next))
            next++;
        os_clock_sleep_until_ns(os_clock_now_ns() + 1000000);
    }
    double cpu_s = (double)job_pool_stats(pool).cpu_ns * 1e-9;
    job_pool_destroy(pool);
    *ok = atomic_load(&job->failed) == 0 && cpu_s > 0;
    return RATE_CHUNKS / cpu_s * workers;
}

static double median_rate(RateJob *job, int workers, bool *ok)
{
    double rates[RATE_ROUNDS];
    for (int i = 0; i < RATE_ROUNDS; i++) {
        rates[i] = rate(job, workers, ok);
        if (!*ok)
            return 0;
    }
    return bench_median(rates, RATE_ROUNDS);
}

void bench_terrain_rate(Bench *bench)
{
    RateJob job = {.source = bench->source, .meshes = 1};
    bool ok = true;
    for (int lod = 0; lod < LOD_CHUNK_COUNT; lod++)
        job.layouts[lod] = tile_layout(lod_grid(lod), 0);
    BenchRow *row = bench_add(bench, "generated and meshed at L0, two cores", "chunks/s",
                              median_rate(&job, 2, &ok));
    row->samples = RATE_ROUNDS;
    bench_limit(row, BENCH_AT_LEAST, RATE_LEAST);
    row->pass = row->pass && ok;
    job.meshes = LOD_CHUNK_COUNT;
    row = bench_add(bench, "the same with the meshes of L0, L1 and L2", "chunks/s",
                    median_rate(&job, 2, &ok));
    row->samples = RATE_ROUNDS;
}

typedef struct GridBench {
    Chunk *chunk;
    float *heights; // of a tile and what lies around it
    uint32_t *out;
    float open[CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE];
} GridBench;

static bool grid_prepare(const Bench *bench, Arena *scratch, GridBench *grid)
{
    grid->chunk = arena_alloc(scratch, sizeof *grid->chunk);
    grid->heights = arena_alloc(scratch, sizeof(float) * GRID_ROWS * TILE_GRID_STRIDE);
    grid->out = arena_alloc(scratch, sizeof(uint32_t) * GRID_TEXELS);
    if (!grid->chunk || !grid->heights || !grid->out ||
        bench->source->read(bench->source->object, bench_key(0, 0), scratch, NULL, grid->chunk))
        return false;
    for (int i = 0; i < GRID_ROWS * TILE_GRID_STRIDE; i++)
        grid->heights[i] = grid->chunk->heights[i % (CHUNK_ROWS * CHUNK_STRIDE)];
    for (int i = 0; i < CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE; i++)
        grid->open[i] = 0.9f;
    return true;
}

// One tile: 129 x 129 vertices, 132 x 132 texels with normal and sky.
static double grid_ms(const GridBench *grid, const TileKernel *kernel)
{
    double times[CHUNK_SAMPLES_TAKEN];
    TileSurface surface = {grid->heights, grid->open, 0.004f, 0.002f, 0.001f, 1};
    for (int i = 0; i < CHUNK_SAMPLES_TAKEN; i++) {
        uint64_t start_ns = os_clock_thread_cpu_ns();
        for (int k = 0; k < GRID_RUN; k++) {
            kernel->heights(grid->chunk, 0, CHUNK_SAMPLES, grid->out);
            kernel->surface(&surface, grid->out);
        }
        times[i] = (double)(os_clock_thread_cpu_ns() - start_ns) * 1e-6 / GRID_RUN;
    }
    return bench_median(times, CHUNK_SAMPLES_TAKEN);
}

void bench_terrain_grid(Bench *bench)
{
    static const char *const names[TILE_WIDTH_COUNT] = {"plain", "avx2", "avx512"};
    Arena scratch;
    GridBench grid;
    if (!arena_create(SCRATCH_BYTES, OS_MEMORY_APP, &scratch)) {
        bench_broken(bench, "grid", "no memory");
        return;
    }
    bool ready = grid_prepare(bench, &scratch, &grid);
    if (!ready)
        bench_broken(bench, "grid", "the chunk cannot be read");
    for (int width = 0; ready && width < TILE_WIDTH_COUNT; width++) {
        if (!tile_kernel_supported((TileWidth)width))
            continue;
        const TileKernel *kernel = tile_kernel((TileWidth)width);
        BenchRow *row = bench_add(bench, "vertices, normals and sky of 257 x 257", "ms CPU",
                                  GRID_TILES * grid_ms(&grid, kernel));
        row->samples = CHUNK_SAMPLES_TAKEN;
        snprintf(row->note, sizeof row->note, "%s, as four tiles", names[width]);
        if (kernel == tile_kernel_best())
            bench_limit(row, BENCH_AT_MOST, GRID_MOST_MS);
    }
    arena_destroy(&scratch);
}

void bench_terrain_noise(Bench *bench)
{
    static const double limits_ns[TERRAIN_WIDTH_COUNT] = {
        [TERRAIN_WIDTH_SSE2] = 36, [TERRAIN_WIDTH_AVX2] = 13, [TERRAIN_WIDTH_AVX512] = 9.2};
    static const char *const names[TERRAIN_WIDTH_COUNT] = {
        "", "warp 2 + fBm 8, scalar", "warp 2 + fBm 8, SSE2", "warp 2 + fBm 8, AVX2",
        "warp 2 + fBm 8, AVX-512"};
    size_t bytes = NOISE_SIDE * NOISE_SIDE * sizeof(float);
    float *values = os_memory_alloc(bytes, OS_MEMORY_APP);
    if (!values) {
        bench_broken(bench, "noise", "no memory");
        return;
    }
    for (int width = TERRAIN_WIDTH_SCALAR; width < TERRAIN_WIDTH_COUNT; width++) {
        double times[NOISE_SAMPLES_TAKEN];
        if (!terrain_width_supported((TerrainWidth)width))
            continue;
        for (int i = 0; i < NOISE_SAMPLES_TAKEN; i++) {
            uint64_t start_ns = os_clock_thread_cpu_ns();
            terrain_noise((TerrainWidth)width, (uint64_t)i, NOISE_SIDE, values);
            times[i] = (double)(os_clock_thread_cpu_ns() - start_ns) / (NOISE_SIDE * NOISE_SIDE);
        }
        BenchRow *row =
            bench_add(bench, names[width], "ns/sample", bench_median(times, NOISE_SAMPLES_TAKEN));
        row->samples = NOISE_SAMPLES_TAKEN;
        if (limits_ns[width] > 0)
            bench_limit(row, BENCH_AT_MOST, limits_ns[width]);
    }
    os_memory_free(values, bytes, OS_MEMORY_APP);
}
