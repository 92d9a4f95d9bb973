#include "waters_file.h"
#include "base/os_file.h"
#include "base/version.h"
#include <assert.h>
#include <cJSON.h>
#include <math.h>
#include <string.h>

static double sample_m(int level)
{
    return (double)(2 << level);
}

Result waters_file_rectangle(const HeightsDesc *desc, WatersDesc *out, ResultText *text)
{
    assert(desc && out);
    Result result = heights_check_bounds(desc, text);
    if (result != RESULT_OK)
        return result;
    int level = heights_level(desc->spacing_m);
    double unit_m = sample_m(level), most_m = WATERS_SIDE_MAX * unit_m;
    double west = floor(desc->x0_m / unit_m) * unit_m, east = ceil(desc->x1_m / unit_m) * unit_m;
    double north = floor(desc->z0_m / unit_m) * unit_m, south = ceil(desc->z1_m / unit_m) * unit_m;
    if (east - west > most_m || south - north > most_m)
        return result_fail(
            text, RESULT_LIMIT,
            "%.0f x %.0f m are too large for waters %.0f m apart; at most %.0f m a side, %.0f m at "
            "a spacing of %.0f m",
            east - west, south - north, unit_m, most_m,
            WATERS_SIDE_MAX * sample_m(CHUNK_KEY_LEVEL_MAX), sample_m(CHUNK_KEY_LEVEL_MAX));
    *out = (WatersDesc){.x_m = (int64_t)west,
                        .z_m = (int64_t)north,
                        .width_m = (int32_t)(east - west),
                        .depth_m = (int32_t)(south - north),
                        .level = level};
    return RESULT_OK;
}

// Adds `item` as `name`, or at the end of an array without one; false, and it is freed, when memory is short.
static bool put(cJSON *parent, const char *name, cJSON *item)
{
    bool added = item && (name ? cJSON_AddItemToObject(parent, name, item)
                               : cJSON_AddItemToArray(parent, item));
    if (!added)
        cJSON_Delete(item);
    return added;
}

static double to_cm(double value_m)
{
    return round(value_m * 100) / 100 + 0.0; // no -0
}

static bool put_m(cJSON *parent, const char *name, double value_m)
{
    return put(parent, name, cJSON_CreateNumber(to_cm(value_m)));
}

static cJSON *position(const WatersFile *file, const WatersPoint *point)
{
    cJSON *out = cJSON_CreateArray();
    if (out && put_m(out, NULL, (double)file->rectangle->x_m + (double)point->x_m) &&
        put_m(out, NULL, -((double)file->rectangle->z_m + (double)point->z_m)) &&
        put_m(out, NULL, (double)point->level_m))
        return out;
    cJSON_Delete(out);
    return NULL;
}

static bool is_same_place(const WatersPoint *a, const WatersPoint *b)
{
    return to_cm((double)a->x_m) == to_cm((double)b->x_m) &&
           to_cm((double)a->z_m) == to_cm((double)b->z_m);
}

// Twice the area within a line whose ends are joined; above 0 when it turns from east to north.
static double turn_m2(const WatersFile *file, const WatersLine *line)
{
    const WatersPoint *points = file->waters->points + line->first;
    double sum = 0;
    for (int i = 0, j = line->count - 1; i < line->count; j = i++)
        sum += (double)points[i].x_m * (double)points[j].z_m -
               (double)points[j].x_m * (double)points[i].z_m;
    return sum;
}

// What has no length, or no area, has no form in GeoJSON.
static bool has_form(const WatersFile *file, const WatersLine *line)
{
    const WatersPoint *points = file->waters->points + line->first;
    bool moves = false;
    for (int i = 1; i < line->count; i++)
        moves |= !is_same_place(&points[i], points);
    return line->order > 0 ? moves : fabs(turn_m2(file, line)) > 1.0;
}

static bool put_river(const WatersFile *file, const WatersLine *line, cJSON *places, cJSON *own)
{
    cJSON *width = cJSON_CreateArray(), *shore = cJSON_CreateArray();
    bool whole = put(own, "order", cJSON_CreateNumber(line->order));
    whole &= put(own, "width_m", width);
    whole &= put(own, "shore_m", shore);
    for (int i = 0; whole && i < line->count; i++) {
        const WatersPoint *point = &file->waters->points[line->first + i];
        whole = put(places, NULL, position(file, point)) &&
                put_m(width, NULL, 2.0 * (double)point->half_m) &&
                put_m(shore, NULL, (double)point->shore_m);
    }
    return whole;
}

