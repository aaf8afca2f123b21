/* The settings of a lane: one JSON file, one table. */
#include "libcommon/settings.h"

#include "libcommon/listener.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define MIB (1024LL * 1024)
#define GIB (1024 * MIB)
#define AT(member) offsetof(struct settings, member)

static const char *const drop_after_names[] = {"move", "delete", NULL};
static const char *const format_names[] = {"khabar", "ninjs", NULL};
static const char *const duplicates_names[] = {"mark", "drop", "keep", NULL};

static const char *check_name(const char *value)
{
    for (const char *p = value; *p; p++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", *p))
            return "a name of the letters a to z, digits, '_' and '-'";
    return NULL;
}

static const char *check_endpoint(const char *value)
{
    if (!*value || strncmp(value, "ipc://", 6) == 0 || strncmp(value, "tcp://", 6) == 0)
        return NULL;
    return "an ipc:// or tcp:// endpoint";
}

static bool stays_here(const char *endpoint)
{
    return strncmp(endpoint, "tcp://", 6) != 0 || strncmp(endpoint, "tcp://127.0.0.1:", 16) == 0 ||
           strncmp(endpoint, "tcp://[::1]:", 12) == 0;
}

const struct config_row settings_rows[] = {
    {"lane.name", CONFIG_STRING, AT(lane.name), 1, 40, .text = "default", .check = check_name,
     .meaning = "name of the lane, in records, logs and metrics"},
    {"lane.dir", CONFIG_STRING, AT(lane.dir), 1, 1024, .text = "/var/lib/khabar/default",
     .meaning = "folder that relative paths start at"},
    {"lane.run_dir", CONFIG_STRING, AT(lane.run_dir), 1, 90, .text = "run",
     .meaning = "folder of sockets, pid and status files; its mode decides who may use them"},
    {"log.level", CONFIG_CHOICE, AT(log_level), .number = LOG_LEVEL_INFO, .choices = log_level_names,
     .live = true, .meaning = "what is logged: everything up to this level"},
    {"limits.document_bytes", CONFIG_INTEGER, AT(document_bytes), 1, 64 * MIB, 8 * MIB,
     .live = true, .meaning = "largest document that is accepted"},
    {"limits.drain_seconds", CONFIG_INTEGER, AT(drain_seconds), 0, 3600, 10,
     .live = true, .meaning = "how long a daemon that was told to stop goes on with what it holds"},
    {"window.documents", CONFIG_INTEGER, AT(window.documents), 1, 8192, 1024,
     .live = true, .meaning = "documents that may be between spool and sink"},
    {"window.bytes", CONFIG_INTEGER, AT(window.bytes), 1, 4 * GIB, 64 * MIB,
     .live = true, .meaning = "bytes that may be between spool and sink; one document always may"},
    {"ingest.drop.enabled", CONFIG_FLAG, AT(ingest.drop), .number = 1,
     .meaning = "take files from the drop folder"},
    {"ingest.drop.dir", CONFIG_STRING, AT(ingest.drop_dir), 1, 1024, .text = "incoming",
     .meaning = "the drop folder"},
    {"ingest.drop.after", CONFIG_CHOICE, AT(ingest.drop_after), .number = DROP_MOVE,
     .choices = drop_after_names, .live = true, .meaning = "what becomes of an accepted file"},
    {"ingest.drop.done_dir", CONFIG_STRING, AT(ingest.drop_done_dir), 1, 1024, .text = "done",
     .meaning = "where accepted files move to, on the same file system"},
    {"ingest.drop.scan_seconds", CONFIG_INTEGER, AT(ingest.drop_scan_seconds), 1, 86400, 30,
     .live = true, .meaning = "how often the whole drop folder is looked through, beside what inotify tells"},
    {"ingest.feed.enabled", CONFIG_FLAG, AT(ingest.feed), .number = 1,
     .meaning = "take documents over ZeroMQ"},
    {"ingest.feed.endpoint", CONFIG_STRING, AT(ingest.feed_endpoint), 0, 200, .text = "",
     .check = check_endpoint, .meaning = "ZeroMQ endpoint; empty: feed.sock in lane.run_dir; tcp:// "
                                           "beyond the loopback address needs the next two"},
    {"ingest.feed.secret_key", CONFIG_STRING, AT(ingest.feed_secret_key), 0, 1024, .text = "",
     .meaning = "secret CURVE key of the endpoint: a file that only its owner may read, or "
                "credential:NAME; empty: no CURVE"},
    {"ingest.feed.clients", CONFIG_STRING, AT(ingest.feed_clients), 0, 1024, .text = "",
     .meaning = "file with the public CURVE keys of the clients that may feed, one a line"},
    {"ingest.http.enabled", CONFIG_FLAG, AT(http.enabled), .number = 1,
     .meaning = "take documents over HTTP"},
    {"ingest.http.listen", CONFIG_STRING, AT(http.listen), 1, 100, .text = "unix",
     .check = listener_check,
     .meaning = "where: unix is http.sock in lane.run_dir, else ADDRESS:PORT"},
    {"ingest.http.tokens", CONFIG_STRING, AT(http.tokens), 0, 1024, .text = "",
     .meaning = "bearer tokens, one a line: a file that only its owner may read, or credential:NAME; "
                "empty: none is asked for, on the loopback address only"},
    {"ingest.http.connections", CONFIG_INTEGER, AT(http.connections), 1, 4096, 256,
     .meaning = "connections at a time"},
    {"ingest.http.body_bytes", CONFIG_INTEGER, AT(http.body_bytes), 1, GIB, 32 * MIB,
     .live = true, .meaning = "largest upload, as sent and decoded"},
    {"ingest.http.memory_bytes", CONFIG_INTEGER, AT(http.memory_bytes), MIB, 64 * GIB, 256 * MIB,
     .live = true, .meaning = "memory that all uploads under way may take"},
    {"ingest.http.idle_seconds", CONFIG_INTEGER, AT(http.idle_seconds), 1, 3600, 30,
     .meaning = "how long a connection may say nothing"},
    {"ingest.http.request_seconds", CONFIG_INTEGER, AT(http.request_seconds), 1, 86400, 120,
     .live = true, .meaning = "how long a client may take to send a request or to read its answer"},
    {"ingest.stream.enabled", CONFIG_FLAG, AT(stream.enabled), .number = 1,
     .meaning = "take lines of JSON over a unix stream socket: the one that the service manager "
                "hands over as stream, else stream.sock in lane.run_dir"},
    {"ingest.stream.connections", CONFIG_INTEGER, AT(stream.connections), 1, 1024, 64,
     .live = true, .meaning = "connections at a time"},
    {"ingest.stream.memory_bytes", CONFIG_INTEGER, AT(stream.memory_bytes), MIB, 64 * GIB, 64 * MIB,
     .live = true, .meaning = "memory that long lines under way may take together"},
    {"ingest.stream.patience_seconds", CONFIG_INTEGER, AT(stream.patience_seconds), 1, 86400, 120,
     .live = true, .meaning = "how long a line may take to come, or an answer to be read"},
    {"ingest.remember_seconds", CONFIG_INTEGER, AT(ingest.remember_seconds), 0, 31536000, 604800,
     .meaning = "how long a feeder's own id is remembered, so that a repeat is accepted once"},
    {"spool.dir", CONFIG_STRING, AT(spool.dir), 1, 1024, .text = "spool",
     .meaning = "folder of the spool"},
    {"spool.segment_bytes", CONFIG_INTEGER, AT(spool.segment_bytes), MIB, 4 * GIB - 1, 64 * MIB,
     .meaning = "size at which a segment is sealed"},
    {"spool.max_bytes", CONFIG_INTEGER, AT(spool.max_bytes), 2 * MIB, 1024 * GIB, 10 * GIB,
     .meaning = "size at which feeders have to wait"},
    {"spool.reserve_bytes", CONFIG_INTEGER, AT(spool.reserve_bytes), 0, 1024 * GIB, 64 * MIB,
     .meaning = "room on the disk that accepting leaves free"},
    {"spool.sync_documents", CONFIG_INTEGER, AT(spool.sync_documents), 1, 65536, 256,
     .live = true, .meaning = "documents after which the spool is synced"},
    {"spool.sync_bytes", CONFIG_INTEGER, AT(spool.sync_bytes), 1, GIB, 4 * MIB,
     .meaning = "bytes after which the spool is synced"},
    {"spool.sync_ms", CONFIG_INTEGER, AT(spool.sync_ms), 0, 10000, 2,
     .live = true, .meaning = "milliseconds after which the spool is synced"},
    {"dispatch.resend_seconds", CONFIG_INTEGER, AT(dispatch.resend_seconds), 1, 3600, 30,
     .live = true, .meaning = "after how long a document that others have overtaken is sent again"},
    {"dispatch.attempts", CONFIG_INTEGER, AT(dispatch.attempts), 1, 100, 3,
     .live = true, .meaning = "how often a suspect document is tried before it becomes a reject"},
    {"parse.threads", CONFIG_INTEGER, AT(parse.threads), 0, 256, 0,
     .meaning = "worker threads; 0: one a processor"},
    {"parse.document_seconds", CONFIG_INTEGER, AT(parse.document_seconds), 1, 3600, 10,
     .live = true, .meaning = "time that one document may take; the process ends when it is over"},
    {"parse.document_memory_bytes", CONFIG_INTEGER, AT(parse.document_memory_bytes), MIB, 4 * GIB,
     256 * MIB, .meaning = "memory that reading one document may take"},
    {"parse.sites_dir", CONFIG_STRING, AT(parse.sites_dir), 0, 1024, .text = "",
     .meaning = "folder of the site files; empty: those that come with khabar"},
    {"classify.threads", CONFIG_INTEGER, AT(classify.threads), 0, 256, 0,
     .meaning = "worker threads; 0: one a processor"},
    {"classify.document_seconds", CONFIG_INTEGER, AT(classify.document_seconds), 1, 3600, 10,
     .live = true, .meaning = "time that one document may take; the process ends when it is over"},
    {"classify.models_dir", CONFIG_STRING, AT(classify.models_dir), 0, 1024, .text = "",
     .meaning = "folder of the models; empty: those that come with khabar"},
    {"sink.records_dir", CONFIG_STRING, AT(sink.records_dir), 1, 1024, .text = "records",
     .meaning = "folder of the records"},
    {"sink.rejects_dir", CONFIG_STRING, AT(sink.rejects_dir), 1, 1024, .text = "rejects",
     .meaning = "folder of the rejects"},
    {"sink.index_dir", CONFIG_STRING, AT(sink.index_dir), 1, 1024, .text = "index",
     .meaning = "folder of the index of what was seen before"},
    {"sink.format", CONFIG_CHOICE, AT(sink.format), .number = 0, .choices = format_names,
     .meaning = "form of the records"},
    {"sink.duplicates", CONFIG_CHOICE, AT(sink.duplicates), .number = DUPLICATES_MARK,
     .choices = duplicates_names, .meaning = "what becomes of a near-duplicate"},
    {"sink.remember_days", CONFIG_INTEGER, AT(sink.remember_days), 1, 3650, 30,
     .meaning = "how long an article is remembered to find its duplicates"},
    {"sink.rotate_bytes", CONFIG_INTEGER, AT(sink.rotate_bytes), 4096, 1024 * GIB, 256 * MIB,
     .meaning = "size at which a file is finished"},
    {"sink.rotate_seconds", CONFIG_INTEGER, AT(sink.rotate_seconds), 1, 86400, 3600,
     .meaning = "age at which a file is finished"},
    {"sink.compress", CONFIG_FLAG, AT(sink.compress), .number = 1,
     .meaning = "compress finished files with zstd"},
    {"sink.sync_documents", CONFIG_INTEGER, AT(sink.sync_documents), 1, 8192, 256,
     .meaning = "documents after which the output is synced"},
    {"sink.sync_bytes", CONFIG_INTEGER, AT(sink.sync_bytes), 1, GIB, 4 * MIB,
     .meaning = "bytes after which the output is synced"},
    {"sink.sync_ms", CONFIG_INTEGER, AT(sink.sync_ms), 0, 10000, 5,
     .meaning = "milliseconds after which the output is synced"},
    {"sink.reserve_bytes", CONFIG_INTEGER, AT(sink.reserve_bytes), 0, 1024 * GIB, 16 * MIB,
     .meaning = "room on the disk that records leave to rejects"},
    {"monitor.enabled", CONFIG_FLAG, AT(monitor.enabled), .number = 1,
     .meaning = "serve metrics and health over HTTP, by ingest"},
    {"monitor.listen", CONFIG_STRING, AT(monitor.listen), 1, 100, .text = "unix",
     .check = listener_check,
     .meaning = "where: unix is monitor.sock in lane.run_dir, else ADDRESS:PORT"},
    {"monitor.stall_seconds", CONFIG_INTEGER, AT(monitor.stall_seconds), 1, 86400, 60,
     .meaning = "how long documents may wait while none is written before the lane is not ready"},
};
const size_t settings_row_count = sizeof settings_rows / sizeof *settings_rows;

static int absolute(char **path, const char *base)
{
    if (**path == '/')
        return 0;
    char *whole;
    if (asprintf(&whole, "%s/%s", base, *path) < 0)
        return -ENOMEM;
    free(*path);
    *path = whole;
    return 0;
}

/* What comes with khabar: <prefix>/share/khabar/NAME beside <prefix>/bin or lib, else configs/NAME of the source tree
 * that the build folder lies in. */
static int shipped(char **path, const char *name)
{
    if (**path)
        return 0;
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n < 0)
        return -errno;
    exe[n] = '\0';
    static const char *const relative[] = {"share/khabar", "configs"};
    for (char *slash = strrchr(exe, '/'); slash && slash != exe; slash = strrchr(exe, '/')) {
        *slash = '\0';
        for (size_t i = 0; i < 2; i++) {
            char *candidate;
            if (asprintf(&candidate, "%s/%s/%s", exe, relative[i], name) < 0)
                return -ENOMEM;
            if (access(candidate, R_OK | X_OK) == 0) {
                free(*path);
                *path = candidate;
                return 0;
            }
            free(candidate);
        }
    }
    return -ENOENT;
}

