/* One line of output as IPTC ninjs 3.0, strictly: nothing that its schema does not know.
 *
 * The object is the publisher's news item, so its times are the publisher's; where the page does
 * not say a full time with zone, versionCreated is when the document was accepted. What ninjs has
 * no place for (quotations, dates in the text, warnings) is left out. */
#include "libcommon/record.h"

#include "libcommon/json_writer.h"
#include "libcommon/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TOPIC_PREFIX "medtop:"
#define TOPIC_URI "http://cv.iptc.org/newscodes/mediatopic/"

/* The fields of the top level by name; type 0: absent. */
struct top {
    struct field_value field[FIELD_END_OF_NAMES];
};

static int collect(struct top *top, struct fields_run run)
{
    struct fields_cursor cursor = fields_read(run.data, run.size);
    struct field_value value;
    int r;
    while ((r = fields_next(&cursor, &value)) > 0) {
        if (!field_name(value.field) || top->field[value.field].type)
            continue;
        if (value.type != field_type(value.field))
            return -EBADMSG;
        top->field[value.field] = value;
    }
    return r;
}

/* As above, for one object of a list; fields of another type are passed over. */
static void collect_object(struct top *top, const struct field_value *object)
{
    struct fields_cursor cursor = fields_inside(object);
    struct field_value value;
    memset(top, 0, sizeof *top);
    while (fields_next(&cursor, &value) > 0)
        if (field_name(value.field) && value.type == field_type(value.field))
            top->field[value.field] = value;
}

static void put_text(struct buffer *line, const char *key, const struct field_value *text)
{
    if (!text->size)
        return;
    json_put_key(line, key);
    json_put_text(line, text->data, text->size);
}

static void put_string(struct buffer *line, const char *key, const char *string)
{
    json_put_key(line, key);
    json_put_string(line, string);
}

/* [{"role": role, "contentType": "text/plain", "value": text}], without the brackets */
static void put_value(struct buffer *line, const char *role, const struct field_value *text)
{
    json_open_object(line);
    put_string(line, "role", role);
    put_string(line, "contentType", "text/plain");
    put_text(line, "value", text);
    json_close_object(line);
}

static bool digits_at(const char *text, size_t at, size_t count)
{
    for (size_t i = at; i < at + count; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

/* Whether the text is a date-time of RFC 3339: a day, a time with seconds, a zone. */
static bool is_date_time(const char *text, size_t size)
{
    static const char form[] = "0000-00-00T00:00:00";
    size_t at = sizeof form - 1;
    if (size <= at)
        return false;
    for (size_t i = 0; i < at; i++)
        if (form[i] == '0' ? !digits_at(text, i, 1) : text[i] != form[i])
            return false;
    if (text[at] == '.') {
        size_t first = ++at;
        while (at < size && digits_at(text, at, 1))
            at++;
        if (at == first)
            return false;
    }
    if (at + 1 == size)
        return text[at] == 'Z';
    return size - at == 6 && (text[at] == '+' || text[at] == '-') && digits_at(text, at + 1, 2) &&
           text[at + 3] == ':' && digits_at(text, at + 4, 2);
}

static bool put_date_time(struct buffer *line, const char *key, const struct field_value *text)
{
    if (!text->size || !is_date_time(text->data, text->size))
        return false;
    put_text(line, key, text);
    return true;
}

static bool is_host_char(unsigned char c)
{
    return isalnum(c) || (c && strchr("-._~!$&'()*+,;=:@%", c));
}

/* Size of scheme, "://" and authority; 0 when the text does not begin like the address of a page.
 */
static size_t uri_prefix(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && (isalnum((unsigned char)text[at]) || (at && memchr("+-.", text[at], 3))))
        at++;
    if (!at || !isalpha((unsigned char)text[0]) || size - at < 4 ||
        memcmp(text + at, "://", 3) != 0)
        return 0;
    at += 3;
    size_t host = at;
    while (at < size && !memchr("/?#", text[at], 3))
        at++;
    size_t colon = at; /* behind the last colon there is a port */
    for (size_t i = host; i < at; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x80 && !is_host_char(c))
            return 0; /* a bracketed IPv6 address as well: no news site */
        if (c == '%' && (at - i < 3 || !isxdigit((unsigned char)text[i + 1]) ||
                         !isxdigit((unsigned char)text[i + 2])))
            return 0;
        if (c == ':')
            colon = i;
    }
    if (colon < at && !digits_at(text, colon + 1, at - colon - 1))
        return 0;
    return at > host ? at : 0;
}

