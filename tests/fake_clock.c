#include "fake_clock.h"

#include "base/os_clock.h"
#include <stddef.h>

uint64_t fake_clock_ns;

static uint64_t now(void *object)
{
    (void)object;
    return fake_clock_ns;
}

static void sleep_until(void *object, uint64_t deadline_ns)
{
    (void)object;
    fake_clock_ns = deadline_ns > fake_clock_ns ? deadline_ns : fake_clock_ns;
}

void fake_clock_begin(uint64_t now_ns)
{
    static const OsClock clock = {.now_ns = now, .sleep_until_ns = sleep_until};
    fake_clock_ns = now_ns;
    os_clock_override(&clock);
}

void fake_clock_end(void)
{
    os_clock_override(NULL);
}
