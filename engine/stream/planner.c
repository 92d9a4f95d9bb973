#include "stream/planner.h"

#include "base/os_memory.h"
#include "stream/predictor.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define BUCKETS_PER_CLASS 1024
#define BUCKETS (PLANNER_CLASS_COUNT * BUCKETS_PER_CLASS)

// What the walk over one level needs again and again.
typedef struct Walk {
    Planner *planner;
    const PlannerInput *in;
    double agl2, margin_m;
    double beyond_m;                          // past the end of a level none of its tiles is wanted
    double soon_m;                            // nearer chunks are needed in full next
    double speed_m_s;                         // in the plane
    bool soon;                                // the chunk at hand is one
    int64_t eye_cx, eye_cz;                   // chunk under the eye
    int64_t low_cx, low_cz, high_cx, high_cz; // what it flies over until it has used up its slack
    int64_t predicted_cx, predicted_cz;
} Walk;

struct Planner {
    PlannerWant *found;  // in the order of the walk
    PlannerWant *sorted; // by priority
    uint16_t *bucket_of;
    uint32_t *bucket_start;
    uint32_t count;
    int steps; // done of the plan under way
    PlannerInput input;
    Walk walk;
    PlannerStats stats;
};

Result planner_create(Planner **out)
{
    Planner *planner = os_memory_alloc(sizeof *planner, OS_MEMORY_TABLES);
    if (!planner)
        return RESULT_OUT_OF_MEMORY;
    planner->found = os_memory_alloc(PLANNER_WANTS_MAX * sizeof(PlannerWant), OS_MEMORY_TABLES);
    planner->sorted = os_memory_alloc(PLANNER_WANTS_MAX * sizeof(PlannerWant), OS_MEMORY_TABLES);
    planner->bucket_of = os_memory_alloc(PLANNER_WANTS_MAX * sizeof(uint16_t), OS_MEMORY_TABLES);
    planner->bucket_start = os_memory_alloc((BUCKETS + 1) * sizeof(uint32_t), OS_MEMORY_TABLES);
    if (!planner->found || !planner->sorted || !planner->bucket_of || !planner->bucket_start) {
        planner_destroy(planner);
        return RESULT_OUT_OF_MEMORY;
    }
    *out = planner;
    return RESULT_OK;
}

void planner_destroy(Planner *planner)
{
    if (!planner)
        return;
    os_memory_free(planner->found, PLANNER_WANTS_MAX * sizeof(PlannerWant), OS_MEMORY_TABLES);
    os_memory_free(planner->sorted, PLANNER_WANTS_MAX * sizeof(PlannerWant), OS_MEMORY_TABLES);
    os_memory_free(planner->bucket_of, PLANNER_WANTS_MAX * sizeof(uint16_t), OS_MEMORY_TABLES);
    os_memory_free(planner->bucket_start, (BUCKETS + 1) * sizeof(uint32_t), OS_MEMORY_TABLES);
    os_memory_free(planner, sizeof *planner, OS_MEMORY_TABLES);
}

static void want(Walk *walk, ChunkKey key, int lod, ChunkWant kind, PlannerClass urgency,
                 double part)
{
    Planner *planner = walk->planner;
    if (planner->count == PLANNER_WANTS_MAX) {
        planner->stats.overflow++;
        return;
    }
    float fraction = part < 0.0 ? 0.0f : part > 0.999 ? 0.999f : (float)part;
    planner->found[planner->count++] = (PlannerWant){.key = key,
                                                     .priority = (float)urgency + fraction,
                                                     .lod = (uint8_t)lod,
                                                     .want = (uint8_t)kind,
                                                     .soon = lod == 2 && walk->soon};
}

static double distance_m(const Walk *walk, ChunkKey key)
{
    double plane = chunk_key_distance_m(key, walk->in->eye_m[0], walk->in->eye_m[2]);
    return sqrt(plane * plane + walk->agl2);
}

static double predicted_distance_m(const Walk *walk, ChunkKey key)
{
    double plane = chunk_key_distance_m(key, walk->in->predicted_m[0], walk->in->predicted_m[2]);
    return sqrt(plane * plane + walk->agl2);
}

