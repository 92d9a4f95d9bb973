#include "fly_camera.h"
#include <assert.h>
#include <math.h>

#define TAU 6.283185307179586
#define EASE_PER_S 5.0     // velocity covers 63 % of a change in 0.2 s
#define FOLLOW_PER_S 4.0   // height does so in 0.25 s while following the ground
#define FOLLOW_AHEAD_S 0.3 // ground that the follower already rises for
#define LIFT_PER_S 3.0     // a lifted eye is 95 % back in a second
#define LIFT_LEAST_M 0.01
#define COARSE_ERROR 0.1      // of a coarse mesh's spacing: its vertices are not quite the ground
#define COARSE_ERROR_MAX_M 10 // coarsest of all, at the very start
#define STEEPEST 5.0          // no mesh stands higher over the ground, in squares

static double clamp(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

FlyCamera fly_camera_make(double x_m, double agl_m, double z_m, FlightGround *ground, void *object)
{
    assert(ground);
    double x = clamp(x_m, -FLY_CAMERA_COORD_MAX_M, FLY_CAMERA_COORD_MAX_M);
    double z = clamp(z_m, -FLY_CAMERA_COORD_MAX_M, FLY_CAMERA_COORD_MAX_M);
    double height = (double)ground(object, x, z) + fmax(agl_m, FLY_CAMERA_GROUND_M);
    return (FlyCamera){.position_m = {x, height, z}, .speed_m_s = 100, .follow_agl_m = agl_m};
}

static void look(FlyCamera *camera, const FlyControls *controls)
{
    camera->yaw_rad = fmod(camera->yaw_rad + controls->turn_rad, TAU);
    if (camera->yaw_rad < 0)
        camera->yaw_rad += TAU;
    camera->pitch_rad = clamp(camera->pitch_rad + controls->tilt_rad, -FLY_CAMERA_PITCH_MAX_RAD,
                              FLY_CAMERA_PITCH_MAX_RAD);
}

// Velocity that the controls ask for. Forward goes where one looks; while following, it stays level.
static void wanted_velocity(const FlyCamera *camera, const FlyControls *controls, double out[3])
{
    double tilt = camera->follow ? 0 : camera->pitch_rad;
    double sin_yaw = sin(camera->yaw_rad), cos_yaw = cos(camera->yaw_rad);
    double ahead = controls->forward * cos(tilt);
    double wish[3] = {
        ahead * sin_yaw + controls->right * cos_yaw,
        controls->forward * sin(tilt) + controls->up,
        -ahead * cos_yaw + controls->right * sin_yaw,
    };
    double length = sqrt(wish[0] * wish[0] + wish[1] * wish[1] + wish[2] * wish[2]);
    double speed = camera->speed_m_s * (controls->boost ? FLY_CAMERA_BOOST : 1) /
                   (controls->slow ? FLY_CAMERA_BOOST : 1);
    for (int i = 0; i < 3; i++)
        out[i] = wish[i] * speed / fmax(length, 1);
}

// Moves one axis under v' = (wanted - v) * EASE_PER_S, solved exactly: frame rate does not matter.
static double ease_axis(double *velocity, double wanted, double dt_s)
{
    double left = exp(-EASE_PER_S * dt_s);
    double lag = *velocity - wanted;
    *velocity = wanted + lag * left;
    return wanted * dt_s + lag * (1 - left) / EASE_PER_S;
}

static void follow_ground(FlyCamera *camera, double climb_m, double dt_s, FlightGround *ground,
                          void *object)
{
    double x = camera->position_m[0], z = camera->position_m[2];
    double here = (double)ground(object, x, z);
    double ahead = (double)ground(object, x + camera->velocity_m_s[0] * FOLLOW_AHEAD_S,
                                  z + camera->velocity_m_s[2] * FOLLOW_AHEAD_S);
    camera->follow_agl_m =
        clamp(camera->follow_agl_m + climb_m, FLY_CAMERA_GROUND_M, FLY_CAMERA_CEILING_M);
    double goal = fmax(here, ahead) + camera->follow_agl_m;
    double height = camera->position_m[1];
    camera->position_m[1] = goal + (height - goal) * exp(-FOLLOW_PER_S * dt_s);
}

// Height at (x, z) of a mesh over the ground, whose squares are cut from north-west to south-east.
static double mesh_height_m(double cell_m, double x_m, double z_m, FlightGround *ground,
                            void *object)
{
    double west = floor(x_m / cell_m) * cell_m, north = floor(z_m / cell_m) * cell_m;
    double u = (x_m - west) / cell_m, v = (z_m - north) / cell_m;
    double nw = (double)ground(object, west, north);
    double ne = (double)ground(object, west + cell_m, north);
    double sw = (double)ground(object, west, north + cell_m);
    double se = (double)ground(object, west + cell_m, north + cell_m);
    return u > v ? nw + (ne - nw) * u + (se - ne) * v : nw + (se - sw) * u + (sw - nw) * v;
}

static void keep_inside(FlyCamera *camera, FlightGround *ground, void *object)
{
    for (int i = 0; i < 3; i += 2) {
        double inside =
            clamp(camera->position_m[i], -FLY_CAMERA_COORD_MAX_M, FLY_CAMERA_COORD_MAX_M);
        if (inside != camera->position_m[i])
            camera->velocity_m_s[i] = 0;
        camera->position_m[i] = inside;
    }
    double x_m = camera->position_m[0], z_m = camera->position_m[2];
    double floor_m = (double)ground(object, x_m, z_m) + FLY_CAMERA_GROUND_M;
    if (camera->mesh_m > 0) {
        double shown_m = mesh_height_m(camera->mesh_m, x_m, z_m, ground, object);
        floor_m = fmax(floor_m, shown_m + FLY_CAMERA_GROUND_M);
    }
    double height = fmax(fmin(camera->position_m[1], FLY_CAMERA_CEILING_M), floor_m);
    if (height > camera->position_m[1])
        camera->velocity_m_s[1] = fmax(camera->velocity_m_s[1], 0);
    if (height < camera->position_m[1])
        camera->velocity_m_s[1] = fmin(camera->velocity_m_s[1], 0);
    camera->position_m[1] = height;
}

static void step(FlyCamera *camera, const FlyControls *controls, double dt_s, FlightGround *ground,
                 void *object)
{
    double wanted[3], moved[3];
    wanted_velocity(camera, controls, wanted);
    for (int i = 0; i < 3; i++)
        moved[i] = ease_axis(&camera->velocity_m_s[i], wanted[i], dt_s);
    camera->position_m[0] += moved[0];
    camera->position_m[2] += moved[2];
    if (camera->follow)
        follow_ground(camera, moved[1], dt_s, ground, object);
    else
        camera->position_m[1] += moved[1];
    keep_inside(camera, ground, object);
}

void fly_camera_step(FlyCamera *camera, const FlyControls *controls, double dt_s,
                     FlightGround *ground, void *object)
{
    assert(camera && controls && ground);
    assert(dt_s >= 0);
    look(camera, controls);
    camera->speed_m_s = clamp(camera->speed_m_s * pow(FLY_CAMERA_SPEED_STEP, controls->speed_steps),
                              FLY_CAMERA_SPEED_MIN_M_S, FLY_CAMERA_SPEED_MAX_M_S);
    int steps = (int)ceil(dt_s / FLY_CAMERA_STEP_MAX_S);
    for (int i = 0; i < steps; i++)
        step(camera, controls, dt_s / steps, ground, object);
}

void fly_camera_lift(FlyCamera *camera, const float range_m[LOD_COUNT], double dt_s,
                     FlightGround *ground, void *object)
{
    assert(camera && range_m && ground && dt_s >= 0);
    const double *eye = camera->position_m;
    // What is drawn goes by the lifted eye.
    double agl_m = eye[1] + camera->lift_m - (double)ground(object, eye[0], eye[2]);
    double finest_m = (double)lod_spacing_m(0);
    double wider = camera->mesh_m > 0 ? camera->mesh_m / finest_m : 1, lift = 0;
    // While a level morphs, its mesh lies between itself and the next.
    for (int lod = 0; lod < LOD_COUNT - 1; lod++) {
        if (agl_m < (double)(LOD_MORPH_START * range_m[lod]))
            break;
        double cell_m = (double)lod_spacing_m(lod + 1) * wider;
        if (agl_m >= (double)range_m[lod + 1] || agl_m > STEEPEST * cell_m)
            continue;
        double error_m = fmin(COARSE_ERROR * cell_m, COARSE_ERROR_MAX_M);
        double shown_m = mesh_height_m(cell_m, eye[0], eye[2], ground, object) + error_m;
        lift = fmax(lift, shown_m + FLY_CAMERA_GROUND_M - eye[1]);
    }
    camera->lift_m = fmax(lift, camera->lift_m * exp(-LIFT_PER_S * dt_s));
    if (camera->lift_m < LIFT_LEAST_M)
        camera->lift_m = 0;
}

void fly_camera_set_follow(FlyCamera *camera, bool follow, FlightGround *ground, void *object)
{
    assert(camera && ground);
    camera->follow = follow;
    double under = (double)ground(object, camera->position_m[0], camera->position_m[2]);
    camera->follow_agl_m = fmax(camera->position_m[1] - under, FLY_CAMERA_GROUND_M);
}

View fly_camera_view(const FlyCamera *camera, double fov_y_rad, double aspect, double agl_m)
{
    assert(camera && fov_y_rad > 0 && aspect > 0);
    return (View){
        .eye_world = {camera->position_m[0], camera->position_m[1] + camera->lift_m,
                      camera->position_m[2]},
        .yaw_rad = (float)camera->yaw_rad,
        .pitch_rad = (float)camera->pitch_rad,
        .fov_y_rad = (float)fov_y_rad,
        .aspect = (float)aspect,
        .agl_m = (float)agl_m,
    };
}

double fly_camera_heading_deg(const FlyCamera *camera)
{
    double heading = fmod(camera->yaw_rad * (360.0 / TAU), 360.0);
    return heading < 0 ? heading + 360.0 : heading;
}
