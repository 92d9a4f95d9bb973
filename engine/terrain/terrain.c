#include "terrain/terrain.h"
#include "base/cpu.h"
#include "base/hash.h"
#include "base/os_memory.h"
#include "terrain/ground.h"
#include "terrain/river_store.h"
#include "terrain/terrain_kernel.h"
#include "world/lod.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct Terrain {
    uint64_t seed;
    const TerrainKernel *kernel;
    Landform landform;
    Biome biome;
    float lost_slope2[LANDFORM_LEVELS];
    char name[32];
    Ground *ground;
    RiverStore *rivers;
    Vista *vista;
};

// Heights are worked out for columns -4 .. 139 and rows -4 .. 134: the chunk's apron is narrower,
// but the slope of its outermost texel, at sample -2 or 132, needs two samples more.
#define WINDOW_BEFORE 4
#define WINDOW_COLUMNS 144
#define WINDOW_ROWS 139
// Every second sample of it: the texels and one more all round.
#define SPARSE_ROWS BIOME_HEIGHT_SIDE
#define GROUND_SCRATCH_BYTES (1u << 20)
#define SLAB_ROWS 16 // between two looks at the cancel flag

_Static_assert(LANDFORM_LEVELS == CHUNK_KEY_LEVEL_MAX + 1, "a plan for every level");
_Static_assert(WINDOW_COLUMNS <= LANDFORM_COLUMNS_MAX && WINDOW_COLUMNS % LANDFORM_PAD == 0,
               "a window row is whole blocks");
_Static_assert((WINDOW_COLUMNS / 2 + LANDFORM_PAD - 1) / LANDFORM_PAD * LANDFORM_PAD ==
                       BIOME_PITCH &&
                   WINDOW_ROWS <= 2 * SPARSE_ROWS,
               "a sparse window is one of texels");
_Static_assert(CHUNK_ROWS % 2 == 0 && CHUNK_STRIDE % 2 == 0, "sparse samples stand for four");

static const TerrainKernel *const KERNELS[TERRAIN_WIDTH_COUNT] = {
    [TERRAIN_WIDTH_SCALAR] = &terrain_kernel_scalar,
#ifdef ARETE_TERRAIN_SSE2
    [TERRAIN_WIDTH_SSE2] = &terrain_kernel_sse2,
#endif
#ifdef ARETE_TERRAIN_AVX2
    [TERRAIN_WIDTH_AVX2] = &terrain_kernel_avx2,
#endif
#ifdef ARETE_TERRAIN_AVX512
    [TERRAIN_WIDTH_AVX512] = &terrain_kernel_avx512,
#endif
};

bool terrain_width_supported(TerrainWidth width)
{
    assert(width < TERRAIN_WIDTH_COUNT);
    if (width == TERRAIN_WIDTH_BEST || width == TERRAIN_WIDTH_SCALAR)
        return true;
    if (!KERNELS[width])
        return false;
    if (width == TERRAIN_WIDTH_SSE2)
        return true; // every x86-64
    return width == TERRAIN_WIDTH_AVX2 ? cpu_has_avx2() : cpu_has_avx512();
}

TerrainWidth terrain_best_width(void)
{
    for (int width = TERRAIN_WIDTH_COUNT - 1; width > TERRAIN_WIDTH_SCALAR; width--)
        if (terrain_width_supported((TerrainWidth)width))
            return (TerrainWidth)width;
    return TERRAIN_WIDTH_SCALAR;
}

const char *terrain_width_name(TerrainWidth width)
{
    static const char *const NAMES[TERRAIN_WIDTH_COUNT] = {"best", "scalar", "sse2", "avx2",
                                                           "avx512"};
    assert(width < TERRAIN_WIDTH_COUNT);
    return NAMES[width];
}

static const TerrainKernel *kernel_of(TerrainWidth width)
{
    return KERNELS[width == TERRAIN_WIDTH_BEST ? terrain_best_width() : width];
}

// One chunk while it is made.
typedef struct TerrainJob {
    const Terrain *terrain;
    Arena *scratch;
    const atomic_bool *cancelled;
    ChunkKey key;
    int stride;                // 2: every second sample, else 1
    int rows, pitch;           // of the window
    Relief relief, coarse;     // coarse: every second sample of the next level
    float *heights_m;          // rows x pitch
    float *lie, *shore, *half; // the same, as ReliefRows has them
    float *coarse_m;           // coarse_side rows of coarse_pitch
    int coarse_side, coarse_pitch;
} TerrainJob;

