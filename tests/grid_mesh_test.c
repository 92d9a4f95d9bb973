// The shared index meshes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/os_memory.h"
#include "mesh/grid_mesh.h"
#include <stdlib.h>
#include <string.h>

static const int sizes[] = {128, 64, 32, 16, 8, 4};
#define SIZE_COUNT ((int)(sizeof sizes / sizeof *sizes))

static GridMesh make(int quads)
{
    GridMesh mesh;
    assert_int_equal(grid_mesh_create(quads, &mesh), RESULT_OK);
    return mesh;
}

// Twice the area of a triangle on the map; positive when counter-clockwise seen from above, z pointing down.
static int area2(GridVertex a, GridVertex b, GridVertex c)
{
    return (b.z - a.z) * (c.x - a.x) - (b.x - a.x) * (c.z - a.z);
}

static void test_grid_mesh_covers_every_quad_once_facing_up(void **state)
{
    (void)state;
    for (int s = 0; s < SIZE_COUNT; s++) {
        GridMesh mesh = make(sizes[s]);
        int quads = mesh.quads;
        uint8_t *seen = calloc((size_t)(quads * quads), 1);
        assert_int_equal(mesh.surface_index_count, 6 * quads * quads);
        for (uint32_t t = 0; t < mesh.surface_index_count; t += 3) {
            GridVertex v[3];
            int low_x = 255, low_z = 255;
            for (int k = 0; k < 3; k++) {
                assert_true(mesh.indices[t + (uint32_t)k] < mesh.vertex_count);
                v[k] = mesh.vertices[mesh.indices[t + (uint32_t)k]];
                assert_int_equal(v[k].skirt, 0);
                low_x = v[k].x < low_x ? v[k].x : low_x;
                low_z = v[k].z < low_z ? v[k].z : low_z;
            }
            assert_int_equal(area2(v[0], v[1], v[2]), 1);
            // Bit 1 for the half south-west of the diagonal, 2 for the other: both hold its two ends.
            bool holds_start = false, holds_end = false, south = false;
            for (int k = 0; k < 3; k++) {
                int x = v[k].x - low_x, z = v[k].z - low_z;
                holds_start |= x == 0 && z == 0;
                holds_end |= x == 1 && z == 1;
                south |= x == 0 && z == 1;
            }
            assert_true(holds_start && holds_end);
            uint8_t *place = &seen[low_z * quads + low_x];
            uint8_t half = south ? 1 : 2;
            assert_int_equal(*place & half, 0);
            *place |= half;
        }
        for (int i = 0; i < quads * quads; i++)
            assert_int_equal(seen[i], 3);
        free(seen);
        grid_mesh_destroy(&mesh);
    }
}

static bool on_border(const GridMesh *mesh, GridVertex v)
{
    return v.x == 0 || v.z == 0 || v.x == mesh->quads || v.z == mesh->quads;
}

static void test_grid_mesh_skirts_hang_under_the_border_and_face_out(void **state)
{
    (void)state;
    for (int s = 0; s < SIZE_COUNT; s++) {
        GridMesh mesh = make(sizes[s]);
        assert_int_equal(mesh.index_count - mesh.surface_index_count, 4 * 6 * mesh.quads);
        for (uint32_t t = mesh.surface_index_count; t < mesh.index_count; t += 3) {
            GridVertex v[3];
            int skirts = 0;
            for (int k = 0; k < 3; k++) {
                v[k] = mesh.vertices[mesh.indices[t + (uint32_t)k]];
                assert_true(on_border(&mesh, v[k]));
                skirts += v[k].skirt;
            }
            assert_true(skirts == 1 || skirts == 2);
            // Cross product of two sides, skirts one unit down, against the way out of the tile.
            int ax = v[1].x - v[0].x, ay = v[0].skirt - v[1].skirt, az = v[1].z - v[0].z;
            int bx = v[2].x - v[0].x, by = v[0].skirt - v[2].skirt, bz = v[2].z - v[0].z;
            int out_x =
                v[0].x + v[1].x + v[2].x == 0 ? -1 : v[0].x + v[1].x + v[2].x == 3 * mesh.quads;
            int out_z =
                v[0].z + v[1].z + v[2].z == 0 ? -1 : v[0].z + v[1].z + v[2].z == 3 * mesh.quads;
            assert_true((ay * bz - az * by) * out_x + (ax * by - ay * bx) * out_z > 0);
        }
        grid_mesh_destroy(&mesh);
    }
}

