/* Fields of a record: their names, and their compact form. */
#include "libcommon/fields.h"

#include "libcommon/utf8.h"

#include <errno.h>
#include <string.h>

enum { HEAD = 8, MAX_DEPTH = 8 };

static const struct {
    const char *name, *meaning;
    enum field_type type;
} table[FIELD_END_OF_NAMES] = {
    [FIELD_SCHEMA] = {"schema",              "version of the record's form: khabar/1",                   FIELD_TEXT   },
    [FIELD_ID] = {"id",
                      "stable id: spool identity and sequence number; without a spool, from the digest",
                      FIELD_TEXT                                                                                      },
    [FIELD_SEQ] = {"seq",                 "sequence number that the document was accepted under",     FIELD_INTEGER},
    [FIELD_LANE] = {"lane",                "the lane that wrote the record",                           FIELD_TEXT   },
    [FIELD_FEEDER] = {"feeder",              "who handed the document in",                               FIELD_TEXT   },
    [FIELD_FEEDER_ID] = {"feeder_id",           "the feeder's own id of the document",                      FIELD_TEXT   },
    [FIELD_SOURCE] = {"source",              "the site, by name",                                        FIELD_TEXT   },
    [FIELD_URL] = {"url",                 "address that the feeder gave",                             FIELD_TEXT   },
    [FIELD_CANONICAL_URL] = {"canonical_url",       "address that the page gives for itself",                   FIELD_TEXT   },
    [FIELD_RECEIVED_AT] = {"received_at",         "when the document was accepted",                           FIELD_TIME   },
    [FIELD_FETCHED_AT] = {"fetched_at",          "when the feeder fetched the page",                         FIELD_TIME   },
    [FIELD_CONTENT_TYPE] = {"content_type",        "media type of the bytes handed in",                        FIELD_TEXT   },
    [FIELD_CHARSET] = {"charset",             "encoding that the bytes were read as",                     FIELD_TEXT   },
    [FIELD_BYTES] = {"bytes",               "size of what was handed in",                               FIELD_INTEGER},
    [FIELD_DIGEST] = {"digest",              "sha256: of the bytes handed in, in hex",                   FIELD_TEXT   },
    [FIELD_TITLE] = {"title",               "headline of the article",                                  FIELD_TEXT   },
    [FIELD_KICKER] = {"kicker",              "line over the headline",                                   FIELD_TEXT   },
    [FIELD_SECTION] = {"section",             "section of the site, as the page has it",                  FIELD_TEXT   },
    [FIELD_PUBLISHED_AT] =
        {"published_at",
                      "time of publication, RFC 3339; without offset when no zone is known; only as "
         "much of it as published_precision says",                                                       FIELD_TEXT   },
    [FIELD_PUBLISHED_TEXT] = {"published_text",      "what published_at was read from",                          FIELD_TEXT   },
    [FIELD_PUBLISHED_PRECISION] = {"published_precision",
                      "second, minute, hour, day, month or year",                                        FIELD_TEXT   },
    [FIELD_UPDATED_AT] = {"updated_at",          "time of the last change, in the form of published_at",
                      FIELD_TEXT                                                                                      },
    [FIELD_BYLINE] = {"byline",              "who wrote the article",                                    FIELD_TEXT   },
    [FIELD_AGENCY] = {"agency",              "news agency that the article is from",                     FIELD_TEXT   },
    [FIELD_DATELINE] = {"dateline",            "place that the article is dated from",                     FIELD_TEXT   },
    [FIELD_SUMMARY] = {"summary",             "summary or standfirst that the page gives",                FIELD_TEXT   },
    [FIELD_BODY_TEXT] = {"text",                "paragraphs of the article, parted by a blank line; NFC",
                      FIELD_TEXT                                                                                      },
    [FIELD_IMAGE] = {"image",               "address of the main picture",                              FIELD_TEXT   },
    [FIELD_QUOTES] = {"quotes",              "quotations in text, in order",                             FIELD_LIST   },
    [FIELD_SPEAKER] = {"speaker",             "who is quoted",                                            FIELD_TEXT   },
    [FIELD_VERB] = {"verb",                "word of speech that introduces the quotation",             FIELD_TEXT   },
    [FIELD_DATES] = {"dates",               "dates and times named in text, in order",                  FIELD_LIST   },
    [FIELD_VALUE] = {"value",               "what the words mean, ISO 8601",                            FIELD_TEXT   },
    [FIELD_LEADS] = {"leads",               "headlines on the page that belong to other stories",       FIELD_LIST   },
    [FIELD_ROLE] = {"role",                "ticker or related",                                        FIELD_TEXT   },
    [FIELD_START] = {"start",               "offset of the first code point in text",                   FIELD_INTEGER},
    [FIELD_END] = {"end",                 "offset behind the last code point in text",                FIELD_INTEGER},
    [FIELD_TEXT_READ] = {"text",                "the words themselves",                                     FIELD_TEXT   },
    [FIELD_KEYWORDS] = {"keywords",            "tags that the page gives",                                 FIELD_LIST   },
    [FIELD_ENTRIES] = {"entries",             "entries of a live blog, newest as the page has them",
                      FIELD_LIST                                                                                      },
    [FIELD_PAYWALL] = {"paywall",             "the page says that it is not free to read",                FIELD_FLAG   },
    [FIELD_SITE_NAME] = {"site_name",           "name that the page gives to its site",                     FIELD_TEXT   },
    [FIELD_INTRODUCTION] = {"introduction",
                      "all words that introduce the quotation, as the page has them",                    FIELD_TEXT   },
    [FIELD_PARAGRAPHS] = {"paragraphs",
                      "what the article is made of, in order: the paragraphs of text and the captions between them",
                                                                                                         FIELD_LIST   },
    [FIELD_LANGUAGE] = {"language",            "BCP 47 tag of the article",                                FIELD_TEXT   },
    [FIELD_LANGUAGE_CONFIDENCE] = {"language_confidence", "0 to 1",                                                   FIELD_REAL   },
    [FIELD_LANGUAGES] = {"languages",           "language of each paragraph, where they differ",            FIELD_LIST   },
    [FIELD_SCRIPT] = {"script",              "ISO 15924 code of most letters",                           FIELD_TEXT   },
    [FIELD_TOPICS] = {"topics",              "IPTC Media Topics, best first",                            FIELD_LIST   },
    [FIELD_CODE] = {"code",                "medtop: and the topic's number",                           FIELD_TEXT   },
    [FIELD_NAME] = {"name",                "name",                                                     FIELD_TEXT   },
    [FIELD_NAME_AR] = {"name_ar",             "name in Arabic",                                           FIELD_TEXT   },
    [FIELD_CONFIDENCE] = {"confidence",          "0 to 1, calibrated",                                       FIELD_REAL   },
    [FIELD_EVENT] = {"event",               "what is reported, as a PLOVER category",                   FIELD_OBJECT },
    [FIELD_EVENT_TYPE] = {"type",                "the category",                                             FIELD_TEXT   },
    [FIELD_PLACES] = {"places",              "places named, most mentioned first",                       FIELD_LIST   },
    [FIELD_PLACE_ID] = {"id",                  "id in the gazetteer",                                      FIELD_TEXT   },
    [FIELD_KIND] = {"kind",                "country, region, city, town, site",                        FIELD_TEXT   },
    [FIELD_COUNTRY] = {"country",             "ISO 3166-1 alpha-2",                                       FIELD_TEXT   },
    [FIELD_LAT] = {"lat",                 "degrees north, WGS 84",                                    FIELD_REAL   },
    [FIELD_LON] = {"lon",                 "degrees east, WGS 84",                                     FIELD_REAL   },
    [FIELD_MENTIONS] = {"mentions",            "how often it is named",                                    FIELD_INTEGER},
    [FIELD_OFFSETS] = {"offsets",             "where in text it is named, in code points",                FIELD_LIST   },
    [FIELD_SCENE] = {"scene",               "the place where the main event happens",                   FIELD_FLAG   },
    [FIELD_PEOPLE] = {"people",              "people named, most mentioned first",                       FIELD_LIST   },
    [FIELD_ORGANISATIONS] = {"organisations",       "organisations named, most mentioned first",
                      FIELD_LIST                                                                                      },
    [FIELD_FINGERPRINT] = {"fingerprint",         "hash of the normalised text; equal texts, equal hash",
                      FIELD_TEXT                                                                                      },
    [FIELD_DUPLICATE_OF] = {"duplicate_of",        "id of the record that this one repeats",                   FIELD_TEXT   },
    [FIELD_SIMILARITY] = {"similarity",          "Jaccard similarity to duplicate_of, estimated",
                      FIELD_REAL                                                                                      },
    [FIELD_STORY] = {"story",               "id that all copies of a story share",                      FIELD_TEXT   },
    [FIELD_VERSION] = {"version",             "which version of the page this is, from 1",                FIELD_INTEGER},
    [FIELD_CHANGED] = {"changed",             "share of the text that changed since the last version",
                      FIELD_REAL                                                                                      },
    [FIELD_MINHASH] = {"minhash",             "signature of the text, for the duplicate index",           FIELD_TEXT   },
    [FIELD_WARNINGS] = {"warnings",            "what was odd about the document",                          FIELD_LIST   },
    [FIELD_REJECT] = {"reject",              "why the document did not become a record",                 FIELD_TEXT   },
    [FIELD_DETAIL] = {"detail",              "more about the reason",                                    FIELD_TEXT   },
    [FIELD_STAGE] = {"stage",               "stage that rejected the document",                         FIELD_TEXT   },
    [FIELD_ATTEMPTS] = {"attempts",            "how often the document was tried",                         FIELD_INTEGER},
    [FIELD_BODY_BASE64] = {"body_base64",         "the bytes handed in, base64 (RFC 4648)",                   FIELD_TEXT   },
};

