#include "terrain/waters_meet.h"

#define DEEP_M 0.1f // how far into other water a river must come to have met it
#define NARROWINGS 32

// One segment among those that it may meet.
typedef struct Crossing {
    const RiverSegments *own, *other;
    int i, j;
} Crossing;

float waters_meet_away(const RiverSegments *s, int i, const float place[2], float *out_t)
{
    float x = place[0] - s->x[i], z = place[1] - s->z[i];
    float t = x * s->per_x[i] + z * s->per_z[i];
    t = t < 0.0f ? 0.0f : t > 1.0f ? 1.0f : t;
    *out_t = t;
    x -= t * s->along_x[i];
    z -= t * s->along_z[i];
    return sqrtf(x * x + z * z);
}

// From the other's shore, less than 0 in its water.
static float outside(const Crossing *c, float t, float *out_t)
{
    const RiverSegments *s = c->own, *o = c->other;
    float place[2] = {s->x[c->i] + t * s->along_x[c->i], s->z[c->i] + t * s->along_z[c->i]};
    float away = waters_meet_away(o, c->j, place, out_t);
    return away - (o->wide[c->j] + *out_t * o->widen[c->j]);
}

// Where the own segment is deepest in the other's water: what is outside falls towards it from both sides.
static float deepest(const Crossing *c, float from, float to)
{
    float other;
    for (int n = 0; n < NARROWINGS; n++) {
        float third = (to - from) * (1.0f / 3.0f), low = from + third, high = to - third;
        if (outside(c, low, &other) < outside(c, high, &other))
            to = high;
        else
            from = low;
    }
    return 0.5f * (from + to);
}

// The shore between a place in the water and one on land, or `land` if that is in it too.
static float shore(const Crossing *c, float water, float land)
{
    float other;
    if (outside(c, land, &other) <= 0.0f)
        return land;
    for (int n = 0; n < NARROWINGS; n++) {
        float middle = 0.5f * (water + land);
        if (outside(c, middle, &other) <= 0.0f)
            water = middle;
        else
            land = middle;
    }
    return water;
}

static bool may_touch(const Crossing *c)
{
    const RiverSegments *s = c->own, *o = c->other;
    float wide = o->wide[c->j] + fmaxf(o->widen[c->j], 0.0f);
    RiverBox box = {(int32_t)floorf(fminf(s->x[c->i], s->x[c->i] + s->along_x[c->i]) - wide),
                    (int32_t)floorf(fminf(s->z[c->i], s->z[c->i] + s->along_z[c->i]) - wide),
                    (int32_t)ceilf(fmaxf(s->x[c->i], s->x[c->i] + s->along_x[c->i]) + wide),
                    (int32_t)ceilf(fmaxf(s->z[c->i], s->z[c->i] + s->along_z[c->i]) + wide)};
    return river_crosses(&box, o->x[c->j], o->z[c->j], o->x[c->j] + o->along_x[c->j],
                         o->z[c->j] + o->along_z[c->j]);
}

// Puts an earlier meeting into `out`.
static void meet(const Crossing *c, int lattice, float from_t, WatersMeeting *out)
{
    float into_t;
    if (!may_touch(c))
        return;
    float deep_t = deepest(c, from_t, 1.0f);
    if (outside(c, deep_t, &into_t) > -DEEP_M)
        return;
    float enter_t = shore(c, deep_t, from_t);
    if (enter_t >= out->enter_t)
        return;
    outside(c, enter_t, &into_t);
    *out = (WatersMeeting){enter_t, shore(c, deep_t, 1.0f), {lattice, c->j, into_t}};
}

// Whether a segment takes rivers of an order: lakes take all.
static bool takes(const WatersMeet *m, int lattice, int j, int order)
{
    if (waters_meet_is_lake(&m->net->segments[lattice], j))
        return true;
    return (lattice == 0 ? m->orders[j] : river_kinds[lattice].order) > order;
}

bool waters_meet(const WatersMeet *m, const WatersPlace *from, int order, int next,
                 WatersMeeting *out)
{
    const RiverSegments *own = &m->net->segments[from->lattice];
    out->enter_t = 2.0f;
    for (int k = 0; k == 0 || k < from->lattice; k++) {
        const RiverSegments *other = &m->net->segments[k];
        for (int j = 0; j < other->count; j++) {
            bool same = k == from->lattice &&
                        (j == from->segment || j == next ||
                         (j == next + 1 && next >= 0 && waters_meet_is_lake(other, next)));
            if (!same && takes(m, k, j, order))
                meet(&(Crossing){own, other, from->segment, j}, k, from->t, out);
        }
    }
    return out->enter_t <= 1.0f;
}
