#include "terrain/waters.h"
#include "terrain/waters_map.h"
#include "terrain/waters_meet.h"
#include <assert.h>
#include <math.h>

#define ARC_POINTS 24 // of a half circle at least
#define JOIN_M 1.0f   // from a river's end to the water that takes it, at most
#define SAME_M 0.1f   // that this may lie higher
#define REACHES                                                                                    \
    4 // of a river, between greater waters that it meets; the last one crosses those that are left
#define UNKNOWN (-4) // where a line's water goes, until all lines are there

// What a line was made of.
typedef struct WatersOrigin {
    WatersPlace from;
    int node; // where its link begins
    float end_t;
    bool met;         // it ends
    WatersPlace into; // here, on its way
} WatersOrigin;

typedef struct WatersWork {
    WatersMap map;
    Waters *out;
    WatersOrigin *origins; // of each line
    int *great_orders;     // of the coarsest lattice's segments
    int point_capacity, line_capacity;
    float step_m;
    bool open;      // a line is being drawn,
    float found[2]; // and this was its last point, in samples
} WatersWork;

static float level_at(const RiverSegments *s, int i, float t)
{
    return s->bed[i] - t * s->drop[i];
}

static float half_at(const RiverSegments *s, int i, float t)
{
    return s->wide[i] + t * s->widen[i];
}

static float length_of(const RiverSegments *s, int i)
{
    return sqrtf(s->along_x[i] * s->along_x[i] + s->along_z[i] * s->along_z[i]);
}

// Whether a segment, with `wide_m` all round, and the rectangle's places have a box in common.
static bool is_near(const WatersMap *map, const RiverSegments *s, int i, float wide_m)
{
    float x = s->x[i], z = s->z[i], end_x = x + s->along_x[i], end_z = z + s->along_z[i];
    return fmaxf(x, end_x) + wide_m >= (float)map->box.x0 &&
           fminf(x, end_x) - wide_m <= (float)map->box.x1 &&
           fmaxf(z, end_z) + wide_m >= (float)map->box.z0 &&
           fminf(z, end_z) - wide_m <= (float)map->box.z1;
}

static int steps_of(const WatersWork *w, float length_m)
{
    return (int)ceilf(length_m / w->step_m) + 1;
}

static int arc_steps(const WatersWork *w, float wide_m)
{
    int steps = (int)ceilf(3.2f * wide_m / w->step_m);
    return steps > ARC_POINTS ? steps : ARC_POINTS;
}

// -- the net -----------------------------------------------------------------

// Cells of a lattice that send segments: all but its margin.
static int cell_columns(const RiverNet *net, int k)
{
    return net->nodes[k].columns - 2 * river_kinds[k].margin;
}

static int cell_count(const RiverNet *net, int k)
{
    return cell_columns(net, k) * (net->nodes[k].rows - 2 * river_kinds[k].margin);
}

static int node_of(const RiverNet *net, int k, int cell)
{
    int columns = cell_columns(net, k), margin = river_kinds[k].margin;
    return (margin + cell / columns) * net->nodes[k].pitch + margin + cell % columns;
}

// -1: in the margin.
static int cell_of(const RiverNet *net, int k, int node)
{
    int margin = river_kinds[k].margin, pitch = net->nodes[k].pitch;
    int row = node / pitch - margin, column = node % pitch - margin;
    int columns = cell_columns(net, k), rows = cell_count(net, k) / columns;
    bool in = row >= 0 && row < rows && column >= 0 && column < columns;
    return in ? row * columns + column : -1;
}

// The water of a coarser lattice that a river's end lies in or beside.
static bool find_coarser(const RiverNet *net, const WatersPlace *from, WatersPlace *out)
{
    const RiverSegments *s = &net->segments[from->lattice];
    int i = from->segment;
    float end[2] = {s->x[i] + s->along_x[i], s->z[i] + s->along_z[i]}, least = JOIN_M;
    float high_m = level_at(s, i, 1.0f) + SAME_M;
    *out = (WatersPlace){-1, 0, 0.0f};
    for (int k = 0; k < from->lattice; k++)
        for (int n = 0; n < net->segments[k].count; n++) {
            float t, away = waters_meet_away(&net->segments[k], n, end, &t);
            away -= half_at(&net->segments[k], n, t);
            if (away >= least || level_at(&net->segments[k], n, t) > high_m)
                continue;
            least = away;
            *out = (WatersPlace){k, n, t};
        }
    return out->lattice >= 0;
}

