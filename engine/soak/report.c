#include "soak/report.h"
#include "base/os_file.h"
#include "base/os_thread.h"
#include "base/version.h"
#include <assert.h>
#include <cJSON.h>
#include <math.h>
#include <string.h>

#define CPU_NAME_MAX 96
#define CPUINFO_BYTES_MAX (4u * 1024u * 1024u)

// One object being filled; a failed step is remembered, so that a report is whole or not written.
typedef struct Pen {
    cJSON *object;
    bool *failed;
} Pen;

static void check(Pen pen, const void *added)
{
    if (added == NULL) {
        *pen.failed = true;
    }
}

static void put_number(Pen pen, const char *name, double value)
{
    // Not-a-number and infinity have no JSON form.
    check(pen, isfinite(value) ? cJSON_AddNumberToObject(pen.object, name, value)
                               : cJSON_AddNullToObject(pen.object, name));
}

static void put_count(Pen pen, const char *name, uint64_t value)
{
    put_number(pen, name, (double)value);
}

// Microsecond digits: more are noise in a file that people compare.
static void put_ms(Pen pen, const char *name, double value_ms)
{
    put_number(pen, name, isfinite(value_ms) ? round(value_ms * 1e4) * 1e-4 : value_ms);
}

static void put_text(Pen pen, const char *name, const char *value)
{
    check(pen, cJSON_AddStringToObject(pen.object, name, value != NULL ? value : ""));
}

static void put_bool(Pen pen, const char *name, bool value)
{
    check(pen, cJSON_AddBoolToObject(pen.object, name, value));
}

static Pen put_object(Pen pen, const char *name)
{
    cJSON *object = cJSON_AddObjectToObject(pen.object, name);
    check(pen, object);
    return (Pen){object, pen.failed};
}

static Pen put_array(Pen pen, const char *name)
{
    cJSON *array = cJSON_AddArrayToObject(pen.object, name);
    check(pen, array);
    return (Pen){array, pen.failed};
}

static Pen put_item(Pen array)
{
    cJSON *object = cJSON_CreateObject();
    check(array, object);
    if (!cJSON_AddItemToArray(array.object, object)) {
        cJSON_Delete(object);
        *array.failed = true;
        object = NULL;
    }
    return (Pen){object, array.failed};
}

static double optional_ms(double value_ms)
{
    return value_ms >= 0.0 ? value_ms : (double)NAN;
}

