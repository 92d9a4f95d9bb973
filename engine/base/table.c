#include "base/table.h"
#include <assert.h>
#include <string.h>

typedef struct Slot {
    uint64_t hash;
    uint32_t value;
    uint32_t used;
} Slot;

struct Table {
    TableEqual *equal;
    const void *object;
    OsMemoryOwner owner;
    uint32_t capacity;
    uint32_t count;
    uint32_t count_max;
    uint32_t mask;  // slots - 1
    uint32_t shift; // 64 - log2(slots)
    uint64_t refused;
    _Alignas(64) Slot slots[];
};

static size_t table_bytes(uint32_t mask)
{
    return sizeof(Table) + ((size_t)mask + 1) * sizeof(Slot);
}

// Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): top bits of a product, so a
// caller's hash whose low bits are poor does no harm.
static uint32_t home_of(const Table *table, uint64_t hash)
{
    return (uint32_t)((hash * 0x9E3779B97F4A7C15u) >> table->shift);
}

// Index of the slot of `key`, or of the empty slot where it would go.
static uint32_t seek(const Table *table, uint64_t hash, const void *key)
{
    uint32_t index = home_of(table, hash);
    for (;;) { // ends: at least half of the slots are empty
        const Slot *slot = &table->slots[index];
        if (!slot->used)
            return index;
        if (slot->hash == hash && table->equal(table->object, key, slot->value))
            return index;
        index = (index + 1) & table->mask;
    }
}

Result table_create(uint32_t capacity, OsMemoryOwner owner, TableEqual *equal, const void *object,
                    Table **out)
{
    assert(out != NULL && equal != NULL);
    assert(capacity > 0 && capacity <= TABLE_CAPACITY_MAX);
    uint32_t slots = 2, bits = 1;
    while (slots < 2 * capacity) {
        slots *= 2;
        bits++;
    }
    Table *table = os_memory_alloc(table_bytes(slots - 1), owner);
    *out = table;
    if (table == NULL)
        return RESULT_OUT_OF_MEMORY;
    table->equal = equal;
    table->object = object;
    table->owner = owner;
    table->capacity = capacity;
    table->mask = slots - 1;
    table->shift = 64 - bits;
    return RESULT_OK;
}

void table_destroy(Table *table)
{
    if (table != NULL)
        os_memory_free(table, table_bytes(table->mask), table->owner);
}

bool table_try_insert(Table *table, uint64_t hash, const void *key, uint32_t value)
{
    Slot *slot = &table->slots[seek(table, hash, key)];
    assert(!slot->used && "the key is in the table already");
    if (table->count == table->capacity) {
        table->refused++;
        return false;
    }
    *slot = (Slot){.hash = hash, .value = value, .used = 1};
    table->count++;
    if (table->count > table->count_max)
        table->count_max = table->count;
    return true;
}

bool table_find(const Table *table, uint64_t hash, const void *key, uint32_t *out)
{
    const Slot *slot = &table->slots[seek(table, hash, key)];
    if (slot->used && out != NULL)
        *out = slot->value;
    return slot->used;
}

// Backward shift (Knuth 6.4, algorithm R): each follower whose way from home passes the hole moves
// into it, so no marks are left behind and look-ups stay short for ever.
static void close_hole(Table *table, uint32_t hole)
{
    uint32_t index = hole;
    for (;;) {
        index = (index + 1) & table->mask;
        if (!table->slots[index].used)
            break;
        uint32_t home = home_of(table, table->slots[index].hash);
        if (((index - home) & table->mask) >= ((index - hole) & table->mask)) {
            table->slots[hole] = table->slots[index];
            hole = index;
        }
    }
    table->slots[hole] = (Slot){0};
}

bool table_remove(Table *table, uint64_t hash, const void *key, uint32_t *out)
{
    uint32_t index = seek(table, hash, key);
    if (!table->slots[index].used)
        return false;
    if (out != NULL)
        *out = table->slots[index].value;
    assert(table->count > 0);
    close_hole(table, index);
    table->count--;
    return true;
}

void table_clear(Table *table)
{
    memset(table->slots, 0, ((size_t)table->mask + 1) * sizeof(Slot));
    table->count = 0;
}

TableStats table_stats(const Table *table)
{
    return (TableStats){
        .capacity = table->capacity,
        .count = table->count,
        .count_max = table->count_max,
        .bytes = table_bytes(table->mask),
        .refused = table->refused,
    };
}
