/* Where articles may be found again. */
#include "sink/hints.h"

#include "sink/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    VERSION = 3, /* 1 and 2 were several files, hints-NUMBER */
    PAGE_SIZE = 4096,
    BUCKET_SIZE = HINTS_ROOM * 8,
    PAGE_BUCKETS = PAGE_SIZE / BUCKET_SIZE,
    FIRST_BITS = 12,    /* buckets at least, 1 MiB */
    LAST_BITS = 26,     /* at most, 16 GiB for 42 million articles; then old ones give way to new */
    LOAD = 12,          /* keys a bucket; twice that before it is split, when one in 20 is full */
    SPLITS_AT_ONCE = 4, /* pages; one in 16 keys would do */
    NEAR = 128,         /* buckets that are kept in memory, for adding what was looked for */
    TAG_SHIFT = 40,
};
static const char name[] = "hints", magic[8] = "khhints";
static const uint64_t NUMBER = ((uint64_t)1 << TAG_SHIFT) - 1;
static const int64_t LATELY = (int64_t)600 * 1000000; /* the kernel writes after half a minute */

struct head {
    char magic[8];
    uint64_t version, identity;
    struct hints_gap gap;
    char boot[40];   /* of the machine when it was opened last */
    uint64_t closed; /* 1: everything was synced then */
};

struct bucket {
    uint64_t index;
    bool known;
    uint64_t slots[HINTS_ROOM]; /* as in the file */
};

struct hints {
    int fd;
    struct head head;
    uint64_t buckets, lowest;
    struct bucket near[NEAR];
};

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* The bucket is chosen by the lowest bits of the hash: so many that all the buckets of a half-split
 * table can be told apart, or one less where that bucket is not there yet. */
static uint64_t bucket_of(const struct hints *h, uint64_t hash)
{
    unsigned bits = 63 - (unsigned)__builtin_clzll(h->buckets);
    uint64_t low = hash & (((uint64_t)2 << bits) - 1);
    return low < h->buckets ? low : low & (((uint64_t)1 << bits) - 1);
}

/* Of the hash the bits that follow the first FIRST_BITS, so that the bucket after a split can be
 * told. */
static uint64_t tag_of(uint64_t hash)
{
    return hash >> FIRST_BITS << TAG_SHIFT;
}

static bool belongs(const struct hints *h, uint64_t slot, uint64_t index)
{
    const uint64_t first = ((uint64_t)1 << FIRST_BITS) - 1;
    return slot && bucket_of(h, slot >> TAG_SHIFT << FIRST_BITS | (index & first)) == index;
}

static off_t offset_of(uint64_t index)
{
    return PAGE_SIZE + (off_t)index * BUCKET_SIZE;
}

static int read_at(int fd, void *data, size_t size, off_t at)
{
    ssize_t got = pread(fd, data, size, at);
    return got == (ssize_t)size ? 0 : got < 0 ? -errno : -EIO;
}

static int write_at(int fd, const void *data, size_t size, off_t at)
{
    ssize_t put = pwrite(fd, data, size, at);
    return put == (ssize_t)size ? 0 : put < 0 ? -errno : -ENOSPC;
}

static uint64_t buckets_for(const struct hints *h, uint64_t number)
{
    const uint64_t least = (uint64_t)1 << FIRST_BITS, most = (uint64_t)1 << LAST_BITS;
    uint64_t articles = number >= h->lowest ? number - h->lowest + 1 : 0;
    if (articles > most)
        return most;
    uint64_t wanted = articles * HINTS_KEYS / LOAD / PAGE_BUCKETS * PAGE_BUCKETS;
    return wanted < least ? least : wanted > most ? most : wanted;
}

static int write_head(struct hints *h)
{
    return write_at(h->fd, &h->head, sizeof h->head, 0);
}

static void read_boot(char ret[sizeof((struct head *)0)->boot])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, ret, sizeof((struct head *)0)->boot - 1);
    ret[got < 0 ? 0 : got] = '\0'; /* not known: as after a power cut unless it was closed */
    if (fd >= 0)
        close(fd);
}

