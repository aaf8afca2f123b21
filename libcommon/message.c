/* The one frame that each message is: written and read, bounds checked. */
#include "libcommon/message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char magic[4] = {'K', 'H', 'B', 'R'};

struct frame_header {
    char magic[4];
    uint8_t version, kind, stage, sections;
    uint64_t spool, seq, floor;
    int64_t accepted_at, dispatched_at;
    uint32_t attempt, size;
    uint64_t zero;
};

struct frame_row {
    uint32_t offset, size;
};

enum { TABLE_END = sizeof(struct frame_header) + MESSAGE_SECTIONS * sizeof(struct frame_row) };

_Static_assert(sizeof(struct frame_header) == 64, "the header has no padding");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "frames are little-endian, as all our hosts");

static bool present(const struct message *m, enum message_section section)
{
    return m->sections[section].data != NULL;
}

/* What a kind must carry, and of which size. */
static bool complete(const struct message *m)
{
    size_t ranges = m->sections[SECTION_RANGES].size;
    switch (m->kind) {
    case MESSAGE_DOCUMENT:
        return present(m, SECTION_DOCUMENT);
    case MESSAGE_REJECT:
        return present(m, SECTION_DOCUMENT) && present(m, SECTION_REJECT);
    case MESSAGE_COMMIT:
        return present(m, SECTION_RANGES) && ranges && ranges % sizeof(struct message_range) == 0 &&
               ranges / sizeof(struct message_range) <= MESSAGE_RANGES_MAX;
    case MESSAGE_HELLO:
        return m->sections[SECTION_HELLO].size == sizeof(struct message_hello);
    case MESSAGE_PROBE:
        for (int i = 0; i < MESSAGE_SECTIONS; i++)
            if (present(m, i))
                return false;
        return true;
    }
    return false;
}

int message_read(const void *frame, size_t size, struct message *ret)
{
    struct frame_header h;
    if (size > MESSAGE_MAX)
        return -EMSGSIZE;
    if (size < sizeof h)
        return -EBADMSG;
    memcpy(&h, frame, sizeof h);
    if (memcmp(h.magic, magic, sizeof magic) != 0)
        return -EBADMSG;
    if (h.version != MESSAGE_VERSION)
        return -EPROTO;
    if (h.size != size || size < TABLE_END || h.sections != MESSAGE_SECTIONS || h.zero ||
        !message_kind_name(h.kind) || !message_stage_name(h.stage))
        return -EBADMSG;
    struct message m = {
        .kind = h.kind,
        .stage = h.stage,
        .spool = h.spool,
        .seq = h.seq,
        .floor = h.floor,
        .attempt = h.attempt,
        .accepted_at = h.accepted_at,
        .dispatched_at = h.dispatched_at,
    };
    for (int i = 0; i < MESSAGE_SECTIONS; i++) {
        struct frame_row row;
        memcpy(&row, (const char *)frame + sizeof h + (size_t)i * sizeof row, sizeof row);
        if (!row.offset) {
            if (row.size)
                return -EBADMSG;
            continue;
        }
        if (row.offset < TABLE_END || row.offset > size || row.size > size - row.offset)
            return -EBADMSG;
        m.sections[i] = (struct message_part){(const char *)frame + row.offset, row.size};
    }
    if (!complete(&m))
        return -EBADMSG;
    *ret = m;
    return 0;
}

void message_write(const struct message *m, struct buffer *out)
{
    size_t size = TABLE_END;
    struct frame_row rows[MESSAGE_SECTIONS] = {0};
    for (int i = 0; i < MESSAGE_SECTIONS; i++) {
        if (!m->sections[i].data)
            continue;
        if (m->sections[i].size > MESSAGE_MAX - size) {
            out->failed = true;
            return;
        }
        rows[i] = (struct frame_row){(uint32_t)size, (uint32_t)m->sections[i].size};
        size += m->sections[i].size;
    }
    struct frame_header h = {
        .version = MESSAGE_VERSION,
        .kind = (uint8_t)m->kind,
        .stage = (uint8_t)m->stage,
        .sections = MESSAGE_SECTIONS,
        .spool = m->spool,
        .seq = m->seq,
        .floor = m->floor,
        .accepted_at = m->accepted_at,
        .dispatched_at = m->dispatched_at,
        .attempt = m->attempt,
        .size = (uint32_t)size,
    };
    memcpy(h.magic, magic, sizeof magic);
    buffer_reserve(out, size);
    buffer_append(out, &h, sizeof h);
    buffer_append(out, rows, sizeof rows);
    for (int i = 0; i < MESSAGE_SECTIONS; i++)
        if (m->sections[i].data)
            buffer_append(out, m->sections[i].data, m->sections[i].size);
}

const char *message_kind_name(enum message_kind kind)
{
    static const char *const names[] = {
        [MESSAGE_DOCUMENT] = "document", [MESSAGE_REJECT] = "reject", [MESSAGE_COMMIT] = "commit",
        [MESSAGE_HELLO] = "hello",       [MESSAGE_PROBE] = "probe",
    };
    return (unsigned)kind < sizeof names / sizeof *names ? names[kind] : NULL;
}

const char *message_stage_name(enum message_stage stage)
{
    static const char *const names[] = {
        [STAGE_INGEST] = "ingest",
        [STAGE_PARSE] = "parse",
        [STAGE_CLASSIFY] = "classify",
        [STAGE_SINK] = "sink",
    };
    return (unsigned)stage < sizeof names / sizeof *names ? names[stage] : NULL;
}

void message_id(uint64_t spool, uint64_t seq, char out[MESSAGE_ID_SIZE])
{
    snprintf(out, MESSAGE_ID_SIZE, "%016llx-%llu", (unsigned long long)spool,
             (unsigned long long)seq);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int message_id_read(const char *id, size_t size, uint64_t *ret_spool, uint64_t *ret_seq)
{
    if (size < 18 || size >= MESSAGE_ID_SIZE || id[16] != '-')
        return -EINVAL;
    uint64_t spool = 0, seq = 0;
    for (size_t i = 0; i < 16; i++) {
        int digit = hex_digit(id[i]);
        if (digit < 0)
            return -EINVAL;
        spool = spool << 4 | (unsigned)digit;
    }
    for (size_t i = 17; i < size; i++) {
        if (id[i] < '0' || id[i] > '9' || __builtin_mul_overflow(seq, 10, &seq) ||
            __builtin_add_overflow(seq, (unsigned)(id[i] - '0'), &seq))
            return -EINVAL;
    }
    *ret_spool = spool;
    *ret_seq = seq;
    return 0;
}
