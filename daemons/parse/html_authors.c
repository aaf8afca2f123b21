/* Authors: what makes a name bare, and where pages show names. */
#include "parse/html_authors.h"

#include "libcommon/utf8.h"
#include "parse/html_json_ld.h"
#include "parse/html_title.h"
#include "parse/line_words.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum {
    AUTHORS_MOST = 32,
    NAMES_BYTES = 2000,
    NAME_BYTES = 120,
    BOX_BYTES = 90, /* of a box that names authors and nothing else */
    NAME_WORDS = 6,
    LINE_LETTERS = 120,
    EDGE_LINES = 4,    /* looked at behind the text */
    OPENING_LINES = 2, /* of the text itself */
    ENTITY_BYTES = 10,
    NEAR_NODES = 60,
};

static bool equals(struct span s, const char *text)
{
    return s.length == strlen(text) && strncasecmp(s.text, text, s.length) == 0;
}

static bool begins(struct span s, const char *text)
{
    size_t n = strlen(text);
    return s.length >= n && strncasecmp(s.text, text, n) == 0;
}

static bool contains(struct span s, const char *text)
{
    return s.length && memmem(s.text, s.length, text, strlen(text));
}

static struct span from(struct span s, size_t at)
{
    return claims_trimmed((struct span){s.text + at, s.length - at});
}

static size_t count_words(struct span s)
{
    size_t words = s.length > 0;
    for (size_t i = 0; i < s.length; i++)
        words += s.text[i] == ' ';
    return words;
}

/* --- names --------------------------------------------------------------------------------------
 */

/* What stands before a name, in any case. */
static const char *const heads[] = {"view all posts by ",
                                    "all posts by ",
                                    "posts by ",
                                    "zeige alle beiträge von ",
                                    "alle beiträge von ",
                                    "alle artikel von ",
                                    "voir tous les articles de ",
                                    "ver todas las entradas de ",
                                    "by ",
                                    "by: ",
                                    "von ",
                                    "por ",
                                    "par ",
                                    "di ",
                                    "door ",
                                    "av ",
                                    "autor: ",
                                    "autor:",
                                    "autorin: ",
                                    "autoren: ",
                                    "autor ",
                                    "author: ",
                                    "author:",
                                    "authors: ",
                                    "auteur : ",
                                    "auteur: ",
                                    "auteurs : ",
                                    "text: ",
                                    "text von ",
                                    "text by ",
                                    "written by ",
                                    "posted by ",
                                    "reported by ",
                                    "words by ",
                                    "story by ",
                                    "geschrieben von ",
                                    "erstellt von ",
                                    "verfasst von ",
                                    "gespeichert von ",
                                    "ein beitrag von ",
                                    "ein artikel von ",
                                    "interview: ",
                                    "interview von ",
                                    "redaktion: ",
                                    "escrito por ",
                                    "publicado por ",
                                    "texto: ",
                                    "a cura di ",
                                    "scritto da ",
                                    "rédigé par ",
                                    "écrit par ",
                                    "publié par ",
                                    "yazan: ",
                                    "tekst: "};

/* "admin", "example.com" and the like are no names. */
static bool is_no_name(struct span name)
{
    static const char *const words[] = {"admin",     "administrator", "redaktion",     "editor",
                                        "staff",     "guest",         "webmaster",     "null",
                                        "undefined", "root",          "user",          "author",
                                        "autor",     "anonymous",     "editorial team"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (equals(name, words[i]))
            return true;
    bool space = memchr(name.text, ' ', name.length), dot = memchr(name.text, '.', name.length);
    return contains(name, "://") || contains(name, "@") || contains(name, "www.") ||
           (dot && !space && name.length > 4);
}

/* What a writer is, not who. */
static bool is_role(struct span name)
{
    static const char *const words[] = {"reporter",        "staff writer",
                                        "staff reporter",  "editor",
                                        "senior editor",   "correspondent",
                                        "contributor",     "contributing writer",
                                        "columnist",       "associate editor",
                                        "redakteur",       "redakteurin",
                                        "redaktion",       "journalist",
                                        "journaliste",     "redactor",
                                        "periodista",      "phd",
                                        "ph.d.",           "md",
                                        "managing editor", "news editor",
                                        "senior writer",   "freelance writer",
                                        "writer"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (equals(name, words[i]))
            return true;
    return false;
}

/* Without "By" and what follows a bar: "By A. Name | 12/10/2020". */
static struct span bare_name(struct span name)
{
    name = claims_trimmed(name);
    size_t prefix = line_byline_prefix(name);
    if (prefix && prefix < name.length)
        name = from(name, prefix);
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < sizeof heads / sizeof *heads && !again; i++)
            if (begins(name, heads[i]) && name.length > strlen(heads[i])) {
                name = from(name, strlen(heads[i]));
                again = true;
            }
    }
    const char *bar = name.length ? memchr(name.text, '|', name.length) : NULL;
    if (bar && bar > name.text)
        name.length = (size_t)(bar - name.text);
    while (name.length && memchr(" ,;:-|", name.text[name.length - 1], 6))
        name.length--;
    return claims_trimmed(name);
}

