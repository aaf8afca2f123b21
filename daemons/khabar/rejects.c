/* khabar rejects: lists what did not become records, shows one, feeds them again. */
#include "khabar/command.h"
#include "khabar/feeder.h"
#include "khabar/lane.h"
#include "khabar/output.h"
#include "khabar/record_text.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIR_, CONFIG, JSON, BODY, REASON, ALL, KEY, SERVER_KEY };

static const struct command_option options[] = {
    [DIR_] = {"dir", "DIR", "folder of the lane"},
    [CONFIG] = {"config", "FILE", "configuration of the lane, in place of --dir"},
    [JSON] = {"json", NULL, "print the rejects as they are written, one a line"},
    [BODY] = {"body", NULL, "show: print the bytes that were handed in, and nothing else"},
    [REASON] = {"reason", "NAME", "only those rejected for this reason"},
    [ALL] = {"all", NULL, "retry: all of them, or all with --reason"},
    [KEY] = {"key", "FILE", "retry: secret CURVE key, where the lane asks for one, or credential:NAME"},
    [SERVER_KEY] = {"server-key", "KEY|FILE", "retry: public CURVE key of the lane"},
    {0},
};

enum { FEED_WINDOW = 64, FEED_WINDOW_BYTES = 32 * 1024 * 1024, FEED_PATIENCE_MS = 10000 };

/* What is done with each reject that was asked for. */
struct rejects {
    const struct invocation *invocation;
    const struct feeder_keys *keys;
    int (*each)(struct rejects *r, const char *line, size_t size, const json_t *reject);
    size_t found, refused;
    struct feeder *feeder;
};

static const char *text_of(const json_t *reject, const char *key)
{
    const char *text = json_string_value(json_object_get(reject, key));
    return text ? text : "";
}

/* By id, or by the digits behind its last '-', the sequence number. */
static bool asked_for(const struct rejects *r, const json_t *reject)
{
    const char *const *values = r->invocation->values;
    if (values[REASON] && strcmp(text_of(reject, "reject"), values[REASON]) != 0)
        return false;
    if (r->invocation->argument_count < 2)
        return true;
    const char *id = text_of(reject, "id"), *dash = strrchr(id, '-');
    for (int i = 1; i < r->invocation->argument_count; i++) {
        const char *asked = r->invocation->arguments[i];
        if (!strcmp(asked, id) || (dash && !strcmp(asked, dash + 1)))
            return true;
    }
    return false;
}

static int visit(void *context, const char *line, size_t size)
{
    struct rejects *r = context;
    json_t *reject = json_loadb(line, size, JSON_ALLOW_NUL, NULL);
    int result = 0;
    if (json_is_object(reject) && asked_for(r, reject)) {
        r->found++;
        result = r->each(r, line, size, reject);
    }
    json_decref(reject);
    return result;
}

static int print_whole(const char *line, size_t size)
{
    fwrite(line, 1, size, stdout);
    putchar('\n');
    return ferror(stdout) != 0;
}

static int list_one(struct rejects *r, const char *line, size_t size, const json_t *reject)
{
    if (r->invocation->values[JSON])
        return print_whole(line, size);
    const char *url = text_of(reject, "url");
    printf("%s %s %s by=%s bytes=%" JSON_INTEGER_FORMAT " %s%s%s\n", text_of(reject, "id"),
           text_of(reject, "received_at"), text_of(reject, "reject"), text_of(reject, "stage"),
           json_integer_value(json_object_get(reject, "bytes")), text_of(reject, "feeder_id"),
           *url ? " " : "", url);
    return ferror(stdout) != 0;
}

/* The document of a reject as it was handed in, under an id of its own: under the old one the lane would take it for
 * a repeat. NULL and why. */
static struct input_document *document_of(const json_t *reject, char why[NDJSON_WHY_SIZE])
{
    static const char *const keys[][2] = {{"url", "url"},
                                          {"source", "site"},
                                          {"content_type", "content_type"},
                                          {"fetched_at", "fetched_at"},
                                          {"body_base64", "body_base64"}};
    struct input_document *document = calloc(1, sizeof *document);
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set(object, keys[i][1], json_object_get(reject, keys[i][0]));
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    const char *feeder_id = text_of(reject, "feeder_id");
    snprintf(why, NDJSON_WHY_SIZE, "out of memory");
    bool good = document && text &&
                asprintf(&document->id, "%.400s#retry-%s-%ld", *feeder_id ? feeder_id : "-",
                         text_of(reject, "id"), (long)getpid()) >= 0 &&
                ndjson_document_read(text, strlen(text), true, &document->given, why) == NDJSON_OK;
    free(text);
    if (!good)
        return input_document_free(document);
    document->given.id = document->id;
    return document;
}

