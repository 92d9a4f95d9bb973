#include "stream/flight.h"

#include "base/rng.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846
#define CLEARANCE_M 2.0 // never closer to the ground

// Streams of random numbers.
enum { STREAM_MOVE = 1, STREAM_TURN, STREAM_HEADING, STREAM_JUMP_X, STREAM_JUMP_Y, STREAM_JUMP_Z };

const char *flight_name(FlightPath path)
{
    static const char *const names[FLIGHT_COUNT] = {
#define FLIGHT_TEXT(name, text) [name] = text,
        FLIGHT_LIST(FLIGHT_TEXT)
#undef FLIGHT_TEXT
    };
    return path < FLIGHT_COUNT ? names[path] : "unknown";
}

int flight_find(const char *name)
{
    for (int i = 0; i < FLIGHT_COUNT; i++)
        if (strcmp(name, flight_name((FlightPath)i)) == 0)
            return i;
    return -1;
}

uint64_t flight_ticks_default(FlightPath path)
{
    return path == FLIGHT_DIVE ? 2048 : 1024;
}

// Sea is ground too: nobody flies under water.
static double ground_m(const Flight *flight, double x_m, double z_m)
{
    return fmax((double)flight->ground(flight->ground_object, x_m, z_m), 0.0);
}

static void keep_clear(Flight *flight)
{
    double low_m = ground_m(flight, flight->position_m[0], flight->position_m[2]) + CLEARANCE_M;
    if (flight->position_m[1] < low_m)
        flight->position_m[1] = low_m;
}

// Moves along the heading and follows the ground at `agl_m` smoothly, climbing early for what lies ahead.
static void cruise(Flight *flight, double speed_m_s, double agl_m)
{
    double step_m = speed_m_s * FLIGHT_TICK_S;
    double *p = flight->position_m;
    double east = sin(flight->heading_rad), south = -cos(flight->heading_rad);
    p[0] += east * step_m;
    p[2] += south * step_m;
    double high_m = ground_m(flight, p[0], p[2]);
    for (int ahead = 1; ahead <= 3; ahead++) {
        double reach_m = speed_m_s * 0.7 * ahead;
        high_m = fmax(high_m, ground_m(flight, p[0] + east * reach_m, p[2] + south * reach_m));
    }
    double keep = exp(-FLIGHT_TICK_S / 0.7);
    p[1] = flight->tick == 1 ? high_m + agl_m : p[1] * keep + (high_m + agl_m) * (1.0 - keep);
    flight->yaw_rad = (float)flight->heading_rad;
    flight->pitch_rad = -0.15f;
    keep_clear(flight);
}

// The walk of the first ancestor: short steps, new headings, and a jump in every twentieth tick.
static void walk(Flight *flight)
{
    double *p = flight->position_m;
    float move = rng_unit(flight->seed, STREAM_MOVE, flight->tick);
    if (rng_unit(flight->seed, STREAM_TURN, flight->tick) < 0.1f)
        flight->heading_rad =
            (double)rng_range(flight->seed, STREAM_HEADING, flight->tick, 0.0f, (float)(2.0 * PI));
    if (move >= 0.95f) {
        p[0] += (double)rng_range(flight->seed, STREAM_JUMP_X, flight->tick, -500.0f, 500.0f);
        p[1] += (double)rng_range(flight->seed, STREAM_JUMP_Y, flight->tick, -500.0f, 500.0f);
        p[2] += (double)rng_range(flight->seed, STREAM_JUMP_Z, flight->tick, -500.0f, 500.0f);
        flight->teleported = true;
    } else {
        double step_m = (move < 0.70f ? 5.0 : 15.0) * FLIGHT_TICK_S;
        p[0] += sin(flight->heading_rad) * step_m;
        p[2] -= cos(flight->heading_rad) * step_m;
    }
    flight->yaw_rad = (float)flight->heading_rad;
    keep_clear(flight);
}

static void orbit(Flight *flight, double radius_m, double speed_m_s, double agl_m)
{
    double angle = speed_m_s / radius_m * (double)flight->tick * FLIGHT_TICK_S;
    double x_m = flight->start_m[0] + radius_m * sin(angle);
    double z_m = flight->start_m[2] - radius_m * cos(angle);
    double keep = exp(-FLIGHT_TICK_S / 0.7);
    double target_m = ground_m(flight, x_m, z_m) + agl_m;
    double *p = flight->position_m;
    p[1] = flight->tick == 1 ? target_m : p[1] * keep + target_m * (1.0 - keep);
    p[0] = x_m;
    p[2] = z_m;
    flight->yaw_rad = (float)fmod(angle + PI, 2.0 * PI);
    flight->pitch_rad = -0.3f;
    keep_clear(flight);
}

static void spin(Flight *flight)
{
    double angle = PI * (double)flight->tick * FLIGHT_TICK_S;
    flight->yaw_rad = (float)fmod(angle, 2.0 * PI);
    flight->pitch_rad = -0.1f;
    keep_clear(flight);
}

// Straight on, and in the last 2 s of every 10 s half a turn.
static void uturn(Flight *flight)
{
    double phase_s = fmod((double)flight->tick * FLIGHT_TICK_S, 10.0);
    if (phase_s >= 8.0)
        flight->heading_rad += PI / 2.0 * FLIGHT_TICK_S;
    cruise(flight, 200.0, 300.0);
}

