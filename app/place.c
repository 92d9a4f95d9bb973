#include "place.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void place_file(const char *variable, const char *fallback, const char *name,
                char out[PLACE_BYTES_MAX])
{
    assert(variable && fallback && name && out);
    const char *folder = getenv(variable);
    const char *home = getenv("HOME");
    int used = 0;
    out[0] = 0;
    // The XDG base directory specification 0.8: relative paths are to be ignored.
    if (folder && folder[0] == '/')
        used = snprintf(out, PLACE_BYTES_MAX, "%s/arete/%s", folder, name);
    else if (home && home[0] == '/')
        used = snprintf(out, PLACE_BYTES_MAX, "%s/%s/arete/%s", home, fallback, name);
    if (used >= PLACE_BYTES_MAX)
        out[0] = 0;
}
