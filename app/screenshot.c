#include "screenshot.h"
#include "base/os_file.h"
#include "base/os_memory.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAME_PLACE_MAX 1000

static void find_folder(char *out, size_t bytes)
{
    const char *pictures = getenv("XDG_PICTURES_DIR");
    const char *home = getenv("HOME");
    snprintf(out, bytes, ".");
    if (pictures && pictures[0] == '/') {
        if (os_file_make_directories(pictures, NULL) == RESULT_OK)
            snprintf(out, bytes, "%s", pictures);
        return;
    }
    char inside[1024];
    snprintf(inside, sizeof inside, "%s/Pictures/.", home ? home : "");
    if (home && home[0] == '/' && os_file_exists(inside))
        snprintf(out, bytes, "%s/Pictures", home);
}

Result screenshot_path(const ShotNote *note, char *out, size_t bytes, ResultText *text)
{
    char folder[960], world[64];
    assert(note && out && bytes > 0);
    find_folder(folder, sizeof folder);
    snprintf(world, sizeof world, "%s", note->world);
    for (char *at = world; *at; at++) {
        if (strchr(":/ ", *at))
            *at = '-';
    }
    for (int i = 1; i <= SAME_PLACE_MAX; i++) {
        char again[16] = "";
        if (i > 1)
            snprintf(again, sizeof again, "-%d", i);
        int length = snprintf(out, bytes, "%s/arete-%s-x%.0f-z%.0f-y%.0f%s.png", folder, world,
                              note->x_m, note->z_m, note->y_m, again);
        if (length >= (int)bytes)
            return result_fail(text, RESULT_LIMIT, "the path of the picture is too long");
        if (!os_file_exists(out))
            return RESULT_OK;
    }
    return result_fail(text, RESULT_LIMIT, "%d pictures of this place exist already",
                       SAME_PLACE_MAX);
}

Result screenshot_take(Graphics *graphics, const ShotNote *note, char *out_path, size_t bytes,
                       ResultText *text)
{
    int width = 0, height = 0;
    assert(graphics && note && out_path);
    gl_sink_scene_size(graphics->sink, &width, &height);
    Result result = screenshot_path(note, out_path, bytes, text);
    if (result != RESULT_OK)
        return result;
    size_t pixel_bytes = (size_t)width * (size_t)height * 4;
    uint8_t *pixels = os_memory_alloc(pixel_bytes, OS_MEMORY_APP);
    if (!pixels)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the picture");
    gl_sink_read(graphics->sink, pixels);
    result = shot_write(out_path, pixels, width, height, note, text);
    os_memory_free(pixels, pixel_bytes, OS_MEMORY_APP);
    return result;
}