/* Writes an address as a URI (RFC 3986): what may not stand there is percent-encoded. */
static void put_uri(struct buffer *line, const char *key, const char *text, size_t size,
                    size_t prefix)
{
    bool fragment = false;
    json_put_key(line, key);
    json_quote(line);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = isalnum(c) || (c && strchr("-._~!$&'()*+,;=:@/?", c)) ||
                     (c == '#' && !fragment && i >= prefix) ||
                     (c == '%' && size - i > 2 && isxdigit((unsigned char)text[i + 1]) &&
                      isxdigit((unsigned char)text[i + 2]));
        if (c >= 0x80)
            plain = false;
        fragment |= c == '#';
        if (plain)
            buffer_append_char(line, (char)c);
        else
            buffer_append_format(line, "%%%02X", c);
    }
    json_unquote(line);
}

static bool has_uri(const struct field_value *text)
{
    return text->size && uri_prefix(text->data, text->size);
}

static void put_address(struct buffer *line, const char *key, const struct field_value *text)
{
    put_uri(line, key, text->data, text->size, uri_prefix(text->data, text->size));
}

static size_t count_words(const char *text, size_t size)
{
    size_t count = 0;
    bool inside = false;
    for (size_t i = 0; i < size; i++) {
        bool space = text[i] == ' ' || text[i] == '\n' || text[i] == '\t';
        count += !space && !inside;
        inside = !space;
    }
    return count;
}

static void put_content(struct buffer *line, const struct top *top)
{
    const struct field_value *f = top->field, *body = &f[FIELD_BODY_TEXT];
    if (f[FIELD_TITLE].size || f[FIELD_KICKER].size) {
        json_put_key(line, "headlines");
        json_open_array(line);
        if (f[FIELD_TITLE].size)
            put_value(line, "main", &f[FIELD_TITLE]);
        if (f[FIELD_KICKER].size)
            put_value(line, "kicker", &f[FIELD_KICKER]);
        json_close_array(line);
    }
    if (f[FIELD_SUMMARY].size) {
        json_put_key(line, "descriptions");
        json_open_array(line);
        put_value(line, "summary", &f[FIELD_SUMMARY]);
        json_close_array(line);
    }
    if (body->size) {
        json_put_key(line, "bodies");
        json_open_array(line);
        json_open_object(line);
        put_string(line, "role", "main");
        put_string(line, "contentType", "text/plain");
        json_put_key(line, "charCount");
        json_put_unsigned(line, utf8_count(body->data, body->size));
        json_put_key(line, "wordCount");
        json_put_unsigned(line, count_words(body->data, body->size));
        put_text(line, "value", body);
        json_close_object(line);
        json_close_array(line);
    }
    put_text(line, "by", &f[FIELD_BYLINE]);
    put_text(line, "located", &f[FIELD_DATELINE]);
}

/* Calls put() on each object of a list, inside an array called key; absent when the list is. */
static void put_objects(struct buffer *line, const char *key, const struct field_value *list,
                        void (*put)(struct buffer *line, const struct top *object))
{
    struct fields_cursor cursor = fields_inside(list);
    struct field_value item;
    struct top object;
    if (!list->size)
        return;
    json_put_key(line, key);
    json_open_array(line);
    while (fields_next(&cursor, &item) > 0) {
        if (item.type != FIELD_OBJECT)
            continue;
        collect_object(&object, &item);
        put(line, &object);
    }
    json_close_array(line);
}

