#include "render/gl_timer.h"

#include <glad/gl.h>
#include <string.h>

void gl_timer_create(GlTimer *out)
{
    memset(out, 0, sizeof *out);
    glGenQueries(GL_TIMER_RING, out->queries);
    out->ms = -1.0;
}

void gl_timer_destroy(GlTimer *timer)
{
    glDeleteQueries(GL_TIMER_RING, timer->queries);
    memset(timer, 0, sizeof *timer);
}

// Time of the frame that used this query before; asked for only where the answer is there.
static void take(GlTimer *timer, GLuint query)
{
    GLuint ready = 0;
    glGetQueryObjectuiv(query, GL_QUERY_RESULT_AVAILABLE, &ready);
    if (!ready)
        return;
    GLuint64 ns = 0;
    glGetQueryObjectui64v(query, GL_QUERY_RESULT, &ns);
    timer->ms = (double)ns * 1e-6;
}

void gl_timer_begin(GlTimer *timer)
{
    GLuint query = timer->queries[timer->frames % GL_TIMER_RING];
    if (timer->frames >= GL_TIMER_RING)
        take(timer, query);
    glBeginQuery(GL_TIME_ELAPSED, query);
}

void gl_timer_end(GlTimer *timer)
{
    glEndQuery(GL_TIME_ELAPSED);
    timer->frames++;
}
