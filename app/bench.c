#include "bench.h"
#include "base/os_file.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include "base/version.h"
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_BYTES (32u * 1024u)

const BenchCase bench_cases[] = {
    {"B1", "chunk generation", bench_terrain_chunk},
    {"B2", "chunks generated and meshed per second", bench_terrain_rate},
    {"B3", "scaling from 1 to 2 threads", bench_threads_scaling},
    {"B4", "planner", bench_parts_planner},
    {"B5", "level-of-detail selection and culling", bench_parts_select},
    {"B6", "memory-cache hit", bench_parts_cache},
    {"B7", "job hand-over", bench_threads_handover},
    {"B8", "bytes per resident chunk", bench_parts_bytes},
    {"B9", "noise", bench_terrain_noise},
    {"B10", "a grid's vertices and normals", bench_terrain_grid},
    {"B11", "tier-0 frame", bench_frame_tier0},
};
const int bench_case_count = sizeof bench_cases / sizeof bench_cases[0];

BenchRow *bench_add(Bench *bench, const char *name, const char *unit, double value)
{
    assert(bench && bench->current && bench->row_count < BENCH_ROWS_MAX);
    BenchRow *row = &bench->rows[bench->row_count++];
    *row = (BenchRow){.id = bench->current,
                      .name = name,
                      .unit = unit,
                      .value = value,
                      .sense = BENCH_PRINTED,
                      .pass = true,
                      .samples = 1};
    return row;
}

void bench_limit(BenchRow *row, BenchSense sense, double limit)
{
    assert(row && sense != BENCH_PRINTED);
    row->sense = sense;
    row->limit = limit;
    row->pass = sense == BENCH_AT_MOST ? row->value <= limit : row->value >= limit;
}

void bench_broken(Bench *bench, const char *name, const char *why)
{
    BenchRow *row = bench_add(bench, name, "", NAN);
    row->pass = false;
    snprintf(row->note, sizeof row->note, "%s", why);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

ChunkKey bench_key(uint64_t index, int level)
{
    uint64_t square = index / BENCH_SQUARE_CHUNKS, place = index % BENCH_SQUARE_CHUNKS;
    int64_t x = (int64_t)(square * 7919 % 4001) - 2000,
            z = (int64_t)(square * 104729 % 3989) - 1900;
    return (ChunkKey){x + (int64_t)(place % BENCH_SQUARE_SIDE),
                      z + (int64_t)(place / BENCH_SQUARE_SIDE), level};
}

double bench_median(double *values, int count)
{
    assert(values && count > 0);
    qsort(values, (size_t)count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

bool bench_passed(const Bench *bench)
{
    for (int i = 0; i < bench->row_count; i++) {
        if (!bench->rows[i].pass)
            return false;
    }
    return true;
}

static const char *sign(BenchSense sense)
{
    return sense == BENCH_AT_MOST ? "<=" : sense == BENCH_AT_LEAST ? ">=" : "";
}

void bench_print(const Bench *bench)
{
    printf("%-4s %-46s %12s %-14s %2s %-9s %-5s n\n", "", "what", "figure", "unit", "", "limit",
           "");
    for (int i = 0; i < bench->row_count; i++) {
        const BenchRow *row = &bench->rows[i];
        char limit[32] = "";
        if (row->sense != BENCH_PRINTED)
            snprintf(limit, sizeof limit, "%g", row->limit);
        const char *verdict = !row->pass ? "FAIL" : row->sense == BENCH_PRINTED ? "" : "pass";
        printf("%-4s %-46s %12.4g %-14s %2s %-9s %-5s %d%s%s\n", row->id, row->name, row->value,
               row->unit, sign(row->sense), limit, verdict, row->samples, row->note[0] ? "  " : "",
               row->note);
    }
}

// A bounded text; what does not fit sets `full`.
typedef struct BenchText {
    char *bytes;
    size_t used;
    bool full;
} BenchText;

__attribute__((format(printf, 2, 3))) static void add(BenchText *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int written = vsnprintf(text->bytes + text->used, JSON_BYTES - text->used, format, list);
    va_end(list);
    text->full = text->full || written < 0 || (size_t)written >= JSON_BYTES - text->used;
    if (!text->full)
        text->used += (size_t)written;
}

static void add_number(BenchText *text, const char *name, double value)
{
    if (isfinite(value))
        add(text, "\"%s\": %.9g, ", name, value);
    else
        add(text, "\"%s\": null, ", name);
}

// Names, units and notes are our own and need no escapes.
static void add_row(BenchText *text, const BenchRow *row, bool last)
{
    add(text, "    {\"id\": \"%s\", \"name\": \"%s\", ", row->id, row->name);
    add_number(text, "value", row->value);
    add(text, "\"unit\": \"%s\", ", row->unit);
    add_number(text, "limit", row->sense == BENCH_PRINTED ? NAN : row->limit);
    add(text, "\"sense\": \"%s\", \"samples\": %d, \"note\": \"%s\", \"pass\": %s}%s\n",
        sign(row->sense), row->samples, row->note, row->pass ? "true" : "false", last ? "" : ",");
}

Result bench_write(const Bench *bench, const char *path, ResultText *text)
{
    assert(bench && path);
    BenchText out = {.bytes = os_memory_alloc(JSON_BYTES, OS_MEMORY_APP)};
    if (!out.bytes)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the report");
    add(&out, "{\n  \"arete\": {\"version\": \"%s\", \"revision\": \"%s\"},\n", version_string(),
        version_revision());
    add(&out, "  \"machine\": {\"cpus\": %d},\n  \"rows\": [\n", os_thread_cpu_count());
    for (int i = 0; i < bench->row_count; i++)
        add_row(&out, &bench->rows[i], i == bench->row_count - 1);
    add(&out, "  ],\n  \"pass\": %s\n}\n", bench_passed(bench) ? "true" : "false");
    Result result = out.full ? result_fail(text, RESULT_LIMIT, "%s would be too long", path)
                             : os_file_write(path, out.bytes, out.used, text);
    os_memory_free(out.bytes, JSON_BYTES, OS_MEMORY_APP);
    return result;
}
