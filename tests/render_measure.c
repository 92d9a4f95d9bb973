#include "render_measure.h"

#include <assert.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TAU 6.283185307179586
#define SPECTRUM_SIDE 256
#define SPECTRUM_LOW 4 // waves in a side: longer ones are the picture's composition
#define SPECTRUM_HIGH 96
#define REPEAT_REACH 32 // what is coarser than twice this is shape, not texture
#define LAG_MIN 8
#define BAND_ROWS 40

static double pixel_luma(const GoldenImage *image, int x, int y)
{
    const uint8_t *p = image->rgb + ((size_t)y * (size_t)image->width + (size_t)x) * 3;
    return 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2];
}

// In place, a power of two of values `stride` apart (Cooley and Tukey 1965).
static void transform(double complex *values, int count, int stride)
{
    for (int i = 1, j = 0; i < count; i++) {
        int bit = count >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i >= j)
            continue;
        double complex swap = values[i * stride];
        values[i * stride] = values[j * stride];
        values[j * stride] = swap;
    }
    for (int span = 1; span < count; span *= 2) {
        for (int i = 0; i < count; i++) {
            if (i & span)
                continue;
            double complex turn = cexp(-0.5 * I * TAU * (i & (span - 1)) / span);
            double complex *a = &values[i * stride], *b = &values[(i + span) * stride];
            double complex turned = turn * *b;
            *b = *a - turned;
            *a += turned;
        }
    }
}

static void transform_square(double complex *values, int side)
{
    for (int i = 0; i < side; i++)
        transform(values + i * side, side, 1);
    for (int i = 0; i < side; i++)
        transform(values + i, side, side);
}

// Fades a square's edges, so that they are no edge in its spectrum.
static void fade(double complex *values, int side)
{
    double complex mean = 0.0;
    for (int i = 0; i < side * side; i++)
        mean += values[i] / (side * side);
    for (int i = 0; i < side * side; i++) {
        double x = sin(0.5 * TAU * (i % side + 0.5) / side);
        double y = sin(0.5 * TAU * (i / side + 0.5) / side);
        values[i] = (values[i] - mean) * x * x * y * y;
    }
}

