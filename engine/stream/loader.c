#include "stream/loader.h"

#include "base/os_clock.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include "stream/sparse.h"
#include "stream/ticket.h"
#include "stream/wanted.h"
#include <assert.h>

#define REFINE_PER_TICK 64

struct Loader {
    LoaderDesc desc;
    Arena lists; // holds the arrays below
    JobPool *pool;
    Queue *results;
    Ticket *tickets;
    uint32_t *free_tickets, *collected;
    uint32_t ticket_count, free_count, collected_count;
    Wanted wanted;
    LoaderStaged *staged;
    uint32_t staged_count, staged_max;
    uint32_t in_flight_demand, in_flight_speculative, pending_demand, failed;
    uint8_t serves[2]; // what sparse data suffice for, of level 0 and of the rings: sparse_serves
    uint32_t sparse_count; // chunks whose data are too sparse for some mesh
    uint32_t refine_next;  // wants before this one need no second read
    bool refining;
    Chunk *spare; // self-test's second generation
    bool drop_next;
    atomic_bool ending; // read by the workers: the reads that run give up
};

static void run_job(void *object, uint64_t item, Arena *scratch, int worker_index)
{
    Loader *loader = object;
    (void)worker_index;
    ticket_run(&loader->tickets[item], loader->desc.source, loader->desc.layouts, scratch,
               &loader->ending);
    // The ring holds as many results as there are tickets, so there is always room.
    if (!queue_try_push(loader->results, item))
        assert(false);
}

static Result allocate(Loader *loader)
{
    size_t n = loader->ticket_count, slack_bytes = 4096;
    size_t staged_bytes = loader->staged_max * sizeof(LoaderStaged);
    size_t bytes = n * (sizeof(Ticket) + 2 * sizeof(uint32_t)) + staged_bytes;
    if (!arena_create(bytes + slack_bytes, OS_MEMORY_TABLES, &loader->lists))
        return RESULT_OUT_OF_MEMORY;
    loader->tickets = arena_alloc(&loader->lists, n * sizeof(Ticket));
    loader->free_tickets = arena_alloc(&loader->lists, n * sizeof(uint32_t));
    loader->collected = arena_alloc(&loader->lists, n * sizeof(uint32_t));
    loader->staged = arena_alloc(&loader->lists, staged_bytes);
    assert(loader->staged);
    for (uint32_t i = 0; i < n; i++) {
        loader->tickets[i] = (Ticket){.phase = TICKET_FREE};
        loader->free_tickets[i] = (uint32_t)n - 1 - i;
    }
    loader->free_count = (uint32_t)n;
    Result result = wanted_create(loader->desc.table, loader->desc.lod_cache, loader->desc.counters,
                                  &loader->wanted);
    return result == RESULT_OK ? queue_create((uint32_t)n, &loader->results) : result;
}

Result loader_create(const LoaderDesc *desc, Loader **out)
{
    Loader *loader = os_memory_alloc(sizeof *loader, OS_MEMORY_TABLES);
    if (!loader)
        return RESULT_OUT_OF_MEMORY;
    loader->desc = *desc;
    loader->ticket_count =
        desc->queue_requests < desc->queue_results ? desc->queue_requests : desc->queue_results;
    assert(loader->ticket_count > 0 && loader->ticket_count <= 4096);
    for (int i = 0; i < 2; i++)
        loader->serves[i] = (uint8_t)sparse_serves(desc->source, desc->layouts, i ? 2 : 0);
    StagingStats slots = staging_stats(desc->staging);
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        loader->staged_max += slots.slots[g];
    Result result = allocate(loader);
    if (result == RESULT_OK)
        result = job_pool_create(&(JobPoolDesc){.workers = desc->workers,
                                                .nice = desc->nice,
                                                .queue_capacity = loader->ticket_count,
                                                .run = run_job,
                                                .object = loader},
                                 &loader->pool);
    if (result != RESULT_OK) {
        loader_destroy(loader);
        return result;
    }
    *out = loader;
    return RESULT_OK;
}

