#include "mesh/lod_select.h"

#include "base/os_memory.h"
#include <assert.h>
#include <math.h>
#include <string.h>

// Skirts hang two spacings down; the same upwards covers peaks that lie between a coarse tile's vertices.
#define MARGIN_SPACINGS 2.0f
#define CHILDREN_MAX 16
// Sorting keys: 64 steps an octave of distance from 1 m to 2^20 m.
#define SORT_STEPS_SHIFT 17 // 23 bits of a float's fraction less 6
#define SORT_BUCKETS (20 * 64 + 1)
#define FLOAT_ONE_BITS 0x3f800000u

struct LodSelect {
    const LodSelectInput *input;
    LodSelectStats stats;
    HorizonCull horizon;
    int found_count;
    LodPick found[LOD_SELECT_PICKS_MAX]; // in the order of the walk
    LodPick picks[LOD_SELECT_PICKS_MAX]; // sorted
    uint16_t buckets[SORT_BUCKETS];
    uint16_t bucket_of[LOD_SELECT_PICKS_MAX];
};

// A resident square of the walk, with its north-west corner relative to the eye.
typedef struct Node {
    ChunkKey key;
    LodTile tile;
    float x_eye, z_eye, side_m;
    float near_squared, far_squared; // distances in the plane, m2
    float distance_m;                // nearest, with the height above ground
} Node;

Result lod_select_create(LodSelect **out)
{
    *out = os_memory_alloc(sizeof **out, OS_MEMORY_TABLES);
    return *out ? RESULT_OK : RESULT_OUT_OF_MEMORY;
}

void lod_select_destroy(LodSelect *select)
{
    os_memory_free(select, sizeof *select, OS_MEMORY_TABLES);
}

// Plain comparisons: the library's fmaxf is a call, for the sake of NaN.
static float greatest(float a, float b)
{
    return a > b ? a : b;
}

static void place_node(Node *node, ChunkKey key, const ViewFrame *frame)
{
    int64_t side_m = chunk_key_side_m(key.level);
    node->key = key;
    node->side_m = (float)side_m;
    node->x_eye = (float)(key.x * side_m - frame->anchor_x_m) - frame->eye_anchor[0];
    node->z_eye = (float)(key.z * side_m - frame->anchor_z_m) - frame->eye_anchor[2];
    float x1 = node->x_eye + node->side_m, z1 = node->z_eye + node->side_m;
    float near_x = greatest(0.0f, greatest(node->x_eye, -x1));
    float near_z = greatest(0.0f, greatest(node->z_eye, -z1));
    float far_x = greatest(x1, -node->x_eye), far_z = greatest(z1, -node->z_eye);
    node->near_squared = near_x * near_x + near_z * near_z;
    node->far_squared = far_x * far_x + far_z * far_z;
    float agl_m = frame->view.agl_m;
    node->distance_m = sqrtf(node->near_squared + agl_m * agl_m);
}

float lod_select_distance_m(ChunkKey key, const ViewFrame *frame)
{
    Node node;
    place_node(&node, key, frame);
    return node.distance_m;
}

// Lowest ground of the node relative to the eye. The fall of the earth's curve counts here and not in the
// highest, so that bounds hold for worlds with and without it.
static float low_eye(const Node *node, const ViewFrame *frame)
{
    float drop_m = node->far_squared / (2.0f * VIEW_EARTH_RADIUS_M);
    return node->tile.min_m - frame->eye_anchor[1] - drop_m;
}

// Highest that is drawn there: the sea stands at height 0 over lower ground.
static float high_eye(const Node *node, const ViewFrame *frame)
{
    return greatest(node->tile.max_m, 0.0f) - frame->eye_anchor[1];
}

