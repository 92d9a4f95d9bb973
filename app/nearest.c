#include "nearest.h"
#include <assert.h>
#include <string.h>

static int least(int a, int b, int c)
{
    int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

// Levenshtein's distance; names longer than NEAREST_CHARS_MAX are far from everything.
static int distance(const char *a, const char *b)
{
    int row[NEAREST_CHARS_MAX + 1];
    int rows = (int)strlen(a), columns = (int)strlen(b);
    if (rows > NEAREST_CHARS_MAX || columns > NEAREST_CHARS_MAX)
        return NEAREST_CHARS_MAX;
    for (int j = 0; j <= columns; j++)
        row[j] = j;
    for (int i = 1; i <= rows; i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= columns; j++) {
            int above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
            corner = above;
        }
    }
    return row[columns];
}

const char *nearest_name(const char *word, const char *const *names)
{
    assert(word && names);
    const char *best = NULL;
    int best_distance = (int)strlen(word) / 3 + 2;
    for (; *names; names++) {
        int now = distance(word, *names);
        // A word of three letters is not near to another that shares none with it.
        if (now < best_distance && now < (int)strlen(word)) {
            best = *names;
            best_distance = now;
        }
    }
    return best;
}
