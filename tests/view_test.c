// Camera, anchor, projection and frustum, against brute force.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "world/view.h"
#include <math.h>

static View random_view(uint64_t n)
{
    return (View){.eye_world = {(double)rng_range(2, 0, n, -1e7f, 1e7f) + 0.123,
                                (double)rng_range(2, 1, n, -100.0f, 9000.0f),
                                (double)rng_range(2, 2, n, -1e7f, 1e7f) + 0.456},
                  .yaw_rad = rng_range(2, 3, n, -7.0f, 7.0f),
                  .pitch_rad = rng_range(2, 4, n, -1.5f, 1.5f),
                  .fov_y_rad = rng_range(2, 5, n, 0.5f, 1.6f),
                  .aspect = rng_range(2, 6, n, 0.6f, 2.5f),
                  .agl_m = 2.0f};
}

static void project(const ViewFrame *frame, const vec3 point_eye, vec4 out)
{
    vec4 point = {point_eye[0], point_eye[1], point_eye[2], 1.0f};
    mat4 matrix;
    glm_mat4_copy((vec4 *)(uintptr_t)frame->view_projection, matrix);
    glm_mat4_mulv(matrix, point, out);
}

static void assert_near3(const vec3 a, float x, float y, float z)
{
    assert_true(fabsf(a[0] - x) + fabsf(a[1] - y) + fabsf(a[2] - z) < 1e-5f);
}

static void test_view_yaw_turns_clockwise_from_north_and_pitch_looks_up(void **state)
{
    (void)state;
    vec3 out;
    view_forward(&(View){.yaw_rad = 0.0f}, out);
    assert_near3(out, 0, 0, -1);
    view_forward(&(View){.yaw_rad = (float)M_PI_2}, out);
    assert_near3(out, 1, 0, 0);
    view_forward(&(View){.yaw_rad = (float)M_PI}, out);
    assert_near3(out, 0, 0, 1);
    view_forward(&(View){.pitch_rad = (float)M_PI_4}, out);
    assert_near3(out, 0, sqrtf(0.5f), -sqrtf(0.5f));
}

static void test_view_anchor_is_the_256_m_corner_below_the_eye(void **state)
{
    (void)state;
    const double points_m[] = {0.0,      255.99999999, -0.00000001, -256.0, 256.0,
                               1e7 + .5, -1e7 - .5,    1e12 + .25,  -1e12};
    for (size_t n = 0; n < sizeof points_m / sizeof points_m[0]; ++n) {
        View view = random_view(n);
        view.eye_world[0] = points_m[n];
        view.eye_world[2] = -points_m[n];
        ViewFrame frame = view_frame(&view);
        assert_int_equal(frame.anchor_x_m % 256, 0);
        assert_int_equal(frame.anchor_z_m % 256, 0);
        assert_true((double)frame.anchor_x_m <= view.eye_world[0]);
        assert_true((double)frame.anchor_x_m + 256.0 > view.eye_world[0]);
        assert_true((double)frame.anchor_z_m <= view.eye_world[2]);
        assert_true((double)frame.anchor_z_m + 256.0 > view.eye_world[2]);
        for (int axis = 0; axis < 3; axis += 2) {
            double anchor_m = (double)(axis == 0 ? frame.anchor_x_m : frame.anchor_z_m);
            assert_true(frame.eye_anchor[axis] >= 0.0f && frame.eye_anchor[axis] < 256.0f);
            assert_true(fabs(view.eye_world[axis] - anchor_m - (double)frame.eye_anchor[axis]) <
                        2e-5);
        }
        assert_true(frame.eye_anchor[1] == (float)view.eye_world[1]);
    }
}

