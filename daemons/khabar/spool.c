/* khabar spool: what lies in the spool of a stopped lane; checks it, exports it, mends it. */
#include "khabar/command.h"
#include "khabar/lane.h"

#include "ingest/spool_repair.h"
#include "ingest/spool_survey.h"
#include "libcommon/fields.h"
#include "libcommon/json_writer.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DIR_, CONFIG, ALL, YES };

static const struct command_option options[] = {
    [DIR_] = {"dir", "DIR", "folder of the lane, or of a spool"},
    [CONFIG] = {"config", "FILE", "configuration of the lane, in place of --dir"},
    [ALL] = {"all", NULL, "export: also what is committed and still there"},
    [YES] = {"yes", NULL, "repair: do what the plan says"},
    {0},
};

/* Where a subcommand puts its line of JSON, and what it comes to. */
struct work {
    const struct invocation *invocation;
    const char *folder;
    struct survey *survey;
    struct buffer out;
    int status;
};

static int write_out(struct work *w)
{
    buffer_append_char(&w->out, '\n');
    bool good = !w->out.failed && fwrite(w->out.data, 1, w->out.size, stdout) == w->out.size;
    buffer_clear(&w->out);
    return good ? 0 : -EIO;
}

static void put_id(struct buffer *b, const char *key, uint64_t id)
{
    char text[20];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)id);
    json_put_key(b, key);
    json_put_string(b, text);
}

static void put_number(struct buffer *b, const char *key, uint64_t value)
{
    json_put_key(b, key);
    json_put_unsigned(b, value);
}

static void put_flag(struct buffer *b, const char *key, bool value)
{
    json_put_key(b, key);
    json_put_flag(b, value);
}

