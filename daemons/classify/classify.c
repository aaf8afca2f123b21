/* Article in, labels out: the steps of classify, in order. */
#include "classify/classify.h"

#include "classify/event.h"
#include "classify/fingerprint.h"
#include "classify/language.h"
#include "classify/leads.h"
#include "classify/names.h"
#include "classify/places.h"
#include "classify/prose.h"
#include "classify/scene.h"
#include "classify/tokens.h"
#include "classify/subject.h"
#include "classify/topic.h"
#include "libcommon/fields.h"
#include "libcommon/utf8.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_LINES = 512 };

struct classifier {
    struct language_model *language;
    struct gazetteer *gazetteer;
    struct names_model *names;
    struct scene_model *scene;
    struct subject_model *topics, *events;
};

struct classify_scratch {
    struct tokens tokens;
    struct language_line lines[MAX_LINES]; /* of the text; of the headline where there is none */
    size_t line_count;
    bool prose[NAME_WORDS];
    struct names_scratch *names;
    struct entities entities;
    struct subject_key keys[SUBJECT_KEYS];
};

/* What the steps read of an article; texts are borrowed from the section. */
struct subject {
    struct field_value title, section, text;
};

static int open_models(struct classifier *c, const char *dir, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/language.model", dir);
    int r = language_model_open(path, &c->language);
    if (r < 0)
        return r;
    snprintf(path, PATH_MAX, "%s/places.model", dir);
    r = gazetteer_open(path, &c->gazetteer);
    if (r < 0)
        return r;
    snprintf(path, PATH_MAX, "%s/names.model", dir);
    r = names_model_open(path, &c->names);
    if (r < 0)
        return r;
    snprintf(path, PATH_MAX, "%s/scene.model", dir);
    r = scene_model_open(path, &c->scene);
    if (r < 0)
        return r;
    snprintf(path, PATH_MAX, "%s/topic.model", dir);
    r = subject_model_open(path, MODEL_TOPIC, &c->topics);
    if (r < 0)
        return r;
    snprintf(path, PATH_MAX, "%s/event.model", dir);
    return subject_model_open(path, MODEL_EVENT, &c->events);
}

int classifier_new(const char *models_dir, struct classifier **ret, const char **ret_path)
{
    static _Thread_local char path[PATH_MAX]; /* of the model that failed, until the next call */
    struct classifier *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    int r = open_models(c, models_dir, path);
    if (r < 0) {
        *ret_path = path;
        classifier_free(c);
        return r;
    }
    *ret = c;
    return 0;
}

struct classifier *classifier_free(struct classifier *c)
{
    if (c) {
        language_model_close(c->language);
        gazetteer_close(c->gazetteer);
        names_model_close(c->names);
        scene_model_close(c->scene);
        subject_model_close(c->topics);
        subject_model_close(c->events);
    }
    free(c);
    return NULL;
}

int classify_scratch_new(struct classify_scratch **ret)
{
    struct classify_scratch *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    int r = names_scratch_new(&s->names);
    if (r < 0) {
        free(s);
        return r;
    }
    *ret = s;
    return 0;
}

struct classify_scratch *classify_scratch_free(struct classify_scratch *s)
{
    if (s) {
        tokens_free(&s->tokens);
        names_scratch_free(s->names);
    }
    free(s);
    return NULL;
}

static int read_subject(const void *article, size_t size, struct subject *ret)
{
    struct fields_cursor cursor = fields_read(article, size);
    struct field_value value;
    int r;
    *ret = (struct subject){0};
    while ((r = fields_next(&cursor, &value)) > 0) {
        if (value.type != FIELD_TEXT)
            continue;
        if (value.field == FIELD_TITLE)
            ret->title = value;
        else if (value.field == FIELD_SECTION)
            ret->section = value;
        else if (value.field == FIELD_BODY_TEXT)
            ret->text = value;
    }
    return r;
}

/* Neighbouring paragraphs of one language are said together, as sure as the least sure of them. */
static void put_paragraphs(const struct field_value *text, const struct language_line *lines,
                           size_t count, struct buffer *labels)
{
    size_t list = fields_open(labels, FIELD_LANGUAGES, FIELD_LIST), at = 0, code_points = 0;
    for (size_t i = 0, next; i < count; i = next) {
        struct language_guess run = lines[i].guess;
        for (next = i + 1; next < count && lines[next].guess.language == run.language; next++)
            if (lines[next].guess.confidence < run.confidence)
                run.confidence = lines[next].guess.confidence;
        size_t object = fields_open(labels, FIELD_NONE, FIELD_OBJECT);
        fields_put_string(labels, FIELD_LANGUAGE, language_tag(run.language));
        fields_put_real(labels, FIELD_CONFIDENCE, run.confidence);
        fields_put_string(labels, FIELD_SCRIPT, script_code(run.script));
        code_points += utf8_count(text->data + at, lines[i].start - at);
        fields_put_integer(labels, FIELD_START, (int64_t)code_points);
        at = lines[next - 1].end;
        code_points += utf8_count(text->data + lines[i].start, at - lines[i].start);
        fields_put_integer(labels, FIELD_END, (int64_t)code_points);
        fields_close(labels, object);
    }
    fields_close(labels, list);
}

