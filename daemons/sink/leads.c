/* Matching leads to articles that were seen. */
#include "sink/leads.h"

#include "libcommon/fields.h"
#include "libcommon/message.h"

#include <errno.h>

/* What is known of the leads, by their place in the list. */
struct matches {
    struct seen_answer of[LEADS_MATCHED];
    bool seen[LEADS_MATCHED];
    size_t count;
};

static int read_lead(const struct field_value *item, struct seen_lead *ret)
{
    struct fields_cursor cursor = fields_inside(item);
    struct field_value value;
    int r;
    *ret = (struct seen_lead){0};
    while ((r = fields_next(&cursor, &value)) > 0) {
        if (value.type != FIELD_TEXT)
            continue;
        if (value.field == FIELD_URL) {
            ret->url = value.data;
            ret->url_size = value.size;
        } else if (value.field == FIELD_TITLE) {
            ret->title = value.data;
            ret->title_size = value.size;
        }
    }
    return r;
}

static int look_up(struct seen *seen, const struct seen_document *document,
                   const struct field_value *leads, struct matches *ret)
{
    struct fields_cursor cursor = fields_inside(leads);
    struct field_value item;
    int r = 0;
    ret->count = 0;
    for (size_t i = 0; i < LEADS_MATCHED && (r = fields_next(&cursor, &item)) > 0; i++) {
        struct seen_lead lead;
        r = item.type == FIELD_OBJECT ? read_lead(&item, &lead) : -EBADMSG;
        if (r == 0)
            r = seen_find_lead(seen, document, &lead, &ret->of[i]);
        if (r < 0)
            return r;
        ret->seen[i] = r > 0;
        ret->count += r > 0;
    }
    return r < 0 ? r : 0;
}

static void put_lead(const struct field_value *item, const struct seen_answer *match,
                     struct buffer *out)
{
    char id[MESSAGE_ID_SIZE];
    size_t object = fields_open(out, FIELD_NONE, FIELD_OBJECT);
    buffer_append(out, item->data, item->size);
    if (match) {
        message_id(match->of_spool, match->of_seq, id);
        fields_put_string(out, FIELD_ID, id);
        message_id(match->story_spool, match->story_seq, id);
        fields_put_string(out, FIELD_STORY, id);
    }
    fields_close(out, object);
}

static void put_leads(const struct field_value *leads, const struct matches *matches,
                      struct buffer *out)
{
    struct fields_cursor cursor = fields_inside(leads);
    struct field_value item;
    size_t list = fields_open(out, FIELD_LEADS, FIELD_LIST);
    for (size_t i = 0; fields_next(&cursor, &item) > 0; i++)
        put_lead(&item, i < LEADS_MATCHED && matches->seen[i] ? &matches->of[i] : NULL, out);
    fields_close(out, list);
}

/* The article's fields, with other leads. */
static int put_article(const struct record *record, const struct matches *matches,
                       struct buffer *out)
{
    struct fields_cursor cursor = fields_read(record->article.data, record->article.size);
    struct field_value value;
    bool done = false;
    buffer_clear(out);
    for (;;) {
        const char *start = cursor.at;
        int r = fields_next(&cursor, &value);
        if (r <= 0)
            return r;
        if (value.field == FIELD_LEADS && !done)
            put_leads(&value, matches, out);
        else
            buffer_append(out, start, (size_t)(cursor.at - start));
        done |= value.field == FIELD_LEADS;
    }
}

int leads_match(struct seen *seen, const struct seen_document *document,
                const struct record *record, struct buffer *article)
{
    struct field_value leads;
    struct matches matches;
    int r = fields_find(record->article.data, record->article.size, FIELD_LEADS, &leads);
    if (r <= 0 || leads.type != FIELD_LIST)
        return r < 0 ? r : 0;
    r = look_up(seen, document, &leads, &matches);
    if (r < 0 || !matches.count)
        return r;
    r = put_article(record, &matches, article);
    return r < 0 ? r : article->failed ? -ENOMEM : 1;
}