static bool named(enum field field)
{
    return (unsigned)field < FIELD_END_OF_NAMES && table[field].name;
}

const char *field_name(enum field field)
{
    return named(field) ? table[field].name : NULL;
}

const char *field_meaning(enum field field)
{
    return named(field) ? table[field].meaning : NULL;
}

enum field_type field_type(enum field field)
{
    return named(field) ? table[field].type : 0;
}

static void put(struct buffer *b, enum field field, enum field_type type, const void *data,
                size_t size)
{
    if (size > UINT32_MAX) {
        b->failed = true;
        return;
    }
    buffer_reserve(b, HEAD + size);
    if (b->failed)
        return;
    uint16_t name = (uint16_t)field;
    uint32_t length = (uint32_t)size;
    char *at = b->data + b->size;
    memcpy(at, &name, 2);
    at[2] = (char)type;
    at[3] = 0;
    memcpy(at + 4, &length, 4);
    if (size)
        memcpy(at + HEAD, data, size);
    b->size += HEAD + size;
}

void fields_put_text(struct buffer *b, enum field field, const char *text, size_t size)
{
    if (size)
        put(b, field, FIELD_TEXT, text, size);
}

void fields_put_string(struct buffer *b, enum field field, const char *string)
{
    if (string)
        fields_put_text(b, field, string, strlen(string));
}