enum { WHOLE, CUT, NONE };

/* WHOLE; CUT: the machine went down, what was put in lately may be missing; NONE: the file is none
 * of this index; -errno. */
static int load(struct hints *h, uint64_t identity, const char *boot)
{
    struct stat st;
    struct head head;
    if (fstat(h->fd, &st) < 0)
        return -errno;
    h->buckets = st.st_size < PAGE_SIZE
                     ? 0
                     : (uint64_t)(st.st_size / PAGE_SIZE - 1) * PAGE_BUCKETS; /* whole pages */
    if (h->buckets < (uint64_t)1 << FIRST_BITS || h->buckets > (uint64_t)1 << LAST_BITS)
        return NONE;
    int r = read_at(h->fd, &head, sizeof head, 0);
    if (r < 0)
        return r;
    if (memcmp(head.magic, magic, sizeof magic) != 0 || head.version != VERSION ||
        head.identity != identity)
        return NONE;
    h->head = head;
    bool same_boot = *boot && !strncmp(head.boot, boot, sizeof head.boot);
    return head.closed == 1 || same_boot ? WHOLE : CUT;
}

/* The head is written last: a file without one is none. */
static int make(struct hints *h, uint64_t identity, uint64_t highest)
{
    h->buckets = buckets_for(h, highest);
    h->head = (struct head){.version = VERSION, .identity = identity};
    memcpy(h->head.magic, magic, sizeof magic);
    if (ftruncate(h->fd, 0) < 0 || ftruncate(h->fd, offset_of(h->buckets)) < 0)
        return -errno;
    return NONE;
}

static void find_gap(struct hints *h, int found, const struct hints_articles *articles)
{
    struct hints_gap *gap = &h->head.gap;
    if (found == WHOLE || !articles->highest)
        return;
    int64_t since = found == NONE ? INT64_MIN : articles->newest - LATELY;
    if (!gap->below || gap->since > since)
        gap->since = since;
    gap->below = articles->highest + 1;
}

/* Those of earlier versions hold nothing that the articles do not say. */
static int remove_old_tables(int folder)
{
    struct folder_names names = {0};
    int r = folder_list(folder, &names);
    for (size_t i = 0; i < names.count && r == 0; i++)
        if (!strncmp(names.names[i], "hints-", 6) && unlinkat(folder, names.names[i], 0) < 0)
            r = -errno;
    folder_names_free(&names);
    return r;
}

int hints_open(int folder, uint64_t identity, const struct hints_articles *articles,
               struct hints **ret)
{
    char boot[sizeof((struct head *)0)->boot] = {0};
    struct hints *h = calloc(1, sizeof *h);
    if (!h)
        return -ENOMEM;
    h->lowest = articles->lowest;
    h->fd = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    read_boot(boot);
    int found = h->fd < 0 ? -errno : load(h, identity, boot);
    if (found == NONE)
        found = make(h, identity, articles->highest);
    int r = found < 0 ? found : 0;
    if (r == 0) {
        find_gap(h, found, articles);
        h->head.closed = 0;
        memcpy(h->head.boot, boot, sizeof boot);
        r = write_head(h);
    }
    if (r == 0)
        r = remove_old_tables(folder);
    if (r < 0) {
        if (h->fd >= 0)
            close(h->fd);
        free(h);
        return r;
    }
    *ret = h;
    return 0;
}

/* *ret: borrowed until the next call. */
static int get_bucket(struct hints *h, uint64_t index, struct bucket **ret)
{
    struct bucket *b = &h->near[index % NEAR];
    *ret = b;
    if (b->known && b->index == index)
        return 0;
    b->index = index;
    int r = read_at(h->fd, b->slots, sizeof b->slots, offset_of(index));
    b->known = r == 0;
    return r;
}