// NaN, which becomes null, for a ratio of nothing.
static double ratio(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

static void put_summary(Pen pen, const Histogram *histogram)
{
    HistogramSummary summary = histogram_summary(histogram);
    put_ms(pen, "mean", summary.mean_ms);
    put_ms(pen, "p50", summary.p50_ms);
    put_ms(pen, "p95", summary.p95_ms);
    put_ms(pen, "p99", summary.p99_ms);
    put_ms(pen, "p999", summary.p999_ms);
    put_ms(pen, "max", summary.max_ms);
}

// "model name" of the first CPU.
static void cpu_name(char *out)
{
    snprintf(out, CPU_NAME_MAX, "unknown");
    uint8_t *data = NULL;
    size_t bytes = 0;
    ResultText ignored;
    if (os_file_read("/proc/cpuinfo", CPUINFO_BYTES_MAX, &data, &bytes, &ignored) != RESULT_OK) {
        return;
    }
    const char *line = strstr((const char *)data, "model name");
    const char *colon = line != NULL ? strchr(line, ':') : NULL;
    if (colon != NULL) {
        const char *start = colon + 1 + strspn(colon + 1, " \t");
        snprintf(out, CPU_NAME_MAX, "%.*s", (int)strcspn(start, "\n"), start);
    }
    os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
}

static void put_config(Pen root, const EngineConfig *config)
{
    Pen pen = put_object(root, "config");
    put_number(pen, "view_chunks", config->view_chunks);
    put_number(pen, "prefetch_chunks", config->prefetch_chunks);
    put_number(pen, "loads_max", config->loads_max);
    put_number(pen, "loads_throttled", config->loads_throttled);
    put_number(pen, "throttle_ms", config->throttle_ms);
    put_number(pen, "queue_requests", config->queue_requests);
    put_number(pen, "queue_results", config->queue_results);
    put_number(pen, "results_per_tick", config->results_per_tick);
    put_count(pen, "upload_bytes", config->upload_bytes);
    put_number(pen, "upload_ms", config->upload_ms);
    put_number(pen, "upload_count", config->upload_count);
    put_count(pen, "ram_ceiling_bytes", config->ram_ceiling_bytes);
    put_count(pen, "vram_ceiling_bytes", config->vram_ceiling_bytes);
    put_number(pen, "threads", config->threads);
    put_number(pen, "tier", config->tier);
    put_bool(pen, "short_view", config->short_view);
    put_number(pen, "quality", (double)config->quality);
    Pen off = put_array(pen, "without");
    for (int i = 0; i < ENGINE_FEATURE_COUNT; ++i) {
        if (config->features_off & (1u << i)) {
            cJSON *name = cJSON_CreateString(engine_feature_name((EngineFeature)i));
            check(off, name);
            if (!cJSON_AddItemToArray(off.object, name)) {
                cJSON_Delete(name);
                *off.failed = true;
            }
        }
    }
}

static void put_head(Pen root, const SoakDesc *desc, const SoakResult *result)
{
    Pen arete = put_object(root, "arete");
    put_text(arete, "version", version_string());
    put_text(arete, "revision", version_revision());
    char cpu[CPU_NAME_MAX];
    cpu_name(cpu);
    Pen machine = put_object(root, "machine");
    put_text(machine, "cpu", cpu);
    put_number(machine, "cpus", os_thread_cpu_count());
    put_number(machine, "worker_nice", result->run.workers.nice);
    if (desc->gl_renderer != NULL) {
        Pen gl = put_object(root, "gl");
        put_text(gl, "renderer", desc->gl_renderer);
        put_text(gl, "version", desc->gl_version);
        put_count(gl, "errors", result->sink.errors);
    } else {
        check(root, cJSON_AddNullToObject(root.object, "gl"));
    }
    put_text(root, "world", desc->source->name);
    put_count(root, "seed", desc->source->seed);
    // A number above 2^53 loses digits in JSON.
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)desc->source->seed);
    put_text(root, "seed_text", seed);
    put_text(root, "path", flight_name(desc->path));
    put_count(root, "ticks", result->ticks);
    put_text(root, "pace", soak_pace_name(desc->pace));
    put_text(root, "gpu", desc->gpu != NULL ? desc->gpu : "none");
    put_number(root, "wall_s", result->wall_s);
    put_bool(root, "stopped", result->stopped);
    put_config(root, &result->config);
}

static void put_hitches(Pen root, const RunStats *run)
{
    Pen pen = put_object(root, "hitches");
    put_number(pen, "threshold_ms", RUN_STATS_HITCH_MS);
    put_count(pen, "count", run->hitch_count);
    put_count(pen, "steady_count", run->hitch_steady_count);
    Pen list = put_array(pen, "list");
    for (uint32_t i = 0; i < run->hitches_kept; ++i) {
        const RunStatsHitch *hitch = run_stats_hitch(run, i);
        Pen item = put_item(list);
        put_count(item, "tick", hitch->tick);
        put_ms(item, "ms", hitch->ms);
        put_text(item, "row", ledger_row_name(hitch->row));
        put_ms(item, "row_ms", hitch->row_ms);
        put_text(item, "item", hitch->item.name);
        put_ms(item, "item_ms", (double)hitch->item.cpu_ns * 1e-6);
        put_bool(item, "steady", hitch->steady);
        put_number(item, "slowness", hitch->slowness);
        put_bool(item, "machine_slow", hitch->slowness >= RUN_STATS_SLOW);
        put_count(item, "stream_preemptions", hitch->usage.involuntary_switches);
        put_count(item, "stream_page_faults", hitch->usage.page_faults);
        put_count(item, "queued_urgent", hitch->queue_depths[JOB_URGENT]);
        put_count(item, "queued_demand", hitch->queue_depths[JOB_DEMAND]);
        put_count(item, "queued_speculative", hitch->queue_depths[JOB_SPECULATIVE]);
        put_count(item, "results", hitch->results_depth);
    }
}

