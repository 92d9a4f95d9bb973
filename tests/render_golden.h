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

// Compares with `path` at the bounds of a software golden: SSIM >= 0.985, worst tile >= 0.92, mean dE < 1. Writes the
// picture to `path` instead when ARETE_BLESS is set, and beside it as ".new.png" when it differs.
bool render_golden_check(const char *path, const GoldenImage *image);
