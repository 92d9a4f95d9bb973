// Purpose: the benchmarks of the engine's parts: rows of figures with their limits, printed and written as JSON.
// Owns: nothing; a Bench lives in its caller.
// Threads: the main thread; some benchmarks start workers and end them.
// Fails: a benchmark that cannot run says why in its row, which then does not pass.
#pragma once
#include "base/result.h"
#include "world/source.h"
#include <stdint.h>

#define BENCH_ROWS_MAX 64
#define BENCH_NOTE_MAX 96
#define BENCH_SAMPLES_MAX 64
#define BENCH_SQUARE_SIDE 14
#define BENCH_SQUARE_CHUNKS (BENCH_SQUARE_SIDE * BENCH_SQUARE_SIDE)

typedef enum BenchSense { BENCH_AT_MOST, BENCH_AT_LEAST, BENCH_PRINTED } BenchSense;

typedef struct BenchRow {
    const char *id;   // "B1"
    const char *name; // what was measured
    const char *unit;
    double value, limit;
    BenchSense sense;
    bool pass;
    int samples; // the value is their median
    char note[BENCH_NOTE_MAX];
} BenchRow;

typedef struct Bench {
    BenchRow rows[BENCH_ROWS_MAX];
    int row_count;
    const Source *source;
    uint64_t seed;       // of that world
    int threads;         // of the workers where a benchmark has a choice; 0: 2
    const char *current; // id of the benchmark that runs
} Bench;

typedef void BenchRun(Bench *bench);

// One benchmark of the list.
typedef struct BenchCase {
    const char *id, *name;
    BenchRun *run;
} BenchCase;

extern const BenchCase bench_cases[];
extern const int bench_case_count;

// Adds a row to the current benchmark and judges it; the row may be given a note.
BenchRow *bench_add(Bench *bench, const char *name, const char *unit, double value);
void bench_limit(BenchRow *row, BenchSense sense, double limit);
// A row for what could not be measured; it does not pass.
void bench_broken(Bench *bench, const char *name, const char *why);

// Chunk number `index` of squares of neighbours, as a view asks for them: they share the far land. The squares lie far
// apart.
ChunkKey bench_key(uint64_t index, int level);

// Median of `count` values, which are sorted in place.
double bench_median(double *values, int count);

bool bench_passed(const Bench *bench);
void bench_print(const Bench *bench);
RESULT_MUST Result bench_write(const Bench *bench, const char *path, ResultText *text);

BenchRun bench_terrain_chunk, bench_terrain_rate, bench_terrain_noise, bench_terrain_grid;
BenchRun bench_threads_scaling, bench_threads_handover;
BenchRun bench_parts_planner, bench_parts_select, bench_parts_cache, bench_parts_bytes;
BenchRun bench_frame_tier0;
