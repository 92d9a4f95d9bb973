#include "base/hash.h"
#include "base/log.h"
#include "base/os_file.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include "terrain/material_make.h"
#include "terrain/material_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES (64 + MATERIAL_COUNT * MATERIAL_LAYER_BYTES)

typedef struct Rig {
    char folder[64], path[96];
    uint64_t hash;       // of a set that was made without a file
    atomic_int warnings; // logged
} Rig;

static Rig rig;

static void count_warnings(void *object, LogLevel level, const char *text)
{
    (void)object;
    (void)text;
    if (level <= LOG_WARN)
        atomic_fetch_add(&rig.warnings, 1);
}

// Some bytes of each layer's own: what the pictures hold is material_make's, how a set comes by them is tried here.
static void quickly(MaterialKind kind, Arena *scratch, uint8_t *out)
{
    (void)scratch;
    for (size_t i = 0; i < MATERIAL_LAYER_BYTES; i++)
        out[i] = (uint8_t)(i * 7 + i / 251 + (size_t)kind * 31);
}

// The hash of all layers of a set; 0 where one is missing.
static uint64_t hash_of(const char *path, int threads)
{
    MaterialSet *set = NULL;
    MaterialSetDesc desc = {.path = path, .threads = threads, .make = quickly};
    assert_int_equal(material_set_create(&desc, &set), RESULT_OK);
    MaterialSource source = material_set_source(set);
    source.wait(source.object);
    uint64_t hash = 1;
    for (int i = 0; hash != 0 && i < MATERIAL_COUNT; i++) {
        const uint8_t *layer = source.layer(source.object, i);
        hash = layer != NULL ? hash_bytes(layer, MATERIAL_LAYER_BYTES, hash) : 0;
    }
    material_set_destroy(set); // waits for the file
    return hash;
}

static int make_rig(void **state)
{
    *state = &rig;
    strcpy(rig.folder, "/tmp/material_set_XXXXXX");
    if (mkdtemp(rig.folder) == NULL)
        return -1;
    snprintf(rig.path, sizeof rig.path, "%s/a/b/materials.bin", rig.folder);
    log_set_sink(count_warnings, NULL);
    rig.hash = hash_of(NULL, 1);
    return rig.hash != 0 && rig.warnings == 0 ? 0 : -1;
}

static int remove_rig(void **state)
{
    (void)state;
    char command[128];
    log_set_sink(NULL, NULL);
    snprintf(command, sizeof command, "rm -rf '%s'", rig.folder);
    return system(command);
}

