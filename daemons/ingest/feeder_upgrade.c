/* Files of ids of feeders as earlier versions wrote them. */
#include "ingest/feeder_upgrade.h"

#include "ingest/disk.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 32 };
static const char state_name[] = "state"; /* with its zero, the key of what a file says of itself */

struct old_state {
    int64_t start, last;
    uint64_t watermark;
};

struct old_value {
    uint64_t seq;
    int64_t accepted_at;
};

static void old_name(uint32_t number, char out[NAME_SIZE])
{
    snprintf(out, NAME_SIZE, "ids-%010" PRIu32, number);
}

int feeder_upgrade_list(const char *folder, uint32_t *numbers, unsigned room)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return -errno;
    unsigned count = 0;
    for (struct dirent *entry; count < room && (entry = readdir(dir));) {
        uint32_t number;
        int size = 0;
        if (sscanf(entry->d_name, "ids-%10" SCNu32 "%n", &number, &size) == 1 &&
            !entry->d_name[size])
            numbers[count++] = number;
    }
    closedir(dir);
    return (int)count;
}

static int lmdb_error(int r)
{
    switch (r) {
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ENOSPC:
    case EACCES:
    case EROFS:
        return -r;
    case MDB_NOTFOUND:
        return -ENODATA;
    default:
        return r == 0 ? 0 : -EBADMSG;
    }
}

/* A file that is shorter than LMDB believes would kill the process when it is read. */
static int check_size(MDB_env *env)
{
    MDB_envinfo info;
    MDB_stat stat;
    uint64_t size;
    int fd, r = mdb_env_info(env, &info);
    if (r == 0)
        r = mdb_env_stat(env, &stat);
    if (r == 0)
        r = mdb_env_get_fd(env, &fd);
    if (r != 0)
        return lmdb_error(r);
    r = disk_size(fd, &size);
    bool fresh = info.me_last_txnid == 0;
    if (r < 0 || fresh)
        return r < 0 ? r : -ENODATA;
    return size >= (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize ? 0 : -EBADMSG;
}

static int read_state(MDB_txn *txn, MDB_dbi table, struct old_state *ret, uint64_t *ret_rows)
{
    MDB_stat stat;
    MDB_val key = {sizeof state_name, (void *)(uintptr_t)state_name}, value;
    int r = mdb_get(txn, table, &key, &value);
    if (r == 0 && value.mv_size != sizeof *ret)
        return -EBADMSG;
    if (r == 0)
        r = mdb_stat(txn, table, &stat);
    if (r != 0)
        return lmdb_error(r);
    memcpy(ret, value.mv_data, sizeof *ret);
    *ret_rows = stat.ms_entries;
    return 0;
}

/* They lie in the order of keys. */
static int copy_rows(MDB_txn *txn, MDB_dbi table, struct feeder_run_writer *writer)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    int r = mdb_cursor_open(txn, table, &cursor);
    if (r != 0)
        return lmdb_error(r);
    int done = 0;
    while (done == 0 && (r = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        struct feeder_row row;
        struct old_value found;
        if (key.mv_size != sizeof row.key || value.mv_size != sizeof found)
            continue;
        memcpy(&row.key, key.mv_data, sizeof row.key);
        memcpy(&found, value.mv_data, sizeof found);
        row.seq = found.seq;
        row.accepted_at = found.accepted_at;
        done = feeder_run_put(writer, &row);
    }
    mdb_cursor_close(cursor);
    return done < 0 ? done : r == MDB_NOTFOUND ? 0 : lmdb_error(r);
}

static int write_run(MDB_txn *txn, MDB_dbi table, int folder, uint32_t number, size_t filter_bytes,
                     struct feeder_run *ret)
{
    struct feeder_run_writer writer;
    struct old_state old;
    uint64_t rows;
    int r = read_state(txn, table, &old, &rows);
    if (r == 0)
        r = feeder_run_begin(folder, rows, filter_bytes, &writer);
    if (r < 0)
        return r;
    r = copy_rows(txn, table, &writer);
    if (r == 0)
        r = feeder_run_finish(&writer,
                              &(struct feeder_run_state){.number = number,
                                                         .joined = number,
                                                         .start = old.start,
                                                         .last = old.last,
                                                         .watermark = old.watermark},
                              ret);
    feeder_run_abandon(&writer);
    return r;
}

static int convert(MDB_env *env, int folder, uint32_t number, size_t filter_bytes,
                   struct feeder_run *ret)
{
    MDB_txn *txn;
    MDB_dbi table;
    int r = check_size(env);
    if (r < 0)
        return r;
    r = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    if (r != 0)
        return lmdb_error(r);
    r = lmdb_error(mdb_dbi_open(txn, NULL, 0, &table));
    if (r == 0)
        r = write_run(txn, table, folder, number, filter_bytes, ret);
    mdb_txn_abort(txn);
    return r;
}

int feeder_upgrade(const char *path, int folder, uint32_t number, size_t filter_bytes,
                   struct feeder_run *ret)
{
    char name[NAME_SIZE], lock[NAME_SIZE + 8], file[4096];
    MDB_env *env;
    old_name(number, name);
    if ((size_t)snprintf(file, sizeof file, "%s/%s", path, name) >= sizeof file)
        return -ENAMETOOLONG;
    int r = lmdb_error(mdb_env_create(&env));
    if (r < 0)
        return r;
    r = lmdb_error(mdb_env_open(env, file, MDB_NOSUBDIR | MDB_NORDAHEAD, 0640));
    if (r == 0)
        r = convert(env, folder, number, filter_bytes, ret);
    mdb_env_close(env);
    snprintf(lock, sizeof lock, "%s-lock", name); /* LMDB's own */
    unlinkat(folder, lock, 0);
    if (r < 0 && r != -ENODATA)
        return r;
    int removed = unlinkat(folder, name, 0) < 0 ? -errno : 0;
    if (removed < 0 && r == 0)
        feeder_run_close(ret);
    return removed < 0 ? removed : r;
}