static void put_times(Pen root, const RunStats *run)
{
    put_summary(put_object(root, "work_ms"), &run->work);
    put_summary(put_object(root, "wall_ms"), &run->wall);
    Pen stream = put_object(root, "stream_ms");
    put_summary(stream, &run->stream);
    put_summary(put_object(stream, "cold"), &run->stream_cold);
    put_summary(put_object(stream, "steady"), &run->stream_steady);
    put_summary(put_object(root, "stream_wall_ms"), &run->stream_wall);
    put_count(root, "stream_blocked", run->stream_switches);
    Pen ledger = put_object(root, "ledger_ms");
    for (int row = 0; row < LEDGER_ROW_COUNT; ++row) {
        HistogramSummary summary = histogram_summary(&run->rows[row]);
        Pen pen = put_object(ledger, ledger_row_name((LedgerRow)row));
        put_ms(pen, "p50", summary.p50_ms);
        put_ms(pen, "p99", summary.p99_ms);
        put_ms(pen, "max", summary.max_ms);
    }
    put_hitches(root, run);
    put_count(root, "frame_hitches", run->frame_hitches);
}

static void put_stream(Pen root, const RunStats *run)
{
    const RunStatsCounters *counters = &run->counters;
    put_count(root, "missing_checks", run->missing_checks);
    put_number(root, "missing_last_tick", (double)run->missing_last_tick);
    put_count(root, "holes", run->holes);
    put_number(root, "hole_pixels", run->hole_pixels < 0 ? (double)NAN : (double)run->hole_pixels);
    Pen late = put_object(root, "late");
    put_count(late, "max_count", run->late_count_max);
    put_ms(late, "longest_ms", run->late_longest_ms);
    put_number(root, "sharp_tick_ratio", ratio(run->sharp_ticks, run->sharp_of));
    put_count(root, "duplicates", counters->duplicates);
    put_count(root, "dropped", counters->dropped);
    Pen prefetch = put_object(root, "prefetch");
    put_count(prefetch, "issued", counters->lobe_issued);
    put_count(prefetch, "used", counters->lobe_used);
    put_number(prefetch, "used_ratio", ratio(counters->lobe_used, counters->lobe_issued));
    put_count(prefetch, "ring_issued", counters->ring_issued);
    put_count(prefetch, "ring_used", counters->ring_used);
    Pen throttle = put_object(root, "throttle");
    put_count(throttle, "engaged", run->throttle.engaged_count);
    put_count(throttle, "ticks", run->throttle.engaged_ticks);
    put_ms(throttle, "released_ms_max", run->throttle.released_ms_max);
    put_count(throttle, "held_demand_ticks", run->throttle_held_demand_ticks);
    Pen reasons = put_object(throttle, "reasons");
    for (int i = THROTTLE_REASON_NONE + 1; i < THROTTLE_REASON_COUNT; ++i) {
        put_count(reasons, throttle_reason_name((ThrottleReason)i), run->throttle.reason_counts[i]);
    }
    Pen cache = put_object(root, "lod_cache");
    put_count(cache, "transitions", counters->lod_transitions);
    put_count(cache, "hits", counters->lod_hits);
    put_count(cache, "rebuilt", counters->lod_rebuilt);
    put_count(cache, "generated", counters->lod_generated);
    put_ms(cache, "serve_ms_p99",
           run->serve.count > 0 ? histogram_summary(&run->serve).p99_ms : (double)NAN);
}