static bool job_cancelled(const TerrainJob *job)
{
    return job->cancelled && atomic_load_explicit(job->cancelled, memory_order_relaxed);
}

static Result fill_lattice(const Terrain *terrain, Arena *scratch, Relief *relief)
{
    Result result = landform_lattice(&relief->grid, scratch, &relief->lattice);
    if (!result)
        terrain->kernel->fill_lattice(&relief->grid, &relief->lattice);
    return result;
}

// Everything that the heights of `relief->grid` need, and of `coarse->grid` unless NULL.
static Result make_relief(const Terrain *terrain, Arena *scratch, Relief *relief, Relief *coarse)
{
    Result result = fill_lattice(terrain, scratch, relief);
    if (!result && coarse)
        result = fill_lattice(terrain, scratch, coarse);
    if (result)
        return result;
    RiverNetDesc desc = relief_rivers(relief, coarse);
    result = river_store_read(terrain->rivers, &desc, scratch, &relief->net);
    if (!result && coarse)
        relief_share(relief, coarse);
    return result;
}

static Result job_relief(TerrainJob *job)
{
    const Landform *landform = &job->terrain->landform;
    int64_t side = (CHUNK_SAMPLES - 1) / job->stride, before = WINDOW_BEFORE / job->stride;
    job->rows = job->stride == 1 ? WINDOW_ROWS : SPARSE_ROWS;
    job->pitch = job->stride == 1 ? WINDOW_COLUMNS : BIOME_PITCH;
    job->relief.grid = (LandformGrid){
        .landform = landform,
        .x = job->key.x * side - before,
        .z = job->key.z * side - before,
        .level = job->key.level,
        .stride = job->stride,
        .columns = WINDOW_COLUMNS / job->stride,
        .rows = job->rows,
        .climate = 1,
    };
    if (job->key.level == CHUNK_KEY_LEVEL_MAX)
        return make_relief(job->terrain, job->scratch, &job->relief, NULL);
    job->coarse_side = job->key.level == 0 ? 17 : CHUNK_COARSE_SIDE;
    job->coarse.grid = (LandformGrid){
        .landform = landform,
        .x = job->key.x * (job->coarse_side - 1),
        .z = job->key.z * (job->coarse_side - 1),
        .level = chunk_key_parent(job->key).level,
        .stride = 2,
        .columns = job->coarse_side,
        .rows = job->coarse_side,
    };
    return make_relief(job->terrain, job->scratch, &job->relief, &job->coarse);
}

// A window of floats, with what the widest kernel's last load may touch beyond it: lanes that nobody keeps.
static float *alloc_window(Arena *scratch, int rows, int pitch)
{
    size_t count = (size_t)(rows * pitch), over = BIOME_OVERREAD;
    float *window = arena_alloc(scratch, sizeof(float) * (count + over));
    if (window)
        memset(window + count, 0, sizeof(float) * over);
    return window;
}

// Columns beyond the grid repeat its last one: they are no land of this chunk.
static void job_close_rows(TerrainJob *job)
{
    int last = job->relief.grid.columns - 1;
    for (int row = 0; row < job->rows; row++) {
        float *heights_m = job->heights_m + row * job->pitch;
        for (int i = last + 1; i < job->pitch; i++)
            heights_m[i] = heights_m[last];
    }
}

static Result job_heights(TerrainJob *job)
{
    const TerrainKernel *kernel = job->terrain->kernel;
    job->heights_m = alloc_window(job->scratch, job->rows, job->pitch);
    job->lie = alloc_window(job->scratch, job->rows, job->pitch);
    job->shore = alloc_window(job->scratch, job->rows, job->pitch);
    job->half = alloc_window(job->scratch, job->rows, job->pitch);
    if (!job->heights_m || !job->lie || !job->shore || !job->half)
        return RESULT_OUT_OF_MEMORY;
    for (int row = 0; row < job->rows; row += SLAB_ROWS) {
        if (job_cancelled(job))
            return RESULT_CANCELLED;
        int end = row + SLAB_ROWS < job->rows ? row + SLAB_ROWS : job->rows;
        kernel->heights(&job->relief, &(ReliefRows){.first = row,
                                                    .end = end,
                                                    .heights_m = job->heights_m,
                                                    .pitch = job->pitch,
                                                    .lie = job->lie,
                                                    .shore = job->shore,
                                                    .half = job->half});
    }
    job_close_rows(job);
    return RESULT_OK;
}

