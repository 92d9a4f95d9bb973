#include "base/log.h"
#include "base/os_file.h"
#include "base/os_memory.h"
#include "ini_file.h"
#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static char log_text[1024];

static void keep_log(void *object, LogLevel level, const char *text)
{
    (void)object;
    (void)level;
    strncat(log_text, text, sizeof log_text - strlen(log_text) - 1);
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/arete_ini_XXXXXX");
    log_set_sink(keep_log, NULL);
    return mkdtemp(folder) && setenv("XDG_CONFIG_HOME", folder, 1) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char path[128];
    log_set_sink(NULL, NULL);
    snprintf(path, sizeof path, "%s/arete/arete.ini", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/arete", folder);
    rmdir(path);
    return rmdir(folder);
}

static IniFile place(void)
{
    IniFile file;
    ini_file_place(&file, "XDG_CONFIG_HOME", ".config", "arete.ini");
    log_text[0] = 0;
    return file;
}

static OptionTable over(Settings *settings)
{
    settings_defaults(settings);
    return (OptionTable){settings_table, settings_count, settings, NULL};
}

static void put(const IniFile *file, const char *content, size_t bytes)
{
    char path[128];
    snprintf(path, sizeof path, "%s/arete", folder);
    assert_int_equal(os_file_make_directories(path, NULL), RESULT_OK);
    assert_int_equal(os_file_write(file->path, content, bytes, NULL), RESULT_OK);
}

static void check_content(const IniFile *file, const char *content)
{
    uint8_t *data = NULL;
    size_t bytes = 0;
    assert_int_equal(os_file_read(file->path, INI_FILE_BYTES_MAX, &data, &bytes, NULL), RESULT_OK);
    assert_string_equal((char *)data, content);
    os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
}

static void a_missing_file_gives_defaults(void **state)
{
    (void)state;
    IniFile file = place();
    Settings settings, defaults;
    OptionTable table = over(&settings);
    settings_defaults(&defaults);
    assert_int_equal(ini_file_read(&file, &table, NULL), RESULT_OK);
    assert_memory_equal(&settings, &defaults, sizeof settings);
    assert_false(file.left_alone);
}

static void what_is_saved_is_restored(void **state)
{
    (void)state;
    IniFile file = place();
    Settings settings, again;
    OptionTable table = over(&settings);
    settings.view_chunks = 12;
    settings.haze = 2.5;
    settings.tier = 3;
    settings.minute = 7 * 60 + 5;
    settings.day = 59;
    settings.vsync = false;
    assert_int_equal(ini_file_write(&file, &table, NULL), RESULT_OK);
    OptionTable second = over(&again);
    assert_int_equal(ini_file_read(&file, &second, NULL), RESULT_OK);
    assert_memory_equal(&settings, &again, sizeof settings);
    assert_string_equal(log_text, "");
}

static void defaults_are_saved_as_comments(void **state)
{
    (void)state;
    IniFile file = place();
    Settings settings;
    OptionTable table = over(&settings);
    settings.loads = 5;
    assert_int_equal(ini_file_write(&file, &table, NULL), RESULT_OK);
    uint8_t *data = NULL;
    size_t bytes = 0;
    assert_int_equal(os_file_read(file.path, INI_FILE_BYTES_MAX, &data, &bytes, NULL), RESULT_OK);
    assert_non_null(strstr((char *)data, "\nloads = 5\n"));
    assert_non_null(strstr((char *)data, "\n; view = 8\n"));
    assert_non_null(strstr((char *)data, "\n; threads = automatic\n"));
    os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
}

static void a_malformed_file_is_named_and_left_alone(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        const char *line;
    } bad[] = {
        {"[stream]\nview = 12\nprefetch = many\n", "line 3"},
        {"[stream]\nview = 99\n", "line 2"},
        {"[stream\nview = 9\n", "line 1"},
        {"[stream]\nview = 9\nthis is not a setting\n", "line 3"},
        {"[stream]\nview = \n", "line 2"},
        {"[stream]\nview = 9\n  loads = nine\n", "line 3"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        IniFile file = place();
        Settings settings, defaults;
        OptionTable table = over(&settings);
        ResultText why = {0};
        settings_defaults(&defaults);
        put(&file, bad[i].content, strlen(bad[i].content));
        assert_int_equal(ini_file_read(&file, &table, &why), RESULT_BAD_INPUT);
        assert_non_null(strstr(why.text, bad[i].line));
        assert_memory_equal(&settings, &defaults, sizeof settings);
        settings.view_chunks = 20;
        assert_int_equal(ini_file_write(&file, &table, NULL), RESULT_OK);
        check_content(&file, bad[i].content);
    }
}

static void binary_and_long_lines_are_malformed(void **state)
{
    (void)state;
    char content[400];
    ResultText why = {0};
    Settings settings;
    IniFile file = place();
    OptionTable table = over(&settings);
    put(&file, "[stream]\nvi\0ew = 9\n", 19);
    assert_int_equal(ini_file_read(&file, &table, &why), RESULT_BAD_INPUT);
    assert_non_null(strstr(why.text, "line 2"));
    memset(content, 'a', sizeof content);
    memcpy(content, "[stream]\nview = ", 16);
    put(&file, content, sizeof content);
    file = place();
    assert_int_equal(ini_file_read(&file, &table, &why), RESULT_BAD_INPUT);
    assert_non_null(strstr(why.text, "line 2"));
}

static void unknown_keys_are_named_and_kept(void **state)
{
    (void)state;
    IniFile file = place(), again;
    Settings settings;
    OptionTable table = over(&settings);
    const char *content = "early = 1\n[stream]\nview = 9\nwarp = 7\n[other]\nview = 3\n";
    put(&file, content, strlen(content));
    assert_int_equal(ini_file_read(&file, &table, NULL), RESULT_OK);
    assert_int_equal(settings.view_chunks, 9);
    assert_non_null(strstr(log_text, "warp"));
    assert_non_null(strstr(log_text, "early"));
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(ini_file_write(&file, &table, NULL), RESULT_OK);
        again = place();
        OptionTable second = over(&settings);
        assert_int_equal(ini_file_read(&again, &second, NULL), RESULT_OK);
        assert_int_equal(again.kept_count, 3);
        assert_int_equal(settings.view_chunks, 9);
        assert_string_equal(again.kept[0].line, "early = 1");
        assert_string_equal(again.kept[0].section, "");
        assert_string_equal(again.kept[1].line, "warp = 7");
        assert_string_equal(again.kept[1].section, "stream");
        assert_string_equal(again.kept[2].line, "view = 3");
        assert_string_equal(again.kept[2].section, "other");
    }
}

