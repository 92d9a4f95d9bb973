#include "stream/frame_stats.h"
#include <assert.h>

#define FRAME_STATS_TEXT(name, text) text,
static const char *const data_names[] = {FRAME_STATS_DATA_LIST(FRAME_STATS_TEXT)};
static const char *const mesh_names[] = {FRAME_STATS_MESH_LIST(FRAME_STATS_TEXT)};
#undef FRAME_STATS_TEXT

const char *frame_stats_data_name(FrameStatsData state)
{
    assert((unsigned)state < FRAME_STATS_DATA_COUNT);
    return data_names[state];
}

const char *frame_stats_mesh_name(FrameStatsMesh state)
{
    assert((unsigned)state < FRAME_STATS_MESH_COUNT);
    return mesh_names[state];
}
