#include "stream/lowland.h"

#include "world/lod.h"
#include <math.h>

#define LEVEL 3 // chunks of 2 km: their lowest points are valley floors
#define RING 4
#define SOFT_M 90.0f

_Static_assert((RING - 1) * (256 << LEVEL) < LOWLAND_REACH_M &&
                   RING * (256 << LEVEL) > LOWLAND_REACH_M,
               "the ring covers the reach");

float lowland_m(const Streamer *streamer, const double eye_m[3], float last_m)
{
    double side_m = (double)chunk_key_side_m(LEVEL);
    int64_t x0 = (int64_t)floor(eye_m[0] / side_m), z0 = (int64_t)floor(eye_m[2] / side_m);
    int lod = lod_of_key_level(LEVEL);
    // Heights count from the last answer, so that no exponential leaves its range in one step.
    float sum = 0.0f, weights = 0.0f;
    for (int i = 0; i < (2 * RING + 1) * (2 * RING + 1); i++) {
        ChunkKey key = {x0 + i % (2 * RING + 1) - RING, z0 + i / (2 * RING + 1) - RING, LEVEL};
        double dx = ((double)key.x + 0.5) * side_m - eye_m[0];
        double dz = ((double)key.z + 0.5) * side_m - eye_m[2];
        double near = 1.0 - (dx * dx + dz * dz) / ((double)LOWLAND_REACH_M * LOWLAND_REACH_M);
        const LodTile *tile = near > 0.0 ? streamer_find(streamer, key, lod) : NULL;
        if (tile == NULL)
            continue;
        float over_m = fmaxf(tile->min_m, 0.0f) - last_m;
        float weight = (float)(near * near);
        sum += weight * expf(fminf(fmaxf(-over_m / SOFT_M, -60.0f), 60.0f));
        weights += weight;
    }
    return weights > 0.0f ? last_m - SOFT_M * logf(sum / weights) : last_m;
}
