// Purpose: where the eye will be: smoothed velocity and a lead time from measured chunk latency.
// Owns: nothing; a plain value.
// Threads: the main thread.
// Fails: never.
#pragma once
#include <stdbool.h>

#define PREDICTOR_SMOOTH_S 0.25
#define PREDICTOR_LEAD_MIN_S 0.5
#define PREDICTOR_LEAD_MAX_S 4.0
#define PREDICTOR_REACH_M 8000.0   // and never farther ahead than this: more would not find room
#define PREDICTOR_LEAD_START_S 2.0 // until a latency was measured
// Faster than the fastest camera, which climbs while it flies at 1,000 m/s with a boost of 4: a teleport.
#define PREDICTOR_SPEED_MAX_M_S 5000.0

typedef struct Predictor {
    double position_m[3];
    double velocity_m_s[3]; // smoothed
    double lead_s;          // of the eye's clock
    bool started;
    bool teleported; // in the last update
    unsigned long teleport_count;
} Predictor;

// Feeds one position. `dt_s` > 0 is the virtual time since the last update, `time_scale` > 0 how many such seconds pass
// in a real one: chunks take real time to come. `latency_p95_s`, real, <= 0: not yet measured.
void predictor_update(Predictor *predictor, const double position_m[3], double dt_s,
                      double time_scale, double latency_p95_s);
// Position after `lead_s` at the smoothed velocity.
void predictor_eye(const Predictor *predictor, double out_m[3]);
double predictor_speed_m_s(const Predictor *predictor);
