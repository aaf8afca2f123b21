/* A folder for the output of a test, and the checker that reads what is really there. */
#include "tests/unit/unit.h"
#include "tests/unit/sink/output_folder.h"

#include "libcommon/buffer.h"
#include "libcommon/message.h"
#include "libcommon/record.h"
#include "sink/file_name.h"
#include "sink/seekable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int run_shell(const char *format, ...)
{
    char command[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    return system(command);
}

void output_folder_make(struct output_folder *f)
{
    snprintf(f->dir, sizeof f->dir, "%s/khabar-output-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->records, sizeof f->records, "%s/records", f->dir);
    snprintf(f->rejects, sizeof f->rejects, "%s/rejects", f->dir);
}

void output_folder_remove(struct output_folder *f)
{
    assert_int_equal(run_shell("rm -rf '%s'", f->dir), 0);
}

struct output_settings output_folder_settings(const struct output_folder *f)
{
    return (struct output_settings){.records_dir = f->records,
                                    .rejects_dir = f->rejects,
                                    .lane = "main",
                                    .rotate_bytes = (uint64_t)1 << 40,
                                    .rotate_ms = 3600 * 1000,
                                    .sync_documents = 64,
                                    .sync_bytes = 1 << 20,
                                    .sync_ms = 1};
}

int append_line(struct output *o, enum output_kind kind, uint64_t spool, uint64_t seq, uint64_t floor, int64_t time,
                size_t size)
{
    struct buffer line = {0};
    char id[MESSAGE_ID_SIZE];
    message_id(spool, seq, id);
    buffer_append_format(&line, "{\"schema\":\"khabar/1\",\"id\":\"%s\",\"seq\":%llu,\"title\":\"", id,
                         (unsigned long long)seq);
    while (line.size + 3 < size)
        buffer_append_char(&line, (char)('a' + (seq + line.size) % 26));
    buffer_append_string(&line, "\"}\n");
    assert_false(line.failed);
    int r = output_append(o, kind, spool, seq, floor, time, line.data, line.size);
    buffer_free(&line);
    return r;
}

int take_commits(struct output *o, uint64_t spool, unsigned char *seqs)
{
    struct output_commit commit;
    int r = output_flush(o), count = 0;
    if (r < 0)
        return r;
    while ((r = output_committed(o, &commit)) > 0) {
        uint64_t behind = 0;
        for (size_t i = 0; i < commit.count; i++) {
            assert_true(commit.ranges[i].first <= commit.ranges[i].last);
            assert_true(i == 0 || commit.ranges[i].first > behind);
            behind = commit.ranges[i].last;
            if (commit.spool != spool)
                continue;
            for (uint64_t seq = commit.ranges[i].first; seq <= commit.ranges[i].last; seq++) {
                assert_true(seq < TEST_SEQS);
                if (seqs)
                    seqs[seq] = 1;
                count++;
            }
        }
    }
    return r < 0 ? r : count;
}

struct checking {
    uint64_t spool;
    struct found *found;
};

static int check_lines(void *context, const char *lines, size_t size)
{
    struct checking *c = context;
    for (const char *at = lines, *end = lines + size, *feed; at < end; at = feed + 1) {
        feed = memchr(at, '\n', (size_t)(end - at));
        if (!feed)
            print_message("torn: %.*s\n", (int)(end - at), at);
        assert_non_null(feed);
        json_t *json = json_loadb(at, (size_t)(feed - at), 0, NULL);
        assert_non_null(json);
        json_decref(json);
        uint64_t spool, seq;
        assert_int_equal(record_identity(at, (size_t)(feed - at), &spool, &seq), 1);
        c->found->lines++;
        if (spool == c->spool) {
            assert_true(seq < TEST_SEQS);
            c->found->count[seq]++;
        }
    }
    return 0;
}

static void check_file(const char *dir, const char *file, struct checking *c)
{
    char path[1024], plain[1024];
    struct file_name name;
    snprintf(path, sizeof path, "%s/%s", dir, file);
    if (file_name_read(file, &name) != 1 || name.state == FILE_COMPRESSING) {
        c->found->other++;
        return;
    }
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    if (name.state == FILE_COMPRESSED) {
        c->found->compressed++;
        snprintf(plain, sizeof plain, "%.*s", (int)strlen(path) - 4, path);
        if (access(plain, F_OK) < 0) /* else that one was read */
            assert_int_equal(seekable_read_backwards(fd, check_lines, c), 0);
    } else {
        struct buffer all = {0};
        ssize_t got = 1;
        while (got > 0) {
            buffer_reserve(&all, 1 << 20);
            got = read(fd, all.data + all.size, 1 << 20);
            assert_true(got >= 0);
            all.size += (size_t)got;
        }
        check_lines(c, all.data, all.size);
        buffer_free(&all);
        c->found->open += name.state == FILE_OPEN;
        c->found->plain += name.state == FILE_FINISHED;
    }
    close(fd);
}

static void check_tree(const char *root, struct checking *c)
{
    DIR *days = opendir(root);
    struct dirent *day, *file;
    if (!days)
        return;
    while ((day = readdir(days))) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", root, day->d_name);
        if (!file_day_valid(day->d_name))
            continue;
        DIR *files = opendir(path);
        assert_non_null(files);
        while ((file = readdir(files)))
            if (file->d_name[0] != '.')
                check_file(path, file->d_name, c);
        closedir(files);
    }
    closedir(days);
}

void read_output(const struct output_folder *f, uint64_t spool, struct found *ret)
{
    struct checking c = {.spool = spool, .found = ret};
    memset(ret, 0, sizeof *ret);
    check_tree(f->records, &c);
    check_tree(f->rejects, &c);
}

void find_file(const struct output_folder *f, const char *ending, char ret[512])
{
    char command[512];
    snprintf(command, sizeof command, "find '%s' -name '*%s'", f->dir, ending);
    FILE *list = popen(command, "r");
    assert_non_null(list);
    assert_non_null(fgets(ret, 512, list));
    ret[strcspn(ret, "\n")] = '\0';
    char more[512];
    assert_null(fgets(more, sizeof more, list));
    pclose(list);
}