// What the coarser level has at this chunk's even mesh vertices: every second sample of that level.
static Result job_coarse(TerrainJob *job)
{
    int side = job->coarse_side;
    job->coarse_pitch = (side + LANDFORM_PAD - 1) / LANDFORM_PAD * LANDFORM_PAD;
    size_t bytes = sizeof(float) * (size_t)(side * job->coarse_pitch);
    job->coarse_m = arena_alloc(job->scratch, bytes);
    if (!job->coarse_m)
        return RESULT_OUT_OF_MEMORY;
    job->terrain->kernel->heights(
        &job->coarse,
        &(ReliefRows){.end = side, .heights_m = job->coarse_m, .pitch = job->coarse_pitch});
    return RESULT_OK;
}

// The coarsest level meets nothing coarser: its own heights stand in.
static Result job_coarse_is_own(TerrainJob *job)
{
    job->coarse_side = CHUNK_COARSE_SIDE;
    job->coarse_pitch = 48;
    job->coarse_m = arena_alloc(job->scratch, sizeof(float) * CHUNK_COARSE_SIDE * 48);
    if (!job->coarse_m)
        return RESULT_OUT_OF_MEMORY;
    for (int j = 0; j < CHUNK_COARSE_SIDE; j++) {
        const float *from = job->heights_m + (4 * j + WINDOW_BEFORE) / job->stride * job->pitch;
        for (int i = 0; i < CHUNK_COARSE_SIDE; i++)
            job->coarse_m[j * 48 + i] = from[(4 * i + WINDOW_BEFORE) / job->stride];
    }
    return RESULT_OK;
}

// The chunk's own samples; those that a sparse window lacks repeat their neighbours.
static void job_quantise_own(const TerrainJob *job, int32_t base, Chunk *out)
{
    const int cut = WINDOW_BEFORE - CHUNK_APRON, stride = job->stride;
    uint16_t row[WINDOW_COLUMNS];
    for (int j = 0; j < CHUNK_ROWS; j += stride) {
        const float *from = job->heights_m + (j + cut) / stride * job->pitch;
        uint16_t *to = out->heights + j * CHUNK_STRIDE;
        job->terrain->kernel->quantise(from, WINDOW_COLUMNS / stride, 1.0f / out->quantum_m,
                                       (int32_t[2]){1, base}, row);
        if (stride == 1) {
            memcpy(to, row + cut, sizeof(uint16_t) * CHUNK_STRIDE);
            continue;
        }
        for (int i = 0; i < CHUNK_STRIDE; i += 2)
            to[i] = to[i + 1] = row[(i + cut) / 2];
        memcpy(to + CHUNK_STRIDE, to, sizeof(uint16_t) * CHUNK_STRIDE);
    }
}

static void job_quantise(TerrainJob *job, Chunk *out)
{
    const TerrainKernel *kernel = job->terrain->kernel;
    float low, high, quantum = lod_quantum_m(lod_of_key_level(job->key.level));
    kernel->bounds(job->heights_m, job->rows * job->pitch, &low, &high);
    for (int j = 0; j < job->coarse_side; j++)
        for (int i = 0; i < job->coarse_side; i++)
            low = job->coarse_m[j * job->coarse_pitch + i] < low
                      ? job->coarse_m[j * job->coarse_pitch + i]
                      : low;
    // Half a quantum of the coarser level below the least: rounding may go down.
    out->base_m = floorf((low - 0.125f) * (1.0f / 64.0f)) * 64.0f;
    out->quantum_m = quantum;
    int32_t base = (int32_t)(out->base_m / quantum);
    job_quantise_own(job, base, out);
    uint16_t row[WINDOW_COLUMNS];
    int level =
        job->key.level < CHUNK_KEY_LEVEL_MAX ? chunk_key_parent(job->key).level : job->key.level;
    float coarse_quantum = lod_quantum_m(lod_of_key_level(level));
    int32_t scale = (int32_t)(coarse_quantum / quantum);
    memset(out->coarse, 0, sizeof out->coarse);
    for (int j = 0; j < job->coarse_side; j++) {
        const float *from = job->coarse_m + j * job->coarse_pitch;
        kernel->quantise(from, job->coarse_pitch, 1.0f / coarse_quantum, (int32_t[2]){scale, base},
                         row);
        memcpy(out->coarse + j * CHUNK_COARSE_SIDE, row,
               sizeof(uint16_t) * (size_t)job->coarse_side);
    }
}

