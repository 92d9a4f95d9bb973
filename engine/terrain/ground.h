// Purpose: heights of single points, from patches that are kept: flights ask for neighbours of what they asked for.
// Owns: the patches and the scratch that they are made in, from create.
// Threads: any; one at a time, behind a lock.
// Fails: create returns a Result.
#pragma once
#include "base/arena.h"
#include "base/result.h"
#include <stdbool.h>
#include <stdint.h>

#define GROUND_SIDE 33 // samples of a patch along each axis, 2 m apart: 64 m
#define GROUND_PITCH 48

typedef struct Ground Ground;

typedef struct GroundDesc {
    size_t scratch_bytes; // that a fill takes at most
    // Heights in metres of GROUND_SIDE rows of GROUND_PITCH from level-0 sample (x, z) on.
    // False when the scratch is too small.
    bool (*fill)(const void *object, int64_t x, int64_t z, Arena *scratch, float *out_m);
    const void *object; // borrowed
} GroundDesc;

RESULT_MUST Result ground_create(const GroundDesc *desc, Ground **out);
void ground_destroy(Ground *ground);

// The four samples around the point, mixed bilinearly: within centimetres of the finest mesh.
float ground_at(Ground *ground, double x_m, double z_m);
