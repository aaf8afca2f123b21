/* Claims of a page, from its <meta>, microdata, <time> and <link>. */
#include "parse/html_claims.h"

#include "libcommon/utf8.h"
#include "parse/dates.h"
#include "parse/html_authors.h"
#include "parse/html_json_ld.h"
#include "parse/line_words.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum { AUTHOR_NODES = 64, LIST_MAX = 32, TEXT_MAX = 2000, NAME_MAX_BYTES = 120 };

struct reader {
    struct arena *arena;
    const struct dates_context *context;
    const struct html_tree *tree;
    const uint16_t *boxes;
    struct claims *claims;
    struct html_dates *dates;
    bool named;    /* JSON-LD named the authors */
    bool credited; /* <meta> did */
    bool labelled; /* twitter:label1 says that twitter:data1 does */
};

static bool equals(struct span s, const char *text)
{
    return s.length == strlen(text) && strncasecmp(s.text, text, s.length) == 0;
}

bool claims_has_word(struct span s, const char *text)
{
    size_t n = strlen(text);
    for (size_t at = 0; at + n <= s.length; at++)
        if ((at == 0 || s.text[at - 1] == ' ') && (at + n == s.length || s.text[at + n] == ' ') &&
            strncasecmp(s.text + at, text, n) == 0)
            return true;
    return false;
}

static bool contains(struct span s, const char *text)
{
    return s.length && memmem(s.text, s.length, text, strlen(text));
}

/* --- lists of names and words ------------------------------------------------------------------
 */

struct span claims_trimmed(struct span s)
{
    while (s.length && (unsigned char)*s.text <= ' ') {
        s.text++;
        s.length--;
    }
    while (s.length && (unsigned char)s.text[s.length - 1] <= ' ')
        s.length--;
    return s;
}

static int add_to_list(struct arena *arena, struct span **list, size_t *count, struct span item)
{
    item = claims_trimmed(item);
    if (!item.length || item.length > NAME_MAX_BYTES || *count == LIST_MAX)
        return 0;
    for (size_t i = 0; i < *count; i++)
        if ((*list)[i].length == item.length &&
            strncasecmp((*list)[i].text, item.text, item.length) == 0)
            return 0;
    if (!*list)
        *list = arena_alloc(arena, LIST_MAX * sizeof **list);
    if (!*list)
        return -ENOMEM;
    (*list)[(*count)++] = item;
    return 0;
}

/* Keywords parted by commas: ',', ARABIC COMMA (U+060C), ';'. */
int claims_add_keywords(struct arena *arena, struct claims *c, struct span words)
{
    size_t start = 0;
    for (size_t i = 0; i <= words.length; i++) {
        bool arabic = i + 1 < words.length && memcmp(words.text + i, "\xd8\x8c", 2) == 0;
        if (i < words.length && words.text[i] != ',' && words.text[i] != ';' && !arabic)
            continue;
        int e = add_to_list(arena, &c->keywords, &c->keyword_count,
                            (struct span){words.text + start, i - start});
        if (e < 0)
            return e;
        start = i + 1 + arabic;
        i += arabic;
    }
    return 0;
}

void claims_add_text(struct span *claim, struct span text)
{
    text = claims_trimmed(text);
    if (!claim->length && text.length <= TEXT_MAX)
        *claim = text;
}

/* --- dates -------------------------------------------------------------------------------------
 */

static int digit_of(uint32_t c)
{
    if (c >= '0' && c <= '9')
        return (int)(c - '0');
    if (c >= 0x660 && c <= 0x669) /* ARABIC-INDIC DIGITs */
        return (int)(c - 0x660);
    if (c >= 0x6f0 && c <= 0x6f9) /* EXTENDED ARABIC-INDIC DIGITs */
        return (int)(c - 0x6f0);
    return -1;
}

bool claims_names_year(struct span s)
{
    unsigned run = 0, groups = 0, longest = 0;
    for (size_t at = 0; at < s.length;) {
        if (digit_of(utf8_next(s.text, &at)) < 0) {
            run = 0;
            continue;
        }
        groups += run++ == 0;
        longest = run > longest ? run : longest;
    }
    return longest >= 4 || groups >= 3;
}

