#include "terrain/waters_map.h"
#include <assert.h>
#include <math.h>

#define STRIP 128 // columns that are made together
#define STRIPS (WATERS_SIDE_MAX / STRIP + 1)
#define FIND_STEPS 24
#define FOUND_PART 0.02f // of a sample's spacing
#define LEAP 6.0f        // samples in one step at most
#define SEARCH_STEP 16   // samples from one that is looked at to the next
#define FOLD_PART 1.5f   // as FOUND_PART, where the land is folded and no step leads nearer

static Relief strip_relief(const Landform *landform, const WatersDesc *desc, const WatersMap *map,
                           int strip)
{
    int32_t unit_m = 2 << desc->level;
    int left = strip * STRIP, columns = map->columns - left;
    return (Relief){
        .grid = {.landform = landform,
                 .x = desc->x_m / unit_m + left,
                 .z = desc->z_m / unit_m,
                 .level = desc->level,
                 .stride = 1,
                 .columns = columns < STRIP ? columns : STRIP,
                 .rows = map->rows},
        .net = {.x_m = desc->x_m, .z_m = desc->z_m},
    };
}

static ReliefRows strip_rows(const WatersMap *map, int strip, float *heights_m, float *lie,
                             float *shore)
{
    int left = strip * STRIP;
    return (ReliefRows){.end = map->rows,
                        .heights_m = heights_m + left,
                        .pitch = map->pitch,
                        .lie = lie + left,
                        .shore = shore + left,
                        .half = map->half + left};
}

static void widen(const float *from, const WatersMap *map, int32_t *low, int32_t *high)
{
    for (int j = 0; j < map->rows; j++)
        for (int i = 0; i < map->columns; i++) {
            float value = from[j * map->pitch + i];
            *low = value < (float)*low ? (int32_t)floorf(value) : *low;
            *high = value > (float)*high ? (int32_t)ceilf(value) : *high;
        }
}

static Result alloc_map(const WatersDesc *desc, Arena *arena, WatersMap *map)
{
    int32_t unit_m = 2 << desc->level;
    *map = (WatersMap){.columns = desc->width_m / unit_m + 1,
                       .rows = desc->depth_m / unit_m + 1,
                       .unit_m = (float)unit_m};
    map->pitch = river_padded(map->columns, LANDFORM_PAD);
    size_t bytes = sizeof(float) * (size_t)(map->rows * map->pitch);
    map->x = arena_alloc(arena, bytes);
    map->z = arena_alloc(arena, bytes);
    map->level_m = arena_alloc(arena, bytes);
    map->lie = arena_alloc(arena, bytes);
    map->shore = arena_alloc(arena, bytes);
    map->half = arena_alloc(arena, bytes);
    bool all = map->x && map->z && map->level_m && map->lie && map->shore && map->half;
    return all ? RESULT_OK : RESULT_OUT_OF_MEMORY;
}