static void put_name(struct buffer *line, const struct top *object)
{
    json_open_object(line);
    put_text(line, "name", &object->field[FIELD_NAME]);
    put_string(line, "rel", "mentions");
    json_close_object(line);
}

static void put_place(struct buffer *line, const struct top *object)
{
    const struct field_value *f = object->field;
    json_open_object(line);
    put_text(line, "name", &f[FIELD_NAME]);
    put_string(line, "rel", f[FIELD_SCENE].integer ? "scene" : "mentions");
    if (f[FIELD_LAT].type && f[FIELD_LON].type && fabs(f[FIELD_LAT].real) <= 90 &&
        fabs(f[FIELD_LON].real) <= 180) { /* RFC 5870 */
        char uri[64];
        snprintf(uri, sizeof uri, "geo:%.5f,%.5f", f[FIELD_LAT].real, f[FIELD_LON].real);
        put_string(line, "uri", uri);
    }
    put_text(line, "literal", &f[FIELD_PLACE_ID]);
    json_close_object(line);
}

static int percent(double share)
{
    return share <= 0 || share != share ? 0 : share >= 1 ? 100 : (int)lround(share * 100);
}

static void put_topic(struct buffer *line, const struct top *object)
{
    const struct field_value *f = object->field, *code = &f[FIELD_CODE];
    const size_t skip = strlen(TOPIC_PREFIX);
    json_open_object(line);
    put_text(line, "name", &f[FIELD_NAME]);
    put_string(line, "rel", "about");
    if (code->size > skip && !memcmp(code->data, TOPIC_PREFIX, skip) &&
        digits_at(code->data, skip, code->size - skip)) {
        json_put_key(line, "uri");
        json_quote(line);
        buffer_append_string(line, TOPIC_URI);
        buffer_append(line, code->data + skip, code->size - skip);
        json_unquote(line);
    }
    put_text(line, "literal", code);
    put_string(line, "creator", "khabar");
    if (f[FIELD_CONFIDENCE].type) {
        json_put_key(line, "confidence");
        json_put_integer(line, percent(f[FIELD_CONFIDENCE].real));
    }
    json_close_object(line);
}

static void put_subject_name(struct buffer *line, const char *rel, const struct field_value *name)
{
    json_open_object(line);
    put_text(line, "name", name);
    put_string(line, "rel", rel);
    json_close_object(line);
}

static void put_subjects(struct buffer *line, const struct top *top)
{
    const struct field_value *topics = &top->field[FIELD_TOPICS];
    const struct field_value *section = &top->field[FIELD_SECTION];
    const struct field_value *keywords = &top->field[FIELD_KEYWORDS];
    struct field_value item;
    struct top object;
    if (!topics->size && !section->size && !keywords->size)
        return;
    json_put_key(line, "subjects");
    json_open_array(line);
    struct fields_cursor cursor = fields_inside(topics);
    while (fields_next(&cursor, &item) > 0) {
        if (item.type != FIELD_OBJECT)
            continue;
        collect_object(&object, &item);
        put_topic(line, &object);
    }
    if (section->size)
        put_subject_name(line, "section", section);
    cursor = fields_inside(keywords);
    while (fields_next(&cursor, &item) > 0)
        if (item.type == FIELD_TEXT)
            put_subject_name(line, "keyword", &item);
    json_close_array(line);
}

static void put_event(struct buffer *line, const struct field_value *event)
{
    struct top object;
    if (!event->size)
        return;
    collect_object(&object, event);
    const struct field_value *type = &object.field[FIELD_EVENT_TYPE];
    if (!type->size)
        return;
    json_put_key(line, "events");
    json_open_array(line);
    json_open_object(line);
    put_text(line, "name", type);
    put_string(line, "rel", "reports");
    json_put_key(line, "literal");
    json_quote(line);
    buffer_append_string(line, "plover:");
    json_put_piece(line, type->data, type->size);
    json_unquote(line);
    json_close_object(line);
    json_close_array(line);
}