// Down from 6,000 m to 30 m at 400 m/s on a slope of 45 degrees, and up again.
static void dive(Flight *flight)
{
    double *p = flight->position_m;
    double leg_m = 400.0 * FLIGHT_TICK_S * sqrt(0.5);
    double travel_m = (6000.0 - 30.0) * 2.0;
    double along_m = fmod(leg_m * (double)flight->tick, travel_m);
    double agl_m = along_m < travel_m / 2.0 ? 6000.0 - along_m : 30.0 + along_m - travel_m / 2.0;
    p[0] += sin(flight->heading_rad) * leg_m;
    p[2] -= cos(flight->heading_rad) * leg_m;
    // High up the ground below is taken as it was at the start, so that the path is as steep as it says.
    double near = fmin(1.0, fmax(0.0, (agl_m - 30.0) / 2000.0));
    double high_m = ground_m(flight, p[0], p[2]);
    for (int ahead = 1; ahead <= 2; ahead++)
        high_m = fmax(high_m, ground_m(flight, p[0] + sin(flight->heading_rad) * 200.0 * ahead,
                                       p[2] - cos(flight->heading_rad) * 200.0 * ahead));
    double keep = exp(-FLIGHT_TICK_S / 0.5);
    double base_m = fmax(flight->start_m[1], 0.0) * near + high_m * (1.0 - near);
    double target_m = fmax(base_m, high_m) + agl_m;
    p[1] = flight->tick == 1 ? target_m : p[1] * keep + target_m * (1.0 - keep);
    flight->yaw_rad = (float)flight->heading_rad;
    flight->pitch_rad = -0.6f;
    keep_clear(flight);
}

// To and fro across a chunk border (x = 0 of the start's chunk) and the end of L0 of what lies 512 m ahead.
static void pingpong(Flight *flight)
{
    double border_m = floor(flight->start_m[0] / 256.0) * 256.0;
    double phase = 2.0 * PI * (double)flight->tick * FLIGHT_TICK_S / 4.0;
    double *p = flight->position_m;
    p[0] = border_m + 150.0 * sin(phase);
    double target_m = ground_m(flight, p[0], p[2]) + 50.0;
    double keep = exp(-FLIGHT_TICK_S / 0.7);
    p[1] = flight->tick == 1 ? target_m : p[1] * keep + target_m * (1.0 - keep);
    flight->yaw_rad = (float)(PI / 2.0);
    keep_clear(flight);
}

static void teleport(Flight *flight)
{
    if (flight->tick % 300 != 0)
        return;
    double angle = 2.0 * PI * (double)rng_unit(flight->seed, STREAM_HEADING, flight->tick);
    double *p = flight->position_m;
    p[0] += 50000.0 * sin(angle);
    p[2] -= 50000.0 * cos(angle);
    p[1] = ground_m(flight, p[0], p[2]) + 300.0;
    flight->teleported = true;
    flight->yaw_rad = (float)angle;
    flight->pitch_rad = -0.1f;
}

// Cruise; the workers stand still for half a second at 4, 8, 12 s, the main thread burns 30 ms at 6 and 10 s.
static void shock(Flight *flight)
{
    cruise(flight, 100.0, 300.0);
    uint64_t tick = flight->tick, second = 60;
    flight->block_workers =
        tick >= 4 * second && tick < 13 * second && tick % (4 * second) < second / 2;
    flight->main_burn_ms = tick == 6 * second || tick == 10 * second ? 30.0 : 0.0;
}

void flight_start(Flight *flight, FlightPath path, uint64_t seed, const double start_xz_m[2],
                  FlightGround *ground, void *ground_object)
{
    assert(ground && path < FLIGHT_COUNT);
    *flight =
        (Flight){.path = path, .seed = seed, .ground = ground, .ground_object = ground_object};
    double x_m = start_xz_m[0], z_m = start_xz_m[1];
    static const double agl_m[FLIGHT_COUNT] = {
        [FLIGHT_CRUISE] = 300.0,  [FLIGHT_JET] = 200.0,      [FLIGHT_ORBIT] = 300.0,
        [FLIGHT_SPIN] = 100.0,    [FLIGHT_UTURN] = 300.0,    [FLIGHT_DIVE] = 6000.0,
        [FLIGHT_PINGPONG] = 50.0, [FLIGHT_TELEPORT] = 300.0, [FLIGHT_SHOCK] = 300.0,
    };
    double start_ground_m = ground_m(flight, x_m, z_m);
    flight->start_m[0] = x_m;
    flight->start_m[1] = start_ground_m;
    flight->start_m[2] = z_m;
    flight->position_m[0] = x_m;
    flight->position_m[1] = path == FLIGHT_WALK ? 50.0 : start_ground_m + agl_m[path];
    flight->position_m[2] = z_m;
    if (path == FLIGHT_ORBIT)
        flight->position_m[2] -= 1000.0;
    // A heading that is not along the grid.
    flight->heading_rad = 0.6;
    flight->yaw_rad = 0.6f;
    keep_clear(flight);
}

void flight_step(Flight *flight)
{
    flight->tick++;
    flight->teleported = flight->block_workers = false;
    flight->main_burn_ms = 0.0;
    switch (flight->path) {
    case FLIGHT_WALK:
        walk(flight);
        break;
    case FLIGHT_CRUISE:
        flight->heading_rad +=
            0.04 * sin((double)flight->tick * FLIGHT_TICK_S * 0.3) * FLIGHT_TICK_S;
        cruise(flight, 100.0, 300.0);
        break;
    case FLIGHT_JET:
        cruise(flight, 300.0, 200.0);
        break;
    case FLIGHT_ORBIT:
        orbit(flight, 1000.0, 100.0, 300.0);
        break;
    case FLIGHT_SPIN:
        spin(flight);
        break;
    case FLIGHT_UTURN:
        uturn(flight);
        break;
    case FLIGHT_DIVE:
        dive(flight);
        break;
    case FLIGHT_PINGPONG:
        pingpong(flight);
        break;
    case FLIGHT_TELEPORT:
        teleport(flight);
        break;
    case FLIGHT_SHOCK:
        shock(flight);
        break;
    default:
        assert(false);
    }
}
