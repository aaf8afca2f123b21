/* The progress file, as bytes. */
#include "ingest/progress.h"

#include "ingest/checksum.h"
#include "ingest/disk.h"
#include "libcommon/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MARK = 0x5250686b /* "khPR" as it lies in the file */, VERSION = 1, CLEAN = 1 };

/* As it lies in the file, little-endian; checksum covers what follows it. */
struct slot {
    uint32_t mark, checksum;
    uint32_t version, flags;
    uint64_t spool, writes, floor, durable, reserved, accepted;
    uint8_t states[MESSAGE_SPAN];
    uint8_t zero[PROGRESS_SLOT_SIZE - 64 - MESSAGE_SPAN];
};

static_assert(sizeof(struct slot) == PROGRESS_SLOT_SIZE, "as documented");

static uint32_t slot_checksum(const struct slot *slot)
{
    return checksum(0, (const char *)slot + 8, sizeof *slot - 8);
}

static bool slot_fits(const struct slot *slot)
{
    return slot->mark == MARK && slot->version == VERSION &&
           slot->checksum == slot_checksum(slot) && slot->floor >= 1 &&
           slot->floor <= slot->reserved && slot->reserved <= INT64_MAX &&
           slot->durable < slot->reserved;
}

static void take(const struct slot *slot, struct progress *ret)
{
    *ret = (struct progress){.spool = slot->spool,
                             .writes = slot->writes,
                             .floor = slot->floor,
                             .durable = slot->durable,
                             .reserved = slot->reserved,
                             .accepted = slot->accepted,
                             .clean = slot->flags & CLEAN};
    memcpy(ret->states, slot->states, sizeof ret->states);
}

int progress_read(int fd, struct progress *ret)
{
    uint64_t size;
    int r = disk_size(fd, &size);
    if (r < 0 || size == 0)
        return r < 0 ? r : PROGRESS_EMPTY;
    struct slot *slot = malloc(sizeof *slot);
    if (!slot)
        return -ENOMEM;
    int found = 0;
    for (int i = 0; i < 2; i++) {
        r = disk_read_at(fd, slot, sizeof *slot, (uint64_t)i * sizeof *slot);
        if (r == -ENODATA || r == -EIO) {
            r = 0;
            continue;
        }
        if (r < 0)
            break;
        if (slot_fits(slot) && (!found || slot->writes > ret->writes))
            take(slot, ret);
        found += slot_fits(slot);
    }
    free(slot);
    if (r == 0 && found == 1) {
        ret->reserved += PROGRESS_RESERVE;
        ret->clean = false;
    }
    return r < 0 ? r : found ? PROGRESS_OK : PROGRESS_LOST;
}

static int write_slot(int fd, const struct slot *slot)
{
    uint64_t size;
    int r = fault(FAULT_PROGRESS_WRITE);
    if (r == 0)
        r = disk_size(fd, &size);
    if (r == 0 && size < PROGRESS_FILE_SIZE) {
        static const char zeros[4096];
        for (uint64_t at = size; r == 0 && at < PROGRESS_FILE_SIZE; at += sizeof zeros)
            r = disk_write_at(fd, zeros,
                              PROGRESS_FILE_SIZE - at < sizeof zeros ? PROGRESS_FILE_SIZE - at
                                                                     : sizeof zeros,
                              at);
    }
    if (r == 0)
        r = disk_write_at(fd, slot, sizeof *slot, slot->writes % 2 * sizeof *slot);
    if (r == 0)
        r = fault(FAULT_PROGRESS_SYNC);
    if (r == 0)
        r = disk_sync(fd);
    if (r == 0)
        r = fault(FAULT_PROGRESS_SYNCED);
    return r;
}

int progress_write(int fd, struct progress *p)
{
    struct slot *slot = calloc(1, sizeof *slot);
    if (!slot)
        return -ENOMEM;
    slot->mark = MARK;
    slot->version = VERSION;
    slot->flags = p->clean ? CLEAN : 0;
    slot->spool = p->spool;
    slot->writes = ++p->writes;
    slot->floor = p->floor;
    slot->durable = p->durable;
    slot->reserved = p->reserved;
    slot->accepted = p->accepted;
    memcpy(slot->states, p->states, sizeof slot->states);
    slot->checksum = slot_checksum(slot);
    int r = write_slot(fd, slot);
    free(slot);
    return r;
}
