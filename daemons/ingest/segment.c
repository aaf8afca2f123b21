/* One file of the spool, as bytes. */
#include "ingest/segment.h"

#include "ingest/checksum.h"
#include "ingest/disk.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    MARK_HEAD = 0x4753686b,   /* "khSG" as it lies in the file */
    MARK_ENTRY = 0x4e45686b,  /* "khEN" */
    MARK_INDEX = 0x5849686b,  /* "khIX" */
    MARK_FOOTER = 0x5446686b, /* "khFT" */
    COPY_AT = 4096,           /* of the head: in another sector than the first */
    UNIT = 8,                 /* entries begin at multiples of it */
    READ_AHEAD = 1 << 20,
};

/* As they lie in the file, little-endian. checksum covers what follows it in the struct. */
struct disk_head {
    uint32_t mark, checksum;
    uint32_t version, salt;
    uint64_t spool, first, follows, accepted_before;
    int64_t created_at;
    uint64_t zero;
};

struct disk_entry {
    uint32_t mark, checksum; /* seeded with the salt */
    uint64_t seq;
    int64_t accepted_at;
    uint32_t document_size, body_size;
    uint32_t data_checksum; /* of document and body, seeded with the salt */
    uint32_t attempt;
    uint32_t synced; /* in units; saturated */
    uint32_t behind; /* seq - floor; UINT32_MAX: more than can be said */
};

struct disk_index {
    uint32_t mark, count; /* count offsets follow, padded to a multiple of UNIT */
};

struct disk_footer {
    uint32_t mark, checksum; /* of the offsets too, behind what follows here */
    uint32_t version, salt;
    uint64_t spool, first, end;
    uint32_t count, used;
    uint64_t zero[2];
};

static_assert(sizeof(struct disk_head) == 64, "as documented");
static_assert(sizeof(struct disk_entry) == SEGMENT_ENTRY_HEAD_SIZE, "as documented");
static_assert(sizeof(struct disk_index) == 8, "as documented");
static_assert(sizeof(struct disk_footer) == 64, "as documented");

static size_t padded(size_t size)
{
    return (size + UNIT - 1) & ~(size_t)(UNIT - 1);
}

/* Of a struct whose first members are mark and checksum. */
static uint32_t checksum_of(uint32_t seed, const void *head, size_t size)
{
    return checksum(seed, (const char *)head + 8, size - 8);
}

size_t segment_entry_size(size_t document_size, size_t body_size)
{
    return padded(SEGMENT_ENTRY_HEAD_SIZE + document_size + body_size);
}

size_t segment_footer_size(uint32_t count)
{
    return sizeof(struct disk_index) + padded(count * sizeof(uint32_t)) +
           sizeof(struct disk_footer);
}

static void put_zeros(struct buffer *out, size_t size)
{
    buffer_reserve(out, size);
    if (out->failed)
        return;
    memset(out->data + out->size, 0, size);
    out->size += size;
}

void segment_put_head(const struct segment_head *head, struct buffer *out)
{
    struct disk_head disk = {.mark = MARK_HEAD,
                             .version = SEGMENT_VERSION,
                             .salt = head->salt,
                             .spool = head->spool,
                             .first = head->first,
                             .follows = head->follows,
                             .accepted_before = head->accepted_before,
                             .created_at = head->created_at};
    disk.checksum = checksum_of(0, &disk, sizeof disk);
    for (int copy = 0; copy < SEGMENT_HEAD_SIZE / COPY_AT; copy++) {
        buffer_append(out, &disk, sizeof disk);
        put_zeros(out, COPY_AT - sizeof disk);
    }
}

void segment_put_entry(const struct segment_entry *entry, uint32_t salt, struct buffer *out)
{
    assert(entry->document_size + entry->body_size <= SEGMENT_ENTRY_MAX);
    uint64_t behind = entry->seq - entry->floor, synced = entry->synced / UNIT;
    struct disk_entry disk = {.mark = MARK_ENTRY,
                              .seq = entry->seq,
                              .accepted_at = entry->accepted_at,
                              .document_size = (uint32_t)entry->document_size,
                              .body_size = (uint32_t)entry->body_size,
                              .attempt = entry->attempt,
                              .synced = synced < UINT32_MAX ? (uint32_t)synced : UINT32_MAX,
                              .behind = behind < UINT32_MAX ? (uint32_t)behind : UINT32_MAX};
    disk.data_checksum = checksum(checksum(salt, entry->document, entry->document_size),
                                  entry->body, entry->body_size);
    disk.checksum = checksum_of(salt, &disk, sizeof disk);
    size_t size = segment_entry_size(entry->document_size, entry->body_size);
    buffer_reserve(out, size);
    buffer_append(out, &disk, sizeof disk);
    buffer_append(out, entry->document, entry->document_size);
    buffer_append(out, entry->body, entry->body_size);
    put_zeros(out, size - sizeof disk - entry->document_size - entry->body_size);
}