// The segment of its own lattice that a river's link leads to: 0, found; WATERS_OUTSIDE; WATERS_NOWHERE, there is none.
static int find_own(const RiverNet *net, const WatersOrigin *origin, WatersPlace *out)
{
    int k = origin->from.lattice, to = (int)net->nodes[k].to[origin->node];
    if (to == 0)
        return WATERS_NOWHERE;
    int cell = cell_of(net, k, origin->node + to);
    int i = cell < 0 ? 0 : net->first[k][cell];
    if (cell < 0 || i == net->first[k][cell + 1])
        return WATERS_OUTSIDE; // so far off that it was left out
    *out = (WatersPlace){k, i, 0.0f};
    return net->segments[k].bed[i] < RIVER_NEVER ? 0 : WATERS_NOWHERE;
}

// Where the water goes from the end of a line's segment; WATERS_NOWHERE, WATERS_OUTSIDE or 0: found.
static int find_down(const RiverNet *net, const WatersOrigin *origin, WatersPlace *out)
{
    const WatersPlace *from = &origin->from;
    if (waters_meet_is_lake(&net->segments[from->lattice], from->segment)) {
        *out = (WatersPlace){from->lattice, from->segment + 1, 0.0f};
        return net->nodes[from->lattice].link_drop[origin->node] > 0.0f ? 0 : WATERS_NOWHERE;
    }
    int down = find_own(net, origin, out);
    if (down != WATERS_NOWHERE)
        return down;
    return find_coarser(net, from, out) ? 0 : WATERS_NOWHERE;
}

// -- lines -------------------------------------------------------------------

static void add_point(WatersWork *w, const WatersPoint *point)
{
    assert(w->out->point_count < w->point_capacity);
    w->out->points[w->out->point_count++] = *point;
}

static void begin_line(WatersWork *w, const WatersOrigin *origin, int order)
{
    assert(w->out->line_count < w->line_capacity);
    w->origins[w->out->line_count] = *origin;
    w->out->lines[w->out->line_count] =
        (WatersLine){.first = w->out->point_count, .order = order, .down_point = -1};
    w->open = true;
}

// A lake elsewhere leaves no points.
static void end_line(WatersWork *w, float t, int down)
{
    WatersLine *line = &w->out->lines[w->out->line_count];
    if (!w->open)
        return;
    w->open = false;
    line->count = w->out->point_count - line->first;
    line->down = down;
    w->origins[w->out->line_count].end_t = t;
    w->out->line_count += line->count > 0;
}

// Whether a place lies in the rectangle; finds the point.
static bool find(WatersWork *w, const float place[2], WatersPoint *out)
{
    const WatersMap *map = &w->map;
    if (place[0] < (float)map->box.x0 || place[0] > (float)map->box.x1 ||
        place[1] < (float)map->box.z0 || place[1] > (float)map->box.z1)
        return false;
    if (!waters_map_find(map, place, w->open, w->found) || !waters_map_holds(map, w->found))
        return false;
    *out = (WatersPoint){map->unit_m * w->found[0], map->unit_m * w->found[1],
                         waters_map_between(map, map->level_m, w->found), 0.0f,
                         waters_map_between(map, map->shore, w->found)};
    return true;
}

// Water at a mouth is drawn on the floor of the greater valley, which may rise by a hand's breadth; its level does not.
static void level_off(const WatersWork *w, WatersPoint *point)
{
    const WatersPoint *last = w->open ? &w->out->points[w->out->point_count - 1] : point;
    if (last->shore_m > 0.0f && point->shore_m > 0.0f)
        point->level_m = fminf(point->level_m, last->level_m);
}