static void job_bounds(const TerrainJob *job, Chunk *out)
{
    int low = UINT16_MAX, high = 0;
    for (int j = 0; j < CHUNK_SAMPLES; j++) {
        const uint16_t *row = out->heights + chunk_index(0, j);
        for (int i = 0; i < CHUNK_SAMPLES; i++) {
            low = row[i] < low ? row[i] : low;
            high = row[i] > high ? row[i] : high;
        }
    }
    for (int j = 0; j < job->coarse_side; j++) {
        const uint16_t *row = out->coarse + j * CHUNK_COARSE_SIDE;
        for (int i = 0; i < job->coarse_side; i++) {
            low = row[i] < low ? row[i] : low;
            high = row[i] > high ? row[i] : high;
        }
    }
    out->min_m = out->base_m + (float)low * out->quantum_m;
    out->max_m = out->base_m + (float)high * out->quantum_m;
}

// From window samples to texels; a sparse window's are texels already. NULL: no memory.
static const float *texels_of(const TerrainJob *job, const float *window)
{
    if (job->stride == 2)
        return window;
    float *texels = alloc_window(job->scratch, BIOME_HEIGHT_SIDE, BIOME_PITCH);
    for (int j = 0; texels && j < BIOME_HEIGHT_SIDE; j++) {
        float *to = texels + j * BIOME_PITCH;
        const float *from = window + 2 * j * WINDOW_COLUMNS;
        for (int i = 0; i < WINDOW_COLUMNS / 2; i++)
            to[i] = from[2 * i];
        memset(to + WINDOW_COLUMNS / 2, 0, sizeof(float) * (BIOME_PITCH - WINDOW_COLUMNS / 2));
    }
    return texels;
}

static Result job_biome(TerrainJob *job, LandformLattice *lattice, BiomeGrid *out)
{
    int unit_m = landform_unit_m(&job->relief.grid) / job->stride;
    int64_t x = job->relief.grid.x * job->stride, z = job->relief.grid.z * job->stride;
    Result result = landform_lattice_thin(&job->relief.lattice, 2 / job->stride, CHUNK_TINT_SIDE,
                                          job->scratch, lattice);
    if (result)
        return result;
    *out = (BiomeGrid){
        .biome = &job->terrain->biome,
        .lattice = lattice,
        .heights_m = texels_of(job, job->heights_m),
        .lie = texels_of(job, job->lie),
        .shore = texels_of(job, job->shore),
        .half = texels_of(job, job->half),
        .x_m = (x + 2) * unit_m,
        .z_m = (z + 2) * unit_m,
        .texel_m = 2 * unit_m,
        .lost_slope2 = job->terrain->lost_slope2[job->key.level],
    };
    return out->heights_m && out->lie && out->shore && out->half ? RESULT_OK : RESULT_OUT_OF_MEMORY;
}

static Result job_tint(TerrainJob *job, Chunk *out)
{
    LandformLattice lattice;
    BiomeGrid grid;
    Result result = job_biome(job, &lattice, &grid);
    if (result)
        return result;
    job->terrain->kernel->tint(&grid, out->tint, out->matter);
    out->fresh = false;
    for (int i = 0; i < CHUNK_TINT_SIDE * CHUNK_TINT_SIDE; i++)
        out->fresh |= (out->matter[i] & 0xff) >= CHUNK_SHORE;
    return RESULT_OK;
}

static Result terrain_layer(void *object, ChunkKey key, SourceLayer layer, Arena *scratch,
                            float *out)
{
    assert(object && scratch && out && layer > SOURCE_LAYER_HEIGHT && layer < SOURCE_LAYER_COUNT);
    TerrainJob job = {.terrain = object, .scratch = scratch, .key = key, .stride = 1};
    LandformLattice lattice;
    BiomeGrid grid;
    Result result = job_relief(&job);
    if (!result)
        result = job_heights(&job);
    if (!result && layer == SOURCE_LAYER_FLOW)
        job.terrain->kernel->flow(
            &job.relief,
            &(ReliefRows){.end = WINDOW_ROWS, .heights_m = job.lie, .pitch = WINDOW_COLUMNS});
    if (!result)
        result = job_biome(&job, &lattice, &grid);
    if (result)
        return result;
    if (layer != SOURCE_LAYER_FLOW) {
        job.terrain->kernel->layer(&grid, (int)layer, out);
        return RESULT_OK;
    }
    for (int j = 0; j < CHUNK_TINT_SIDE; j++)
        memcpy(out + j * CHUNK_TINT_SIDE, grid.lie + (j + 1) * BIOME_PITCH + 1,
               sizeof(float) * CHUNK_TINT_SIDE);
    return RESULT_OK;
}