bool claims_read_date(const struct dates_context *context, struct span text, struct moment *ret)
{
    text = claims_trimmed(text);
    struct moment m;
    if (!text.length || text.length > 160)
        return false;
    /* machines put the year first; where they put the month first, the page has shown it */
    bool turned = context->day_order == MONTH_FIRST && claims_names_year(text) &&
                  dates_read_line(context, text.text, text.length, &m);
    if (!turned && !dates_read_machine(text.text, text.length, &m) &&
        (!claims_names_year(text) || !dates_read_line(context, text.text, text.length, &m)))
        return false;
    if (m.precision < MOMENT_DAY || m.precision > MOMENT_SECOND || m.year < 1990)
        return false;
    *ret = m;
    return true;
}

static void add_date(struct reader *r, enum date_source source, struct span text)
{
    if (r->dates->published[source].precision == MOMENT_NONE &&
        claims_read_date(r->context, text, &r->dates->published[source]))
        r->dates->text[source] = claims_trimmed(text);
}

static void add_update(struct reader *r, struct span text)
{
    if (r->dates->updated.precision == MOMENT_NONE)
        claims_read_date(r->context, text, &r->dates->updated);
}

/* --- <meta> ------------------------------------------------------------------------------------
 */

enum meta_kind {
    META_TITLE,
    META_HEADLINE,
    META_SITE,
    META_SECTION,
    META_DESCRIPTION,
    META_IMAGE,
    META_URL,
    META_LANGUAGE,
    META_AUTHOR,
    META_KEYWORDS,
    META_PUBLISHED,
    META_PUBLISHED_WEAK,
    META_UPDATED,
    META_PAYWALL,
    META_LABEL,
    META_LABELLED,
};

