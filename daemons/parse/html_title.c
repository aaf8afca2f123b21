/* The title of the article, among headings, <title>, OpenGraph and JSON-LD. */
#include "parse/html_title.h"

#include "libcommon/site.h"
#include "libcommon/text.h"
#include "libcommon/utf8.h"

#include <errno.h>
#include <string.h>

enum { TITLE_MAX = 600, HEADINGS_MAX = 12, SITE_MAX = 48, CLAIM_LEAST = 12, DATE_BYTES = 10 };

/* What titles are compared by: letters and digits in normalised form, a space between words. */
struct key {
    char text[TITLE_MAX + 2];
    size_t size;
};

static bool is_word_char(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c >= 0xc0 && c != 0xd7 && c != 0xf7 && !(c >= 0x2000 && c <= 0x2bff) &&
            !(c >= 0x3000 && c <= 0x3004) && !(c >= 0x3008 && c <= 0x3020) && c != 0x60c &&
            c != 0x61b && c != 0x61f && c != 0x6d4 && !(c >= 0xfe10 && c <= 0xfe6f) &&
            !(c >= 0xff01 && c <= 0xff0f));
}

static void make_key(struct span s, struct key *ret)
{
    ret->size = 0;
    for (size_t at = 0; at < s.length && ret->size + 5 < TITLE_MAX;) {
        uint32_t c = text_fold_char(utf8_next(s.text, &at));
        if (!c)
            continue;
        if (is_word_char(c))
            ret->size += utf8_put(c, ret->text + ret->size);
        else if (ret->size && ret->text[ret->size - 1] != ' ')
            ret->text[ret->size++] = ' ';
    }
    while (ret->size && ret->text[ret->size - 1] == ' ')
        ret->size--;
}

static bool same(const struct key *a, const struct key *b)
{
    return a->size && a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

/* Whether whole words of a hold all of b. */
static bool holds(const struct key *a, const struct key *b)
{
    if (!b->size || b->size > a->size)
        return false;
    const char *at = a->text, *end = a->text + a->size;
    while ((at = memmem(at, (size_t)(end - at), b->text, b->size))) {
        if ((at == a->text || at[-1] == ' ') && (at + b->size == end || at[b->size] == ' '))
            return true;
        at++;
    }
    return false;
}

/* --- the site's name -------------------------------------------------------------------------- */

static const char *const bars[] = {" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " · ",
                                   " • ", " / ", " › ", " : ", " │ ",  " ‹ ", " > ", " < ",
                                   ": ",  " ~ ", " ⋆ ", "| ",  " |",   " – ", " @ "};

struct titles {
    struct key site,
        host; /* how the site calls itself, and the labels of its host, without spaces */
};

/* The site's host without www and its last label: "www.lbcgroup.tv" -> "lbcgroup"; of an archive's
 * copy that of the page in its path. */
static void make_host_key(const char *url, struct key *ret)
{
    ret->size = 0;
    const char *host = url ? strstr(url, "://") : NULL;
    if (!host)
        return;
    host += 3;
    const char *inner = strstr(host, "://");
    if (inner && (size_t)(inner - host) < strcspn(host, "?#"))
        host = inner + 3;
    size_t size = strcspn(host, "/:?#");
    if (size > 4 && memcmp(host, "www.", 4) == 0) {
        host += 4;
        size -= 4;
    }
    while (size && host[size - 1] != '.')
        size--;
    make_key((struct span){host, size ? size - 1 : 0}, ret);
    size_t used = 0;
    for (size_t i = 0; i < ret->size; i++)
        if (ret->text[i] != ' ')
            ret->text[used++] = ret->text[i];
    ret->size = used;
}

/* Whether a part of a title is the name of the site. */
static bool is_site(const struct titles *t, struct span part)
{
    struct key key;
    make_key(part, &key);
    if (!key.size || same(&key, &t->site))
        return true;
    if (t->site.size >= 3 &&
        (holds(&t->site, &key) || (holds(&key, &t->site) && key.size <= 2 * t->site.size + 4)))
        return true;
    size_t used = 0; /* as in a host name: without spaces */
    for (size_t i = 0; i < key.size; i++)
        if (key.text[i] != ' ')
            key.text[used++] = key.text[i];
    if (t->host.size < 3 || used < 3)
        return false;
    return memmem(t->host.text, t->host.size, key.text, used) ||
           (used <= 2 * t->host.size + 2 && memmem(key.text, used, t->host.text, t->host.size));
}

/* Cuts the site's name off either end, as often as it stands there. */
static struct span without_site(const struct titles *t, struct span title)
{
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < sizeof bars / sizeof *bars && !again; i++) {
            size_t n = strlen(bars[i]);
            const char *first = memmem(title.text, title.length, bars[i], n), *last = first;
            if (!first)
                continue;
            for (const char *next = last; next;) {
                last = next;
                next = memmem(last + 1, title.length - (size_t)(last + 1 - title.text), bars[i], n);
            }
            struct span head = {title.text, (size_t)(first - title.text)};
            struct span tail = {last + n, title.length - (size_t)(last + n - title.text)};
            if (is_site(t, tail) && last > title.text) {
                title.length = (size_t)(last - title.text);
                again = true;
            } else if (is_site(t, head) && first + n < title.text + title.length) {
                title.length -= (size_t)(first + n - title.text);
                title.text = first + n;
                again = true;
            }
        }
    }
    return title;
}