// The last step: nothing that the others made is needed, and far land takes as much scratch as all of them.
static Result job_skyline(TerrainJob *job, Chunk *out)
{
    Skyline skyline;
    Result result = skyline_gather(job->terrain->vista, job->key, job->scratch, &skyline);
    if (!result)
        job->terrain->kernel->skyline(&skyline, out->skyline);
    return result;
}

static uint64_t chunk_hash(const Chunk *chunk)
{
    uint64_t hash = hash_u64((uint64_t)chunk->key.x) ^ hash_u64((uint64_t)chunk->key.z + 1) ^
                    (uint64_t)chunk->key.level;
    const float scalars[4] = {chunk->base_m, chunk->quantum_m, chunk->min_m, chunk->max_m};
    hash = hash_bytes(scalars, sizeof scalars, hash);
    hash = hash_bytes(chunk->heights, sizeof chunk->heights, hash);
    hash = hash_bytes(chunk->coarse, sizeof chunk->coarse, hash);
    hash = hash_bytes(chunk->tint, sizeof chunk->tint, hash);
    hash = hash_bytes(chunk->matter, sizeof chunk->matter, hash);
    return hash_bytes(chunk->skyline, sizeof chunk->skyline, hash);
}

static Result job_run(TerrainJob *job, Chunk *out)
{
    ChunkKey key = job->key;
    assert(job->terrain && job->scratch && out);
    assert(key.level >= 0 && key.level <= CHUNK_KEY_LEVEL_MAX);
    if (key.x <= -CHUNK_KEY_COORD_MAX || key.x >= CHUNK_KEY_COORD_MAX ||
        key.z <= -CHUNK_KEY_COORD_MAX || key.z >= CHUNK_KEY_COORD_MAX)
        return RESULT_LIMIT;
    out->key = key;
    out->sparse = job->stride == 2;
    size_t mark = arena_mark(job->scratch);
    Result result = job_relief(job);
    if (!result)
        result = job_heights(job);
    if (!result)
        result = key.level == CHUNK_KEY_LEVEL_MAX ? job_coarse_is_own(job) : job_coarse(job);
    if (!result && job_cancelled(job))
        result = RESULT_CANCELLED;
    if (result)
        return result;
    job_quantise(job, out);
    job_bounds(job, out);
    result = job_tint(job, out);
    arena_rewind(job->scratch, mark);
    if (!result)
        result = job_skyline(job, out);
    out->hash = chunk_hash(out);
    return result;
}

static Result terrain_read(void *object, ChunkKey key, Arena *scratch, const atomic_bool *cancelled,
                           Chunk *out)
{
    TerrainJob job = {
        .terrain = object, .scratch = scratch, .cancelled = cancelled, .key = key, .stride = 1};
    return job_run(&job, out);
}

static Result terrain_read_sparse(void *object, ChunkKey key, Arena *scratch,
                                  const atomic_bool *cancelled, Chunk *out)
{
    TerrainJob job = {
        .terrain = object, .scratch = scratch, .cancelled = cancelled, .key = key, .stride = 2};
    return job_run(&job, out);
}

static bool fill_ground(const void *object, int64_t x, int64_t z, Arena *scratch, float *out_m)
{
    const Terrain *terrain = object;
    Relief relief = {.grid = {
                         .landform = &terrain->landform,
                         .x = x,
                         .z = z,
                         .stride = 1,
                         .columns = GROUND_SIDE,
                         .rows = GROUND_SIDE,
                     }};
    // A net of its own: whoever asks for the ground waits for no lock.
    Result result = fill_lattice(terrain, scratch, &relief);
    if (!result) {
        RiverNetDesc desc = relief_rivers(&relief, NULL);
        result = river_net(&desc, scratch, &relief.net);
    }
    assert(result == RESULT_OK);
    if (result)
        return false;
    terrain->kernel->fill_rivers(&terrain->landform, &relief.net);
    terrain->kernel->heights(
        &relief, &(ReliefRows){.end = GROUND_SIDE, .heights_m = out_m, .pitch = GROUND_PITCH});
    return true;
}

