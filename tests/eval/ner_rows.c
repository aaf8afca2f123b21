/* Reading rows of names; finding annotated surfaces among the words. */
#include "tests/eval/ner_rows.h"

#include "libcommon/utf8.h"
#include "tests/eval/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

static const char *const type_names[NAME_TYPES] = {"PERS", "ORG", "GPE", "LOC", "FAC", "NORP"};

static int type_from_name(const char *name, size_t size)
{
    for (int i = 0; i < NAME_TYPES; i++)
        if (strlen(type_names[i]) == size && !memcmp(type_names[i], name, size))
            return i;
    return -1;
}

static void find_words(struct ner_row *row)
{
    tokens_clear(&row->tokens);
    if (tokens_add(&row->tokens, PART_TITLE, row->title, strlen(row->title)) ||
        tokens_add(&row->tokens, PART_BODY, row->body, strlen(row->body)))
        corpus_fail("out of memory");
}

static const char *part_text(const struct tokens *t, size_t word)
{
    return t->parts[word < t->parts[PART_TITLE].count ? PART_TITLE : PART_BODY].text;
}

/* Letters of the word that a surface may leave out: و ف ب ل ك and ال (U+0648 U+0641 U+0628 U+0644
 * U+0643, U+0627 U+0644). */
static bool may_cut(uint8_t letter)
{
    return letter == FOLD_WAW || letter == FOLD_FEH || letter == FOLD_BEH || letter == FOLD_LAM ||
           letter == FOLD_KAF || letter == FOLD_ALEF;
}

/* The last word of the surface when it starts cut letters into the word first and ends at the end
 * of a word; else -1. */
static int32_t last_word(const struct tokens *t, size_t first, size_t cut, const char *surface,
                         size_t size, bool whole)
{
    const struct token *token = &t->items[first];
    const char *text = part_text(t, first), *at = text + token->start;
    size_t limit = token->length, offset = 0;
    for (size_t letters = 0; letters < cut && offset < limit;)
        letters += fold_code(utf8_next(at, &offset)) >= FOLD_FIRST_LETTER;
    while (offset < limit &&
           strncmp(at + offset, surface, size) != 0) { /* marks behind the prefix */
        size_t next = offset;
        if (fold_code(utf8_next(at, &next)) >= FOLD_FIRST_LETTER)
            return -1;
        offset = next;
    }
    if (offset >= limit)
        return -1;
    size_t end = (size_t)(at - text) + offset + size;
    for (size_t i = first; i < t->count && part_text(t, i) == text; i++) {
        size_t word_end = t->items[i].start + t->items[i].length;
        if (word_end >= end)
            return (word_end == end || !whole) && t->items[i].start < end ? (int32_t)i : -1;
    }
    return -1;
}

/* The part of a surface from its first letter to its last: quotation marks and brackets belong to
 * no word. */
static const char *trimmed(const char *surface, size_t *ret_size)
{
    size_t start = SIZE_MAX, end = 0;
    for (size_t at = 0, before = 0; surface[at]; before = at)
        if (fold_code(utf8_next(surface, &at)) >= FOLD_FIRST_LETTER) {
            start = start == SIZE_MAX ? before : start;
            end = at;
        }
    *ret_size = start == SIZE_MAX ? 0 : end - start;
    return start == SIZE_MAX ? surface : surface + start;
}

static bool find_name(const struct tokens *t, size_t from, bool whole, struct ner_name *name)
{
    size_t size;
    const char *surface = trimmed(name->surface, &size);
    if (!size)
        return false;
    for (size_t i = from; i < t->count; i++)
        for (size_t cut = 0; cut < t->items[i].letters; cut++) {
            if (whole && (cut > 4 || (cut && !may_cut(t->folded[t->items[i].folded + cut - 1]))))
                break;
            int32_t last = last_word(t, i, cut, surface, size, whole);
            if (last < 0)
                continue;
            name->first = (int32_t)i;
            name->last = last;
            name->cut = (uint8_t)cut;
            return true;
        }
    return false;
}

static void find_names(struct ner_row *row)
{
    size_t from = 0;
    for (size_t i = 0; i < row->count; i++) {
        struct ner_name *name = &row->names[i];
        if (find_name(&row->tokens, from, true, name) || find_name(&row->tokens, from, false, name))
            from = (size_t)name->last + 1;
        else
            name->first = -1;
    }
}

