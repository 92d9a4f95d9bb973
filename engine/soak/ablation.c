#include "soak/ablation.h"
#include "base/os_file.h"
#include "base/os_memory.h"
#include "soak/report.h"
#include <assert.h>
#include <cJSON.h>
#include <string.h>

typedef struct AblationCounter {
    EngineFeature feature;
    const char *name;
    double (*value)(const SoakResult *result);
    bool decides;
} AblationCounter;

static double missing_steady(const SoakResult *result)
{
    return (double)result->extremes.missing_steady;
}

static double late_steady(const SoakResult *result)
{
    return result->extremes.late_steady_ms_max;
}

static double blurred_ticks(const SoakResult *result)
{
    return (double)(result->run.sharp_of - result->run.sharp_ticks);
}

static double per_burn_tick(const SoakResult *result, uint64_t sum)
{
    uint64_t ticks = result->extremes.burn_ticks;
    return ticks > 0 ? (double)sum / (double)ticks : 0.0;
}

static double worker_ms(const SoakResult *result)
{
    return per_burn_tick(result, result->extremes.burn_worker_ns) * 1e-6;
}

static double jobs_ahead(const SoakResult *result)
{
    return per_burn_tick(result, result->extremes.burn_jobs_ahead);
}

static double transitions_missed(const SoakResult *result)
{
    return (double)(result->run.counters.lod_rebuilt + result->run.counters.lod_generated);
}

static double transitions_generated(const SoakResult *result)
{
    return (double)result->run.counters.lod_generated;
}

static double upload_bytes(const SoakResult *result)
{
    return (double)result->extremes.upload_bytes_steady_max;
}

static double upload_count(const SoakResult *result)
{
    return (double)result->extremes.upload_count_steady_max;
}

// Counts decide, for times vary from run to run on a shared machine. What a throttle is for is the workers' CPU time
// while the main thread has none to spare: the jobs that they finish meanwhile.
static const AblationCounter counters[] = {
    {ENGINE_FEATURE_PREFETCH, "missing after the first view", missing_steady, true},
    {ENGINE_FEATURE_PREFETCH, "late after it, longest, ms", late_steady, false},
    {ENGINE_FEATURE_PREFETCH, "ticks not sharp", blurred_ticks, false},
    {ENGINE_FEATURE_THROTTLE, "worker ms in a burning tick", worker_ms, false},
    {ENGINE_FEATURE_THROTTLE, "jobs ahead in a burning tick", jobs_ahead, true},
    {ENGINE_FEATURE_LOD_CACHE, "transitions not cached", transitions_missed, true},
    {ENGINE_FEATURE_LOD_CACHE, "lod_cache.generated", transitions_generated, false},
    {ENGINE_FEATURE_UPLOAD_BUDGET, "upload bytes of a tick, most", upload_bytes, true},
    {ENGINE_FEATURE_UPLOAD_BUDGET, "uploads of a tick, most", upload_count, false},
};

_Static_assert(sizeof counters / sizeof *counters <= ABLATION_ROWS_MAX, "rows for every counter");

FlightPath ablation_path(EngineFeature feature)
{
    switch (feature) {
    case ENGINE_FEATURE_PREFETCH:
    case ENGINE_FEATURE_UPLOAD_BUDGET:
        return FLIGHT_JET;
    case ENGINE_FEATURE_THROTTLE:
        return FLIGHT_SPIN;
    case ENGINE_FEATURE_LOD_CACHE:
        return FLIGHT_PINGPONG;
    case ENGINE_FEATURE_COUNT:
        break;
    }
    assert((unsigned)feature < ENGINE_FEATURE_COUNT);
    return FLIGHT_CRUISE;
}

// The throttle's: a second of long frames just when the view is complete and the ring around it is to be made ahead
// of time. The upload budget's: three seconds without workers, then one frame long enough for them to finish all
// that has become due, so that it is ready at once.
static SoakShock shock_of(EngineFeature feature)
{
    switch (feature) {
    case ENGINE_FEATURE_THROTTLE:
        return (SoakShock){.burn_ticks = 60, .burn_ms = 30.0};
    case ENGINE_FEATURE_UPLOAD_BUDGET:
        return (SoakShock){.block_ticks = 180, .burn_ticks = 1, .burn_ms = 100.0};
    default:
        return (SoakShock){0};
    }
}

