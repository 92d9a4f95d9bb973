#include "progress.h"
#include "base/os_clock.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define QUIET_NS UINT64_C(1000000000)
#define EVERY_NS UINT64_C(250000000)

Progress progress_begin(const char *what)
{
    assert(what);
    return (Progress){
        .what = what, .start_ns = os_clock_now_ns(), .terminal = isatty(STDERR_FILENO) == 1};
}

void progress_update(Progress *progress, uint64_t done, uint64_t all)
{
    assert(progress && done <= all);
    if (!progress->terminal)
        return;
    uint64_t now_ns = os_clock_now_ns();
    uint64_t spent_ns = now_ns - progress->start_ns;
    if (spent_ns < QUIET_NS || now_ns - progress->shown_ns < EVERY_NS || done == 0)
        return;
    double left_s = (double)spent_ns * 1e-9 * (double)(all - done) / (double)done;
    fprintf(stderr, "\r\033[K%s: %" PRIu64 " of %" PRIu64 " (%.0f %%), %.0f s left", progress->what,
            done, all, 100.0 * (double)done / (double)all, left_s);
    fflush(stderr);
    progress->shown_ns = now_ns;
    progress->shown = true;
}

void progress_end(Progress *progress)
{
    assert(progress);
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
