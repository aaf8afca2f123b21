/* The settings of a lane: one JSON file, one table; every daemon reads the same and takes its part.
 */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/config.h"
#include "libcommon/log.h"

#include <stdbool.h>
#include <stdint.h>

enum drop_after { DROP_MOVE, DROP_DELETE };
enum sink_duplicates { DUPLICATES_MARK, DUPLICATES_DROP, DUPLICATES_KEEP };

struct settings {
    struct {
        char *name, *dir, *run_dir;
    } lane;
    int log_level; /* enum log_level */
    int64_t document_bytes;
    struct {
        int64_t documents, bytes;
    } window;
    struct {
        char *drop_dir, *drop_done_dir, *feed_endpoint, *feed_secret_key, *feed_clients;
        bool drop, feed;
        int drop_after; /* enum drop_after */
        int64_t drop_scan_seconds, remember_seconds;
    } ingest;
    struct {
        bool enabled;
        char *listen, *tokens;
        int64_t connections, body_bytes, memory_bytes, idle_seconds, request_seconds;
    } http;
    struct {
        bool enabled;
        int64_t connections, memory_bytes, patience_seconds;
    } stream;
    struct {
        char *dir;
        int64_t segment_bytes, max_bytes, reserve_bytes, sync_documents, sync_bytes, sync_ms;
    } spool;
    struct {
        int64_t resend_seconds, attempts;
    } dispatch;
    struct {
        int64_t threads, document_seconds, document_memory_bytes;
        char *sites_dir;
    } parse;
    struct {
        int64_t threads, document_seconds;
        char *models_dir;
    } classify;
    struct {
        char *records_dir, *rejects_dir, *index_dir;
        int format, duplicates; /* index into record formats; enum sink_duplicates */
        bool compress;
        int64_t rotate_bytes, rotate_seconds, sync_documents, sync_bytes, sync_ms, remember_days,
            reserve_bytes;
    } sink;
    struct {
        bool enabled;
        char *listen;
        int64_t stall_seconds;
    } monitor;
    int64_t drain_seconds;
};

extern const struct config_row settings_rows[];
extern const size_t settings_row_count;

/* Reads a lane's file (NULL: none, all defaults), then puts dir (NULL: as the file says) in the
 * place of lane.dir, then makes every path absolute: relative ones start at lane.dir, lane.dir
 * itself at the current folder; an empty sites_dir or models_dir becomes what was installed or, run
 * from the build folder, the source tree's. 0; errors as config_read(). Free with settings_free()
 * in either case. */
int settings_read(const char *file, const char *dir, struct settings *ret,
                  char error[CONFIG_ERROR_SIZE]);
void settings_free(struct settings *s);

/* ipc://<run_dir>/<name>.sock; -ENAMETOOLONG when it does not fit a Unix socket address. */
enum { SETTINGS_ENDPOINT_SIZE = 128 };
int settings_endpoint(const struct settings *s, const char *name, char out[SETTINGS_ENDPOINT_SIZE]);