static void put_memory(Pen root, const SoakResult *result)
{
    const RunStats *run = &result->run;
    Pen memory = put_object(root, "memory");
    put_count(memory, "rss_bytes", result->last.rss_bytes);
    put_count(memory, "rss_max_bytes", run->rss_max_bytes);
    put_number(memory, "rss_delta_ratio", run->warm ? run_stats_rss_delta_ratio(run) : (double)NAN);
    put_number(memory, "slope_bytes_per_min", run_stats_slope_bytes_per_min(run));
    Pen tracked = put_object(memory, "tracked_bytes");
    for (int i = 0; i < OS_MEMORY_OWNER_COUNT; ++i) {
        put_count(tracked, os_memory_owner_name((OsMemoryOwner)i), run->memory.live_bytes[i]);
    }
    put_count(tracked, "total", run->memory.live_total_bytes);
    put_count(memory, "gpu_bytes", result->last.gpu_bytes);
    Pen gpu = put_object(memory, "gpu_bytes_by_owner");
    for (int i = 0; i < GPU_STATS_OWNER_COUNT; ++i) {
        put_count(gpu, gpu_stats_owner_name((GpuStatsOwner)i), run->gpu.owners[i]);
    }
}

static void put_rest(Pen root, const SoakResult *result)
{
    const RunStats *run = &result->run;
    put_memory(root, result);
    put_ms(root, "first_view_ms", optional_ms(run->first_view_ms));
    put_ms(root, "teleport_view_ms_max",
           run->teleport_view_ms_max > 0.0 ? run->teleport_view_ms_max : (double)NAN);
    put_number(root, "allocations_steady",
               run->warm ? (double)(run->allocations - run->allocations_at_warm) : (double)NAN);
    put_number(root, "gl_objects_steady",
               run->warm ? (double)(run->gl_objects - run->gl_objects_at_warm) : (double)NAN);
    put_ms(root, "jank_ms", run->jank_ms);
    put_number(root, "smoothness", run_stats_smoothness(run));
    put_summary(put_object(root, "chunk_latency_ms"), &run->chunk_latency);
    Pen workers = put_object(root, "workers");
    put_number(workers, "requested", run->workers.workers_requested);
    put_number(workers, "ran", run->workers.workers_ran);
    put_ms(workers, "cpu_ms", (double)run->workers.cpu_ns * 1e-6);
    const RunStatsCounters *counters = &run->counters;
    Pen chunks = put_object(root, "chunks");
    put_count(chunks, "generated", counters->generated);
    put_count(chunks, "generated_sparse", counters->sparse);
    put_count(chunks, "refined", counters->refined);
    put_count(chunks, "uploaded", counters->uploaded);
    put_count(chunks, "evicted", counters->evicted);
    put_count(chunks, "cancelled", counters->cancelled);
    put_count(chunks, "failed", counters->failed);
    put_count(chunks, "cache_hits", counters->cache_hits);
    put_count(chunks, "retried", counters->retried);
    Pen plans = put_object(root, "plans");
    put_count(plans, "made", counters->plans);
    put_count(plans, "left_out", counters->plan_left_out);
    put_count(plans, "overflow", counters->plan_overflow);
    Pen upload = put_object(root, "upload");
    put_count(upload, "bytes_max", result->extremes.upload_bytes_max);
    put_count(upload, "count_max", result->extremes.upload_count_max);
    put_ms(upload, "ms_max", result->extremes.upload_ms_max);
}

static void put_verdict(Pen root, const Verdict *verdict)
{
    Pen pen = put_object(root, "verdict");
    put_bool(pen, "pass", verdict->pass);
    Pen list = put_array(pen, "limits");
    for (int i = 0; i < verdict->count; ++i) {
        const VerdictRow *row = &verdict->rows[i];
        const Limit *limit = limit_get(row->id);
        Pen item = put_item(list);
        put_text(item, "name", limit->name);
        put_number(item, "value", row->value);
        put_number(item, "limit", row->bound == LIMIT_UNGATED ? (double)NAN : row->bound);
        put_text(item, "compare", limit_sign(limit->compare));
        put_text(item, "unit", limit->unit);
        put_bool(item, "pass", row->pass);
        put_bool(item, "applies", row->applies);
        put_text(item, "reason", row->reason);
    }
}

