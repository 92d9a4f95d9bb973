// The report: every name that TARGETS fixes, whole or not at all.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/os_file.h"
#include "fake_engine.h"
#include "soak/report.h"
#include <cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static SoakResult result;
static SoakDesc desc;
static ResultText text;
static unsigned long mallocs_left;

static void *scarce_malloc(size_t bytes)
{
    if (mallocs_left == 0) {
        return NULL;
    }
    --mallocs_left;
    return malloc(bytes);
}

static int start(void **state)
{
    fake_engine_start(state);
    desc = (SoakDesc){.source = &fake_source,
                      .path = FLIGHT_JET,
                      .pace = SOAK_PACE_FREE,
                      .ticks = 400,
                      .fault = {true, ENGINE_FAULT_STALL, 0, 20}};
    desc.config.features_off = 1u << ENGINE_FEATURE_THROTTLE;
    assert_int_equal(soak_run(&desc, &result, &text), RESULT_OK);
    return 0;
}

static cJSON *parse(void)
{
    char *json = report_json(&desc, &result);
    assert_non_null(json);
    cJSON *root = cJSON_Parse(json);
    assert_non_null(root);
    report_free(json);
    return root;
}

// "a.b.c" below root; fails the test when it is not there.
static const cJSON *at(const cJSON *root, const char *path)
{
    char name[64];
    while (*path != '\0') {
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        root = cJSON_GetObjectItemCaseSensitive(root, name);
        if (root == NULL) {
            fail_msg("%s is missing", path);
        }
        path += length + (path[length] == '.');
    }
    return root;
}

static const char *const promised[] = {"arete.version",
                                       "arete.revision",
                                       "machine.cpu",
                                       "machine.cpus",
                                       "machine.worker_nice",
                                       "gl",
                                       "world",
                                       "seed",
                                       "path",
                                       "ticks",
                                       "pace",
                                       "config",
                                       "work_ms.mean",
                                       "work_ms.p50",
                                       "work_ms.p95",
                                       "work_ms.p99",
                                       "work_ms.p999",
                                       "work_ms.max",
                                       "wall_ms.p999",
                                       "stream_ms.mean",
                                       "stream_ms.p999",
                                       "stream_ms.cold.p99",
                                       "stream_ms.steady.max",
                                       "stream_wall_ms.p99",
                                       "stream_blocked",
                                       "ledger_ms.gl_wait.p50",
                                       "ledger_ms.input.p99",
                                       "ledger_ms.plan.max",
                                       "ledger_ms.collect",
                                       "ledger_ms.build_apply",
                                       "ledger_ms.upload",
                                       "ledger_ms.evict",
                                       "ledger_ms.select",
                                       "ledger_ms.submit",
                                       "ledger_ms.ui",
                                       "ledger_ms.present",
                                       "ledger_ms.unexplained",
                                       "hitches.threshold_ms",
                                       "hitches.count",
                                       "hitches.steady_count",
                                       "hitches.list",
                                       "frame_hitches",
                                       "missing_checks",
                                       "missing_last_tick",
                                       "holes",
                                       "hole_pixels",
                                       "late.max_count",
                                       "late.longest_ms",
                                       "sharp_tick_ratio",
                                       "duplicates",
                                       "dropped",
                                       "prefetch.issued",
                                       "prefetch.used",
                                       "prefetch.used_ratio",
                                       "prefetch.ring_issued",
                                       "prefetch.ring_used",
                                       "throttle.engaged",
                                       "throttle.ticks",
                                       "throttle.released_ms_max",
                                       "throttle.reasons",
                                       "lod_cache.transitions",
                                       "lod_cache.hits",
                                       "lod_cache.rebuilt",
                                       "lod_cache.generated",
                                       "lod_cache.serve_ms_p99",
                                       "memory.rss_bytes",
                                       "memory.rss_delta_ratio",
                                       "memory.slope_bytes_per_min",
                                       "memory.tracked_bytes.heights",
                                       "memory.tracked_bytes.total",
                                       "memory.gpu_bytes",
                                       "memory.gpu_bytes_by_owner.targets",
                                       "first_view_ms",
                                       "teleport_view_ms_max",
                                       "allocations_steady",
                                       "gl_objects_steady",
                                       "jank_ms",
                                       "smoothness",
                                       "workers.requested",
                                       "workers.ran",
                                       "chunks.generated",
                                       "chunks.uploaded",
                                       "chunks.evicted",
                                       "chunks.cancelled",
                                       "chunks.failed",
                                       "chunks.cache_hits",
                                       "plans.made",
                                       "plans.left_out",
                                       "plans.overflow",
                                       "verdict.pass",
                                       "verdict.limits"};

static void test_report_holds_every_name_that_is_promised(void **state)
{
    (void)state;
    cJSON *root = parse();
    for (size_t i = 0; i < sizeof promised / sizeof *promised; ++i) {
        at(root, promised[i]);
    }
    cJSON_Delete(root);
}

