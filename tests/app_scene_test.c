#include "picture_options.h"
#include "scene.h"
#include "world_spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

// The command line as `arete shot` keeps it, over its defaults.
typedef struct Line {
    PictureOptions picture;
    Settings settings;
    bool picture_given[PICTURE_OPTIONS_COUNT], settings_given[64];
    PictureWords words;
} Line;

static void begin(Line *line)
{
    memset(line, 0, sizeof *line);
    option_defaults(picture_options, PICTURE_OPTIONS_COUNT, &line->picture);
    settings_defaults(&line->settings);
    line->words = (PictureWords){NULL, &line->picture, line->picture_given, &line->settings,
                                 line->settings_given};
}

static Result name_scene(Line *line, const char *name, ResultText *text)
{
    line->picture_given[PICTURE_OPTIONS_SCENE] = true;
    return option_parse(&picture_options[PICTURE_OPTIONS_SCENE], &line->picture, "--scene", name,
                        text);
}

static void every_scene_is_known_by_name_and_within_the_options(void **state)
{
    (void)state;
    for (int i = 0; i < SCENE_COUNT; i++) {
        const Scene *scene = &scene_table[i];
        Line line;
        WorldSpec spec;
        ResultText text = {0};
        begin(&line);
        assert_int_equal(name_scene(&line, scene->name, &text), RESULT_OK);
        assert_int_equal(line.picture.scene, i + 1);
        assert_true(picture_options_scene(&line.words));
        assert_memory_equal(line.picture.at_m, scene->at_m, sizeof scene->at_m);
        assert_memory_equal(line.picture.look_deg, scene->look_deg, sizeof scene->look_deg);
        assert_int_equal(line.settings.minute, scene->minute);
        assert_int_equal(line.settings.day, scene->day);
        assert_true(line.settings.fov_deg == scene->fov_deg);
        assert_true(line.settings.cloud_cover == scene->cloud_cover);
        assert_int_equal(picture_options_check(&line.picture, &text), RESULT_OK);
        assert_int_equal(world_spec_parse(line.words.world, &spec, &text), RESULT_OK);
        // A value that its own option would refuse.
        for (int row = 0; row < settings_count; row++) {
            char value[OPTION_TEXT_MAX];
            option_format(&settings_table[row], &line.settings, value, sizeof value);
            if (line.settings_given[row])
                assert_int_equal(
                    option_parse(&settings_table[row], &line.settings, "x", value, &text),
                    RESULT_OK);
        }
        assert_true(strlen(scene->text) > 8);
    }
}

static void words_come_before_the_scene(void **state)
{
    (void)state;
    Line line;
    begin(&line);
    assert_int_equal(name_scene(&line, "fjord", NULL), RESULT_OK);
    int row = option_find(settings_table, settings_count, "time");
    line.words.world = "seed:5";
    line.settings_given[row] = true;
    line.settings.minute = 77;
    line.picture_given[PICTURE_OPTIONS_LOOK] = true;
    line.picture.look_deg[0] = 12;
    assert_true(picture_options_scene(&line.words));
    assert_string_equal(line.words.world, "seed:5");
    assert_int_equal(line.settings.minute, 77);
    assert_true(line.picture.look_deg[0] == 12);
    assert_memory_equal(line.picture.at_m, scene_table[4].at_m, sizeof line.picture.at_m);
    // What the scene says counts as said: neither a saved position nor saved settings overrule it.
    assert_true(line.picture_given[PICTURE_OPTIONS_AT]);
    assert_true(line.settings_given[option_find(settings_table, settings_count, "date")]);
}

static void without_a_scene_nothing_changes(void **state)
{
    (void)state;
    Line line, same;
    begin(&line);
    begin(&same);
    assert_true(picture_options_scene(&line.words));
    assert_memory_equal(&line.picture, &same.picture, sizeof line.picture);
    assert_memory_equal(&line.settings, &same.settings, sizeof line.settings);
    assert_null(line.words.world);
}

static void an_unknown_scene_is_named_with_the_nearest_and_the_list(void **state)
{
    (void)state;
    Line line;
    ResultText text = {0};
    begin(&line);
    assert_int_equal(name_scene(&line, "fjrod", &text), RESULT_BAD_INPUT);
    assert_non_null(strstr(text.text, "--scene fjrod"));
    assert_non_null(strstr(text.text, "did you mean fjord?"));
    for (int i = 0; i < SCENE_COUNT; i++)
        assert_non_null(strstr(text.text, scene_table[i].name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scene_is_known_by_name_and_within_the_options),
        cmocka_unit_test(words_come_before_the_scene),
        cmocka_unit_test(without_a_scene_nothing_changes),
        cmocka_unit_test(an_unknown_scene_is_named_with_the_nearest_and_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