// Why a tile at this distance is wanted, given where its level ends.
static ChunkWant kind_at(const Walk *walk, ChunkKey block, double d_m, double end_m,
                         double margin_m)
{
    if (d_m < end_m + walk->in->slack_m)
        return CHUNK_WANT_DEMAND;
    if (!walk->in->prefetch)
        return CHUNK_WANT_NONE;
    if (walk->speed_m_s > 1.0 && predicted_distance_m(walk, block) < end_m)
        return CHUNK_WANT_LOBE;
    return d_m < end_m + margin_m ? CHUNK_WANT_RING : CHUNK_WANT_NONE;
}

static PlannerClass class_of(ChunkWant kind, PlannerClass demand)
{
    if (kind == CHUNK_WANT_LOBE)
        return PLANNER_CLASS_LOBE;
    return kind == CHUNK_WANT_RING ? PLANNER_CLASS_RING : demand;
}

static void walk_roots(Walk *walk)
{
    const PlannerInput *in = walk->in;
    int lod = in->root_lod, level = lod_key_level(lod);
    double end_m = in->nominal.end_m[lod];
    double reach_m = end_m + (in->prefetch ? PLANNER_ROOT_RING_M : in->slack_m);
    ChunkKey low = chunk_key_at(level, in->eye_m[0] - reach_m, in->eye_m[2] - reach_m);
    ChunkKey high = chunk_key_at(level, in->eye_m[0] + reach_m, in->eye_m[2] + reach_m);
    for (int64_t z = low.z; z <= high.z; z++)
        for (int64_t x = low.x; x <= high.x; x++) {
            ChunkKey key = {x, z, level};
            // The horizon is a matter of the plane: height does not shorten it.
            double d_m = chunk_key_distance_m(key, in->eye_m[0], in->eye_m[2]);
            ChunkWant kind = kind_at(walk, key, d_m, end_m, PLANNER_ROOT_RING_M);
            if (kind != CHUNK_WANT_NONE)
                want(walk, key, lod, kind, class_of(kind, PLANNER_CLASS_ROOT), d_m / reach_m);
        }
}

// All tiles of `lod` (3 .. root - 1): whole blocks, since a coarser tile is replaced by all its children at once.
static void walk_ring(Walk *walk, int lod)
{
    const PlannerInput *in = walk->in;
    int level = lod_key_level(lod + 1), side = chunk_key_children_side(level);
    double end_m = in->nominal.end_m[lod];
    double near_m = (double)in->view_chunks * CHUNK_KEY_SIDE_M;
    double reach_m = end_m + walk->beyond_m;
    ChunkKey low = chunk_key_at(level, in->eye_m[0] - reach_m, in->eye_m[2] - reach_m);
    ChunkKey high = chunk_key_at(level, in->eye_m[0] + reach_m, in->eye_m[2] + reach_m);
    for (int64_t z = low.z; z <= high.z; z++)
        for (int64_t x = low.x; x <= high.x; x++) {
            ChunkKey block = {x, z, level};
            double d_m = distance_m(walk, block);
            ChunkWant kind = kind_at(walk, block, d_m, end_m, walk->margin_m);
            if (kind == CHUNK_WANT_NONE)
                continue;
            // What lies nearer than a chunk of the square is drawn before that and so comes before it.
            bool chain = d_m < near_m + in->slack_m;
            PlannerClass urgency =
                class_of(kind, chain ? PLANNER_CLASS_SQUARE : PLANNER_CLASS_REFINE);
            double plane_m = chunk_key_distance_m(block, in->eye_m[0], in->eye_m[2]);
            double part = urgency == PLANNER_CLASS_SQUARE ? plane_m / (near_m + CHUNK_KEY_SIDE_M)
                                                          : d_m / (end_m + walk->margin_m);
            for (int child = 0; child < side * side; child++)
                want(walk, chunk_key_child(block, child % side, child / side), lod, kind, urgency,
                     part);
        }
}

// Narrows [*from_s, *to_s] to the time in which a square of `side` chunks touches the view square of the moving eye,
// along one axis: `offset` is its corner minus the eye's place, in chunks.
static bool narrow(double offset, double side, double speed, double view, double *from_s,
                   double *to_s)
{
    if (fabs(speed) < 1e-6)
        return offset <= view && offset > -view - side;
    double a_s = (offset - view) / speed, b_s = (offset + view + side) / speed;
    *from_s = fmax(*from_s, fmin(a_s, b_s));
    *to_s = fmin(*to_s, fmax(a_s, b_s));
    return *from_s <= *to_s;
}