static uint32_t footer_checksum(const struct disk_footer *footer, const uint32_t *offsets)
{
    return checksum(checksum_of(0, footer, sizeof *footer), offsets,
                    footer->count * sizeof *offsets);
}

void segment_put_footer(const struct segment_head *head, const struct segment_index *index,
                        struct buffer *out)
{
    struct disk_index start = {.mark = MARK_INDEX, .count = index->count};
    struct disk_footer footer = {.mark = MARK_FOOTER,
                                 .version = SEGMENT_VERSION,
                                 .salt = head->salt,
                                 .spool = head->spool,
                                 .first = head->first,
                                 .end = index->end,
                                 .count = index->count,
                                 .used = index->used};
    size_t size = index->count * sizeof *index->offsets;
    footer.checksum = footer_checksum(&footer, index->offsets);
    buffer_append(out, &start, sizeof start);
    buffer_append(out, index->offsets, size);
    put_zeros(out, padded(size) - size);
    buffer_append(out, &footer, sizeof footer);
}

int segment_index_add(struct segment_index *index, uint32_t offset)
{
    if (index->count == index->capacity) {
        if (index->capacity > UINT32_MAX / 2)
            return -ENOMEM;
        uint32_t capacity = index->capacity ? index->capacity * 2 : 256;
        uint32_t *offsets = realloc(index->offsets, capacity * sizeof *offsets);
        if (!offsets)
            return -ENOMEM;
        index->offsets = offsets;
        index->capacity = capacity;
    }
    index->offsets[index->count++] = offset;
    index->used += offset != SEGMENT_UNUSED;
    return 0;
}

void segment_index_free(struct segment_index *index)
{
    free(index->offsets);
    *index = (struct segment_index){0};
}

int segment_read_head(int fd, struct segment_head *ret)
{
    for (int copy = 0; copy < SEGMENT_HEAD_SIZE / COPY_AT; copy++) {
        struct disk_head disk;
        int r = disk_read_at(fd, &disk, sizeof disk, (uint64_t)copy * COPY_AT);
        if (r == -ENODATA)
            break;
        if (r < 0 && r != -EIO)
            return r;
        if (r < 0 || disk.mark != MARK_HEAD ||
            disk.checksum != checksum_of(0, &disk, sizeof disk) ||
            disk.version != SEGMENT_VERSION || disk.first > INT64_MAX || disk.follows >= disk.first)
            continue;
        *ret = (struct segment_head){.spool = disk.spool,
                                     .first = disk.first,
                                     .follows = disk.follows,
                                     .accepted_before = disk.accepted_before,
                                     .created_at = disk.created_at,
                                     .salt = disk.salt};
        return 0;
    }
    return -EBADMSG;
}

/* Checks a footer that has been read, and the size of the file around it. */
static bool footer_fits(const struct disk_footer *footer, uint64_t file_size)
{
    return footer->mark == MARK_FOOTER && footer->version == SEGMENT_VERSION &&
           footer->end >= SEGMENT_HEAD_SIZE && footer->end <= file_size &&
           footer->count <= (file_size - footer->end) / sizeof(uint32_t) && footer->first != 0 &&
           footer->first <= INT64_MAX &&
           footer->end + segment_footer_size(footer->count) == file_size;
}

static bool offsets_fit(const struct disk_footer *footer, const uint32_t *offsets)
{
    uint64_t least = SEGMENT_HEAD_SIZE;
    for (uint32_t i = 0; i < footer->count; i++) {
        if (offsets[i] == SEGMENT_DAMAGED || offsets[i] == SEGMENT_UNUSED)
            continue;
        uint64_t at = (uint64_t)offsets[i] * UNIT;
        if (at < least || at + SEGMENT_ENTRY_HEAD_SIZE > footer->end)
            return false;
        least = at + SEGMENT_ENTRY_HEAD_SIZE;
    }
    return true;
}