/* The text's language, or without a text the headline's; of each paragraph too where they differ.
 */
static enum language put_language(const struct classifier *c, struct classify_scratch *scratch,
                                  const struct subject *s, struct buffer *labels)
{
    const struct field_value *text = s->text.size ? &s->text : &s->title;
    struct language_guess guess;
    bool differ;
    scratch->line_count = language_identify_lines(c->language, text->data, text->size, &guess,
                                                  scratch->lines, MAX_LINES, &differ);
    fields_put_string(labels, FIELD_LANGUAGE, language_tag(guess.language));
    fields_put_real(labels, FIELD_LANGUAGE_CONFIDENCE, guess.confidence);
    fields_put_string(labels, FIELD_SCRIPT, script_code(guess.script));
    if (differ && s->text.size)
        put_paragraphs(text, scratch->lines, scratch->line_count, labels);
    return guess.language;
}

/* Topics and the event of an Arabic article; of another, the topic that its section names. */
static void put_subject(const struct classifier *c, struct classify_scratch *scratch,
                        const struct subject *s, enum language language, struct buffer *labels)
{
    int section = topic_of_section(s->section.data, s->section.size);
    float shares[SUBJECT_OUTPUTS];
    if (language != LANGUAGE_ARABIC) {
        subject_of_section(c->topics, section, shares);
        topics_put(shares, TOPIC_COUNT, labels);
        return;
    }
    size_t count = subject_keys(&scratch->tokens, scratch->keys);
    if (subject_tell(c->topics, scratch->keys, count, shares)) {
        if (section >= 0)
            subject_weigh_section(c->topics, section, shares);
        topics_put(shares, TOPIC_COUNT, labels);
    }
    if (subject_tell(c->events, scratch->keys, count, shares))
        event_put(shares, subject_least(c->events), labels);
}

/* Of what is written in Arabic: the tagger knows no other language. */
static void put_names(const struct classifier *c, struct classify_scratch *s,
                      const struct subject *subject, enum language language, struct buffer *labels)
{
    const struct name_mention *mentions;
    enum language headline = language;
    if (language != LANGUAGE_ARABIC && subject->text.size)
        headline =
            language_identify(c->language, subject->title.data, subject->title.size).language;
    if (!prose_mark(&s->tokens, headline, language, s->lines,
                    subject->text.size ? s->line_count : 0, s->prose))
        return;
    size_t count = names_find(c->names, c->gazetteer, s->names, &s->tokens, s->prose, &mentions);
    entities_find(c->gazetteer, c->scene, &s->tokens, names_words(s->names), mentions, count,
                  &s->entities);
    entities_put(&s->entities, labels);
}

static void put_fingerprint(const struct tokens *tokens, struct buffer *labels)
{
    struct fingerprint fingerprint;
    fingerprint_make(tokens, &fingerprint);
    fields_put_string(labels, FIELD_FINGERPRINT, fingerprint.hex);
    fields_put_text(labels, FIELD_MINHASH, (const char *)fingerprint.minhash.bins, MINHASH_BINS);
}

int classify_article(const struct classifier *c, struct classify_scratch *scratch,
                     const void *document, size_t document_size, const void *article,
                     size_t article_size, struct buffer *labels)
{
    (void)document;
    (void)document_size;
    struct subject subject;
    int r = read_subject(article, article_size, &subject);
    if (r < 0)
        return r;
    struct tokens *tokens = &scratch->tokens;
    tokens_clear(tokens);
    r = tokens_add(tokens, PART_TITLE, subject.title.data, subject.title.size);
    if (r == 0)
        r = tokens_add(tokens, PART_BODY, subject.text.data, subject.text.size);
    if (r < 0)
        return r;
    enum language language = put_language(c, scratch, &subject, labels);
    put_subject(c, scratch, &subject, language, labels);
    put_names(c, scratch, &subject, language, labels);
    put_fingerprint(tokens, labels);
    return labels->failed ? -ENOMEM : 0;
}

int classify_leads(const struct classifier *c, struct classify_scratch *scratch,
                   const void *article, size_t article_size, struct buffer *ret_article)
{
    const struct leads_tools tools = {c->language, c->topics, &scratch->tokens, scratch->keys};
    return leads_tell(&tools, article, article_size, ret_article);
}
