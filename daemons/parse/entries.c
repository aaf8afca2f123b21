/* Entries of a live blog. */
#include "parse/entries.h"

#include "libcommon/text.h"
#include "parse/dates.h"
#include "parse/line_look.h"

#include <errno.h>
#include <string.h>

enum {
    LEAST = 3,        /* times that make a live blog where words say so */
    LEAST_CLOCKS = 5, /* else, of times without a date */
    LEAST_COMMENTS = 4,
    NEAR = 4, /* lines behind a time that its prose stands in */
    HEAD_BYTES = 300,
    TITLE_WORDS = 25,
};

/* In normalised form (libcommon/text.h). */
static const char *const live_words[] = {"مباشر",        "لحظه بلحظه", "تغطيه مستمره", "اول باول",
                                         "تحديثات",      "live",       "en direct",    "canli",
                                         "لحظه به لحظه", "راستهوخو"};

static bool says_live(struct span line)
{
    char folded[HEAD_BYTES + 1];
    if (line.length > HEAD_BYTES)
        return false;
    folded[text_fold(line.text, line.length, folded)] = '\0';
    for (size_t i = 0; i < sizeof live_words / sizeof *live_words; i++)
        if (strstr(folded, live_words[i]))
            return true;
    return false;
}

/* Whether prose stands behind a time, before the next one. */
static bool has_prose(const struct entry_look *looks, size_t i, size_t last)
{
    for (size_t k = i + 1; k < last && k <= i + NEAR && !looks[k].opens; k++)
        if (looks[k].prose)
            return true;
    return false;
}

int entries_settle(struct lines *lines, const struct entry_look *looks, size_t first, size_t last,
                   const char *url, size_t *ret_first)
{
    size_t count = 0, clocks = 0;
    bool said = url && (strstr(url, "live") || strstr(url, "mubasher"));
    for (size_t i = first; i < last; i++)
        if (looks[i].opens && has_prose(looks, i, last)) {
            *ret_first = count++ ? *ret_first : i;
            clocks += looks[i].clock;
        }
    if (count < LEAST)
        return ENTRIES_NONE;
    for (size_t i = first > NEAR * 2 ? first - NEAR * 2 : 0; i < first && !said; i++)
        said = says_live(lines->items[i].text);
    if (!said && (clocks < LEAST_CLOCKS || clocks * 2 < count))
        return count < LEAST_COMMENTS ? ENTRIES_NONE : ENTRIES_COMMENTS;
    for (size_t i = first; i < last; i++)
        if (looks[i].opens && has_prose(looks, i, last) && lines->items[i].role == ROLE_UNKNOWN)
            lines->items[i].role = ROLE_ENTRY;
    return ENTRIES_LIVE;
}

struct moment entries_time(const struct moment *time, const struct moment *day, const char *zone)
{
    struct moment m = *time;
    if (m.precision != MOMENT_TIME_OF_DAY)
        return m;
    if (day->precision < MOMENT_DAY || day->precision > MOMENT_SECOND)
        return (struct moment){0};
    m.year = day->year;
    m.month = day->month;
    m.day = day->day;
    m.precision = MOMENT_MINUTE;
    if (!m.has_offset && day->has_offset) {
        m.has_offset = true;
        m.offset_minutes = day->offset_minutes;
    } else if (!m.has_offset && zone) {
        dates_apply_zone(&m, zone);
    }
    return m;
}

int entries_text(struct arena *arena, const struct lines *lines, size_t first, size_t last,
                 size_t but, struct span *ret)
{
    size_t size = 0, used = 0;
    for (size_t i = first; i < last; i++)
        if (lines->items[i].role == ROLE_BODY)
            size += lines->items[i].text.length + 2;
    char *text = arena_alloc(arena, size + 1);
    if (!text)
        return -ENOMEM;
    for (size_t i = first; i < last; i++) {
        const struct line *l = &lines->items[i];
        if (l->role != ROLE_BODY || i == but)
            continue;
        if (used) {
            memcpy(text + used, "\n\n", 2);
            used += 2;
        }
        memcpy(text + used, l->text.text, l->text.length);
        used += l->text.length;
    }
    *ret = (struct span){text, used};
    return 0;
}

/* The body lines from *at to the next entry: a headline, if one stands first and more follows, and
 * the text. */
static int read_entry(struct arena *arena, const struct lines *lines, size_t *at,
                      struct live_entry *e)
{
    size_t size = 0, first = lines->count, start = *at, end = start;
    for (; end < lines->count && lines->items[end].role != ROLE_ENTRY; end++)
        if (lines->items[end].role == ROLE_BODY) {
            first = first < lines->count ? first : end;
            size += lines->items[end].text.length + 2;
        }
    *at = end;
    size_t titled = end;
    if (first < end) {
        const struct line *l = &lines->items[first];
        if (l->words <= TITLE_WORDS && !line_ends_sentence(l->text) && size > l->text.length + 2) {
            titled = first;
            e->title = l->text;
        }
    }
    return entries_text(arena, lines, start, end, titled, &e->text);
}

int entries_read(struct arena *arena, const struct lines *lines, const char *zone,
                 struct article *article)
{
    size_t capacity = 0, count = 0;
    struct live_entry *entries = NULL;
    for (size_t i = 0; i < lines->count;) {
        const struct line *l = &lines->items[i++];
        if (l->role != ROLE_ENTRY)
            continue;
        struct live_entry entry = {.published =
                                       entries_time(&l->datetime, &article->published, zone)};
        int r = read_entry(arena, lines, &i, &entry);
        if (r < 0)
            return r;
        if (!entry.text.length)
            continue;
        entries = arena_grow(arena, entries, sizeof *entries, count + 1, &capacity);
        if (!entries)
            return -ENOMEM;
        entries[count++] = entry;
    }
    article->entries = entries;
    article->entry_count = count;
    return 0;
}
