/* dates: the cases of the JSON files in DATA/dates (Recognizers-Text, Arabic) against dates_find().
 *
 * A case passes when each expected mention is found (an overlap of at least half of both), its
 * value is right where the case has one, and nothing else is found. Values: a day is right when it
 * is the past or the future resolution; a period when first and last day agree (an end that is not
 * included counts as the day before); a time of day to the second.
 *
 * News: all cases but these, which are counted apart as left_out_…: durations and holidays, which
 * name no date; bare numbers ("on 15"), which news never lets stand for a day or an hour; and vague
 * parts of the day ("in the early evening").
 *
 * Of the news cases come precision, recall and F1 of the mentions (found where expected) and of the
 * values (found, and right). The worst ten of them are printed first, the other failures behind
 * them. */
#include "libcommon/utf8.h"
#include "parse/date_read.h"
#include "parse/dates.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum reason { NEWS, DURATION, HOLIDAY, BARE_NUMBER, VAGUE_PART, REASONS };

static const char *const reasons[REASONS] = {"", "durations", "holidays", "bare_numbers",
                                             "vague_parts_of_day"};

/* What became of a case: mentions expected, found at all, found where expected, and of these with
 * the right value. */
struct outcome {
    unsigned expected, found, matched, right;
};

struct tally {
    char name[64];
    unsigned total, right, news, news_right;
};

struct failure {
    unsigned faults;
    char text[1024];
};

static struct {
    struct outcome sum;
    unsigned left_out[REASONS];
    struct failure failures[600];
    size_t count;
} report;

static unsigned faults(const struct outcome *o)
{
    return (o->expected - o->right) + (o->found - o->matched);
}

static size_t byte_offset(const char *text, size_t points)
{
    size_t at = 0, size = strlen(text);
    while (points-- && at < size)
        utf8_next(text, &at);
    return at;
}

static bool overlaps(const struct date_mention *m, size_t start, size_t end)
{
    size_t low = m->start > start ? m->start : start, high = m->end < end ? m->end : end;
    return high > low && (high - low) * 2 >= end - start && (high - low) * 2 >= m->end - m->start;
}

static int64_t first_day(struct moment m)
{
    if (m.precision < MOMENT_MONTH)
        m.month = 1;
    if (m.precision < MOMENT_DAY)
        m.day = 1;
    m.precision = MOMENT_DAY;
    return date_day_number(&m);
}

static int64_t last_day(struct moment m)
{
    if (m.precision >= MOMENT_DAY)
        return date_day_number(&m);
    struct moment next = {.year = m.year + (m.precision == MOMENT_YEAR),
                          .month = 1,
                          .day = 1,
                          .precision = MOMENT_DAY};
    if (m.precision == MOMENT_MONTH) {
        next.year = m.year + m.month / 12;
        next.month = m.month % 12 + 1;
    }
    return date_day_number(&next) - 1;
}

static bool day_is(const char *text, int64_t day, int late)
{
    int y, m, d;
    if (!text || sscanf(text, "%d-%d-%d", &y, &m, &d) != 3)
        return false;
    struct moment expected = {.year = y, .month = m, .day = d, .precision = MOMENT_DAY};
    int64_t away = date_day_number(&expected) - day;
    return away >= 0 && away <= late;
}

static bool time_is(const char *text, const struct moment *m)
{
    int h, min, s;
    return text && sscanf(text, "%d:%d:%d", &h, &min, &s) == 3 && m->hour == h &&
           m->minute == min && m->second == s;
}

static bool resolves(const struct date_mention *m, json_t *resolution)
{
    const char *date = json_string_value(json_object_get(resolution, "date")),
               *time = json_string_value(json_object_get(resolution, "time"));
    const char *start = json_string_value(json_object_get(resolution, "startDate")),
               *end = json_string_value(json_object_get(resolution, "endDate"));
    if (json_object_size(resolution) == 0)
        return true;
    if (date)
        return m->value.precision >= MOMENT_DAY && m->value.precision <= MOMENT_SECOND &&
               day_is(date, first_day(m->value), 0);
    if (time)
        return time_is(time, &m->value) && m->value.precision >= MOMENT_HOUR;
    if (start && end) {
        const struct moment *last = m->until.precision ? &m->until : &m->value;
        return day_is(start, first_day(m->value), 0) && day_is(end, last_day(*last), 1);
    }
    start = json_string_value(json_object_get(resolution, "startTime"));
    end = json_string_value(json_object_get(resolution, "endTime"));
    return start && end && m->until.precision >= MOMENT_HOUR && time_is(start, &m->value) &&
           time_is(end, &m->until);
}

