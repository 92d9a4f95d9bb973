// Purpose: narrows speculative work and uploads when the main thread's measured frame suffers; gives both back.
// Owns: its window of frame times, inline.
// Threads: the main thread.
// Fails: never.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define THROTTLE_WINDOW 120 // ticks of the 2-second median
#define THROTTLE_LOG_MAX 16

typedef enum ThrottleReason {
    THROTTLE_REASON_NONE,
    THROTTLE_REASON_BUSY,     // main thread busy outside drawing over the threshold
    THROTTLE_REASON_FRAME,    // frame over 1.5 x its own median while streaming is in flight
    THROTTLE_REASON_RELEASED, // a second under the mark
    THROTTLE_REASON_COUNT
} ThrottleReason;

typedef struct ThrottleDesc {
    double threshold_ms; // 0: 10
    int loads_max;       // 0: 8 speculative jobs in flight
    int loads_throttled; // 0: 2
    uint64_t bytes_max;  // 0: 1 MiB of uploads a frame
    uint64_t bytes_min;  // 0: 64 KiB
    bool disabled;       // ablation: never engages
} ThrottleDesc;

// What one tick measured.
typedef struct ThrottleSample {
    uint64_t tick;
    double busy_ms;  // work - gl_wait - submit - present
    double frame_ms; // wall time of the tick without the sleep for pace
    bool streaming_in_flight;
    bool demand_waits; // chunks of the view square wait: no speculative job starts at all
    bool view_complete;
    double dt_s;
} ThrottleSample;

typedef struct ThrottleEvent {
    uint64_t tick;
    ThrottleReason reason;
    double value_ms, mark_ms;
} ThrottleEvent;

typedef struct Throttle {
    ThrottleDesc desc;
    float frames_ms[THROTTLE_WINDOW];
    int frame_count, frame_next;
    bool engaged;
    double calm_s;        // time under the mark since it engaged
    int loads;            // speculative jobs allowed in flight
    uint64_t byte_budget; // 4 MiB until the view is complete
    uint64_t engaged_count, engaged_ticks;
    uint64_t reason_counts[THROTTLE_REASON_COUNT];
    double released_ms_max; // longest time from the last sample over the mark until released
    ThrottleEvent log[THROTTLE_LOG_MAX];
    uint32_t log_count; // events so far; the last THROTTLE_LOG_MAX are kept
} Throttle;

#define THROTTLE_COLD_BYTES (4u * 1024u * 1024u)

void throttle_start(Throttle *throttle, const ThrottleDesc *desc);
void throttle_update(Throttle *throttle, const ThrottleSample *sample);
const char *throttle_reason_name(ThrottleReason reason);