/* What was put into damaged/ earlier. */
static uint64_t count_kept(const char *folder)
{
    char path[4200];
    uint64_t count = 0;
    snprintf(path, sizeof path, "%s/damaged", folder);
    DIR *dir = opendir(path);
    if (!dir)
        return 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void put_oldest(struct work *w)
{
    const struct survey *v = w->survey;
    struct buffer bytes = {0};
    for (size_t i = 0; i < v->count; i++) {
        const struct survey_segment *segment = &v->segments[i];
        for (uint32_t n = 0; segment->waiting && n < segment->index.count; n++) {
            struct segment_entry entry;
            if (segment->index.offsets[n] <= SEGMENT_UNUSED || survey_committed(v, segment->first + n) ||
                segment_read(segment->fd, segment->head.salt, segment->first + n, segment->index.offsets[n],
                             &bytes, &entry) != 0)
                continue;
            json_put_key(&w->out, "oldest_at");
            json_put_time(&w->out, entry.accepted_at);
            buffer_free(&bytes);
            return;
        }
    }
    buffer_free(&bytes);
}

struct totals {
    uint64_t waiting, damaged, missing, bytes, unreadable_bytes;
};

static struct totals add_up(const struct survey *v)
{
    struct totals t = {0};
    for (size_t i = 0; i < v->count; i++) {
        t.waiting += v->segments[i].waiting;
        t.damaged += v->segments[i].damaged;
        t.bytes += v->segments[i].bytes;
        t.unreadable_bytes += v->segments[i].damaged_bytes;
        t.missing += v->segments[i].readable ? survey_missing(v, i) : 0;
    }
    t.missing += survey_missing(v, v->count);
    return t;
}

static void put_summary(struct work *w)
{
    const struct survey *v = w->survey;
    struct totals t = add_up(v);
    json_put_key(&w->out, "folder");
    json_put_string(&w->out, w->folder);
    put_id(&w->out, "id", v->spool);
    put_number(&w->out, "documents", t.waiting);
    put_number(&w->out, "bytes", t.bytes);
    put_number(&w->out, "segments", v->count);
    put_number(&w->out, "floor", v->progress.floor);
    put_number(&w->out, "last", v->last);
    put_oldest(w);
    put_flag(&w->out, "ended_in_order", v->progress_state == PROGRESS_OK && v->progress.clean);
    put_flag(&w->out, "progress_lost", v->progress_state != PROGRESS_OK);
    put_number(&w->out, "damaged", t.damaged);
    put_number(&w->out, "missing", t.missing);
    put_number(&w->out, "kept_files", count_kept(w->folder));
}

static int status(struct work *w)
{
    json_open_object(&w->out);
    put_summary(w);
    json_close_object(&w->out);
    return write_out(w);
}

static void put_segment(struct work *w, size_t i)
{
    const struct survey_segment *segment = &w->survey->segments[i];
    json_open_object(&w->out);
    put_number(&w->out, "first", segment->first);
    if (segment->index.count)
        put_number(&w->out, "last", segment->first + segment->index.count - 1);
    put_number(&w->out, "bytes", segment->bytes);
    put_number(&w->out, "entries", segment->index.used);
    put_number(&w->out, "waiting", segment->waiting);
    put_flag(&w->out, "head", segment->has_head);
    put_flag(&w->out, "sealed", segment->has_footer);
    put_flag(&w->out, "foreign", segment->foreign);
    put_flag(&w->out, "readable", segment->readable);
    put_number(&w->out, "damaged", segment->damaged);
    put_number(&w->out, "damaged_bytes", segment->damaged_bytes);
    put_number(&w->out, "missing_before", segment->readable ? survey_missing(w->survey, i) : 0);
    json_close_object(&w->out);
}

static void put_plan(struct work *w, const struct repair_step *steps, size_t count)
{
    json_put_key(&w->out, "plan");
    json_open_array(&w->out);
    for (size_t i = 0; i < count; i++) {
        enum repair_action action = steps[i].action;
        json_open_object(&w->out);
        json_put_key(&w->out, "step");
        json_put_string(&w->out, repair_name(action));
        json_put_key(&w->out, "meaning");
        json_put_string(&w->out, repair_meaning(action));
        if (action != REPAIR_WRITE_PROGRESS)
            put_number(&w->out, "segment", w->survey->segments[steps[i].segment].first);
        put_number(&w->out, "documents", steps[i].documents);
        json_close_object(&w->out);
    }
    json_close_array(&w->out);
}

static int check(struct work *w)
{
    struct repair_step *steps;
    size_t count;
    int r = repair_plan(w->survey, &steps, &count);
    if (r < 0)
        return r;
    struct totals t = add_up(w->survey);
    bool good = t.damaged == 0 && t.missing == 0;
    for (size_t i = 0; i < count; i++)
        good &= steps[i].action == REPAIR_RECOVER;
    json_open_object(&w->out);
    put_flag(&w->out, "good", good);
    put_summary(w);
    json_put_key(&w->out, "each_segment");
    json_open_array(&w->out);
    for (size_t i = 0; i < w->survey->count; i++)
        put_segment(w, i);
    json_close_array(&w->out);
    put_plan(w, steps, count);
    json_close_object(&w->out);
    free(steps);
    if (!good)
        w->status = COMMAND_PARTLY;
    return write_out(w);
}

/* Members that `khabar feed --input ndjson` understands, as far as the document has them. */
static void put_document(struct buffer *out, const struct segment_entry *entry)
{
    static const struct {
        enum field field;
        const char *key;
    } members[] = {{FIELD_FEEDER_ID, "id"},
                   {FIELD_URL, "url"},
                   {FIELD_SOURCE, "site"},
                   {FIELD_CONTENT_TYPE, "content_type"},
                   {FIELD_FEEDER, "feeder"}};
    struct field_value value;
    bool well = fields_check(entry->document, entry->document_size) == 0;
    for (size_t i = 0; well && i < sizeof members / sizeof *members; i++)
        if (fields_find(entry->document, entry->document_size, members[i].field, &value) > 0 &&
            value.type == FIELD_TEXT) {
            json_put_key(out, members[i].key);
            json_put_text(out, value.data, value.size);
        }
    if (well && fields_find(entry->document, entry->document_size, FIELD_FETCHED_AT, &value) > 0) {
        json_put_key(out, "fetched_at");
        json_put_time(out, value.integer);
    }
    json_put_key(out, "body_base64");
    json_put_base64(out, entry->body, entry->body_size);
}

static int export_one(struct work *w, const struct survey_segment *segment, uint32_t n, struct buffer *bytes)
{
    struct segment_entry entry;
    uint64_t seq = segment->first + n;
    int r = segment_read(segment->fd, segment->head.salt, seq, segment->index.offsets[n], bytes, &entry);
    if (r == -EBADMSG) {
        command_complain("number %llu can't be read: left out", (unsigned long long)seq);
        w->status = COMMAND_PARTLY;
        return 0;
    }
    if (r < 0)
        return r;
    json_open_object(&w->out);
    put_number(&w->out, "seq", seq);
    json_put_key(&w->out, "accepted_at");
    json_put_time(&w->out, entry.accepted_at);
    put_document(&w->out, &entry);
    json_close_object(&w->out);
    return write_out(w);
}

static int export_all(struct work *w)
{
    const struct survey *v = w->survey;
    struct buffer bytes = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < v->count; i++) {
        const struct survey_segment *segment = &v->segments[i];
        for (uint32_t n = 0; r == 0 && n < segment->index.count; n++)
            if (segment->index.offsets[n] > SEGMENT_UNUSED &&
                (w->invocation->values[ALL] || !survey_committed(v, segment->first + n)))
                r = export_one(w, segment, n, &bytes);
    }
    buffer_free(&bytes);
    struct totals t = add_up(v);
    if (t.damaged + t.missing) {
        command_complain("%llu documents are damaged or missing: left out",
                         (unsigned long long)(t.damaged + t.missing));
        w->status = COMMAND_PARTLY;
    }
    return r;
}

