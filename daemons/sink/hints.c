/* Where articles may be found again. */
#include "sink/hints.h"

#include "sink/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEAD_SIZE = 4096,
    BUCKET_SIZE = HINTS_ROOM * 8,
    FIRST_BITS = 18, /* buckets of the first table, 16 MiB: four keys a bucket when it is full */
    LAST_BITS = 24,  /* 1 GiB */
    KEYS_AN_ARTICLE = 19, /* of its bands, its text, its page, its headline */
    TABLES = 32, /* more are not kept: the oldest go */
    TAG_SHIFT = 40,
};
static const char magic[8] = "khhints";
static const uint64_t NUMBER = ((uint64_t)1 << TAG_SHIFT) - 1;

struct head {
    char magic[8];
    uint64_t identity, first, bits;
};

struct table {
    int fd;
    uint64_t first;
    unsigned bits;
};

struct hints {
    int folder; /* its own */
    uint64_t identity;
    struct table tables[TABLES]; /* ascending */
    size_t count;
};

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static void name_of(uint64_t first, char ret[40])
{
    snprintf(ret, 40, "hints-%020" PRIu64, first);
}

static uint64_t capacity(const struct table *t)
{
    return ((uint64_t)1 << t->bits) * (HINTS_ROOM / 2) / KEYS_AN_ARTICLE;
}

static off_t table_size(unsigned bits)
{
    return HEAD_SIZE + ((off_t)BUCKET_SIZE << bits);
}