/* --- the choice ----------------------------------------------------------------------------------
 */

/* A heading of the page. */
struct heading {
    uint32_t node;
    struct span text;
    struct key key;
};

static size_t find_headings(const struct html_tree *t, enum html_tag tag, struct heading *ret)
{
    size_t count = 0;
    for (uint32_t n = html_next(t, 0, t->node_count, tag);
         n < t->node_count && count < HEADINGS_MAX; n = html_next(t, n + 1, t->node_count, tag)) {
        struct span text = html_text(t, n);
        if (!text.length || text.length > TITLE_MAX)
            continue;
        ret[count] = (struct heading){.node = n, .text = text};
        make_key(text, &ret[count].key);
        count += ret[count].key.size > 0;
    }
    return count;
}

/* "Local news | A title": where another claim is but the title, the rest goes. */
static void shorten(struct span *title, struct key *key, const struct key *others, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (same(&others[i], key) || others[i].size < 12 || !holds(key, &others[i]))
            continue;
        for (size_t k = 0; k < sizeof bars / sizeof *bars; k++) {
            size_t n = strlen(bars[k]);
            const char *bar = memmem(title->text, title->length, bars[k], n);
            struct span tail = {bar ? bar + n : NULL,
                                bar ? title->length - (size_t)(bar + n - title->text) : 0};
            struct span head = {title->text, bar ? (size_t)(bar - title->text) : 0};
            struct key part;
            make_key(tail, &part);
            bool is_tail = same(&part, &others[i]);
            make_key(head, &part);
            if (!is_tail && !same(&part, &others[i]))
                continue;
            *title = is_tail ? tail : head;
            *key = others[i];
            return;
        }
    }
}

/* The heading that one of the claimed titles agrees with; NULL: none. */
static const struct heading *agreed_heading(const struct titles *t, const struct heading *headings,
                                            size_t count, const struct key *claims,
                                            size_t claim_count)
{
    for (size_t k = 0; k < claim_count; k++)
        for (size_t i = 0; i < count; i++)
            if (same(&headings[i].key, &claims[k]) && !is_site(t, headings[i].text))
                return &headings[i];
    for (int where = 0; where < 2;
         where++) /* what a claim begins with is rather the title than what it ends with */
        for (size_t k = 0; k < claim_count; k++)
            for (size_t i = 0; i < count; i++)
                if (headings[i].key.size >= 10 &&
                    (where == 0 || headings[i].key.size * 4 >= claims[k].size) &&
                    !is_site(t, headings[i].text) &&
                    (holds(&headings[i].key, &claims[k]) ||
                     (holds(&claims[k], &headings[i].key) &&
                      (where ||
                       memcmp(claims[k].text, headings[i].key.text, headings[i].key.size) == 0))))
                    return &headings[i];
    return NULL;
}