static const struct {
    const char *name;
    enum meta_kind kind;
} metas[] = {
    {"og:title",                     META_TITLE         },
    {"twitter:title",                META_TITLE         },
    {"parsely-title",                META_HEADLINE      },
    {"sailthru.title",               META_HEADLINE      },
    {"dc.title",                     META_HEADLINE      },
    {"dcterms.title",                META_HEADLINE      },
    {"citation_title",               META_HEADLINE      },
    {"headline",                     META_HEADLINE      },
    {"title",                        META_HEADLINE      },
    {"fb_title",                     META_HEADLINE      },
    {"og:site_name",                 META_SITE          },
    {"application-name",             META_SITE          },
    {"apple-mobile-web-app-title",   META_SITE          },
    {"article:section",              META_SECTION       },
    {"section",                      META_SECTION       },
    {"parsely-section",              META_SECTION       },
    {"articlesection",               META_SECTION       },
    {"category",                     META_SECTION       },
    {"og:description",               META_DESCRIPTION   },
    {"description",                  META_DESCRIPTION   },
    {"twitter:description",          META_DESCRIPTION   },
    {"dc.description",               META_DESCRIPTION   },
    {"og:image",                     META_IMAGE         },
    {"og:image:url",                 META_IMAGE         },
    {"twitter:image",                META_IMAGE         },
    {"twitter:image:src",            META_IMAGE         },
    {"og:url",                       META_URL           },
    {"og:locale",                    META_LANGUAGE      },
    {"dc.language",                  META_LANGUAGE      },
    {"language",                     META_LANGUAGE      },
    {"author",                       META_AUTHOR        },
    {"article:author",               META_AUTHOR        },
    {"og:article:author",            META_AUTHOR        },
    {"byl",                          META_AUTHOR        },
    {"dc.creator",                   META_AUTHOR        },
    {"dcterms.creator",              META_AUTHOR        },
    {"dcterms.creatoralternative",   META_AUTHOR        },
    {"citation_author",              META_AUTHOR        },
    {"parsely-author",               META_AUTHOR        },
    {"sailthru.author",              META_AUTHOR        },
    {"cxenseparse:author",           META_AUTHOR        },
    {"rbauthors",                    META_AUTHOR        },
    {"keywords",                     META_KEYWORDS      },
    {"news_keywords",                META_KEYWORDS      },
    {"article:tag",                  META_KEYWORDS      },
    {"parsely-tags",                 META_KEYWORDS      },
    {"sailthru.tags",                META_KEYWORDS      },
    {"article:published_time",       META_PUBLISHED     },
    {"article:published",            META_PUBLISHED     },
    {"og:article:published_time",    META_PUBLISHED     },
    {"og:published_time",            META_PUBLISHED     },
    {"article:publicationdate",      META_PUBLISHED     },
    {"datepublished",                META_PUBLISHED     },
    {"rnews:datepublished",          META_PUBLISHED     },
    {"publication_date",             META_PUBLISHED     },
    {"publicationdate",              META_PUBLISHED     },
    {"originalpublicationdate",      META_PUBLISHED     },
    {"pubdate",                      META_PUBLISHED     },
    {"publish-date",                 META_PUBLISHED     },
    {"publish_date",                 META_PUBLISHED     },
    {"publishdate",                  META_PUBLISHED     },
    {"published-date",               META_PUBLISHED     },
    {"published_date",               META_PUBLISHED     },
    {"parsely-pub-date",             META_PUBLISHED     },
    {"sailthru.date",                META_PUBLISHED     },
    {"cxenseparse:recs:publishtime", META_PUBLISHED     },
    {"cxenseparse:publishtime",      META_PUBLISHED     },
    {"article_date_original",        META_PUBLISHED     },
    {"article.published",            META_PUBLISHED     },
    {"article.created",              META_PUBLISHED     },
    {"citation_publication_date",    META_PUBLISHED     },
    {"citation_online_date",         META_PUBLISHED     },
    {"dc.date.issued",               META_PUBLISHED     },
    {"dcterms.issued",               META_PUBLISHED     },
    {"dcterms.created",              META_PUBLISHED     },
    {"dc.date.created",              META_PUBLISHED     },
    {"dcterms.date",                 META_PUBLISHED     },
    {"displaydate",                  META_PUBLISHED     },
    {"datecreated",                  META_PUBLISHED     },
    {"bt:pubdate",                   META_PUBLISHED     },
    {"release_date",                 META_PUBLISHED     },
    {"og:release_date",              META_PUBLISHED     },
    {"video:release_date",           META_PUBLISHED     },
    {"dc.date",                      META_PUBLISHED_WEAK},
    {"date",                         META_PUBLISHED_WEAK},
    {"article:date",                 META_PUBLISHED_WEAK},
    {"citation_date",                META_PUBLISHED_WEAK},
    {"timestamp",                    META_PUBLISHED_WEAK},
    {"created",                      META_PUBLISHED_WEAK},
    {"article:modified_time",        META_UPDATED       },
    {"article:modified",             META_UPDATED       },
    {"og:updated_time",              META_UPDATED       },
    {"og:modified_time",             META_UPDATED       },
    {"datemodified",                 META_UPDATED       },
    {"last-modified",                META_UPDATED       },
    {"lastmod",                      META_UPDATED       },
    {"dcterms.modified",             META_UPDATED       },
    {"dc.date.modified",             META_UPDATED       },
    {"article.updated",              META_UPDATED       },
    {"modified_date",                META_UPDATED       },
    {"revised",                      META_UPDATED       },
    {"article:content_tier",         META_PAYWALL       },
    {"twitter:label1",               META_LABEL         },
    {"twitter:data1",                META_LABELLED      },
};

