// A river in pictures from above: water where its line says, from the first of its points to the last, and no other.
#include "base/hash.h"
#include "gl_scene.h"
#include "render_kept.h"
#include "terrain/terrain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIDE 512
#define SEED 42
#define EYE_AGL_M 800.0f
#define RECT_M 1024
#define PLACES 200
#define POINTS 40
#define ARENA_BYTES (16u << 20)
#define ROOT_LOD 4
#define CHANGE 0.12f // of a colour, where water is seen

static GlFixture fixture;
static GlScene scene;
static Source kept_source;
static Arena arena;
static float *wet, *dry; // pictures
static bool *water;      // pixels that differ
static int *queue;

// What the picture shows: a stretch of a river that chunks show as water.
static WatersDesc rect;
static Waters waters;
static int first, count;
static float least_m, most_m; // half widths of the rivers that are looked for

static bool flows(const WatersPoint *p)
{
    float side = fminf(fminf(p->x_m, p->z_m), (float)RECT_M - fmaxf(p->x_m, p->z_m));
    return p->half_m >= least_m && p->half_m <= most_m && p->shore_m >= 0.7f * p->half_m &&
           side > 120.0f;
}

static void find_stretch(const WatersLine *line)
{
    int from = line->first;
    for (int i = line->first; i <= line->first + line->count; i++) {
        bool in = i < line->first + line->count && flows(&waters.points[i]);
        if (in)
            continue;
        if (i - from > count) {
            first = from;
            count = i - from;
        }
        from = i + 1;
    }
}

static void ask(const Terrain *terrain, int64_t x_m, int64_t z_m)
{
    rect = (WatersDesc){x_m, z_m, RECT_M, RECT_M, 0};
    arena_rewind(&arena, 0);
    assert_int_equal(terrain_waters(terrain, &rect, &arena, &waters), RESULT_OK);
    count = 0;
    for (int i = 0; i < waters.line_count; i++)
        if (waters.lines[i].order > 0)
            find_stretch(&waters.lines[i]);
}

// Some river, and then the rectangle around it.
static bool find_river(const Terrain *terrain)
{
    for (uint64_t n = 0; n < PLACES && count < POINTS; n++) {
        uint64_t a = hash_u64(2 * n + 1), b = hash_u64(2 * n + 2);
        ask(terrain, ((int64_t)(a % 200) - 100) * 1024, ((int64_t)(b % 200) - 100) * 1024);
    }
    if (count < POINTS)
        return false;
    const WatersPoint *middle = &waters.points[first + count / 2];
    int64_t right = (int64_t)middle->x_m / 2 * 2, down = (int64_t)middle->z_m / 2 * 2;
    ask(terrain, rect.x_m + right - RECT_M / 2, rect.z_m + down - RECT_M / 2);
    return count >= POINTS;
}

static Result read_dry(void *object, ChunkKey key, Arena *scratch, const atomic_bool *cancelled,
                       Chunk *out)
{
    Result result = kept_source.read(object, key, scratch, cancelled, out);
    for (int i = 0; i < CHUNK_TINT_SIDE * CHUNK_TINT_SIDE; i++)
        out->matter[i] &= 0xffffff00u;
    out->fresh = false;
    return result;
}

static View draw(int tier, const Source *source, float *out)
{
    GlSceneDesc desc = {
        .width = SIDE, .height = SIDE, .tier = tier, .root_lod = ROOT_LOD, .linear_output = true};
    gl_scene_create(&scene, &desc, source, &fixture.caps);
    DrawScene scenery = gl_scene_light(tier);
    const WatersPoint *middle = &waters.points[first + count / 2];
    View view = gl_scene_view(&scene, (double)rect.x_m + (double)middle->x_m,
                              (double)rect.z_m + (double)middle->z_m, EYE_AGL_M, 0.0f, -90.0f);
    gl_scene_draw(&scene, &view, NULL, &scenery);
    gl_sink_read_linear(scene.sink, out);
    gl_scene_destroy(&scene);
    return view;
}

static void mark_water(void)
{
    for (int i = 0; i < SIDE * SIDE; i++) {
        water[i] = false;
        for (int k = 0; k < 3; k++)
            water[i] |= fabsf(wet[4 * i + k] - dry[4 * i + k]) > CHANGE * dry[4 * i + k];
    }
}

// Column and row, in the picture or not.
static void place_of(const View *view, const WatersPoint *p, double out[2])
{
    double half = tan((double)view->fov_y_rad * 0.5),
           down = view->eye_world[1] - (double)p->level_m;
    double x = ((double)rect.x_m + (double)p->x_m - view->eye_world[0]) / (down * half);
    double z = ((double)rect.z_m + (double)p->z_m - view->eye_world[2]) / (down * half);
    out[0] = (x + 1.0) * 0.5 * SIDE;
    out[1] = (z + 1.0) * 0.5 * SIDE;
}

// -1: out of the picture.
static int pixel_of(const View *view, const WatersPoint *p)
{
    double place[2];
    place_of(view, p, place);
    int column = (int)floor(place[0]), row = (int)floor(place[1]);
    bool in = column >= 0 && column < SIDE && row >= 0 && row < SIDE;
    return in ? row * SIDE + column : -1;
}

// Spreads from a pixel over all water that hangs together with it; `reached` is left marked.
static void spread(int from, bool *reached)
{
    int head = 0, tail = 0;
    memset(reached, 0, sizeof(bool) * SIDE * SIDE);
    queue[tail++] = from;
    reached[from] = true;
    while (head < tail) {
        int at = queue[head++];
        for (int k = 0; k < 9; k++) {
            int column = at % SIDE + k % 3 - 1, row = at / SIDE + k / 3 - 1;
            int to = row * SIDE + column;
            if (column < 0 || column >= SIDE || row < 0 || row >= SIDE || reached[to] || !water[to])
                continue;
            reached[to] = true;
            queue[tail++] = to;
        }
    }
}

