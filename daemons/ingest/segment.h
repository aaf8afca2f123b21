/* One file of the spool: a head, entries one behind the other, and, once sealed, an index with a
 * footer.
 *
 * The bytes are described in docs/spool-format.md. Functions here take open files and know nothing
 * of the folder; numbers are sequence numbers, contiguous within a segment but for what recovery
 * found unused. */
#pragma once

#include "libcommon/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SEGMENT_VERSION = 1,
    SEGMENT_HEAD_SIZE = 8192, /* two copies of the head, 4096 bytes apart; entries follow */
    SEGMENT_ENTRY_HEAD_SIZE = 48,
    SEGMENT_ENTRY_MAX = 257 * 1024 * 1024, /* bytes of document and body together */
};

struct segment_head {
    uint64_t spool; /* identity of the spool */
    uint64_t first; /* number of the first entry */
    uint64_t
        follows; /* last number in use before it; those between were never given to a document */
    uint64_t accepted_before; /* documents accepted before this segment, ever */
    int64_t created_at;       /* microseconds since 1970 UTC */
    uint32_t salt;            /* seeds the checksums, so that no document can imitate an entry */
};

struct segment_entry {
    uint64_t seq;
    int64_t accepted_at;  /* microseconds since 1970 UTC */
    uint32_t attempt;     /* attempts made before it was accepted here */
    uint64_t floor;       /* every number below was committed when the entry was written */
    uint64_t synced;      /* bytes of the segment that were on disk then */
    const void *document; /* borrowed: fields as in libcommon/fields.h */
    size_t document_size;
    const void *body; /* borrowed */
    size_t body_size;
};

/* Offsets that are none */
enum { SEGMENT_DAMAGED = 0, SEGMENT_UNUSED = 1 };

/* Where each entry lies; all zero is empty. */
struct segment_index {
    uint32_t *offsets; /* owned; of number first + i, in units of 8 bytes; or one of the above */
    uint32_t count, capacity;
    uint32_t used; /* of count: what is not SEGMENT_UNUSED */
    uint64_t first;
    uint64_t end;   /* byte behind the last entry */
    uint64_t floor; /* highest floor in any entry; only set by segment_scan() */
};

/* Where bytes could not be read, and what numbers they held. */
struct segment_damage {
    uint64_t offset, size;
    uint64_t first, last; /* numbers; first > last: none known */
    bool proven; /* these entries were on disk once: a loss. Otherwise they may never have been
                    accepted */
};

/* Called while a segment is scanned; either may be NULL; a negative return ends the scan with it.
 */
struct segment_visitor {
    void *context;
    int (*entry)(void *context, const struct segment_entry *entry);
    int (*damage)(void *context, const struct segment_damage *damage);
};

/* Bytes that an entry, or an index of count entries with its footer, take in the file. */
size_t segment_entry_size(size_t document_size, size_t body_size);
size_t segment_footer_size(uint32_t count);

/* Append to out; a failure is remembered there. */
void segment_put_head(const struct segment_head *head, struct buffer *out);
void segment_put_entry(const struct segment_entry *entry, uint32_t salt, struct buffer *out);
void segment_put_footer(const struct segment_head *head, const struct segment_index *index,
                        struct buffer *out);

/* Notes number first + count. -ENOMEM. Free with segment_index_free(). */
int segment_index_add(struct segment_index *index, uint32_t offset);
void segment_index_free(struct segment_index *index);

/* 0; -EBADMSG: neither copy is whole; other -errno. */
int segment_read_head(int fd, struct segment_head *ret);

/* The index of a sealed segment. 0; -EBADMSG: not sealed, or damaged; other -errno. head, where it
 * is not NULL, gets what the footer repeats of it: spool, first and salt. */
int segment_load(int fd, struct segment_head *head, struct segment_index *ret);

/* Reads everything and makes the index anew. Entries up to number proven were on disk for certain.
 */
int segment_scan(int fd, const struct segment_head *head, uint64_t proven,
                 const struct segment_visitor *visitor, struct segment_index *ret);

/* Reads the entry at offset; *ret borrows from bytes, whose contents are replaced. 0; -EBADMSG:
 * damaged, bytes holds what was there, as far as its extent is known; other -errno. */
int segment_read(int fd, uint32_t salt, uint64_t seq, uint32_t offset, struct buffer *bytes,
                 struct segment_entry *ret);