char *report_json(const SoakDesc *desc, const SoakResult *result)
{
    assert(desc != NULL && result != NULL);
    bool failed = false;
    Pen root = {cJSON_CreateObject(), &failed};
    check(root, root.object);
    put_head(root, desc, result);
    put_times(root, &result->run);
    put_stream(root, &result->run);
    put_rest(root, result);
    put_verdict(root, &result->verdict);
    char *json = failed ? NULL : cJSON_Print(root.object);
    cJSON_Delete(root.object);
    return json;
}

void report_free(char *json)
{
    cJSON_free(json);
}

Result report_write(const SoakDesc *desc, const SoakResult *result, const char *path,
                    ResultText *text)
{
    assert(path != NULL);
    char *json = report_json(desc, result);
    if (json == NULL) {
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the report %s", path);
    }
    Result written = os_file_write(path, json, strlen(json), text);
    report_free(json);
    return written;
}

void report_value(double value, char *out, size_t bytes)
{
    assert(out != NULL && bytes >= 24);
    if (!isfinite(value)) {
        snprintf(out, bytes, "n/a");
    } else if (value == rint(value) && fabs(value) < 1e15) {
        snprintf(out, bytes, "%.0f", value);
    } else {
        snprintf(out, bytes, fabs(value) >= 100.0 ? "%.1f" : "%.4f", value);
    }
}

static void print_row(FILE *out, const VerdictRow *row)
{
    const Limit *limit = limit_get(row->id);
    char value[24];
    char bound[24];
    report_value(row->value, value, sizeof value);
    report_value(row->bound == LIMIT_UNGATED ? (double)NAN : row->bound, bound, sizeof bound);
    fprintf(out, "%-26s %14s  %2s %-12s %-10s %s%s%s\n", limit->name, value,
            limit_sign(limit->compare), bound, limit->unit,
            !row->applies ? "n/a"
            : row->pass   ? "pass"
                          : "FAIL",
            row->reason[0] != '\0' ? ": " : "", row->reason);
}

void report_print(FILE *out, const SoakDesc *desc, const SoakResult *result)
{
    assert(out != NULL && desc != NULL && result != NULL);
    const RunStats *run = &result->run;
    const Verdict *verdict = &result->verdict;
    fprintf(out, "\n%s, %s, %llu ticks, pace %s, gpu %s%s%s, %.1f s\n", desc->source->name,
            flight_name(desc->path), (unsigned long long)result->ticks, soak_pace_name(desc->pace),
            desc->gpu != NULL ? desc->gpu : "none", desc->gl_renderer != NULL ? " on " : "",
            desc->gl_renderer != NULL ? desc->gl_renderer : "", result->wall_s);
    fprintf(out, "%-26s %14s  %-15s %-10s verdict\n", "limit", "value", "bound", "unit");
    for (int i = 0; i < verdict->count; ++i) {
        print_row(out, &verdict->rows[i]);
    }
    if (run->workers.workers_ran < run->workers.workers_requested) {
        fprintf(out, "warning: %d of %d workers ran\n", run->workers.workers_ran,
                run->workers.workers_requested);
    }
    if (result->sink.errors > 0) {
        fprintf(out, "warning: %llu GL errors\n", (unsigned long long)result->sink.errors);
    }
    for (uint32_t i = 0; i < run->hitches_kept; ++i) {
        const RunStatsHitch *hitch = run_stats_hitch(run, i);
        fprintf(out,
                "hitch: tick %llu%s, %.2f ms, most of it %.2f ms of %s; other rows took %.1f times "
                "their medians\n",
                (unsigned long long)hitch->tick, hitch->steady ? " (steady)" : "", hitch->ms,
                hitch->row_ms, ledger_row_name(hitch->row), hitch->slowness);
    }
    fprintf(out, "verdict: %s", verdict->pass ? "pass" : "FAIL");
    if (verdict->broken > 0) {
        fprintf(out, ", %d of %d limits broken", verdict->broken, verdict->count);
    }
    fprintf(out, "%s\n", result->stopped ? " (stopped early)" : "");
    fflush(out);
}