static void a_failed_write_keeps_the_old_file(void **state)
{
    (void)state;
    IniFile file = place();
    Settings settings;
    OptionTable table = over(&settings);
    assert_int_equal(ini_file_write(&file, &table, NULL), RESULT_OK);
    settings.view_chunks = 11;
    unsigned failed = 0;
    for (unsigned nth = 1; nth < 16; nth++) {
        os_file_fail_at(nth, ENOSPC);
        Result result = ini_file_write(&file, &table, NULL);
        os_file_fail_at(0, 0);
        failed += result != RESULT_OK;
        Settings again;
        OptionTable second = over(&again);
        IniFile check = place();
        assert_int_equal(ini_file_read(&check, &second, NULL), RESULT_OK);
        assert_true(again.view_chunks == 8 || again.view_chunks == 11);
    }
    assert_true(failed >= 3);
}

static void relative_xdg_paths_are_ignored(void **state)
{
    (void)state;
    IniFile file;
    setenv("ARETE_TEST_HOME", "not/absolute", 1);
    setenv("HOME", "/home/someone", 1);
    ini_file_place(&file, "ARETE_TEST_HOME", ".config", "arete.ini");
    assert_string_equal(file.path, "/home/someone/.config/arete/arete.ini");
    unsetenv("HOME");
    ini_file_place(&file, "ARETE_TEST_HOME", ".config", "arete.ini");
    assert_string_equal(file.path, "");
    Settings settings;
    OptionTable table = over(&settings);
    assert_int_equal(ini_file_read(&file, &table, NULL), RESULT_OK);
    assert_int_equal(ini_file_write(&file, &table, NULL), RESULT_OK);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(a_missing_file_gives_defaults),       CASE(what_is_saved_is_restored),
        CASE(defaults_are_saved_as_comments),      CASE(a_malformed_file_is_named_and_left_alone),
        CASE(binary_and_long_lines_are_malformed), CASE(unknown_keys_are_named_and_kept),
        CASE(a_failed_write_keeps_the_old_file),   CASE(relative_xdg_paths_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
