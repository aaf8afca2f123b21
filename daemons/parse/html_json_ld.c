/* The article in a page's JSON-LD. */
#include "parse/html_json_ld.h"

#include "parse/html_authors.h"
#include "parse/html_json.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum { LOOK_DEPTH = 6, ENTRIES_MAX = 200, ARTICLES_MAX = 8 };

struct reader {
    struct arena *arena;
    const struct dates_context *context;
    const struct json_tree *tree;
    struct claims *claims;
    struct html_dates *dates;
    unsigned *articles; /* read so far, in all scripts */
};

static const struct json_node *node_at(const struct reader *r, uint32_t i)
{
    return &r->tree->nodes[i];
}

static bool ends_with(struct span s, const char *end)
{
    size_t n = strlen(end);
    return s.length >= n && strncasecmp(s.text + s.length - n, end, n) == 0;
}

/* The string of a member; of an array its first; of an object what its `inner` member holds. */
static struct span text_of(const struct reader *r, uint32_t value, const char *inner)
{
    for (int depth = 0; value && depth < LOOK_DEPTH; depth++) {
        const struct json_node *n = node_at(r, value);
        if (n->kind == JSON_STRING || n->kind == JSON_OTHER)
            return n->value;
        value = n->kind == JSON_ARRAY ? n->first : json_member(r->tree, value, inner);
    }
    return (struct span){0};
}

static struct span member_text(const struct reader *r, uint32_t object, const char *name,
                               const char *inner)
{
    return text_of(r, json_member(r->tree, object, name), inner);
}

/* --- types ---------------------------------------------------------------------------------------
 */

enum type { TYPE_OTHER, TYPE_ARTICLE, TYPE_PAGE, TYPE_SITE };

