// Purpose: the free-flying camera: smooth, roll-free, never under the ground; optionally at a fixed height above it.
// Owns: nothing; a FlyCamera is a value, stepped by pure functions.
// Threads: any.
// Fails: never; positions and speeds are clamped to the ranges below.
#pragma once
#include "stream/flight.h"
#include "world/lod.h"
#include "world/view.h"
#include <stdbool.h>

#define FLY_CAMERA_SPEED_MIN_M_S 1.4 // walking pace
#define FLY_CAMERA_SPEED_MAX_M_S 1000.0
#define FLY_CAMERA_SPEED_STEP 1.25         // factor of one wheel click
#define FLY_CAMERA_BOOST 4.0               // factor of boost; slow divides by it
#define FLY_CAMERA_GROUND_M 2.0            // least height above ground
#define FLY_CAMERA_CEILING_M 30000.0       // greatest height above sea
#define FLY_CAMERA_COORD_MAX_M 1e12        // a double still holds 0.2 mm there
#define FLY_CAMERA_PITCH_MAX_RAD 1.5533430 // 89 degrees: straight up has no heading
#define FLY_CAMERA_STEP_MAX_S 0.1 // a longer frame is flown in equal parts: hills lie between

// What a person asks for during one frame.
typedef struct FlyControls {
    double forward, right, up; // -1 to 1
    double turn_rad, tilt_rad; // change of look; tilt up is positive
    double speed_steps;        // wheel clicks
    bool boost, slow;
} FlyControls;

typedef struct FlyCamera {
    double position_m[3];
    double velocity_m_s[3];
    double yaw_rad, pitch_rad;
    double speed_m_s; // cruising speed at full deflection
    bool follow;      // keeps follow_agl_m above the ground
    double follow_agl_m;
    double
        mesh_m; // spacing of the mesh that shows the ground beside the eye; 0: it shows it as it is
    double lift_m; // of the eye alone, over coarser land that is drawn while the right one is late
} FlyCamera;

// Stands still at (x, z), `agl_m` above the ground.
FlyCamera fly_camera_make(double x_m, double agl_m, double z_m, FlightGround *ground, void *object);

// Moves by `dt_s` of virtual time; 0 only turns the look. The same flight at any frame rate, within what the
// ground's sampling allows.
void fly_camera_step(FlyCamera *camera, const FlyControls *controls, double dt_s,
                     FlightGround *ground, void *object);

// Lifts the eye over the land as it is drawn where levels reach so far (FrameStats.range_m): at once when finer land is
// late, and gently down again. The position stays where it was flown to.
void fly_camera_lift(FlyCamera *camera, const float range_m[LOD_COUNT], double dt_s,
                     FlightGround *ground, void *object);

void fly_camera_set_follow(FlyCamera *camera, bool follow, FlightGround *ground, void *object);

View fly_camera_view(const FlyCamera *camera, double fov_y_rad, double aspect, double agl_m);

// Compass heading in degrees, 0 to 360, 0 is north.
double fly_camera_heading_deg(const FlyCamera *camera);
