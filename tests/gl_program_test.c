#include "gl_fixture.h"
#include "render/gl_program.h"

#include "base/log.h"
#include <fcntl.h>
#include <glad/gl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define GOOD_VERTEX "void main() { gl_Position = vec4(0.0); }\n"
#define GOOD_FRAGMENT "#include \"part.glsl\"\nout vec4 c;\nvoid main() { c = vec4(part()); }\n"
#define GOOD_PART "float part() { return LEVEL; }\n"

static GlFixture fixture;
static GlAccount account;
static char folder[64];
static char logged[4096];
static int64_t file_age_s; // each file written is newer than the last

static void keep_log(void *object, LogLevel level, const char *text)
{
    (void)object;
    (void)level;
    strncat(logged, text, sizeof logged - strlen(logged) - 1);
}

static void write_shader(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    struct timespec times[2] = {{.tv_sec = 1700000000 + file_age_s},
                                {.tv_sec = 1700000000 + file_age_s}};
    file_age_s += 10;
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int set_up(void **state)
{
    (void)state;
    logged[0] = 0;
    log_set_sink(keep_log, NULL);
    snprintf(folder, sizeof folder, "/tmp/arete_shaders_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    write_shader("sky.vert", GOOD_VERTEX);
    write_shader("sky.frag", GOOD_FRAGMENT);
    write_shader("part.glsl", GOOD_PART);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"sky.vert", "sky.frag", "part.glsl"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    rmdir(folder);
    log_set_sink(NULL, NULL);
    return 0;
}

static GlProgramDesc from_folder(void)
{
    return (GlProgramDesc){"sky.vert", "sky.frag", "#define LEVEL 0.5\n", folder};
}

static void includes_and_defines_reach_the_compiler(void **state)
{
    (void)state;
    GlProgramDesc desc = from_folder();
    GlProgram program;
    ResultText text = {0};
    assert_int_equal(gl_program_create(&desc, &account, &program, &text), RESULT_OK);
    assert_true(program.from_directory);
    assert_int_equal(program.file_count, 3);
    gl_program_destroy(&program);
}

static void a_message_names_file_and_line_of_an_include(void **state)
{
    (void)state;
    write_shader("part.glsl", "\n\nfloat part() { return nonsense; }\n");
    GlProgramDesc desc = from_folder();
    GlProgram program;
    ResultText text = {0};
    // The embedded sky takes its place, but needs defines that this test does not give.
    (void)!gl_program_create(&desc, &account, &program, &text);
    assert_non_null(strstr(logged, "part.glsl:3"));
    assert_non_null(strstr(logged, "nonsense"));
    gl_program_destroy(&program);
}

static void a_broken_folder_falls_back_to_the_binary(void **state)
{
    (void)state;
    write_shader("sky.frag", "void main() { broken }\n");
    GlProgramDesc desc = {
        "screen.vert", "tone.frag",
        "#define TIER 2\n#define CLIP_CONTROL 1\n#define LOD_COUNT 8\n#define WAVES 4\n", folder};
    GlProgram program;
    ResultText text = {0};
    assert_int_equal(gl_program_create(&desc, &account, &program, &text), RESULT_OK);
    assert_false(program.from_directory);
    assert_non_null(strstr(logged, "using those inside the binary"));
    gl_program_destroy(&program);
}

static void a_missing_shader_is_a_clear_failure(void **state)
{
    (void)state;
    GlProgramDesc desc = {"nowhere.vert", "sky.frag", NULL, NULL};
    GlProgram program;
    ResultText text = {0};
    assert_int_equal(gl_program_create(&desc, &account, &program, &text), RESULT_NOT_FOUND);
    assert_non_null(strstr(text.text, "nowhere.vert"));
    gl_program_destroy(&program);
}

static void a_reload_keeps_the_last_good_program_until_the_repair(void **state)
{
    (void)state;
    GlProgramDesc desc = from_folder();
    GlProgram program;
    ResultText text = {0};
    assert_int_equal(gl_program_create(&desc, &account, &program, &text), RESULT_OK);
    uint32_t first = program.handle;
    assert_false(gl_program_reload(&program, &account)); // nothing is newer
    write_shader("part.glsl", "float part() { return 1.0 }\n");
    assert_false(gl_program_reload(&program, &account));
    assert_int_equal(program.handle, first);
    assert_int_equal(program.file_count, 3);
    logged[0] = 0;
    assert_false(gl_program_reload(&program, &account)); // and does not try the same text again
    assert_string_equal(logged, "");
    write_shader("part.glsl", GOOD_PART);
    uint64_t made = account.objects_created;
    assert_true(gl_program_reload(&program, &account));
    assert_int_equal(account.objects_created, made + 1);
    assert_int_equal(glGetError(), GL_NO_ERROR);
    gl_program_destroy(&program);
}

int main(void)
{
    if (!gl_fixture_create(&fixture, 64, 64, false))
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(includes_and_defines_reach_the_compiler, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_names_file_and_line_of_an_include, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_broken_folder_falls_back_to_the_binary, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_missing_shader_is_a_clear_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reload_keeps_the_last_good_program_until_the_repair,
                                        set_up, tear_down),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gl_fixture_destroy(&fixture);
    return failed;
}