static void read_names(struct ner_row *row, char *cell)
{
    if (!strcmp(cell, "-"))
        return;
    for (char *item = cell; item;) {
        char *next = strstr(item, " | ");
        if (next) {
            *next = '\0';
            next += 3;
        }
        char *colon = strchr(item, ':');
        int type = colon ? type_from_name(item, (size_t)(colon - item)) : -1;
        if (type < 0)
            corpus_fail("%s: not a name: %s", row->id, item);
        struct ner_name name = {.type = (enum name_type)type, .surface = colon + 1, .first = -1};
        char *at = name_type_is_place(name.type) ? strrchr(item, '@') : NULL;
        if (at) {
            *at = '\0';
            if (strlen(at + 1) == 2)
                memcpy(name.country, at + 1, 3);
        }
        row->names = need(realloc(row->names, (row->count + 1) * sizeof *row->names));
        row->names[row->count++] = name;
        item = next;
    }
}

struct ner_rows ner_rows_read(const char *data_dir, const char *name)
{
    struct table t = corpus_table(data_dir, name, false);
    struct ner_rows rows = {need(calloc(t.count + 1, sizeof *rows.items)), t.count};
    for (size_t i = 0; i < t.count; i++) {
        struct ner_row *row = &rows.items[i];
        row->id = t.rows[i][0];
        row->title = t.rows[i][1];
        row->body = strstr(row->title, " . "); /* title and first paragraph are joined so */
        if (row->body) {
            *row->body = '\0';
            row->body += 3;
        } else {
            row->body = need(strdup(""));
        }
        row->scene = strcmp(t.rows[i][3], "-") ? t.rows[i][3] : "";
        read_names(row, t.rows[i][2]);
        find_words(row);
        find_names(row);
    }
    return rows;
}

struct wojood {
    struct ner_rows rows;
    char *text; /* of the sentence that is read */
    size_t size, room;
    struct open_name {
        int type;
        size_t start, end;
    } names[256];
    size_t count;
    int open; /* index in names of the one that may go on, or -1 */
};

static void finish_sentence(struct wojood *w)
{
    if (!w->size)
        return;
    struct ner_row *row = &w->rows.items[w->rows.count++];
    *row = (struct ner_row){.id = "", .scene = ""};
    row->title = need(strdup(""));
    row->body = need(strndup(w->text, w->size));
    row->names = need(calloc(w->count + 1, sizeof *row->names));
    for (size_t i = 0; i < w->count; i++) {
        size_t length = w->names[i].end - w->names[i].start;
        char *surface = need(strndup(row->body + w->names[i].start, length));
        row->names[row->count++] = (struct ner_name){
            .type = (enum name_type)w->names[i].type, .surface = surface, .first = -1};
    }
    find_words(row);
    find_names(row);
    w->size = w->count = 0;
    w->open = -1;
}

/* The outermost of the six types in a cell of tags: the first. 'B' or 'I' in *ret_place. */
static int outer_type(const char *tags, char *ret_place)
{
    for (const char *tag = tags; *tag;) {
        size_t size = strcspn(tag, " ");
        int type = size > 2 ? type_from_name(tag + 2, size - 2) : -1;
        if (type >= 0) {
            *ret_place = *tag;
            return type;
        }
        tag += size + strspn(tag + size, " ");
    }
    return -1;
}

static void read_tagged(struct wojood *w, const char *word, size_t size, const char *tags)
{
    if (w->size + size + 2 > w->room)
        w->text = need(realloc(w->text, w->room = 2 * (w->size + size + 2)));
    if (w->size)
        w->text[w->size++] = ' ';
    size_t start = w->size;
    memcpy(w->text + w->size, word, size);
    w->size += size;
    char place = 'O';
    int type = outer_type(tags, &place);
    if (type >= 0 && place == 'I' && w->open >= 0 && w->names[w->open].type == type) {
        w->names[w->open].end = w->size;
    } else if (type >= 0 && w->count < sizeof w->names / sizeof *w->names) {
        w->open = (int)w->count;
        w->names[w->count++] = (struct open_name){type, start, w->size};
    } else {
        w->open = -1;
    }
}

