// `arete heights`: the height field of a rectangle as raw floats or as a 16-bit picture; its waters as lines.
#include "base/os_file.h"
#include "base/os_memory.h"
#include "base/version.h"
#include "command.h"
#include "heights.h"
#include "png_file.h"
#include "waters_file.h"
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// The layer after those that are fields of values.
#define LAYER_WATERS SOURCE_LAYER_COUNT
#define WATERS_BYTES (64u << 20) // the widest rectangle takes a third

typedef struct HeightsOptions {
    double bounds_m[4];
    double spacing_m;
    int layer;
    char output[OPTION_TEXT_MAX];
} HeightsOptions;

#define AT(field) .offset = offsetof(HeightsOptions, field)
static const Option options[] = {
    {.name = "bounds",
     .unit = "X0,Z0,X1,Z1",
     .type = OPTION_REALS,
     .count = 4,
     .low = -1e12,
     .high = 1e12,
     AT(bounds_m),
     .help = "rectangle in metres; x is east, z is south"},
    {.name = "spacing",
     .unit = "METRES",
     .type = OPTION_REAL,
     .low = HEIGHTS_SPACING_MIN_M,
     .high = 100000,
     AT(spacing_m),
     .initial = "2",
     .help = "distance between samples"},
    {.name = "layer",
     .unit = "LAYER",
     .type = OPTION_CHOICE,
     .choices = "height|temperature|moisture|biome|flow|waters",
     AT(layer),
     .initial = "height",
     .help = "what is written"},
    {.name = "output",
     .letter = 'o',
     .unit = "FILE",
     .type = OPTION_TEXT,
     AT(output),
     .help = "F.raw (float32, little-endian) or F.png (16 bits); F.geojson for waters"},
};
#define OPTIONS ((int)(sizeof options / sizeof options[0]))
enum { ROW_BOUNDS, ROW_SPACING, ROW_LAYER, ROW_OUTPUT };

static Result check_options(const HeightsOptions *own, const bool *given, ResultText *text)
{
    if (!given[ROW_BOUNDS])
        return result_fail(text, RESULT_BAD_INPUT,
                           "the bounds are missing; --bounds X0,Z0,X1,Z1 in metres");
    if (!given[ROW_OUTPUT])
        return result_fail(text, RESULT_BAD_INPUT,
                           "the output is missing; -o F.raw or -o F.png, -o F.geojson for waters");
    if (command_ends_with(own->output, ".tif") || command_ends_with(own->output, ".tiff"))
        return result_fail(text, RESULT_UNSUPPORTED,
                           "-o %.200s: GeoTIFF is not supported by this version; F.raw or F.png, "
                           "F.geojson for waters",
                           own->output);
    bool lines = command_ends_with(own->output, ".geojson");
    bool grid = command_ends_with(own->output, ".raw") || command_ends_with(own->output, ".png");
    if (!lines && !grid)
        return result_fail(text, RESULT_BAD_INPUT,
                           "-o %.200s is of no known kind; F.raw or F.png, F.geojson for waters",
                           own->output);
    if (lines != (own->layer == LAYER_WATERS))
        return result_fail(text, RESULT_BAD_INPUT,
                           "-o %.200s does not go with this layer; F.geojson with --layer waters, "
                           "F.raw or F.png with all others",
                           own->output);
    return command_check_output("-o", own->output, text);
}

static Result write_raw(const Heights *heights, const char *path, ResultText *text)
{
    _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "floats are written as they lie");
    size_t bytes = (size_t)heights->width * heights->height * sizeof(float);
    return os_file_write(path, heights->values, bytes, text);
}

// Packs in place: the 16-bit values need half the room of the floats they replace.
static Result write_png(const Heights *heights, const HeightsOptions *own,
                        const CommandWorld *world, ResultText *text)
{
    char bounds[128], spacing[32];
    size_t count = (size_t)heights->width * heights->height;
    uint16_t *values = (uint16_t *)heights->values;
    uint64_t clamped = 0;
    const HeightsPacking *packing = heights_packing((SourceLayer)own->layer);
    for (size_t i = 0; i < count; i++) {
        float value;
        memcpy(&value, &heights->values[i], sizeof value);
        uint16_t packed = heights_pack(packing, value, &clamped);
        memcpy(&values[i], &packed, sizeof packed);
    }
    snprintf(bounds, sizeof bounds, "%.10g,%.10g,%.10g,%.10g", own->bounds_m[0], own->bounds_m[1],
             own->bounds_m[2], own->bounds_m[3]);
    snprintf(spacing, sizeof spacing, "%.10g m", own->spacing_m);
    const PngFileText texts[] = {
        {"Software", "Arete"}, {"Version", version_string()}, {"World", world->spec.name},
        {"Bounds", bounds},    {"Spacing", spacing},          {packing->name, packing->text},
    };
    PngFileImage image = {PNG_FILE_GRAY16, heights->width, heights->height,
                          values,          texts,          (int)(sizeof texts / sizeof texts[0])};
    if (clamped)
        fprintf(stderr, "arete: %" PRIu64 " of %zu samples lie outside %g to %g and are clamped\n",
                clamped, count, -packing->offset, 65535 / packing->scale - packing->offset);
    return png_file_write(own->output, &image, text);
}

