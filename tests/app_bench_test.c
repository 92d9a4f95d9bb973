#include "base/os_file.h"
#include "base/os_memory.h"
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static void medians_are_medians(void **state)
{
    (void)state;
    assert_true(bench_median((double[]){3}, 1) == 3);
    assert_true(bench_median((double[]){9, 1, 5}, 3) == 5);
    assert_true(bench_median((double[]){4, 1, 3, 2}, 4) == 2.5);
}

static void limits_judge_both_ways(void **state)
{
    (void)state;
    Bench bench = {.current = "B1"};
    bench_limit(bench_add(&bench, "a", "ms", 2), BENCH_AT_MOST, 2);
    bench_limit(bench_add(&bench, "b", "1/s", 2), BENCH_AT_LEAST, 2);
    bench_add(&bench, "c", "ms", 99);
    assert_true(bench_passed(&bench));
    bench_limit(bench_add(&bench, "d", "ms", 2.1), BENCH_AT_MOST, 2);
    assert_false(bench.rows[3].pass);
    assert_false(bench_passed(&bench));
    bench_limit(bench_add(&bench, "e", "ms", NAN), BENCH_AT_MOST, 2);
    assert_false(bench.rows[4].pass);
}

static void what_cannot_be_measured_does_not_pass(void **state)
{
    (void)state;
    Bench bench = {.current = "B1"};
    bench_broken(&bench, "a", "no reason");
    assert_false(bench_passed(&bench));
}

static void the_report_is_json(void **state)
{
    (void)state;
    const char *path = "/tmp/arete_bench_test.json";
    Bench bench = {.current = "B6"};
    bench_limit(bench_add(&bench, "hit", "us CPU", 0.5), BENCH_AT_MOST, 2);
    bench_broken(&bench, "miss", "no reason");
    assert_int_equal(bench_write(&bench, path, NULL), RESULT_OK);
    uint8_t *data = NULL;
    size_t bytes = 0;
    assert_int_equal(os_file_read(path, 1 << 16, &data, &bytes, NULL), RESULT_OK);
    cJSON *report = cJSON_Parse((char *)data);
    assert_non_null(report);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(report, "pass")));
    cJSON *rows = cJSON_GetObjectItem(report, "rows");
    assert_int_equal(cJSON_GetArraySize(rows), 2);
    cJSON *hit = cJSON_GetArrayItem(rows, 0);
    assert_string_equal(cJSON_GetObjectItem(hit, "id")->valuestring, "B6");
    assert_true(cJSON_GetObjectItem(hit, "value")->valuedouble == 0.5);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetArrayItem(rows, 1), "value")));
    cJSON_Delete(report);
    os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
    unlink(path);
}

static void every_case_has_its_own_id(void **state)
{
    (void)state;
    for (int i = 0; i < bench_case_count; i++) {
        assert_non_null(bench_cases[i].run);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(bench_cases[i].id, bench_cases[j].id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians_are_medians),
        cmocka_unit_test(limits_judge_both_ways),
        cmocka_unit_test(what_cannot_be_measured_does_not_pass),
        cmocka_unit_test(the_report_is_json),
        cmocka_unit_test(every_case_has_its_own_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
