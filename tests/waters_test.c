// Rivers and lakes as lines: they lead somewhere, and they are the water that chunks show.
#include "base/hash.h"
#include "terrain_rig.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARENA_BYTES (32u << 20)
#define SIDE_M 1024
#define RISE_M 0.05f
// How much higher the next point of what takes a river may lie.
#define HIGH_M 1.0f
#define HIGH_SLOPE 0.2f
#define MOUTH_M 120.0f
#define SEEDS 8
#define PLACES 6

static Arena arena;

static int make_arena(void **state)
{
    (void)state;
    return arena_create(ARENA_BYTES, OS_MEMORY_SCRATCH, &arena) ? 0 : -1;
}

static int free_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

// Somewhere within 200 km of the origin.
static WatersDesc random_desc(uint64_t index, int level)
{
    int32_t side_m = SIDE_M << level;
    uint64_t a = hash_u64(2 * index + 1), b = hash_u64(2 * index + 2);
    return (WatersDesc){
        .x_m = ((int64_t)(a % 400000) - 200000) / 1024 * 1024,
        .z_m = ((int64_t)(b % 400000) - 200000) / 1024 * 1024,
        .width_m = side_m,
        .depth_m = side_m,
        .level = level,
    };
}

static Waters make(const TerrainRig *rig, const WatersDesc *desc)
{
    Waters waters;
    assert_int_equal(terrain_waters(rig->terrain, desc, &arena, &waters), RESULT_OK);
    return waters;
}

static float distance_m(const WatersPoint *a, const WatersPoint *b)
{
    return hypotf(a->x_m - b->x_m, a->z_m - b->z_m);
}

static const WatersPoint *last_of(const Waters *w, const WatersLine *line)
{
    return &w->points[line->first + line->count - 1];
}

static float from_side_m(const WatersDesc *desc, const WatersPoint *p)
{
    float x = fminf(p->x_m, (float)desc->width_m - p->x_m);
    return fminf(x, fminf(p->z_m, (float)desc->depth_m - p->z_m));
}

// -- where lines lead --------------------------------------------------------

typedef struct Ends {
    int lines[2], sea, outside, nowhere, cut; // lines: lakes', rivers'
    int joins, apart; // rivers that reach others; those that end far from them
    int steps, rises; // from one point to the next where both show water; those up
} Ends;

static void check_shape(const Waters *w, const WatersLine *line, const WatersDesc *desc, Ends *ends)
{
    assert_true(line->first >= 0 && line->count >= 1);
    assert_true(line->first + line->count <= w->point_count);
    assert_true(line->order >= 0 && line->order <= 5);
    ends->lines[line->order > 0]++;
    for (int i = line->first; i < line->first + line->count; i++) {
        const WatersPoint *p = &w->points[i], *before = i > line->first ? p - 1 : p;
        assert_true(from_side_m(desc, p) >= 0.0f);
        assert_true(line->order > 0 ? p->half_m >= before->half_m && p->half_m > 0.0f
                                    : p->level_m == before->level_m && p->half_m == 0.0f);
        // Where both points' water shows.
        bool wet = line->order > 0 && p->shore_m > 0.0f && before->shore_m > 0.0f;
        ends->steps += wet;
        ends->rises += wet && p->level_m > before->level_m + RISE_M;
    }
}

static void check_end(const Waters *w, const WatersLine *line, const WatersDesc *desc, Ends *ends)
{
    const WatersPoint *end = last_of(w, line);
    float sample_m = (float)(2 << desc->level);
    ends->sea += line->down == WATERS_SEA;
    ends->outside += line->down == WATERS_OUTSIDE;
    ends->nowhere += line->down == WATERS_NOWHERE;
    if (line->down == WATERS_SEA)
        assert_true(end->level_m <= 0.0f && (line->count == 1 || end[-1].level_m > 0.0f));
    // The land between two points may be stretched; where it is folded, a line may be cut.
    ends->cut += line->down == WATERS_OUTSIDE && line->order > 0 &&
                 from_side_m(desc, end) > 32.0f * sample_m;
    if (line->down < 0)
        return;
    const WatersLine *down = &w->lines[line->down];
    const WatersPoint *join = &w->points[line->down_point];
    assert_true(line->down < w->line_count && down != line);
    assert_true(line->down_point >= down->first && line->down_point < down->first + down->count);
    if (line->order == 0)
        return;
    assert_true(down->order == 0 ||
                (down->order >= line->order && join->half_m > end->half_m - 1e-3f));
    // A river ends at the shore of what takes it.
    ends->joins++;
    ends->apart += distance_m(end, join) > 1.5f * join->half_m + 16.0f * sample_m;
}