static void put_source(struct buffer *line, const char *role, const struct field_value *name)
{
    if (!name->size)
        return;
    json_open_object(line);
    put_text(line, "name", name);
    put_string(line, "role", role);
    json_close_object(line);
}

static void put_sources(struct buffer *line, const struct top *top)
{
    const struct field_value *f = top->field;
    const struct field_value *site =
        f[FIELD_SITE_NAME].size ? &f[FIELD_SITE_NAME] : &f[FIELD_SOURCE];
    if (!site->size && !f[FIELD_AGENCY].size)
        return;
    json_put_key(line, "infoSources");
    json_open_array(line);
    put_source(line, "publisher", site);
    put_source(line, "agency", &f[FIELD_AGENCY]);
    json_close_array(line);
}

static void put_rendition(struct buffer *line, const char *name, const struct field_value *address)
{
    json_put_key(line, "renditions");
    json_open_array(line);
    json_open_object(line);
    put_string(line, "name", name);
    put_address(line, "href", address);
    json_close_object(line);
    json_close_array(line);
}

static void put_lead(struct buffer *line, const char *id, size_t number, const struct top *lead)
{
    const struct field_value *f = lead->field;
    json_open_object(line);
    json_put_key(line, "name");
    json_put_text(line, f[FIELD_TITLE].data, f[FIELD_TITLE].size);
    put_text(line, "rel", &f[FIELD_ROLE]);
    if (has_uri(&f[FIELD_URL])) {
        put_address(line, "uri", &f[FIELD_URL]);
    } else {
        json_put_key(line, "uri");
        json_quote(line);
        buffer_append_format(line, "urn:khabar:%s#lead-%zu", id, number);
        json_unquote(line);
    }
    put_string(line, "type", "text");
    put_string(line, "representationType", "partial");
    put_date_time(line, "versionCreated", &f[FIELD_PUBLISHED_AT]);
    json_put_key(line, "headlines");
    json_open_array(line);
    put_value(line, "main", &f[FIELD_TITLE]);
    json_close_array(line);
    json_close_object(line);
}

static void put_picture(struct buffer *line, const struct field_value *address)
{
    json_open_object(line);
    put_string(line, "name", "image");
    put_string(line, "rel", "main");
    put_address(line, "uri", address);
    put_string(line, "type", "picture");
    put_rendition(line, "original", address);
    json_close_object(line);
}

static void put_duplicate(struct buffer *line, const struct field_value *id)
{
    json_open_object(line);
    put_string(line, "name", "duplicate_of");
    put_string(line, "rel", "duplicate_of");
    json_put_key(line, "uri");
    json_quote(line);
    buffer_append_string(line, "urn:khabar:");
    json_put_piece(line, id->data, id->size);
    json_unquote(line);
    json_close_object(line);
}

static void put_associations(struct buffer *line, const char *id, const struct top *top)
{
    const struct field_value *image = &top->field[FIELD_IMAGE];
    const struct field_value *duplicate = &top->field[FIELD_DUPLICATE_OF];
    bool picture = has_uri(image);
    struct fields_cursor cursor = fields_inside(&top->field[FIELD_LEADS]);
    struct field_value item;
    struct top lead;
    size_t number = 0;
    if (!picture && !duplicate->size && !top->field[FIELD_LEADS].size)
        return;
    json_put_key(line, "associations");
    json_open_array(line);
    if (picture)
        put_picture(line, image);
    if (duplicate->size)
        put_duplicate(line, duplicate);
    while (fields_next(&cursor, &item) > 0) {
        if (item.type != FIELD_OBJECT)
            continue;
        number++;
        collect_object(&lead, &item);
        if (lead.field[FIELD_TITLE].size)
            put_lead(line, id, number, &lead);
    }
    json_close_array(line);
}

