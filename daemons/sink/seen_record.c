/* What was seen before, as fields of a record. */
#include "sink/seen.h"

#include "libcommon/message.h"

#include <errno.h>

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_fingerprint(const struct field_value *text, uint8_t ret[16])
{
    if (text->type != FIELD_TEXT || text->size != 32)
        return false;
    for (size_t i = 0; i < 16; i++) {
        int high = hex_digit(text->data[2 * i]), low = hex_digit(text->data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

int seen_document_read(const struct record *record, uint64_t floor, struct seen_document *ret)
{
    struct field_value field;
    *ret = (struct seen_document){.spool = record->spool, .seq = record->seq, .floor = floor};
    int r = fields_find(record->labels.data, record->labels.size, FIELD_FINGERPRINT, &field);
    if (r > 0)
        ret->has_text = read_fingerprint(&field, ret->fingerprint);
    if (r >= 0)
        r = fields_find(record->labels.data, record->labels.size, FIELD_MINHASH, &field);
    if (r > 0 && field.type == FIELD_TEXT && field.size == sizeof *ret->minhash)
        ret->minhash = (const struct minhash *)(const void *)field.data; /* bytes: no alignment */
    if (r >= 0)
        r = fields_find(record->article.data, record->article.size, FIELD_TITLE, &field);
    if (r > 0 && field.type == FIELD_TEXT) {
        ret->title = field.data;
        ret->title_size = field.size;
    }
    if (r >= 0)
        r = fields_find(record->article.data, record->article.size, FIELD_CANONICAL_URL, &field);
    if (r == 0)
        r = fields_find(record->document.data, record->document.size, FIELD_URL, &field);
    if (r > 0 && field.type == FIELD_TEXT) {
        ret->url = field.data;
        ret->url_size = field.size;
    }
    return r < 0 ? r : 0;
}

void seen_answer_write(const struct seen_answer *answer, struct buffer *fields)
{
    char id[MESSAGE_ID_SIZE];
    if (answer->kind == SEEN_EXACT || answer->kind == SEEN_NEAR) {
        message_id(answer->of_spool, answer->of_seq, id);
        fields_put_string(fields, FIELD_DUPLICATE_OF, id);
        fields_put_real(fields, FIELD_SIMILARITY,
                        (double)(int)(answer->similarity * 1000 + 0.5) / 1000);
    }
    message_id(answer->story_spool, answer->story_seq, id);
    fields_put_string(fields, FIELD_STORY, id);
    if (answer->version)
        fields_put_integer(fields, FIELD_VERSION, answer->version);
    if (answer->kind == SEEN_VERSION)
        fields_put_real(fields, FIELD_CHANGED,
                        (double)(int)((1 - answer->similarity) * 1000 + 0.5) / 1000);
}