static void follow(const Waters *w, int line)
{
    int steps = 0;
    while (line >= 0) {
        assert_true(steps++ < w->line_count);
        line = w->lines[line].down;
    }
}

static void check_all(const TerrainRig *rig, uint64_t index, int level, Ends *ends)
{
    arena_rewind(&arena, 0);
    WatersDesc desc = random_desc(index, level);
    Waters w = make(rig, &desc);
    for (int i = 0; i < w.line_count; i++) {
        check_shape(&w, &w.lines[i], &desc, ends);
        check_end(&w, &w.lines[i], &desc, ends);
        follow(&w, i);
    }
}

static void water_leads_down_to_a_lake_the_sea_or_the_side(void **state)
{
    (void)state;
    static const int LEVELS[] = {0, 2, 3, 6};
    for (int n = 0; n < 4; n++) {
        Ends ends = {0};
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            TerrainRig *rig = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
            for (uint64_t place = 0; place < (LEVELS[n] < 6 ? PLACES : seed % 4 == 3); place++)
                check_all(rig, 100 * seed + place, LEVELS[n], &ends);
            terrain_rig_close(rig);
        }
        print_message("level %d: %d rivers and %d lakes; %d end in the sea, %d at the side, %d "
                      "nowhere, %d are cut; %d of %d joins are apart, %d of %d steps rise\n",
                      LEVELS[n], ends.lines[1], ends.lines[0], ends.sea, ends.outside, ends.nowhere,
                      ends.cut, ends.apart, ends.joins, ends.rises, ends.steps);
        assert_true(ends.lines[1] > 100 && (LEVELS[n] == 0 || ends.lines[0] > 0));
        assert_true(ends.nowhere * 200 <= ends.lines[1] && ends.cut * 500 <= ends.lines[1]);
        assert_true(ends.joins > 50 && ends.apart * 200 <= ends.joins);
        // Samples that lie far apart miss narrow beds, and show next to no water.
        if (LEVELS[n] == 6)
            continue;
        assert_true(ends.sea > 0 && ends.steps > 1000);
        assert_true(ends.rises * 1000 <= ends.steps * (LEVELS[n] < 3 ? 1 : 40));
    }
}

// -- what lines cross --------------------------------------------------------

typedef struct Crossings {
    int joins, high;    // rivers that end in greater ones; above whose end that lies higher
    int crossed, pairs; // of two rivers of different orders
    int mouths, dry;    // points in the last stretch of those that end in greater ones
} Crossings;

// Of b -> a, c: more than 0 on one side, less on the other.
static double side_of(const WatersPoint *a, const WatersPoint *b, const WatersPoint *c)
{
    return (double)(b->x_m - a->x_m) * (double)(c->z_m - a->z_m) -
           (double)(b->z_m - a->z_m) * (double)(c->x_m - a->x_m);
}

static bool steps_cross(const WatersPoint *a, const WatersPoint *b)
{
    return side_of(a, a + 1, b) * side_of(a, a + 1, b + 1) < 0.0 &&
           side_of(b, b + 1, a) * side_of(b, b + 1, a + 1) < 0.0;
}

// Whether one line goes on from a greater one's shore to the other.
static bool lines_cross(const Waters *w, const WatersLine *a, const WatersLine *b, float sample_m)
{
    const WatersPoint *start = &w->points[a->first], *end = last_of(w, a);
    for (int i = a->first; i + 1 < a->first + a->count; i++)
        for (int j = b->first; j + 1 < b->first + b->count; j++) {
            const WatersPoint *p = &w->points[i], *q = &w->points[j];
            float shore_m = q->half_m + 8.0f * sample_m;
            if (steps_cross(p, q) && distance_m(p, start) > shore_m && distance_m(p, end) > shore_m)
                return true;
        }
    return false;
}

