#include "render_golden.h"

#include <math.h>
#include <spng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW 8
#define WINDOW_STEP 4
#define TILE 64
#define BLOCK 4 // pixels to a sample of colour, each way
#define SSIM_MIN 0.985
#define SSIM_TILE_MIN 0.92
#define DELTA_E_MAX 1.0

bool render_golden_read(const char *path, GoldenImage *out)
{
    memset(out, 0, sizeof *out);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    spng_ctx *context = spng_ctx_new(0);
    spng_set_png_file(context, file);
    struct spng_ihdr header;
    size_t bytes = 0;
    bool good = spng_get_ihdr(context, &header) == 0 &&
                spng_decoded_image_size(context, SPNG_FMT_RGB8, &bytes) == 0;
    if (good) {
        out->rgb = malloc(bytes);
        good =
            out->rgb != NULL && spng_decode_image(context, out->rgb, bytes, SPNG_FMT_RGB8, 0) == 0;
        out->width = (int)header.width;
        out->height = (int)header.height;
    }
    spng_ctx_free(context);
    fclose(file);
    if (!good)
        fprintf(stderr, "%s is not a picture\n", path);
    return good;
}

static bool write_png(const char *path, int width, int height, enum spng_color_type type,
                      const uint8_t *pixels)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    spng_ctx *context = spng_ctx_new(SPNG_CTX_ENCODER);
    spng_set_png_file(context, file);
    spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL, 9);
    struct spng_ihdr header = {.width = (uint32_t)width,
                               .height = (uint32_t)height,
                               .bit_depth = 8,
                               .color_type = (uint8_t)type};
    spng_set_ihdr(context, &header);
    size_t channels = type == SPNG_COLOR_TYPE_GRAYSCALE ? 1 : 3;
    size_t bytes = (size_t)width * (size_t)height * channels;
    int failed = spng_encode_image(context, pixels, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
    spng_ctx_free(context);
    fclose(file);
    return failed == 0;
}

bool render_golden_write(const char *path, const GoldenImage *image)
{
    return write_png(path, image->width, image->height, SPNG_COLOR_TYPE_TRUECOLOR, image->rgb);
}

void render_golden_free(GoldenImage *image)
{
    free(image->rgb);
    memset(image, 0, sizeof *image);
}

GoldenImage render_golden_from_rgba(const uint8_t *rgba, int width, int height)
{
    size_t count = (size_t)width * (size_t)height;
    GoldenImage image = {width, height, malloc(count * 3)};
    for (size_t i = 0; image.rgb != NULL && i < count; i++)
        memcpy(image.rgb + i * 3, rgba + i * 4, 3);
    return image;
}

static double luma(const GoldenImage *image, int x, int y)
{
    const uint8_t *p = image->rgb + ((size_t)y * (size_t)image->width + (size_t)x) * 3;
    return 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2];
}

// Structural similarity of one window (Wang et al. 2004), constants for 8 bits.
static double window_ssim(const GoldenImage *a, const GoldenImage *b, int x0, int y0)
{
    double sum_a = 0.0, sum_b = 0.0, aa = 0.0, bb = 0.0, ab = 0.0;
    for (int y = y0; y < y0 + WINDOW; y++) {
        for (int x = x0; x < x0 + WINDOW; x++) {
            double p = luma(a, x, y), q = luma(b, x, y);
            sum_a += p;
            sum_b += q;
            aa += p * p;
            bb += q * q;
            ab += p * q;
        }
    }
    const double n = WINDOW * WINDOW, c1 = 6.5025, c2 = 58.5225;
    double mean_a = sum_a / n, mean_b = sum_b / n;
    double var_a = aa / n - mean_a * mean_a, var_b = bb / n - mean_b * mean_b;
    double both = ab / n - mean_a * mean_b;
    return (2.0 * mean_a * mean_b + c1) * (2.0 * both + c2) /
           ((mean_a * mean_a + mean_b * mean_b + c1) * (var_a + var_b + c2));
}

static double area_ssim(const GoldenImage *a, const GoldenImage *b, int x0, int y0, int x1, int y1)
{
    double sum = 0.0;
    int count = 0;
    for (int y = y0; y + WINDOW <= y1; y += WINDOW_STEP) {
        for (int x = x0; x + WINDOW <= x1; x += WINDOW_STEP) {
            sum += window_ssim(a, b, x, y);
            count++;
        }
    }
    return count > 0 ? sum / count : 1.0;
}

