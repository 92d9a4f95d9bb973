#include "gl_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CHILD_GOOD 0
#define CHILD_BAD 1
#define CHILD_SKIPPED 77

// What a context of version 2.1 is told; runs in a process of its own, since the driver reads its settings once.
static int load_in_old_context(void)
{
    setenv("MESA_GL_VERSION_OVERRIDE", "2.1", 1);
    GlFixture fixture;
    if (!gl_fixture_create_any(&fixture))
        return CHILD_SKIPPED;
    GlCaps caps;
    ResultText text = {0};
    Result result = gl_caps_load(gl_fixture_proc, false, &caps, &text);
    fprintf(stderr, "%s\n", text.text);
    bool says_both = strstr(text.text, "2.1") != NULL && strstr(text.text, "3.3") != NULL;
    if (result == RESULT_OK)
        return CHILD_SKIPPED; // no Mesa: the driver does not know the override
    return result == RESULT_UNSUPPORTED && says_both ? CHILD_GOOD : CHILD_BAD;
}

static void an_old_context_is_refused_with_found_and_needed_version(void **state)
{
    (void)state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(load_in_old_context());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CHILD_SKIPPED)
        skip();
    assert_int_equal(WEXITSTATUS(status), CHILD_GOOD);
}

static void this_context_is_named_and_its_limits_are_read(void **state)
{
    (void)state;
    GlFixture fixture;
    if (!gl_fixture_create(&fixture, 64, 64, false))
        skip();
    const GlCaps *caps = &fixture.caps;
    assert_true(caps->major > 3 || (caps->major == 3 && caps->minor >= 3));
    assert_true(strlen(caps->renderer) > 0 && strlen(caps->version) > 0);
    assert_true(caps->layers_max >= 256); // what 3.3 promises
    assert_true(caps->samples_max >= 4);
    assert_int_equal(caps->is_software, strstr(caps->renderer, "llvmpipe") != NULL);
    gl_fixture_destroy(&fixture);
}

static void a_forced_33_hides_what_came_later(void **state)
{
    (void)state;
    GlFixture fixture;
    if (!gl_fixture_create(&fixture, 64, 64, true))
        skip();
    assert_false(fixture.caps.clip_control);
    assert_false(fixture.caps.buffer_storage);
    assert_false(fixture.caps.base_instance);
    gl_fixture_destroy(&fixture);
}

static GlProc no_proc(const char *name)
{
    (void)name;
    return NULL;
}

static void no_functions_means_unsupported(void **state)
{
    (void)state;
    GlCaps caps;
    ResultText text = {0};
    assert_int_equal(gl_caps_load(no_proc, false, &caps, &text), RESULT_UNSUPPORTED);
    assert_non_null(strstr(text.text, "3.3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_context_is_refused_with_found_and_needed_version),
        cmocka_unit_test(no_functions_means_unsupported),
        cmocka_unit_test(this_context_is_named_and_its_limits_are_read),
        cmocka_unit_test(a_forced_33_hides_what_came_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
