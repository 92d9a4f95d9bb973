// Purpose: where one looks from: camera, anchor, projection and frustum.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include <cglm/cglm.h>
#include <stdbool.h>
#include <stdint.h>

#define VIEW_FOV_Y_RAD 1.0471976f // 60 degrees
#define VIEW_NEAR_M 0.3f

// Camera: x east, y up, z south, metres; yaw 0 looks north (-z), grows clockwise; pitch up positive.
typedef struct View {
    double eye_world[3];
    float yaw_rad;
    float pitch_rad;
    float fov_y_rad;
    float aspect; // width / height
    float agl_m;  // height above ground
} View;

#define VIEW_EARTH_RADIUS_M 6371000.0f // mean; the ground drops by distance^2 / (2 * this)

// Everything of a frame that culling and shaders use; positions are relative to the anchor.
typedef struct ViewFrame {
    View view;
    int64_t anchor_x_m, anchor_z_m; // eye snapped down to 256 m
    float eye_anchor[3];            // eye relative to (anchor_x, 0, anchor_z); x and z in [0, 256)
    mat4 rotation;                  // world axes -> eye axes
    mat4 projection;                // infinite far; reversed-Z in [0, 1]
    mat4 view_projection;           // projection * rotation, for eye-relative positions
    vec4 planes[5];                 // left, right, bottom, top, near; inside is >= 0; eye-relative
} ViewFrame;

ViewFrame view_frame(const View *view);

// False when the eye-relative box lies wholly outside one plane.
bool view_box_visible(const ViewFrame *frame, const vec3 low_eye, const vec3 high_eye);
// True when it lies wholly inside all of them.
bool view_box_inside(const ViewFrame *frame, const vec3 low_eye, const vec3 high_eye);

// Unit vector of the look direction in world axes.
void view_forward(const View *view, vec3 out);