// Seconds until the square of `side` chunks from this one on enters the view square if the eye flies on; negative when
// not within the lead time, or that of a chunk's side: where chunks come quickly, the lead is but a few metres.
static double enters_in_s(const Walk *walk, ChunkKey key, double side)
{
    const PlannerInput *in = walk->in;
    double ahead_s = fmax(in->lead_s, CHUNK_KEY_SIDE_M / fmax(walk->speed_m_s, 1.0));
    double from_s = 0.0, to_s = ahead_s, view = in->view_chunks;
    double dx = (double)key.x - in->eye_m[0] / CHUNK_KEY_SIDE_M;
    double dz = (double)key.z - in->eye_m[2] / CHUNK_KEY_SIDE_M;
    bool enters = narrow(dx, side, in->velocity_m_s[0] / CHUNK_KEY_SIDE_M, view, &from_s, &to_s) &&
                  narrow(dz, side, in->velocity_m_s[2] / CHUNK_KEY_SIDE_M, view, &from_s, &to_s);
    return enters ? from_s : -1.0;
}

// Ahead of time: what the flight will bring into the view square, what surrounds a slow eye, blocks about to be filled.
static void want_ahead(Walk *walk, ChunkKey key, int64_t ring, double block_m)
{
    const PlannerInput *in = walk->in;
    int outer = in->view_chunks + in->prefetch_chunks;
    bool slow = walk->speed_m_s < PLANNER_RING_SPEED_M_S;
    double enters_s = slow ? -1.0 : enters_in_s(walk, key, 1.0);
    if (enters_s >= 0.0)
        want(walk, key, 2, CHUNK_WANT_LOBE, PLANNER_CLASS_LOBE,
             enters_s / fmax(PREDICTOR_LEAD_MAX_S, in->lead_s));
    else if (block_m < (double)in->nominal.end_m[2] + walk->margin_m)
        want(walk, key, 2, CHUNK_WANT_RING, PLANNER_CLASS_RING, 0.0);
    else if (slow && ring <= outer)
        want(walk, key, 2, CHUNK_WANT_RING, PLANNER_CLASS_RING, (double)ring / (outer + 8));
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void want_square(Walk *walk, ChunkKey key, bool in_block, double block_m)
{
    const PlannerInput *in = walk->in;
    int64_t dx = max64(walk->low_cx - key.x, key.x - walk->high_cx);
    int64_t dz = max64(walk->low_cz - key.z, key.z - walk->high_cz);
    int64_t ring = max64(max64(dx, dz), 0);
    if (ring <= in->view_chunks)
        want(walk, key, 2, CHUNK_WANT_DEMAND, PLANNER_CLASS_SQUARE,
             (double)ring / (in->view_chunks + 1));
    else if (in_block)
        want(walk, key, 2, CHUNK_WANT_DEMAND, PLANNER_CLASS_REFINE, block_m / in->nominal.end_m[2]);
    else if (in->prefetch)
        want_ahead(walk, key, ring, block_m);
}

static void want_fine(Walk *walk, ChunkKey key)
{
    double d_m = distance_m(walk, key);
    for (int lod = 0; lod < 2; lod++) {
        double end_m = walk->in->nominal.end_m[lod];
        ChunkWant kind = kind_at(walk, key, d_m, end_m, walk->margin_m);
        if (kind != CHUNK_WANT_NONE)
            want(walk, key, lod, kind, class_of(kind, PLANNER_CLASS_REFINE),
                 d_m / (end_m + walk->margin_m));
    }
}

// The 16 chunks of a 1 km block: view square, filled block, ring and lobe at L2; L1 and L0 by distance.
static void walk_block(Walk *walk, ChunkKey block)
{
    const PlannerInput *in = walk->in;
    double block_m = distance_m(walk, block);
    double fine_m = (double)in->nominal.end_m[1] + walk->beyond_m;
    bool in_block = block_m < (double)in->nominal.end_m[2] + in->slack_m;
    bool fine = block_m < fine_m || predicted_distance_m(walk, block) < fine_m;
    // Most blocks off a fast eye's way are wanted for nothing.
    bool fast = walk->speed_m_s >= PLANNER_RING_SPEED_M_S;
    bool filled = block_m < (double)in->nominal.end_m[2] + walk->beyond_m;
    if (fast && !filled && !fine && enters_in_s(walk, chunk_key_child(block, 0, 0), 4.0) < 0.0)
        return;
    bool near = block_m < walk->soon_m || predicted_distance_m(walk, block) < walk->soon_m;
    for (int child = 0; child < 16; child++) {
        ChunkKey key = chunk_key_child(block, child % 4, child / 4);
        walk->soon = near && (distance_m(walk, key) < walk->soon_m ||
                              predicted_distance_m(walk, key) < walk->soon_m);
        want_square(walk, key, in_block, block_m);
        if (fine)
            want_fine(walk, key);
    }
}

static void walk_chunks(Walk *walk)
{
    const PlannerInput *in = walk->in;
    int outer = in->view_chunks + in->prefetch_chunks;
    int64_t lead_x = walk->predicted_cx - walk->eye_cx, lead_z = walk->predicted_cz - walk->eye_cz;
    double fill_m = (double)in->nominal.end_m[2] + walk->beyond_m;
    int64_t fill = (int64_t)ceil(fill_m / CHUNK_KEY_SIDE_M);
    int64_t reach = fill > outer ? fill : outer;
    ChunkKey low = {walk->eye_cx - reach + (lead_x < 0 ? lead_x : 0),
                    walk->eye_cz - reach + (lead_z < 0 ? lead_z : 0), 0};
    ChunkKey high = {walk->eye_cx + reach + (lead_x > 0 ? lead_x : 0),
                     walk->eye_cz + reach + (lead_z > 0 ? lead_z : 0), 0};
    ChunkKey block_low = chunk_key_parent(low), block_high = chunk_key_parent(high);
    for (int64_t z = block_low.z; z <= block_high.z; z++)
        for (int64_t x = block_low.x; x <= block_high.x; x++)
            walk_block(walk, (ChunkKey){x, z, 2});
}

// Counting sort: stable, linear, and a plan changes its order only where priorities really differ.
static void sort_wants(Planner *planner)
{
    memset(planner->bucket_start, 0, (BUCKETS + 1) * sizeof *planner->bucket_start);
    for (uint32_t i = 0; i < planner->count; i++) {
        int bucket = (int)(planner->found[i].priority * BUCKETS_PER_CLASS);
        assert(bucket >= 0 && bucket < BUCKETS);
        planner->bucket_of[i] = (uint16_t)bucket;
        planner->bucket_start[bucket + 1]++;
    }
    for (int b = 0; b < BUCKETS; b++)
        planner->bucket_start[b + 1] += planner->bucket_start[b];
    for (uint32_t i = 0; i < planner->count; i++)
        planner->sorted[planner->bucket_start[planner->bucket_of[i]]++] = planner->found[i];
}

// Keeps the most urgent wants of each grid that its layers can hold.
static void cap_wants(Planner *planner)
{
    uint32_t used[LOD_GRID_COUNT] = {0};
    PlannerStats *stats = &planner->stats;
    for (uint32_t i = 0; i < planner->count; i++) {
        PlannerWant *w = &planner->sorted[i];
        LodGrid grid = lod_grid(w->lod);
        if (used[grid] == planner->input.capacity[grid]) {
            stats->left_out[grid]++;
            continue;
        }
        used[grid]++;
        stats->demand += w->want == CHUNK_WANT_DEMAND;
        stats->lobe += w->want == CHUNK_WANT_LOBE;
        stats->ring += w->want == CHUNK_WANT_RING;
        planner->sorted[stats->wants++] = *w;
    }
}

// The view square holds for every place on the way that the slack allows for; looking ahead is prefetch.
static void know_way(Walk *walk)
{
    const PlannerInput *in = walk->in;
    double far = in->prefetch && walk->speed_m_s > 0.0 ? in->slack_m / walk->speed_m_s : 0.0;
    ChunkKey ahead = chunk_key_at(0, in->eye_m[0] + far * in->velocity_m_s[0],
                                  in->eye_m[2] + far * in->velocity_m_s[2]);
    walk->low_cx = -max64(-walk->eye_cx, -ahead.x);
    walk->low_cz = -max64(-walk->eye_cz, -ahead.z);
    walk->high_cx = max64(walk->eye_cx, ahead.x);
    walk->high_cz = max64(walk->eye_cz, ahead.z);
}

void planner_begin(Planner *planner, const PlannerInput *input)
{
    assert(input->slack_m >= PLANNER_SLACK_M && input->slack_m <= PLANNER_MARGIN_M);
    assert(input->view_chunks > 0 && input->root_lod > 2 && input->root_lod < LOD_COUNT);
    const double *v = input->velocity_m_s;
    double speed = sqrt(v[0] * v[0] + v[2] * v[2]);
    ChunkKey eye = chunk_key_at(0, input->eye_m[0], input->eye_m[2]);
    ChunkKey predicted = chunk_key_at(0, input->predicted_m[0], input->predicted_m[2]);
    double margin_m = fmin(PLANNER_MARGIN_M + speed * input->lead_s, 2.0 * PLANNER_MARGIN_M);
    double soon_m = input->sparse_lod ? (double)input->nominal.end_m[input->sparse_lod - 1] +
                                            margin_m + PLANNER_SOON_M
                                      : 0.0;
    margin_m = input->prefetch ? margin_m : 0.0;
    planner->input = *input;
    planner->walk = (Walk){.planner = planner,
                           .in = &planner->input,
                           .agl2 = (double)input->agl_m * (double)input->agl_m,
                           .margin_m = margin_m,
                           .beyond_m = fmax(margin_m, input->slack_m),
                           .soon_m = soon_m,
                           .speed_m_s = speed,
                           .eye_cx = eye.x,
                           .eye_cz = eye.z,
                           .predicted_cx = predicted.x,
                           .predicted_cz = predicted.z};
    know_way(&planner->walk);
    planner->count = 0;
    planner->steps = 0;
    planner->stats = (PlannerStats){0};
}

bool planner_step(Planner *planner)
{
    assert(planner->steps < PLANNER_STEPS);
    switch (planner->steps++) {
    case 0:
        walk_roots(&planner->walk);
        for (int lod = planner->input.root_lod - 1; lod >= LOD_CHUNK_COUNT; lod--)
            walk_ring(&planner->walk, lod);
        return false;
    case 1:
        walk_chunks(&planner->walk);
        return false;
    default:
        sort_wants(planner);
        cap_wants(planner);
        return true;
    }
}

const PlannerWant *planner_wants(const Planner *planner, PlannerStats *out_stats)
{
    assert(planner->steps == PLANNER_STEPS);
    *out_stats = planner->stats;
    return planner->sorted;
}

const PlannerWant *planner_update(Planner *planner, const PlannerInput *input,
                                  PlannerStats *out_stats)
{
    planner_begin(planner, input);
    while (!planner_step(planner))
        continue;
    return planner_wants(planner, out_stats);
}

// Squares of side s that can touch a disc of radius r: those whose centre lies within r + half a diagonal.
static uint32_t squares_in_reach(double reach_m, double side_m)
{
    double r = reach_m + side_m * 0.7072;
    return (uint32_t)ceil(3.14160 * r * r / (side_m * side_m) * 1.06) + 4;
}

void planner_capacity(int view_chunks, int prefetch_chunks, const LodRanges *nominal, int root_lod,
                      uint32_t out[LOD_GRID_COUNT])
{
    double margin_m = 2.0 * PLANNER_MARGIN_M + PLANNER_SLACK_M;
    uint32_t side = 2 * (uint32_t)(view_chunks + prefetch_chunks) + 1;
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        out[g] = 0;
    out[LOD_GRID_128] = squares_in_reach(nominal->end_m[0] + margin_m, lod_tile_m(0)) + 16;
    out[LOD_GRID_64] = squares_in_reach(nominal->end_m[1] + margin_m, lod_tile_m(1)) + 16;
    for (int lod = LOD_CHUNK_COUNT; lod < root_lod; lod++) {
        double block_m = lod_block_m(lod), children = block_m / lod_tile_m(lod);
        uint32_t blocks = squares_in_reach(nominal->end_m[lod] + margin_m, block_m);
        out[LOD_GRID_64] += blocks * (uint32_t)(children * children);
    }
    out[LOD_GRID_64] +=
        squares_in_reach(nominal->end_m[root_lod] + PLANNER_ROOT_RING_M, lod_tile_m(root_lod));
    uint32_t filled = squares_in_reach(nominal->end_m[2] + margin_m, lod_block_m(2)) * 16;
    out[LOD_GRID_32] = (side * side > filled ? side * side : filled) + PLANNER_LOBE_CHUNKS_MAX;
}
