// Purpose: what can be said about one picture, or several of one place, without a golden: I2, G3 and H1 of the targets.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "render_golden.h"

// Of a whole picture; brightness and saturation from 0 to 1.
typedef struct RenderMeasure {
    double luma;       // mean
    double saturation; // mean of HSV's
    double clipped;    // share of pixels that are white or black
    double spectrum;   // slope of log power over log frequency; photographs of land lie near -2
} RenderMeasure;
RenderMeasure render_measure_picture(const GoldenImage *image);

// How alike a square of ground is to itself moved elsewhere: highest off-centre peak of its autocorrelation, from -1
// to 1, of what is finer than 64 pixels. `side` is a power of two; rows of `luma` follow each other.
double render_measure_repeat(const double *luma, int side);

// How much the skyline flickers over pictures of one place: deviation of a pixel's luma over the pictures, of 255, in
// a band of 40 rows each way. `skyline`: first row of ground in each column.
typedef struct RenderShimmer {
    double mean, p99;
} RenderShimmer;
RenderShimmer render_measure_shimmer(const GoldenImage *images, int count, const int *skyline);
