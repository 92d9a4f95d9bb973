// Purpose: skips tiles that lie wholly behind nearer ground: 512 bins of azimuth hold the slope surely covered.
// Owns: its bins, inline.
// Threads: one.
// Fails: never; when in doubt a tile is visible.
#pragma once
#include <stdbool.h>

#define HORIZON_CULL_BINS 512

typedef struct HorizonCull {
    // Height over |x| + |z| below which nothing is seen.
    float covered_slope[HORIZON_CULL_BINS];
} HorizonCull;

// A square of ground, eye-relative: x0..x1 by z0..z1, heights low_m..high_m above the eye.
typedef struct HorizonBox {
    float x0_eye, z0_eye, x1_eye, z1_eye;
    float low_eye, high_eye;
} HorizonBox;

void horizon_cull_reset(HorizonCull *cull);

// True when the box's top lies below the covered slope in every bin that it touches.
bool horizon_cull_hides(const HorizonCull *cull, const HorizonBox *box);

// Adds what the box surely hides; call front to back, after its own test.
void horizon_cull_add(HorizonCull *cull, const HorizonBox *box);
