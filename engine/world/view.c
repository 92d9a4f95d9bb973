#include "world/view.h"
#include <assert.h>
#include <math.h>

#define ANCHOR_M 256

// Right, up and forward of the camera in world axes.
typedef struct Axes {
    vec3 right, up, forward;
} Axes;

static Axes axes_of(const View *view)
{
    float sin_yaw = sinf(view->yaw_rad), cos_yaw = cosf(view->yaw_rad);
    float sin_pitch = sinf(view->pitch_rad), cos_pitch = cosf(view->pitch_rad);
    return (Axes){.right = {cos_yaw, 0.0f, sin_yaw},
                  .up = {-sin_yaw * sin_pitch, cos_pitch, cos_yaw * sin_pitch},
                  .forward = {sin_yaw * cos_pitch, sin_pitch, -cos_yaw * cos_pitch}};
}

// Eye axes look along -z, as GL expects.
static void fill_rotation(const Axes *axes, mat4 out)
{
    glm_mat4_identity(out);
    for (int column = 0; column < 3; ++column) {
        out[column][0] = axes->right[column];
        out[column][1] = axes->up[column];
        out[column][2] = -axes->forward[column];
    }
}

// Depth is near / distance: 1 at the near plane, 0 at infinity, where floats are finest (Upchurch and Desbrun,
// "Tightening the Precision of Perspective Rendering", 2012).
static void fill_projection(const View *view, mat4 out)
{
    float scale = 1.0f / tanf(0.5f * view->fov_y_rad);
    glm_mat4_zero(out);
    out[0][0] = scale / view->aspect;
    out[1][1] = scale;
    out[2][3] = -1.0f;
    out[3][2] = VIEW_NEAR_M;
}

// A plane through the eye: `side` * axis + slope * forward >= 0.
static void fill_side_plane(const vec3 axis, float side, const vec3 forward, float slope, vec4 out)
{
    float scale = 1.0f / sqrtf(1.0f + slope * slope);
    for (int i = 0; i < 3; ++i) {
        out[i] = (side * axis[i] + slope * forward[i]) * scale;
    }
    out[3] = 0.0f;
}

static void fill_planes(const View *view, const Axes *axes, vec4 out[5])
{
    float slope_y = tanf(0.5f * view->fov_y_rad), slope_x = slope_y * view->aspect;
    fill_side_plane(axes->right, 1.0f, axes->forward, slope_x, out[0]);
    fill_side_plane(axes->right, -1.0f, axes->forward, slope_x, out[1]);
    fill_side_plane(axes->up, 1.0f, axes->forward, slope_y, out[2]);
    fill_side_plane(axes->up, -1.0f, axes->forward, slope_y, out[3]);
    glm_vec4_copy((vec4){axes->forward[0], axes->forward[1], axes->forward[2], -VIEW_NEAR_M},
                  out[4]);
}

// Largest multiple of 256 m not above `value_m`.
static int64_t anchor_below_m(double value_m)
{
    assert(fabs(value_m) < 0x1p53);
    return (int64_t)floor(value_m / ANCHOR_M) * ANCHOR_M;
}

static float from_anchor_m(double value_m, int64_t anchor_m)
{
    // A float next to 256 may round up to it; the promise is [0, 256).
    return fminf((float)(value_m - (double)anchor_m), nextafterf(ANCHOR_M, 0.0f));
}

ViewFrame view_frame(const View *view)
{
    assert(view != NULL);
    assert(view->fov_y_rad > 0.0f && view->fov_y_rad < (float)M_PI);
    assert(view->aspect > 0.0f && isfinite(view->aspect));
    assert(isfinite(view->yaw_rad) && isfinite(view->pitch_rad) && isfinite(view->eye_world[1]));
    ViewFrame frame = {.view = *view,
                       .anchor_x_m = anchor_below_m(view->eye_world[0]),
                       .anchor_z_m = anchor_below_m(view->eye_world[2])};
    frame.eye_anchor[0] = from_anchor_m(view->eye_world[0], frame.anchor_x_m);
    frame.eye_anchor[1] = (float)view->eye_world[1];
    frame.eye_anchor[2] = from_anchor_m(view->eye_world[2], frame.anchor_z_m);
    Axes axes = axes_of(view);
    fill_rotation(&axes, frame.rotation);
    fill_projection(view, frame.projection);
    glm_mat4_mul(frame.projection, frame.rotation, frame.view_projection);
    fill_planes(view, &axes, frame.planes);
    return frame;
}

// Signed distance from a plane of the box's corner farthest along the plane's normal.
static float farthest_corner(const vec4 plane, const vec3 low_eye, const vec3 high_eye)
{
    float inside = plane[3];
    for (int axis = 0; axis < 3; ++axis)
        inside += plane[axis] * (plane[axis] > 0.0f ? high_eye[axis] : low_eye[axis]);
    return inside;
}

bool view_box_visible(const ViewFrame *frame, const vec3 low_eye, const vec3 high_eye)
{
    assert(frame != NULL);
    assert(low_eye[0] <= high_eye[0] && low_eye[1] <= high_eye[1] && low_eye[2] <= high_eye[2]);
    for (int i = 0; i < 5; ++i)
        if (farthest_corner(frame->planes[i], low_eye, high_eye) < 0.0f)
            return false;
    return true;
}

bool view_box_inside(const ViewFrame *frame, const vec3 low_eye, const vec3 high_eye)
{
    assert(frame != NULL);
    for (int i = 0; i < 5; ++i)
        if (farthest_corner(frame->planes[i], high_eye, low_eye) < 0.0f)
            return false;
    return true;
}

void view_forward(const View *view, vec3 out)
{
    assert(view != NULL);
    Axes axes = axes_of(view);
    glm_vec3_copy(axes.forward, out);
}
