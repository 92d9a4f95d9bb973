#include "terrain/river_flow.h"
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

// Half widths of rivers in the plains, by order. No two nodes of lattice 1 are so near that the lakes
// of both would not fit between them; those of lattice 0 are made to fit.
static const float HALF_M[RIVER_ORDER_MAX + 1] = {0.0f, 1.5f, 3.5f, 6.0f, 14.0f, 26.0f};

// Parts of a link that a lake at its start, at its start with all its length, and at its end may take.
#define HEAD_PART 0.2f
#define LAKE_PART 0.5f
#define TAIL_PART 0.3f
#define LAKE_SLOPE 0.05f // of a great river's way at most
// A crest lies this much further from a lower valley than its mean side would have it, and this part of
// the steepness is sure.
#define CREST_M 140.0f
#define CREST_PART 0.6f

// A river's fall over a basin that was filled, per link.
#define BASIN_FALL_M 3.0f

typedef void Step(const RiverNodes *n, int at, const float *from, float *to);

// One step at all nodes but the outer `edge` cells; each looks at those of the step before, so that no order shows.
static void take_step(const RiverNodes *n, int edge, Step *step, float *now[2])
{
    for (int row = edge; row < n->rows - edge; row++)
        for (int at = row * n->pitch + edge; at < row * n->pitch + n->columns - edge; at++)
            step(n, at, now[0], now[1]);
    float *last = now[0];
    now[0] = now[1];
    now[1] = last;
}

// 1 where no way leads down on land, or where the way down comes to such a node.
static void find_basin(const RiverNodes *n, int at, const float *from, float *to)
{
    bool sink = n->link_drop[at] <= 0.0f;
    to[at] = sink ? (float)(n->height[at] > RIVER_LAKE_HEIGHT_M)
                  : fmaxf(from[at], from[at + (int)n->to[at]]);
}

// The least height at which water gets out, as far as it is known yet; a node outside of basins keeps its own.
static void fill_basin(const RiverNodes *n, int at, const float *from, float *to)
{
    const RiverKind *kind = &river_kinds[0];
    float least = RIVER_NEVER, link_m = (float)kind->link_m;
    to[at] = from[at];
    for (int j = -kind->ring; from[at] > n->height[at] && j <= kind->ring; j++)
        for (int i = -kind->ring; i <= kind->ring; i++) {
            int other = at + j * n->pitch + i;
            float x = n->x[other] - n->x[at], z = n->z[other] - n->z[at];
            if (other != at && x * x + z * z < link_m * link_m)
                least = fminf(least, from[other]);
        }
    if (least < RIVER_NEVER)
        to[at] = fmaxf(n->height[at], least + BASIN_FALL_M);
}

void river_flow_drain(const RiverNet *net)
{
    const RiverNodes *n = &net->nodes[0];
    const int ring = river_kinds[0].ring;
    // Arrays that are filled later, and that lattice 0 has no use for.
    float *basins[2] = {n->wanted, n->order}, *levels[2] = {n->rise, n->bank};
    int edge = ring;
    memset(basins[0], 0, sizeof(float) * (size_t)(n->rows * n->pitch));
    for (int step = 0; step <= RIVER_BASIN_LINKS; step++, edge += ring)
        take_step(n, edge, find_basin, basins);
    edge -= ring;
    for (int row = edge; row < n->rows - edge; row++)
        for (int at = row * n->pitch + edge; at < row * n->pitch + n->columns - edge; at++)
            levels[0][at] = basins[0][at] > 0.0f ? RIVER_NEVER : n->height[at];
    for (int step = 0; step < RIVER_BASIN_LINKS; step++)
        take_step(n, edge += ring, fill_basin, levels);
    assert(edge == RIVER_BASIN_CELLS);
    for (int row = edge; row < n->rows - edge; row++)
        for (int at = row * n->pitch + edge; at < row * n->pitch + n->columns - edge; at++)
            if (levels[0][at] < RIVER_NEVER)
                n->height[at] = levels[0][at];
}

// Rivers are half as wide in the mountains; never narrower further down.
static float half_width_m(float order, float bed_m)
{
    float low = (1800.0f - bed_m) * (1.0f / 1700.0f);
    low = low < 0.0f ? 0.0f : low > 1.0f ? 1.0f : low;
    int index = order < RIVER_ORDER_MAX ? (int)order : RIVER_ORDER_MAX;
    return HALF_M[index] * (0.5f + 0.5f * low);
}

static float link_length(const RiverNodes *n, int at)
{
    return sqrtf(n->link_x[at] * n->link_x[at] + n->link_z[at] * n->link_z[at]);
}

static float less(float a, float b)
{
    return a < b ? a : b;
}