void fields_put_integer(struct buffer *b, enum field field, int64_t value)
{
    put(b, field, FIELD_INTEGER, &value, sizeof value);
}

void fields_put_real(struct buffer *b, enum field field, double value)
{
    put(b, field, FIELD_REAL, &value, sizeof value);
}

void fields_put_flag(struct buffer *b, enum field field, bool value)
{
    uint8_t flag = value;
    put(b, field, FIELD_FLAG, &flag, sizeof flag);
}

void fields_put_time(struct buffer *b, enum field field, int64_t microseconds)
{
    put(b, field, FIELD_TIME, &microseconds, sizeof microseconds);
}

size_t fields_open(struct buffer *b, enum field field, enum field_type type)
{
    size_t mark = b->size;
    put(b, field, type, NULL, 0);
    return mark;
}

void fields_close(struct buffer *b, size_t mark)
{
    if (b->failed)
        return;
    size_t size = b->size - mark - HEAD;
    if (size > UINT32_MAX) {
        b->failed = true;
        return;
    }
    uint32_t length = (uint32_t)size;
    memcpy(b->data + mark + 4, &length, 4);
}

struct fields_cursor fields_read(const void *data, size_t size)
{
    return (struct fields_cursor){.at = data, .end = size ? (const char *)data + size : data};
}

struct fields_cursor fields_inside(const struct field_value *object_or_list)
{
    return fields_read(object_or_list->data, object_or_list->size);
}

int fields_next(struct fields_cursor *cursor, struct field_value *ret)
{
    if (cursor->at == cursor->end)
        return 0;
    if (cursor->end - cursor->at < HEAD)
        return -EBADMSG;
    uint16_t name;
    uint32_t length;
    memcpy(&name, cursor->at, 2);
    memcpy(&length, cursor->at + 4, 4);
    struct field_value value = {
        .field = name, .type = (uint8_t)cursor->at[2], .data = cursor->at + HEAD, .size = length};
    if (length > (size_t)(cursor->end - value.data))
        return -EBADMSG;
    switch (value.type) {
    case FIELD_INTEGER:
    case FIELD_TIME:
        if (length != sizeof value.integer)
            return -EBADMSG;
        memcpy(&value.integer, value.data, sizeof value.integer);
        break;
    case FIELD_REAL:
        if (length != sizeof value.real)
            return -EBADMSG;
        memcpy(&value.real, value.data, sizeof value.real);
        break;
    case FIELD_FLAG:
        if (length != 1)
            return -EBADMSG;
        value.integer = *value.data != 0;
        break;
    case FIELD_TEXT:
    case FIELD_OBJECT:
    case FIELD_LIST:
        break;
    default:
        return -EBADMSG;
    }
    cursor->at = value.data + length;
    *ret = value;
    return 1;
}

int fields_find(const void *data, size_t size, enum field field, struct field_value *ret)
{
    struct fields_cursor cursor = fields_read(data, size);
    struct field_value value;
    int r;
    while ((r = fields_next(&cursor, &value)) > 0)
        if (value.field == field) {
            *ret = value;
            return 1;
        }
    return r;
}

static int check(struct fields_cursor cursor, int depth)
{
    if (depth > MAX_DEPTH)
        return -EBADMSG;
    struct field_value value;
    int r;
    while ((r = fields_next(&cursor, &value)) > 0) {
        if (value.type == FIELD_OBJECT || value.type == FIELD_LIST) {
            r = check(fields_inside(&value), depth + 1);
            if (r < 0)
                return r;
        } else if (value.type == FIELD_TEXT && value.field != FIELD_MINHASH &&
                   !utf8_valid(value.data, value.size)) {
            return -EBADMSG;
        }
    }
    return r;
}

int fields_check(const void *data, size_t size)
{
    return check(fields_read(data, size), 1);
}
