#include "terrain/material_set.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/os_clock.h"
#include "base/os_file.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include "terrain/material_make.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define PATH_BYTES_MAX 1024
#define THREADS_MAX 4
#define WORKER_NICE 10

// The file begins with it; the layers follow.
typedef struct Header {
    char magic[8];
    uint32_t version;
    uint32_t side, layers;
    uint32_t unused;
    uint64_t hash; // of the layers
    uint8_t fill[32];
} Header;

_Static_assert(sizeof(Header) == 64, "the layers keep their alignment");

static const char MAGIC[8] = "AreteMat";

#define LAYERS_BYTES (MATERIAL_COUNT * MATERIAL_LAYER_BYTES)
#define IMAGE_BYTES (sizeof(Header) + LAYERS_BYTES)

struct MaterialSet {
    char path[PATH_BYTES_MAX]; // "": no file
    int threads;
    MaterialMaker *make;
    OsThread *keeper; // reads, lets layers be made, writes; NULL: not begun
    // -- keeper --
    uint8_t *image; // as in the file
    // -- keeper, helpers and main --
    atomic_int next; // layer to make
    atomic_bool ready[MATERIAL_COUNT];
    atomic_bool ended;
    atomic_bool cancelled;
};

static uint8_t *layer_memory(const MaterialSet *set, int layer)
{
    return set->image + sizeof(Header) + (size_t)layer * MATERIAL_LAYER_BYTES;
}

static void free_image(uint8_t *image, size_t bytes)
{
    os_memory_free(image, bytes + 1, OS_MEMORY_BASE); // as os_file_read allocates
}

// What is wrong with a file's content; NULL: nothing.
static const char *fault_of(const uint8_t *image, size_t bytes)
{
    Header header;
    if (bytes != IMAGE_BYTES)
        return "has another size";
    memcpy(&header, image, sizeof header);
    if (memcmp(header.magic, MAGIC, sizeof MAGIC) != 0)
        return "is something else";
    if (header.version != MATERIAL_MAKE_VERSION || header.side != MATERIAL_SIDE ||
        header.layers != MATERIAL_COUNT)
        return "is of another version";
    if (header.hash != hash_bytes(image + sizeof header, LAYERS_BYTES, 0))
        return "is damaged";
    return NULL;
}

static bool read_file(MaterialSet *set)
{
    if (set->path[0] == 0 || !os_file_exists(set->path))
        return false;
    ResultText text = {0};
    uint8_t *image = NULL;
    size_t bytes = 0;
    Result result = os_file_read(set->path, IMAGE_BYTES, &image, &bytes, &text);
    const char *fault = result == RESULT_OK ? fault_of(image, bytes) : text.text;
    if (fault == NULL) {
        set->image = image;
        return true;
    }
    log_warn("materials: %s %s; made anew", set->path, fault);
    if (result == RESULT_OK)
        free_image(image, bytes);
    return false;
}

static void make_layers(void *object)
{
    MaterialSet *set = object;
    Arena scratch;
    if (!arena_create(MATERIAL_MAKE_SCRATCH_BYTES, OS_MEMORY_SCRATCH, &scratch))
        return; // others, or nobody, take the layers
    for (int layer = atomic_fetch_add(&set->next, 1);
         layer < MATERIAL_COUNT && !atomic_load(&set->cancelled);
         layer = atomic_fetch_add(&set->next, 1)) {
        set->make((MaterialKind)layer, &scratch, layer_memory(set, layer));
        atomic_store_explicit(&set->ready[layer], true, memory_order_release);
    }
    arena_destroy(&scratch);
}

static bool all_ready(const MaterialSet *set)
{
    bool all = true;
    for (int i = 0; i < MATERIAL_COUNT; i++)
        all = all && atomic_load_explicit(&set->ready[i], memory_order_acquire);
    return all;
}

static void write_file(MaterialSet *set)
{
    Header header = {
        .version = MATERIAL_MAKE_VERSION, .side = MATERIAL_SIDE, .layers = MATERIAL_COUNT};
    memcpy(header.magic, MAGIC, sizeof MAGIC);
    header.hash = hash_bytes(set->image + sizeof header, LAYERS_BYTES, 0);
    memcpy(set->image, &header, sizeof header);
    char folder[PATH_BYTES_MAX];
    memcpy(folder, set->path, sizeof folder);
    char *slash = strrchr(folder, '/');
    ResultText text = {0};
    Result result = RESULT_OK;
    if (slash != NULL && slash != folder) {
        *slash = 0;
        result = os_file_make_directories(folder, &text);
    }
    if (result == RESULT_OK)
        result = os_file_write(set->path, set->image, IMAGE_BYTES, &text);
    if (result != RESULT_OK)
        log_warn("materials: they are made anew at every start: %s", text.text);
}