int segment_load(int fd, struct segment_head *head, struct segment_index *ret)
{
    struct disk_footer footer;
    uint64_t size;
    int r = disk_size(fd, &size);
    if (r < 0)
        return r;
    if (size < SEGMENT_HEAD_SIZE + segment_footer_size(0))
        return -EBADMSG;
    r = disk_read_at(fd, &footer, sizeof footer, size - sizeof footer);
    if (r < 0)
        return r;
    if (!footer_fits(&footer, size))
        return -EBADMSG;
    uint32_t *offsets = malloc(footer.count * sizeof *offsets + 1);
    if (!offsets)
        return -ENOMEM;
    r = disk_read_at(fd, offsets, footer.count * sizeof *offsets,
                     footer.end + sizeof(struct disk_index));
    if (r == 0 &&
        (footer.checksum != footer_checksum(&footer, offsets) || !offsets_fit(&footer, offsets)))
        r = -EBADMSG;
    if (r < 0) {
        free(offsets);
        return r;
    }
    if (head)
        *head = (struct segment_head){
            .spool = footer.spool, .first = footer.first, .salt = footer.salt};
    *ret = (struct segment_index){.offsets = offsets,
                                  .count = footer.count,
                                  .capacity = footer.count,
                                  .used = footer.used,
                                  .first = footer.first,
                                  .end = footer.end};
    return 0;
}

static bool head_fits(const struct disk_entry *disk, uint32_t salt)
{
    return disk->mark == MARK_ENTRY && disk->checksum == checksum_of(salt, disk, sizeof *disk) &&
           (uint64_t)disk->document_size + disk->body_size <= SEGMENT_ENTRY_MAX;
}

static bool data_fits(const struct disk_entry *disk, uint32_t salt, const char *data)
{
    return disk->data_checksum ==
           checksum(salt, data, (size_t)disk->document_size + disk->body_size);
}

static struct segment_entry entry_of(const struct disk_entry *disk, const char *data)
{
    return (struct segment_entry){.seq = disk->seq,
                                  .accepted_at = disk->accepted_at,
                                  .attempt = disk->attempt,
                                  .floor = disk->behind < UINT32_MAX && disk->behind <= disk->seq
                                               ? disk->seq - disk->behind
                                               : 0,
                                  .synced = (uint64_t)disk->synced * UNIT,
                                  .document = data,
                                  .document_size = disk->document_size,
                                  .body = data + disk->document_size,
                                  .body_size = disk->body_size};
}

int segment_read(int fd, uint32_t salt, uint64_t seq, uint32_t offset, struct buffer *bytes,
                 struct segment_entry *ret)
{
    /* most documents come with the head in one read */
    enum { FIRST_READ = 16 * 1024 };
    struct disk_entry disk;
    uint64_t at = (uint64_t)offset * UNIT, file_size;
    int r = disk_size(fd, &file_size);
    if (r < 0)
        return r;
    buffer_clear(bytes);
    if (at > file_size || file_size - at < sizeof disk)
        return -EBADMSG;
    size_t first = file_size - at < FIRST_READ ? (size_t)(file_size - at) : FIRST_READ;
    buffer_reserve(bytes, first);
    if (bytes->failed)
        return -ENOMEM;
    r = disk_read_at(fd, bytes->data, first, at);
    if (r < 0)
        return r == -EIO || r == -ENODATA ? -EBADMSG : r;
    bytes->size = sizeof disk;
    memcpy(&disk, bytes->data, sizeof disk);
    if (!head_fits(&disk, salt) || disk.seq != seq)
        return -EBADMSG;
    size_t size = sizeof disk + disk.document_size + disk.body_size;
    if (size > file_size - at)
        return -EBADMSG;
    if (size > first) {
        bytes->size = first;
        buffer_reserve(bytes, size - first);
        if (bytes->failed)
            return -ENOMEM;
        r = disk_read_at(fd, bytes->data + first, size - first, at + first);
        if (r < 0)
            return r == -EIO || r == -ENODATA ? -EBADMSG : r;
    }
    bytes->size = size;
    if (!data_fits(&disk, salt, bytes->data + sizeof disk))
        return -EBADMSG;
    *ret = entry_of(&disk, bytes->data + sizeof disk);
    return 0;
}

/* A file seen through a piece of it in memory. */
struct view {
    int fd;
    uint64_t size;   /* of the file */
    uint64_t offset; /* of the piece */
    struct buffer piece;
};

