#include "mesh/tile_build.h"
#include "mesh/tile_kernel.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define GRID_ROWS 136
#define ALIGN_BYTES 64

_Static_assert(sizeof(float) * GRID_ROWS * TILE_GRID_STRIDE + 220 * 1024 <=
                   TILE_BUILD_SCRATCH_BYTES,
               "the grid and the largest tile (210 KiB) fit the scratch memory");

// Extends columns or rows beyond [first, last] along a straight line; `pitch` is the distance of two neighbours.
static void extend_line(float *line, int pitch, int first, int last, int count)
{
    for (int i = first - 1; i >= 0; i--)
        line[i * pitch] = 2.0f * line[(i + 1) * pitch] - line[(i + 2) * pitch];
    for (int i = last + 1; i < count; i++)
        line[i * pitch] = 2.0f * line[(i - 1) * pitch] - line[(i - 2) * pitch];
}

static void read_row(const uint16_t *samples, int step, int first, int last, float *row)
{
    if (step == 1) {
        assert(first == 1);
        for (int i = 0; i < CHUNK_STRIDE; i++)
            row[first + i] = (float)samples[i];
        return;
    }
    for (int i = first; i <= last; i++)
        row[i] = (float)samples[CHUNK_APRON + (i - TILE_GRID_ORIGIN) * step];
}

// Fills the grid's first `rows` rows with heights in quanta, every `step`-th sample; what the apron lacks is a
// straight line on.
static void read_grid(const Chunk *chunk, int rows, int step, float *grid)
{
    int first = TILE_GRID_ORIGIN - CHUNK_APRON / step;
    int last_column = TILE_GRID_ORIGIN + (CHUNK_STRIDE - CHUNK_APRON - 1) / step;
    int last_row = TILE_GRID_ORIGIN + (CHUNK_ROWS - CHUNK_APRON - 1) / step;
    assert(rows <= GRID_ROWS && last_column < TILE_GRID_STRIDE);
    if (last_row >= rows)
        last_row = rows - 1;
    for (int j = first; j <= last_row; j++) {
        float *row = grid + j * TILE_GRID_STRIDE;
        int z = (j - TILE_GRID_ORIGIN) * step;
        read_row(chunk->heights + chunk_index(-CHUNK_APRON, z), step, first, last_column, row);
        extend_line(row, 1, first, last_column, TILE_GRID_STRIDE);
    }
    for (int i = 0; i < TILE_GRID_STRIDE; i++)
        extend_line(grid + i, TILE_GRID_STRIDE, first, last_row, rows);
}

// Share of the sky, weighted by the cosine, that eight directions leave open above their skylines.
static void build_open(const Chunk *chunk, float *restrict out)
{
    const float sine = CHUNK_SKYLINE_SINE / 255.0f, factor = sine * sine / CHUNK_AZIMUTHS;
    for (int i = 0; i < CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE; i++) {
        uint32_t sum = 0;
        for (int k = 0; k < CHUNK_AZIMUTHS; k++) {
            uint32_t byte = chunk->skyline[k / 4][i] >> k % 4 * 8 & 0xffu;
            sum += byte * byte;
        }
        out[i] = 1.0f - factor * (float)sum;
    }
}

// Slopes and bends reach one and two samples, or two and two where texels lie two or more apart: at every vertex
// that is inside the apron, so that neighbours agree. Only border texels use the extended lines.
static void build_surface(const Chunk *chunk, const TileMap *map, float *grid, uint32_t *out)
{
    int step = map->step < 2 ? 1 : 2, reach = 2 / step;
    int pitch = map->step / step;
    float cell_m = (float)step * chunk_spacing_m(chunk->key.level);
    float open[CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE];
    TileSurface surface = {.grid = grid,
                           .open = open,
                           .slope = chunk->quantum_m / (2.0f * cell_m),
                           .narrow_bend = chunk->quantum_m / (4.0f * cell_m),
                           .wide_bend = chunk->quantum_m / (4.0f * (float)reach * cell_m),
                           .step = map->step};
    assert(map->side == TILE_SURFACE_SIDE(map->step));
    build_open(chunk, open);
    read_grid(chunk, pitch * (map->side - 2) + TILE_GRID_ORIGIN + reach + 1, step, grid);
    tile_kernel_best()->surface(&surface, out);
}

// Halves a map: the mean of 2 x 2 texels, rounded, all four bytes at once in two halves of the word.
static void build_mip(const uint32_t *restrict from, int side, uint32_t *restrict out)
{
    const uint32_t even = 0x00ff00ffu, half = 0x00020002u;
    assert(side % 2 == 0);
    for (int j = 0; j < side / 2; j++) {
        const uint32_t *north = from + 2 * j * side;
        const uint32_t *south = north + side;
        for (int i = 0; i < side / 2; i++) {
            uint32_t a = north[2 * i], b = north[2 * i + 1], c = south[2 * i], d = south[2 * i + 1];
            uint32_t low = (a & even) + (b & even) + (c & even) + (d & even) + half;
            uint32_t high =
                (a >> 8 & even) + (b >> 8 & even) + (c >> 8 & even) + (d >> 8 & even) + half;
            out[j * (side / 2) + i] = (low >> 2 & even) | (high >> 2 & even) << 8;
        }
    }
}

static uint32_t *map_texels(uint8_t *image, const TileMap *map, int mip)
{
    return (uint32_t *)(void *)(image + map->offset_bytes[mip]);
}

static void build_mips(uint8_t *image, const TileMap *map)
{
    for (int mip = 1; mip < TILE_MIPS; mip++)
        build_mip(map_texels(image, map, mip - 1), map->side >> (mip - 1),
                  map_texels(image, map, mip));
}

