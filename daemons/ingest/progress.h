/* The small file that says what is committed: two slots, written in turn, each with its checksum.
 *
 * A crash while a slot is written leaves the other, which is the state before; an older state only
 * means that documents which sink already has are sent again. The bytes are described in
 * docs/spool-format.md. */
#pragma once

#include "libcommon/message.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PROGRESS_COMMITTED =
        0xff, /* in states; anything else is a note of dispatch's, 0 to begin with */
    PROGRESS_SLOT_SIZE = 20480,
    PROGRESS_RESERVE =
        4096, /* numbers that a write may reserve beyond what the one before it did */
    PROGRESS_FILE_SIZE = 2 * PROGRESS_SLOT_SIZE,
};

struct progress {
    uint64_t spool;               /* identity */
    uint64_t writes;              /* how often it was written; the larger one is the later */
    uint64_t floor;               /* every number below is committed */
    uint64_t durable;             /* last number that is known to be on disk */
    uint64_t reserved;            /* no number from here on was ever used */
    uint64_t accepted;            /* documents accepted, ever */
    bool clean;                   /* the process ended in order: nothing came after durable */
    uint8_t states[MESSAGE_SPAN]; /* of number n, floor <= n < floor + MESSAGE_SPAN, at n %
                                     MESSAGE_SPAN */
};

enum { PROGRESS_OK, PROGRESS_EMPTY, PROGRESS_LOST };

/* The later of the slots that are whole. PROGRESS_EMPTY: nothing was ever written; PROGRESS_LOST:
 * neither slot is whole; -errno. Where one slot is not whole, the lost one may have been the later:
 * reserved is then raised by PROGRESS_RESERVE and clean is false. */
int progress_read(int fd, struct progress *ret);

/* Writes the slot that is not the latest and syncs it; p->writes goes up by one. The file is made
 * its full size by the first write, so that later ones need no space. */
int progress_write(int fd, struct progress *p);