static struct outcome judge(const char *text, json_t *results, const struct date_mention *mentions,
                            size_t count)
{
    struct outcome o = {.expected = (unsigned)json_array_size(results), .found = (unsigned)count};
    json_t *expected;
    size_t i;
    json_array_foreach(results, i, expected)
    {
        size_t points = (size_t)json_integer_value(json_object_get(expected, "Start"));
        size_t start = byte_offset(text, points),
               end = byte_offset(
                   text, points + (size_t)json_integer_value(json_object_get(expected, "Length")));
        size_t found = count;
        for (size_t j = 0; j < count; j++)
            if (overlaps(&mentions[j], start, end))
                found = j;
        if (found == count)
            continue;
        json_t *value = json_object_get(expected, "Value");
        o.matched++;
        o.right += !json_is_object(value) ||
                   resolves(&mentions[found], json_object_get(value, "PastResolution")) ||
                   resolves(&mentions[found], json_object_get(value, "FutureResolution"));
    }
    return o;
}

/* Bare numbers and vague parts of the day, by the kinds of the words expected. */
static enum reason left_out(const char *file, json_t *results)
{
    if (strncmp(file, "Duration", 8) == 0)
        return DURATION;
    if (strncmp(file, "Holiday", 7) == 0)
        return HOLIDAY;
    json_t *expected;
    size_t i;
    json_array_foreach(results, i, expected)
    {
        const char *text = json_string_value(json_object_get(expected, "Text"));
        bool bare = true, number = false;
        struct date_tokens t;
        date_tokens_begin(&t, text, strlen(text), 0);
        for (size_t at = 0; date_token(&t, at)->kind != TOKEN_END; at++) {
            const struct date_token *token = date_token(&t, at);
            enum date_word_kind kind =
                token->word ? (enum date_word_kind)token->word->kind : WORD_OTHER;
            number |= token->kind == TOKEN_NUMBER || kind == WORD_ORDINAL || kind == WORD_COUNT;
            bare &= token->kind == TOKEN_NUMBER || kind == WORD_OTHER || kind == WORD_ORDINAL ||
                    kind == WORD_COUNT || kind == WORD_OF || kind == WORD_TO ||
                    kind == WORD_FRACTION;
            if (token->kind == TOKEN_SIGN)
                bare = false;
        }
        if (bare)
            return BARE_NUMBER;
        if (!number &&
            strcmp(json_string_value(json_object_get(expected, "Type")), "timerange") == 0)
            return VAGUE_PART;
    }
    return NEWS;
}

static void keep_failure(const char *file, const char *text, const struct outcome *o,
                         const struct date_mention *mentions, size_t count)
{
    struct failure *f = &report.failures[report.count];
    size_t room = sizeof f->text, used = 0;
    if (report.count == sizeof report.failures / sizeof *report.failures)
        return;
    report.count++;
    f->faults = faults(o);
    used = (size_t)snprintf(f->text, room, "%s: %u expected, %u right, %u too many: %s |", file,
                            o->expected, o->right, o->found - o->matched, text);
    for (size_t i = 0; i < count && used < room; i++) {
        char value[MOMENT_TEXT_SIZE], until[MOMENT_TEXT_SIZE];
        moment_format(&mentions[i].value, value);
        moment_format(&mentions[i].until, until);
        used += (size_t)snprintf(f->text + used, room - used, " [%.*s]=%s%s%s",
                                 (int)(mentions[i].end - mentions[i].start),
                                 text + mentions[i].start, value, *until ? "/" : "", until);
    }
}