static void test_view_depth_runs_from_one_at_the_near_plane_to_zero_far_away(void **state)
{
    (void)state;
    for (uint64_t n = 0; n < 200; ++n) {
        View view = random_view(n);
        ViewFrame frame = view_frame(&view);
        vec3 forward;
        view_forward(&view, forward);
        const float distances_m[] = {VIEW_NEAR_M, 1.0f, 100.0f, 65536.0f, 1e9f};
        float last = 2.0f;
        for (int i = 0; i < 5; ++i) {
            vec3 point;
            vec4 clip;
            glm_vec3_scale(forward, distances_m[i], point);
            project(&frame, point, clip);
            float depth = clip[2] / clip[3];
            assert_true(fabsf(clip[0] / clip[3]) < 1e-4f && fabsf(clip[1] / clip[3]) < 1e-4f);
            assert_true(fabsf(depth * distances_m[i] / VIEW_NEAR_M - 1.0f) < 1e-5f);
            assert_true(depth > 0.0f && depth < last);
            last = depth;
        }
    }
}

static void test_view_draws_east_to_the_right_and_up_to_the_top(void **state)
{
    (void)state;
    View view = {.fov_y_rad = (float)M_PI_2, .aspect = 2.0f}; // looks north
    ViewFrame frame = view_frame(&view);
    vec4 clip;
    project(&frame, (vec3){10.0f, 5.0f, -10.0f}, clip);
    assert_true(fabsf(clip[0] / clip[3] - 0.5f) < 1e-6f);
    assert_true(fabsf(clip[1] / clip[3] - 0.5f) < 1e-6f);
}

static void test_view_rotation_is_a_rotation(void **state)
{
    (void)state;
    for (uint64_t n = 0; n < 100; ++n) {
        View view = random_view(n);
        ViewFrame frame = view_frame(&view);
        mat4 transposed, product;
        glm_mat4_transpose_to(frame.rotation, transposed);
        glm_mat4_mul(frame.rotation, transposed, product);
        for (int i = 0; i < 16; ++i) {
            assert_true(fabsf(product[i / 4][i % 4] - (i % 5 == 0 ? 1.0f : 0.0f)) < 1e-5f);
        }
        assert_true(fabsf(glm_mat4_det(frame.rotation) - 1.0f) < 1e-5f);
    }
}

static void test_view_planes_agree_with_the_projection(void **state)
{
    (void)state;
    int inside_count = 0, checked = 0;
    for (uint64_t n = 0; n < 20000; ++n) {
        View view = random_view(n % 50);
        ViewFrame frame = view_frame(&view);
        float reach_m = n % 2 ? 3.0f : 3000.0f;
        vec3 point;
        for (uint64_t axis = 0; axis < 3; ++axis) {
            point[axis] = rng_range(3, axis, n, -reach_m, reach_m);
        }
        vec4 clip;
        project(&frame, point, clip);
        // Signed margins in the order of the planes; near: depth <= 1.
        const float margins[5] = {clip[3] + clip[0], clip[3] - clip[0], clip[3] + clip[1],
                                  clip[3] - clip[1], clip[3] - clip[2]};
        bool inside = true;
        for (int i = 0; i < 5; ++i) {
            const float *plane = frame.planes[i];
            float side = plane[0] * point[0] + plane[1] * point[1] + plane[2] * point[2] + plane[3];
            inside = inside && side >= 0.0f;
            if (fabsf(margins[i]) > 1e-5f * reach_m) {
                assert_int_equal(side >= 0.0f, margins[i] >= 0.0f);
                ++checked;
            }
            assert_true(fabsf(glm_vec3_norm((float *)(uintptr_t)plane) - 1.0f) < 1e-5f);
        }
        inside_count += inside;
    }
    assert_true(inside_count > 200 && checked > 90000);
}

// Whether any of 9^3 points of the box lies inside every plane.
static bool any_point_inside(const ViewFrame *frame, const vec3 low, const vec3 high)
{
    for (int n = 0; n < 9 * 9 * 9; ++n) {
        const float part[3] = {(float)(n % 9) / 8, (float)(n / 9 % 9) / 8, (float)(n / 81) / 8};
        bool inside = true;
        for (int i = 0; i < 5 && inside; ++i) {
            float side = frame->planes[i][3];
            for (int axis = 0; axis < 3; ++axis) {
                side +=
                    frame->planes[i][axis] * (low[axis] + (high[axis] - low[axis]) * part[axis]);
            }
            inside = side >= 1e-3f;
        }
        if (inside) {
            return true;
        }
    }
    return false;
}