static void look_at_crossings(const Waters *w, const WatersDesc *desc, Crossings *out)
{
    for (int i = 0; i < w->line_count; i++) {
        const WatersLine *a = &w->lines[i];
        for (int j = 0; j < w->line_count; j++) {
            const WatersLine *b = &w->lines[j];
            if (a->order == 0 || a->order >= b->order)
                continue;
            out->pairs++;
            out->crossed += lines_cross(w, a, b, (float)(2 << desc->level));
        }
        if (a->order == 0 || a->down < 0 || w->lines[a->down].order <= a->order)
            continue;
        out->joins++;
        const WatersPoint *end = last_of(w, a), *join = &w->points[a->down_point];
        out->high += join->level_m > end->level_m + HIGH_M + HIGH_SLOPE * distance_m(join, end);
        for (const WatersPoint *p = end; p >= &w->points[a->first]; p--)
            if (distance_m(p, end) < MOUTH_M) {
                out->mouths++;
                out->dry += p->shore_m <= 0.0f;
            }
    }
}

static void no_river_crosses_a_greater_one(void **state)
{
    (void)state;
    static const int LEVELS[] = {0, 2, 3};
    for (int n = 0; n < 3; n++) {
        Crossings seen = {0};
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            TerrainRig *rig = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
            for (uint64_t place = 0; place < PLACES; place++) {
                arena_rewind(&arena, 0);
                WatersDesc desc = random_desc(100 * seed + place, LEVELS[n]);
                Waters w = make(rig, &desc);
                look_at_crossings(&w, &desc, &seen);
            }
            terrain_rig_close(rig);
        }
        print_message(
            "level %d: %d of %d pairs of rivers cross, %d of %d end in higher ones, %d of "
            "%d points at mouths are dry\n",
            LEVELS[n], seen.crossed, seen.pairs, seen.high, seen.joins, seen.dry, seen.mouths);
        assert_true(seen.pairs > 200 && seen.joins > 20);
        // Near-parallel lines may where the land is folded.
        assert_true(seen.crossed * 20000 <= seen.pairs && seen.high * 50 <= seen.joins);
        // Samples further apart miss brooks.
        assert_true(LEVELS[n] > 0 || seen.dry * 3 <= seen.mouths);
    }
}

// -- and what chunks show ----------------------------------------------------

// Metres into the water at a texel, as the chunk's card says.
static float shore_m(const Chunk *chunk, int i, int j)
{
    int red = (int)(chunk->matter[j * CHUNK_TINT_SIDE + i] & 0xff);
    float part = (float)(red - CHUNK_SHORE) / 127.0f, scale_m = 2.0f * CHUNK_SHORE_TEXELS;
    scale_m *= chunk_spacing_m(chunk->key.level);
    return scale_m * part / fmaxf(1.0f - fabsf(part), 1e-3f);
}

static bool is_in_lake(const Waters *w, const WatersLine *lake, float x_m, float z_m)
{
    bool in = false;
    const WatersPoint *from = &w->points[lake->first];
    for (int i = 0, j = lake->count - 1; i < lake->count; j = i++) {
        if ((from[i].z_m > z_m) == (from[j].z_m > z_m))
            continue;
        float part = (z_m - from[i].z_m) / (from[j].z_m - from[i].z_m);
        in ^= x_m < from[i].x_m + part * (from[j].x_m - from[i].x_m);
    }
    return in;
}

// From the straight way between two points.
static float from_step_m(const WatersPoint *a, const WatersPoint *b, const WatersPoint *p)
{
    float x = b->x_m - a->x_m, z = b->z_m - a->z_m, square = fmaxf(x * x + z * z, 1e-6f);
    float t = ((p->x_m - a->x_m) * x + (p->z_m - a->z_m) * z) / square;
    t = fminf(fmaxf(t, 0.0f), 1.0f);
    return hypotf(p->x_m - a->x_m - t * x, p->z_m - a->z_m - t * z);
}

// Whether a line has water at a point: with `more_m` all round.
static bool is_in_line(const Waters *w, const WatersLine *line, const WatersPoint *p, float more_m)
{
    if (line->order == 0 && is_in_lake(w, line, p->x_m, p->z_m))
        return true;
    for (int i = line->first; i < line->first + line->count; i++) {
        const WatersPoint *to = &w->points[i < line->first + line->count - 1 ? i + 1 : i];
        if (from_step_m(&w->points[i], to, p) < 1.4f * w->points[i].half_m + more_m)
            return true;
    }
    return false;
}

static bool is_in_water(const Waters *w, const WatersPoint *p, float more_m)
{
    for (int i = 0; i < w->line_count; i++)
        if (is_in_line(w, &w->lines[i], p, more_m))
            return true;
    return false;
}

