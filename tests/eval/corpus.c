/* Reading the data folder: tables, articles, labels, and what must stay out of training. */
#include "tests/eval/corpus.h"

#include "classify/event.h"
#include "classify/fold.h"
#include "classify/topic.h"
#include "libcommon/utf8.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

const char *const corpus_dev_names[DEV_COUNT] = {
    [DEV_HARD] = "topics/dev.tsv",
    [DEV_NATURAL] = "topics/dev_natural.tsv",
    [DEV_HEADLINES] = "iraq_headlines/dev.tsv",
};

void corpus_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(2);
}

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

static char *read_file(const char *data_dir, const char *name, size_t *ret_size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", data_dir, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        corpus_fail("%s: %m (the data folder lacks it?)", path);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *data = need(malloc((size_t)size + 1));
    if (fread(data, 1, (size_t)size, f) != (size_t)size)
        corpus_fail("%s: cannot read", path);
    fclose(f);
    data[size] = 0;
    *ret_size = (size_t)size;
    return data;
}

static size_t count_char(const char *text, char c)
{
    size_t count = 0;
    for (; (text = strchr(text, c)); text++)
        count++;
    return count;
}

struct table corpus_table(const char *data_dir, const char *name, bool head)
{
    size_t size;
    char *data = read_file(data_dir, name, &size), *line, *save = NULL;
    struct table t = {.rows = need(calloc(count_char(data, '\n') + 2, sizeof *t.rows))};
    for (line = strtok_r(data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (!t.columns)
            t.columns = count_char(line, '\t') + 1;
        char **row = need(calloc(t.columns, sizeof *row));
        for (size_t i = 0; i < t.columns; i++) {
            char *cell = line ? strsep(&line, "\t\r") : NULL;
            row[i] = cell ? cell : strdup("");
        }
        if (head)
            head = false;
        else
            t.rows[t.count++] = row;
    }
    return t;
}

static uint64_t hash_letters(const char *text)
{
    size_t room = strlen(text) + 1;
    uint8_t *letters = need(malloc(room));
    uint64_t hash = XXH3_64bits(letters, fold_text(text, room - 1, letters, room));
    free(letters);
    return hash;
}

static void set_hashes(struct sample *s)
{
    s->title_hash = hash_letters(s->title);
    s->text_hash = *s->text ? hash_letters(s->text) : s->title_hash;
}

static const char *text_member(json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value && utf8_valid(value, strlen(value)) ? strdup(value) : "";
}

static void append(struct corpus *c, struct sample s)
{
    if (!(c->count & (c->count - 1)))
        c->items = need(realloc(c->items, (c->count ? 2 * c->count : 1) * sizeof *c->items));
    c->items[c->count++] = s;
}

static void append_line(struct corpus *c, const char *line, size_t size)
{
    json_t *object = json_loadb(line, size, 0, NULL);
    if (!object)
        return;
    struct sample s = {.topic = -1, .second_topic = -1, .event = -1};
    s.id = text_member(object, "docno");
    s.source = text_member(object, "src");
    s.section = text_member(object, "cat");
    s.title = text_member(object, "title");
    s.text = text_member(object, "text");
    json_decref(object);
    if (!*s.id)
        return;
    set_hashes(&s);
    append(c, s);
}

static void append_archive(const char *data_dir, const char *name, struct corpus *c)
{
    size_t size;
    char *packed = read_file(data_dir, name, &size);
    ZSTD_DStream *stream = need(ZSTD_createDStream());
    ZSTD_inBuffer in = {packed, size, 0};
    size_t room = 1 << 20, used = 0;
    char *lines = need(malloc(room));
    while (in.pos < in.size || used) {
        if (used == room)
            lines = need(realloc(lines, room *= 2));
        ZSTD_outBuffer out = {lines, room, used};
        if (ZSTD_isError(ZSTD_decompressStream(stream, &out, &in)))
            corpus_fail("%s: cannot decompress", name);
        bool dry = out.pos == used && in.pos == in.size;
        used = out.pos;
        char *start = lines, *end;
        while ((end = memchr(start, '\n', (size_t)(lines + used - start)))) {
            append_line(c, start, (size_t)(end - start));
            start = end + 1;
        }
        used = (size_t)(lines + used - start);
        memmove(lines, start, used);
        if (dry)
            break;
    }
    append_line(c, lines, used);
    free(lines);
    free(packed);
    ZSTD_freeDStream(stream);
}

struct corpus corpus_everything(const char *data_dir)
{
    static struct corpus read;
    if (!read.count) {
        append_archive(data_dir, "ant/ant_jawhara.jsonl.zst", &read);
        append_archive(data_dir, "ant/ant_multisource.jsonl.zst", &read);
    }
    struct corpus c = {need(malloc((read.count + 1) * sizeof *read.items)), read.count};
    memcpy(c.items, read.items, read.count * sizeof *read.items);
    return c;
}

static int by_hash(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

struct corpus corpus_articles(const char *data_dir)
{
    struct corpus all = corpus_everything(data_dir), kept = {0};
    uint64_t(*order)[2] = need(malloc((all.count + 1) * sizeof *order));
    for (size_t i = 0; i < all.count; i++) {
        order[i][0] = all.items[i].text_hash;
        order[i][1] = i;
    }
    qsort(order, all.count, sizeof *order, by_hash);
    bool *copy = need(calloc(all.count + 1, sizeof *copy));
    for (size_t i = 0, first = 0; i < all.count; i++) {
        if (order[i][0] != order[first][0])
            first = i;
        size_t lowest = order[first][1], here = order[i][1];
        if (i == first)
            continue;
        struct sample *a = &all.items[lowest], *b = &all.items[here];
        if (strcmp(a->section, b->section))
            a->section = b->section = "";
        copy[here > lowest ? here : lowest] = true;
        if (here < lowest)
            order[first][1] = here;
    }
    for (size_t i = 0; i < all.count; i++)
        if (!copy[i])
            append(&kept, all.items[i]);
    free(copy);
    free(order);
    free(all.items);
    return kept;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct sample *)a)->id, ((const struct sample *)b)->id);
}

