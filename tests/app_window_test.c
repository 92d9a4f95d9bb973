#include "window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <SDL.h>
#include <cmocka.h>
#include <string.h>

typedef const unsigned char *GetString(unsigned name);
#define VERSION_NAME 0x1f02u // of the GL's version string

static const char *gl_version(void)
{
    GetString *get = (GetString *)window_gl_address("glGetString");
    return get ? (const char *)get(VERSION_NAME) : "";
}

static const WindowDesc hidden = {.title = "test", .width = 64, .height = 48, .offscreen = true};

static void an_offscreen_window_has_gl(void **state)
{
    (void)state;
    Window *window = NULL;
    ResultText why = {0};
    assert_int_equal(window_create(&hidden, &window, &why), RESULT_OK);
    int width = 0, height = 0;
    window_size(window, &width, &height);
    assert_int_equal(width, 64);
    assert_int_equal(height, 48);
    assert_true(window_is_offscreen(window));
    assert_false(window_minimised(window));
    assert_true(gl_version()[0] >= '3');
    window_swap(window);
    window_destroy(window);
}

static void a_context_can_be_made_again(void **state)
{
    (void)state;
    Window *window = NULL;
    assert_int_equal(window_create(&hidden, &window, NULL), RESULT_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(window_recreate_context(window, NULL), RESULT_OK);
        assert_true(gl_version()[0] >= '3');
    }
    window_destroy(window);
}

static void no_display_is_said_with_what_runs_without(void **state)
{
    (void)state;
    Window *window = NULL;
    ResultText why = {0};
    WindowDesc desc = hidden;
    desc.offscreen = false;
    SDL_setenv("SDL_VIDEODRIVER", "x11", 1);
    SDL_setenv("DISPLAY", ":987", 1);
    SDL_SetHint(SDL_HINT_VIDEODRIVER, "x11");
    assert_int_equal(window_create(&desc, &window, &why), RESULT_UNSUPPORTED);
    assert_null(window);
    assert_non_null(strstr(why.text, "arete soak"));
    assert_non_null(strstr(why.text, "arete shot"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offscreen_window_has_gl),
        cmocka_unit_test(a_context_can_be_made_again),
        cmocka_unit_test(no_display_is_said_with_what_runs_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