typedef struct Agreement {
    int rivers, dry;     // points of rivers wide enough to show; those whose bed is dry
    int off;             // points whose water the chunk does not show so
    int texels, strange; // of water; beside no line
} Agreement;

// All of a chunk's texels, and the points that lie in it.
static void compare(const Waters *w, const WatersDesc *desc, const Chunk *c, Agreement *out)
{
    double x0_m = (double)desc->x_m, z0_m = (double)desc->z_m;
    float corner_m[2] = {(float)(c->key.x * 256 - desc->x_m), (float)(c->key.z * 256 - desc->z_m)};
    for (int j = 1; j < 65; j++)
        for (int i = 1; i < 65; i++) {
            WatersPoint p = {corner_m[0] + 4.0f * (float)(i - 1),
                             corner_m[1] + 4.0f * (float)(j - 1), 0.0f, 0.0f, 0.0f};
            if (shore_m(c, i, j) < 2.0f || chunk_height_m(c, 2 * (i - 1), 2 * (j - 1)) <= 0.0f)
                continue;
            out->texels++;
            out->strange += !is_in_water(w, &p, 14.0f);
        }
    for (int i = 0; i < w->point_count; i++) {
        const WatersPoint *p = &w->points[i];
        float x_m = p->x_m - corner_m[0], z_m = p->z_m - corner_m[1];
        if (p->half_m < 5.0f || x_m < 0.0f || z_m < 0.0f || x_m >= 256.0f || z_m >= 256.0f)
            continue;
        int u = 1 + (int)(0.25f * x_m + 0.5f), v = 1 + (int)(0.25f * z_m + 0.5f);
        out->rivers++;
        out->dry += p->shore_m <= 0.0f;
        out->off += (shore_m(c, u, v) > 0.0f) != (p->shore_m > 0.0f) ||
                    fabsf(chunk_height_at_m(c, x0_m + (double)p->x_m, z0_m + (double)p->z_m) -
                          p->level_m) > 0.1f;
    }
}

static void lines_are_the_water_that_chunks_show(void **state)
{
    (void)state;
    Agreement agreement = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        TerrainRig *rig = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
        for (uint64_t place = 0; place < PLACES; place++) {
            arena_rewind(&arena, 0);
            WatersDesc desc = random_desc(100 * seed + place, 0);
            Waters w = make(rig, &desc);
            for (int k = 0; k < 16 && w.line_count > 0; k++) {
                ChunkKey key = {desc.x_m / 256 + k % 4, desc.z_m / 256 + k / 4, 0};
                terrain_rig_read(rig, key, &rig->a);
                compare(&w, &desc, &rig->a, &agreement);
            }
        }
        terrain_rig_close(rig);
    }
    print_message(
        "of %d points of rivers %d are dry, %d otherwise in chunks; of %d texels of water "
        "%d lie by no line\n",
        agreement.rivers, agreement.dry, agreement.off, agreement.texels, agreement.strange);
    assert_true(agreement.rivers > 500 && agreement.texels > 4000);
    assert_true(agreement.off * 40 <= agreement.rivers); // beside shores: texels are 4 m wide
    assert_true(agreement.strange * 2000 <= agreement.texels);
}

typedef struct LakeSeen {
    int lakes, texels, dry,
        off; // texels within shores; of these not water, not at the lake's level
} LakeSeen;

static void compare_lakes(const Waters *w, const WatersDesc *desc, const Chunk *c, LakeSeen *out)
{
    float texel_m = 2.0f * chunk_spacing_m(c->key.level);
    float x_m = (float)(c->key.x * chunk_key_side_m(c->key.level) - desc->x_m);
    float z_m = (float)(c->key.z * chunk_key_side_m(c->key.level) - desc->z_m);
    for (int n = 0; n < w->line_count; n++) {
        const WatersLine *lake = &w->lines[n];
        for (int k = 0; lake->order == 0 && k < 64 * 64; k++) {
            int i = 1 + k % 64, j = 1 + k / 64;
            if (!is_in_lake(w, lake, x_m + texel_m * (float)(i - 1),
                            z_m + texel_m * (float)(j - 1)))
                continue;
            float height_m = chunk_height_m(c, 2 * (i - 1), 2 * (j - 1));
            out->texels++;
            out->dry += shore_m(c, i, j) <= 0.0f;
            out->off += fabsf(height_m - w->points[lake->first].level_m) > 0.1f;
        }
    }
}