/* size bytes at offset, which lie inside the file; what was lent before is gone. */
static int view_get(struct view *view, uint64_t offset, size_t size, const char **ret)
{
    if (offset < view->offset || offset + size > view->offset + view->piece.size) {
        uint64_t rest = view->size - offset;
        size_t wanted = size > READ_AHEAD ? size : rest < READ_AHEAD ? (size_t)rest : READ_AHEAD;
        buffer_clear(&view->piece);
        buffer_reserve(&view->piece, wanted);
        if (view->piece.failed)
            return -ENOMEM;
        int r = disk_salvage_at(view->fd, view->piece.data, wanted, offset);
        if (r < 0)
            return r;
        view->piece.size = wanted;
        view->offset = offset;
    }
    *ret = view->piece.data + (offset - view->offset);
    return 0;
}

/* A place that holds no whole entry, before its numbers are judged. */
struct hole {
    uint64_t offset, size, first, last;
};

struct scan {
    struct view view;
    const struct segment_head *head;
    uint64_t proven;
    const struct segment_visitor *visitor;
    struct segment_index *index;
    struct hole *holes;
    size_t holes_count, holes_capacity;
    uint64_t synced; /* highest that an entry told */
};

enum { WHOLE, NOT_ENTRY, BAD_DATA };

/* What lies at offset; *ret_size: its extent unless it is no entry. Numbers go up, and no faster
 * than entries fit. */
static int look(struct scan *s, uint64_t offset, struct segment_entry *ret, uint64_t *ret_size)
{
    struct disk_entry disk;
    const char *data;
    if (s->view.size - offset < sizeof disk)
        return NOT_ENTRY;
    int r = view_get(&s->view, offset, sizeof disk, &data);
    if (r < 0)
        return r;
    memcpy(&disk, data, sizeof disk);
    uint64_t next = s->index->first + s->index->count;
    if (!head_fits(&disk, s->head->salt) || disk.seq < next ||
        disk.seq - next > (offset - s->index->end) / sizeof disk)
        return NOT_ENTRY;
    uint64_t size = segment_entry_size(disk.document_size, disk.body_size);
    size_t exact = (size_t)disk.document_size + disk.body_size;
    if (s->view.size - offset - sizeof disk < exact)
        return NOT_ENTRY;
    *ret_size = size < s->view.size - offset ? size : s->view.size - offset;
    if ((r = view_get(&s->view, offset, sizeof disk + exact, &data)) < 0)
        return r;
    *ret = entry_of(&disk, data + sizeof disk);
    return data_fits(&disk, s->head->salt, data + sizeof disk) ? WHOLE : BAD_DATA;
}

/* The numbers up to seq lie in the hole between the last entry and offset. */
static int note_hole(struct scan *s, uint64_t offset, uint64_t seq)
{
    struct segment_index *index = s->index;
    if (s->holes_count == s->holes_capacity) {
        size_t capacity = s->holes_capacity ? s->holes_capacity * 2 : 8;
        struct hole *holes = realloc(s->holes, capacity * sizeof *holes);
        if (!holes)
            return -ENOMEM;
        s->holes = holes;
        s->holes_capacity = capacity;
    }
    uint64_t next = index->first + index->count;
    s->holes[s->holes_count++] = (struct hole){
        .offset = index->end, .size = offset - index->end, .first = next, .last = seq - 1};
    while (index->first + index->count < seq) {
        int r = segment_index_add(index, SEGMENT_UNUSED);
        if (r < 0)
            return r;
    }
    return 0;
}

static int take_entry(struct scan *s, uint64_t offset, uint64_t size,
                      const struct segment_entry *entry)
{
    struct segment_index *index = s->index;
    int r = 0;
    if (offset > index->end || entry->seq > index->first + index->count)
        r = note_hole(s, offset, entry->seq);
    if (r == 0)
        r = segment_index_add(index, (uint32_t)(offset / UNIT));
    if (r < 0)
        return r;
    index->end = offset + size;
    if (entry->floor > index->floor && entry->floor <= entry->seq)
        index->floor = entry->floor;
    if (entry->synced > s->synced)
        s->synced = entry->synced;
    return s->visitor && s->visitor->entry ? s->visitor->entry(s->visitor->context, entry) : 0;
}

/* The next place from offset on that could be an entry's head; the end of the file if there is
 * none. */