// Mean of four words with 8-bit channels, rounded, as build_mip takes it.
static inline uint32_t mean_of(const uint32_t word[4])
{
    const uint32_t even = 0x00ff00ffu, half = 0x00020002u;
    uint32_t low = half, high = half;
    for (int i = 0; i < 4; i++) {
        low += word[i] & even;
        high += word[i] >> 8 & even;
    }
    return (low >> 2 & even) | (high >> 2 & even) << 8;
}

#define TENT_SIDE_MAX (CHUNK_TINT_SIDE / 2 + 2) // of a map between two tents

// A map as the chunk holds it: `side` texels, `step` samples apart.
typedef struct Held {
    const uint32_t *texels;
    int side, step;
} Held;

// Tent of 1 2 1 each way around a texel of the chunk; neighbours hold the same texels around a shared edge.
static uint32_t tent(const Held *held, int x, int z)
{
    int last = held->side - 1;
    int west = x > 0 ? x - 1 : 0, east = x < last ? x + 1 : last;
    int north = z > 0 ? z - 1 : 0, south = z < last ? z + 1 : last;
    const uint32_t *middle = held->texels + z * held->side;
    const uint32_t *above = held->texels + north * held->side;
    const uint32_t *below = held->texels + south * held->side;
    uint32_t rows[4];
    rows[0] = mean_of((uint32_t[4]){above[west], above[x], above[x], above[east]});
    rows[1] = rows[2] = mean_of((uint32_t[4]){middle[west], middle[x], middle[x], middle[east]});
    rows[3] = mean_of((uint32_t[4]){below[west], below[x], below[x], below[east]});
    return mean_of(rows);
}

// Every second or fourth texel.
static void thin(const Held *held, int stride, int side, uint32_t *out)
{
    int places[CHUNK_TINT_SIDE];
    for (int i = 0; i < side; i++) {
        int place = 1 + (i - TILE_BORDER) * stride;
        places[i] = place < 0 ? 0 : place >= held->side ? held->side - 1 : place;
    }
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++)
            out[j * side + i] = tent(held, places[i], places[j]);
}

// What the next mip of the finer grid's map shows.
static void thin_as_mip(const Held *held, int side, uint32_t *out)
{
    uint32_t half[TENT_SIDE_MAX * TENT_SIDE_MAX];
    int half_side = held->side / 2 + 2 * TILE_BORDER;
    assert(half_side <= TENT_SIDE_MAX && side > half_side / 2);
    thin(held, 2, half_side, half);
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++) {
            int x = 2 * i < half_side ? 2 * i : half_side - 2;
            int z = 2 * j < half_side ? 2 * j : half_side - 2;
            const uint32_t *north = half + z * half_side + x, *south = north + half_side;
            out[j * side + i] = mean_of((uint32_t[4]){north[0], north[1], south[0], south[1]});
        }
}

// A coarser map than the chunk's is filtered, so that it is what the finer one's next mip shows: levels change without
// a jump.
static void build_thinned(const Held *held, const TileMap *map, uint8_t *image)
{
    uint32_t *out = map_texels(image, map, 0);
    if (map->step == held->step)
        memcpy(out, held->texels, sizeof(uint32_t) * (size_t)(map->side * map->side));
    else if (map->zero < 1.0f)
        thin_as_mip(held, map->side, out);
    else
        thin(held, map->step / held->step, map->side, out);
    build_mips(image, map);
}

// Clears the bytes that alignment leaves between the parts, so that equal tiles have equal bytes.
static void clear_gaps(uint8_t *image, const TileLayout *layout)
{
    for (int i = 0; i < TILE_MAP_COUNT; i++)
        for (int mip = 0; mip < TILE_MIPS; mip++)
            memset(image + layout->maps[i].offset_bytes[mip] - ALIGN_BYTES, 0, ALIGN_BYTES);
    memset(image + layout->bytes - ALIGN_BYTES, 0, ALIGN_BYTES);
}

void tile_build(const Chunk *chunk, int lod, const TileLayout *layout, Arena *scratch, uint8_t *out)
{
    assert(lod >= 0 && lod < LOD_COUNT);
    assert(chunk->key.level == lod_key_level(lod));
    assert(!chunk->sparse || tile_takes_sparse(layout));
    assert(layout->height_side == lod_grid_quads(lod_grid(lod)) + 1);
    size_t mark = arena_mark(scratch);
    uint8_t *image = arena_alloc(scratch, layout->bytes);
    float *grid = arena_alloc(scratch, sizeof(float) * GRID_ROWS * TILE_GRID_STRIDE);
    assert(image && grid);
    clear_gaps(image, layout);
    tile_kernel_best()->heights(chunk, lod, layout->height_side,
                                (uint32_t *)(void *)(image + layout->heights_offset_bytes));
    const TileMap *surface = &layout->maps[TILE_MAP_SURFACE];
    build_surface(chunk, surface, grid, map_texels(image, surface, 0));
    build_mips(image, surface);
    build_thinned(&(Held){chunk->tint, CHUNK_TINT_SIDE, 2}, &layout->maps[TILE_MAP_TINT], image);
    build_thinned(&(Held){chunk->matter, CHUNK_TINT_SIDE, 2}, &layout->maps[TILE_MAP_MATTER],
                  image);
    for (int i = 0; i < 2; i++)
        build_thinned(&(Held){chunk->skyline[i], CHUNK_SKYLINE_SIDE, 4},
                      &layout->maps[TILE_MAP_SKYLINE_EAST + i], image);
    memcpy(out, image, layout->bytes);
    arena_rewind(scratch, mark);
}