void loader_destroy(Loader *loader)
{
    if (!loader)
        return;
    atomic_store(&loader->ending, true);
    for (uint32_t i = 0; loader->tickets && i < loader->ticket_count; i++)
        if (atomic_load(&loader->tickets[i].phase) == TICKET_QUEUED)
            (void)ticket_try_cancel(&loader->tickets[i]);
    if (loader->pool)
        job_pool_destroy(loader->pool);
    queue_destroy(loader->results);
    wanted_destroy(&loader->wanted);
    arena_destroy(&loader->lists);
    os_memory_free(loader->spare, sizeof(Chunk), OS_MEMORY_HEIGHTS);
    os_memory_free(loader, sizeof *loader, OS_MEMORY_TABLES);
}

static ChunkEntry *entry_at(const Loader *loader, uint32_t index)
{
    return chunk_table_entry(loader->desc.table, index);
}

static LodGrid grid_of(const ChunkEntry *entry, int mesh)
{
    return lod_grid(chunk_table_lod_of(entry->key.level, mesh));
}

static uint32_t *in_flight(Loader *loader, const Ticket *ticket)
{
    return ticket->speculative ? &loader->in_flight_speculative : &loader->in_flight_demand;
}

// Gives back everything that a ticket held, but itself: it is still in the queue.
static void release_cancelled(Loader *loader, Ticket *ticket)
{
    ChunkEntry *entry = entry_at(loader, ticket->entry);
    for (int i = 0; i < ticket->mesh_count; i++) {
        staging_cancel(loader->desc.staging, grid_of(entry, ticket->meshes[i]), ticket->slots[i]);
        chunk_table_set_mesh(loader->desc.table, entry, ticket->meshes[i], FRAME_STATS_MESH_ABSENT);
    }
    if (ticket->read && !ticket->extra) {
        chunk_table_set_data(loader->desc.table, entry,
                             entry->attempts ? FRAME_STATS_DATA_FAILED : FRAME_STATS_DATA_ABSENT);
        mem_cache_discard(loader->desc.cache, ticket->chunk);
        entry->chunk = NULL;
    } else {
        mem_cache_unpin(loader->desc.cache, entry->chunk);
    }
    entry->tickets--;
    --*in_flight(loader, ticket);
    loader->desc.counters->cancelled++;
    loader->wanted.refresh = true;
}

// A queued job whose tiles nobody wants is dropped; one that was ahead of time and is now due goes to the front.
static void cancel_stale(Loader *loader)
{
    for (uint32_t i = 0; i < loader->ticket_count; i++) {
        Ticket *ticket = &loader->tickets[i];
        if (atomic_load_explicit(&ticket->phase, memory_order_relaxed) != TICKET_QUEUED)
            continue;
        const ChunkEntry *entry = entry_at(loader, ticket->entry);
        bool due, wanted = ticket_wanted(ticket, entry, &due);
        if ((!wanted || (due && ticket->speculative)) && ticket_try_cancel(ticket))
            release_cancelled(loader, ticket);
    }
}

void loader_offer(Loader *loader, const PlannerWant *wants, uint32_t count)
{
    wanted_begin(&loader->wanted, wants, count);
}

bool loader_take(Loader *loader, uint32_t max, const LoaderLimits *limits)
{
    if (!wanted_take(&loader->wanted, max, limits->keep_data))
        return false;
    loader->refine_next = 0;
    cancel_stale(loader);
    return true;
}

bool loader_taking(const Loader *loader)
{
    return loader->wanted.taking;
}

void loader_publish(Loader *loader, const PlannerWant *wants, uint32_t count,
                    const LoaderLimits *limits)
{
    wanted_end(&loader->wanted, limits->keep_data);
    loader_offer(loader, wants, count);
    (void)loader_take(loader, UINT32_MAX, limits);
}

// The block is gone or given up; READY -> ABSENT.
static void lose_data(Loader *loader, ChunkEntry *entry)
{
    loader->sparse_count -= entry->serves > 0;
    entry->serves = 0;
    entry->was_sparse = false;
    entry->chunk = NULL;
    chunk_table_set_data(loader->desc.table, entry, FRAME_STATS_DATA_ABSENT);
}

// The block of a chunk: the one in the cache, or a fresh one to read into. NULL: all blocks are in use.
static Chunk *pin_block(Loader *loader, ChunkEntry *entry, const Ticket *ticket)
{
    bool ready = entry->data == FRAME_STATS_DATA_READY;
    if (ready)
        mem_cache_pin(loader->desc.cache, entry->chunk);
    if (!ticket->read)
        return entry->chunk;
    if (ready) {
        assert(entry->tickets == 0);
        mem_cache_discard(loader->desc.cache, entry->chunk);
        lose_data(loader, entry);
        entry->was_sparse = true;
    }
    return mem_cache_acquire(loader->desc.cache, entry->key);
}

