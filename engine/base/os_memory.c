#include "base/os_memory.h"
#include <assert.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGN_BYTES 64u

// Blocks from here on are mapped one by one and go back to the OS when freed. Setting the value
// stops glibc from raising it to 32 MiB as big blocks are freed.
#define MMAP_THRESHOLD_BYTES (128 * 1024)
#define TRIM_THRESHOLD_BYTES (1024 * 1024)
#define HEAP_ARENAS_MAX 2
// Blocks from this size on lie on huge pages: resident in less than half the time, and found with fewer table walks.
#define HUGE_BYTES ((size_t)2 << 20)
#define HUGE_FROM_BYTES (2 * HUGE_BYTES)

static _Atomic uint64_t live_bytes[OS_MEMORY_OWNER_COUNT];
static _Atomic uint64_t allocation_count;
static _Atomic uint64_t fail_countdown; // 0: off; 1: the next call fails
static _Atomic bool fail_persistent;
static _Atomic int statm_fd_plus_one; // 0: not opened yet

static bool asked_to_fail(void)
{
    uint64_t n = atomic_load(&fail_countdown);
    while (n != 0) {
        uint64_t next = n > 1 ? n - 1 : (atomic_load(&fail_persistent) ? 1 : 0);
        if (atomic_compare_exchange_weak(&fail_countdown, &n, next))
            return n == 1;
    }
    return false;
}

// The heap's bytes as they come; NULL on failure.
static void *take(size_t bytes, OsMemoryOwner owner)
{
    assert(bytes > 0);
    assert((unsigned)owner < OS_MEMORY_OWNER_COUNT);
    atomic_fetch_add_explicit(&allocation_count, 1, memory_order_relaxed);
    if (asked_to_fail() || bytes > (size_t)PTRDIFF_MAX - ALIGN_BYTES)
        return NULL;
    size_t align = bytes < HUGE_FROM_BYTES ? ALIGN_BYTES : HUGE_BYTES;
    void *memory = NULL;
    if (posix_memalign(&memory, align, bytes) != 0)
        return NULL;
    if (align == HUGE_BYTES) // a hint: where it is not taken, pages are small
        (void)madvise(memory, bytes & ~(HUGE_BYTES - 1), MADV_HUGEPAGE);
    atomic_fetch_add_explicit(&live_bytes[owner], bytes, memory_order_relaxed);
    return memory;
}

// The memset also touches every page, so that a block made at start is resident from then on.
void *os_memory_alloc(size_t bytes, OsMemoryOwner owner)
{
    void *memory = take(bytes, owner);
    return memory ? memset(memory, 0, bytes) : NULL;
}

void *os_memory_alloc_cold(size_t bytes, OsMemoryOwner owner)
{
    return take(bytes, owner);
}

// Writes a byte as it is, for which no compiler may put a read; other threads may write it meanwhile.
static void touch(uint8_t *byte)
{
#ifdef __x86_64__
    __asm__ volatile("lock orb $0, %0" : "+m"(*byte)); // no sanitizer looks into it
#else
    uint8_t was = __atomic_load_n(byte, __ATOMIC_RELAXED);
    (void)__atomic_compare_exchange_n(byte, &was, was, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
#endif
}

// One byte of the block in each page. A fault locks its own mapping alone; MADV_POPULATE_WRITE locks the whole address
// space, and other threads' mmap waits for it: a compiler's, for instance.
void os_memory_warm(void *memory, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t end = (uintptr_t)memory + bytes;
    for (uintptr_t at = (uintptr_t)memory; at < end; at = (at & ~(page - 1)) + page)
        touch((uint8_t *)at);
}

void os_memory_free(void *memory, size_t bytes, OsMemoryOwner owner)
{
    assert((unsigned)owner < OS_MEMORY_OWNER_COUNT);
    if (memory == NULL)
        return;
    assert((uintptr_t)memory % ALIGN_BYTES == 0);
    uint64_t before_bytes =
        atomic_fetch_sub_explicit(&live_bytes[owner], bytes, memory_order_relaxed);
    assert(before_bytes >= bytes && "freed with another size or owner");
    (void)before_bytes;
    free(memory);
}

OsMemoryStats os_memory_stats(void)
{
    OsMemoryStats stats = {0};
    for (int i = 0; i < OS_MEMORY_OWNER_COUNT; i++) {
        stats.live_bytes[i] = atomic_load_explicit(&live_bytes[i], memory_order_relaxed);
        stats.live_total_bytes += stats.live_bytes[i];
    }
    stats.allocation_count = atomic_load_explicit(&allocation_count, memory_order_relaxed);
    return stats;
}

const char *os_memory_owner_name(OsMemoryOwner owner)
{
    static const char *const names[OS_MEMORY_OWNER_COUNT] = {
#define OS_MEMORY_NAME(name, text) text,
        OS_MEMORY_OWNER_LIST(OS_MEMORY_NAME)
#undef OS_MEMORY_NAME
    };
    return (unsigned)owner < OS_MEMORY_OWNER_COUNT ? names[owner] : "unknown";
}

// The descriptor stays open: one pread per reading, nothing allocated.
static int statm_fd(void)
{
    int plus_one = atomic_load(&statm_fd_plus_one);
    if (plus_one != 0)
        return plus_one - 1;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int expected = 0;
    if (atomic_compare_exchange_strong(&statm_fd_plus_one, &expected, fd + 1))
        return fd;
    close(fd); // another thread was first
    return expected - 1;
}

uint64_t os_memory_rss_bytes(void)
{
    char text[128];
    int fd = statm_fd();
    ssize_t count = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    long page_bytes = sysconf(_SC_PAGESIZE);
    if (count <= 0 || page_bytes <= 0)
        return 0;
    text[count] = 0;
    // proc(5): total pages, then resident pages.
    const char *resident = strchr(text, ' ');
    return resident == NULL ? 0 : strtoull(resident, NULL, 10) * (uint64_t)page_bytes;
}

void os_memory_fail_at(uint64_t nth, int persistent)
{
    atomic_store(&fail_persistent, persistent != 0);
    atomic_store(&fail_countdown, nth);
}

void os_memory_setup(void)
{
    mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
    mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES);
    mallopt(M_ARENA_MAX, HEAP_ARENAS_MAX);
}