static void test_report_carries_the_measured_values(void **state)
{
    (void)state;
    cJSON *root = parse();
    assert_string_equal(at(root, "path")->valuestring, "jet");
    assert_string_equal(at(root, "pace")->valuestring, "free");
    assert_string_equal(at(root, "world")->valuestring, "seed:42");
    assert_true(at(root, "seed")->valuedouble == 42.0);
    assert_true(at(root, "ticks")->valuedouble == (double)result.ticks);
    assert_true(cJSON_IsNull(at(root, "gl")));
    assert_true(cJSON_IsNull(at(root, "hole_pixels")));
    assert_true(cJSON_IsNull(at(root, "memory.slope_bytes_per_min")));
    assert_true(cJSON_IsNull(at(root, "teleport_view_ms_max")));
    assert_true(at(root, "missing_last_tick")->valuedouble == -1.0);
    assert_true(fabs(at(root, "stream_ms.max")->valuedouble - 5.1) < 1e-9);
    assert_true(at(root, "config.view_chunks")->valuedouble == 8.0);
    const cJSON *without = at(root, "config.without");
    assert_int_equal(cJSON_GetArraySize(without), 1);
    assert_string_equal(cJSON_GetArrayItem(without, 0)->valuestring, "throttle");
    const cJSON *list = at(root, "hitches.list");
    assert_int_equal(cJSON_GetArraySize(list), 1);
    const cJSON *hitch = cJSON_GetArrayItem(list, 0);
    assert_true(at(hitch, "tick")->valuedouble == (double)result.fault_tick);
    at(hitch, "row");
    at(hitch, "row_ms");
    at(hitch, "item");
    at(hitch, "item_ms");
    at(hitch, "stream_preemptions");
    at(hitch, "stream_page_faults");
    cJSON_Delete(root);
}

static void test_report_verdict_names_the_broken_limit(void **state)
{
    (void)state;
    cJSON *root = parse();
    assert_true(cJSON_IsFalse(at(root, "verdict.pass")));
    const cJSON *row = NULL;
    int broken = 0;
    cJSON_ArrayForEach(row, at(root, "verdict.limits"))
    {
        if (cJSON_IsFalse(at(row, "pass"))) {
            ++broken;
            assert_string_equal(at(row, "name")->valuestring, "hitches_steady");
            assert_true(at(row, "value")->valuedouble == 1.0);
            assert_true(at(row, "limit")->valuedouble == 0.0);
        }
    }
    assert_int_equal(broken, 1);
    cJSON_Delete(root);
}

static void test_report_names_the_gl_when_there_is_one(void **state)
{
    (void)state;
    desc.gl_renderer = "llvmpipe";
    desc.gl_version = "4.5";
    cJSON *root = parse();
    assert_string_equal(at(root, "gl.renderer")->valuestring, "llvmpipe");
    assert_string_equal(at(root, "gl.version")->valuestring, "4.5");
    cJSON_Delete(root);
}

static void test_report_is_whole_or_not_written(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "/tmp/report_test_%d.json", (int)getpid());
    int failures = 0;
    Result outcome = RESULT_IO;
    for (unsigned nth = 1; nth < 64; ++nth) {
        unlink(path);
        os_file_fail_at(nth, ENOSPC);
        outcome = report_write(&desc, &result, path, &text);
        os_file_fail_at(0, 0);
        if (outcome != RESULT_OK) {
            ++failures;
            assert_int_equal(outcome, RESULT_NO_SPACE);
            assert_non_null(strstr(text.text, path));
        }
        uint8_t *data = NULL;
        size_t bytes = 0;
        if (os_file_exists(path)) {
            assert_int_equal(os_file_read(path, 1 << 20, &data, &bytes, &text), RESULT_OK);
            cJSON *root = cJSON_Parse((const char *)data);
            assert_non_null(root);
            cJSON_Delete(root);
            os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
        } else {
            assert_int_not_equal(outcome, RESULT_OK);
        }
    }
    assert_int_equal(outcome, RESULT_OK); // past the last call nothing fails
    assert_true(failures >= 3);           // open, write, rename
    unlink(path);
}

static void test_report_survives_every_failed_allocation(void **state)
{
    (void)state;
    cJSON_Hooks hooks = {scarce_malloc, free};
    cJSON_InitHooks(&hooks);
    char *json = NULL;
    unsigned long nth = 0;
    while (json == NULL && nth < 20000) {
        mallocs_left = nth;
        nth += nth < 64 ? 1 : 37;
        json = report_json(&desc, &result);
    }
    assert_non_null(json);
    assert_true(nth > 500);
    free(json);
    cJSON_InitHooks(NULL);
}

static void test_report_values_read_well(void **state)
{
    (void)state;
    char value[24];
    report_value((double)NAN, value, sizeof value);
    assert_string_equal(value, "n/a");
    report_value(1048576.0, value, sizeof value);
    assert_string_equal(value, "1048576");
    report_value(0.99, value, sizeof value);
    assert_string_equal(value, "0.9900");
    report_value(512.25, value, sizeof value);
    assert_string_equal(value, "512.2");
}

#define REPORT_TEST(test) cmocka_unit_test_setup_teardown(test, start, fake_engine_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REPORT_TEST(test_report_holds_every_name_that_is_promised),
        REPORT_TEST(test_report_carries_the_measured_values),
        REPORT_TEST(test_report_verdict_names_the_broken_limit),
        REPORT_TEST(test_report_names_the_gl_when_there_is_one),
        REPORT_TEST(test_report_is_whole_or_not_written),
        REPORT_TEST(test_report_survives_every_failed_allocation),
        REPORT_TEST(test_report_values_read_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
