#include "picture_options.h"
#include <assert.h>

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
    return RESULT_OK;
}
