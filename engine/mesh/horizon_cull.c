#include "mesh/horizon_cull.h"

#include <assert.h>
#include <math.h>

// Bins divide the turn by the diamond angle: 0 east, 1 south, 2 west, 3 north, and the part of |z| (or |x|) in
// |x| + |z| between. It grows with the true angle and costs one division instead of an arc tangent.
#define BINS_PER_QUADRANT (HORIZON_CULL_BINS / 4)
// Slack in bins for the rounding of a corner's angle.
#define BIN_SLACK 0.01f
// Slack of slopes, relative and absolute: rounding, and the arc between a bin's two edges.
#define SLOPE_SLACK_RATIO 1e-4f
#define SLOPE_SLACK 1e-6f
#define NOTHING_COVERED (-1e30f)

// The bins that a box touches, as a range in bin units; last may pass HORIZON_CULL_BINS and wraps.
typedef struct BinSpan {
    float first, last;
} BinSpan;

static float bin_of(float x, float z)
{
    float sum = fabsf(x) + fabsf(z);
    float turn;
    if (z >= 0.0f)
        turn = x >= 0.0f ? z / sum : 1.0f - x / sum;
    else
        turn = x < 0.0f ? 2.0f - z / sum : 3.0f + x / sum;
    return turn * (float)BINS_PER_QUADRANT;
}

// -1 when [low, high] lies below zero, 1 above, 0 when it holds zero.
static int side_of_eye(float low, float high)
{
    return low > 0.0f ? 1 : high < 0.0f ? -1 : 0;
}

// Angles of the two outline corners of a box that does not hold the eye.
static BinSpan span_of(const HorizonBox *box)
{
    int x_side = side_of_eye(box->x0_eye, box->x1_eye);
    int z_side = side_of_eye(box->z0_eye, box->z1_eye);
    assert(x_side != 0 || z_side != 0);
    // Seen from the eye and turning from east to south, the first corner lies on the far x side of a box in
    // the south, the far z side of a box in the west, and so on.
    bool first_x1 = z_side > 0 || (z_side == 0 && x_side < 0);
    bool first_z1 = x_side < 0 || (x_side == 0 && z_side < 0);
    bool last_x1 = z_side < 0 || (z_side == 0 && x_side < 0);
    bool last_z1 = x_side > 0 || (x_side == 0 && z_side < 0);
    BinSpan span = {
        bin_of(first_x1 ? box->x1_eye : box->x0_eye, first_z1 ? box->z1_eye : box->z0_eye),
        bin_of(last_x1 ? box->x1_eye : box->x0_eye, last_z1 ? box->z1_eye : box->z0_eye)};
    if (span.last < span.first)
        span.last += (float)HORIZON_CULL_BINS;
    assert(span.last - span.first <= 0.5f * (float)HORIZON_CULL_BINS + BIN_SLACK);
    return span;
}

static float nearest_axis(float low, float high)
{
    return low > 0.0f ? low : high < 0.0f ? -high : 0.0f;
}

static float farthest_axis(float low, float high)
{
    return fmaxf(fabsf(low), fabsf(high));
}

// Steepest slope under which any part of the box is seen.
static float top_slope(const HorizonBox *box, float near_m)
{
    if (box->high_eye > 0.0f)
        return box->high_eye / near_m;
    float far_x = farthest_axis(box->x0_eye, box->x1_eye);
    float far_z = farthest_axis(box->z0_eye, box->z1_eye);
    return box->high_eye / sqrtf(far_x * far_x + far_z * far_z);
}

static float nearest_m(const HorizonBox *box)
{
    float x = nearest_axis(box->x0_eye, box->x1_eye);
    float z = nearest_axis(box->z0_eye, box->z1_eye);
    return sqrtf(x * x + z * z);
}

void horizon_cull_reset(HorizonCull *cull)
{
    for (int i = 0; i < HORIZON_CULL_BINS; i++)
        cull->covered_slope[i] = NOTHING_COVERED;
}

bool horizon_cull_hides(const HorizonCull *cull, const HorizonBox *box)
{
    assert(box->x0_eye < box->x1_eye && box->z0_eye < box->z1_eye);
    float near_m = nearest_m(box);
    if (near_m <= 0.0f)
        return false;
    float slope = top_slope(box, near_m);
    slope += fabsf(slope) * SLOPE_SLACK_RATIO + SLOPE_SLACK;
    BinSpan span = span_of(box);
    int first = (int)floorf(span.first - BIN_SLACK);
    int last = (int)floorf(span.last + BIN_SLACK);
    for (int i = first; i <= last; i++)
        if (slope >= cull->covered_slope[i & (HORIZON_CULL_BINS - 1)])
            return false;
    return true;
}

// Slope that ground of at least `low_m` covers along the ray of bin edge `edge`, where the ray crosses the box.
// A height above the eye covers from where the ray enters, one below the eye up to where it leaves.
static float edge_slope(const HorizonBox *box, int edge)
{
    int quadrant = (edge / BINS_PER_QUADRANT) & 3;
    float part = (float)(edge % BINS_PER_QUADRANT) / (float)BINS_PER_QUADRANT;
    // Direction by quadrant, turning from east to south: (1 - p, p), (-p, 1 - p), (p - 1, -p), (p, p - 1).
    float along = quadrant % 2 == 0 ? 1.0f - part : part;
    float across = quadrant % 2 == 0 ? part : 1.0f - part;
    bool west = quadrant == 1 || quadrant == 2, north = quadrant >= 2;
    float x_in = west ? -box->x1_eye : box->x0_eye, x_out = west ? -box->x0_eye : box->x1_eye;
    float z_in = north ? -box->z1_eye : box->z0_eye, z_out = north ? -box->z0_eye : box->z1_eye;
    // An axis along which the ray does not move puts no bound on it.
    float enter = 0.0f, leave = INFINITY;
    if (along > 0.0f) {
        enter = fmaxf(enter, x_in / along);
        leave = fminf(leave, x_out / along);
    }
    if (across > 0.0f) {
        enter = fmaxf(enter, z_in / across);
        leave = fminf(leave, z_out / across);
    }
    float length = sqrtf(along * along + across * across);
    return box->low_eye / ((box->low_eye > 0.0f ? enter : leave) * length);
}

void horizon_cull_add(HorizonCull *cull, const HorizonBox *box)
{
    assert(box->low_eye <= box->high_eye);
    if (nearest_m(box) <= 0.0f)
        return;
    BinSpan span = span_of(box);
    // Only bins whose both edges cross the box: it blocks every ray of these. Over such a bin the distance where
    // rays enter is greatest, and where they leave is least, at one of the edges, because the box's sides face
    // along the axes and the axes are bin edges.
    int first = (int)ceilf(span.first + BIN_SLACK);
    int last = (int)floorf(span.last - BIN_SLACK);
    if (first >= last)
        return;
    float before = edge_slope(box, first);
    for (int i = first; i < last; i++) {
        float after = edge_slope(box, i + 1);
        float slope = fminf(before, after);
        slope -= fabsf(slope) * SLOPE_SLACK_RATIO;
        float *covered = &cull->covered_slope[i & (HORIZON_CULL_BINS - 1)];
        *covered = fmaxf(*covered, slope);
        before = after;
    }
}
