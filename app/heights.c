#include "heights.h"
#include "base/job_pool.h"
#include "base/os_clock.h"
#include "base/os_memory.h"
#include "progress.h"
#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define POLL_NS 1000000u
#define WORKER_NICE 10

typedef struct Reading {
    const HeightsDesc *desc;
    Heights *out;
    ChunkKey first;  // north-west
    uint64_t across; // chunks from west to east
    atomic_uint_fast64_t done, failed;
    atomic_bool cancelled;
} Reading;

int heights_level(double spacing_m)
{
    int best = 0;
    for (int level = 2; level <= CHUNK_KEY_LEVEL_MAX; level++) {
        if ((double)chunk_spacing_m(level) <= spacing_m)
            best = level;
    }
    return best;
}

const HeightsPacking *heights_packing(SourceLayer layer)
{
    static const HeightsPacking PACKING[SOURCE_LAYER_COUNT] = {
        {"Height", "value / 8 - 1024 m", 1024, 8},
        {"Temperature", "value / 512 - 64 degrees Celsius", 64, 512},
        {"Moisture", "value / 65535", 0, 65535},
        {"Biome", "value / 4096", 0, 4096},
        {"Flow", "value / 16383", 0, 16383},
    };
    assert(layer >= 0 && layer < SOURCE_LAYER_COUNT);
    return &PACKING[layer];
}

uint16_t heights_pack(const HeightsPacking *packing, float value, uint64_t *inout_clamped)
{
    double packed = round(((double)value + packing->offset) * packing->scale);
    if (packed < 0 || packed > 65535)
        ++*inout_clamped;
    return (uint16_t)fmin(fmax(packed, 0), 65535);
}

// First sample index at or beyond `edge_m`, within 0 and `count`. The same sum for both neighbours of an edge:
// every sample belongs to one chunk.
static uint32_t index_from(double edge_m, double start_m, double spacing_m, uint32_t count)
{
    double index = ceil((edge_m - start_m) / spacing_m);
    return (uint32_t)fmin(fmax(index, 0), count);
}