static void make_all(MaterialSet *set)
{
    OsThread *helpers[THREADS_MAX] = {0};
    set->image = os_memory_alloc(IMAGE_BYTES + 1, OS_MEMORY_BASE);
    if (set->image == NULL) {
        log_error("materials: no memory for them; the ground stays plain");
        return;
    }
    for (int i = 1; i < set->threads; i++) {
        // One that cannot start leaves its layers to the others.
        if (os_thread_create("material", 0, make_layers, set, &helpers[i]) != RESULT_OK)
            helpers[i] = NULL;
    }
    make_layers(set);
    for (int i = 1; i < set->threads; i++)
        os_thread_join(helpers[i]);
    if (set->path[0] != 0 && all_ready(set))
        write_file(set);
}

static void keep(void *object)
{
    MaterialSet *set = object;
    if (read_file(set)) {
        for (int i = 0; i < MATERIAL_COUNT; i++)
            atomic_store_explicit(&set->ready[i], true, memory_order_release);
    } else {
        make_all(set);
    }
    atomic_store_explicit(&set->ended, true, memory_order_release);
}

static void begin(MaterialSet *set)
{
    if (set->keeper != NULL)
        return;
    atomic_store(&set->next, 0);
    atomic_store(&set->ended, false);
    if (os_thread_create("materials", WORKER_NICE, keep, set, &set->keeper) != RESULT_OK)
        set->keeper = NULL; // asked again with the next frame
}

// Waits for the keeper, then drops everything.
static void end(MaterialSet *set)
{
    os_thread_join(set->keeper);
    set->keeper = NULL;
    if (set->image != NULL)
        free_image(set->image, IMAGE_BYTES);
    set->image = NULL;
    for (int i = 0; i < MATERIAL_COUNT; i++)
        atomic_store(&set->ready[i], false);
}

static const uint8_t *set_layer(void *object, int layer)
{
    MaterialSet *set = object;
    assert(layer >= 0 && layer < MATERIAL_COUNT);
    begin(set);
    bool ready = atomic_load_explicit(&set->ready[layer], memory_order_acquire);
    return ready ? layer_memory(set, layer) : NULL;
}

static void set_wait(void *object)
{
    MaterialSet *set = object;
    begin(set);
    while (set->keeper != NULL && !atomic_load_explicit(&set->ended, memory_order_acquire) &&
           !all_ready(set))
        os_clock_sleep_until_ns(os_clock_now_ns() + 1000000);
}

static bool set_try_release(void *object)
{
    MaterialSet *set = object;
    if (set->keeper != NULL && !atomic_load_explicit(&set->ended, memory_order_acquire))
        return false;
    end(set);
    return true;
}

Result material_set_create(const MaterialSetDesc *desc, MaterialSet **out)
{
    assert(desc && out && desc->threads >= 0);
    *out = NULL;
    MaterialSet *set = os_memory_alloc(sizeof *set, OS_MEMORY_BASE);
    if (!set)
        return RESULT_OUT_OF_MEMORY;
    int threads = desc->threads > 0 ? desc->threads : os_thread_cpu_count();
    set->threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    set->make = desc->make ? desc->make : material_make;
    int length = desc->path ? snprintf(set->path, sizeof set->path, "%s", desc->path) : 0;
    if (length < 0 || (size_t)length >= sizeof set->path)
        set->path[0] = 0; // no file system has such a name
    *out = set;
    return RESULT_OK;
}

void material_set_destroy(MaterialSet *set)
{
    if (!set)
        return;
    atomic_store(&set->cancelled, true);
    end(set);
    os_memory_free(set, sizeof *set, OS_MEMORY_BASE);
}

MaterialSource material_set_source(MaterialSet *set)
{
    assert(set);
    return (MaterialSource){
        .object = set, .layer = set_layer, .wait = set_wait, .try_release = set_try_release};
}
