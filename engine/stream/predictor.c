#include "stream/predictor.h"

#include <assert.h>
#include <math.h>

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

void predictor_update(Predictor *predictor, const double position_m[3], double dt_s,
                      double time_scale, double latency_p95_s)
{
    assert(dt_s > 0.0 && time_scale > 0.0);
    double measured[3], speed2 = 0.0;
    for (int i = 0; i < 3; i++) {
        measured[i] = (position_m[i] - predictor->position_m[i]) / dt_s;
        speed2 += measured[i] * measured[i];
    }
    predictor->teleported =
        predictor->started && speed2 > PREDICTOR_SPEED_MAX_M_S * PREDICTOR_SPEED_MAX_M_S;
    predictor->teleport_count += predictor->teleported;
    bool still = !predictor->started || predictor->teleported;
    // One step of exact exponential smoothing: the same after 1 x 0.1 s as after 10 x 0.01 s.
    double keep = exp(-dt_s / PREDICTOR_SMOOTH_S);
    for (int i = 0; i < 3; i++) {
        predictor->velocity_m_s[i] =
            still ? 0.0 : predictor->velocity_m_s[i] * keep + measured[i] * (1.0 - keep);
        predictor->position_m[i] = position_m[i];
    }
    predictor->started = true;
    double real_s = latency_p95_s > 0.0
                        ? clamp(2.0 * latency_p95_s, PREDICTOR_LEAD_MIN_S, PREDICTOR_LEAD_MAX_S)
                        : PREDICTOR_LEAD_START_S;
    double speed_m_s = predictor_speed_m_s(predictor);
    predictor->lead_s = fmin(real_s * time_scale, PREDICTOR_REACH_M / fmax(speed_m_s, 1.0));
}

void predictor_eye(const Predictor *predictor, double out_m[3])
{
    for (int i = 0; i < 3; i++)
        out_m[i] = predictor->position_m[i] + predictor->velocity_m_s[i] * predictor->lead_s;
}

double predictor_speed_m_s(const Predictor *predictor)
{
    const double *v = predictor->velocity_m_s;
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}