static double inside(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

// One chunk's values: of the height its samples, of other layers its texels, of which the first is at (-1, -1).
typedef struct ChunkValues {
    const Chunk *chunk;
    const float *texels; // NULL: the height
    bool mixed;
} ChunkValues;

static float texel_at(const ChunkValues *values, double x_m, double z_m, double texel_m)
{
    double u = x_m / texel_m + 1.0, v = z_m / texel_m + 1.0;
    if (!values->mixed)
        return values->texels[(int)(v + 0.5) * CHUNK_TINT_SIDE + (int)(u + 0.5)];
    const float *from = values->texels + (int)v * CHUNK_TINT_SIDE + (int)u;
    float s = (float)(u - floor(u)), t = (float)(v - floor(v));
    float north = from[0] + (from[1] - from[0]) * s;
    float south = from[CHUNK_TINT_SIDE] + (from[CHUNK_TINT_SIDE + 1] - from[CHUNK_TINT_SIDE]) * s;
    return north + (south - north) * t;
}

static void sample_chunk(const Reading *reading, ChunkKey key, const ChunkValues *values)
{
    const HeightsDesc *desc = reading->desc;
    Heights *out = reading->out;
    double side = (double)chunk_key_side_m(key.level);
    double west = (double)key.x * side, north = (double)key.z * side;
    double texel_m = 2.0 * (double)chunk_spacing_m(key.level);
    uint32_t i0 = index_from(west, desc->x0_m, desc->spacing_m, out->width);
    uint32_t i1 = index_from(west + side, desc->x0_m, desc->spacing_m, out->width);
    uint32_t j0 = index_from(north, desc->z0_m, desc->spacing_m, out->height);
    uint32_t j1 = index_from(north + side, desc->z0_m, desc->spacing_m, out->height);
    for (uint32_t j = j0; j < j1; j++) {
        double z = inside(desc->z0_m + j * desc->spacing_m, north, north + side);
        for (uint32_t i = i0; i < i1; i++) {
            double x = inside(desc->x0_m + i * desc->spacing_m, west, west + side);
            out->values[(size_t)j * out->width + i] =
                values->texels ? texel_at(values, x - west, z - north, texel_m)
                               : chunk_height_at_m(values->chunk, x, z);
        }
    }
}

static Result read_values(const Reading *reading, ChunkKey key, Arena *scratch, ChunkValues *out)
{
    const Source *source = reading->desc->source;
    SourceLayer layer = reading->desc->layer;
    if (layer == SOURCE_LAYER_HEIGHT) {
        Chunk *chunk = arena_alloc(scratch, sizeof *chunk);
        *out = (ChunkValues){.chunk = chunk};
        return chunk ? source->read(source->object, key, scratch, &reading->cancelled, chunk)
                     : RESULT_OUT_OF_MEMORY;
    }
    float *texels = arena_alloc(scratch, sizeof(float) * CHUNK_TINT_SIDE * CHUNK_TINT_SIDE);
    *out = (ChunkValues){.texels = texels, .mixed = layer != SOURCE_LAYER_BIOME};
    return texels ? source->layer(source->object, key, layer, scratch, texels)
                  : RESULT_OUT_OF_MEMORY;
}

static void read_chunk(void *object, uint64_t item, Arena *scratch, int worker_index)
{
    (void)worker_index;
    Reading *reading = object;
    ChunkKey key = reading->first;
    key.x += (int64_t)(item % reading->across);
    key.z += (int64_t)(item / reading->across);
    ChunkValues values;
    if (read_values(reading, key, scratch, &values) == RESULT_OK) {
        sample_chunk(reading, key, &values);
        atomic_fetch_add(&reading->done, 1);
        return;
    }
    atomic_fetch_add(&reading->failed, 1);
    atomic_store(&reading->cancelled, true);
}

static Result read_all(Reading *reading, uint64_t count, ResultText *text)
{
    JobPool *pool = NULL;
    JobPoolDesc desc = {.workers = reading->desc->threads,
                        .nice = WORKER_NICE,
                        .run = read_chunk,
                        .object = reading};
    Result result = job_pool_create(&desc, &pool);
    if (result != RESULT_OK)
        return result_fail(text, result, "the workers could not be started: %s",
                           result_name(result));
    Progress progress = progress_begin("reading chunks");
    uint64_t pushed = 0;
    while (atomic_load(&reading->done) < count && !atomic_load(&reading->failed)) {
        while (pushed < count && job_pool_try_push(pool, JOB_DEMAND, pushed))
            pushed++;
        os_clock_sleep_until_ns(os_clock_now_ns() + POLL_NS);
        progress_update(&progress, atomic_load(&reading->done), count);
    }
    progress_end(&progress);
    job_pool_destroy(pool);
    if (atomic_load(&reading->failed))
        return result_fail(text, RESULT_IO, "a chunk of %s could not be read",
                           reading->desc->source->name);
    return RESULT_OK;
}

Result heights_check_bounds(const HeightsDesc *desc, ResultText *text)
{
    assert(desc);
    if (desc->x1_m > desc->x0_m && desc->z1_m > desc->z0_m)
        return RESULT_OK;
    return result_fail(text, RESULT_BAD_INPUT,
                       "the bounds are empty; X0,Z0,X1,Z1 with X0 < X1 (west to east) and Z0 < "
                       "Z1 (north to south)");
}

static Result check(const HeightsDesc *desc, Heights *out, ResultText *text)
{
    if (desc->layer != SOURCE_LAYER_HEIGHT && !desc->source->layer)
        return result_fail(text, RESULT_UNSUPPORTED, "%s has no layer but its height",
                           desc->source->name);
    Result result = heights_check_bounds(desc, text);
    if (result != RESULT_OK)
        return result;
    // A sum that is a hair over a whole number must not add a row.
    double width = ceil((desc->x1_m - desc->x0_m) / desc->spacing_m - 1e-9);
    double height = ceil((desc->z1_m - desc->z0_m) / desc->spacing_m - 1e-9);
    if (width * height > (double)HEIGHTS_SAMPLES_MAX)
        return result_fail(text, RESULT_LIMIT,
                           "%.0f x %.0f samples are too many; at most 134217728, so a wider "
                           "spacing or smaller bounds",
                           width, height);
    out->width = (uint32_t)fmax(width, 1);
    out->height = (uint32_t)fmax(height, 1);
    out->level = heights_level(desc->spacing_m);
    return RESULT_OK;
}

Result heights_create(const HeightsDesc *desc, Heights *out, ResultText *text)
{
    assert(desc && desc->source && out);
    assert(desc->spacing_m >= HEIGHTS_SPACING_MIN_M);
    *out = (Heights){0};
    Result result = check(desc, out, text);
    if (result != RESULT_OK)
        return result;
    size_t bytes = (size_t)out->width * out->height * sizeof(float);
    out->values = os_memory_alloc(bytes, OS_MEMORY_APP);
    if (!out->values)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for %zu bytes of heights", bytes);
    ChunkKey first = chunk_key_at(out->level, desc->x0_m, desc->z0_m);
    ChunkKey last = chunk_key_at(out->level, desc->x0_m + (out->width - 1) * desc->spacing_m,
                                 desc->z0_m + (out->height - 1) * desc->spacing_m);
    Reading reading = {.desc = desc, .out = out, .first = first};
    reading.across = (uint64_t)(last.x - first.x + 1);
    out->chunks = reading.across * (uint64_t)(last.z - first.z + 1);
    result = read_all(&reading, out->chunks, text);
    if (result != RESULT_OK)
        heights_destroy(out);
    return result;
}

void heights_destroy(Heights *heights)
{
    assert(heights);
    os_memory_free(heights->values, (size_t)heights->width * heights->height * sizeof(float),
                   OS_MEMORY_APP);
    *heights = (Heights){0};
}
