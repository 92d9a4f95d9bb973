#include "stop_signal.h"
#include <signal.h>
#include <stddef.h>
#include <time.h>

static sigset_t both(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void stop_signal_begin(void)
{
    sigset_t set = both();
    sigprocmask(SIG_BLOCK, &set, NULL);
}

bool stop_signal_seen(void)
{
    sigset_t set = both();
    struct timespec now = {0};
    if (sigtimedwait(&set, NULL, &now) < 0)
        return false;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return true;
}