struct corpus corpus_labelled(const char *data_dir, const char *name)
{
    struct table t = corpus_table(data_dir, name, true);
    struct corpus all = {0}, c = {0};
    if (t.columns == 4) {
        all = corpus_everything(data_dir);
        qsort(all.items, all.count, sizeof *all.items, by_id);
    }
    for (size_t i = 0; i < t.count; i++) {
        char **row = t.rows[i];
        struct sample s = {.id = row[0], .source = "", .section = "", .text = ""}, *article;
        if (t.columns > 4) {
            s.title = row[4];
            set_hashes(&s);
        } else {
            article = bsearch(&s, all.items, all.count, sizeof s, by_id);
            if (!article)
                corpus_fail("%s: %s is not in ant/", name, row[0]);
            s = *article;
        }
        s.topic = topic_from_code(row[1]);
        s.second_topic = topic_from_code(row[2]);
        s.event = event_from_name(row[3]);
        append(&c, s);
    }
    return c;
}

struct dev_keys {
    uint64_t *keys;
    size_t count;
};

static bool judged(const struct dev_keys *k, uint64_t key)
{
    return bsearch(&key, k->keys, k->count, sizeof key, by_hash);
}

size_t corpus_exclude_dev(const char *data_dir, struct corpus *c)
{
    struct dev_keys k = {0};
    for (int d = 0; d < DEV_COUNT; d++) {
        struct corpus dev = corpus_labelled(data_dir, corpus_dev_names[d]);
        k.keys = need(realloc(k.keys, (k.count + 3 * dev.count) * sizeof *k.keys));
        for (size_t i = 0; i < dev.count; i++) {
            k.keys[k.count++] = XXH3_64bits(dev.items[i].id, strlen(dev.items[i].id));
            k.keys[k.count++] = dev.items[i].text_hash;
            k.keys[k.count++] = dev.items[i].title_hash;
        }
        free(dev.items);
    }
    qsort(k.keys, k.count, sizeof *k.keys, by_hash);
    size_t kept = 0, count = c->count;
    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &c->items[i];
        if (!judged(&k, XXH3_64bits(s->id, strlen(s->id))) && !judged(&k, s->text_hash) &&
            !judged(&k, s->title_hash))
            c->items[kept++] = *s;
    }
    c->count = kept;
    free(k.keys);
    return count - kept;
}

size_t corpus_first_paragraph(const struct sample *s)
{
    return strcspn(s->text, "\n");
}