static Result fly(const SoakDesc *base, EngineFeature feature, bool with, SoakResult *scratch,
                  ResultText *text)
{
    SoakDesc desc = *base;
    desc.path = ablation_path(feature);
    desc.json_path = NULL;
    desc.out = NULL;
    desc.fault = (SoakFault){0};
    desc.shock = shock_of(feature);
    desc.config.features_off = with ? 0 : 1u << feature;
    if (base->out != NULL) {
        fprintf(base->out, "%s %s %s\n", flight_name(desc.path), with ? "with" : "without",
                engine_feature_name(feature));
        fflush(base->out);
    }
    return soak_run(&desc, scratch, text);
}

static Result compare(const SoakDesc *base, EngineFeature feature, SoakResult *scratch,
                      AblationResult *out, ResultText *text)
{
    int first = out->count;
    Result result = fly(base, feature, true, scratch, text);
    if (result != RESULT_OK) {
        return result;
    }
    for (size_t i = 0; i < sizeof counters / sizeof *counters; ++i) {
        if (counters[i].feature == feature) {
            out->rows[out->count++] = (AblationRow){.feature = feature,
                                                    .path = ablation_path(feature),
                                                    .counter = counters[i].name,
                                                    .decides = counters[i].decides,
                                                    .with = counters[i].value(scratch)};
        }
    }
    result = fly(base, feature, false, scratch, text);
    if (result != RESULT_OK) {
        return result;
    }
    int row = first;
    for (size_t i = 0; i < sizeof counters / sizeof *counters; ++i) {
        if (counters[i].feature == feature) {
            AblationRow *entry = &out->rows[row++];
            entry->without = counters[i].value(scratch);
            entry->worse = entry->without > entry->with * ABLATION_MARGIN;
            out->pass = out->pass && (entry->worse || !entry->decides);
        }
    }
    assert(row == out->count);
    return RESULT_OK;
}

Result ablation_run(const SoakDesc *base, AblationResult *out, ResultText *text)
{
    assert(base != NULL && out != NULL);
    SoakResult *scratch = os_memory_alloc(sizeof *scratch, OS_MEMORY_BASE);
    if (scratch == NULL) {
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the ablation's results");
    }
    *out = (AblationResult){.pass = true};
    Result result = RESULT_OK;
    for (int i = 0; i < ENGINE_FEATURE_COUNT && result == RESULT_OK; ++i) {
        result = compare(base, (EngineFeature)i, scratch, out, text);
    }
    os_memory_free(scratch, sizeof *scratch, OS_MEMORY_BASE);
    return result;
}

void ablation_print(FILE *out, const AblationResult *result)
{
    assert(out != NULL && result != NULL);
    fprintf(out, "\n%-14s %-9s %-29s %12s %12s  verdict\n", "feature", "path", "counter", "with",
            "without");
    for (int i = 0; i < result->count; ++i) {
        const AblationRow *row = &result->rows[i];
        char with[24];
        char without[24];
        report_value(row->with, with, sizeof with);
        report_value(row->without, without, sizeof without);
        const char *verdict = row->worse ? "worse without" : "no difference";
        fprintf(out, "%-14s %-9s %-29s %12s %12s  %s%s\n", engine_feature_name(row->feature),
                flight_name(row->path), row->counter, with, without, verdict,
                row->decides ? (row->worse ? ": pass" : ": FAIL") : "");
    }
    fprintf(out, "ablation: %s\n", result->pass ? "pass" : "FAIL");
    fflush(out);
}

static bool add_row(cJSON *list, const AblationRow *row)
{
    cJSON *item = cJSON_CreateObject();
    bool whole = item != NULL &&
                 cJSON_AddStringToObject(item, "feature", engine_feature_name(row->feature)) &&
                 cJSON_AddStringToObject(item, "path", flight_name(row->path)) &&
                 cJSON_AddStringToObject(item, "counter", row->counter) &&
                 cJSON_AddBoolToObject(item, "decides", row->decides) &&
                 cJSON_AddNumberToObject(item, "with", row->with) &&
                 cJSON_AddNumberToObject(item, "without", row->without) &&
                 cJSON_AddBoolToObject(item, "worse", row->worse);
    if (!whole || !cJSON_AddItemToArray(list, item)) {
        cJSON_Delete(item);
        return false;
    }
    return true;
}

Result ablation_write(const AblationResult *result, const char *path, ResultText *text)
{
    assert(result != NULL && path != NULL);
    cJSON *root = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(root, "ablation");
    bool whole = list != NULL && cJSON_AddBoolToObject(root, "pass", result->pass) != NULL;
    for (int i = 0; whole && i < result->count; ++i) {
        whole = add_row(list, &result->rows[i]);
    }
    char *json = whole ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    if (json == NULL) {
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the report %s", path);
    }
    Result written = os_file_write(path, json, strlen(json), text);
    cJSON_free(json);
    return written;
}