static int show_one(struct rejects *r, const char *line, size_t size, const json_t *reject)
{
    if (r->invocation->values[JSON])
        return print_whole(line, size);
    if (!r->invocation->values[BODY]) {
        record_text_print(stdout, line, size, isatty(STDOUT_FILENO));
        return ferror(stdout) != 0;
    }
    char why[NDJSON_WHY_SIZE];
    struct input_document *document = document_of(reject, why);
    if (!document) {
        command_complain("%s: its bytes can't be shown: %s", text_of(reject, "id"), why);
        return -EBADMSG;
    }
    fwrite(document->given.body, 1, document->given.body_size, stdout);
    input_document_free(document);
    return ferror(stdout) != 0;
}

static void answered(void *context, const struct input_document *document, bool accepted,
                     const char *text)
{
    struct rejects *r = context;
    printf("%s %s %s\n", accepted ? "accepted" : "refused", document->given.id, text);
    r->refused += !accepted;
}

static int retry_one(struct rejects *r, const char *line, size_t size, const json_t *reject)
{
    (void)line, (void)size;
    char why[NDJSON_WHY_SIZE];
    struct input_document *document = document_of(reject, why);
    if (!document) {
        command_complain("%s: can't be fed again: %s", text_of(reject, "id"), why);
        r->refused++;
        return 0;
    }
    int result = 0;
    while (result == 0 && !feeder_has_room(r->feeder, document->given.body_size))
        result = feeder_turn(r->feeder, -1, 1000);
    if (result == 0)
        result = feeder_put(r->feeder, &document);
    input_document_free(document);
    return result;
}

static int retry(struct rejects *r, const struct settings *settings)
{
    char endpoint[LANE_ENDPOINT_SIZE];
    int result = lane_feed_endpoint(settings, endpoint);
    const struct feeder_options to = {endpoint, r->keys, FEED_WINDOW, FEED_WINDOW_BYTES, FEED_PATIENCE_MS};
    if (result == 0)
        result = feeder_new(&to, answered, r, &r->feeder);
    if (result == 0)
        result = output_read(settings->sink.rejects_dir, NULL, visit, r);
    while (result == 0 && feeder_pending(r->feeder))
        result = feeder_turn(r->feeder, -1, 1000);
    r->feeder = feeder_free(r->feeder);
    return result;
}

static int act(struct rejects *r, const struct settings *settings, const char *action)
{
    const char *folder = settings->sink.rejects_dir;
    int result;
    if (!strcmp(action, "retry")) {
        r->each = retry_one;
        result = retry(r, settings);
    } else {
        r->each = !strcmp(action, "show") ? show_one : list_one;
        result = output_read(folder, NULL, visit, r);
    }
    if (result == -ENOENT)
        result = 0; /* nothing was rejected yet */
    if (result < 0)
        command_complain("%s: %s", folder, strerror(-result));
    if (result == 0 && !r->found && strcmp(action, "list") != 0)
        command_complain("no such reject in %s", folder);
    fflush(stdout);
    if (result < 0)
        return COMMAND_FAULT;
    return r->refused || (!r->found && strcmp(action, "list") != 0) ? COMMAND_PARTLY : COMMAND_DONE;
}

static int run(const struct invocation *invocation)
{
    const char *dir = invocation->values[DIR_];
    const char *action = invocation->argument_count ? invocation->arguments[0] : "list";
    bool retries = !strcmp(action, "retry");
    if (!retries && strcmp(action, "list") != 0 && strcmp(action, "show") != 0) {
        command_complain("rejects %s: list, show or retry is needed", action);
        return COMMAND_USAGE;
    }
    if (strcmp(action, "list") != 0 && invocation->argument_count < 2 &&
        !(retries && invocation->values[ALL])) {
        command_complain("rejects %s: which? name their ids%s", action, retries ? ", or --all" : "");
        return COMMAND_USAGE;
    }
    struct settings settings;
    struct feeder_keys keys;
    const struct feeder_keys *curve;
    if (feeder_keys_read(invocation->values[KEY], invocation->values[SERVER_KEY], &keys, &curve) < 0 ||
        lane_read(&dir, invocation->values[CONFIG], &settings) < 0)
        return COMMAND_USAGE;
    struct rejects r = {.invocation = invocation, .keys = curve};
    int status = act(&r, &settings, action);
    settings_free(&settings);
    return status;
}

const struct command command_rejects = {
    "rejects", "[list | show ID… | retry ID…]",
    "Lists documents that did not become records, shows them, or feeds them again.", options, run};