static void shores_hold_the_lakes_that_chunks_show(void **state)
{
    (void)state;
    LakeSeen seen = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        TerrainRig *rig = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
        for (uint64_t place = 0; place < 2; place++) {
            arena_rewind(&arena, 0);
            WatersDesc desc = random_desc(100 * seed + place, 3);
            desc.x_m = desc.x_m / 2048 * 2048;
            desc.z_m = desc.z_m / 2048 * 2048;
            Waters w = make(rig, &desc);
            for (int i = 0; i < w.line_count; i++)
                seen.lakes += w.lines[i].order == 0;
            for (int k = 0; k < 16; k++) {
                ChunkKey key = {desc.x_m / 2048 + k % 4, desc.z_m / 2048 + k / 4, 3};
                terrain_rig_read(rig, key, &rig->a);
                compare_lakes(&w, &desc, &rig->a, &seen);
            }
        }
        terrain_rig_close(rig);
    }
    print_message("%d lakes: of %d texels within their shores %d are dry, %d at another level\n",
                  seen.lakes, seen.texels, seen.dry, seen.off);
    assert_true(seen.lakes > 10 && seen.texels > 1000);
    assert_true(seen.dry * 50 <= seen.texels && seen.off * 50 <= seen.texels);
}

// A rectangle's neighbour has the same river where they overlap.
static void rectangles_agree_where_they_overlap(void **state)
{
    (void)state;
    int points = 0, missing = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        TerrainRig *rig = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
        arena_rewind(&arena, 0);
        WatersDesc desc = random_desc(100 * seed, 2), other = desc;
        other.x_m += desc.width_m / 2;
        Waters a = make(rig, &desc), b = make(rig, &other);
        for (int i = 0; i < a.point_count; i++) {
            WatersPoint p = a.points[i];
            p.x_m -= (float)(desc.width_m / 2);
            if (p.x_m < 100.0f || from_side_m(&desc, &a.points[i]) < 100.0f || p.half_m == 0.0f)
                continue;
            points++;
            missing += !is_in_water(&b, &p, 40.0f);
        }
        terrain_rig_close(rig);
    }
    print_message("%d points, %d of them not in the other rectangle\n", points, missing);
    assert_true(points > 1000 && missing * 200 <= points);
}

static void every_width_gives_the_same_lines(void **state)
{
    (void)state;
    int lines = 0;
    for (uint64_t seed = 0; seed < 3; seed++) {
        WatersDesc desc = random_desc(seed, 2 + (int)seed);
        TerrainRig *plain = terrain_rig_open(seed, TERRAIN_WIDTH_SCALAR);
        TerrainRig *wide = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
        arena_rewind(&arena, 0);
        Waters a = make(plain, &desc), b = make(wide, &desc);
        lines += a.line_count;
        assert_int_equal(a.line_count, b.line_count);
        assert_int_equal(a.point_count, b.point_count);
        assert_memory_equal(a.lines, b.lines, sizeof(WatersLine) * (size_t)a.line_count);
        assert_memory_equal(a.points, b.points, sizeof(WatersPoint) * (size_t)a.point_count);
        terrain_rig_close(plain);
        terrain_rig_close(wide);
    }
    assert_true(lines > 100);
}

static void limits_are_said(void **state)
{
    (void)state;
    TerrainRig *rig = terrain_rig_open(1, TERRAIN_WIDTH_BEST);
    Waters w;
    WatersDesc desc = random_desc(1, 0);
    desc.width_m += 2;
    assert_int_equal(terrain_waters(rig->terrain, &desc, &arena, &w), RESULT_LIMIT);
    assert_int_equal(w.line_count, 0);
    desc.width_m -= 2;
    for (size_t bytes = 1u << 16; bytes <= 1u << 21; bytes *= 2) {
        Arena small;
        assert_int_equal(arena_create(bytes, OS_MEMORY_SCRATCH, &small), 1);
        assert_int_equal(terrain_waters(rig->terrain, &desc, &small, &w), RESULT_OUT_OF_MEMORY);
        arena_destroy(&small);
    }
    terrain_rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(water_leads_down_to_a_lake_the_sea_or_the_side),
        cmocka_unit_test(no_river_crosses_a_greater_one),
        cmocka_unit_test(lines_are_the_water_that_chunks_show),
        cmocka_unit_test(shores_hold_the_lakes_that_chunks_show),
        cmocka_unit_test(rectangles_agree_where_they_overlap),
        cmocka_unit_test(every_width_gives_the_same_lines),
        cmocka_unit_test(limits_are_said),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
