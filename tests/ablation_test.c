// Ablation and self-test on a fake engine: they must see a difference, and must see when there is none.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_engine.h"
#include "soak/ablation.h"
#include "soak/self_test.h"
#include <cJSON.h>
#include <stdio.h>
#include <unistd.h>

static ResultText text;

static SoakDesc base(void)
{
    return (SoakDesc){.source = &fake_source, .pace = SOAK_PACE_FREE};
}

static void test_ablation_sees_what_each_feature_is_worth(void **state)
{
    (void)state;
    SoakDesc desc = base();
    AblationResult result;
    assert_int_equal(ablation_run(&desc, &result, &text), RESULT_OK);
    assert_true(result.pass);
    unsigned features = 0;
    for (int i = 0; i < result.count; ++i) {
        const AblationRow *row = &result.rows[i];
        assert_int_equal(row->path, ablation_path(row->feature));
        if (row->decides) {
            assert_true(row->worse);
            assert_true(row->without > row->with);
            features |= 1u << row->feature;
        }
    }
    assert_int_equal(features, (1u << ENGINE_FEATURE_COUNT) - 1u);
}

static void test_ablation_is_red_when_a_feature_makes_no_difference(void **state)
{
    (void)state;
    SoakDesc desc = base();
    AblationResult result;
    fake_features_idle = true;
    assert_int_equal(ablation_run(&desc, &result, &text), RESULT_OK);
    assert_false(result.pass);
    for (int i = 0; i < result.count; ++i) {
        assert_false(result.rows[i].worse);
    }
}

static void test_ablation_passes_a_failure_on(void **state)
{
    (void)state;
    SoakDesc desc = base();
    AblationResult result;
    fake_fails = true;
    assert_int_equal(ablation_run(&desc, &result, &text), RESULT_LIMIT);
    assert_string_equal(text.text, "the fake engine refuses");
}

static void test_ablation_prints_and_writes_one_table(void **state)
{
    (void)state;
    SoakDesc desc = base();
    AblationResult result;
    desc.out = tmpfile();
    assert_non_null(desc.out);
    assert_int_equal(ablation_run(&desc, &result, &text), RESULT_OK);
    ablation_print(desc.out, &result);
    rewind(desc.out);
    char line[256];
    int rows = 0;
    bool verdict = false;
    while (fgets(line, sizeof line, desc.out) != NULL) {
        rows += strstr(line, "worse without: pass") != NULL;
        verdict = verdict || strcmp(line, "ablation: pass\n") == 0;
    }
    fclose(desc.out);
    assert_int_equal(rows, ENGINE_FEATURE_COUNT);
    assert_true(verdict);
    char path[64];
    snprintf(path, sizeof path, "/tmp/ablation_test_%d.json", (int)getpid());
    assert_int_equal(ablation_write(&result, path, &text), RESULT_OK);
    FILE *file = fopen(path, "r");
    static char json[16384];
    json[fread(json, 1, sizeof json - 1, file)] = '\0';
    fclose(file);
    unlink(path);
    cJSON *root = cJSON_Parse(json);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(root, "pass")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "ablation")), result.count);
    cJSON_Delete(root);
}

static void test_self_test_turns_red_for_the_right_limit(void **state)
{
    (void)state;
    SoakDesc desc = base();
    SelfTestResult result;
    assert_int_equal(self_test_run(&desc, &result, &text), RESULT_OK);
    assert_true(result.pass);
    assert_int_equal(result.count, 1 + ENGINE_FAULT_COUNT);
    assert_true(result.rows[0].clean);
    for (int i = 0; i < result.count; ++i) {
        assert_true(result.rows[i].pass);
    }
    static const uint32_t leak = 1u << LIMIT_RSS_DELTA_RATIO | 1u << LIMIT_MEMORY_SLOPE;
    assert_int_equal(result.rows[0].broken, 0);
    assert_int_equal(result.rows[1 + ENGINE_FAULT_LEAK].broken,
                     leak | 1u << LIMIT_ALLOCATIONS_STEADY);
    assert_int_equal(result.rows[1 + ENGINE_FAULT_LOCK].broken, 1u << LIMIT_STREAM_BLOCKED);
    assert_int_equal(result.rows[1 + ENGINE_FAULT_DROP].broken, 1u << LIMIT_DROPPED);
}

// A leak that only the allocations give away has not shown that the memory limits see one.
static void test_self_test_demands_every_limit_of_a_fault(void **state)
{
    (void)state;
    SoakDesc desc = base();
    SelfTestResult result;
    fake_leak_untouched = true;
    assert_int_equal(self_test_run(&desc, &result, &text), RESULT_OK);
    assert_false(result.pass);
    for (int i = 0; i < result.count; ++i) {
        assert_int_equal(result.rows[i].pass, i != 1 + ENGINE_FAULT_LEAK);
    }
    assert_int_equal(result.rows[1 + ENGINE_FAULT_LEAK].broken, 1u << LIMIT_ALLOCATIONS_STEADY);
}

static void test_self_test_fails_when_a_fault_is_not_seen(void **state)
{
    (void)state;
    SoakDesc desc = base();
    SelfTestResult result;
    fake_deaf = true;
    desc.out = tmpfile();
    assert_int_equal(self_test_run(&desc, &result, &text), RESULT_OK);
    assert_false(result.pass);
    assert_true(result.rows[0].pass);
    for (int i = 1; i < result.count; ++i) {
        assert_false(result.rows[i].pass);
    }
    self_test_print(desc.out, &result);
    rewind(desc.out);
    char line[256];
    int unseen = 0;
    while (fgets(line, sizeof line, desc.out) != NULL) {
        unseen += strstr(line, "not seen: FAIL") != NULL;
    }
    fclose(desc.out);
    assert_int_equal(unseen, ENGINE_FAULT_COUNT);
}

static void test_self_test_passes_a_failure_on(void **state)
{
    (void)state;
    SoakDesc desc = base();
    SelfTestResult result;
    fake_fails = true;
    assert_int_equal(self_test_run(&desc, &result, &text), RESULT_LIMIT);
}

#define ABLATION_TEST(test)                                                                        \
    cmocka_unit_test_setup_teardown(test, fake_engine_start, fake_engine_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ABLATION_TEST(test_ablation_sees_what_each_feature_is_worth),
        ABLATION_TEST(test_ablation_is_red_when_a_feature_makes_no_difference),
        ABLATION_TEST(test_ablation_passes_a_failure_on),
        ABLATION_TEST(test_ablation_prints_and_writes_one_table),
        ABLATION_TEST(test_self_test_turns_red_for_the_right_limit),
        ABLATION_TEST(test_self_test_demands_every_limit_of_a_fault),
        ABLATION_TEST(test_self_test_fails_when_a_fault_is_not_seen),
        ABLATION_TEST(test_self_test_passes_a_failure_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