static bool in_frustum(const LodSelectInput *input, const Node *node, int lod)
{
    if (input->without_frustum)
        return true;
    const ViewFrame *frame = input->frame;
    float margin_m = MARGIN_SPACINGS * lod_spacing_m(lod);
    vec3 low = {node->x_eye, low_eye(node, frame) - margin_m, node->z_eye};
    vec3 high = {node->x_eye + node->side_m, high_eye(node, frame) + margin_m,
                 node->z_eye + node->side_m};
    return view_box_visible(frame, low, high);
}

// The walk goes from near to far along every ray, which the horizon test needs; nearest distance alone would
// not do, for a great square may begin nearer and yet lie behind a small one.
static bool behind_horizon(LodSelect *select, const Node *node)
{
    if (select->input->without_horizon)
        return false;
    const ViewFrame *frame = select->input->frame;
    HorizonBox box = {node->x_eye,
                      node->z_eye,
                      node->x_eye + node->side_m,
                      node->z_eye + node->side_m,
                      low_eye(node, frame),
                      high_eye(node, frame)};
    if (horizon_cull_hides(&select->horizon, &box))
        return true;
    horizon_cull_add(&select->horizon, &box);
    return false;
}

static void pick(LodSelect *select, const Node *node, int lod)
{
    assert(node->tile.min_m <= node->tile.max_m);
    LodSelectStats *stats = &select->stats;
    if (behind_horizon(select, node)) {
        stats->culled_horizon++;
        return;
    }
    if (select->found_count == LOD_SELECT_PICKS_MAX) {
        stats->overflow++;
        return;
    }
    select->found[select->found_count++] =
        (LodPick){.key = node->key, .lod = lod, .distance_m = node->distance_m, .tile = node->tile};
    stats->picked[lod]++;
    stats->picked_total++;
    if (lod > 0 && node->distance_m < select->input->nominal.end_m[lod - 1])
        stats->late++;
}

// A chunk is drawn at L2 or finer, as far as it is near enough and resident.
static void pick_chunk(LodSelect *select, Node *node)
{
    const LodSelectInput *input = select->input;
    for (int lod = 0; lod < LOD_CHUNK_COUNT - 1; lod++) {
        if (node->distance_m >= input->ranges.end_m[lod])
            continue;
        const LodTile *tile = input->find(input->object, node->key, lod);
        if (tile) {
            node->tile = *tile;
            pick(select, node, lod);
            return;
        }
    }
    pick(select, node, LOD_CHUNK_COUNT - 1);
}

// Looks up every child once; false as soon as one is missing.
static bool find_children(const LodSelectInput *input, ChunkKey key, int child_lod,
                          LodTile out[CHILDREN_MAX])
{
    int side = chunk_key_children_side(key.level);
    assert(side * side <= CHILDREN_MAX);
    for (int j = 0; j < side; j++) {
        for (int i = 0; i < side; i++) {
            const LodTile *tile = input->find(input->object, chunk_key_child(key, i, j), child_lod);
            if (!tile)
                return false;
            out[j * side + i] = *tile;
        }
    }
    return true;
}

// The row (or column) of children that holds the eye, or the nearest to it.
static int eye_cell(float low_m, float side_m, int cells)
{
    int cell = low_m >= 0.0f ? 0 : (int)(-low_m / side_m * (float)cells);
    return cell >= cells ? cells - 1 : cell;
}

// Goes down at most once a level, so the depth is bounded by LOD_COUNT.
static void visit(LodSelect *select, Node *node, int lod)
{
    // Cells of a row from the eye's outwards; the first two of the first two rows serve 2 x 2 children.
    static const uint8_t outwards[4][4] = {{0, 1, 2, 3}, {1, 0, 2, 3}, {2, 3, 1, 0}, {3, 2, 1, 0}};
    const LodSelectInput *input = select->input;
    if (!in_frustum(input, node, lod)) {
        select->stats.culled_frustum++;
        return;
    }
    if (lod < LOD_CHUNK_COUNT) {
        pick_chunk(select, node);
        return;
    }
    LodTile tiles[CHILDREN_MAX];
    if (node->distance_m >= input->ranges.end_m[lod - 1] ||
        !find_children(input, node->key, lod - 1, tiles)) {
        pick(select, node, lod);
        return;
    }
    int side = chunk_key_children_side(node->key.level);
    const uint8_t *columns = outwards[eye_cell(node->x_eye, node->side_m, side)];
    const uint8_t *rows = outwards[eye_cell(node->z_eye, node->side_m, side)];
    for (int n = 0; n < side * side; n++) {
        int i = columns[n % side], j = rows[n / side];
        Node child = {.tile = tiles[j * side + i]};
        place_node(&child, chunk_key_child(node->key, i, j), input->frame);
        visit(select, &child, lod - 1);
    }
}

