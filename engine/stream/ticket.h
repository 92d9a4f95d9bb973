// Purpose: one job of the loader: read a chunk if need be, build one to three of its tiles into staging slots.
// Owns: nothing; block and slots are lent by the loader until the ticket comes back.
// Threads: fields grouped by owner; the phase decides who may touch it.
// Fails: the read's Result travels back in the ticket.
#pragma once
#include "base/arena.h"
#include "base/job_pool.h"
#include "stream/chunk_table.h"
#include "world/source.h"
#include "world/tile.h"
#include <stdatomic.h>

// QUEUED -> RUNNING by the worker that takes it, or QUEUED -> CANCELLED by the main thread: whoever is first.
typedef enum TicketPhase {
    TICKET_FREE,
    TICKET_QUEUED,
    TICKET_RUNNING,
    TICKET_CANCELLED
} TicketPhase;

typedef struct Ticket {
    // Main thread, before the push and after the result.
    ChunkKey key;
    uint32_t entry;
    Chunk *chunk; // block of the memory cache, pinned
    bool read;    // the block must be filled first
    bool sparse;  // sparsely
    bool again;   // in full: data were there, too sparse
    bool extra;   // self-test: a second generation, its block is the loader's spare
    bool speculative, lobe;
    int mesh_count;
    uint8_t meshes[CHUNK_TABLE_MESHES];
    uint32_t slots[CHUNK_TABLE_MESHES];
    uint8_t *memory[CHUNK_TABLE_MESHES];
    uint64_t submitted_ns;
    // Both.
    atomic_int phase;
    // Worker, until the ticket is in the result ring.
    Result result;
} Ticket;

// Worker side: claims the ticket and does its work; a cancelled one is left as it is. `*cancelled` ends a read early.
void ticket_run(Ticket *ticket, const Source *source, const TileLayout *layouts, Arena *scratch,
                const atomic_bool *cancelled);

// Main side: does anybody want what it makes? `*out_due`: at once, not ahead of time. Without a mesh it makes data for
// all of them.
bool ticket_wanted(const Ticket *ticket, const ChunkEntry *entry, bool *out_due);

// Main side: whose queue it goes to.
JobClass ticket_class(const Ticket *ticket, const ChunkEntry *entry);
// Main side: how many of them a worker reads right now, the self-test's left out.
uint32_t ticket_count_running(const Ticket *tickets, uint32_t count);

// Main side: true when the ticket had not been claimed and now never will be.
bool ticket_try_cancel(Ticket *ticket);