static void the_file_is_made_and_then_read(void **state)
{
    (void)state;
    assert_int_equal(hash_of(rig.path, 3), rig.hash);
    struct stat first, second;
    assert_int_equal(stat(rig.path, &first), 0);
    assert_int_equal(first.st_size, FILE_BYTES);
    assert_int_equal(hash_of(rig.path, 1), rig.hash);
    assert_int_equal(stat(rig.path, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino); // not written again
    assert_int_equal(rig.warnings, 0);
}

static void without_a_maker_the_layers_are_those_of_material_make(void **state)
{
    (void)state;
    MaterialSet *set = NULL;
    Arena scratch;
    uint8_t *layer = malloc(MATERIAL_LAYER_BYTES);
    assert_non_null(layer);
    assert_true(arena_create(MATERIAL_MAKE_SCRATCH_BYTES, OS_MEMORY_SCRATCH, &scratch));
    assert_int_equal(material_set_create(&(MaterialSetDesc){.threads = 2}, &set), RESULT_OK);
    MaterialSource source = material_set_source(set);
    source.wait(source.object);
    for (int i = 0; i < MATERIAL_COUNT; i++)
        assert_non_null(source.layer(source.object, i));
    for (int i = 0; i < MATERIAL_COUNT; i += MATERIAL_COUNT - 1) {
        arena_rewind(&scratch, 0);
        material_make((MaterialKind)i, &scratch, layer);
        assert_memory_equal(source.layer(source.object, i), layer, MATERIAL_LAYER_BYTES);
    }
    material_set_destroy(set);
    arena_destroy(&scratch);
    free(layer);
}

static void change(long at, long size)
{
    FILE *file = fopen(rig.path, "r+b");
    assert_non_null(file);
    if (at >= 0) {
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        int byte = fgetc(file);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        fputc(byte ^ 1, file);
    }
    fclose(file);
    if (size >= 0)
        assert_int_equal(truncate(rig.path, size), 0);
}

static void expect_made_anew(long at, long size)
{
    change(at, size);
    rig.warnings = 0;
    assert_int_equal(hash_of(rig.path, 2), rig.hash);
    assert_int_equal(rig.warnings, 1);
    rig.warnings = 0;
    assert_int_equal(hash_of(rig.path, 2), rig.hash);
    assert_int_equal(rig.warnings, 0);
}

static void a_file_that_is_not_right_is_made_anew_and_said_once(void **state)
{
    (void)state;
    expect_made_anew(FILE_BYTES - 9, -1); // damaged
    expect_made_anew(-1, FILE_BYTES / 2); // cut off
    expect_made_anew(8, -1);              // another version
    expect_made_anew(0, -1);              // something else
}

static void a_file_that_cannot_be_written_costs_one_message(void **state)
{
    (void)state;
    char path[128];
    // A file where a folder is wanted: nobody, root included, can write below it.
    snprintf(path, sizeof path, "%s/materials.bin", rig.path);
    rig.warnings = 0;
    assert_int_equal(hash_of(path, 2), rig.hash);
    assert_int_equal(rig.warnings, 1);
}

static void a_release_frees_the_memory_and_the_next_call_begins_anew(void **state)
{
    (void)state;
    MaterialSet *set = NULL;
    uint64_t before = os_memory_stats().live_total_bytes;
    assert_int_equal(
        material_set_create(&(MaterialSetDesc){.path = rig.path, .make = quickly}, &set),
        RESULT_OK);
    uint64_t idle = os_memory_stats().live_total_bytes;
    assert_true(idle - before < 4096); // nothing is read before it is asked for
    MaterialSource source = material_set_source(set);
    for (int round = 0; round < 2; round++) {
        source.wait(source.object);
        assert_non_null(source.layer(source.object, MATERIAL_COUNT - 1));
        while (!source.try_release(source.object))
            usleep(1000);
        assert_int_equal(os_memory_stats().live_total_bytes, idle);
    }
    material_set_destroy(set);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
}

static void no_memory_leaves_the_layers_out(void **state)
{
    (void)state;
    os_memory_fail_at(3, 1); // the set itself and its thread are there
    rig.warnings = 0;
    assert_int_equal(hash_of(NULL, 2), 0);
    os_memory_fail_at(0, 0);
    assert_int_equal(rig.warnings, 1);
}

// Helpers that cannot start leave their layers to the keeper; without a keeper the layers come a frame later.
static void threads_that_cannot_start_cost_time_alone(void **state)
{
    (void)state;
    os_thread_fail_at(2, 1);
    assert_int_equal(hash_of(NULL, 3), rig.hash);
    MaterialSet *set = NULL;
    os_thread_fail_at(1, 0);
    assert_int_equal(
        material_set_create(&(MaterialSetDesc){.path = rig.path, .make = quickly}, &set),
        RESULT_OK);
    MaterialSource source = material_set_source(set);
    assert_null(source.layer(source.object, 0));
    assert_null(source.layer(source.object, 0)); // begins the work
    source.wait(source.object);
    assert_non_null(source.layer(source.object, 0));
    material_set_destroy(set);
    os_thread_fail_at(0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_made_and_then_read),
        cmocka_unit_test(without_a_maker_the_layers_are_those_of_material_make),
        cmocka_unit_test(a_file_that_is_not_right_is_made_anew_and_said_once),
        cmocka_unit_test(a_file_that_cannot_be_written_costs_one_message),
        cmocka_unit_test(a_release_frees_the_memory_and_the_next_call_begins_anew),
        cmocka_unit_test(no_memory_leaves_the_layers_out),
        cmocka_unit_test(threads_that_cannot_start_cost_time_alone),
    };
    return cmocka_run_group_tests(tests, make_rig, remove_rig);
}