static void run_case(const char *file, json_t *c, struct arena *arena, struct tally *tally)
{
    const char *text = json_string_value(json_object_get(c, "Input"));
    json_t *results = json_object_get(c, "Results");
    const char *reference =
        json_string_value(json_object_get(json_object_get(c, "Context"), "ReferenceDateTime"));
    struct dates_context context = {.language = "ar"};
    dates_read_machine(reference ? reference : "2016-11-07T00:00:00", 19, &context.reference);
    struct date_mention *mentions;
    size_t count;
    arena_reset(arena);
    if (!text || dates_find(&context, arena, text, strlen(text), &mentions, &count) < 0)
        return;
    struct outcome o = judge(text, results, mentions, count);
    enum reason reason = left_out(file, results);
    bool right = faults(&o) == 0;
    tally->total++;
    tally->right += right;
    report.left_out[reason]++;
    if (reason != NEWS)
        return;
    tally->news++;
    tally->news_right += right;
    report.sum.expected += o.expected;
    report.sum.found += o.found;
    report.sum.matched += o.matched;
    report.sum.right += o.right;
    if (!right)
        keep_failure(file, text, &o, mentions, count);
}

static int by_faults(const void *a, const void *b)
{
    const struct failure *x = a, *y = b;
    return x->faults != y->faults ? (x->faults < y->faults ? 1 : -1) : strcmp(x->text, y->text);
}

static void print_scores(const char *name, unsigned right, unsigned found, unsigned expected)
{
    double precision = found ? (double)right / found : 0,
           recall = expected ? (double)right / expected : 0;
    printf("%s_precision %.4f\n%s_recall %.4f\n%s_f1 %.4f\n", name, precision, name, recall, name,
           precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0);
}

static void print_report(void)
{
    enum { WORST = 10 };
    qsort(report.failures, report.count, sizeof *report.failures, by_faults);
    for (size_t i = 0; i < report.count; i++)
        printf("# %s %s\n", i < WORST ? "worst:" : "other:", report.failures[i].text);
    for (int i = NEWS + 1; i < REASONS; i++)
        printf("left_out_%s %u\n", reasons[i], report.left_out[i]);
    print_scores("mentions", report.sum.matched, report.sum.found, report.sum.expected);
    print_scores("values", report.sum.right, report.sum.found, report.sum.expected);
}

int main(int argc, char **argv)
{
    char path[4096];
    struct dirent **entries;
    struct arena *arena;
    if (argc < 2)
        return 2;
    snprintf(path, sizeof path, "%s/dates", argv[1]);
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0 || arena_new(16 << 20, &arena) < 0) {
        fprintf(stderr, "eval-dates: no folder %s\n", path);
        return 2;
    }
    struct tally tallies[64], sum = {.name = "all"};
    unsigned files = 0;
    for (int i = 0; i < count; i++) {
        const char *dot = strrchr(entries[i]->d_name, '.');
        if (dot && strcmp(dot, ".json") == 0 && files < 64) {
            char name[8192];
            snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
            json_t *cases = json_load_file(name, 0, NULL), *c;
            size_t j;
            struct tally *t = &tallies[files++];
            *t = (struct tally){0};
            snprintf(t->name, sizeof t->name, "%.*s", (int)(dot - entries[i]->d_name),
                     entries[i]->d_name);
            json_array_foreach(cases, j, c) run_case(t->name, c, arena, t);
            json_decref(cases);
            sum.total += t->total, sum.right += t->right, sum.news += t->news,
                sum.news_right += t->news_right;
        }
        free(entries[i]);
    }
    free(entries);
    print_report();
    for (unsigned i = 0; i <= files; i++) {
        const struct tally *t = i < files ? &tallies[i] : &sum;
        printf("%s_cases %u\n%s_right %u\n%s_news_cases %u\n%s_news_right %u\n", t->name, t->total,
               t->name, t->right, t->name, t->news, t->name, t->news_right);
    }
    printf("accuracy_all %.4f\naccuracy_news %.4f\n", sum.total ? (double)sum.right / sum.total : 0,
           sum.news ? (double)sum.news_right / sum.news : 0);
    arena_free(arena);
    return 0;
}
