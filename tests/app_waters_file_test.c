// Waters as GeoJSON: the rectangle that holds the bounds, and features that a map program can read.
#include "base/os_file.h"
#include "base/os_memory.h"
#include "waters_file.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cJSON.h>
#include <cmocka.h>

static char path[] = "/tmp/arete_waters_XXXXXX";

static int make_path(void **state)
{
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

// -- the rectangle -----------------------------------------------------------

static Result rectangle(double x0, double z0, double side_m, double spacing_m, WatersDesc *out)
{
    HeightsDesc desc = {
        .x0_m = x0, .z0_m = z0, .x1_m = x0 + side_m, .z1_m = z0 + side_m, .spacing_m = spacing_m};
    ResultText why = {0};
    Result result = waters_file_rectangle(&desc, out, &why);
    assert_int_equal(why.text[0] != 0, result != RESULT_OK);
    return result;
}

static void bounds_are_widened_to_whole_samples(void **state)
{
    (void)state;
    WatersDesc out;
    assert_int_equal(rectangle(-5.5, 3.0, 10.0, 2.0, &out), RESULT_OK);
    assert_true(out.x_m == -6 && out.z_m == 2 && out.level == 0);
    assert_true(out.width_m == 12 && out.depth_m == 12);
    assert_int_equal(rectangle(-4096.0, 8.0, 4096.0, 10.0, &out), RESULT_OK);
    assert_true(out.x_m == -4096 && out.z_m == 8 && out.level == 2);
    assert_true(out.width_m == 4096 && out.depth_m == 4096);
    assert_int_equal(rectangle(-1e12, 1e12 - 64.0, 64.0, 1e5, &out), RESULT_OK);
    assert_true(out.x_m <= -1000000000000 && out.z_m <= 999999999936 && out.level == 6);
    assert_true(out.x_m % 128 == 0 && out.z_m % 128 == 0 && out.width_m == 128);
}

static void bounds_without_ground_or_past_the_limit_are_refused(void **state)
{
    (void)state;
    WatersDesc out;
    assert_int_equal(rectangle(0.0, 0.0, 0.0, 2.0, &out), RESULT_BAD_INPUT);
    assert_int_equal(rectangle(0.0, 0.0, -5.0, 2.0, &out), RESULT_BAD_INPUT);
    assert_int_equal(rectangle(0.0, 0.0, 1024.0, 2.0, &out), RESULT_OK);
    assert_int_equal(rectangle(1.0, 0.0, 1024.0, 2.0, &out), RESULT_LIMIT);
    assert_int_equal(rectangle(-1e12, -1e12, 2e12, 1e5, &out), RESULT_LIMIT);
}

// -- features ----------------------------------------------------------------

// A brook that ends at a river that goes nowhere, which a lake takes in; a river from the lake to the sea. The lake's
// shore turns the wrong way, and stands still at one point.
static WatersPoint points[] = {
    {10.004f, 20.0f, 30.5f, 1.0f, -2.0f}, {12.0f, 21.0f, 30.25f, 1.25f, 0.5f}, // 0: brook
    {14.0f, 22.0f, 30.0f, 2.0f, 2.0f},    {14.001f, 22.0f, 30.0f, 2.0f, 2.0f}, // 1: no line
    {16.0f, 24.0f, 29.0f, 0.0f, 0.0f},    {40.0f, 24.0f, 29.0f, 0.0f, 0.0f},   // 2: lake
    {40.0f, 40.0f, 29.0f, 0.0f, 0.0f},    {40.0f, 40.0f, 29.0f, 0.0f, 0.0f},
    {16.0f, 40.0f, 29.0f, 0.0f, 0.0f},    {28.0f, 40.0f, 29.0f, 3.0f, 3.0f}, // 3: river
    {28.0f, 63.0f, 0.0f, 3.5f, 9.0f},
};
static WatersLine lines[] = {
    {0, 2, 1, 1, 2}, {2, 2, 2, 2, 3}, {4, 5, 0, 3, 9}, {9, 2, 5, WATERS_SEA, -1}};
static const Waters waters = {points, lines, 11, 4};
static const WatersDesc place = {1000, -2000, 64, 64, 0};

static Result write_file(WatersFile *out)
{
    *out = (WatersFile){.world = "seed:5", .rectangle = &place, .waters = &waters};
    return waters_file_write(path, out, NULL);
}

static cJSON *read_back(void)
{
    uint8_t *data;
    size_t bytes;
    assert_int_equal(os_file_read(path, 1u << 20, &data, &bytes, NULL), RESULT_OK);
    cJSON *root = cJSON_Parse((const char *)data);
    os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
    assert_non_null(root);
    return root;
}

static cJSON *write_and_read_back(void)
{
    WatersFile file;
    assert_int_equal(write_file(&file), RESULT_OK);
    return read_back();
}

static cJSON *get(const cJSON *from, const char *name)
{
    cJSON *found = cJSON_GetObjectItemCaseSensitive(from, name);
    assert_non_null(found);
    return found;
}

static void check_text(const cJSON *from, const char *name, const char *want)
{
    assert_string_equal(cJSON_GetStringValue(get(from, name)), want);
}

static void check_numbers(const cJSON *list, int count, const double *want)
{
    assert_int_equal(cJSON_GetArraySize(list), count);
    for (int i = 0; i < count; i++)
        assert_true(cJSON_GetArrayItem(list, i)->valuedouble == want[i]);
}

static const cJSON *check_feature(const cJSON *root, int index, int id, const char *kind)
{
    const cJSON *feature = cJSON_GetArrayItem(get(root, "features"), index);
    check_text(feature, "type", "Feature");
    assert_int_equal(get(feature, "id")->valueint, id);
    check_text(get(feature, "properties"), "kind", kind);
    check_text(get(feature, "geometry"), "type", kind[0] == 'r' ? "LineString" : "Polygon");
    return feature;
}

static void check_position(const cJSON *list, int index, double x, double y, double level)
{
    check_numbers(cJSON_GetArrayItem(list, index), 3, (double[]){x, y, level});
}

static void the_file_says_what_it_holds(void **state)
{
    (void)state;
    WatersFile file;
    assert_int_equal(write_file(&file), RESULT_OK);
    assert_int_equal(file.rivers, 2);
    assert_int_equal(file.lakes, 1);
    cJSON *root = read_back(), *own = get(root, "source");
    check_text(root, "type", "FeatureCollection");
    assert_false(cJSON_HasObjectItem(root, "properties")); // those are the features'
    check_text(own, "world", "seed:5");
    check_text(own, "axes", "east (x), north (-z), level up; metres");
    check_numbers(get(own, "bounds_m"), 4, (double[]){1000, 1936, 1064, 2000});
    assert_true(get(own, "spacing_m")->valuedouble == 2);
    assert_int_equal(cJSON_GetArraySize(get(root, "features")), 3);
    cJSON_Delete(root);
}

static void rivers_are_lines_that_lead_down(void **state)
{
    (void)state;
    cJSON *root = write_and_read_back();
    const cJSON *brook = check_feature(root, 0, 0, "river");
    const cJSON *own = get(brook, "properties");
    const cJSON *places = get(get(brook, "geometry"), "coordinates");
    assert_int_equal(cJSON_GetArraySize(places), 2);
    check_position(places, 0, 1010, 1980, 30.5);
    check_position(places, 1, 1012, 1979, 30.25);
    assert_int_equal(get(own, "order")->valueint, 1);
    check_numbers(get(own, "width_m"), 2, (double[]){2, 2.5});
    check_numbers(get(own, "shore_m"), 2, (double[]){-2, 0.5});
    assert_int_equal(get(own, "down")->valueint, 2); // past the river that stands still
    assert_true(cJSON_IsNull(get(get(check_feature(root, 2, 3, "river"), "properties"), "down")));
    cJSON_Delete(root);
}

static void lakes_are_rings_that_close_and_turn_one_way(void **state)
{
    (void)state;
    cJSON *root = write_and_read_back();
    const cJSON *lake = check_feature(root, 1, 2, "lake");
    const cJSON *rings = get(get(lake, "geometry"), "coordinates");
    assert_int_equal(cJSON_GetArraySize(rings), 1);
    const cJSON *ring = cJSON_GetArrayItem(rings, 0);
    assert_int_equal(cJSON_GetArraySize(ring), 5);
    check_position(ring, 0, 1016, 1960, 29);
    check_position(ring, 1, 1040, 1960, 29);
    check_position(ring, 2, 1040, 1976, 29);
    check_position(ring, 3, 1016, 1976, 29);
    check_position(ring, 4, 1016, 1960, 29);
    assert_true(get(get(lake, "properties"), "level_m")->valuedouble == 29);
    assert_int_equal(get(get(lake, "properties"), "down")->valueint, 3);
    cJSON_Delete(root);
}

static void a_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    WatersFile file;
    assert_int_equal(os_file_write(path, "{}", 2, NULL), RESULT_OK);
    os_file_fail_at(2, 28); // ENOSPC
    assert_int_not_equal(write_file(&file), RESULT_OK);
    os_file_fail_at(0, 0);
    cJSON *root = read_back();
    assert_null(root->child);
    cJSON_Delete(root);
}

