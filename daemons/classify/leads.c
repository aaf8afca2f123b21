/* Going through the leads of an article. */
#include "classify/leads.h"

#include "libcommon/fields.h"

#include <errno.h>

static int put_topics(const struct leads_tools *tools, const struct field_value *title,
                      struct buffer *out)
{
    float shares[SUBJECT_OUTPUTS];
    if (language_identify(tools->language, title->data, title->size).language != LANGUAGE_ARABIC)
        return 0;
    tokens_clear(tools->tokens);
    int r = tokens_add(tools->tokens, PART_TITLE, title->data, title->size);
    if (r < 0)
        return r;
    size_t count = subject_keys(tools->tokens, tools->keys);
    if (subject_tell(tools->topics, tools->keys, count, shares))
        topics_put(shares, LEAD_TOPICS, out);
    return 0;
}

static int put_lead(const struct leads_tools *tools, const struct field_value *lead, bool tell,
                    struct buffer *out)
{
    struct field_value title;
    if (lead->type != FIELD_OBJECT)
        return -EBADMSG;
    size_t object = fields_open(out, FIELD_NONE, FIELD_OBJECT);
    buffer_append(out, lead->data, lead->size);
    int r = tell ? fields_find(lead->data, lead->size, FIELD_TITLE, &title) : 0;
    if (r == 1 && title.type == FIELD_TEXT)
        r = put_topics(tools, &title, out);
    fields_close(out, object);
    return r < 0 ? r : 0;
}

static int put_leads(const struct leads_tools *tools, const struct field_value *leads,
                     struct buffer *out)
{
    struct fields_cursor cursor = fields_inside(leads);
    struct field_value lead;
    size_t list = fields_open(out, FIELD_LEADS, FIELD_LIST);
    int r = 0, next;
    for (size_t i = 0; r == 0 && (next = fields_next(&cursor, &lead)) != 0; i++)
        r = next < 0 ? next : put_lead(tools, &lead, i < LEADS_TOLD, out);
    fields_close(out, list);
    return r;
}

int leads_tell(const struct leads_tools *tools, const void *article, size_t size,
               struct buffer *out)
{
    struct fields_cursor cursor = fields_read(article, size);
    struct field_value value;
    bool told = false;
    int r;
    buffer_clear(out);
    for (const char *start = cursor.at; (r = fields_next(&cursor, &value)) > 0; start = cursor.at) {
        bool leads = value.field == FIELD_LEADS && value.type == FIELD_LIST && !told;
        if (!leads)
            buffer_append(out, start, (size_t)(cursor.at - start));
        else if ((r = put_leads(tools, &value, out)) < 0)
            return r;
        told |= leads;
    }
    return r < 0 ? r : out->failed ? -ENOMEM : 0;
}
