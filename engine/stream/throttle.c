#include "stream/throttle.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define CALM_S 1.0         // under the mark this long: released
#define FRAME_RATIO 1.5    // of the frame's own median
#define FRAME_FLOOR_MS 4.0 // a quarter of a 60 Hz frame: below it no frame is worth saving
#define FRAMES_BEFORE_MEDIAN 30
#define HALVE_AGAIN_S 0.25

void throttle_start(Throttle *throttle, const ThrottleDesc *desc)
{
    *throttle = (Throttle){.desc = *desc};
    ThrottleDesc *d = &throttle->desc;
    d->threshold_ms = d->threshold_ms > 0.0 ? d->threshold_ms : 10.0;
    d->loads_max = d->loads_max ? d->loads_max : 8;
    d->loads_throttled = d->loads_throttled ? d->loads_throttled : 2;
    d->bytes_max = d->bytes_max ? d->bytes_max : 1024 * 1024;
    d->bytes_min = d->bytes_min ? d->bytes_min : 64 * 1024;
    throttle->loads = d->loads_max;
    throttle->byte_budget = THROTTLE_COLD_BYTES;
}

static float median_ms(const Throttle *throttle)
{
    float sorted[THROTTLE_WINDOW];
    int n = throttle->frame_count;
    for (int i = 0; i < n; i++) {
        float value = throttle->frames_ms[i];
        int j = i;
        for (; j > 0 && sorted[j - 1] > value; j--)
            sorted[j] = sorted[j - 1];
        sorted[j] = value;
    }
    return sorted[n / 2];
}

// The median is worth its sort only for a frame that may be too long.
static ThrottleReason judge(const Throttle *throttle, const ThrottleSample *sample, double *mark_ms)
{
    *mark_ms = throttle->desc.threshold_ms;
    if (sample->busy_ms > *mark_ms)
        return THROTTLE_REASON_BUSY;
    if (sample->frame_ms < FRAME_FLOOR_MS || !sample->streaming_in_flight ||
        !sample->view_complete || throttle->frame_count < FRAMES_BEFORE_MEDIAN)
        return THROTTLE_REASON_NONE;
    *mark_ms = fmax(FRAME_RATIO * (double)median_ms(throttle), FRAME_FLOOR_MS);
    return sample->frame_ms > *mark_ms ? THROTTLE_REASON_FRAME : THROTTLE_REASON_NONE;
}

static void note(Throttle *throttle, const ThrottleSample *sample, ThrottleReason reason,
                 double mark_ms)
{
    throttle->reason_counts[reason]++;
    throttle->log[throttle->log_count++ % THROTTLE_LOG_MAX] = (ThrottleEvent){
        .tick = sample->tick,
        .reason = reason,
        .value_ms = reason == THROTTLE_REASON_FRAME ? sample->frame_ms : sample->busy_ms,
        .mark_ms = mark_ms};
}

static void halve_from(Throttle *throttle, uint64_t bytes)
{
    uint64_t half = bytes / 2;
    throttle->byte_budget = half > throttle->desc.bytes_min ? half : throttle->desc.bytes_min;
}

static void over_mark(Throttle *throttle, const ThrottleSample *sample, ThrottleReason reason,
                      double mark_ms)
{
    if (!throttle->engaged) {
        throttle->engaged = true;
        throttle->engaged_count++;
        throttle->loads = throttle->desc.loads_throttled;
        note(throttle, sample, reason, mark_ms);
        halve_from(throttle, throttle->byte_budget);
    } else if (throttle->calm_s >= HALVE_AGAIN_S) {
        note(throttle, sample, reason, mark_ms);
        halve_from(throttle, throttle->byte_budget);
    }
    throttle->calm_s = 0.0;
}

static void release(Throttle *throttle, const ThrottleSample *sample)
{
    double released_ms = rint(throttle->calm_s * 1e6) / 1e3;
    throttle->released_ms_max = fmax(throttle->released_ms_max, released_ms);
    throttle->engaged = false;
    throttle->loads = throttle->desc.loads_max;
    throttle->byte_budget = throttle->desc.bytes_max;
    note(throttle, sample, THROTTLE_REASON_RELEASED, throttle->desc.threshold_ms);
}

void throttle_update(Throttle *throttle, const ThrottleSample *sample)
{
    assert(sample->dt_s >= 0.0);
    double mark_ms = 0.0;
    ThrottleReason reason = judge(throttle, sample, &mark_ms);
    if (throttle->desc.disabled)
        reason = THROTTLE_REASON_NONE;
    // Every frame enters the window, so a machine that is slower for good becomes the new normal and is released.
    throttle->frames_ms[throttle->frame_next] = (float)sample->frame_ms;
    throttle->frame_next = (throttle->frame_next + 1) % THROTTLE_WINDOW;
    if (throttle->frame_count < THROTTLE_WINDOW)
        throttle->frame_count++;
    throttle->engaged_ticks += throttle->engaged;
    if (reason != THROTTLE_REASON_NONE) {
        over_mark(throttle, sample, reason, mark_ms);
    } else if (throttle->engaged) {
        throttle->calm_s += sample->dt_s;
        if (throttle->calm_s >= CALM_S - sample->dt_s * 0.5)
            release(throttle, sample);
    }
    if (!sample->view_complete)
        throttle->byte_budget = THROTTLE_COLD_BYTES;
    else if (!throttle->engaged)
        throttle->byte_budget = throttle->desc.bytes_max;
    else if (throttle->byte_budget > throttle->desc.bytes_max)
        halve_from(throttle, throttle->desc.bytes_max);
}

const char *throttle_reason_name(ThrottleReason reason)
{
    static const char *const names[THROTTLE_REASON_COUNT] = {"none", "busy", "frame", "released"};
    return reason < THROTTLE_REASON_COUNT ? names[reason] : "unknown";
}
