// Z1: which tile a pixel shows does not change when the eye moves by a millimetre, but at the tiles' edges. Two
// surfaces that fight for a place would change it everywhere.
#include "base/os_file.h"
#include "base/os_memory.h"
#include "render_rig.h"
#include "scene.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WIDTH 640
#define HEIGHT 360
#define PIXELS (WIDTH * HEIGHT)
#define JITTERS 8

// Layer and level; alpha is 0 where there is sky.
static const char id_shader[] = "#include \"frame.glsl\"\n"
                                "flat in vec2 v_tile;\n"
                                "out vec4 out_colour;\n"
                                "void main() { out_colour = vec4(v_tile, 0.0, 1.0); }\n";

static char folder[64];

static void each_shader(void (*act)(const char *name))
{
    DIR *shaders = opendir(ARETE_SOURCE_DIR "/shaders");
    assert_non_null(shaders);
    for (struct dirent *entry; (entry = readdir(shaders)) != NULL;) {
        if (entry->d_name[0] != '.')
            act(entry->d_name);
    }
    closedir(shaders);
}

static void copy_shader(const char *name)
{
    char from[512], to[512];
    uint8_t *data = NULL;
    size_t bytes = 0;
    snprintf(from, sizeof from, "%s/shaders/%s", ARETE_SOURCE_DIR, name);
    snprintf(to, sizeof to, "%s/%s", folder, name);
    assert_int_equal(os_file_read(from, 1 << 20, &data, &bytes, NULL), RESULT_OK);
    bool land = strcmp(name, "terrain.frag") == 0 || strcmp(name, "terrain_lean.frag") == 0;
    assert_int_equal(os_file_write(to, land ? (const void *)id_shader : data,
                                   land ? strlen(id_shader) : bytes, NULL),
                     RESULT_OK);
    os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
}

static void remove_shader(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

static int make_shaders(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/arete_ids_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    each_shader(copy_shader);
    return 0;
}

static int remove_shaders(void **state)
{
    (void)state;
    each_shader(remove_shader);
    return rmdir(folder);
}

// One number per tile; 0 is the sky.
static void read_ids(RenderRig *rig, uint32_t *ids)
{
    static float rgba[4 * PIXELS];
    render_rig_tick(rig);
    gl_sink_read_linear(rig->sink, rgba);
    for (int i = 0; i < PIXELS; i++) {
        const float *p = rgba + 4 * i;
        ids[i] = p[3] > 0.5f ? 1 + (uint32_t)p[0] + 4096 * (uint32_t)p[1] : 0;
    }
}

static bool at_edge(const uint32_t *ids, int i)
{
    int x = i % WIDTH, y = i / WIDTH;
    for (int j = 0; j < 9; j++) {
        int u = x + j % 3 - 1, v = y + j / 3 - 1;
        if (u >= 0 && u < WIDTH && v >= 0 && v < HEIGHT && ids[v * WIDTH + u] != ids[i])
            return true;
    }
    return false;
}

static int count_changes(const uint32_t *first, const uint32_t *now)
{
    int inside = 0;
    for (int i = 0; i < PIXELS; i++)
        inside += now[i] != first[i] && !at_edge(first, i);
    return inside;
}

static int count_tiles(const uint32_t *ids)
{
    static bool seen[1 << 17];
    int count = 0;
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < PIXELS; i++) {
        count += ids[i] > 0 && !seen[ids[i] & 0x1FFFF];
        seen[ids[i] & 0x1FFFF] = true;
    }
    return count;
}

static void check_scene(const Scene *scene, bool gl33)
{
    static uint32_t first[PIXELS], now[PIXELS];
    RenderRig rig;
    RenderRigDesc desc = {.seed = strtoull(scene->world + 5, NULL, 10),
                          .tier = 1,
                          .width = WIDTH,
                          .height = HEIGHT,
                          .gl33 = gl33,
                          .shaders = folder,
                          .linear_output = true,
                          .start_m = {scene->at_m[0], scene->at_m[2], scene->at_m[1]}};
    if (!render_rig_create(&rig, &desc))
        skip();
    render_rig_look(&rig, scene->at_m[0], scene->at_m[1], scene->at_m[2], (float)scene->look_deg[0],
                    (float)scene->look_deg[1]);
    render_rig_settle(&rig);
    read_ids(&rig, first);
    const double eye_m[3] = {rig.view.eye_world[0], rig.view.eye_world[1], rig.view.eye_world[2]};
    int changes = 0, tiles = count_tiles(first);
    for (int i = 0; i < JITTERS; i++) {
        // Every corner of a cube of two millimetres.
        for (int axis = 0; axis < 3; axis++)
            rig.view.eye_world[axis] = eye_m[axis] + ((i >> axis & 1) != 0 ? 0.001 : -0.001);
        read_ids(&rig, now);
        changes += count_changes(first, now);
    }
    print_message("%s%s: %d tiles, %d changes inside them\n", scene->name, gl33 ? ", GL 3.3" : "",
                  tiles, changes);
    assert_true(tiles > 20);
    assert_int_equal(changes, 0);
    render_rig_destroy(&rig);
}

static void a_millimetre_changes_tiles_only_at_their_edges(void **state)
{
    (void)state;
    for (int i = 0; i < SCENE_COUNT; i++) {
        if (strcmp(scene_table[i].name, "coast-cliffs") == 0) {
            check_scene(&scene_table[i], false);
            check_scene(&scene_table[i], true);
        }
        if (strcmp(scene_table[i].name, "high-summit") == 0)
            check_scene(&scene_table[i], false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_millimetre_changes_tiles_only_at_their_edges),
    };
    return cmocka_run_group_tests(tests, make_shaders, remove_shaders);
}
