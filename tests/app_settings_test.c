#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static EngineConfig config_of(int tier, int vram_mib)
{
    Settings settings;
    settings_defaults(&settings);
    settings.vram_mib = vram_mib;
    return settings_engine(&settings, tier);
}

static void room_for_the_best_quality_is_left_where_memory_has_it(void **state)
{
    (void)state;
    ResultText text = {0};
    for (int tier = 0; tier < 4; tier++) {
        EngineConfig config = config_of(tier, 320);
        settings_leave_room(&config);
        assert_float_equal(config.quality_max, 1.3f, 1e-6f);
        assert_int_equal(engine_check(&config, &text), RESULT_OK);
    }
    // 229 MiB are needed for quality 1, 297 for 1.3.
    EngineConfig tight = config_of(2, 240);
    settings_leave_room(&tight);
    assert_float_equal(tight.quality_max, 0.0f, 0.0f);
    assert_int_equal(engine_check(&tight, &text), RESULT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_for_the_best_quality_is_left_where_memory_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