static bool all_corners_inside(const ViewFrame *frame, const vec3 low, const vec3 high)
{
    for (int i = 0; i < 5 * 8; ++i) {
        float side = frame->planes[i / 8][3];
        for (int axis = 0; axis < 3; ++axis)
            side += frame->planes[i / 8][axis] * (i >> axis & 1 ? high[axis] : low[axis]);
        if (side < 0.0f)
            return false;
    }
    return true;
}

static bool outside_one_plane(const ViewFrame *frame, const vec3 low, const vec3 high)
{
    for (int i = 0; i < 5; ++i) {
        bool outside = true;
        for (int corner = 0; corner < 8 && outside; ++corner) {
            float side = frame->planes[i][3];
            for (int axis = 0; axis < 3; ++axis) {
                side += frame->planes[i][axis] * (corner >> axis & 1 ? high[axis] : low[axis]);
            }
            outside = side < 0.0f;
        }
        if (outside) {
            return true;
        }
    }
    return false;
}

static void test_view_box_is_culled_exactly_when_all_corners_are_outside_a_plane(void **state)
{
    (void)state;
    int visible_count = 0, culled_count = 0, inside_count = 0;
    for (uint64_t n = 0; n < 20000; ++n) {
        View view = random_view(n % 50);
        ViewFrame frame = view_frame(&view);
        vec3 low, high;
        for (uint64_t axis = 0; axis < 3; ++axis) {
            low[axis] = rng_range(4, axis, n, -2000.0f, 2000.0f);
            high[axis] = low[axis] + rng_range(4, 3 + axis, n, 0.0f, 600.0f);
        }
        bool visible = view_box_visible(&frame, low, high);
        assert_int_equal(visible, !outside_one_plane(&frame, low, high));
        if (!visible) {
            assert_false(any_point_inside(&frame, low, high));
        }
        bool inside = view_box_inside(&frame, low, high);
        assert_int_equal(inside, all_corners_inside(&frame, low, high));
        inside_count += inside;
        visible_count += visible;
        culled_count += !visible;
    }
    assert_true(visible_count > 1000 && culled_count > 1000 && inside_count > 200);
}

static void test_view_box_around_the_eye_is_visible_and_behind_it_is_not(void **state)
{
    (void)state;
    View view = {.fov_y_rad = VIEW_FOV_Y_RAD, .aspect = 16.0f / 9.0f}; // looks north
    ViewFrame frame = view_frame(&view);
    assert_true(view_box_visible(&frame, (vec3){-1, -1, -1}, (vec3){1, 1, 1}));
    assert_true(view_box_visible(&frame, (vec3){-1, -1, -9}, (vec3){1, 1, -8}));
    assert_false(view_box_visible(&frame, (vec3){-1, -1, 8}, (vec3){1, 1, 9}));
    assert_false(view_box_visible(&frame, (vec3){50, -1, -9}, (vec3){60, 1, -8}));
    assert_true(view_box_visible(&frame, (vec3){-1e5f, -10, -1e7f}, (vec3){1e5f, 0, -9e6f}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_yaw_turns_clockwise_from_north_and_pitch_looks_up),
        cmocka_unit_test(test_view_anchor_is_the_256_m_corner_below_the_eye),
        cmocka_unit_test(test_view_depth_runs_from_one_at_the_near_plane_to_zero_far_away),
        cmocka_unit_test(test_view_draws_east_to_the_right_and_up_to_the_top),
        cmocka_unit_test(test_view_rotation_is_a_rotation),
        cmocka_unit_test(test_view_planes_agree_with_the_projection),
        cmocka_unit_test(test_view_box_is_culled_exactly_when_all_corners_are_outside_a_plane),
        cmocka_unit_test(test_view_box_around_the_eye_is_visible_and_behind_it_is_not),
    };
    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