static Result write_waters(const HeightsDesc *desc, const CommandWorld *world, const char *path,
                           ResultText *text)
{
    Arena arena;
    Waters waters;
    WatersDesc rectangle;
    WatersFile file = {.world = world->spec.name, .rectangle = &rectangle, .waters = &waters};
    Result result = waters_file_rectangle(desc, &rectangle, text);
    if (result != RESULT_OK)
        return result;
    if (!arena_create(WATERS_BYTES, OS_MEMORY_SCRATCH, &arena))
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for %u bytes of waters",
                           WATERS_BYTES);
    result = terrain_waters(world->terrain, &rectangle, &arena, &waters);
    if (result != RESULT_OK)
        result = result_fail(text, result, "the waters of %s could not be made: %s",
                             world->spec.name, result_name(result));
    else
        result = waters_file_write(path, &file, text);
    arena_destroy(&arena);
    if (result == RESULT_OK)
        printf("%s: %d rivers and %d lakes of %d x %d m, as samples %d m apart show them\n", path,
               file.rivers, file.lakes, rectangle.width_m, rectangle.depth_m, 2 << rectangle.level);
    return result;
}

static Result write_heights(const HeightsOptions *own, const HeightsDesc *desc,
                            const CommandWorld *world, ResultText *text)
{
    Heights heights;
    Result result = heights_create(desc, &heights, text);
    if (result != RESULT_OK)
        return result;
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < (size_t)heights.width * heights.height; i++) {
        low = fminf(low, heights.values[i]);
        high = fmaxf(high, heights.values[i]);
    }
    bool raw = command_ends_with(own->output, ".raw");
    result = raw ? write_raw(&heights, own->output, text) : write_png(&heights, own, world, text);
    if (result == RESULT_OK)
        printf("%s: %u x %u samples, %g m apart, %.2f to %.2f%s, from %" PRIu64
               " chunks of level %d\n",
               own->output, heights.width, heights.height, own->spacing_m, (double)low,
               (double)high, own->layer == SOURCE_LAYER_HEIGHT ? " m" : "", heights.chunks,
               heights.level);
    heights_destroy(&heights);
    return result;
}

static Result run(const HeightsOptions *own, int threads, const CommandWorld *world,
                  ResultText *text)
{
    HeightsDesc desc = {&world->source,   own->bounds_m[0],       own->bounds_m[1],
                        own->bounds_m[2], own->bounds_m[3],       own->spacing_m,
                        threads,          (SourceLayer)own->layer};
    return own->layer == LAYER_WATERS ? write_waters(&desc, world, own->output, text)
                                      : write_heights(own, &desc, world, text);
}

int command_heights(int argc, char **argv)
{
    HeightsOptions own;
    Settings settings;
    Option threads = settings_table[option_find(settings_table, settings_count, "threads")];
    Option snow = settings_table[option_find(settings_table, settings_count, "snow-line")];
    threads.group = snow.group = NULL; // one section is enough here
    bool given[OPTIONS] = {0};
    Arguments arguments;
    ResultText text = {0};
    CommandWorld world;
    int exit_code = 0;
    option_defaults(options, OPTIONS, &own);
    settings_defaults(&settings);
    ArgumentsDesc desc = {
        .command = "heights",
        .words = "[WORLD]",
        .words_max = 1,
        .summary = "Writes the heights of a rectangle, or another layer, rows from north to south.",
        .notes =
            "The rectangle is half-open: 1024 m at a spacing of 2 m give 512 samples.\n"
            "A .png holds (height + 1024) * 8; what does not fit is clamped and counted. Of "
            "other layers it\n"
            "tells the unit in its text. Temperature is in degrees Celsius, moisture 0 to 1, "
            "flow the order\n"
            "of a river in its bed, 4 the greatest. Biomes are 0 tundra, 1 taiga, 2 forest, 3 "
            "rainforest,\n"
            "4 grassland, 5 steppe, 6 savanna, 7 desert, 8 badland, 9 alpine, 10 wetland, 11 "
            "ice, 12 beach,\n"
            "13 ocean.\n"
            "Waters are GeoJSON in metres of the world: x east, -z north, the level up. Rivers "
            "are lines that\n"
            "run downstream, with order, width_m and shore_m (not above 0: dry, or too narrow for "
            "the spacing\n"
            "to show), lakes polygons; down is what takes the water. The rectangle is widened\n"
            "to whole samples, at most 512 a side: 1 km at 2 m, 4 km at 8 m, 65 km at 128 m.",
        .tables = {{options, OPTIONS, &own, given},
                   {&threads, 1, &settings, NULL},
                   {&snow, 1, &settings, NULL}},
        .table_count = 3};
    if (!command_arguments(&desc, argc, argv, &arguments, &exit_code))
        return exit_code;
    if (check_options(&own, given, &text) != RESULT_OK)
        return command_fail(&text);
    const char *word = arguments.word_count ? arguments.words[0] : NULL;
    if (command_open_world(word, settings.snow_line_m, &world, &text) != RESULT_OK)
        return command_fail(&text);
    Result result = run(&own, settings.threads, &world, &text);
    command_close_world(&world);
    return result == RESULT_OK ? COMMAND_EXIT_OK : command_fail(&text);
}
