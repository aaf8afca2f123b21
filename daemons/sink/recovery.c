/* Reading back what a process before this one wrote. */
#include "sink/recovery.h"

#include "libcommon/buffer.h"
#include "libcommon/record.h"
#include "sink/file_name.h"
#include "sink/folder.h"
#include "sink/seekable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK = 256 * 1024,
    /* More than a process ever has between two syncs (output.c), but for a single line of this
     * size: only there may a power cut have left lines that are whole by their end alone. */
    TORN_TAIL = 64 * 1024 * 1024,
};

static int read_at(int fd, void *data, size_t size, uint64_t at)
{
    char *to = data;
    while (size) {
        ssize_t got = pread(fd, to, size, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EIO; /* the file does not shrink while we have it */
        to += got;
        at += (uint64_t)got;
        size -= (size_t)got;
    }
    return 0;
}

/* Calls line() with the head of each line that ends before size, the last first, until it returns
 * other than 0, which is then returned. */
static int lines_backwards(int fd, uint64_t size,
                           int (*line)(void *context, const char *head, size_t head_size),
                           void *context)
{
    static const size_t overlap =
        RECORD_HEAD; /* so that a head is never cut by the end of a chunk */
    struct buffer chunk = {0};
    uint64_t line_end = size; /* behind the line feed of the line at hand */
    int r = 0;
    buffer_reserve(&chunk, CHUNK + overlap);
    if (chunk.failed)
        return -ENOMEM;
    for (uint64_t end = size; r == 0 && end;) {
        uint64_t start = end > CHUNK ? end - CHUNK : 0;
        size_t have = (size_t)(size - start < CHUNK + overlap ? size - start : CHUNK + overlap);
        size_t at = (size_t)(end - start); /* where the search for a line feed goes on from */
        const char *feed;
        r = read_at(fd, chunk.data, have, start);
        while (r == 0 && (feed = memrchr(chunk.data, '\n', at))) {
            at = (size_t)(feed - chunk.data);
            uint64_t line_start = start + at + 1;
            size_t head = (size_t)(line_end - line_start);
            if (head) /* else it is the line feed at the very end */
                r = line(context, feed + 1, head < overlap ? head : overlap);
            line_end = line_start;
        }
        if (r == 0 && !start && line_end)
            r = line(context, chunk.data, line_end < overlap ? (size_t)line_end : overlap);
        end = start;
    }
    buffer_free(&chunk);
    return r;
}

/* Whether these bytes are a line as this program writes them. A power cut leaves holes of zeros. */
static bool line_whole(const char *line, size_t size, uint64_t spool)
{
    uint64_t line_spool, seq;
    unsigned char lowest = 0xff;
    if (size < 2 || line[size - 2] != '}' || record_identity(line, size, &line_spool, &seq) != 1 ||
        line_spool != spool)
        return false;
    for (size_t i = 0; i < size - 1; i++)
        lowest = (unsigned char)line[i] < lowest ? (unsigned char)line[i] : lowest;
    return lowest >= 0x20;
}

/* Reads on from *at; 1: more was appended to *part, 0: the file ends at size. */
static int read_more(int fd, uint64_t size, uint64_t *at, struct buffer *part)
{
    size_t more = (size_t)(size - *at < CHUNK ? size - *at : CHUNK);
    buffer_reserve(part, CHUNK);
    if (part->failed)
        return -ENOMEM;
    int r = more ? read_at(fd, part->data + part->size, more, *at) : 0;
    if (r < 0)
        return r;
    part->size += more;
    *at += more;
    return more != 0;
}

/* Where the whole lines of a file end. */
static int find_end(int fd, uint64_t size, uint64_t spool, uint64_t *ret)
{
    struct buffer part = {0}; /* what was read and is not yet a whole line */
    uint64_t at = size > TORN_TAIL ? size - TORN_TAIL : 0, end = at;
    bool torn = false, inside = at != 0; /* inside: the first line's start was not read */
    int r;
    while ((r = read_more(fd, size, &at, &part)) > 0 && !torn) {
        size_t done = 0;
        for (const char *feed; (feed = memchr(part.data + done, '\n', part.size - done));
             inside = false) {
            size_t line = (size_t)(feed + 1 - part.data) - done;
            torn = !inside && !line_whole(part.data + done, line, spool);
            if (torn)
                break;
            done += line;
            end += line;
        }
        memmove(part.data, part.data + done, part.size - done);
        part.size -= done;
    }
    buffer_free(&part);
    if (r < 0)
        return r;
    *ret = end;
    return 0;
}

/* Keeps what will be cut and holds more than one begun line: a hole in the middle may be more than
 * a power cut. */
static int keep_cut(int folder, int fd, uint64_t end, uint64_t size, struct file_name *name)
{
    struct buffer part = {0};
    char text[FILE_NAME_SIZE], kept[FILE_NAME_SIZE + 4];
    int r = read_more(fd, size, &end, &part), out = -1;
    if (r <= 0 || (part.size < CHUNK && !memchr(part.data, '\n', part.size)))
        goto out;
    file_name_format(name, text);
    snprintf(kept, sizeof kept, "%s.cut", text);
    out = openat(folder, kept, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out < 0) {
        r = -errno;
        goto out;
    }
    for (; r > 0; r = read_more(fd, size, &end, &part)) {
        r = file_write_all(out, part.data, part.size);
        if (r < 0)
            goto out;
        buffer_clear(&part);
    }
    if (r == 0 && fsync(out) < 0)
        r = -errno;
out:
    if (out >= 0)
        close(out);
    buffer_free(&part);
    return r < 0 ? r : 0;
}

struct highest {
    uint64_t spool, seq;
};

static int note_highest(void *context, const char *head, size_t size)
{
    struct highest *highest = context;
    uint64_t spool, seq;
    if (record_identity(head, size, &spool, &seq) != 1 || spool != highest->spool)
        return 0; /* not a line of ours: nothing is known by it */
    if (seq > highest->seq)
        highest->seq = seq;
    /* whatever was written before this line is below seq + MESSAGE_SPAN */
    return highest->seq >= MESSAGE_SPAN && seq <= highest->seq - MESSAGE_SPAN;
}

static int finish_open(int folder, const char *text, struct file_name *name,
                       struct recovered *count)
{
    struct stat st;
    uint64_t end = 0;
    int r = 0, fd = openat(folder, text, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        r = -errno;
    if (r == 0)
        r = find_end(fd, (uint64_t)st.st_size, name->spool, &end);
    if (r < 0)
        goto out;
    count->files++;
    if (end < (uint64_t)st.st_size) {
        count->torn_files++;
        count->torn_bytes += (uint64_t)st.st_size - end;
        r = keep_cut(folder, fd, end, (uint64_t)st.st_size, name);
        if (r == 0 && ftruncate(fd, (off_t)end) < 0)
            r = -errno;
        if (r < 0)
            goto out;
    }
    if (!end) {
        r = unlinkat(folder, text, 0) < 0 ? -errno : 0;
        goto out;
    }
    struct highest highest = {.spool = name->spool, .seq = name->first};
    r = lines_backwards(fd, end, note_highest, &highest);
    if (r < 0)
        goto out;
    r = fsync(fd) < 0 ? -errno : 0;
    if (r < 0)
        goto out;
    char finished[FILE_NAME_SIZE];
    name->state = FILE_FINISHED;
    name->highest = highest.seq;
    file_name_format(name, finished);
    if (renameat2(folder, text, folder, finished, RENAME_NOREPLACE) < 0)
        r = -errno;
out:
    close(fd);
    return r;
}

static bool exists(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The plain file goes only when the compressed one is whole and synced (finish.c): without it, this
 * one is whole. */
static int settle_compressing(int folder, const char *text, struct file_name *name)
{
    char plain[FILE_NAME_SIZE], compressed[FILE_NAME_SIZE];
    name->state = FILE_FINISHED;
    file_name_format(name, plain);
    name->state = FILE_COMPRESSED;
    file_name_format(name, compressed);
    if (exists(folder, plain) || exists(folder, compressed))
        return unlinkat(folder, text, 0) < 0 ? -errno : 0;
    return renameat(folder, text, folder, compressed) < 0 ? -errno : 0;
}

int recovery_tidy(int folder, struct recovered *count)
{
    struct folder_names names;
    bool changed = false;
    int r = folder_list(folder, &names);
    if (r < 0)
        return r;
    for (size_t i = 0; i < names.count && r == 0; i++) {
        struct file_name name;
        if (file_name_read(names.names[i], &name) != 1)
            continue;
        if (name.state == FILE_OPEN)
            r = finish_open(folder, names.names[i], &name, count);
        else if (name.state == FILE_COMPRESSING)
            r = settle_compressing(folder, names.names[i], &name);
        else
            continue;
        changed = true;
    }
    if (r == 0 && changed)
        r = folder_sync(folder);
    folder_names_free(&names);
    return r;
}

struct read_back {
    uint64_t spool, floor;
    void (*found)(void *context, uint64_t seq);
    void *context;
};

/* 1: all that was written before is below the floor */
static int note_found(void *context, const char *head, size_t size)
{
    const struct read_back *back = context;
    uint64_t spool, seq;
    if (record_identity(head, size, &spool, &seq) != 1 || spool != back->spool)
        return 0;
    if (seq >= back->floor)
        back->found(back->context, seq);
    return back->floor >= MESSAGE_SPAN && seq <= back->floor - MESSAGE_SPAN;
}

static int note_frame(void *context, const char *lines, size_t size)
{
    bool enough = false;
    for (const char *at = lines, *end = lines + size, *feed; at < end; at = feed + 1) {
        feed = memchr(at, '\n', (size_t)(end - at));
        if (!feed)
            return -EBADMSG;
        int r = note_found(context, at, (size_t)(feed - at));
        if (r < 0)
            return r;
        enough |= r;
    }
    return enough;
}

static int read_file_back(int folder, const char *text, enum file_state state,
                          struct read_back *back)
{
    struct stat st;
    int r, fd = openat(folder, text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    if (state == FILE_COMPRESSED)
        r = seekable_read_backwards(fd, note_frame, back);
    else if (fstat(fd, &st) < 0)
        r = -errno;
    else
        r = lines_backwards(fd, (uint64_t)st.st_size, note_found, back);
    close(fd);
    return r < 0 ? r : 0;
}

static int read_folder_back(int folder, struct read_back *back)
{
    struct folder_names names;
    int r = folder_list(folder, &names);
    if (r < 0)
        return r;
    for (size_t i = 0; i < names.count && r == 0; i++) {
        struct file_name name;
        if (file_name_read(names.names[i], &name) == 1 && name.spool == back->spool &&
            name.state != FILE_COMPRESSING &&
            (name.state == FILE_OPEN || name.highest >= back->floor))
            r = read_file_back(folder, names.names[i], name.state, back);
    }
    folder_names_free(&names);
    return r;
}

int recovery_read_back(int folder, uint64_t spool, uint64_t floor,
                       void (*found)(void *context, uint64_t seq), void *context)
{
    struct read_back back = {.spool = spool, .floor = floor, .found = found, .context = context};
    int r = -ENOENT;
    for (int tries = 0; r == -ENOENT && tries < 10;
         tries++) /* a file got another name since it was listed */
        r = read_folder_back(folder, &back);
    return r;
}