typedef struct Seen {
    int points, wet, joined; // in the picture; on water; on the same as the first
    int pixels;              // of water
} Seen;

static Seen look(const View *view, bool *reached)
{
    Seen seen = {0};
    for (int i = first; i < first + count; i++) {
        int at = pixel_of(view, &waters.points[i]);
        if (at < 0)
            continue;
        if (water[at] && seen.wet == 0)
            spread(at, reached);
        seen.points++;
        seen.wet += water[at];
        seen.joined += seen.wet > 0 && water[at] && reached[at];
    }
    for (int i = 0; i < SIDE * SIDE; i++)
        seen.pixels += water[i];
    return seen;
}

// Marks what lies within a lake's shore: an odd number of its sides lies west of each such pixel.
static void mark_lake(const View *view, const WatersLine *lake, bool *within)
{
    for (int i = 0; i < lake->count; i++) {
        double a[2], b[2];
        place_of(view, &waters.points[lake->first + i], a);
        place_of(view, &waters.points[lake->first + (i + 1) % lake->count], b);
        for (int row = 0; row < SIDE; row++) {
            double z = row + 0.5;
            if ((a[1] > z) == (b[1] > z))
                continue;
            double x = a[0] + (z - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
            for (int column = x < 0.0 ? 0 : (int)ceil(x - 0.5); column < SIDE; column++)
                within[row * SIDE + column] = !within[row * SIDE + column];
        }
    }
}

// The area that lines have in the picture, in pixels, widened by a bank, and what shores enclose; returns how much
// water is left.
static int mark_lines(const View *view, bool *near)
{
    const float bank_m = 12.0f;
    int pixels = 0;
    memset(near, 0, sizeof(bool) * SIDE * SIDE);
    for (int i = 0; i < waters.line_count; i++)
        if (waters.lines[i].order == 0)
            mark_lake(view, &waters.lines[i], near);
    for (int i = 0; i < waters.point_count; i++) {
        int at = pixel_of(view, &waters.points[i]);
        float metres = 2.0f * EYE_AGL_M * tanf(0.5f * view->fov_y_rad) / SIDE;
        int reach = (int)((1.4f * waters.points[i].half_m + bank_m) / metres) + 1;
        for (int k = 0; at >= 0 && k < (2 * reach + 1) * (2 * reach + 1); k++) {
            int column = at % SIDE + k % (2 * reach + 1) - reach;
            int row = at / SIDE + k / (2 * reach + 1) - reach;
            if (column >= 0 && column < SIDE && row >= 0 && row < SIDE)
                near[row * SIDE + column] = true;
        }
    }
    for (int i = 0; i < SIDE * SIDE; i++)
        pixels += water[i] && !near[i];
    return pixels;
}

// What is seen of a stretch is one water, and no more than `missing_max` of its points are not seen.
static void look_at_river(float from_half_m, float to_half_m, double missing_max)
{
    count = 0;
    least_m = from_half_m;
    most_m = to_half_m;
    Terrain *terrain;
    assert_int_equal(terrain_create(&(TerrainDesc){.seed = SEED}, &terrain), RESULT_OK);
    assert_true(find_river(terrain));
    terrain_destroy(terrain);
    RenderKept *kept = render_kept_create(SEED);
    kept_source = render_kept_source(kept);
    Source dry_source = kept_source;
    dry_source.read = read_dry;
    bool *marks = malloc(sizeof(bool) * SIDE * SIDE);
    assert_non_null(marks);
    int wrong = 0;
    for (int tier = 0; tier < 3; tier++) {
        View view = draw(tier, &kept_source, wet);
        (void)draw(tier, &dry_source, dry);
        mark_water();
        Seen seen = look(&view, marks);
        int strange = mark_lines(&view, marks);
        print_message("tier %d: of %d points of a river %d are on water, %d on the same; %d of %d "
                      "pixels of water by no line\n",
                      tier, seen.points, seen.wet, seen.joined, strange, seen.pixels);
        wrong += seen.points < POINTS / 2 || seen.points - seen.wet > missing_max * seen.points;
        wrong += seen.joined != seen.wet || strange * 500 > seen.pixels;
    }
    free(marks);
    render_kept_destroy(kept);
    assert_int_equal(wrong, 0);
}

static void a_river_is_seen_unbroken_where_its_line_runs(void **state)
{
    (void)state;
    look_at_river(8.0f, 40.0f, 0.0);
}

static void a_brook_is_one_line(void **state)
{
    (void)state;
    look_at_river(1.9f, 3.6f, 0.1);
}

int main(void)
{
    if (!gl_fixture_create(&fixture, SIDE, SIDE, false))
        return 0;
    wet = malloc(sizeof(float) * SIDE * SIDE * 4);
    dry = malloc(sizeof(float) * SIDE * SIDE * 4);
    water = malloc(sizeof(bool) * SIDE * SIDE);
    queue = malloc(sizeof(int) * SIDE * SIDE);
    if (!arena_create(ARENA_BYTES, OS_MEMORY_SCRATCH, &arena))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_river_is_seen_unbroken_where_its_line_runs),
        cmocka_unit_test(a_brook_is_one_line),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_destroy(&arena);
    free(wet);
    free(dry);
    free(water);
    free(queue);
    gl_fixture_destroy(&fixture);
    return failed;
}