int hints_find(struct hints *h, uint64_t key, bool sure, uint64_t *numbers, size_t room,
               size_t *count)
{
    uint64_t hashes[2] = {mix(key), mix(~key)};
    for (int place = 0; place < 1 + sure; place++) {
        struct bucket *b;
        uint64_t tag = tag_of(hashes[place]);
        int r = get_bucket(h, bucket_of(h, hashes[place]), &b);
        if (r < 0)
            return r;
        for (size_t s = 0; s < HINTS_ROOM && *count < room; s++)
            if (b->slots[s] && (b->slots[s] & ~NUMBER) == tag)
                numbers[(*count)++] = b->slots[s] & NUMBER;
    }
    return 0;
}

/* One page of buckets more, with what belongs to them. */
static int split_page(struct hints *h)
{
    uint64_t slots[PAGE_SIZE / 8], index = h->buckets;
    uint64_t half = (uint64_t)1 << (63 - __builtin_clzll(index));
    int r = read_at(h->fd, slots, sizeof slots, offset_of(index - half));
    if (r < 0)
        return r;
    h->buckets += PAGE_BUCKETS;
    for (size_t i = 0; i < PAGE_SIZE / 8; i++)
        if (!belongs(h, slots[i], index + i / HINTS_ROOM))
            slots[i] = 0;
    r = write_at(h->fd, slots, sizeof slots, offset_of(index));
    if (r < 0)
        h->buckets = index;
    return r;
}

/* The slot that is free or has the lowest number, which is *ret. */
static size_t lowest_slot(const struct hints *h, const struct bucket *b, uint64_t *ret)
{
    size_t lowest = 0;
    *ret = UINT64_MAX;
    for (size_t s = 0; s < HINTS_ROOM && *ret; s++) {
        uint64_t number = belongs(h, b->slots[s], b->index) ? b->slots[s] & NUMBER : 0;
        if (number < *ret) {
            *ret = number;
            lowest = s;
        }
    }
    return lowest;
}

static bool holds(const struct bucket *b, uint64_t slot)
{
    for (size_t s = 0; s < HINTS_ROOM; s++)
        if (b->slots[s] == slot)
            return true;
    return false;
}

int hints_add(struct hints *h, uint64_t key, bool sure, uint64_t number)
{
    uint64_t hashes[2] = {mix(key), mix(~key)}, wanted = buckets_for(h, number);
    uint64_t best_number = UINT64_MAX, best_index = 0, best_slot = 0;
    size_t best = 0;
    int r = 0;
    for (int i = 0; i < SPLITS_AT_ONCE && h->buckets < wanted && r == 0; i++)
        r = split_page(h);
    for (int place = 0; place < 1 + sure && best_number && r == 0; place++) {
        struct bucket *b;
        uint64_t slot = tag_of(hashes[place]) | (number & NUMBER), lowest;
        r = get_bucket(h, bucket_of(h, hashes[place]), &b);
        if (r == 0 && holds(b, slot))
            return 0;
        size_t s = r == 0 ? lowest_slot(h, b, &lowest) : 0;
        if (r == 0 && lowest < best_number) {
            best_number = lowest;
            best_index = b->index;
            best = s;
            best_slot = slot;
        }
    }
    if (r < 0 || best_number > number) /* all that is there is newer */
        return r;
    struct bucket *b = &h->near[best_index % NEAR];
    if (b->known && b->index == best_index)
        b->slots[best] = best_slot;
    return write_at(h->fd, &best_slot, sizeof best_slot, offset_of(best_index) + (off_t)(best * 8));
}

void hints_forget(struct hints *h, uint64_t lowest)
{
    h->lowest = lowest;
}

struct hints_gap hints_gap(const struct hints *h)
{
    return h->head.gap;
}

int hints_set_gap(struct hints *h, struct hints_gap gap)
{
    h->head.gap = gap;
    return write_head(h);
}

struct hints *hints_close(struct hints *h)
{
    if (!h)
        return NULL;
    if (fdatasync(h->fd) == 0) {
        h->head.closed = 1;
        write_head(h); /* if it fails, the table is taken for one that was not closed */
    }
    close(h->fd);
    free(h);
    return NULL;
}
