#include "terrain/waters.h"
#include "terrain/waters_map.h"
#include <assert.h>
#include <math.h>

#define ARC_POINTS 24 // of a half circle at least
#define JOIN_M 1.0f   // from a river's end to the water that takes it, at most
#define SAME_M 0.1f   // that this may lie higher
#define UNKNOWN (-4)  // where a line's water goes, until all lines are there

// A place on a segment of the net.
typedef struct WatersPlace {
    int lattice, segment;
    float t;
} WatersPlace;

// What a line was made of.
typedef struct WatersOrigin {
    WatersPlace from;
    int node; // where its link begins
    float end_t;
} WatersOrigin;

typedef struct WatersWork {
    WatersMap map;
    Waters *out;
    WatersOrigin *origins; // of each line
    int point_capacity, line_capacity;
    float step_m;
    bool open;      // a line is being drawn,
    float found[2]; // and this was its last point, in samples
} WatersWork;

static bool is_lake(const RiverSegments *s, int i)
{
    return s->drop[i] == 0.0f && s->wide[i] > 0.0f && s->bed[i] < RIVER_NEVER;
}

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

// From a segment's axis, where it is nearest, to a place.
static float away_from(const RiverSegments *s, int i, const float place[2], float *out_t)
{
    float x = place[0] - s->x[i], z = place[1] - s->z[i];
    float t = x * s->per_x[i] + z * s->per_z[i];
    t = t < 0.0f ? 0.0f : t > 1.0f ? 1.0f : t;
    *out_t = t;
    x -= t * s->along_x[i];
    z -= t * s->along_z[i];
    return sqrtf(x * x + z * z);
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

static int steps_of(const WatersWork *w, const RiverSegments *s, int i)
{
    return (int)ceilf(length_of(s, i) / w->step_m) + 1;
}

static int arc_steps(const WatersWork *w, float wide_m)
{
    int steps = (int)ceilf(3.2f * wide_m / w->step_m);
    return steps > ARC_POINTS ? steps : ARC_POINTS;
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

static void put_river(WatersWork *w, const WatersOrigin *origin, int order)
{
    int i = origin->from.segment;
    const RiverSegments *s = &w->map.net.segments[origin->from.lattice];
    int steps = steps_of(w, s, i);
    for (int n = 0; n <= steps; n++) {
        float t = (float)n / (float)steps;
        float place[2] = {s->x[i] + t * s->along_x[i], s->z[i] + t * s->along_z[i]};
        WatersPoint point;
        if (!find(w, place, &point)) {
            end_line(w, t, WATERS_OUTSIDE);
            continue;
        }
        WatersOrigin here = *origin;
        here.from.t = t;
        if (!w->open)
            begin_line(w, &here, order);
        point.half_m = half_at(s, i, t);
        add_point(w, &point);
        if (point.level_m <= 0.0f) {
            end_line(w, t, WATERS_SEA);
            return;
        }
    }
    end_line(w, 1.0f, UNKNOWN);
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
    bool inside = away_from(s, i, corner, &t) < wide_m;
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

static void put_cell(WatersWork *w, int k, int cell)
{
    const RiverNet *net = &w->map.net;
    const RiverSegments *s = &net->segments[k];
    int order = k == 0 ? (int)net->nodes[0].order[node_of(net, k, cell)] : river_kinds[k].order;
    for (int i = net->first[k][cell]; i < net->first[k][cell + 1]; i++) {
        WatersOrigin origin = {{k, i, 0.0f}, node_of(net, k, cell), 1.0f};
        if (!is_near(&w->map, s, i, half_at(s, i, 0.0f)))
            continue;
        if (is_lake(s, i))
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
            count += is_lake(s, i) ? 2 * (steps_of(w, s, i) + arc_steps(w, s->wide[i])) + 4
                                   : steps_of(w, s, i) + 1;
        }
    w->point_capacity = count;
    w->line_capacity = count + 1;
    w->out->points = arena_alloc(arena, sizeof(WatersPoint) * (size_t)(count + 1));
    w->out->lines = arena_alloc(arena, sizeof(WatersLine) * (size_t)w->line_capacity);
    w->origins = arena_alloc(arena, sizeof(WatersOrigin) * (size_t)w->line_capacity);
    return w->out->points && w->out->lines && w->origins ? RESULT_OK : RESULT_OUT_OF_MEMORY;
}

// -- the way down ------------------------------------------------------------

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
            float t, away = away_from(&net->segments[k], n, end, &t);
            away -= half_at(&net->segments[k], n, t);
            if (away >= least || level_at(&net->segments[k], n, t) > high_m)
                continue;
            least = away;
            *out = (WatersPlace){k, n, t};
        }
    return out->lattice >= 0;
}

// Where the water goes from the end of a line's segment; WATERS_NOWHERE, WATERS_OUTSIDE or 0: found.
static int find_down(const RiverNet *net, const WatersOrigin *origin, WatersPlace *out)
{
    const WatersPlace *from = &origin->from;
    const RiverNodes *n = &net->nodes[from->lattice];
    const RiverSegments *s = &net->segments[from->lattice];
    if (is_lake(s, from->segment)) {
        *out = (WatersPlace){from->lattice, from->segment + 1, 0.0f};
        return n->link_drop[origin->node] > 0.0f ? 0 : WATERS_NOWHERE;
    }
    int to = (int)n->to[origin->node];
    if (to != 0) {
        int cell = cell_of(net, from->lattice, origin->node + to);
        int i = cell < 0 ? 0 : net->first[from->lattice][cell];
        if (cell < 0 || i == net->first[from->lattice][cell + 1])
            return WATERS_OUTSIDE; // so far off that it was left out
        *out = (WatersPlace){from->lattice, i, 0.0f};
        if (s->bed[i] < RIVER_NEVER)
            return 0;
    }
    return find_coarser(net, from, out) ? 0 : WATERS_NOWHERE;
}

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
    WatersPlace down;
    if (line->down != UNKNOWN)
        return;
    line->down = find_down(&w->map.net, &w->origins[line_index], &down);
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
    for (int k = 0; k < w.map.net.lattices; k++)
        for (int cell = 0; river_kinds[k].order > 0 && cell < cell_count(&w.map.net, k); cell++)
            put_cell(&w, k, cell);
    for (int i = 0; i < out->line_count; i++)
        lead_down(&w, i);
    return RESULT_OK;
}