static void visit_root(LodSelect *select, ChunkKey key)
{
    const LodSelectInput *input = select->input;
    Node node;
    place_node(&node, key, input->frame);
    float end_m = input->ranges.end_m[input->root_lod];
    if (node.near_squared >= end_m * end_m)
        return;
    const LodTile *tile = input->find(input->object, key, input->root_lod);
    if (!tile) {
        select->stats.holes++;
        return;
    }
    node.tile = *tile;
    visit(select, &node, input->root_lod);
}

// 0, 1, -1, 2, -2, ...
static int outward(int n)
{
    return n % 2 == 1 ? n / 2 + 1 : -(n / 2);
}

// Rows from the eye's outwards and the squares of each likewise: no square comes before one that hides it.
static void visit_roots(LodSelect *select)
{
    const LodSelectInput *input = select->input;
    const double *eye = input->frame->view.eye_world;
    int level = lod_key_level(input->root_lod);
    ChunkKey centre = chunk_key_at(level, eye[0], eye[2]);
    float end_m = input->ranges.end_m[input->root_lod];
    int reach = (int)ceilf(end_m / (float)chunk_key_side_m(level));
    for (int row = 0; row < 2 * reach + 1; row++)
        for (int column = 0; column < 2 * reach + 1; column++)
            visit_root(select,
                       (ChunkKey){centre.x + outward(column), centre.z + outward(row), level});
}

static uint16_t sort_key(float distance_m)
{
    float least_m = greatest(distance_m, 1.0f);
    uint32_t bits;
    memcpy(&bits, &least_m, sizeof bits);
    uint32_t key = (bits - FLOAT_ONE_BITS) >> SORT_STEPS_SHIFT;
    return (uint16_t)(key < SORT_BUCKETS ? key : SORT_BUCKETS - 1);
}

// Counting sort by distance, front to back to within 1.6 %; within a bucket the order of the walk stays.
static void sort_picks(LodSelect *select)
{
    memset(select->buckets, 0, sizeof select->buckets);
    for (int i = 0; i < select->found_count; i++) {
        select->bucket_of[i] = sort_key(select->found[i].distance_m);
        select->buckets[select->bucket_of[i]]++;
    }
    uint32_t start = 0;
    for (int i = 0; i < SORT_BUCKETS; i++) {
        uint32_t count = select->buckets[i];
        select->buckets[i] = (uint16_t)start;
        start += count;
    }
    for (int i = 0; i < select->found_count; i++)
        select->picks[select->buckets[select->bucket_of[i]]++] = select->found[i];
}

const LodPick *lod_select_run(LodSelect *select, const LodSelectInput *input, int *out_count,
                              LodSelectStats *out_stats)
{
    assert(input->frame && input->find);
    assert(input->root_lod >= LOD_CHUNK_COUNT && input->root_lod < LOD_COUNT);
    assert(lod_ranges_valid(&input->ranges));
    select->input = input;
    select->stats = (LodSelectStats){0};
    select->found_count = 0;
    horizon_cull_reset(&select->horizon);
    visit_roots(select);
    sort_picks(select);
    select->input = NULL;
    *out_count = select->found_count;
    *out_stats = select->stats;
    return select->picks;
}
