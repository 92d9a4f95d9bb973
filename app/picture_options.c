#include "picture_options.h"
#include "base/os_file.h"
#include "scene.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

#define AT(field) .offset = offsetof(PictureOptions, field)
const Option picture_options[PICTURE_OPTIONS_COUNT] = {
    {.name = "at",
     .unit = "X,Z,AGL",
     .type = OPTION_REALS,
     .count = 3,
     .low = -1e12,
     .high = 1e12,
     AT(at_m),
     .initial = "128,128,260",
     .help = "east, south and height above ground in metres"},
    {.name = "look",
     .unit = "YAW,PITCH",
     .type = OPTION_REALS,
     .count = 2,
     .low = -360,
     .high = 360,
     AT(look_deg),
     .initial = "300,-4",
     .help = "degrees clockwise from north, degrees up (-89 to 89)"},
    {.name = "scene",
     .unit = "NAME",
     .type = OPTION_CHOICE,
     AT(scene),
     .choices = "list|" SCENE_NAMES,
     .unset = "none",
     .help = "world, place, look, light and clouds of a scene by name; other words come before it; "
             "list: describes them"},
    {.name = "shaders",
     .unit = "FOLDER",
     .type = OPTION_TEXT,
     AT(shaders),
     .help = "use these shaders instead of those inside the program; fly follows their changes"},
    {.name = "gl33",
     .unit = "",
     .type = OPTION_BOOL,
     AT(gl33),
     .help = "use OpenGL 3.3 even where 4.5 is to be had"},
};

// Programs whose files are missing there fall back to those inside, but all land is made by this one.
static Result check_shaders(const char *folder, ResultText *text)
{
    char path[sizeof((PictureOptions *)0)->shaders + sizeof "/terrain.vert"];
    snprintf(path, sizeof path, "%s/terrain.vert", folder);
    if (*folder == 0 || os_file_exists(path))
        return RESULT_OK;
    return result_fail(text, RESULT_NOT_FOUND,
                       "--shaders: there is no %s; name a folder like shaders/ of the sources",
                       path);
}

Result picture_options_check(const PictureOptions *options, ResultText *text)
{
    assert(options);
    if (options->at_m[2] < 2 || options->at_m[2] > 30000)
        return result_fail(text, RESULT_BAD_INPUT,
                           "--at: %g m above ground is out of range; 2 to 30000", options->at_m[2]);
    if (options->look_deg[1] < -89 || options->look_deg[1] > 89)
        return result_fail(text, RESULT_BAD_INPUT,
                           "--look: a pitch of %g degrees is out of range; -89 to 89",
                           options->look_deg[1]);
    return check_shaders(options->shaders, text);
}

static void list_scenes(void)
{
    for (int i = 0; i < SCENE_COUNT; i++)
        printf("%-17s %s, %02d:%02d: %s\n", scene_table[i].name, scene_table[i].world,
               scene_table[i].minute / 60, scene_table[i].minute % 60, scene_table[i].text);
}

static void take_setting(const PictureWords *words, const char *name, const Settings *from)
{
    int row = option_find(settings_table, settings_count, name);
    assert(row >= 0);
    if (!words->settings_given[row])
        option_copy(&settings_table[row], from, words->settings);
    words->settings_given[row] = true;
}

static void take_picture(const PictureWords *words, int row, const PictureOptions *from)
{
    if (!words->picture_given[row])
        option_copy(&picture_options[row], from, words->picture);
    words->picture_given[row] = true;
}

bool picture_options_scene(PictureWords *words)
{
    assert(words && words->picture && words->settings);
    if (!words->picture_given[PICTURE_OPTIONS_SCENE])
        return true;
    if (words->picture->scene == 0) {
        list_scenes();
        return false;
    }
    const Scene *scene = &scene_table[words->picture->scene - 1];
    Settings light = {.fov_deg = scene->fov_deg,
                      .minute = scene->minute,
                      .day = scene->day,
                      .cloud_cover = scene->cloud_cover};
    PictureOptions place = {0};
    memcpy(place.at_m, scene->at_m, sizeof place.at_m);
    memcpy(place.look_deg, scene->look_deg, sizeof place.look_deg);
    take_picture(words, PICTURE_OPTIONS_AT, &place);
    take_picture(words, PICTURE_OPTIONS_LOOK, &place);
    take_setting(words, "fov", &light);
    take_setting(words, "time", &light);
    take_setting(words, "date", &light);
    take_setting(words, "cloud-cover", &light);
    if (!words->world &&
        !words->settings_given[option_find(settings_table, settings_count, "seed")])
        words->world = scene->world;
    return true;
}