static void put_ids(struct buffer *line, const struct top *top)
{
    static const struct {
        enum field field;
        const char *role;
    } ids[] = {
        {FIELD_FEEDER_ID,   "feeder_id"  },
        {FIELD_URL,         "url"        },
        {FIELD_DIGEST,      "digest"     },
        {FIELD_FINGERPRINT, "fingerprint"},
        {FIELD_STORY,       "story"      }
    };
    bool open = false;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const struct field_value *value = &top->field[ids[i].field];
        if (!value->size)
            continue;
        if (!open) {
            json_put_key(line, "altIds");
            json_open_array(line);
            open = true;
        }
        json_open_object(line);
        put_string(line, "role", ids[i].role);
        put_text(line, "value", value);
        json_close_object(line);
    }
    if (open)
        json_close_array(line);
}

static void put_times(struct buffer *line, const struct record *record, const struct top *top)
{
    const struct field_value *f = top->field;
    bool published = put_date_time(line, "firstCreated", &f[FIELD_PUBLISHED_AT]);
    if (put_date_time(line, "versionCreated", &f[FIELD_UPDATED_AT]) ||
        (published && put_date_time(line, "versionCreated", &f[FIELD_PUBLISHED_AT])))
        return;
    int64_t received = record->received_at ? record->received_at : f[FIELD_RECEIVED_AT].integer;
    if (!received)
        return;
    json_put_key(line, "versionCreated");
    json_put_time(line, received);
}

static void put_standard(struct buffer *line)
{
    json_put_key(line, "standard");
    json_open_object(line);
    put_string(line, "name", "ninjs");
    put_string(line, "version", "3.0");
    put_string(line, "schema", "http://www.iptc.org/std/ninjs/ninjs-schema_3.0.json#");
    json_close_object(line);
}

static void put_item(struct buffer *line, const struct record *record, const char *id,
                     const struct top *top)
{
    const struct field_value *f = top->field;
    const struct field_value *page =
        has_uri(&f[FIELD_CANONICAL_URL]) ? &f[FIELD_CANONICAL_URL] : &f[FIELD_URL];
    json_open_object(line);
    json_put_key(line, "uri"); /* first in the line: record_identity() */
    json_quote(line);
    buffer_append_string(line, "urn:khabar:");
    buffer_append_string(line, id);
    json_unquote(line);
    put_string(line, "type", "text");
    put_string(line, "representationType", f[FIELD_PAYWALL].integer ? "partial" : "full");
    if (f[FIELD_VERSION].type) {
        json_put_key(line, "version");
        json_quote(line);
        buffer_append_format(line, "%lld", (long long)f[FIELD_VERSION].integer);
        json_unquote(line);
    }
    put_times(line, record, top);
    put_string(line, "pubStatus", "usable");
    put_text(line, "language", &f[FIELD_LANGUAGE]);
    put_content(line, top);
    put_objects(line, "people", &f[FIELD_PEOPLE], put_name);
    put_objects(line, "organisations", &f[FIELD_ORGANISATIONS], put_name);
    put_objects(line, "places", &f[FIELD_PLACES], put_place);
    put_subjects(line, top);
    put_event(line, &f[FIELD_EVENT]);
    put_sources(line, top);
    if (has_uri(page))
        put_rendition(line, "web", page);
    put_associations(line, id, top);
    put_ids(line, top);
    put_standard(line);
    json_close_object(line);
    buffer_append_char(line, '\n');
}

int record_write_ninjs(const struct record *record, struct buffer *line)
{
    const struct fields_run runs[] = {record->document, record->article, record->labels,
                                      record->seen};
    struct top top = {0};
    char id[RECORD_ID_SIZE];
    size_t start = line->size;
    int r = record_id(record, id);
    for (size_t i = 0; i < sizeof runs / sizeof *runs && r == 0; i++)
        r = collect(&top, runs[i]);
    if (r < 0)
        return r;
    put_item(line, record, id, &top);
    if (line->failed) {
        line->size = start;
        return -ENOMEM;
    }
    return 0;
}