static double linear(uint8_t value)
{
    double v = value / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double lab_curve(double t)
{
    return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116.0;
}

static void to_lab(const uint8_t *rgb, const double *table, double out[3])
{
    double r = table[rgb[0]], g = table[rgb[1]], b = table[rgb[2]];
    double x = lab_curve((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
    double y = lab_curve(0.2126 * r + 0.7152 * g + 0.0722 * b);
    double z = lab_curve((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    out[0] = 116.0 * y - 16.0;
    out[1] = 500.0 * (x - y);
    out[2] = 200.0 * (y - z);
}

static double mean_delta_e(const GoldenImage *a, const GoldenImage *b)
{
    double table[256], sum = 0.0;
    for (int i = 0; i < 256; i++)
        table[i] = linear((uint8_t)i);
    size_t count = (size_t)a->width * (size_t)a->height;
    for (size_t i = 0; i < count; i++) {
        double p[3], q[3];
        to_lab(a->rgb + i * 3, table, p);
        to_lab(b->rgb + i * 3, table, q);
        sum += sqrt((p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]) +
                    (p[2] - q[2]) * (p[2] - q[2]));
    }
    return sum / (double)count;
}

GoldenDiff render_golden_compare(const GoldenImage *a, const GoldenImage *b)
{
    GoldenDiff diff = {0.0, 1.0, 1e9};
    if (a->width != b->width || a->height != b->height)
        return diff;
    diff.ssim = area_ssim(a, b, 0, 0, a->width, a->height);
    for (int y = 0; y + WINDOW <= a->height; y += TILE) {
        for (int x = 0; x + WINDOW <= a->width; x += TILE) {
            int x1 = x + TILE < a->width ? x + TILE : a->width,
                y1 = y + TILE < a->height ? y + TILE : a->height;
            diff.ssim_min = fmin(diff.ssim_min, area_ssim(a, b, x, y, x1, y1));
        }
    }
    diff.delta_e = mean_delta_e(a, b);
    return diff;
}

static uint8_t to_byte(double value)
{
    return (uint8_t)fmin(fmax(value + 0.5, 0.0), 255.0);
}

// Luma in the upper rows; below them, side by side, half the mean difference of blue and of red from it, from 128.
static uint8_t *pack(const GoldenImage *image)
{
    int width = image->width, height = image->height, columns = width / BLOCK;
    uint8_t *planes = calloc((size_t)width * (size_t)(height + height / BLOCK), 1);
    for (int i = 0; planes != NULL && i < width * height; i++)
        planes[i] = to_byte(luma(image, i % width, i / width));
    for (int i = 0; planes != NULL && i < columns * (height / BLOCK); i++) {
        int x0 = i % columns * BLOCK, y0 = i / columns * BLOCK;
        double blue = 0.0, red = 0.0;
        for (int j = 0; j < BLOCK * BLOCK; j++) {
            int at = (y0 + j / BLOCK) * width + x0 + j % BLOCK;
            red += image->rgb[at * 3] - planes[at];
            blue += image->rgb[at * 3 + 2] - planes[at];
        }
        uint8_t *row = planes + (height + i / columns) * width;
        row[i % columns] = to_byte(128.0 + 0.5 * blue / (BLOCK * BLOCK));
        row[columns + i % columns] = to_byte(128.0 + 0.5 * red / (BLOCK * BLOCK));
    }
    return planes;
}

static GoldenImage unpack(const uint8_t *planes, int width, int height)
{
    GoldenImage image = {width, height, malloc((size_t)width * (size_t)height * 3)};
    for (int i = 0; image.rgb != NULL && i < width * height; i++) {
        int x = i % width, y = i / width;
        const uint8_t *row = planes + (height + y / BLOCK) * width;
        double light = planes[i], blue = light + 2.0 * (row[x / BLOCK] - 128);
        double red = light + 2.0 * (row[width / BLOCK + x / BLOCK] - 128);
        image.rgb[i * 3] = to_byte(red);
        image.rgb[i * 3 + 1] = to_byte((light - 0.2126 * red - 0.0722 * blue) / 0.7152);
        image.rgb[i * 3 + 2] = to_byte(blue);
    }
    return image;
}

GoldenImage render_golden_keep(const GoldenImage *image)
{
    uint8_t *planes = pack(image);
    GoldenImage kept = unpack(planes, image->width, image->height);
    free(planes);
    return kept;
}

static bool write_kept(const char *path, const GoldenImage *image)
{
    uint8_t *planes = pack(image);
    bool good = write_png(path, image->width, image->height + image->height / BLOCK,
                          SPNG_COLOR_TYPE_GRAYSCALE, planes);
    free(planes);
    return good;
}

// A golden as the picture that is kept in it.
static bool read_kept(const char *path, GoldenImage *out)
{
    GoldenImage grey;
    if (!render_golden_read(path, &grey))
        return false;
    int width = grey.width, height = grey.height * BLOCK / (BLOCK + 1);
    for (int i = 0; i < width * grey.height; i++)
        grey.rgb[i] = grey.rgb[i * 3];
    *out = unpack(grey.rgb, width, height);
    render_golden_free(&grey);
    return out->rgb != NULL;
}

bool render_golden_check(const char *path, const GoldenImage *image)
{
    if (getenv("ARETE_BLESS") != NULL)
        return write_kept(path, image);
    GoldenImage golden, kept = render_golden_keep(image);
    if (!read_kept(path, &golden)) {
        render_golden_free(&kept);
        return false;
    }
    GoldenDiff diff = render_golden_compare(&golden, &kept);
    render_golden_free(&golden);
    render_golden_free(&kept);
    bool good =
        diff.ssim >= SSIM_MIN && diff.ssim_min >= SSIM_TILE_MIN && diff.delta_e < DELTA_E_MAX;
    printf("%s: ssim %.4f, worst tile %.4f, mean dE %.3f\n", path, diff.ssim, diff.ssim_min,
           diff.delta_e);
    if (!good) {
        char beside[1024];
        snprintf(beside, sizeof beside, "%s.new.png", path);
        (void)render_golden_write(beside, image);
        fprintf(stderr, "differs from its golden; the picture is %s\n", beside);
    }
    return good;
}