static enum type type_of_name(struct span name)
{
    static const struct {
        const char *end;
        enum type type;
    } types[] = {
        {"Article",         TYPE_ARTICLE},
        {"BlogPosting",     TYPE_ARTICLE},
        {"LiveBlogPosting", TYPE_ARTICLE},
        {"Report",          TYPE_ARTICLE},
        {"Posting",         TYPE_ARTICLE},
        {"ClaimReview",     TYPE_ARTICLE},
        {"Recipe",          TYPE_ARTICLE},
        {"Review",          TYPE_ARTICLE},
        {"CreativeWork",    TYPE_ARTICLE},
        {"VideoObject",     TYPE_PAGE   },
        {"WebPage",         TYPE_PAGE   },
        {"ItemPage",        TYPE_PAGE   },
        {"AboutPage",       TYPE_PAGE   },
        {"FAQPage",         TYPE_PAGE   },
        {"PodcastEpisode",  TYPE_PAGE   },
        {"WebSite",         TYPE_SITE   },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (ends_with(name, types[i].end))
            return types[i].type;
    return TYPE_OTHER;
}

static enum type type_of(const struct reader *r, uint32_t object, bool *ret_live)
{
    uint32_t type = json_member(r->tree, object, "@type");
    enum type best = TYPE_OTHER;
    if (type && node_at(r, type)->kind == JSON_ARRAY)
        type = node_at(r, type)->first;
    for (; type; type = node_at(r, type)->next) {
        if (node_at(r, type)->kind != JSON_STRING)
            break;
        enum type t = type_of_name(node_at(r, type)->value);
        *ret_live |= ends_with(node_at(r, type)->value, "LiveBlogPosting");
        if (t && (!best || t < best))
            best = t;
        if (node_at(r, json_member(r->tree, object, "@type"))->kind != JSON_ARRAY)
            break;
    }
    return best;
}

/* --- an article
 * ------------------------------------------------------------------------------------ */

/* The object that another one names by {"@id": …}. */
static uint32_t resolved(const struct reader *r, uint32_t object)
{
    struct span id = member_text(r, object, "@id", "");
    if (!id.length || json_member(r->tree, object, "name"))
        return object;
    for (uint32_t i = 1; i < r->tree->count; i++) {
        const struct json_node *n = node_at(r, i);
        if (n->kind != JSON_OBJECT || i == object || !json_member(r->tree, i, "name"))
            continue;
        struct span other = member_text(r, i, "@id", "");
        if (other.length == id.length && memcmp(other.text, id.text, id.length) == 0)
            return i;
    }
    return object;
}

static int read_authors(struct reader *r, uint32_t value)
{
    int e = 0;
    if (!value)
        return 0;
    if (node_at(r, value)->kind == JSON_ARRAY) {
        unsigned most = 16;
        for (uint32_t i = node_at(r, value)->first; i && !e && most--; i = node_at(r, i)->next)
            e = node_at(r, i)->kind == JSON_ARRAY ? 0 : read_authors(r, i);
        return e;
    }
    if (node_at(r, value)->kind == JSON_OBJECT)
        return claims_add_author(r->arena, r->claims,
                                 member_text(r, resolved(r, value), "name", "name"));
    return claims_add_author(r->arena, r->claims, node_at(r, value)->value);
}

static int read_keywords(struct reader *r, uint32_t value)
{
    int e = 0;
    if (!value)
        return 0;
    if (node_at(r, value)->kind == JSON_STRING)
        return claims_add_keywords(r->arena, r->claims, node_at(r, value)->value);
    unsigned most = 64;
    for (uint32_t i = node_at(r, value)->first; i && !e && most--; i = node_at(r, i)->next)
        e = claims_add_keywords(r->arena, r->claims, text_of(r, i, "name"));
    return e;
}

static void read_paywall(struct reader *r, uint32_t object)
{
    struct span free = member_text(r, object, "isAccessibleForFree", "");
    if (!free.length || r->claims->paywall >= 0)
        return;
    r->claims->paywall =
        !(ends_with(free, "true") || ends_with(free, "yes") || ends_with(free, "1"));
}

/* Entries of a live blog, in the order of the page. */
static int read_entries(struct reader *r, uint32_t object)
{
    uint32_t list = json_member(r->tree, object, "liveBlogUpdate");
    struct claims *c = r->claims;
    if (!list || node_at(r, list)->kind != JSON_ARRAY || c->entry_count)
        return 0;
    c->entries = arena_alloc(r->arena, ENTRIES_MAX * sizeof *c->entries);
    if (!c->entries)
        return -ENOMEM;
    for (uint32_t i = node_at(r, list)->first; i && c->entry_count < ENTRIES_MAX;
         i = node_at(r, i)->next) {
        struct live_entry entry = {.title = claims_trimmed(member_text(r, i, "headline", "")),
                                   .text = claims_trimmed(member_text(r, i, "articleBody", ""))};
        claims_read_date(r->context, member_text(r, i, "datePublished", ""), &entry.published);
        if (entry.title.length || entry.text.length)
            c->entries[c->entry_count++] = entry;
    }
    return 0;
}

static void read_date(struct reader *r, uint32_t object, const char *name)
{
    struct span text = member_text(r, object, name, "@value");
    if (r->dates->published[DATE_JSON].precision == MOMENT_NONE &&
        claims_read_date(r->context, text, &r->dates->published[DATE_JSON]))
        r->dates->text[DATE_JSON] = text;
}

static int read_article(struct reader *r, uint32_t object)
{
    struct claims *c = r->claims;
    claims_add_text(&c->headline, member_text(r, object, "headline", "@value"));
    claims_add_text(&c->headline, member_text(r, object, "name", "@value"));
    claims_add_text(&c->section, member_text(r, object, "articleSection", "name"));
    claims_add_text(&c->description, member_text(r, object, "description", "@value"));
    claims_add_text(&c->image, member_text(r, object, "image", "url"));
    claims_add_text(&c->image, member_text(r, object, "thumbnailUrl", "url"));
    claims_add_text(&c->language, member_text(r, object, "inLanguage", "alternateName"));
    claims_add_text(
        &c->site_name,
        member_text(r, resolved(r, json_member(r->tree, object, "publisher")), "name", "name"));
    if (!c->article_body.length)
        c->article_body = member_text(r, object, "articleBody", "@value");
    read_date(r, object, "datePublished");
    read_date(r, object, "dateCreated");
    if (r->dates->updated.precision == MOMENT_NONE)
        claims_read_date(r->context, member_text(r, object, "dateModified", "@value"),
                         &r->dates->updated);
    read_paywall(r, object);
    int e = c->author_count ? 0 : read_authors(r, json_member(r->tree, object, "author"));
    if (!e && !c->author_count)
        e = read_authors(r, json_member(r->tree, object, "creator"));
    if (!e && !c->keyword_count)
        e = read_keywords(r, json_member(r->tree, object, "keywords"));
    return e ? e : read_entries(r, object);
}

/* A page that is no article says less; its name is that of the tab. */
static void read_page(struct reader *r, uint32_t object)
{
    read_date(r, object, "datePublished");
    read_date(r, object, "uploadDate");
    if (r->dates->updated.precision == MOMENT_NONE)
        claims_read_date(r->context, member_text(r, object, "dateModified", "@value"),
                         &r->dates->updated);
}

/* Visits objects of one type at the top, in arrays, in @graph and as the main entity; lists of
 * other stories are none of these. */
static int visit(struct reader *r, uint32_t value, enum type wanted, int depth)
{
    const struct json_node *n = node_at(r, value);
    int e = 0;
    if (depth == LOOK_DEPTH)
        return 0;
    if (n->kind == JSON_ARRAY) {
        for (uint32_t i = n->first; i && !e; i = node_at(r, i)->next)
            e = visit(r, i, wanted, depth + 1);
        return e;
    }
    if (n->kind != JSON_OBJECT)
        return 0;
    bool live = false;
    enum type type = type_of(r, value, &live);
    r->claims->live_blog |= live;
    if (type == wanted && type == TYPE_ARTICLE && (*r->articles)++ < ARTICLES_MAX)
        e = read_article(r, value);
    else if (type == wanted && type == TYPE_PAGE)
        read_page(r, value);
    else if (type == wanted && type == TYPE_SITE)
        claims_add_text(&r->claims->site_name, member_text(r, value, "name", "name"));
    static const char *const inner[] = {"@graph", "mainEntity", "mainEntityOfPage"};
    for (size_t i = 0; i < sizeof inner / sizeof *inner && !e; i++) {
        uint32_t member = json_member(r->tree, value, inner[i]);
        e = member ? visit(r, member, wanted, depth + 1) : 0;
    }
    return e;
}

int html_json_ld(struct arena *arena, const struct dates_context *context,
                 const struct html_stripped *stripped, struct claims *claims,
                 struct html_dates *dates)
{
    struct json_tree trees[HTML_JSON_SCRIPTS];
    unsigned articles = 0;
    int e = 0;
    for (size_t i = 0; i < stripped->json_count && !e; i++)
        e = html_json_read(arena, stripped->json[i], &trees[i]);
    for (enum type wanted = TYPE_ARTICLE; wanted <= TYPE_SITE && !e; wanted++)
        for (size_t i = 0; i < stripped->json_count && !e; i++) {
            struct reader r = {.arena = arena,
                               .context = context,
                               .tree = &trees[i],
                               .claims = claims,
                               .dates = dates,
                               .articles = &articles};
            e = visit(&r, 0, wanted, 0);
        }
    return e;
}
