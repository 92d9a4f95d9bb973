// Purpose: the ten scripted flights of tests, benchmarks and soaks: where one is as a function of (world, seed, tick).
// Owns: nothing; a Flight is a value that is stepped.
// Threads: the main thread.
// Fails: flight_find returns a negative number for an unknown name.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define FLIGHT_TICK_S (1.0 / 60.0)

#define FLIGHT_LIST(X)                                                                             \
    X(FLIGHT_WALK, "walk")                                                                         \
    X(FLIGHT_CRUISE, "cruise")                                                                     \
    X(FLIGHT_JET, "jet")                                                                           \
    X(FLIGHT_ORBIT, "orbit")                                                                       \
    X(FLIGHT_SPIN, "spin")                                                                         \
    X(FLIGHT_UTURN, "uturn")                                                                       \
    X(FLIGHT_DIVE, "dive")                                                                         \
    X(FLIGHT_PINGPONG, "pingpong")                                                                 \
    X(FLIGHT_TELEPORT, "teleport")                                                                 \
    X(FLIGHT_SHOCK, "shock")

typedef enum FlightPath {
#define FLIGHT_ENUM(name, text) name,
    FLIGHT_LIST(FLIGHT_ENUM)
#undef FLIGHT_ENUM
        FLIGHT_COUNT
} FlightPath;

// Height of the ground in metres under a point.
typedef float FlightGround(void *object, double x_m, double z_m);

typedef struct Flight {
    FlightPath path;
    uint64_t seed;
    uint64_t tick;
    double start_m[3]; // x, y above ground, z
    double position_m[3];
    float yaw_rad, pitch_rad;
    double heading_rad;  // of walk
    bool teleported;     // this tick jumped
    bool block_workers;  // shock: all workers are blocked during this tick
    double main_burn_ms; // shock: the main thread burns this long in this tick
    FlightGround *ground;
    void *ground_object;
} Flight;

const char *flight_name(FlightPath path);
int flight_find(const char *name);
// Default number of ticks: 1,024; 2,048 for dive.
uint64_t flight_ticks_default(FlightPath path);
// Starts at (x, z) (the world's start), tick 0 in position.
void flight_start(Flight *flight, FlightPath path, uint64_t seed, const double start_xz_m[2],
                  FlightGround *ground, void *ground_object);
// Steps to the next tick.
void flight_step(Flight *flight);
