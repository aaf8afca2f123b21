/* A segment of any bytes is scanned within bounds; what the scan found can be read, and the seal made of it holds. */
#include "tests/fuzz/fuzz.h"

#include "ingest/checksum.h"
#include "ingest/segment.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MEND_HEAD = 1, MEND_ENTRIES = 2, MEND_FOOTER = 4, PROVEN = 8 };

static uint32_t word(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static void put(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
}

/* Makes checksums right where the first byte says so: else hardly any input gets past them. Offsets are those of
 * docs/spool-format.md. */
static void mend(uint8_t *file, size_t size, int what)
{
    uint32_t salt = size >= 16 ? word(file + 12) : 0;
    for (size_t at = 0; what & MEND_HEAD && at + 64 <= size && at <= 4096; at += 4096)
        put(file + at + 4, checksum(0, file + at + 8, 56));
    for (size_t at = SEGMENT_HEAD_SIZE; what & MEND_ENTRIES && at + SEGMENT_ENTRY_HEAD_SIZE <= size; at += 8) {
        if (memcmp(file + at, "khEN", 4) != 0)
            continue;
        uint64_t length = (uint64_t)word(file + at + 24) + word(file + at + 28);
        if (length <= size - at - SEGMENT_ENTRY_HEAD_SIZE)
            put(file + at + 32, checksum(salt, file + at + SEGMENT_ENTRY_HEAD_SIZE, (size_t)length));
        put(file + at + 4, checksum(salt, file + at + 8, SEGMENT_ENTRY_HEAD_SIZE - 8));
    }
    if (what & MEND_FOOTER && size >= SEGMENT_HEAD_SIZE + segment_footer_size(0)) {
        uint8_t *footer = file + size - 64;
        uint64_t end, count = word(footer + 40);
        memcpy(&end, footer + 32, sizeof end);
        if (size >= 8 && end <= size - 8 && count * 4 <= size - 8 - end)
            put(footer + 4, checksum(checksum(0, footer + 8, 56), file + end + 8, count * 4));
    }
}

struct seen {
    uint64_t next, bytes;
};

static int see_entry(void *context, const struct segment_entry *entry)
{
    struct seen *seen = context;
    FUZZ_MUST(entry->seq >= seen->next);
    seen->next = entry->seq + 1;
    /* every byte is touched, so that a sanitizer sees what lies outside */
    seen->bytes += checksum(0, entry->document, entry->document_size) +
                   checksum(0, entry->body, entry->body_size);
    return 0;
}

static int see_damage(void *context, const struct segment_damage *damage)
{
    (void)context;
    FUZZ_MUST(!damage->proven || damage->first <= damage->last);
    return 0;
}

static void read_all(int fd, uint32_t salt, const struct segment_index *index, int whole)
{
    struct buffer bytes = {0};
    for (uint32_t i = 0; i < index->count; i++) {
        struct segment_entry entry;
        if (index->offsets[i] <= SEGMENT_UNUSED)
            continue;
        int r = segment_read(fd, salt, index->first + i, index->offsets[i], &bytes, &entry);
        FUZZ_MUST(r == 0 || !whole);
        if (r == 0)
            FUZZ_MUST(entry.seq == index->first + i);
    }
    buffer_free(&bytes);
}

/* The index of a scan, sealed and loaded again, is the same. */
static void seal(int fd, const struct segment_head *head, const struct segment_index *index)
{
    struct buffer footer = {0};
    struct segment_index again;
    segment_put_footer(head, index, &footer);
    FUZZ_MUST(!footer.failed && ftruncate(fd, (off_t)index->end) == 0);
    FUZZ_MUST(pwrite(fd, footer.data, footer.size, (off_t)index->end) == (ssize_t)footer.size);
    FUZZ_MUST(segment_load(fd, NULL, &again) == 0);
    FUZZ_MUST(again.count == index->count && again.used == index->used && again.end == index->end);
    FUZZ_MUST(!again.count || !memcmp(again.offsets, index->offsets, 4 * again.count));
    segment_index_free(&again);
    buffer_free(&footer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    uint8_t *file = malloc(size);
    FUZZ_MUST(file);
    memcpy(file, data + 1, size - 1);
    mend(file, size - 1, data[0]);
    int fd = memfd_create("segment", MFD_CLOEXEC);
    FUZZ_MUST(fd >= 0 && write(fd, file, size - 1) == (ssize_t)(size - 1));
    struct segment_head head, footer_head;
    struct segment_index index;
    if (segment_load(fd, &footer_head, &index) == 0) {
        read_all(fd, footer_head.salt, &index, 0);
        segment_index_free(&index);
    }
    if (segment_read_head(fd, &head) == 0) {
        struct seen seen = {.next = head.first};
        struct segment_visitor visitor = {&seen, see_entry, see_damage};
        FUZZ_MUST(segment_scan(fd, &head, data[0] & PROVEN ? head.first + 5 : 0, &visitor, &index) == 0);
        read_all(fd, head.salt, &index, 1);
        if (index.end >= SEGMENT_HEAD_SIZE)
            seal(fd, &head, &index);
        segment_index_free(&index);
    }
    close(fd);
    free(file);
    return 0;
}
