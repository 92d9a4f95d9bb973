#include "stream/ticket.h"

#include "mesh/tile_build.h"
#include "profile/zone.h"
#include "stream/planner.h"
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
        ticket->result = (ticket->sparse ? source->read_sparse : source->read)(
            source->object, ticket->key, scratch, cancelled, ticket->chunk);
        ticket->chunk->sparse = ticket->sparse; // whatever a source leaves there
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

bool ticket_wanted(const Ticket *ticket, const ChunkEntry *entry, bool *out_due)
{
    bool wanted = false;
    *out_due = false;
    for (int m = 0; m < CHUNK_TABLE_MESHES; m++) {
        const ChunkMesh *mesh = &entry->meshes[m];
        bool makes = !ticket->mesh_count && mesh->state == FRAME_STATS_MESH_ABSENT;
        for (int i = 0; i < ticket->mesh_count; i++)
            makes |= ticket->meshes[i] == m;
        wanted |= mesh->want != CHUNK_WANT_NONE && (makes || !ticket->mesh_count);
        *out_due |= mesh->want == CHUNK_WANT_DEMAND && makes;
    }
    return wanted;
}

JobClass ticket_class(const Ticket *ticket, const ChunkEntry *entry)
{
    if (ticket->speculative)
        return JOB_SPECULATIVE;
    for (int i = 0; i < ticket->mesh_count; i++)
        if (entry->meshes[ticket->meshes[i]].priority < (float)(PLANNER_CLASS_SQUARE + 1))
            return JOB_URGENT;
    return JOB_DEMAND;
}

uint32_t ticket_count_running(const Ticket *tickets, uint32_t count)
{
    uint32_t running = 0;
    for (uint32_t i = 0; i < count; i++) {
        int phase = atomic_load_explicit(&tickets[i].phase, memory_order_relaxed);
        running += tickets[i].read && !tickets[i].extra && phase == TICKET_RUNNING;
    }
    return running;
}

bool ticket_try_cancel(Ticket *ticket)
{
    assert(atomic_load(&ticket->phase) != TICKET_FREE);
    return claim(ticket, TICKET_CANCELLED);
}