static int left, live; // allocations until one fails; those not yet freed

static void *short_alloc(size_t bytes)
{
    if (left-- <= 0)
        return NULL;
    live++;
    return malloc(bytes);
}

static void short_free(void *memory)
{
    live -= memory != NULL;
    free(memory);
}

static void short_memory_leaves_the_old_file_and_nothing_else(void **state)
{
    (void)state;
    cJSON_Hooks hooks = {short_alloc, short_free};
    WatersFile file;
    Result result = RESULT_OUT_OF_MEMORY;
    int failed = 0;
    cJSON_InitHooks(&hooks);
    for (; result != RESULT_OK; failed++) {
        left = failed;
        assert_int_equal(os_file_write(path, "{}", 2, NULL), RESULT_OK);
        result = write_file(&file);
        assert_true(result == RESULT_OK || result == RESULT_OUT_OF_MEMORY);
        assert_int_equal(live, 0);
    }
    cJSON_InitHooks(NULL);
    assert_true(failed > 100);
    cJSON *root = read_back();
    assert_int_equal(cJSON_GetArraySize(get(root, "features")), 3);
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_are_widened_to_whole_samples),
        cmocka_unit_test(bounds_without_ground_or_past_the_limit_are_refused),
        cmocka_unit_test(the_file_says_what_it_holds),
        cmocka_unit_test(rivers_are_lines_that_lead_down),
        cmocka_unit_test(lakes_are_rings_that_close_and_turn_one_way),
        cmocka_unit_test(a_failed_write_leaves_the_old_file),
        cmocka_unit_test(short_memory_leaves_the_old_file_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