// Slots for every mesh of the entry that is wanted and absent; the one that is due must be among them.
static void gather_meshes(Loader *loader, const ChunkEntry *entry, Ticket *ticket)
{
    for (int m = ticket->read ? 0 : entry->serves; m < chunk_table_meshes_of(entry->key.level);
         m++) {
        const ChunkMesh *mesh = &entry->meshes[m];
        bool fits =
            !ticket->speculative ? mesh->want == CHUNK_WANT_DEMAND : mesh->want != CHUNK_WANT_NONE;
        if (!fits || mesh->state != FRAME_STATS_MESH_ABSENT)
            continue;
        LodGrid grid = grid_of(entry, m);
        uint32_t slot = staging_try_acquire(loader->desc.staging, grid);
        if (slot == STAGING_NONE)
            continue;
        int i = ticket->mesh_count++;
        ticket->meshes[i] = (uint8_t)m;
        ticket->slots[i] = slot;
        ticket->memory[i] = staging_memory(loader->desc.staging, grid, slot);
    }
}

// Is a chunk about to be read whose data is on its way or there already? Must never be.
static bool is_duplicate(const Loader *loader, const ChunkEntry *entry, const Ticket *ticket)
{
    if (!ticket->read)
        return false;
    const void *block = mem_cache_peek(loader->desc.cache, entry->key);
    bool there = block && block != ticket->chunk;
    return there ||
           (entry->data != FRAME_STATS_DATA_ABSENT && entry->data != FRAME_STATS_DATA_FAILED);
}

// The ticket on top of the free ones is one no more.
static void commit_ticket(Loader *loader, uint64_t now_ns)
{
    uint32_t number = loader->free_tickets[--loader->free_count];
    Ticket *ticket = &loader->tickets[number];
    ChunkEntry *entry = entry_at(loader, ticket->entry);
    bool duplicate = is_duplicate(loader, entry, ticket);
    assert(duplicate == ticket->extra);
    loader->desc.counters->duplicates += duplicate;
    if (ticket->read && !ticket->extra) {
        entry->chunk = ticket->chunk;
        chunk_table_set_data(loader->desc.table, entry, FRAME_STATS_DATA_QUEUED);
    }
    for (int i = 0; i < ticket->mesh_count; i++) {
        chunk_table_set_mesh(loader->desc.table, entry, ticket->meshes[i],
                             FRAME_STATS_MESH_BUILDING);
        entry->meshes[ticket->meshes[i]].slot = ticket->slots[i];
        entry->meshes[ticket->meshes[i]].submitted_ns = now_ns;
    }
    entry->tickets++;
    ++*in_flight(loader, ticket);
    ticket->submitted_ns = now_ns;
    JobClass job_class = ticket_class(ticket, entry);
    atomic_store(&ticket->phase, TICKET_QUEUED);
    // Each class's queue holds as many jobs as there are tickets.
    if (!job_pool_try_push(loader->pool, job_class, number))
        assert(false);
}

// A job that makes a wanted mesh, not yet given away: it holds nothing.
static Ticket *new_ticket(Loader *loader, const WantedMesh *w, const LoaderLimits *limits)
{
    const ChunkEntry *entry = entry_at(loader, w->entry);
    Ticket *ticket = &loader->tickets[loader->free_tickets[loader->free_count - 1]];
    bool ready = entry->data == FRAME_STATS_DATA_READY, suffice = ready && w->mesh >= entry->serves;
    int serves = loader->serves[entry->key.level > 0];
    *ticket = (Ticket){.key = entry->key,
                       .entry = w->entry,
                       .read = !suffice,
                       .sparse = !ready && sparse_suits(entry, serves, limits->hasty),
                       .again = !suffice && (ready || entry->was_sparse)};
    return ticket;
}

