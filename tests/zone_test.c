// Traces, read back as the JSON that a viewer would load.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/os_file.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include "fake_clock.h"
#include "profile/ledger.h"
#include "profile/zone.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORKERS 4
#define CROWD 140 // more than a trace takes

static char path[64];

static int start(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/arete_zone_test_%d.json", (int)getpid());
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fake_clock_end();
    os_memory_fail_at(0, 0);
    os_file_fail_at(0, 0);
    unlink(path);
    return 0;
}

// Writes the trace and gives it back parsed; freed with cJSON_Delete.
static cJSON *read_trace(void)
{
    ResultText text = {0};
    assert_int_equal(zone_trace_write(path, &text), RESULT_OK);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(os_file_read(path, 1 << 28, &bytes, &size, &text), RESULT_OK);
    cJSON *json = cJSON_ParseWithLength((const char *)bytes, size);
    os_memory_free(bytes, size + 1, OS_MEMORY_BASE);
    assert_non_null(json);
    return json;
}

static const char *string_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text != NULL ? text : "";
}

static double number_of(const cJSON *object, const char *key)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static int count_events(const cJSON *json, const char *phase, const char *name)
{
    int count = 0;
    const cJSON *event = NULL;
    cJSON_ArrayForEach(event, cJSON_GetObjectItemCaseSensitive(json, "traceEvents"))
    {
        count += strcmp(string_of(event, "ph"), phase) == 0 &&
                 (name == NULL || strcmp(string_of(event, "name"), name) == 0);
    }
    return count;
}

static const cJSON *find_event(const cJSON *json, const char *phase, const char *name)
{
    const cJSON *event = NULL;
    cJSON_ArrayForEach(event, cJSON_GetObjectItemCaseSensitive(json, "traceEvents"))
    {
        if (strcmp(string_of(event, "ph"), phase) == 0 &&
            strcmp(string_of(event, "name"), name) == 0) {
            return event;
        }
    }
    return NULL;
}

static double lost_of(const cJSON *json)
{
    return number_of(cJSON_GetObjectItemCaseSensitive(json, "otherData"), "events_lost");
}

static void test_zone_is_empty_while_no_trace_is_open(void **state)
{
    (void)state;
    Zone zone = zone_begin("quiet");
    assert_null(zone.name);
    zone_end(zone);
    zone_counter("quiet", 1.0);
    ResultText text = {0};
    assert_int_equal(zone_trace_write(path, &text), RESULT_BAD_INPUT);
    assert_true(strlen(text.text) > 0);
    assert_int_equal(zone_trace_begin(100), RESULT_OK);
    cJSON *json = read_trace();
    assert_int_equal(count_events(json, "X", NULL) + count_events(json, "C", NULL), 0);
    cJSON_Delete(json);
}

static void test_zone_spans_have_start_and_duration_in_microseconds(void **state)
{
    (void)state;
    fake_clock_begin(5000000000);
    assert_int_equal(zone_trace_begin(0), RESULT_OK);
    fake_clock_ns += 1500;
    Zone zone = zone_begin("build \"heights\"\n");
    fake_clock_ns += 2000250;
    zone_end(zone);
    zone_counter("in_flight", 12.5);
    zone_counter("broken", NAN);
    cJSON *json = read_trace();
    const cJSON *span = find_event(json, "X", "build \"heights\"\n");
    assert_non_null(span);
    assert_true(fabs(number_of(span, "ts") - 1.5) < 1e-6);
    assert_true(fabs(number_of(span, "dur") - 2000.25) < 1e-6);
    assert_true(number_of(span, "tid") == (double)os_thread_id());
    const cJSON *counter = find_event(json, "C", "in_flight");
    assert_true(number_of(cJSON_GetObjectItem(counter, "args"), "value") == 12.5);
    assert_non_null(find_event(json, "C", "broken"));
    assert_true(lost_of(json) == 0.0);
    cJSON_Delete(json);
}

static void test_zone_begun_before_the_trace_shows_from_its_start(void **state)
{
    (void)state;
    fake_clock_begin(5000000000);
    LedgerPen pen;
    ledger_begin_tick(&pen);
    ledger_begin(&pen, LEDGER_PLAN);
    fake_clock_ns += 1000;
    assert_int_equal(zone_trace_begin(100), RESULT_OK);
    fake_clock_ns += 3000;
    ledger_begin(&pen, LEDGER_UPLOAD);
    fake_clock_ns += 7000;
    (void)ledger_end_tick(&pen);
    cJSON *json = read_trace();
    const cJSON *plan = find_event(json, "X", "plan");
    assert_true(number_of(plan, "ts") == 0.0 && number_of(plan, "dur") == 3.0);
    const cJSON *upload = find_event(json, "X", "upload");
    assert_true(number_of(upload, "ts") == 3.0 && number_of(upload, "dur") == 7.0);
    cJSON_Delete(json);
}

static void test_zone_counts_what_the_pool_cannot_hold(void **state)
{
    (void)state;
    assert_int_equal(zone_trace_begin(64), RESULT_OK);
    for (int i = 0; i < 100; ++i) {
        zone_end(zone_begin("many"));
    }
    cJSON *json = read_trace();
    assert_int_equal(count_events(json, "X", "many"), 64);
    assert_true(lost_of(json) == 36.0);
    cJSON_Delete(json);
}

static void test_zone_lets_one_thread_use_the_whole_pool(void **state)
{
    (void)state;
    assert_int_equal(zone_trace_begin(128 * 256), RESULT_OK);
    for (int i = 0; i < 128 * 256; ++i) {
        zone_counter("c", i);
    }
    cJSON *json = read_trace();
    assert_int_equal(count_events(json, "C", "c"), 128 * 256);
    assert_true(lost_of(json) == 0.0);
    cJSON_Delete(json);
}

