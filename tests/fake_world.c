#include "fake_world.h"
#include "base/os_clock.h"
#include "world/lod.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLICE_NS UINT64_C(1000000) // between two looks at `cancelled`

FakeWorld *fake_world_create(void)
{
    FakeWorld *world = calloc(1, sizeof *world);
    assert(world);
    world->fail_level = -1;
    Result result = os_thread_semaphore_create(0, &world->gate);
    assert(result == RESULT_OK);
    (void)result;
    return world;
}

void fake_world_destroy(FakeWorld *world)
{
    assert(!atomic_load(&world->held) && atomic_load(&world->running) == 0);
    os_thread_semaphore_destroy(world->gate);
    free(world);
}

// Half of a height: the field is the sum of a part in x and a part in z, so that a chunk costs few sines.
static double part_m(double at_m)
{
    return 200.0 + 90.0 * sin(at_m / 700.0) + 25.0 * sin(at_m / 90.0) + 400.0 * sin(at_m / 19000.0);
}

float fake_world_ground_m(void *object, double x_m, double z_m)
{
    (void)object;
    return (float)(part_m(x_m) + part_m(z_m));
}

static uint16_t quantised(const Chunk *chunk, double height_m)
{
    double value = (height_m - (double)chunk->base_m) / (double)chunk->quantum_m;
    assert(value > -0.5 && value < 65535.0);
    return (uint16_t)lrint(value);
}

static void fill(ChunkKey key, Chunk *out)
{
    double x_parts[CHUNK_STRIDE], z_parts[CHUNK_ROWS], low_m = 1e9, high_m = -1e9;
    double side_m = (double)chunk_key_side_m(key.level);
    double step_m = (double)chunk_spacing_m(key.level);
    for (int i = 0; i < CHUNK_STRIDE; i++)
        x_parts[i] = part_m((double)key.x * side_m + (i - CHUNK_APRON) * step_m);
    for (int j = 0; j < CHUNK_ROWS; j++)
        z_parts[j] = part_m((double)key.z * side_m + (j - CHUNK_APRON) * step_m);
    for (int j = 0; j < CHUNK_ROWS; j++)
        for (int i = 0; i < CHUNK_STRIDE; i++) {
            low_m = fmin(low_m, x_parts[i] + z_parts[j]);
            high_m = fmax(high_m, x_parts[i] + z_parts[j]);
        }
    out->key = key;
    out->base_m = (float)(floor(low_m / 64.0) * 64.0);
    out->quantum_m = lod_quantum_m(lod_of_key_level(key.level));
    out->min_m = (float)low_m;
    out->max_m = (float)high_m;
    out->hash = chunk_key_hash(key);
    for (int j = 0; j < CHUNK_ROWS; j++)
        for (int i = 0; i < CHUNK_STRIDE; i++)
            out->heights[j * CHUNK_STRIDE + i] = quantised(out, x_parts[i] + z_parts[j]);
    int side = key.level == 0 ? 17 : CHUNK_COARSE_SIDE, every = key.level == 0 ? 8 : 4;
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++)
            out->coarse[j * CHUNK_COARSE_SIDE + i] =
                out->heights[chunk_index(i * every, j * every)];
    for (int i = 0; i < CHUNK_TINT_SIDE * CHUNK_TINT_SIDE; i++)
        out->tint[i] = UINT32_C(0x80507040) + (uint32_t)(i & 7);
    memset(out->matter, 0, sizeof out->matter);
    memset(out->skyline, 0, sizeof out->skyline);
    out->fresh = out->sparse = false;
}

static FakeWorldCell *cell_of(FakeWorld *world, ChunkKey key)
{
    unsigned long long name = chunk_key_hash(key) | 1u;
    for (uint64_t at = name / 2, i = 0; i < FAKE_WORLD_KEYS; at++, i++) {
        FakeWorldCell *cell = &world->cells[at % FAKE_WORLD_KEYS];
        unsigned long long found = 0;
        if (atomic_compare_exchange_strong(&cell->name, &found, name) || found == name)
            return cell;
    }
    assert(false);
    return NULL;
}

bool fake_world_fails(const FakeWorld *world, ChunkKey key)
{
    if (world->fail_reads == 0 || (world->fail_level >= 0 && world->fail_level != key.level))
        return false;
    return world->fail_one_of < 2 || (chunk_key_hash(key) >> 32) % world->fail_one_of == 0;
}

static void read_slowly(const FakeWorld *world, const atomic_bool *cancelled)
{
    uint64_t now_ns = os_clock_now_ns(), end_ns = now_ns + world->slow_us * UINT64_C(1000);
    while (now_ns < end_ns && !(cancelled && atomic_load(cancelled))) {
        os_clock_sleep_until_ns(end_ns - now_ns < SLICE_NS ? end_ns : now_ns + SLICE_NS);
        now_ns = os_clock_now_ns();
    }
}

static Result read_chunk(void *object, ChunkKey key, Arena *scratch, const atomic_bool *cancelled,
                         Chunk *out)
{
    (void)scratch;
    FakeWorld *world = object;
    unsigned running = atomic_fetch_add(&world->running, 1) + 1,
             most = atomic_load(&world->running_max);
    while (running > most && !atomic_compare_exchange_weak(&world->running_max, &most, running))
        continue;
    unsigned at = atomic_fetch_add(&world->log_count, 1);
    if (at < FAKE_WORLD_LOG)
        world->log[at] = key;
    atomic_fetch_add(&world->total, 1);
    unsigned before = atomic_fetch_add(&cell_of(world, key)->reads, 1);
    if (atomic_load(&world->held)) {
        atomic_fetch_add(&world->waiting, 1);
        os_thread_semaphore_wait(world->gate);
        os_thread_semaphore_post(world->gate); // whoever is let through holds the door
        atomic_fetch_sub(&world->waiting, 1);
    }
    read_slowly(world, cancelled);
    Result result = RESULT_OK;
    if (cancelled && atomic_load(cancelled))
        result = RESULT_CANCELLED;
    else if (fake_world_fails(world, key) && before < world->fail_reads)
        result = RESULT_IO;
    else
        fill(key, out);
    atomic_fetch_sub(&world->running, 1);
    return result;
}

Source fake_world_source(FakeWorld *world)
{
    return (Source){.name = "fake",
                    .attribution = "",
                    .cost = SOURCE_COST_COMPUTE,
                    .object = world,
                    .read = read_chunk,
                    .ground_m = fake_world_ground_m};
}

void fake_world_hold(FakeWorld *world)
{
    atomic_store(&world->held, true);
}

void fake_world_open(FakeWorld *world)
{
    assert(atomic_load(&world->held));
    atomic_store(&world->held, false);
    os_thread_semaphore_post(world->gate);
}

bool fake_world_wait_held(FakeWorld *world, unsigned count)
{
    for (int i = 0; i < 200000; i++) {
        if (atomic_load(&world->waiting) >= count)
            return true;
        os_clock_sleep_until_ns(os_clock_now_ns() + 100000);
    }
    return false;
}

unsigned fake_world_reads(FakeWorld *world, ChunkKey key)
{
    return atomic_load(&cell_of(world, key)->reads);
}

unsigned fake_world_reads_max(FakeWorld *world)
{
    unsigned most = 0;
    for (int i = 0; i < FAKE_WORLD_KEYS; i++) {
        unsigned reads = atomic_load(&world->cells[i].reads);
        most = reads > most ? reads : most;
    }
    return most;
}