// True when a job was made.
static bool try_submit(Loader *loader, const WantedMesh *w, const LoaderLimits *limits)
{
    ChunkEntry *entry = entry_at(loader, w->entry);
    const ChunkMesh *mesh = &entry->meshes[w->mesh];
    Ticket *ticket = new_ticket(loader, w, limits);
    ticket->speculative = mesh->want != CHUNK_WANT_DEMAND;
    ticket->lobe = mesh->want == CHUNK_WANT_LOBE;
    gather_meshes(loader, entry, ticket);
    ticket->chunk = ticket->mesh_count ? pin_block(loader, entry, ticket) : NULL;
    if (!ticket->chunk) {
        for (int i = 0; i < ticket->mesh_count; i++)
            staging_cancel(loader->desc.staging, grid_of(entry, ticket->meshes[i]),
                           ticket->slots[i]);
        return false;
    }
    commit_ticket(loader, limits->now_ns);
    return true;
}

// Reads in full what was read in haste, so that finer meshes find their data: looks at some entries a tick. True while
// there may be more.
static bool submit_refining(Loader *loader, const LoaderLimits *limits)
{
    uint32_t *next = &loader->refine_next, end = *next + REFINE_PER_TICK;
    for (; loader->sparse_count && *next < loader->wanted.count && *next < end; ++*next) {
        WantedMesh w = {loader->wanted.meshes[*next].entry, 0};
        ChunkEntry *entry = entry_at(loader, w.entry);
        if (entry->data != FRAME_STATS_DATA_READY || !entry->serves || !sparse_soon_full(entry))
            continue;
        if (entry->tickets || !loader->free_count ||
            (int)loader->in_flight_speculative >= limits->loads)
            return true;
        Ticket *ticket = new_ticket(loader, &w, limits);
        ticket->speculative = true;
        ticket->chunk = pin_block(loader, entry, ticket);
        assert(ticket->chunk); // the sparse one's, if there is no other
        commit_ticket(loader, limits->now_ns);
    }
    return loader->sparse_count && *next < loader->wanted.count;
}

// Nothing can be made of a mesh's chunk right now.
static bool data_busy(const ChunkEntry *entry, int mesh, uint64_t now_ns)
{
    int data = entry->data;
    bool on_its_way = data == FRAME_STATS_DATA_QUEUED || data == FRAME_STATS_DATA_RUNNING;
    bool in_use = data == FRAME_STATS_DATA_READY && mesh < entry->serves && entry->tickets;
    bool gives_up = entry->attempts >= LOADER_ATTEMPTS_MAX;
    return on_its_way || in_use || gives_up || now_ns < entry->retry_ns;
}

void loader_submit(Loader *loader, const LoaderLimits *limits)
{
    Wanted *wanted = &loader->wanted;
    wanted_update_pending(wanted);
    uint32_t workers = (uint32_t)job_pool_stats(loader->pool).workers_started;
    uint32_t demand_max = workers * (LOADER_DEMAND_PER_WORKER << limits->hasty);
    uint32_t kept = 0, refused = 0, demand_waits = 0;
    for (uint32_t i = 0; i < wanted->pending_count; i++) {
        WantedMesh w = wanted->pending[i];
        const ChunkEntry *entry = entry_at(loader, w.entry);
        const ChunkMesh *mesh = &entry->meshes[w.mesh];
        if (mesh->state != FRAME_STATS_MESH_ABSENT)
            continue; // another job took it along
        bool demand = mesh->want == CHUNK_WANT_DEMAND;
        bool room = demand ? loader->in_flight_demand < demand_max
                           : (int)loader->in_flight_speculative < limits->loads && !demand_waits;
        bool busy = data_busy(entry, w.mesh, limits->now_ns);
        // A few refusals mean that the slots of this tick are gone: no use in asking for each.
        if (room && !busy && loader->free_count && refused < 8) {
            if (try_submit(loader, &w, limits))
                continue;
            refused++;
        }
        demand_waits += demand && !busy;
        wanted->pending[kept++] = w;
    }
    wanted->pending_count = kept;
    loader->pending_demand = demand_waits;
    loader->refining = limits->refine && (demand_waits || submit_refining(loader, limits));
}

uint32_t loader_collect(Loader *loader, const LoaderLimits *limits)
{
    uint64_t item;
    while ((int)loader->collected_count < limits->results_max &&
           queue_try_pop(loader->results, &item))
        loader->collected[loader->collected_count++] = (uint32_t)item;
    return loader->collected_count;
}