static int add_name(struct arena *arena, struct claims *c, struct span name)
{
    name = bare_name(name);
    if (!name.length || name.length > NAME_BYTES || is_no_name(name) ||
        (c->author_count && is_role(name)) || c->author_count == AUTHORS_MOST)
        return 0;
    for (size_t i = 0; i < c->author_count; i++)
        if (c->authors[i].length == name.length &&
            strncasecmp(c->authors[i].text, name.text, name.length) == 0)
            return 0;
    if (!c->authors)
        c->authors = arena_alloc(arena, AUTHORS_MOST * sizeof *c->authors);
    if (!c->authors)
        return -ENOMEM;
    c->authors[c->author_count++] = name;
    return 0;
}

/* Whether a semicolon ends an entity that was escaped twice: "Redacci&oacute;n". */
static bool ends_entity(struct span names, size_t at)
{
    size_t start = at;
    while (start && at - start < ENTITY_BYTES && names.text[start] != '&' &&
           names.text[start] != ' ')
        start--;
    return names.text[at] == ';' && names.text[start] == '&';
}

/* The word that joins two names at a byte: its size; 0: none. A word joins full names alone: "A.
 * Name and B. Name", not "Food and Water". */
static size_t joint_at(struct span names, size_t at)
{
    static const char *const signs[] = {",", ";", "\xd8\x8c" /* ARABIC COMMA */};
    static const char *const words[] = {" and ", " und ", " et ",  " y ",  " e ", " & ",
                                        " en ",  " og ",  " och ", " ve ", " و "};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (names.length - at >= strlen(signs[i]) &&
            memcmp(names.text + at, signs[i], strlen(signs[i])) == 0 && !ends_entity(names, at))
            return strlen(signs[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (names.length - at <= n || memcmp(names.text + at, words[i], n) != 0)
            continue;
        size_t start = at, end = at + n;
        while (start && !memchr(",;", names.text[start - 1], 2))
            start--;
        while (end < names.length && !memchr(",;", names.text[end], 2))
            end++;
        struct span left = claims_trimmed((struct span){names.text + start, at - start}),
                    right = {names.text + at + n, end - at - n};
        if (count_words(left) >= 2 && count_words(left) <= 4 && count_words(right) >= 2)
            return n;
    }
    return 0;
}

int claims_add_author(struct arena *arena, struct claims *c, struct span names)
{
    size_t start = 0;
    if (names.length > NAMES_BYTES)
        return 0;
    names = bare_name(names);
    if (!names.length)
        return 0;
    for (size_t at = 0; at <= names.length; at++) {
        size_t joint = at < names.length ? joint_at(names, at) : 0;
        if (at < names.length && !joint)
            continue;
        int e = add_name(arena, c, (struct span){names.text + start, at - start});
        if (e < 0)
            return e;
        start = at + joint;
        at = joint ? start - 1 : at;
    }
    return 0;
}

/* --- where pages show names ---------------------------------------------------------------------
 */

struct search {
    struct arena *arena;
    const struct html_tree *tree;
    const uint16_t *boxes;
    struct lines *lines;
    uint32_t text; /* where the text begins; 0: the page has none */
};

static bool is_of_other(const struct search *s, uint32_t node)
{
    for (; node && !(node <= s->text && s->text < s->tree->nodes[node].end);
         node = s->tree->nodes[node].parent)
        if (s->boxes[node] & (BOX_COMMENTS | BOX_RELATED) || s->tree->nodes[node].tag == TAG_ASIDE)
            return true;
    return false;
}

/* A small word inside a name: "Ursula von der Leyen", "Ludwig van B.". */
static bool is_particle(struct span word)
{
    static const char *const words[] = {"de",  "del", "della", "der", "den", "di",  "da",  "dos",
                                        "do",  "du",  "la",    "le",  "van", "von", "zu",  "bin",
                                        "ibn", "al",  "el",    "ter", "te",  "und", "and", "et",
                                        "y",   "e",   "en",    "mit", "&",   "of",  "the", "-"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (equals(word, words[i]))
            return true;
    return false;
}

/* Whether all words begin as names do: a capital, or a letter of a script that has none. */
static bool looks_like_names(struct span s)
{
    size_t words = 0;
    for (size_t at = 0; at < s.length;) {
        size_t end = at;
        while (end < s.length && s.text[end] != ' ')
            end++;
        struct span word = {s.text + at, end - at};
        unsigned char first = (unsigned char)word.text[0];
        if (word.length && !is_particle(word) && !(first >= 'A' && first <= 'Z') && first < 0xc3)
            return false;
        words += word.length > 0;
        at = end + 1;
    }
    return words >= 1 && words <= NAME_WORDS;
}

/* What of a line are names: up to a date, a bracket, a word that leads elsewhere. */
static struct span cut_behind_names(struct span s)
{
    static const char *const stops[] = {
        " am ", " on ", " vom ", " le ", " el ", " in ",  " for ",  " - ",           " – ",   " — ",
        " • ",  " · ",  " at ",  " um ", " // ", " Foto", " Photo", " Illustration", " Stand"};
    for (size_t i = 0; i < s.length; i++)
        if ((s.text[i] >= '0' && s.text[i] <= '9') || memchr("|@(\t[", s.text[i], 5))
            s.length = i;
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        const char *stop = s.length ? memmem(s.text, s.length, stops[i], strlen(stops[i])) : NULL;
        if (stop)
            s.length = (size_t)(stop - s.text);
    }
    while (s.length && memchr(" ,;:-|/", s.text[s.length - 1], 7))
        s.length--;
    return claims_trimmed(s);
}

/* "Posted on 2 May by A. Name": from the word before the name. */
static struct span behind_date(struct span s)
{
    static const char *const starts[] = {"posted on ",    "published on ",   "veröffentlicht am ",
                                         "erstellt am ",  "geschrieben am ", "publié le ",
                                         "publicado el ", "posted: ",        "published "};
    static const char *const words[] = {" by ", " von ", " par ", " por "};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        for (size_t k = 0; begins(s, starts[i]) && k < sizeof words / sizeof *words; k++) {
            const char *word = memmem(s.text, s.length, words[k], strlen(words[k]));
            if (word)
                return from(s, (size_t)(word - s.text));
        }
    return s;
}

static int add_shown(struct search *s, struct span text)
{
    text = behind_date(claims_trimmed(text));
    text = cut_behind_names(bare_name(text));
    return looks_like_names(text) ? claims_add_author(s->arena, &s->lines->claims, text) : 0;
}

/* A class with a word for authors at the end of its parts: "c-article__author", "author-name". */
static bool names_author(struct span class)
{
    static const char *const words[] = {"author",   "authors",  "byline",  "autor",  "autoren",
                                        "autores",  "auteur",   "auteurs", "writer", "authorname",
                                        "username", "reporter", "credits"};
    static const char *const others[] = {"bio",    "box",    "image",   "img",  "avatar",   "photo",
                                         "social", "desc",   "comment", "role", "job",      "title",
                                         "follow", "date",   "label",   "more", "position", "email",
                                         "about",  "teaser", "card"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (contains(class, others[i]))
            return false;
    for (size_t at = 0; at < class.length;) {
        size_t end = at;
        while (end < class.length && !memchr(" -_", class.text[end], 3))
            end++;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (equals((struct span){class.text + at, end - at}, words[i]))
                return true;
        at = end + 1;
    }
    return false;
}

/* "Baghdad - A. Name", "Sky News Arabia - Abu Dhabi", as Arabic pages have it: which of the two is
 * the place is told later, with the agencies' names. */
static bool is_dateline(struct span s)
{
    unsigned char first = s.length ? (unsigned char)s.text[0] : 0;
    return first >= 0xd8 && first <= 0xdb && contains(s, " - ") && looks_like_names(s);
}

/* A box of such a class with names and nothing else; `fn` is hCard's. */
static int read_box(struct search *s, uint32_t node)
{
    struct span class = html_value(s->tree, node, ATTRIBUTE_CLASS);
    struct span text = class.length ? html_text(s->tree, node) : (struct span){0};
    if (text.length < 3 || text.length > BOX_BYTES ||
        (!names_author(class) && !claims_has_word(class, "fn")) || is_of_other(s, node))
        return 0;
    uint32_t end = s->tree->nodes[node].end;
    for (uint32_t n = node + 1; n < end && n < node + NEAR_NODES; n++)
        if (names_author(html_value(s->tree, n, ATTRIBUTE_CLASS)) &&
            is_dateline(html_text(s->tree, n)))
            return 0; /* is read when its turn comes */
    uint32_t around = s->tree->nodes[s->tree->nodes[node].parent].parent;
    int e = is_dateline(text) ? add_name(s->arena, &s->lines->claims, text) : add_shown(s, text);
    for (uint32_t n = end; /* its like beside it */
         !e && s->lines->claims.author_count && n < s->tree->nodes[around].end &&
         n < node + NEAR_NODES;
         n++) {
        struct span other = html_value(s->tree, n, ATTRIBUTE_CLASS), names = html_text(s->tree, n);
        if (s->tree->nodes[n].tag != TAG_TEXT && other.length == class.length &&
            memcmp(other.text, class.text, class.length) == 0 && names.length <= BOX_BYTES)
            e = add_shown(s, names);
    }
    return e;
}

static int read_link(struct search *s, uint32_t node)
{
    struct span rel = html_value(s->tree, node, ATTRIBUTE_REL);
    if (!claims_has_word(rel, "author") || is_of_other(s, node))
        return 0;
    return claims_add_author(s->arena, &s->lines->claims, html_text(s->tree, node));
}

/* A line that begins with "By" and names somebody; labelled: with a colon behind it. */
static int read_line(struct search *s, const struct line *l, bool labelled_alone)
{
    size_t head = line_byline_prefix(l->text);
    if (l->characters > LINE_LETTERS || l->link_share < 0)
        return 0;
    for (size_t i = 0; i < sizeof heads / sizeof *heads && !head; i++)
        if (begins(l->text, heads[i]))
            head = strlen(heads[i]);
    if (!head || head >= l->text.length)
        return 0;
    struct span names = cut_behind_names(bare_name(l->text));
    bool labelled = memchr(l->text.text, ':', head) != NULL;
    if ((count_words(names) < 2 || labelled_alone) && !labelled)
        return 0;
    if (l->role == ROLE_BODY && names.length + 40 < l->text.length)
        return 0; /* a sentence */
    return add_shown(s, l->text);
}

static int read_lines(struct search *s)
{
    const struct lines *lines = s->lines;
    const struct claims *c = &lines->claims;
    size_t first = lines->count, last = 0, title = 0;
    int e = 0;
    for (size_t i = lines->count; i-- > 0;)
        if (lines->items[i].role == ROLE_BODY) {
            last = last ? last : i;
            first = i;
        } else if (lines->items[i].role == ROLE_TITLE) {
            title = i;
        }
    if (first == lines->count)
        return 0;
    for (size_t i = title < first ? title : first; i < lines->count && !e && !c->author_count;
         i++) {
        bool opening = i < first + OPENING_LINES && i <= last;
        uint8_t role = lines->items[i].role;
        if (opening ? role != ROLE_LEAD
                    : i >= last && i < last + EDGE_LINES &&
                          (role == ROLE_UNKNOWN || role == ROLE_BODY || role == ROLE_BYLINE))
            e = read_line(s, &lines->items[i], false);
    }
    for (size_t i = 0; i < lines->count && !e && !c->author_count; i++)
        if (lines->items[i].role == ROLE_UNKNOWN)
            e = read_line(s, &lines->items[i], true);
    return e;
}

int html_settle_authors(struct arena *arena, const struct page_source *source,
                        const struct html_tree *tree, const uint16_t *boxes,
                        const struct html_place *places, struct lines *lines)
{
    struct search s = {.arena = arena, .tree = tree, .boxes = boxes, .lines = lines};
    for (size_t i = 0; i < lines->count && !s.text; i++)
        s.text = lines->items[i].role == ROLE_BODY ? places[i].inner : 0;
    struct claims *c = &lines->claims;
    struct span own = c->author_count == 1 ? c->authors[0] : (struct span){0};
    int e = 0;
    html_drop_site_authors(source, c);
    for (uint32_t n = 1; n < tree->node_count && !e && !c->author_count; n++)
        if (tree->nodes[n].tag == TAG_A && tree->nodes[n].attribute_count)
            e = read_link(&s, n);
    html_drop_site_authors(source, c);
    for (uint32_t n = 1; n < tree->node_count && !e && !c->author_count; n++)
        if (tree->nodes[n].tag != TAG_TEXT && tree->nodes[n].attribute_count)
            e = read_box(&s, n);
    html_drop_site_authors(source, c);
    if (!e && !c->author_count)
        e = read_lines(&s);
    html_drop_site_authors(source, c);
    if (!e && !c->author_count && own.length && memchr(own.text, ' ', own.length))
        e = add_name(arena, c, own); /* a person's own site bears the person's name */
    return e;
}
