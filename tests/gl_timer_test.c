#include "gl_fixture.h"
#include "render/gl_timer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glad/gl.h>

static GlFixture fixture;

static void a_time_is_known_some_frames_later(void **state)
{
    (void)state;
    GlTimer timer;
    gl_timer_create(&timer);
    assert_true(timer.ms < 0.0);
    for (int frame = 0; frame < 3 * GL_TIMER_RING; frame++) {
        gl_timer_begin(&timer);
        // Nothing is known of the first frames; all that follow are finished.
        assert_true((timer.ms >= 0.0) == (frame >= GL_TIMER_RING));
        glClear(GL_COLOR_BUFFER_BIT);
        gl_timer_end(&timer);
        glFinish();
    }
    assert_in_range((uint64_t)timer.ms, 0, 10000);
    gl_timer_destroy(&timer);
    assert_int_equal(glGetError(), GL_NO_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_known_some_frames_later),
    };
    if (!gl_fixture_create(&fixture, 64, 64, false))
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gl_fixture_destroy(&fixture);
    return failed;
}