static void fail_read(Loader *loader, ChunkEntry *entry, const Ticket *ticket, uint64_t now_ns)
{
    FrameStatsData left = ticket->mesh_count ? FRAME_STATS_DATA_FAILED : FRAME_STATS_DATA_ABSENT;
    chunk_table_set_data(loader->desc.table, entry, left);
    mem_cache_discard(loader->desc.cache, ticket->chunk);
    entry->chunk = NULL;
    loader->desc.counters->failed++;
    if (!ticket->mesh_count)
        return; // whoever comes to want it tries from the first attempt on
    entry->retry_ns = now_ns + (LOADER_BACKOFF_NS << entry->attempts);
    entry->attempts++;
    loader->failed += entry->attempts == LOADER_ATTEMPTS_MAX;
}

static void note_sparse(Loader *loader, ChunkEntry *entry)
{
    entry->was_sparse = false;
    entry->serves = entry->chunk->sparse ? loader->serves[entry->key.level > 0] : 0;
    if (!entry->serves)
        return;
    loader->sparse_count++;
    loader->refine_next = 0;
}

static void apply_data(Loader *loader, ChunkEntry *entry, const Ticket *ticket,
                       const LoaderLimits *limits)
{
    if (!ticket->read) {
        loader->desc.counters->cache_hits++;
        mem_cache_unpin(loader->desc.cache, ticket->chunk);
        return;
    }
    if (entry->data == FRAME_STATS_DATA_QUEUED)
        chunk_table_set_data(loader->desc.table, entry, FRAME_STATS_DATA_RUNNING);
    if (ticket->result != RESULT_OK) {
        fail_read(loader, entry, ticket, limits->now_ns);
        return;
    }
    RunStatsCounters *counters = loader->desc.counters;
    counters->generated++;
    counters->sparse += ticket->sparse;
    counters->refined += ticket->again;
    counters->retried += entry->attempts > 0;
    entry->attempts = 0;
    if (ticket->speculative && !ticket->again && entry->key.level == 0) {
        counters->lobe_issued += ticket->lobe;
        counters->ring_issued += !ticket->lobe;
        entry->speculative_lobe = ticket->lobe;
        entry->speculative_ring = !ticket->lobe;
        entry->counted_used = false;
    }
    chunk_table_set_data(loader->desc.table, entry, FRAME_STATS_DATA_READY);
    if (limits->keep_data) {
        mem_cache_unpin(loader->desc.cache, ticket->chunk);
        note_sparse(loader, entry);
        return;
    }
    mem_cache_discard(loader->desc.cache, ticket->chunk);
    lose_data(loader, entry);
}

static void apply_mesh(Loader *loader, ChunkEntry *entry, const Ticket *ticket, int i)
{
    int m = ticket->meshes[i];
    ChunkMesh *mesh = &entry->meshes[m];
    bool wanted = mesh->want != CHUNK_WANT_NONE;
    bool drop = wanted && loader->drop_next && ticket->result == RESULT_OK;
    if (ticket->result != RESULT_OK || !wanted || drop) {
        loader->desc.counters->dropped += wanted && ticket->result == RESULT_OK;
        loader->drop_next &= !drop;
        staging_cancel(loader->desc.staging, grid_of(entry, m), ticket->slots[i]);
        chunk_table_set_mesh(loader->desc.table, entry, m, FRAME_STATS_MESH_ABSENT);
        loader->wanted.refresh |= wanted;
        return;
    }
    mesh->tile = (LodTile){.min_m = ticket->chunk->min_m,
                           .max_m = ticket->chunk->max_m,
                           .base_m = ticket->chunk->base_m,
                           .fresh = ticket->chunk->fresh};
    chunk_table_set_mesh(loader->desc.table, entry, m, FRAME_STATS_MESH_STAGED);
    assert(loader->staged_count < loader->staged_max);
    loader->staged[loader->staged_count++] = (LoaderStaged){ticket->entry, (uint8_t)m};
}

static void apply_ticket(Loader *loader, Ticket *ticket, const LoaderLimits *limits)
{
    int phase = atomic_load(&ticket->phase);
    atomic_store(&ticket->phase, TICKET_FREE);
    if (phase == TICKET_CANCELLED)
        return;
    assert(phase == TICKET_RUNNING);
    ChunkEntry *entry = entry_at(loader, ticket->entry);
    for (int i = 0; i < ticket->mesh_count; i++)
        apply_mesh(loader, entry, ticket, i);
    if (ticket->extra)
        mem_cache_unpin(loader->desc.cache, entry->chunk);
    else
        apply_data(loader, entry, ticket, limits);
    entry->tickets--;
    --*in_flight(loader, ticket);
    // What else is wanted of this chunk was waiting for its data; a second read alone was for nothing that is wanted.
    loader->wanted.refresh |= ticket->read && ticket->mesh_count;
}