/* What plugins label the author with. */
static bool is_author_label(struct span label)
{
    static const char *const words[] = {
        "written by",  "by",         "author",     "verfasst von",    "geschrieben von", "autor",
        "escrito por", "écrit par",  "scritto da", "geschreven door", "napisane przez",  "yazan",
        "كُتب بواسطة",  "كتب بواسطة", "بقلم",       "الكاتب",          "نوشته شده توسط"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (equals(label, words[i]))
            return true;
    return false;
}

static int take_meta(struct reader *r, enum meta_kind kind, struct span content)
{
    struct claims *c = r->claims;
    switch (kind) {
    case META_TITLE:
        claims_add_text(&c->social_title, content);
        return 0;
    case META_HEADLINE:
        claims_add_text(&c->headline, content);
        return 0;
    case META_SITE:
        claims_add_text(&c->site_name, content);
        return 0;
    case META_SECTION:
        if (!contains(content, "/") && content.length <= NAME_MAX_BYTES)
            claims_add_text(&c->section, content);
        return 0;
    case META_DESCRIPTION:
        claims_add_text(&c->description, content);
        return 0;
    case META_IMAGE:
        claims_add_text(&c->image, content);
        return 0;
    case META_URL:
        claims_add_text(&c->canonical_url, content);
        return 0;
    case META_LANGUAGE:
        claims_add_text(&c->language, content);
        return 0;
    case META_AUTHOR:
        if (r->named)
            return 0;
        r->credited = true;
        return claims_add_author(r->arena, c, content);
    case META_KEYWORDS:
        return claims_add_keywords(r->arena, c, content);
    case META_PUBLISHED:
        add_date(r, DATE_META, content);
        return 0;
    case META_PUBLISHED_WEAK:
        add_date(r, DATE_META_WEAK, content);
        return 0;
    case META_UPDATED:
        add_update(r, content);
        return 0;
    case META_PAYWALL:
        if (c->paywall < 0)
            c->paywall = equals(content, "locked") || equals(content, "metered");
        return 0;
    case META_LABEL:
        r->labelled = is_author_label(claims_trimmed(content));
        return 0;
    case META_LABELLED:
        if (!r->labelled || r->named || r->credited)
            return 0;
        r->credited = true;
        return claims_add_author(r->arena, c, content);
    }
    return 0;
}

static int read_meta(struct reader *r, uint32_t node)
{
    static const enum html_attribute_name names[] = {ATTRIBUTE_PROPERTY, ATTRIBUTE_NAME,
                                                     ATTRIBUTE_ITEMPROP};
    struct span content = html_value(r->tree, node, ATTRIBUTE_CONTENT);
    if (!content.length)
        return 0;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        struct span name = html_value(r->tree, node, names[k]);
        for (size_t i = 0; name.length && i < sizeof metas / sizeof *metas; i++)
            if (equals(name, metas[i].name))
                return take_meta(r, metas[i].kind, content);
    }
    return 0;
}

/* --- microdata, <time>, <link> ------------------------------------------------------------------
 */

/* What an element says: its content, its datetime, its title as hAtom has it, its text. */
static struct span value_of(const struct reader *r, uint32_t node)
{
    static const enum html_attribute_name names[] = {ATTRIBUTE_CONTENT, ATTRIBUTE_DATETIME};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct span value = html_value(r->tree, node, names[i]);
        if (value.length)
            return value;
    }
    return html_text(r->tree, node);
}

/* Whether an element is inside what belongs to another story. */
static bool is_of_other(const struct reader *r, uint32_t node)
{
    for (; node; node = r->tree->nodes[node].parent)
        if (r->boxes[node] & (BOX_COMMENTS | BOX_RELATED) || r->tree->nodes[node].tag == TAG_ASIDE)
            return true;
    return false;
}

static int read_property(struct reader *r, uint32_t node, struct span property)
{
    struct claims *c = r->claims;
    if (is_of_other(r, node))
        return 0;
    if (claims_has_word(property, "headline"))
        claims_add_text(&c->headline, value_of(r, node));
    else if (claims_has_word(property, "datePublished"))
        add_date(r, DATE_MICRODATA, value_of(r, node));
    else if (claims_has_word(property, "dateModified"))
        add_update(r, value_of(r, node));
    else if (claims_has_word(property, "articleSection"))
        claims_add_text(&c->section, value_of(r, node));
    else if (claims_has_word(property, "author") && !r->named && !r->credited) {
        /* a name inside it says more than all of its text */
        const struct html_tree *t = r->tree;
        for (uint32_t n = node + 1; n < t->nodes[node].end && n < node + AUTHOR_NODES; n++)
            if (claims_has_word(html_value(t, n, ATTRIBUTE_ITEMPROP), "name"))
                return claims_add_author(r->arena, c, value_of(r, n));
        return claims_add_author(r->arena, c, value_of(r, node));
    }
    return 0;
}