// Key of a triangle whatever corner it begins with, for sorting.
static uint64_t triangle_key(const int x[3], const int z[3])
{
    uint64_t corner[3], best = UINT64_MAX;
    for (int k = 0; k < 3; k++)
        corner[k] = (uint64_t)(z[k] * 129 + x[k]);
    for (int k = 0; k < 3; k++) {
        uint64_t key = corner[k] << 40 | corner[(k + 1) % 3] << 20 | corner[(k + 2) % 3];
        best = key < best ? key : best;
    }
    return best;
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// Triangles left after every vertex slid to its place; `mask` ~1 slides, `scale` spreads a coarser grid.
static int collect(const GridMesh *mesh, int mask, int scale, uint64_t *out)
{
    int count = 0;
    for (uint32_t t = 0; t < mesh->surface_index_count; t += 3) {
        int x[3], z[3];
        for (uint32_t k = 0; k < 3; k++) {
            GridVertex v = mesh->vertices[mesh->indices[t + k]];
            x[k] = (v.x & mask) * scale;
            z[k] = (v.z & mask) * scale;
        }
        if ((x[1] - x[0]) * (z[2] - z[0]) != (x[2] - x[0]) * (z[1] - z[0]))
            out[count++] = triangle_key(x, z);
    }
    qsort(out, (size_t)count, sizeof *out, compare_keys);
    return count;
}

static void test_grid_mesh_fully_morphed_is_the_coarser_mesh(void **state)
{
    (void)state;
    uint64_t *slid = malloc(128 * 128 * 2 * sizeof *slid);
    uint64_t *coarse = malloc(128 * 128 * 2 * sizeof *coarse);
    for (int s = 0; s + 1 < SIZE_COUNT; s++) {
        GridMesh fine = make(sizes[s]), half = make(sizes[s + 1]);
        int count = collect(&fine, ~1, 1, slid);
        assert_int_equal(count, half.surface_index_count / 3);
        assert_int_equal(collect(&half, ~0, 2, coarse), count);
        assert_memory_equal(slid, coarse, (size_t)count * sizeof *slid);
        grid_mesh_destroy(&fine);
        grid_mesh_destroy(&half);
    }
    free(slid);
    free(coarse);
}

static void test_grid_mesh_order_suits_a_small_vertex_cache(void **state)
{
    (void)state;
    GridMesh mesh = make(128);
    uint32_t cache[20], misses = 0, next = 0;
    memset(cache, 0xff, sizeof cache);
    for (uint32_t i = 0; i < mesh.surface_index_count; i++) {
        bool hit = false;
        for (int k = 0; k < 20; k++)
            hit |= cache[k] == mesh.indices[i];
        if (hit)
            continue;
        cache[next++ % 20] = mesh.indices[i];
        misses++;
    }
    // 0.5 is the least for a grid; rows of 129 vertices would cost 1.0.
    assert_true((double)misses / (mesh.surface_index_count / 3.0) < 0.6);
    grid_mesh_destroy(&mesh);
}

static void test_grid_mesh_reports_each_failed_allocation_and_leaks_nothing(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    for (uint64_t nth = 1; nth <= 2; nth++) {
        GridMesh mesh;
        os_memory_fail_at(nth, 0);
        assert_int_equal(grid_mesh_create(32, &mesh), RESULT_OUT_OF_MEMORY);
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
    os_memory_fail_at(0, 0);
    GridMesh mesh = make(32);
    grid_mesh_destroy(&mesh);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grid_mesh_covers_every_quad_once_facing_up),
        cmocka_unit_test(test_grid_mesh_skirts_hang_under_the_border_and_face_out),
        cmocka_unit_test(test_grid_mesh_fully_morphed_is_the_coarser_mesh),
        cmocka_unit_test(test_grid_mesh_order_suits_a_small_vertex_cache),
        cmocka_unit_test(test_grid_mesh_reports_each_failed_allocation_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