Result waters_map(const Landform *landform, const TerrainKernel *kernel, const WatersDesc *desc,
                  Arena *arena, WatersMap *out)
{
    Relief strips[STRIPS];
    Result result = alloc_map(desc, arena, out);
    int count = (out->columns + STRIP - 1) / STRIP;
    assert(count <= STRIPS);
    for (int i = 0; i < count && !result; i++) {
        strips[i] = strip_relief(landform, desc, out, i);
        result = landform_lattice(&strips[i].grid, arena, &strips[i].lattice);
        if (result)
            break;
        kernel->fill_lattice(&strips[i].grid, &strips[i].lattice);
        ReliefRows rows = strip_rows(out, i, out->x, out->lie, out->z);
        kernel->places(&strips[i], &rows);
    }
    if (result)
        return result;
    out->box = (RiverBox){INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
    widen(out->x, out, &out->box.x0, &out->box.x1);
    widen(out->z, out, &out->box.z0, &out->box.z1);
    // A net of its own: only that has nodes, whose orders and ways down lines need.
    RiverNetDesc net = {.x_m = desc->x_m,
                        .z_m = desc->z_m,
                        .box = out->box,
                        .lattices = landform_plan(desc->level).lattices};
    result = river_net(&net, arena, &out->net);
    if (result)
        return result;
    kernel->fill_rivers(landform, &out->net);
    for (int i = 0; i < count; i++) {
        strips[i].net = out->net;
        ReliefRows rows = strip_rows(out, i, out->level_m, out->lie, out->shore);
        kernel->heights(&strips[i], &rows);
    }
    return RESULT_OK;
}

// A point as a cell, and parts of it.
typedef struct MapCell {
    int at;
    float u, v;
} MapCell;

static float clamped(float value, float high)
{
    return value < 0.0f ? 0.0f : value > high ? high : value;
}

static MapCell cell_at(const WatersMap *map, const float at[2])
{
    float u = clamped(at[0], (float)(map->columns - 1)), v = clamped(at[1], (float)(map->rows - 1));
    int i = (int)u, j = (int)v;
    i = i < map->columns - 1 ? i : map->columns - 2;
    j = j < map->rows - 1 ? j : map->rows - 2;
    return (MapCell){j * map->pitch + i, u - (float)i, v - (float)j};
}

// The value between four samples, and how it grows along both sides.
static void mix(const float *from, int pitch, const MapCell *cell, float out[3])
{
    const float *p = from + cell->at;
    float north = p[1] - p[0], south = p[pitch + 1] - p[pitch];
    float west = p[pitch] - p[0], east = p[pitch + 1] - p[1];
    out[1] = north + cell->v * (south - north);
    out[2] = west + cell->u * (east - west);
    out[0] = p[0] + cell->u * north + cell->v * (west + cell->u * (east - west));
}

static bool walk(const WatersMap *map, const float place[2], float inout[2])
{
    float unit_m = map->unit_m, near_m = FOUND_PART * unit_m;
    for (int step = 0; step < FIND_STEPS; step++) {
        MapCell cell = cell_at(map, inout);
        float x[3], z[3], out[2];
        mix(map->x, map->pitch, &cell, x);
        mix(map->z, map->pitch, &cell, z);
        out[0] = inout[0] - clamped(inout[0], (float)(map->columns - 1));
        out[1] = inout[1] - clamped(inout[1], (float)(map->rows - 1));
        float dx = place[0] - x[0] - unit_m * out[0], dz = place[1] - z[0] - unit_m * out[1];
        if (dx * dx + dz * dz < near_m * near_m)
            return true;
        float area = x[1] * z[2] - x[2] * z[1];
        // Beyond the sides, and where the land is squeezed too much, straight on.
        bool plain = out[0] != 0.0f || out[1] != 0.0f || area < 0.1f * unit_m * unit_m;
        float u = plain ? dx / unit_m : (dx * z[2] - dz * x[2]) / area;
        float v = plain ? dz / unit_m : (dz * x[1] - dx * z[1]) / area;
        float far = sqrtf(u * u + v * v), part = far > LEAP && !plain ? LEAP / far : 1.0f;
        inout[0] += part * u;
        inout[1] += part * v;
    }
    return false;
}

// The nearest of every step-th sample; returns the square of how far that is.
static float search(const WatersMap *map, const float place[2], int step, float out[2])
{
    float least = INFINITY;
    for (int j = 0; j < map->rows; j += step)
        for (int i = 0; i < map->columns; i += step) {
            float x = map->x[j * map->pitch + i] - place[0];
            float z = map->z[j * map->pitch + i] - place[1];
            if (x * x + z * z >= least)
                continue;
            least = x * x + z * z;
            out[0] = (float)i;
            out[1] = (float)j;
        }
    return least;
}

bool waters_map_find(const WatersMap *map, const float place[2], bool near, float inout[2])
{
    if (near && walk(map, place, inout))
        return true;
    search(map, place, SEARCH_STEP, inout);
    float fold_m = FOLD_PART * map->unit_m;
    return walk(map, place, inout) || search(map, place, 1, inout) < fold_m * fold_m;
}

bool waters_map_holds(const WatersMap *map, const float at[2])
{
    return at[0] >= 0.0f && at[1] >= 0.0f && at[0] <= (float)(map->columns - 1) &&
           at[1] <= (float)(map->rows - 1);
}

float waters_map_between(const WatersMap *map, const float *from, const float at[2])
{
    float value[3];
    MapCell cell = cell_at(map, at);
    mix(from, map->pitch, &cell, value);
    return value[0];
}
