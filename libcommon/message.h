/* The dialogue between the daemons of a lane, and the one frame that each message is.
 *
 *   ingest   --- document, reject, probe --->  parse  --->  classify  --->  sink
 *   ingest  <--- hello ----------------------  parse, classify, sink
 *   ingest  <--- commit, probe ------------------------------------------ sink
 *
 * document  A document and what is known of it. ingest sends DOCUMENT and BODY; parse puts ARTICLE
 *           in BODY's place; classify adds LABELS, and its own ARTICLE, with topics in the leads.
 *           A stage copies the sections that it does not replace as they are.
 * reject    A document that will not become a record: DOCUMENT, REJECT and, where the stage still
 *           has it, BODY. Later stages pass it on unread; sink writes it to rejects/.
 * hello     A stage has started: HELLO. What was in flight may be lost with its predecessor: ingest
 *           sends it again at once, and takes it for suspect when the predecessor did not end in
 *           order.
 * commit    RANGES of sequence numbers that are on disk, as records or rejects: ingest forgets
 * them.
 * probe     No sections. The stages pass it on like a reject; sink syncs, commits and sends it
 * back as it came. So ingest tells a lane that has lost a document from one that is slow.
 *
 * Every document and reject carries `floor`, the lowest sequence number of its spool that is not
 * yet committed, and a sequence number is only sent while it is below floor + MESSAGE_SPAN: with
 * these two sink knows how far back a repeated document can lie. A message that was sent is not a
 * message that arrived: only a commit ends the care of ingest, and everything may arrive more than
 * once.
 *
 * Form: one contiguous frame; integers little-endian. 64 bytes of header, MESSAGE_SECTIONS rows of
 * {u32 offset, u32 size} (an absent section has offset 0), then the sections. Another version is
 * another dialogue: such frames are refused, never guessed at. */
#pragma once

#include "libcommon/buffer.h"

#include <stddef.h>
#include <stdint.h>

enum {
    MESSAGE_VERSION = 1,
    MESSAGE_SPAN = 16384,              /* sequence numbers */
    MESSAGE_MAX = 256 * 1024 * 1024,   /* bytes of a frame */
    MESSAGE_RANGES_MAX = MESSAGE_SPAN, /* ranges in one commit */
};

enum message_kind {
    MESSAGE_DOCUMENT = 1,
    MESSAGE_REJECT,
    MESSAGE_COMMIT,
    MESSAGE_HELLO,
    MESSAGE_PROBE
};

enum message_stage { STAGE_INGEST = 1, STAGE_PARSE, STAGE_CLASSIFY, STAGE_SINK };

enum message_section {
    SECTION_DOCUMENT, /* fields: what the feeder handed in, but for the bytes */
    SECTION_BODY,     /* the bytes as they were handed in */
    SECTION_ARTICLE,  /* fields */
    SECTION_LABELS,   /* fields */
    SECTION_REJECT,   /* fields: reason, detail, stage, attempts */
    SECTION_RANGES,   /* pairs of u64: first and last sequence number, both included, ascending */
    SECTION_HELLO,    /* struct message_hello, as it lies in memory */
    MESSAGE_SECTIONS
};

struct message_part {
    const void *data; /* NULL: absent */
    size_t size;
};

struct message {
    enum message_kind kind;
    enum message_stage stage; /* that sent it */
    uint64_t spool;           /* identity of the spool that seq belongs to */
    uint64_t seq, floor;
    uint32_t attempt;                               /* from 1 */
    int64_t accepted_at;                            /* microseconds since 1970 UTC */
    int64_t dispatched_at;                          /* likewise, when ingest sent it */
    struct message_part sections[MESSAGE_SECTIONS]; /* borrowed */
};

struct message_hello {
    uint64_t instance; /* differs with every start */
    uint32_t pid;
    uint32_t unclean; /* 1: the predecessor did not end in order */
};

struct message_range {
    uint64_t first, last; /* both included */
};

/* Reads a frame; *ret borrows from it. 0; -EBADMSG: not a frame of this dialogue, cut short, or
 * with sections that overlap its end; -EPROTO: another version; -EMSGSIZE: larger than MESSAGE_MAX.
 * Contents of sections are not looked at, but RANGES and HELLO have the size that their kind asks
 * for. */
int message_read(const void *frame, size_t size, struct message *ret);

/* Appends the frame; a failure is remembered in out. Sections are copied. */
void message_write(const struct message *m, struct buffer *out);

/* Text for logs and status; NULL when the number names nothing. */
const char *message_kind_name(enum message_kind kind);
const char *message_stage_name(enum message_stage stage);

enum { MESSAGE_ID_SIZE = 16 + 1 + 20 + 1 };

/* The id of a document, terminated: 16 hex digits of the spool's identity, '-', seq in decimal. */
void message_id(uint64_t spool, uint64_t seq, char out[MESSAGE_ID_SIZE]);

/* 0 and both parts of an id; -EINVAL. */
int message_id_read(const char *id, size_t size, uint64_t *ret_spool, uint64_t *ret_seq);