// A reach of a river that begins at its origin's place. False: that was its end.
static bool put_reach(WatersWork *w, const WatersOrigin *origin, int order, float end_t)
{
    int i = origin->from.segment;
    const RiverSegments *s = &w->map.net.segments[origin->from.lattice];
    float start_t = origin->from.t, part = end_t - start_t;
    int steps = steps_of(w, part * length_of(s, i));
    for (int n = 0; n <= steps; n++) {
        float t = start_t + part * ((float)n / (float)steps);
        float place[2] = {s->x[i] + t * s->along_x[i], s->z[i] + t * s->along_z[i]};
        WatersPoint point;
        if (!find(w, place, &point)) {
            end_line(w, t, WATERS_OUTSIDE);
            continue;
        }
        WatersOrigin here = *origin;
        here.from.t = t;
        level_off(w, &point);
        if (!w->open)
            begin_line(w, &here, order);
        point.half_m = half_at(s, i, t);
        add_point(w, &point);
        if (point.level_m <= 0.0f) {
            end_line(w, t, WATERS_SEA);
            return false;
        }
    }
    end_line(w, end_t, UNKNOWN);
    return true;
}

// All its reaches from one greater water on its way to the next.
static void put_river(WatersWork *w, const WatersOrigin *origin, int order)
{
    const RiverNet *net = &w->map.net;
    WatersOrigin here = *origin;
    WatersMeet meet = {net, w->great_orders};
    WatersPlace next;
    WatersMeeting meeting = {.leave_t = 0.0f};
    bool to_own = find_own(net, origin, &next) == 0;
    for (int reach = 0; reach < REACHES && meeting.leave_t < 1.0f; reach++) {
        here.from.t = meeting.leave_t;
        here.met = reach < REACHES - 1 &&
                   waters_meet(&meet, &here.from, order, to_own ? next.segment : -1, &meeting);
        here.into = meeting.into;
        if (!here.met)
            meeting = (WatersMeeting){.enter_t = 1.0f, .leave_t = 1.0f};
        if (meeting.enter_t > here.from.t && !put_reach(w, &here, order, meeting.enter_t))
            return;
    }
}

// Adds a point of a shore, or the one of the rectangle's side that is nearest to it.
static void add_shore(WatersWork *w, float x, float z, bool *inside)
{
    const WatersMap *map = &w->map;
    float place[2] = {x, z}, *at = w->found;
    bool first = w->out->point_count == w->out->lines[w->out->line_count].first;
    *inside |= waters_map_find(map, place, !first, at) && waters_map_holds(map, at);
    float u = fminf(fmaxf(at[0], 0.0f), (float)(map->columns - 1));
    float v = fminf(fmaxf(at[1], 0.0f), (float)(map->rows - 1));
    add_point(w, &(WatersPoint){map->unit_m * u, map->unit_m * v, 0.0f, 0.0f, 0.0f});
}

// Half a circle round (x, z), from the left of `ahead` to its right, and on straight by -`back` of the axis.
static void add_side(WatersWork *w, const float middle[2], const float ahead[2],
                     const float back[2], bool *inside)
{
    float wide_m = sqrtf(ahead[0] * ahead[0] + ahead[1] * ahead[1]);
    int arc = arc_steps(w, wide_m);
    for (int n = 0; n < arc; n++) {
        // Two quarters, each from one direction to the next.
        float part = 2.0f * (float)n / (float)arc, turn = part < 1.0f ? part : part - 1.0f;
        float side[2] = {ahead[1], -ahead[0]};
        float a[2] = {part < 1.0f ? side[0] : ahead[0], part < 1.0f ? side[1] : ahead[1]};
        float b[2] = {part < 1.0f ? ahead[0] : -side[0], part < 1.0f ? ahead[1] : -side[1]};
        float x = a[0] + turn * (b[0] - a[0]), z = a[1] + turn * (b[1] - a[1]);
        float scale = wide_m / sqrtf(x * x + z * z);
        add_shore(w, middle[0] + scale * x, middle[1] + scale * z, inside);
    }
    float length = sqrtf(back[0] * back[0] + back[1] * back[1]);
    int steps = (int)ceilf(length / w->step_m) + 1;
    for (int n = 0; n < steps; n++) {
        float t = (float)n / (float)steps;
        add_shore(w, middle[0] - ahead[1] + t * back[0], middle[1] + ahead[0] + t * back[1],
                  inside);
    }
}