// Whether the link of a node comes so near that its segments may act. Other links change no bit, and the
// choices are the quicker without them.
static bool link_acts(const RiverNet *net, const RiverNodes *n, int at)
{
    float x = n->x[at], z = n->z[at];
    return net->everything ||
           river_crosses(&n->touched, x, z, x + n->link_x[at], z + n->link_z[at]);
}

// Lakes lie at both ends of a link.
static void want_lakes(const RiverNet *net, const RiverNodes *n, int first, int end)
{
    for (int at = first; at < end; at++)
        if (link_acts(net, n, at))
            n->wanted[at] = n->wanted[at + (int)n->to[at]] = 1.0f;
}

// A great river's node without a way down is a lake, wherever it is above the sea; on a steep way a lake
// would stand above the land that falls beside it.
static void choose_lakes(const RiverNodes *n, int first, int end)
{
    for (int at = first; at < end; at++)
        if (n->link_drop[at] <= 0.0f)
            n->lake[at] = fabsf(n->lake[at]);
        else if (n->link_drop[at] > LAKE_SLOPE * link_length(n, at))
            n->lake[at] = 0.0f;
}

// How wide a lake at level `level_m` may be at a place `from` node `other`, beside the link of that, so that
// its shore stays behind the crest between them.
static float room_beside(const RiverNodes *n, int other, const float from[2], float level_m,
                         float steep)
{
    float x = from[0], z = from[1];
    float link_x = n->link_x[other], link_z = n->link_z[other];
    float square = link_x * link_x + link_z * link_z;
    float t = (x * link_x + z * link_z) / (square > 1.0f ? square : 1.0f);
    t = t < 0.0f ? 0.0f : t > 1.0f ? 1.0f : t;
    float above = level_m - (n->height[other] - t * n->link_drop[other]);
    if (above <= 0.0f)
        return RIVER_NEVER;
    x -= t * link_x;
    z -= t * link_z;
    return sqrtf(x * x + z * z) - CREST_M - above / (CREST_PART * steep + 0.001f);
}

// No lake lies where the valley beside it is lower.
static void shrink_lake(const RiverNodes *n, int at)
{
    const int reach = RIVER_LAKE_CELLS;
    bool sink = n->link_drop[at] <= 0.0f;
    float wide = n->lake[at], length = link_length(n, at);
    float part = sink ? 0.0f : less(3.0f * wide / length, LAKE_PART);
    for (int j = -reach; j <= reach; j++)
        for (int i = -reach; i <= reach; i++) {
            int other = at + j * n->pitch + i;
            bool lower = n->height[other] - n->link_drop[other] < n->height[at];
            if (!lower || other == at || other + (int)n->to[other] == at)
                continue;
            for (int k = 0; k < 2; k++) {
                float along = part * (float)k;
                float from[2] = {n->x[at] - n->x[other] + along * n->link_x[at],
                                 n->z[at] - n->z[other] + along * n->link_z[at]};
                wide = less(wide, room_beside(n, other, from, n->height[at], n->steep[at]));
            }
        }
    float least = river_kinds[0].lake_low_m * 0.4f;
    n->lake[at] = wide > least ? wide : sink ? least : 0.0f;
}

// A lake must leave room for the rivers that come and go.
static void fit_lakes(const RiverNodes *n, int first, int end)
{
    for (int at = first; at < end; at++) {
        if (n->link_drop[at] <= 0.0f)
            continue;
        float length = link_length(n, at);
        float *to = &n->lake[at + (int)n->to[at]];
        n->lake[at] = less(n->lake[at], HEAD_PART * length);
        *to = less(*to, TAIL_PART * length);
    }
}

// One order more with each link from the springs on. An order that is known early changes nothing: as
// many rounds as there are orders lead to the same end from anywhere.
static void climb_orders(const RiverNodes *n, int first, int end)
{
    for (int at = first; at < end; at++) {
        if (n->link_drop[at] <= 0.0f)
            continue;
        float order = less(n->order[at] + 1.0f, RIVER_ORDER_MAX);
        float *to = &n->order[at + (int)n->to[at]];
        *to = *to < order ? order : *to;
    }
}

static float on_step(float metres)
{
    return rintf(metres * (1.0f / RIVER_STEP_M)) * RIVER_STEP_M;
}

// A part of the link at node `at`: from `from` of it on, `part` of it long.
typedef struct LinkPart {
    float from, part, bed, drop, wide, widen;
} LinkPart;