// Least squares over the mean power of each ring of frequencies.
static double fit_slope(const double complex *values, int side)
{
    double power[SPECTRUM_HIGH + 1] = {0.0}, count[SPECTRUM_HIGH + 1] = {0.0};
    for (int i = 0; i < side * side; i++) {
        int x = i % side, y = i / side;
        int ring = (int)hypot(x < side / 2 ? x : side - x, y < side / 2 ? y : side - y);
        if (ring > SPECTRUM_HIGH)
            continue;
        power[ring] += creal(values[i] * conj(values[i]));
        count[ring] += 1.0;
    }
    double n = 0.0, sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0;
    for (int ring = SPECTRUM_LOW; ring <= SPECTRUM_HIGH; ring++) {
        double x = log(ring), y = log(power[ring] / count[ring] + 1e-9);
        n += 1.0;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

// Of two squares, left and right, at half height.
static double spectrum_slope(const GoldenImage *image)
{
    int side = SPECTRUM_SIDE, top = (image->height - side) / 2;
    assert(image->width >= side && image->height >= side);
    double complex *values = malloc(sizeof *values * (size_t)side * (size_t)side);
    double sum = 0.0;
    for (int half = 0; values != NULL && half < 2; half++) {
        int left = half ? image->width - side : 0;
        for (int i = 0; i < side * side; i++)
            values[i] = pixel_luma(image, left + i % side, top + i / side);
        fade(values, side);
        transform_square(values, side);
        sum += 0.5 * fit_slope(values, side);
    }
    free(values);
    return sum;
}

RenderMeasure render_measure_picture(const GoldenImage *image)
{
    RenderMeasure out = {.spectrum = spectrum_slope(image)};
    int count = image->width * image->height;
    for (int i = 0; i < count; i++) {
        const uint8_t *p = image->rgb + 3 * i;
        double high = fmax(fmax(p[0], p[1]), p[2]), low = fmin(fmin(p[0], p[1]), p[2]);
        out.luma += pixel_luma(image, i % image->width, i / image->width) / 255.0 / count;
        out.saturation += high > 0.0 ? (high - low) / high / count : 0.0;
        out.clipped += (low >= 255.0 || high <= 0.0 ? 1.0 : 0.0) / count;
    }
    return out;
}

// Mean over a square around a pixel, from sums of all that lies above and left.
static double box_mean(const double *sums, int side, int x, int y)
{
    int x0 = x > REPEAT_REACH ? x - REPEAT_REACH : 0, y0 = y > REPEAT_REACH ? y - REPEAT_REACH : 0;
    int x1 = x + REPEAT_REACH < side ? x + REPEAT_REACH : side;
    int y1 = y + REPEAT_REACH < side ? y + REPEAT_REACH : side;
    int pitch = side + 1;
    double sum = sums[y1 * pitch + x1] - sums[y0 * pitch + x1] - sums[y1 * pitch + x0] +
                 sums[y0 * pitch + x0];
    return sum / ((x1 - x0) * (y1 - y0));
}

static void keep_fine(const double *luma, int side, double complex *out)
{
    int pitch = side + 1;
    double *sums = calloc((size_t)pitch * (size_t)pitch, sizeof *sums);
    for (int y = 0; sums != NULL && y < side; y++) {
        for (int x = 0; x < side; x++)
            sums[(y + 1) * pitch + x + 1] = luma[y * side + x] + sums[y * pitch + x + 1] +
                                            sums[(y + 1) * pitch + x] - sums[y * pitch + x];
    }
    for (int i = 0; sums != NULL && i < side * side; i++)
        out[i] = luma[i] - box_mean(sums, side, i % side, i / side);
    free(sums);
}

// Higher than what lies two pixels around: the slope of the centre's own hill is not.
static bool is_peak(const double complex *values, int side, int i)
{
    for (int j = 0; j < 25; j++) {
        int x = (i + j % 5 - 2) & (side - 1), y = (i / side + j / 5 - 2) & (side - 1);
        if (creal(values[y * side + x]) > creal(values[i]))
            return false;
    }
    return true;
}

double render_measure_repeat(const double *luma, int side)
{
    double complex *values = malloc(sizeof *values * (size_t)side * (size_t)side);
    double peak = -1.0;
    if (values == NULL)
        return peak;
    keep_fine(luma, side, values);
    fade(values, side);
    transform_square(values, side);
    for (int i = 0; i < side * side; i++)
        values[i] *= conj(values[i]);
    transform_square(values, side);
    double whole = creal(values[0]);
    for (int i = 0; i < side * side && whole > 0.0; i++) {
        int x = i % side, y = i / side;
        bool off = hypot(x < side / 2 ? x : x - side, y < side / 2 ? y : y - side) >= LAG_MIN;
        if (off && is_peak(values, side, i))
            peak = fmax(peak, creal(values[i]) / whole);
    }
    free(values);
    return peak;
}

static int compare(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static double deviation(const GoldenImage *images, int count, int x, int y)
{
    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < count; i++) {
        double value = pixel_luma(&images[i], x, y);
        sum += value;
        squares += value * value;
    }
    double mean = sum / count;
    return sqrt(fmax(squares / count - mean * mean, 0.0));
}

RenderShimmer render_measure_shimmer(const GoldenImage *images, int count, const int *skyline)
{
    int width = images[0].width, height = images[0].height, used = 0;
    double *values = malloc(sizeof *values * (size_t)width * (2 * BAND_ROWS + 1)), sum = 0.0;
    RenderShimmer out = {0.0, 0.0};
    for (int x = 0; values != NULL && x < width; x++) {
        for (int y = skyline[x] - BAND_ROWS; y <= skyline[x] + BAND_ROWS; y++) {
            if (y < 0 || y >= height)
                continue;
            values[used] = deviation(images, count, x, y);
            sum += values[used++];
        }
    }
    if (used > 0) {
        qsort(values, (size_t)used, sizeof *values, compare);
        out = (RenderShimmer){sum / used, values[(int)(0.99 * (used - 1))]};
    }
    free(values);
    return out;
}