// The level of a lake: on its axis where the rectangle holds that, else the least of its shore.
static float lake_level_m(const WatersWork *w, const RiverSegments *s, int i,
                          const WatersLine *line)
{
    const WatersMap *map = &w->map;
    for (int n = 0; n <= 4; n++) {
        float t = 0.25f * (float)n;
        float place[2] = {s->x[i] + t * s->along_x[i], s->z[i] + t * s->along_z[i]};
        float at[2];
        if (waters_map_find(map, place, false, at) && waters_map_holds(map, at))
            return waters_map_between(map, map->level_m, at);
    }
    float least = RIVER_NEVER;
    for (int n = line->first; n < line->first + line->count; n++) {
        const WatersPoint *p = &w->out->points[n];
        float at[2] = {p->x_m / map->unit_m, p->z_m / map->unit_m};
        least = fminf(least, waters_map_between(map, map->level_m, at));
    }
    return least;
}

static void put_lake(WatersWork *w, const WatersOrigin *origin)
{
    int i = origin->from.segment;
    const RiverSegments *s = &w->map.net.segments[origin->from.lattice];
    float length = length_of(s, i), wide_m = s->wide[i], t;
    float ahead[2] = {wide_m, 0.0f};
    if (length > 0.0f) {
        ahead[0] = wide_m * s->along_x[i] / length;
        ahead[1] = wide_m * s->along_z[i] / length;
    }
    begin_line(w, origin, 0);
    WatersLine *line = &w->out->lines[w->out->line_count];
    float ends[2][2] = {{s->x[i] + s->along_x[i], s->z[i] + s->along_z[i]}, {s->x[i], s->z[i]}};
    float along[2] = {s->along_x[i], s->along_z[i]}, back[2] = {-along[0], -along[1]};
    float corner[2] = {w->map.x[0], w->map.z[0]};
    bool inside = waters_meet_away(s, i, corner, &t) < wide_m;
    add_side(w, ends[0], ahead, back, &inside);
    add_side(w, ends[1], (float[2]){-ahead[0], -ahead[1]}, along, &inside);
    if (!inside)
        w->out->point_count = line->first;
    end_line(w, 1.0f, UNKNOWN);
    if (!inside)
        return;
    float level_m = lake_level_m(w, s, i, line);
    for (int n = line->first; n < line->first + line->count; n++)
        w->out->points[n].level_m = level_m;
}

// -- all segments ------------------------------------------------------------

static int order_of(const RiverNet *net, int k, int cell)
{
    return k == 0 ? (int)net->nodes[0].order[node_of(net, k, cell)] : river_kinds[k].order;
}

static void know_orders(WatersWork *w)
{
    const RiverNet *net = &w->map.net;
    for (int cell = 0; cell < cell_count(net, 0); cell++)
        for (int i = net->first[0][cell]; i < net->first[0][cell + 1]; i++)
            w->great_orders[i] = order_of(net, 0, cell);
}

static void put_cell(WatersWork *w, int k, int cell)
{
    const RiverNet *net = &w->map.net;
    const RiverSegments *s = &net->segments[k];
    int order = order_of(net, k, cell);
    for (int i = net->first[k][cell]; i < net->first[k][cell + 1]; i++) {
        WatersOrigin origin = {.from = {k, i, 0.0f}, .node = node_of(net, k, cell), .end_t = 1.0f};
        if (!is_near(&w->map, s, i, half_at(s, i, 0.0f)))
            continue;
        if (waters_meet_is_lake(s, i))
            put_lake(w, &origin);
        else if (s->drop[i] > 0.0f)
            put_river(w, &origin, order);
    }
}

