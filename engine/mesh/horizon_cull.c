#include "mesh/horizon_cull.h"

#include <assert.h>
#include <math.h>

// Bins divide the turn by the diamond angle: 0 east, 1 south, 2 west, 3 north, and the part of |z| (or |x|) in
// |x| + |z| between. It grows with the true angle and costs one division instead of an arc tangent. Slopes are
// heights over |x| + |z| too, which along one ray orders them as the true ones.
#define BINS_PER_QUADRANT (HORIZON_CULL_BINS / 4)
// Slack in bins for the rounding of a corner's angle.
#define BIN_SLACK 0.01f
// Slack of slopes against rounding, relative and absolute.
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

static float least(float a, float b)
{
    return a < b ? a : b;
}

static float greatest(float a, float b)
{
    return a > b ? a : b;
}

static float nearest_axis(float low, float high)
{
    return low > 0.0f ? low : high < 0.0f ? -high : 0.0f;
}

// Least |x| + |z| of the box.
static float nearest_m(const HorizonBox *box)
{
    return nearest_axis(box->x0_eye, box->x1_eye) + nearest_axis(box->z0_eye, box->z1_eye);
}

static float farthest_m(const HorizonBox *box)
{
    return greatest(-box->x0_eye, box->x1_eye) + greatest(-box->z0_eye, box->z1_eye);
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
    // Steepest slope under which any part of the box is seen.
    float slope = box->high_eye / (box->high_eye > 0.0f ? near_m : farthest_m(box));
    slope += fabsf(slope) * SLOPE_SLACK_RATIO + SLOPE_SLACK;
    BinSpan span = span_of(box);
    int first = (int)(span.first + HORIZON_CULL_BINS - BIN_SLACK);
    int last = (int)(span.last + HORIZON_CULL_BINS + BIN_SLACK);
    for (int i = first; i <= last; i++)
        if (slope >= cull->covered_slope[i & (HORIZON_CULL_BINS - 1)])
            return false;
    return true;
}

// What ground of at least the box's low height covers in one quadrant. A ray is (along, across) * distance there,
// with along + across = 1 and the distance |x| + |z|; it enters where the later and leaves where the earlier of
// two sides is met. A height above the eye covers from where a ray enters, one below up to where it leaves: both
// ways it is the lesser of two slopes, each the part of one axis times a factor.
typedef struct QuadrantCover {
    float falling; // factor of the axis whose part falls as bins go on
    float rising;
} QuadrantCover;

// A side that a ray need not cross puts no bound on its slope.
static float side_factor(float low_eye, float side_m)
{
    return side_m > 0.0f ? low_eye / (side_m * (float)BINS_PER_QUADRANT) : INFINITY;
}

static QuadrantCover quadrant_cover(const HorizonBox *box, int quadrant)
{
    bool west = quadrant == 1 || quadrant == 2, north = quadrant >= 2, above = box->low_eye > 0.0f;
    float x_in = west ? -box->x1_eye : box->x0_eye, x_out = west ? -box->x0_eye : box->x1_eye;
    float z_in = north ? -box->z1_eye : box->z0_eye, z_out = north ? -box->z0_eye : box->z1_eye;
    float low = box->low_eye - fabsf(box->low_eye) * SLOPE_SLACK_RATIO;
    float x_factor = side_factor(low, above ? x_in : x_out);
    float z_factor = side_factor(low, above ? z_in : z_out);
    // Turning from east to south, the part of x falls in the first and third quadrant and rises in the others.
    bool x_falls = quadrant % 2 == 0;
    return (QuadrantCover){x_falls ? x_factor : z_factor, x_falls ? z_factor : x_factor};
}

static void add_quadrant(float *bins, int first, int last, QuadrantCover cover)
{
    // Each slope is linear in the bin's edges, so the least over a bin lies at an edge. An unbounded one gives
    // infinity, or at part 0 no number: the comparison then takes the other.
    for (int i = first; i < last; i++) {
        float rising = (float)i, falling = (float)(BINS_PER_QUADRANT - i);
        float slope = least(cover.rising * rising, cover.falling * falling);
        float slope_after = least(cover.falling * (falling - 1.0f), cover.rising * (rising + 1.0f));
        bins[i] = greatest(least(slope, slope_after), bins[i]);
    }
}

void horizon_cull_add(HorizonCull *cull, const HorizonBox *box)
{
    assert(box->low_eye <= box->high_eye);
    if (nearest_m(box) <= 0.0f)
        return;
    // Only bins whose both edges cross the box: it blocks every ray of these.
    BinSpan span = span_of(box);
    int first = (int)(span.first + 1.0f + BIN_SLACK);
    int last = (int)(span.last - BIN_SLACK);
    while (first < last) {
        int quadrant = first / BINS_PER_QUADRANT, start = quadrant * BINS_PER_QUADRANT;
        int end = last < start + BINS_PER_QUADRANT ? last : start + BINS_PER_QUADRANT;
        add_quadrant(cull->covered_slope + start % HORIZON_CULL_BINS, first - start, end - start,
                     quadrant_cover(box, quadrant % 4));
        first = end;
    }
}