/* 0 and *ret; -EBADMSG: not a table of this index. */
static int open_table(struct hints *h, const char *name, struct table *ret)
{
    struct head head;
    struct stat st;
    int fd = openat(h->folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    if (pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head || fstat(fd, &st) < 0 ||
        memcmp(head.magic, magic, sizeof magic) != 0 || head.identity != h->identity ||
        head.bits < FIRST_BITS || head.bits > LAST_BITS ||
        st.st_size != table_size((unsigned)head.bits)) {
        close(fd);
        return -EBADMSG;
    }
    *ret = (struct table){.fd = fd, .first = head.first, .bits = (unsigned)head.bits};
    return 0;
}

static void drop_oldest(struct hints *h)
{
    char name[40];
    name_of(h->tables[0].first, name);
    close(h->tables[0].fd);
    unlinkat(h->folder, name, 0);
    memmove(h->tables, h->tables + 1, --h->count * sizeof *h->tables);
}

static int new_table(struct hints *h, uint64_t first)
{
    struct table t = {.first = first, .bits = FIRST_BITS};
    struct head head = {.identity = h->identity, .first = first};
    char name[40];
    if (h->count) {
        t.bits = h->tables[h->count - 1].bits + 2;
        t.bits = t.bits > LAST_BITS ? LAST_BITS : t.bits;
    }
    memcpy(head.magic, magic, sizeof magic);
    head.bits = t.bits;
    name_of(first, name);
    t.fd = openat(h->folder, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (t.fd < 0)
        return -errno;
    /* the room is taken now: a full disk shows here, and not at each key */
    int r = -posix_fallocate(t.fd, 0, table_size(t.bits));
    if (r == 0)
        r = file_write_all(t.fd, &head, sizeof head);
    if (r < 0) {
        close(t.fd);
        unlinkat(h->folder, name, 0);
        return r;
    }
    if (h->count == TABLES)
        drop_oldest(h);
    h->tables[h->count++] = t;
    return 0;
}

int hints_open(int folder, uint64_t identity, struct hints **ret)
{
    struct folder_names names = {0};
    struct hints *h = calloc(1, sizeof *h);
    if (!h)
        return -ENOMEM;
    h->identity = identity;
    h->folder = -1;
    int r = folder_open(folder, ".", &h->folder);
    if (r == 0)
        r = folder_list(h->folder, &names);
    for (size_t i = 0; i < names.count && r == 0; i++) { /* sorted, so ascending */
        if (strncmp(names.names[i], "hints-", 6) != 0)
            continue;
        if (h->count == TABLES)
            drop_oldest(h);
        r = open_table(h, names.names[i], &h->tables[h->count]);
        if (r == 0)
            h->count++;
        else if (r == -EBADMSG)
            r = unlinkat(h->folder, names.names[i], 0) < 0 ? -errno : 0;
    }
    folder_names_free(&names);
    if (r < 0) {
        hints_close(h);
        return r;
    }
    *ret = h;
    return 0;
}

static off_t bucket_at(const struct table *t, uint64_t hash)
{
    return HEAD_SIZE + (off_t)(hash >> (64 - t->bits)) * BUCKET_SIZE;
}

static uint64_t tag_of(uint64_t hash)
{
    return hash << TAG_SHIFT; /* its lowest bits: those that do not choose the bucket */
}

static int read_bucket(const struct table *t, off_t at, uint64_t slots[HINTS_ROOM])
{
    ssize_t got = pread(t->fd, slots, BUCKET_SIZE, at);
    return got == BUCKET_SIZE ? 0 : got < 0 ? -errno : -EIO;
}

int hints_find(struct hints *h, uint64_t key, bool sure, uint64_t *numbers, size_t room,
               size_t *count)
{
    uint64_t hashes[2] = {mix(key), mix(~key)}, slots[HINTS_ROOM];
    for (size_t i = h->count; i > 0; i--) {
        const struct table *t = &h->tables[i - 1];
        for (int place = 0; place < 1 + sure; place++) {
            int r = read_bucket(t, bucket_at(t, hashes[place]), slots);
            if (r < 0)
                return r;
            for (size_t s = 0; s < HINTS_ROOM && *count < room; s++)
                if (slots[s] && (slots[s] & ~NUMBER) == tag_of(hashes[place]))
                    numbers[(*count)++] = slots[s] & NUMBER;
        }
    }
    return 0;
}

/* The slot that is free or has the lowest number. */
static size_t lowest_slot(const uint64_t slots[HINTS_ROOM])
{
    size_t lowest = 0;
    for (size_t s = 1; s < HINTS_ROOM; s++)
        if ((slots[s] & NUMBER) < (slots[lowest] & NUMBER))
            lowest = s;
    return lowest;
}

int hints_add(struct hints *h, uint64_t key, bool sure, uint64_t number)
{
    uint64_t hashes[2] = {mix(key), mix(~key)}, slots[HINTS_ROOM], best_number = UINT64_MAX;
    off_t best_at = 0;
    uint64_t best_tag = 0;
    const struct table *t = h->count ? &h->tables[h->count - 1] : NULL;
    if (!t ||
        number >= t->first + capacity(t)) { /* a crash may have taken numbers back, not tables */
        int r = new_table(h, number);
        if (r < 0)
            return r;
        t = &h->tables[h->count - 1];
    }
    for (int place = 0; place < 1 + sure && best_number; place++) {
        off_t at = bucket_at(t, hashes[place]);
        int r = read_bucket(t, at, slots);
        if (r < 0)
            return r;
        size_t s = lowest_slot(slots);
        if ((slots[s] & NUMBER) < best_number) {
            best_number = slots[s] & NUMBER;
            best_at = at + (off_t)(s * 8);
            best_tag = tag_of(hashes[place]);
        }
    }
    uint64_t slot = best_tag | (number & NUMBER);
    ssize_t put = pwrite(t->fd, &slot, sizeof slot, best_at);
    return put == (ssize_t)sizeof slot ? 0 : put < 0 ? -errno : -EIO;
}

int hints_forget(struct hints *h, uint64_t lowest)
{
    while (h->count > 1 && h->tables[1].first <= lowest)
        drop_oldest(h);
    return 0;
}

struct hints *hints_close(struct hints *h)
{
    if (!h)
        return NULL;
    for (size_t i = 0; i < h->count; i++) {
        fdatasync(h->tables[i].fd); /* guesses: if it fails, some are missing after a power cut */
        close(h->tables[i].fd);
    }
    if (h->folder >= 0)
        close(h->folder);
    free(h);
    return NULL;
}
