#include "fly_pace.h"
#include <assert.h>
#include <math.h>

// Where swapping waits for the screen, this deadline has long passed; where it does not, it stands in for it.
#define VSYNC_GUARD 1.1

double fly_pace_begin(FlyPace *pace, uint64_t now_ns)
{
    assert(pace && now_ns >= pace->last_ns);
    double dt_s = pace->last_ns ? (double)(now_ns - pace->last_ns) * 1e-9 : 1.0 / 60;
    pace->last_ns = now_ns;
    dt_s = fmin(dt_s, FLY_PACE_STEP_MAX_S);
    // Stopped pictures are no low frame rate.
    if (pace->unchanged_ticks < FLY_PACE_STILL_TICKS && dt_s > 0) {
        double weight = 1 - exp(-dt_s);
        pace->fps = pace->fps > 0 ? pace->fps + (1 / dt_s - pace->fps) * weight : 1 / dt_s;
    }
    return dt_s;
}

uint64_t fly_pace_next_ns(FlyPace *pace, uint64_t now_ns, int cap, int refresh_hz)
{
    assert(pace && cap >= 0 && refresh_hz >= 0);
    double hz = refresh_hz > 0 ? refresh_hz * VSYNC_GUARD : 0;
    if (cap > 0 && (hz == 0 || cap < hz))
        hz = cap;
    if (hz == 0)
        return now_ns;
    uint64_t period_ns = (uint64_t)(1e9 / hz);
    pace->deadline_ns += period_ns;
    // After a long frame the deadlines start anew instead of racing to catch up.
    if (pace->deadline_ns < now_ns || pace->deadline_ns > now_ns + period_ns)
        pace->deadline_ns = pace->deadline_ns < now_ns ? now_ns : now_ns + period_ns;
    return pace->deadline_ns;
}

bool fly_pace_still(FlyPace *pace, bool changed)
{
    assert(pace);
    if (changed)
        pace->unchanged_ticks = 0;
    else if (pace->unchanged_ticks < FLY_PACE_STILL_TICKS)
        pace->unchanged_ticks++;
    return pace->unchanged_ticks >= FLY_PACE_STILL_TICKS;
}