static Result fill_vista(const void *object, int level, int64_t x, int64_t z, Arena *scratch,
                         float *out_m)
{
    const Terrain *terrain = object;
    Relief relief = {.grid = {
                         .landform = &terrain->landform,
                         .x = x,
                         .z = z,
                         .level = level,
                         .stride = 1,
                         .columns = VISTA_SIDE,
                         .rows = VISTA_SIDE,
                     }};
    Result result = make_relief(terrain, scratch, &relief, NULL);
    if (result)
        return result;
    terrain->kernel->heights(
        &relief, &(ReliefRows){.end = VISTA_SIDE, .heights_m = out_m, .pitch = VISTA_SIDE});
    for (int i = 0; i < VISTA_SIDE * VISTA_SIDE; i++) // the sea is level
        out_m[i] = out_m[i] > 0.0f ? out_m[i] : 0.0f;
    return RESULT_OK;
}

static float terrain_ground_m(void *object, double x_m, double z_m)
{
    return ground_at(((const Terrain *)object)->ground, x_m, z_m);
}

Result terrain_create(const TerrainDesc *desc, Terrain **out)
{
    assert(desc && out);
    *out = NULL;
    if (desc->width >= TERRAIN_WIDTH_COUNT || !terrain_width_supported(desc->width))
        return RESULT_UNSUPPORTED;
    Terrain *terrain = os_memory_alloc(sizeof *terrain, OS_MEMORY_BASE);
    if (!terrain)
        return RESULT_OUT_OF_MEMORY;
    terrain->seed = desc->seed;
    terrain->kernel = kernel_of(desc->width);
    terrain->landform = landform_make(desc->seed);
    terrain->biome = biome_make(desc->seed);
    terrain_set_snow_line(terrain, desc->snow_line_m);
    for (int level = 0; level < LANDFORM_LEVELS; level++)
        terrain->lost_slope2[level] = biome_lost_slope2(level);
    snprintf(terrain->name, sizeof terrain->name, "seed:%llu", (unsigned long long)desc->seed);
    GroundDesc ground = {GROUND_SCRATCH_BYTES, fill_ground, terrain};
    RiverStoreDesc rivers = {terrain->kernel->fill_rivers, &terrain->landform};
    VistaDesc vista = {fill_vista, terrain};
    Result result = ground_create(&ground, &terrain->ground);
    if (!result)
        result = river_store_create(&rivers, &terrain->rivers);
    if (!result)
        result = vista_create(&vista, &terrain->vista);
    if (result) {
        terrain_destroy(terrain);
        return result;
    }
    *out = terrain;
    return RESULT_OK;
}

void terrain_destroy(Terrain *terrain)
{
    if (!terrain)
        return;
    vista_destroy(terrain->vista);
    river_store_destroy(terrain->rivers);
    ground_destroy(terrain->ground);
    os_memory_free(terrain, sizeof *terrain, OS_MEMORY_BASE);
}

void terrain_set_snow_line(Terrain *terrain, float snow_line_m)
{
    terrain->biome.season_c = snow_line_m * LANDFORM_LAPSE_C_PER_M;
}

Source terrain_source(Terrain *terrain)
{
    assert(terrain);
    return (Source){
        .name = terrain->name,
        .attribution = "",
        .seed = terrain->seed,
        .cost = SOURCE_COST_COMPUTE,
        .kept_bytes = TERRAIN_KEPT_BYTES,
        .object = terrain,
        .read = terrain_read,
        .read_sparse = terrain_read_sparse,
        .layer = terrain_layer,
        .ground_m = terrain_ground_m,
    };
}

Result terrain_waters(const Terrain *terrain, const WatersDesc *desc, Arena *arena, Waters *out)
{
    assert(terrain);
    return waters_make(&terrain->landform, terrain->kernel, desc, arena, out);
}

void terrain_noise(TerrainWidth width, uint64_t seed, int side, float *out)
{
    assert(terrain_width_supported(width) && side > 0 && out);
    kernel_of(width)->noise(seed, side, out);
}