/* --- what stands above the title inside its heading
 * ------------------------------------------------ */

static bool is_kicker_class(struct span class)
{
    static const char *const words[] = {
        "kicker",    "overline",  "roof",        "dachzeile",  "topline", "spitzmarke",
        "eyebrow",   "pretitle",  "preheadline", "supertitle", "antetit", "volanta",
        "catchline", "overhead",  "section",     "category",   "label",   "tag",
        "date",      "stichwort", "pretext",     "upper"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (class.length && memmem(class.text, class.length, words[i], strlen(words[i])))
            return true;
    return false;
}

/* The parts of a heading: its children, or what stands between them. */
struct part {
    struct span text;
    bool kicker;
};

enum { PARTS_MAX = 6 };

static struct span trimmed(const struct html_tree *t, uint32_t from, uint32_t to)
{
    while (from < to && (unsigned char)t->text[from] <= ' ')
        from++;
    while (to > from && (unsigned char)t->text[to - 1] <= ' ')
        to--;
    return (struct span){t->text + from, to - from};
}

/* The element that holds all text of a node; 0: none does. */
static uint32_t only_child(const struct html_tree *t, uint32_t node)
{
    size_t size = html_text(t, node).length;
    for (uint32_t n = node + 1; size && n < t->nodes[node].end; n = t->nodes[n].end)
        if (t->nodes[n].tag != TAG_TEXT && html_text(t, n).length == size)
            return n;
    return 0;
}

/* 0: the heading has no parts worth telling apart. */
static size_t find_parts(const struct html_tree *t, uint32_t heading, struct part *ret)
{
    uint32_t node = heading, end, start;
    size_t count = 0;
    for (uint32_t child; (child = only_child(t, node));) /* stands for the heading */
        node = child;
    end = t->nodes[node].end;
    start = t->nodes[node].text;
    for (uint32_t n = node + 1; n < end; n = t->nodes[n].end) {
        const struct html_node *child = &t->nodes[n];
        bool parts = child->tag != TAG_TEXT && child->tag != TAG_I && child->tag != TAG_EM &&
                     child->tag != TAG_B && child->tag != TAG_SUP && child->tag != TAG_Q &&
                     child->tag != TAG_ABBR;
        if (!parts)
            continue;
        const struct span pieces[] = {trimmed(t, start, child->text),
                                      trimmed(t, child->text, child->text_end)};
        for (size_t i = 0; i < 2; i++) {
            if (!pieces[i].length)
                continue;
            if (count == PARTS_MAX)
                return 0;
            ret[count++] = (struct part){
                pieces[i], i == 1 && is_kicker_class(html_value(t, n, ATTRIBUTE_CLASS))};
        }
        start = child->text_end;
    }
    struct span rest = trimmed(t, start, t->nodes[node].text_end);
    if (rest.length && count < PARTS_MAX)
        ret[count++] = (struct part){rest, false};
    return count > 1 ? count : 0;
}

/* Where the end of a heading begins that is what a claim says; 0: none does. */
static size_t claimed_end(const struct heading *h, const struct key *claim)
{
    struct key key;
    size_t found = 0;
    if (h->key.size <= claim->size || claim->size < CLAIM_LEAST)
        return 0;
    for (size_t at = 1; at < h->text.length; at++) {
        if (h->text.text[at - 1] != ' ')
            continue;
        make_key((struct span){h->text.text + at, h->text.length - at}, &key);
        if (same(&key, claim))
            found = at; /* the last: signs before the words say nothing */
        if (key.size < claim->size)
            break;
    }
    return found;
}

/* "\"Enough\" / The dam is open": two claims at least say that the title is but the end. */
static struct span agreed_end(const struct heading *h, const struct key *claims, size_t claim_count,
                              struct span *ret_kicker)
{
    for (size_t i = 0; i + 1 < claim_count; i++)
        for (size_t k = i + 1; k < claim_count; k++) {
            size_t at = same(&claims[i], &claims[k]) ? claimed_end(h, &claims[i]) : 0;
            if (!at)
                continue;
            struct span kicker = {h->text.text, at};
            while (kicker.length && memchr(" /|-:", kicker.text[kicker.length - 1], 5))
                kicker.length--;
            *ret_kicker = kicker;
            return (struct span){h->text.text + at, h->text.length - at};
        }
    return (struct span){0};
}

/* Without a date in digits and what parts it from the title: "23.01.2022 - The dam is open". */
static struct span without_date(struct span title)
{
    size_t at = 0, digits = 0;
    for (; at < title.length && at < DATE_BYTES; at++) {
        bool digit = title.text[at] >= '0' && title.text[at] <= '9';
        if (!digit && !memchr("./-", title.text[at], 3))
            break;
        digits += digit;
    }
    if (digits < 5 || digits == at)
        return title;
    size_t end = at;
    while (end < title.length && memchr(" :|-", title.text[end], 4))
        end++;
    if (end < at + 2 || title.length - end < CLAIM_LEAST)
        return title;
    return (struct span){title.text + end, title.length - end};
}

/* The heading without its kicker: the part that a claimed title is, or what follows a part whose
 * class says that it is one, or all of it. *ret_kicker: the part before it. */
static struct span without_kicker(const struct html_tree *t, const struct heading *h,
                                  const struct key *claims, size_t claim_count,
                                  struct span *ret_kicker)
{
    struct part parts[PARTS_MAX];
    size_t count = find_parts(t, h->node, parts), best = 0;
    struct key key;
    struct span agreed = agreed_end(h, claims, claim_count, ret_kicker);
    if (agreed.length)
        return agreed;
    for (size_t k = 0; k < claim_count && count; k++)
        for (size_t i = 0; i < count; i++) {
            make_key(parts[i].text, &key);
            if (!same(&key, &claims[k]))
                continue;
            if (i)
                *ret_kicker = parts[0].text;
            return parts[i].text;
        }
    for (size_t i = 0; i < count; i++)
        best = parts[i].text.length > parts[best].text.length ? i : best;
    bool whole = false; /* a claim has all of it */
    for (size_t k = 0; k < claim_count; k++)
        whole |= same(&h->key, &claims[k]);
    if (whole && !(count && parts[0].kicker))
        return h->text;
    if (count && best > 0 && parts[0].text.length < 60 &&
        (parts[0].kicker || (count == 2 && parts[1].text.length > parts[0].text.length))) {
        *ret_kicker = parts[0].text;
        return (struct span){parts[1].text.text,
                             (size_t)(h->text.text + h->text.length - parts[1].text.text)};
    }
    if (count && parts[0].kicker) {
        *ret_kicker = parts[0].text;
        return (struct span){parts[1].text.text,
                             (size_t)(h->text.text + h->text.length - parts[1].text.text)};
    }
    return h->text;
}

/* The lines that show the title. */
static void mark_lines(const struct heading *h, const struct html_tree *tree,
                       const struct key *title, const struct html_place *places,
                       struct lines *lines)
{
    struct key key;
    bool marked = false;
    for (size_t i = 0; i < lines->count; i++) {
        struct line *l = &lines->items[i];
        bool inside = h && h->node <= places[i].inner && places[i].inner < tree->nodes[h->node].end;
        if (!inside && (h || marked || l->text.length > TITLE_MAX || l->role == ROLE_BODY))
            continue;
        make_key(l->text, &key);
        if (inside || same(&key, title)) {
            l->role = ROLE_TITLE;
            marked = true;
        }
    }
}

/* The keys of the site's name and host. */
static void make_site_keys(const struct page_source *source, const struct claims *c,
                           struct titles *t)
{
    struct key title;
    make_key(c->site_name, &t->site);
    if (t->site.size > SITE_MAX)
        t->site.size = 0; /* some put the title there */
    make_key(c->social_title, &title);
    if (title.size * 2 > t->site.size && title.size > 20 && holds(&t->site, &title))
        t->site.size = 0;
    if (!t->site.size && source->site)
        make_key((struct span){source->site->name, strlen(source->site->name)}, &t->site);
    make_host_key(source->url, &t->host);
}

void html_drop_site_authors(const struct page_source *source, struct claims *c)
{
    struct titles t;
    size_t kept = 0;
    make_site_keys(source, c, &t);
    for (size_t i = 0; i < c->author_count; i++)
        if (!is_site(&t, c->authors[i]) || /* or a dateline: "Sky News Arabia - Abu Dhabi" */
            memmem(c->authors[i].text, c->authors[i].length, " - ", 3))
            c->authors[kept++] = c->authors[i];
    c->author_count = kept;
}

int html_settle_title(struct arena *arena, const struct page_source *source,
                      const struct html_tree *tree, const struct html_place *places,
                      struct lines *lines)
{
    struct claims *c = &lines->claims;
    struct heading *h1 = arena_alloc(arena, 3 * HEADINGS_MAX * sizeof *h1);
    struct titles *t = arena_zalloc(arena, sizeof *t);
    struct key *keys = arena_zalloc(arena, 4 * sizeof *keys);
    if (!h1 || !t || !keys)
        return -ENOMEM;
    make_site_keys(source, c, t);
    struct heading *h2 = h1 + HEADINGS_MAX, *h3 = h2 + HEADINGS_MAX;
    size_t count1 = find_headings(tree, TAG_H1, h1), count2 = find_headings(tree, TAG_H2, h2),
           claim_count = 0;
    struct span claimed[4] = {0};
    const struct span all[] = {c->headline, c->social_title, c->document_title};
    for (size_t i = 0; i < 3; i++)
        if (all[i].length && all[i].length <= TITLE_MAX && !is_site(t, all[i])) {
            claimed[claim_count] = without_site(t, all[i]);
            make_key(claimed[claim_count], &keys[claim_count]);
            claim_count++;
        }
    for (size_t i = 0; i < claim_count; i++)
        shorten(&claimed[i], &keys[i], keys, claim_count);
    const struct heading *h = agreed_heading(t, h1, count1, keys, claim_count);
    if (!h)
        h = agreed_heading(t, h2, count2, keys, claim_count);
    if (!h && !count1)
        h = agreed_heading(t, h3, find_headings(tree, TAG_H3, h3), keys, claim_count);
    size_t own = 0, only = 0; /* headings of the first level that are not the site's name */
    for (size_t i = 0; i < count1; i++)
        if (!is_site(t, h1[i].text) && own++ == 0)
            only = i;
    if (!h && own == 1)
        h = &h1[only];
    if (h)
        c->title = without_kicker(tree, h, keys, claim_count, &c->kicker);
    else if (claim_count)
        c->title = claimed[0];
    else if (count1 && !is_site(t, h1[0].text))
        c->title = (h = &h1[0])->text;
    else if (count2 && !is_site(t, h2[0].text))
        c->title = (h = &h2[0])->text;
    else /* the site's name is better than nothing */
        c->title = c->social_title.length ? c->social_title : c->document_title;
    c->title = without_date(c->title);
    make_key(c->title, &keys[3]);
    if (c->title.length)
        mark_lines(h, tree, &keys[3], places, lines);
    return 0;
}

struct span title_without_site(const struct page_source *source, struct span title)
{
    struct titles t = {0};
    if (title.length > TITLE_MAX)
        return title;
    if (source->site)
        make_key((struct span){source->site->name, strlen(source->site->name)}, &t.site);
    make_host_key(source->url, &t.host);
    return without_site(&t, title);
}
