#include "base/result.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

const char *result_name(Result code)
{
    static const char *const names[RESULT_COUNT] = {
#define RESULT_NAME(name, text) text,
        RESULT_LIST(RESULT_NAME)
#undef RESULT_NAME
    };
    return (unsigned)code < RESULT_COUNT ? names[code] : "unknown";
}

Result result_fail(ResultText *out, Result code, const char *format, ...)
{
    assert(code != RESULT_OK);
    assert(format != NULL);
    if (out != NULL) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(out->text, sizeof out->text, format, arguments);
        va_end(arguments);
    }
    return code;
}