/* A secret is a path or the name of a credential. */
static int absolute_secret(char **where, const char *folder)
{
    return !**where || strncmp(*where, "credential:", 11) == 0 ? 0 : absolute(where, folder);
}

/* Keys come together, and nobody listens beyond this machine without them. */
static int check_feed(const struct settings *s, char error[CONFIG_ERROR_SIZE])
{
    bool key = *s->ingest.feed_secret_key, clients = *s->ingest.feed_clients;
    if (key != clients)
        snprintf(error, CONFIG_ERROR_SIZE,
                 "ingest.feed.secret_key and ingest.feed.clients: both are needed, or neither");
    else if (!key && !stays_here(s->ingest.feed_endpoint))
        snprintf(error, CONFIG_ERROR_SIZE,
                 "ingest.feed.endpoint: %.80s is beyond the loopback address, which needs "
                 "ingest.feed.secret_key and ingest.feed.clients",
                 s->ingest.feed_endpoint);
    else
        return 0;
    return -EINVAL;
}

static int resolve(struct settings *s, const char *dir, char error[CONFIG_ERROR_SIZE])
{
    if (dir) {
        free(s->lane.dir);
        s->lane.dir = strdup(dir);
        if (!s->lane.dir)
            return -ENOMEM;
    }
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here))
        return -errno;
    int r = absolute(&s->lane.dir, here);
    char **const paths[] = {&s->lane.run_dir,     &s->ingest.drop_dir,  &s->ingest.drop_done_dir,
                            &s->spool.dir,        &s->sink.records_dir, &s->sink.rejects_dir,
                            &s->sink.index_dir};
    for (size_t i = 0; !r && i < sizeof paths / sizeof *paths; i++)
        r = absolute(paths[i], s->lane.dir);
    char **const secrets[] = {&s->http.tokens, &s->ingest.feed_secret_key, &s->ingest.feed_clients};
    for (size_t i = 0; !r && i < sizeof secrets / sizeof *secrets; i++)
        r = absolute_secret(secrets[i], s->lane.dir);
    if (!r)
        r = check_feed(s, error);
    const struct {
        char **path;
        const char *name, *row;
    } parts[] = {{&s->parse.sites_dir, "sites", "parse.sites_dir"},
                 {&s->classify.models_dir, "models", "classify.models_dir"}};
    for (size_t i = 0; !r && i < sizeof parts / sizeof *parts; i++) {
        if (**parts[i].path) {
            r = absolute(parts[i].path, s->lane.dir);
        } else if ((r = shipped(parts[i].path, parts[i].name)) == -ENOENT) {
            snprintf(error, CONFIG_ERROR_SIZE, "%s: not set, and no folder %s was installed",
                     parts[i].row, parts[i].name);
        }
    }
    return r;
}

int settings_read(const char *file, const char *dir, struct settings *ret, char error[CONFIG_ERROR_SIZE])
{
    *ret = (struct settings){0};
    error[0] = '\0';
    int r = config_defaults(settings_rows, settings_row_count, ret);
    if (!r && file)
        r = config_read(file, settings_rows, settings_row_count, ret, error);
    if (!r)
        r = resolve(ret, dir, error);
    if (r < 0 && !*error)
        snprintf(error, CONFIG_ERROR_SIZE, "%s: %s", file ? file : "settings", strerror(-r));
    return r;
}

void settings_free(struct settings *s)
{
    config_free(settings_rows, settings_row_count, s);
}

int settings_endpoint(const struct settings *s, const char *name, char out[SETTINGS_ENDPOINT_SIZE])
{
    int size = snprintf(out, SETTINGS_ENDPOINT_SIZE, "ipc://%s/%s.sock", s->lane.run_dir, name);
    size_t address = sizeof((struct sockaddr_un *)0)->sun_path;
    return size < 0 || (size_t)size >= SETTINGS_ENDPOINT_SIZE || (size_t)size - 6 >= address
               ? -ENAMETOOLONG
               : 0;
}