static Result alloc_lines(WatersWork *w, Arena *arena)
{
    const RiverNet *net = &w->map.net;
    int count = 0;
    for (int k = 0; k < net->lattices; k++)
        for (int i = 0; river_kinds[k].order > 0 && i < net->segments[k].count; i++) {
            const RiverSegments *s = &net->segments[k];
            if (!is_near(&w->map, s, i, half_at(s, i, 0.0f)))
                continue;
            int steps = steps_of(w, length_of(s, i));
            count += waters_meet_is_lake(s, i) ? 2 * (steps + arc_steps(w, s->wide[i])) + 4
                                               : steps + 3 * REACHES;
        }
    w->point_capacity = count;
    w->line_capacity = count + 1;
    w->out->points = arena_alloc(arena, sizeof(WatersPoint) * (size_t)(count + 1));
    w->out->lines = arena_alloc(arena, sizeof(WatersLine) * (size_t)w->line_capacity);
    w->origins = arena_alloc(arena, sizeof(WatersOrigin) * (size_t)w->line_capacity);
    w->great_orders = arena_alloc(arena, sizeof(int) * (size_t)(net->segments[0].count + 1));
    bool all = w->out->points && w->out->lines && w->origins && w->great_orders;
    return all ? RESULT_OK : RESULT_OUT_OF_MEMORY;
}

// -- the way down ------------------------------------------------------------

static int nearest_point(const Waters *waters, const WatersLine *line, const WatersPoint *to)
{
    int best = line->first;
    float least = RIVER_NEVER;
    for (int n = line->first; n < line->first + line->count; n++) {
        float x = waters->points[n].x_m - to->x_m, z = waters->points[n].z_m - to->z_m;
        if (x * x + z * z >= least)
            continue;
        least = x * x + z * z;
        best = n;
    }
    return best;
}

static void lead_down(const WatersWork *w, int line_index)
{
    const Waters *out = w->out;
    WatersLine *line = &out->lines[line_index];
    const WatersOrigin *origin = &w->origins[line_index];
    WatersPlace down = origin->into;
    if (line->down != UNKNOWN)
        return;
    line->down = origin->met ? 0 : find_down(&w->map.net, origin, &down);
    if (line->down != 0)
        return;
    line->down = WATERS_OUTSIDE;
    for (int n = 0; n < out->line_count; n++) {
        const WatersOrigin *o = &w->origins[n];
        if (o->from.lattice != down.lattice || o->from.segment != down.segment)
            continue;
        if (out->lines[n].order > 0 && (down.t < o->from.t || down.t > o->end_t))
            continue;
        const WatersPoint *end = &out->points[line->first + line->count - 1];
        const WatersLine *other = &out->lines[n];
        // A lake's river begins at that shore; others at their end.
        line->down = n;
        line->down_point = line->order == 0 ? other->first : nearest_point(out, other, end);
    }
}

Result waters_make(const Landform *landform, const TerrainKernel *kernel, const WatersDesc *desc,
                   Arena *arena, Waters *out)
{
    assert(landform && kernel && desc && arena && out);
    assert(desc->level >= 0 && desc->level < LANDFORM_LEVELS);
    int32_t unit_m = 2 << desc->level;
    assert(desc->x_m % unit_m == 0 && desc->z_m % unit_m == 0);
    assert(desc->width_m >= unit_m && desc->width_m % unit_m == 0);
    assert(desc->depth_m >= unit_m && desc->depth_m % unit_m == 0);
    *out = (Waters){0};
    if (desc->width_m > WATERS_SIDE_MAX * unit_m || desc->depth_m > WATERS_SIDE_MAX * unit_m)
        return RESULT_LIMIT;
    WatersWork w = {.out = out, .step_m = (float)(WATERS_STEP * unit_m)};
    Result result = waters_map(landform, kernel, desc, arena, &w.map);
    if (!result)
        result = alloc_lines(&w, arena);
    if (result)
        return result;
    know_orders(&w);
    for (int k = 0; k < w.map.net.lattices; k++)
        for (int cell = 0; river_kinds[k].order > 0 && cell < cell_count(&w.map.net, k); cell++)
            put_cell(&w, k, cell);
    for (int i = 0; i < out->line_count; i++)
        lead_down(&w, i);
    return RESULT_OK;
}
