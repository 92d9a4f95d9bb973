#include "soak/limit.h"
#include <assert.h>
#include <stddef.h>
#include <string.h>

static const Limit limits[] = {
#define LIMIT_ROW(id, name, unit, compare, none, software, hardware, paths)                        \
    {name, unit, compare, {none, software, hardware}, paths},
    LIMIT_LIST(LIMIT_ROW)
#undef LIMIT_ROW
};

const Limit *limit_get(LimitId id)
{
    assert((unsigned)id < LIMIT_COUNT);
    return &limits[id];
}

const char *limit_sign(LimitCompare compare)
{
    static const char *const signs[] = {"<", "<=", ">="};
    assert((unsigned)compare < sizeof signs / sizeof *signs);
    return signs[compare];
}

int limit_keep(LimitCompare compare, double value, double bound)
{
    assert((unsigned)compare <= LIMIT_AT_LEAST);
    switch (compare) {
    case LIMIT_BELOW:
        return value < bound;
    case LIMIT_AT_MOST:
        return value <= bound;
    case LIMIT_AT_LEAST:
        break;
    }
    return value >= bound;
}

LimitGpu limit_gpu(const char *gl_renderer)
{
    static const char *const software[] = {"llvmpipe", "softpipe", "swrast", "SwiftShader",
                                           "Software"};
    if (gl_renderer == NULL) {
        return LIMIT_GPU_NONE;
    }
    for (size_t i = 0; i < sizeof software / sizeof *software; ++i) {
        if (strstr(gl_renderer, software[i]) != NULL) {
            return LIMIT_GPU_SOFTWARE;
        }
    }
    return LIMIT_GPU_HARDWARE;
}
