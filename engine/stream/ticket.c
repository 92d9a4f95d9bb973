#include "stream/ticket.h"

#include "mesh/tile_build.h"
#include "profile/zone.h"
#include <assert.h>

static bool claim(Ticket *ticket, TicketPhase next)
{
    int queued = TICKET_QUEUED;
    return atomic_compare_exchange_strong(&ticket->phase, &queued, (int)next);
}

void ticket_run(Ticket *ticket, const Source *source, const TileLayout *layouts, Arena *scratch,
                const atomic_bool *cancelled)
{
    if (!claim(ticket, TICKET_RUNNING))
        return;
    ticket->result = RESULT_OK;
    if (ticket->read) {
        Zone zone = zone_begin("read");
        ticket->result =
            source->read(source->object, ticket->key, scratch, cancelled, ticket->chunk);
        zone_end(zone);
        if (ticket->result != RESULT_OK)
            return;
    }
    for (int i = 0; i < ticket->mesh_count; i++) {
        size_t mark = arena_mark(scratch);
        Zone zone = zone_begin("build");
        int lod = chunk_table_lod_of(ticket->key.level, ticket->meshes[i]);
        tile_build(ticket->chunk, lod, &layouts[lod_grid(lod)], scratch, ticket->memory[i]);
        zone_end(zone);
        arena_rewind(scratch, mark);
    }
}

bool ticket_try_cancel(Ticket *ticket)
{
    assert(atomic_load(&ticket->phase) != TICKET_FREE);
    return claim(ticket, TICKET_CANCELLED);
}