void loader_apply(Loader *loader, const LoaderLimits *limits, LedgerPen *pen)
{
    for (uint32_t i = 0; i < loader->collected_count; i++) {
        Ticket *ticket = &loader->tickets[loader->collected[i]];
        uint64_t started_ns = pen ? os_clock_thread_cpu_ns() : 0;
        apply_ticket(loader, ticket, limits);
        if (pen)
            ledger_item(pen, "chunk", chunk_key_hash(ticket->key),
                        os_clock_thread_cpu_ns() - started_ns);
        loader->free_tickets[loader->free_count++] = loader->collected[i];
    }
    loader->collected_count = 0;
}

const LoaderStaged *loader_staged(const Loader *loader, uint32_t *out_count)
{
    *out_count = loader->staged_count;
    return loader->staged;
}

void loader_unstage(Loader *loader, uint32_t index)
{
    assert(index < loader->staged_count);
    loader->staged_count--;
    for (uint32_t i = index; i < loader->staged_count; i++)
        loader->staged[i] = loader->staged[i + 1];
}

bool loader_runs(const Loader *loader, uint32_t entry)
{
    if (!chunk_table_peek(loader->desc.table, entry)->tickets)
        return false;
    for (uint32_t i = 0; i < loader->ticket_count; i++)
        if (loader->tickets[i].entry == entry &&
            atomic_load_explicit(&loader->tickets[i].phase, memory_order_relaxed) == TICKET_RUNNING)
            return true;
    return false;
}

void loader_drain(Loader *loader, const LoaderLimits *limits)
{
    LoaderLimits all = *limits;
    all.results_max = (int)loader->ticket_count;
    while (loader->free_count < loader->ticket_count) {
        if (loader_collect(loader, &all) == 0)
            os_clock_sleep_until_ns(os_clock_now_ns() + 200000);
        loader_apply(loader, &all, NULL);
    }
}

void loader_forget(Loader *loader, ChunkKey key)
{
    uint32_t index = chunk_table_find(loader->desc.table, key);
    if (index == CHUNK_TABLE_NONE)
        return;
    ChunkEntry *entry = entry_at(loader, index);
    assert(entry->tickets == 0);
    lose_data(loader, entry);
}

void loader_refresh(Loader *loader)
{
    loader->wanted.refresh = true;
}

void loader_drop_next(Loader *loader)
{
    loader->drop_next = true;
}

bool loader_duplicate_next(Loader *loader)
{
    if (!loader->spare)
        loader->spare = os_memory_alloc(sizeof(Chunk), OS_MEMORY_HEIGHTS);
    for (uint32_t i = 0; i < loader->wanted.count && loader->spare; i++) {
        const ChunkEntry *entry = entry_at(loader, loader->wanted.meshes[i].entry);
        if (entry->data != FRAME_STATS_DATA_READY || !loader->free_count)
            continue;
        uint32_t number = loader->free_tickets[loader->free_count - 1];
        loader->tickets[number] = (Ticket){.key = entry->key,
                                           .entry = loader->wanted.meshes[i].entry,
                                           .chunk = loader->spare,
                                           .read = true,
                                           .extra = true};
        // An entry with a job may not lose its data.
        mem_cache_pin(loader->desc.cache, entry->chunk);
        commit_ticket(loader, os_clock_now_ns());
        return true;
    }
    return false;
}

LoaderStats loader_stats(const Loader *loader)
{
    return (LoaderStats){.wanted = loader->wanted.count,
                         .wanted_demand = loader->wanted.demand,
                         .pending = loader->wanted.pending_count,
                         .pending_demand = loader->pending_demand,
                         .in_flight_demand = loader->in_flight_demand,
                         .in_flight_speculative = loader->in_flight_speculative,
                         .running = ticket_count_running(loader->tickets, loader->ticket_count),
                         .refining = loader->refining,
                         .results_depth = queue_stats(loader->results).depth,
                         .failed = loader->failed};
}

JobPool *loader_pool(Loader *loader)
{
    return loader->pool;
}
