// Purpose: compares pictures as a golden test needs: SSIM (whole and worst 64 x 64 tile) and mean colour difference.
// Owns: nothing; pictures are malloc'd by read and freed by the caller with golden_free.
// Threads: any.
// Fails: read and write return false with the reason printed.
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef struct GoldenImage {
    int width, height;
    uint8_t *rgb; // rows from the top
} GoldenImage;

typedef struct GoldenDiff {
    double ssim;     // of luminance, mean over 8 x 8 windows
    double ssim_min; // of the worst 64 x 64 tile
    double delta_e;  // mean CIE76 in Lab
} GoldenDiff;

bool render_golden_read(const char *path, GoldenImage *out);
bool render_golden_write(const char *path, const GoldenImage *image);
void render_golden_free(GoldenImage *image);

// Takes colour from RGBA rows.
GoldenImage render_golden_from_rgba(const uint8_t *rgba, int width, int height);

// Both of one size.
GoldenDiff render_golden_compare(const GoldenImage *a, const GoldenImage *b);

// What of a picture goes into its golden: luma as it is, in whole steps, and the difference of blue and red from it as
// means of 4 x 4 pixels. A file of these is 40 % of the picture's, for colours change less from pixel to pixel than
// light does and full ones are mostly the dither's noise. Sides are multiples of 4.
GoldenImage render_golden_keep(const GoldenImage *image);

// Compares what is kept of the picture with `path` at the bounds of a software golden: SSIM >= 0.985, worst tile >=
// 0.92, mean dE < 1. Writes `path` instead when ARETE_BLESS is set, and the picture beside it as ".new.png" when it
// differs.
bool render_golden_check(const char *path, const GoldenImage *image);