static void put(const RiverNodes *n, int at, const LinkPart *part, RiverSegments *out)
{
    assert(out->count < out->capacity);
    int i = out->count++;
    float x = n->link_x[at] * part->part, z = n->link_z[at] * part->part, square = x * x + z * z;
    float inverse = 1.0f / (square > 1.0f ? square : 1.0f);
    out->x[i] = n->x[at] + on_step(n->link_x[at] * part->from);
    out->z[i] = n->z[at] + on_step(n->link_z[at] * part->from);
    out->along_x[i] = x;
    out->along_z[i] = z;
    out->per_x[i] = x * inverse;
    out->per_z[i] = z * inverse;
    out->bed[i] = part->bed;
    out->drop[i] = part->drop;
    out->wide[i] = part->wide;
    out->widen[i] = part->widen;
    out->lift[i] = 0.0f;
}

// A node without a way down is a lake, but one that lies in a coarser river's water or too low carves nothing. What
// leads to it knows nothing of a lake that only its end makes: it ends under the water.
static void put_sink(const RiverNodes *n, int lattice, int at, RiverSegments *out)
{
    float wide = n->lake[at] > 0.0f ? n->lake[at] : 0.0f;
    if (lattice > 0 && n->foot_drop[at] > 0.0f && n->height[at] > RIVER_LAKE_HEIGHT_M)
        wide = fabsf(n->lake[at]);
    bool carves = lattice == 0 || wide > 0.0f;
    put(n, at, &(LinkPart){.bed = carves ? n->height[at] : RIVER_NEVER, .wide = wide}, out);
}

// A lake lies along the first part of its link, level; the river leaves it where it ends, and ends
// itself where the next lake begins.
static void put_link(const RiverNodes *n, int lattice, int at, RiverSegments *out)
{
    float wide = n->lake[at];
    float order = lattice == 0 ? n->order[at] : (float)river_kinds[lattice].order;
    int to = (int)n->to[at];
    float next = to != 0 ? n->lake[at + to] : 0.0f;
    LinkPart river = {.part = 1.0f, .bed = n->height[at], .drop = n->link_drop[at]};
    if (wide > 0.0f || next > 0.0f) {
        float length = link_length(n, at), along = less(3.0f * wide, LAKE_PART * length - wide);
        LinkPart lake = {0.0f, along / length, river.bed, 0.0f, wide, 0.0f};
        if (wide > 0.0f) {
            put(n, at, &lake, out);
            river.from = (along + wide) / length;
        }
        river.part -= river.from + (next > 0.0f ? next / length : 0.0f);
    }
    river.wide = half_width_m(order, river.bed);
    river.widen = half_width_m(lattice == 0 ? order + 1.0f : order, river.bed - river.drop);
    river.widen -= river.wide;
    put(n, at, &river, out);
}

// The great rivers' lakes and orders.
static void flow_great(const RiverNet *net, const RiverNodes *n, const RiverKind *kind)
{
    int first = RIVER_BASIN_CELLS + kind->ring, inner = kind->margin - kind->ring,
        columns = n->columns - 2 * first;
    for (int row = first; row < n->rows - first; row++)
        choose_lakes(n, row * n->pitch + first, row * n->pitch + first + columns);
    memset(n->wanted, 0, sizeof(float) * (size_t)(n->rows * n->pitch));
    for (int row = kind->margin; row < n->rows - kind->margin; row++)
        want_lakes(net, n, row * n->pitch + kind->margin,
                   row * n->pitch + n->columns - kind->margin);
    for (int row = inner; row < n->rows - inner; row++)
        for (int at = row * n->pitch + inner; at < row * n->pitch + n->columns - inner; at++)
            if (n->lake[at] > 0.0f && n->wanted[at] > 0.0f)
                shrink_lake(n, at);
    for (int row = first; row < n->rows - first; row++)
        fit_lakes(n, row * n->pitch + first, row * n->pitch + first + columns);
    for (int step = 0; step < RIVER_ORDER_STEPS; step++)
        for (int row = first; row < n->rows - first; row++)
            climb_orders(n, row * n->pitch + first, row * n->pitch + first + columns);
}

void river_flow(RiverNet *net, int lattice)
{
    assert(net && lattice >= 0 && lattice < net->lattices);
    const RiverKind *kind = &river_kinds[lattice];
    const RiverNodes *n = &net->nodes[lattice];
    RiverSegments *out = &net->segments[lattice];
    for (int row = 0; row < n->rows; row++)
        for (int i = 0; i < n->columns; i++)
            n->order[row * n->pitch + i] = (float)kind->order;
    if (lattice == 0)
        flow_great(net, n, kind);
    out->count = 0;
    int *starts = net->first[lattice];
    for (int row = kind->margin; row < n->rows - kind->margin; row++)
        for (int i = kind->margin; i < n->columns - kind->margin; i++) {
            int at = row * n->pitch + i;
            *starts++ = out->count;
            if (!link_acts(net, n, at))
                continue;
            if (n->link_drop[at] > 0.0f)
                put_link(n, lattice, at, out);
            else
                put_sink(n, lattice, at, out);
        }
    *starts = out->count;
}