struct ner_rows ner_wojood_read(const char *data_dir, const char *name)
{
    char path[4096], *line = NULL;
    snprintf(path, sizeof path, "%s/%s", data_dir, name);
    FILE *f = fopen(path, "r");
    if (!f)
        corpus_fail("%s: %m (the data folder lacks it?)", path);
    struct wojood w = {.open = -1};
    w.rows.items = need(calloc(4096, sizeof *w.rows.items));
    size_t room = 0;
    ssize_t size;
    while ((size = getline(&line, &room, f)) >= 0) {
        line[strcspn(line, "\r\n")] = '\0';
        char *tags = strchr(line, ' ');
        if (!tags) {
            finish_sentence(&w);
        } else if (strncmp(line, "$#$", 3) != 0 && utf8_valid(line, strlen(line))) {
            read_tagged(&w, line, (size_t)(tags - line), tags + 1);
        }
        if (w.rows.count == 4095)
            break;
    }
    finish_sentence(&w);
    fclose(f);
    free(line);
    free(w.text);
    return w.rows;
}

struct ner_dev {
    uint64_t *keys;
    size_t count;
};

static int by_key(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static uint64_t letters_key(const char *text)
{
    size_t room = strlen(text) + 1;
    uint8_t *letters = need(malloc(room));
    uint64_t key = XXH3_64bits(letters, fold_text(text, room - 1, letters, room));
    free(letters);
    return key;
}

struct ner_dev *ner_dev_read(const char *data_dir)
{
    struct ner_rows rows = ner_rows_read(data_dir, "ner/khabar_dev.tsv");
    struct ner_dev *dev = need(calloc(1, sizeof *dev));
    dev->keys = need(malloc((2 * rows.count + 1) * sizeof *dev->keys));
    for (size_t i = 0; i < rows.count; i++) {
        dev->keys[dev->count++] = XXH3_64bits(rows.items[i].id, strlen(rows.items[i].id));
        dev->keys[dev->count++] = letters_key(rows.items[i].title);
    }
    qsort(dev->keys, dev->count, sizeof *dev->keys, by_key);
    return dev;
}

bool ner_dev_holds(const struct ner_dev *dev, const char *id, const char *title)
{
    uint64_t keys[] = {XXH3_64bits(id, strlen(id)), letters_key(title)};
    for (int i = 0; i < 2; i++)
        if (bsearch(&keys[i], dev->keys, dev->count, sizeof *dev->keys, by_key))
            return true;
    return false;
}

struct ner_hold_out ner_hold_out_wanted(void)
{
    struct ner_hold_out h = {0};
    const char *wanted = getenv("KHABAR_HELD_OUT"), *colon = wanted ? strchr(wanted, ':') : NULL;
    h.every = wanted ? strtoul(wanted, NULL, 10) : 0;
    h.first = colon ? strtoul(colon + 1, NULL, 10) : 0;
    if (wanted && (!h.every || h.first >= h.every))
        corpus_fail("KHABAR_HELD_OUT: N or N:FIRST, FIRST below N");
    return h;
}

bool ner_is_held_out(struct ner_hold_out h, size_t row)
{
    return h.every && row % h.every == h.first;
}

struct ner_rows ner_training_rows(const char *data_dir, struct ner_hold_out held_out)
{
    struct ner_rows rows = ner_rows_read(data_dir, "ner/khabar_train.tsv");
    struct ner_dev *dev = ner_dev_read(data_dir);
    size_t kept = 0;
    for (size_t i = 0; i < rows.count; i++)
        if (!ner_dev_holds(dev, rows.items[i].id, rows.items[i].title) &&
            !ner_is_held_out(held_out, i))
            rows.items[kept++] = rows.items[i];
    printf("rows %zu\nrows_left_out %zu\n", kept, rows.count - kept);
    rows.count = kept;
    return rows;
}

size_t ner_row_mentions(const struct ner_row *row, struct name_mention ret[NAMES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < row->count && count < NAMES_MAX; i++)
        if (row->names[i].first >= 0)
            ret[count++] =
                (struct name_mention){(uint32_t)row->names[i].first, (uint32_t)row->names[i].last,
                                      (uint8_t)row->names[i].type, row->names[i].cut};
    return count;
}

int ner_row_scene(const struct ner_row *row, const struct name_mention *mentions, size_t count)
{
    for (size_t i = 0; i < count && *row->scene; i++) {
        size_t size;
        const char *text = name_text(&row->tokens, &mentions[i], &size);
        if (name_type_is_place((enum name_type)mentions[i].type) && strlen(row->scene) == size &&
            !memcmp(row->scene, text, size))
            return (int)i;
    }
    return -1;
}