typedef struct Crew {
    atomic_bool stop;
    atomic_int spans;
    int spans_each; // 0: until stop
} Crew;

static void run_worker(void *object)
{
    Crew *crew = object;
    zone_thread_name("crew");
    for (int i = 0; crew->spans_each > 0 ? i < crew->spans_each : !atomic_load(&crew->stop); ++i) {
        Zone zone = zone_begin("work");
        zone_counter("i", i);
        zone_end(zone);
        atomic_fetch_add(&crew->spans, 1);
    }
}

static void run_crew(Crew *crew, int threads)
{
    OsThread *handles[CROWD];
    for (int i = 0; i < threads; ++i) {
        assert_int_equal(os_thread_create("crew", 0, run_worker, crew, &handles[i]), RESULT_OK);
    }
    for (int i = 0; i < threads; ++i) {
        os_thread_join(handles[i]);
    }
}

static void test_zone_keeps_every_span_of_every_thread(void **state)
{
    (void)state;
    zone_thread_name("main");
    assert_int_equal(zone_trace_begin(0), RESULT_OK);
    zone_end(zone_begin("here"));
    Crew crew = {.spans_each = 1000};
    run_crew(&crew, WORKERS);
    cJSON *json = read_trace();
    assert_int_equal(count_events(json, "X", "work"), WORKERS * 1000);
    assert_int_equal(count_events(json, "C", "i"), WORKERS * 1000);
    assert_int_equal(count_events(json, "M", "thread_name"), WORKERS + 1);
    const cJSON *name = find_event(json, "M", "thread_name");
    assert_string_equal(string_of(cJSON_GetObjectItem(name, "args"), "name"), "main");
    assert_true(lost_of(json) == 0.0);
    cJSON_Delete(json);
}

static void test_zone_counts_the_events_of_threads_beyond_128(void **state)
{
    (void)state;
    assert_int_equal(zone_trace_begin(0), RESULT_OK);
    Crew crew = {.spans_each = 5};
    run_crew(&crew, CROWD);
    cJSON *json = read_trace();
    assert_int_equal(count_events(json, "X", "work"), 128 * 5);
    assert_true(lost_of(json) == (CROWD - 128) * 2.0 * 5.0);
    cJSON_Delete(json);
}

static void test_zone_trace_opens_and_closes_under_running_threads(void **state)
{
    (void)state;
    Crew crew = {0};
    OsThread *handles[WORKERS];
    for (int i = 0; i < WORKERS; ++i) {
        assert_int_equal(os_thread_create("crew", 0, run_worker, &crew, &handles[i]), RESULT_OK);
    }
    for (int round = 0; round < 20; ++round) {
        assert_int_equal(zone_trace_begin(4000), RESULT_OK);
        int before = atomic_load(&crew.spans);
        while (atomic_load(&crew.spans) < before + 2000) {
            zone_end(zone_begin("main"));
        }
        cJSON *json = read_trace();
        assert_true(count_events(json, "X", NULL) + count_events(json, "C", NULL) > 1000);
        cJSON_Delete(json);
    }
    atomic_store(&crew.stop, true);
    for (int i = 0; i < WORKERS; ++i) {
        os_thread_join(handles[i]);
    }
}

static void test_zone_trace_frees_its_events_when_it_fails(void **state)
{
    (void)state;
    uint64_t live_bytes = os_memory_stats().live_bytes[OS_MEMORY_PROFILE];
    ResultText text = {0};
    os_memory_fail_at(1, 0);
    assert_int_equal(zone_trace_begin(100), RESULT_OUT_OF_MEMORY);
    assert_int_equal(zone_trace_begin(UINT32_MAX), RESULT_LIMIT);
    assert_int_equal(zone_trace_begin(100), RESULT_OK);
    zone_end(zone_begin("gone"));
    os_memory_fail_at(1, 0);
    assert_int_equal(zone_trace_write(path, &text), RESULT_OUT_OF_MEMORY);
    assert_int_equal(zone_trace_begin(100), RESULT_OK);
    os_memory_fail_at(0, 0);
    os_file_fail_at(1, 28 /* ENOSPC */);
    assert_int_not_equal(zone_trace_write(path, &text), RESULT_OK);
    os_file_fail_at(0, 0);
    assert_false(os_file_exists(path));
    assert_int_equal(os_memory_stats().live_bytes[OS_MEMORY_PROFILE], live_bytes);
    assert_null(zone_begin("off").name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_zone_is_empty_while_no_trace_is_open, start, stop),
        cmocka_unit_test_setup_teardown(test_zone_spans_have_start_and_duration_in_microseconds,
                                        start, stop),
        cmocka_unit_test_setup_teardown(test_zone_begun_before_the_trace_shows_from_its_start,
                                        start, stop),
        cmocka_unit_test_setup_teardown(test_zone_counts_what_the_pool_cannot_hold, start, stop),
        cmocka_unit_test_setup_teardown(test_zone_lets_one_thread_use_the_whole_pool, start, stop),
        cmocka_unit_test_setup_teardown(test_zone_keeps_every_span_of_every_thread, start, stop),
        cmocka_unit_test_setup_teardown(test_zone_counts_the_events_of_threads_beyond_128, start,
                                        stop),
        cmocka_unit_test_setup_teardown(test_zone_trace_opens_and_closes_under_running_threads,
                                        start, stop),
        cmocka_unit_test_setup_teardown(test_zone_trace_frees_its_events_when_it_fails, start,
                                        stop),
    };
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