// The ring turns the way that the format asks for, and ends where it begins.
static bool put_lake(const WatersFile *file, const WatersLine *line, cJSON *places, cJSON *own)
{
    const WatersPoint *points = file->waters->points + line->first, *before = NULL;
    bool turned = turn_m2(file, line) < 0, whole;
    cJSON *ring = cJSON_CreateArray();
    whole = put(places, NULL, ring) && put_m(own, "level_m", (double)points->level_m);
    for (int i = 0; whole && i <= line->count; i++) {
        int n = i % line->count;
        const WatersPoint *point = &points[turned ? line->count - 1 - n : n];
        if (before && is_same_place(point, before) && i < line->count)
            continue;
        whole = put(ring, NULL, position(file, point));
        before = point;
    }
    return whole;
}

// Down past what is not in the file.
static cJSON *down_of(const WatersFile *file, const WatersLine *line)
{
    int down = line->down;
    while (down >= 0 && !has_form(file, &file->waters->lines[down]))
        down = file->waters->lines[down].down;
    return down >= 0 ? cJSON_CreateNumber(down) : cJSON_CreateNull();
}

static bool put_feature(WatersFile *file, int index, cJSON *features)
{
    const WatersLine *line = &file->waters->lines[index];
    bool river = line->order > 0;
    if (!has_form(file, line))
        return true;
    cJSON *feature = cJSON_CreateObject();
    if (!put(features, NULL, feature))
        return false;
    bool whole = put(feature, "type", cJSON_CreateString("Feature"));
    whole &= put(feature, "id", cJSON_CreateNumber(index));
    cJSON *own = cJSON_AddObjectToObject(feature, "properties");
    cJSON *shape = cJSON_AddObjectToObject(feature, "geometry");
    whole &= put(own, "kind", cJSON_CreateString(river ? "river" : "lake"));
    whole &= put(own, "down", down_of(file, line));
    whole &= put(shape, "type", cJSON_CreateString(river ? "LineString" : "Polygon"));
    cJSON *places = cJSON_AddArrayToObject(shape, "coordinates");
    whole = whole && (river ? put_river : put_lake)(file, line, places, own);
    file->rivers += river;
    file->lakes += !river;
    return whole;
}

static bool put_head(const WatersFile *file, cJSON *root)
{
    const WatersDesc *rectangle = file->rectangle;
    bool whole = put(root, "type", cJSON_CreateString("FeatureCollection"));
    whole &= put(root, "name", cJSON_CreateString("waters"));
    cJSON *own = cJSON_AddObjectToObject(root, "source"); // the format lets foreign members be
    whole &= put(own, "software", cJSON_CreateString("Arete"));
    whole &= put(own, "version", cJSON_CreateString(version_string()));
    whole &= put(own, "world", cJSON_CreateString(file->world));
    whole &= put(own, "axes", cJSON_CreateString("east (x), north (-z), level up; metres"));
    whole &= put_m(own, "spacing_m", sample_m(rectangle->level));
    cJSON *box = cJSON_AddArrayToObject(own, "bounds_m"); // no bbox: that has levels, too
    whole &= put_m(box, NULL, (double)rectangle->x_m);
    whole &= put_m(box, NULL, -(double)(rectangle->z_m + rectangle->depth_m));
    whole &= put_m(box, NULL, (double)(rectangle->x_m + rectangle->width_m));
    whole &= put_m(box, NULL, -(double)rectangle->z_m);
    return whole;
}

Result waters_file_write(const char *path, WatersFile *file, ResultText *text)
{
    assert(path && file && file->world && file->rectangle && file->waters);
    cJSON *root = cJSON_CreateObject();
    bool whole = put_head(file, root);
    cJSON *features = cJSON_AddArrayToObject(root, "features");
    file->rivers = file->lakes = 0;
    for (int i = 0; whole && i < file->waters->line_count; i++)
        whole = put_feature(file, i, features);
    char *json = whole ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    if (!json)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the waters in %.200s", path);
    Result result = os_file_write(path, json, strlen(json), text);
    cJSON_free(json);
    return result;
}