static void read_time(struct reader *r, uint32_t node)
{
    struct span class = html_value(r->tree, node, ATTRIBUTE_CLASS),
                value = html_value(r->tree, node, ATTRIBUTE_DATETIME);
    struct span property = html_value(r->tree, node, ATTRIBUTE_ITEMPROP);
    if (!value.length)
        value = html_text(r->tree, node);
    if (property.length || is_of_other(r, node))
        return;
    if (contains(class, "updated") && !contains(class, "published"))
        add_update(r, value);
    else
        add_date(r, DATE_TIME, value);
}

static bool says_published(struct span class)
{
    static const char *const words[] = {"published",     "entry-date",      "post-date",
                                        "pubdate",       "date-published",  "publish-date",
                                        "article-date",  "post-time",       "date-header",
                                        "article__date", "publication-date"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (claims_has_word(class, words[i]))
            return true;
    return false;
}

/* <abbr class=published title=…>, <span class=entry-date>. */
static void read_class_date(struct reader *r, uint32_t node)
{
    struct span class = html_value(r->tree, node, ATTRIBUTE_CLASS),
                title = html_value(r->tree, node, ATTRIBUTE_TITLE);
    if (!class.length || !says_published(class) || is_of_other(r, node))
        return;
    if (title.length)
        add_date(r, DATE_TIME, title);
    add_date(r, DATE_TIME, html_text(r->tree, node));
}

static int read_link(struct reader *r, uint32_t node)
{
    struct span rel = html_value(r->tree, node, ATTRIBUTE_REL);
    if (claims_has_word(rel, "canonical"))
        r->claims->canonical_url = html_value(r->tree, node, ATTRIBUTE_HREF);
    return 0;
}

static int read_node(struct reader *r, uint32_t node)
{
    const struct html_node *n = &r->tree->nodes[node];
    struct span property =
        n->attribute_count ? html_value(r->tree, node, ATTRIBUTE_ITEMPROP) : (struct span){0};
    int e = 0;
    if (n->tag == TAG_META)
        e = read_meta(r, node);
    if (!e && property.length)
        e = read_property(r, node, property);
    switch (n->tag) {
    case TAG_TITLE:
        claims_add_text(&r->claims->document_title, html_text(r->tree, node));
        break;
    case TAG_HTML:
        claims_add_text(&r->claims->language, html_value(r->tree, node, ATTRIBUTE_LANG));
        break;
    case TAG_LINK:
        e = e ? e : read_link(r, node);
        break;
    case TAG_TIME:
        read_time(r, node);
        break;
    case TAG_ABBR:
    case TAG_SPAN:
    case TAG_DIV:
    case TAG_P:
    case TAG_LI:
    case TAG_STRONG:
        if (n->attribute_count)
            read_class_date(r, node);
        break;
    default:
        break;
    }
    return e;
}

int html_claims(struct arena *arena, const struct page_source *source,
                const struct dates_context *context, const struct html_stripped *stripped,
                const struct html_tree *tree, const uint16_t *boxes, struct claims *ret,
                struct html_dates *ret_dates)
{
    struct reader r = {.arena = arena,
                       .context = context,
                       .tree = tree,
                       .boxes = boxes,
                       .claims = ret,
                       .dates = ret_dates};
    *ret = (struct claims){.paywall = -1};
    *ret_dates = (struct html_dates){0};
    int e = html_json_ld(arena, context, stripped, ret, ret_dates);
    r.named = ret->author_count > 0;
    for (uint32_t i = 1; i < tree->node_count && !e; i++)
        if (tree->nodes[i].tag != TAG_TEXT)
            e = read_node(&r, i);
    if (source->url &&
        dates_read_url(source->url, strlen(source->url), &ret_dates->published[DATE_URL]))
        ret_dates->text[DATE_URL] = (struct span){source->url, strlen(source->url)};
    if (!e && ret_dates->published[DATE_URL].precision == MOMENT_NONE &&
        ret->canonical_url.length &&
        dates_read_url(ret->canonical_url.text, ret->canonical_url.length,
                       &ret_dates->published[DATE_URL]))
        ret_dates->text[DATE_URL] = ret->canonical_url;
    return e;
}
