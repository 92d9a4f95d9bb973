#include "saved.h"
#include "base/log.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#define FIELD(member) .offset = offsetof(SavedPosition, member), .group = "position"

const Option saved_position_table[] = {
    {.name = "world",
     .unit = "WORLD",
     .type = OPTION_TEXT,
     FIELD(world),
     .help = "where one flew",
     .unset = "none"},
    {.name = "x",
     .unit = "m",
     .type = OPTION_REAL,
     .low = -1e12,
     .high = 1e12,
     FIELD(x_m),
     .initial = "0",
     .help = "east"},
    {.name = "z",
     .unit = "m",
     .type = OPTION_REAL,
     .low = -1e12,
     .high = 1e12,
     FIELD(z_m),
     .initial = "0",
     .help = "south"},
    {.name = "agl",
     .unit = "m",
     .type = OPTION_REAL,
     .low = 0,
     .high = 100000,
     FIELD(agl_m),
     .initial = "300",
     .help = "height above ground"},
    {.name = "yaw",
     .unit = "degrees",
     .type = OPTION_REAL,
     .low = -360,
     .high = 360,
     FIELD(yaw_deg),
     .initial = "0",
     .help = "clockwise from north"},
    {.name = "pitch",
     .unit = "degrees",
     .type = OPTION_REAL,
     .low = -89,
     .high = 89,
     FIELD(pitch_deg),
     .initial = "-10",
     .help = "up"},
    {.name = "speed",
     .unit = "m/s",
     .type = OPTION_REAL,
     .low = 1,
     .high = 1000,
     FIELD(speed_m_s),
     .initial = "100",
     .help = "cruising speed"},
    {.name = "follow",
     .unit = "",
     .type = OPTION_BOOL,
     FIELD(follow),
     .initial = "off",
     .help = "keeps the height above ground"},
    {.name = "tier-where",
     .unit = "GPU",
     .type = OPTION_TEXT,
     FIELD(found.where),
     .help = "what the tier was found on",
     .unset = "none"},
    {.name = "tier-found",
     .unit = "tier",
     .type = OPTION_INT,
     .low = 0,
     .high = 3,
     FIELD(found.tier),
     .initial = "0",
     .help = "what a probe chose there"},
};
const int saved_position_count = sizeof saved_position_table / sizeof saved_position_table[0];

// What is to be written.
typedef struct Snapshot {
    Settings settings;
    SavedPosition position;
} Snapshot;

struct Saved {
    // Constant after start.
    IniFile settings_file, position_file;
    bool fresh;
    Settings file;  // what the settings file says
    Settings start; // after the command line
    // The main thread's.
    Snapshot last; // posted last
    OsThread *thread;
    // Shared: `next` belongs to the main thread while `busy` is false, else to the saving thread.
    OsSemaphore *work;
    atomic_bool busy, ending;
    Snapshot next;
};

static OptionTable settings_rows(Settings *settings)
{
    return (OptionTable){settings_table, settings_count, settings, NULL};
}

static OptionTable position_rows(SavedPosition *position)
{
    return (OptionTable){saved_position_table, saved_position_count, position, NULL};
}

static void read_file(IniFile *file, const OptionTable *table)
{
    ResultText text = {0};
    if (ini_file_read(file, table, &text) != RESULT_OK)
        log_warn("%s", text.text);
}

static void write_file(const IniFile *file, const OptionTable *table)
{
    ResultText text = {0};
    if (ini_file_write(file, table, &text) != RESULT_OK)
        log_warn("%s", text.text);
}

Saved *saved_create(bool fresh, Settings *out_settings, SavedPosition *out_position)
{
    assert(out_settings && out_position);
    settings_defaults(out_settings);
    memset(out_position, 0, sizeof *out_position);
    option_defaults(saved_position_table, saved_position_count, out_position);
    Saved *saved = os_memory_alloc(sizeof *saved, OS_MEMORY_APP);
    if (!saved)
        return NULL;
    saved->fresh = fresh;
    ini_file_place(&saved->settings_file, "XDG_CONFIG_HOME", ".config", "arete.ini");
    ini_file_place(&saved->position_file, "XDG_STATE_HOME", ".local/state", "position.ini");
    if (!fresh) {
        OptionTable rows = settings_rows(out_settings), place = position_rows(out_position);
        read_file(&saved->settings_file, &rows);
        read_file(&saved->position_file, &place);
    }
    saved->file = *out_settings;
    return saved;
}

static void write_snapshot(const Saved *saved, const Snapshot *snapshot)
{
    Settings out = saved->file;
    SavedPosition position = snapshot->position;
    for (int i = 0; i < settings_count; i++) {
        if (!option_equal(&settings_table[i], &saved->start, &snapshot->settings))
            option_copy(&settings_table[i], &snapshot->settings, &out);
    }
    OptionTable rows = settings_rows(&out), place = position_rows(&position);
    write_file(&saved->settings_file, &rows);
    if (*position.world)
        write_file(&saved->position_file, &place);
}

static void save_loop(void *object)
{
    Saved *saved = object;
    os_thread_semaphore_wait(saved->work);
    while (!atomic_load(&saved->ending)) {
        write_snapshot(saved, &saved->next);
        atomic_store(&saved->busy, false);
        os_thread_semaphore_wait(saved->work);
    }
}

void saved_start(Saved *saved, const Settings *start)
{
    assert(saved && start && !saved->thread);
    saved->start = *start;
    if (saved->fresh)
        return;
    // At once: a driver may take the process with it, without a last word.
    SavedPosition none = {0};
    saved->last = (Snapshot){*start, none};
    write_snapshot(saved, &saved->last);
    if (os_thread_semaphore_create(0, &saved->work) != RESULT_OK ||
        os_thread_create("saver", 10, save_loop, saved, &saved->thread) != RESULT_OK)
        log_warn("settings are saved only at the end: no thread for it");
}

static bool is_new(const Saved *saved, const Settings *live, const SavedPosition *position)
{
    for (int i = 0; i < settings_count; i++) {
        if (!option_equal(&settings_table[i], live, &saved->last.settings))
            return true;
    }
    for (int i = 0; i < saved_position_count; i++) {
        if (!option_equal(&saved_position_table[i], position, &saved->last.position))
            return true;
    }
    return false;
}

void saved_post(Saved *saved, const Settings *live, const SavedPosition *position)
{
    assert(saved && live && position);
    if (!saved->thread || atomic_load(&saved->busy) || !is_new(saved, live, position))
        return;
    saved->last = saved->next = (Snapshot){*live, *position};
    atomic_store(&saved->busy, true);
    os_thread_semaphore_post(saved->work);
}

void saved_destroy(Saved *saved, const Settings *live, const SavedPosition *position)
{
    if (!saved)
        return;
    if (saved->thread) {
        atomic_store(&saved->ending, true);
        os_thread_semaphore_post(saved->work);
        os_thread_join(saved->thread);
    }
    if (!saved->fresh && live && position)
        write_snapshot(saved, &(Snapshot){*live, *position});
    os_thread_semaphore_destroy(saved->work);
    os_memory_free(saved, sizeof *saved, OS_MEMORY_APP);
}