/* Opening and closing does what any start of the lane does. */
static int recover(struct work *w)
{
    struct spool_settings settings = spool_defaults;
    struct spool_report report;
    struct spool *s;
    settings.folder = w->folder;
    settings.feeder_ids_us = INT64_MAX / 4; /* none expires here: how long they are kept is the lane's to say */
    int r = spool_open(&settings, &report, &s);
    if (r == 0)
        spool_close(s);
    return r;
}

static int repair(struct work *w)
{
    struct repair_step *steps;
    size_t count;
    int r = repair_plan(w->survey, &steps, &count);
    if (r < 0)
        return r;
    bool act = w->invocation->values[YES] && count;
    json_open_object(&w->out);
    json_put_key(&w->out, "folder");
    json_put_string(&w->out, w->folder);
    put_plan(w, steps, count);
    if (act) {
        r = repair_act(w->survey, steps, count);
        w->survey = survey_free(w->survey);
        if (r == 0)
            r = recover(w);
    }
    put_flag(&w->out, "done", act && r == 0);
    json_close_object(&w->out);
    free(steps);
    if (count && !act) {
        command_complain("nothing was changed; --yes does it");
        w->status = COMMAND_PARTLY;
    }
    int written = write_out(w);
    return r < 0 ? r : written;
}

static const struct {
    const char *name;
    bool thorough;
    int (*act)(struct work *w);
} acts[] = {
    {"status", false, status    },
    {"check",  true,  check     },
    {"export", false, export_all},
    {"repair", true,  repair    },
};

static int act_on(const struct invocation *invocation, const char *folder, size_t act)
{
    struct work w = {.invocation = invocation, .folder = folder, .status = COMMAND_DONE};
    int r = survey_open(folder, acts[act].thorough, &w.survey);
    if (r == SPOOL_LOCKED) {
        command_complain("%s is in use: stop the lane first", folder);
        return COMMAND_FAULT;
    }
    if (r == 0)
        r = acts[act].act(&w);
    survey_free(w.survey);
    buffer_free(&w.out);
    if (fflush(stdout) != 0 && r == 0)
        r = -errno;
    if (r < 0) {
        command_complain("%s: %s", folder, r == -ENOENT ? "no spool is there" : strerror(-r));
        return COMMAND_FAULT;
    }
    return w.status;
}

static bool is_spool(const char *folder)
{
    static const char *const names[] = {"progress", "lock"};
    struct stat st;
    char path[4200];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (snprintf(path, sizeof path, "%s/%s", folder, names[i]) < (int)sizeof path && stat(path, &st) == 0)
            return true;
    return false;
}

static int run(const struct invocation *invocation)
{
    const char *dir = invocation->values[DIR_];
    const char *name = invocation->argument_count ? invocation->arguments[0] : "status";
    size_t act = 0;
    while (act < sizeof acts / sizeof *acts && strcmp(acts[act].name, name) != 0)
        act++;
    if (act == sizeof acts / sizeof *acts || invocation->argument_count > 2) {
        command_complain("spool %s: status, check, export or repair is needed", name);
        return COMMAND_USAGE;
    }
    if (invocation->argument_count == 2)
        return act_on(invocation, invocation->arguments[1], act);
    if (dir && is_spool(dir))
        return act_on(invocation, dir, act);
    struct settings settings;
    if (lane_read(&dir, invocation->values[CONFIG], &settings) < 0)
        return COMMAND_USAGE;
    int result = act_on(invocation, settings.spool.dir, act);
    settings_free(&settings);
    return result;
}

const struct command command_spool = {
    "spool", "[status | check | export | repair] [FOLDER]",
    "Looks into the spool of a stopped lane, exports what waits there, mends it. JSON out.", options, run};