static int next_mark(struct scan *s, uint64_t offset, uint64_t *ret)
{
    while (s->view.size - offset >= SEGMENT_ENTRY_HEAD_SIZE) {
        const char *data;
        uint64_t rest = s->view.size - offset;
        size_t size = rest < READ_AHEAD ? (size_t)rest : READ_AHEAD;
        int r = view_get(&s->view, offset, size, &data);
        if (r < 0)
            return r;
        for (size_t i = 0; i + sizeof(uint32_t) <= size; i += UNIT) {
            uint32_t mark;
            memcpy(&mark, data + i, sizeof mark);
            if (mark == MARK_ENTRY) {
                *ret = offset + i;
                return 0;
            }
        }
        offset += padded(size) <= rest ? padded(size) : rest;
    }
    *ret = s->view.size;
    return 0;
}

/* True where a seal began: what follows is no lost entry. */
static int at_index(struct scan *s, uint64_t offset)
{
    const char *data;
    uint32_t mark;
    if (s->view.size - offset < sizeof(struct disk_index))
        return false;
    int r = view_get(&s->view, offset, sizeof mark, &data);
    if (r < 0)
        return r;
    memcpy(&mark, data, sizeof mark);
    return mark == MARK_INDEX;
}

static int scan_entries(struct scan *s)
{
    uint64_t offset = SEGMENT_HEAD_SIZE;
    while (offset < s->view.size) {
        struct segment_entry entry;
        uint64_t size;
        int r = look(s, offset, &entry, &size);
        if (r < 0)
            return r;
        if (r == WHOLE) {
            r = take_entry(s, offset, size, &entry);
            offset += size;
        } else if (r == BAD_DATA) {
            offset += size;
            r = 0;
        } else {
            r = offset == s->index->end ? at_index(s, offset) : 0;
            if (r > 0)
                return 0;
            if (r == 0)
                r = next_mark(s, offset + UNIT < s->view.size ? offset + UNIT : s->view.size,
                              &offset);
        }
        if (r < 0)
            return r;
    }
    return 0;
}

/* Behind the last entry: bytes up to the last that is not zero, and the numbers that should be
 * there. */
static int find_tail(struct scan *s, struct hole *ret)
{
    uint64_t end = s->index->end, offset = end, last = end;
    while (offset < s->view.size) {
        const char *data;
        uint64_t rest = s->view.size - offset;
        size_t size = rest < READ_AHEAD ? (size_t)rest : READ_AHEAD;
        int r = view_get(&s->view, offset, size, &data);
        if (r < 0)
            return r;
        for (size_t i = size; i > 0; i--)
            if (data[i - 1]) {
                last = offset + i;
                break;
            }
        offset += size;
    }
    *ret = (struct hole){.offset = end,
                         .size = last - end,
                         .first = s->index->first + s->index->count,
                         .last = s->proven};
    return 0;
}

static int judge(struct scan *s, const struct hole *hole, bool tail)
{
    bool numbers = hole->first <= hole->last;
    struct segment_damage damage = {
        .offset = hole->offset,
        .size = hole->size,
        .first = hole->first,
        .last = hole->last,
        .proven = numbers && (hole->last <= s->proven || (!tail && s->synced > hole->offset))};
    for (uint64_t seq = hole->first; damage.proven && !tail && seq <= hole->last; seq++) {
        s->index->offsets[seq - s->index->first] = SEGMENT_DAMAGED;
        s->index->used++;
    }
    return s->visitor && s->visitor->damage ? s->visitor->damage(s->visitor->context, &damage) : 0;
}

static int scan_all(struct scan *s)
{
    struct hole tail;
    int r = disk_size(s->view.fd, &s->view.size);
    if (r == 0)
        r = scan_entries(s);
    for (size_t i = 0; r == 0 && i < s->holes_count; i++)
        r = judge(s, &s->holes[i], false);
    if (r < 0)
        return r;
    r = at_index(s, s->index->end < s->view.size ? s->index->end : s->view.size);
    if (r != 0)
        return r < 0 ? r : 0;
    r = find_tail(s, &tail);
    if (r == 0 && (tail.size || tail.first <= tail.last))
        r = judge(s, &tail, true);
    return r;
}

int segment_scan(int fd, const struct segment_head *head, uint64_t proven,
                 const struct segment_visitor *visitor, struct segment_index *ret)
{
    struct segment_index index = {.first = head->first, .end = SEGMENT_HEAD_SIZE};
    struct scan s = {
        .view = {.fd = fd}, .head = head, .proven = proven, .visitor = visitor, .index = &index};
    int r = scan_all(&s);
    buffer_free(&s.view.piece);
    free(s.holes);
    if (r < 0) {
        segment_index_free(&index);
        return r;
    }
    *ret = index;
    return 0;
}
