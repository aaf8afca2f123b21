/* What boxes are for: a table of the words that classes and ids are made of. */
#include "parse/html_boxes.h"

#include <errno.h>
#include <string.h>
#include <xxhash.h>

enum {
    VALUE_MAX = 512, /* bytes of a class or id that are looked at */
    WORD_MAX = 24,
    FIGURE_NODES = 500, /* what has more is no picture */
    MEMORY = 512,       /* values that are remembered; a power of two */
};

struct word {
    const char *text; /* with * behind it: words that begin so */
    uint16_t box;
};

/* Ordered by text; html_box_word() lets a test see to it. Languages as on news pages: English,
 * German, French, Spanish, Italian, Dutch, Turkish, and Arabic and Persian in Latin letters. */
static const struct word words[] = {
#include "parse/html_box_words.inc"
};

/* Names of boxes with the text of an article, letters only, as the end of a class or id. */
static const char *const bodies[] = {
    "articlebody",       "articlecontent", "articletext",    "articlemain",
    "bodytext",          "bodycopy",       "contentbody",    "entrycontent",
    "postcontent",       "postbody",       "posttext",       "storybody",
    "storycontent",      "storytext",      "newsbody",       "newscontent",
    "newstext",          "newsdetail",     "textbody",       "articledetails",
    "detailsbody",       "blogcontent",    "blogbody",       "singlecontent",
    "artikeltext",       "artikelbody",    "artikelinhalt",  "notatexto",
    "cuerponoticia",     "articulocuerpo", "corpsarticle",   "textearticle",
    "contenuarticle",    "testoarticolo",  "haberdetay",     "habericerik",
    "khabarbody",        "articlecopy",    "storyarticle",   "richtextarticlebody",
    "articleparagraphs", "pagebody",       "mwparseroutput", "articlebodycontent",
    "postentry",         "entrybody",      "entrytext",
};
static const char *const body_endings[] = {"",      "wrapper", "inner", "container", "main",
                                           "block", "area",    "text",  "content"};

const char *html_box_word(size_t i)
{
    return i < sizeof words / sizeof *words ? words[i].text : NULL;
}

static unsigned look_up(const char *word, size_t size)
{
    size_t low = 0, high = sizeof words / sizeof *words;
    while (low < high) { /* the first row above the word */
        size_t middle = low + (high - low) / 2;
        const char *row = words[middle].text;
        size_t n = strcspn(row, "*");
        int order = memcmp(row, word, n < size ? n : size);
        if (order > 0 || (order == 0 && n > size))
            high = middle;
        else
            low = middle + 1;
    }
    /* rows that begin the word stand right below it, other rows with the same beginning between
     * them */
    for (size_t i = low; i-- > 0 && words[i].text[0] == word[0] && words[i].text[1] == word[1];) {
        const char *row = words[i].text;
        size_t n = strcspn(row, "*");
        if (n <= size && memcmp(row, word, n) == 0 && (n == size || row[n]))
            return words[i].box;
    }
    return 0;
}

/* Classes of whole names that hide a box from the eye. */
static bool names_hidden(const char *letters, size_t size)
{
    static const char *const names[] = {
        "hidden",           "hide",          "invisible",   "visuallyhidden",
        "visibilityhidden", "offscreen",     "sronly",      "screenreadertext",
        "screenreaderonly", "screenreader",  "uhidden",     "accessibilityhidden",
        "elementinvisible", "elementhidden", "displaynone", "dnone"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == size && memcmp(letters, names[i], size) == 0)
            return true;
    return false;
}

static bool ends_with(const char *text, size_t size, const char *end, size_t length)
{
    return size >= length && memcmp(text + size - length, end, length) == 0;
}

static bool names_body(const char *letters, size_t size)
{
    for (size_t k = 0; k < sizeof body_endings / sizeof *body_endings; k++) {
        size_t n = strlen(body_endings[k]);
        if (!ends_with(letters, size, body_endings[k], n))
            continue;
        for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
            if (ends_with(letters, size - n, bodies[i], strlen(bodies[i])))
                return true;
    }
    return false;
}

static bool begins_with(const char *text, size_t size, const char *start)
{
    size_t n = strlen(start);
    return size >= n && memcmp(text, start, n) == 0;
}

/* Classes that say something of the page or of its subject, not of the box. */
static bool is_about_subject(const char *name, size_t size)
{
    static const char *const starts[] = {"category-", "tag-",    "has-",     "no-",     "with-",
                                         "is-",       "js-",     "without-", "term-",   "tax-",
                                         "hentry-",   "author-", "hide-",    "not-",    "elementor",
                                         "vc_",       "wpb_",    "et_pb",    "fusion-", "fl-"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (begins_with(name, size, starts[i]))
            return true;
    return false;
}

/* One class: its words. */
static unsigned box_of_name(const char *name, size_t size)
{
    char letters[VALUE_MAX];
    size_t used = 0, start = 0;
    unsigned box = 0;
    bool humped = false; /* the word begins or ends at a capital letter */
    if (is_about_subject(name, size))
        return 0;
    for (size_t i = 0; i <= size; i++) {
        char c = i < size ? name[i] : '-';
        bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
        bool hump = upper && i && name[i - 1] >= 'a' && name[i - 1] <= 'z';
        if ((hump || (!upper && !lower)) && used > start) {
            if (used - start > (humped || hump ? 3 : 1) && used - start <= WORD_MAX)
                box |= look_up(letters + start, used - start);
            start = used;
            humped = hump;
        }
        if (upper || lower)
            letters[used++] = (char)(c | 0x20);
    }
    if (!(box & (BOX_ASIDE | BOX_COMMENTS | BOX_ABOUT | BOX_CAPTION)) && names_body(letters, used))
        box |= BOX_BODY;
    if (names_hidden(letters, used))
        box |= BOX_HIDDEN;
    return box;
}

unsigned html_box_of_words(const char *value, size_t size)
{
    unsigned box = 0;
    if (size > VALUE_MAX)
        size = VALUE_MAX;
    for (size_t at = 0; at < size;) {
        size_t end = at;
        while (end < size && value[end] > ' ')
            end++;
        if (end > at)
            box |= box_of_name(value + at, end - at);
        at = end + 1;
    }
    return box;
}

/* What was worked out for a value, by its hash: pages repeat a few classes thousands of times. */
struct memory {
    uint64_t hash;
    unsigned box;
};

static unsigned recalled(struct memory *memory, struct span value)
{
    uint64_t hash = XXH3_64bits(value.text, value.length);
    struct memory *m = &memory[hash & (MEMORY - 1)];
    if (m->hash != hash)
        *m = (struct memory){hash, html_box_of_words(value.text, value.length)};
    return m->box;
}

static bool equals(struct span s, const char *text)
{
    return s.length == strlen(text) && memcmp(s.text, text, s.length) == 0;
}

static unsigned box_of_role(struct span role)
{
    static const struct word roles[] = {
        {"navigation",    BOX_ASIDE  },
        {"banner",        BOX_ASIDE  },
        {"contentinfo",   BOX_ASIDE  },
        {"complementary", BOX_ASIDE  },
        {"search",        BOX_ASIDE  },
        {"dialog",        BOX_ASIDE  },
        {"menu",          BOX_ASIDE  },
        {"menubar",       BOX_ASIDE  },
        {"toolbar",       BOX_ASIDE  },
        {"alertdialog",   BOX_ASIDE  },
        {"tooltip",       BOX_ASIDE  },
        {"article",       BOX_ARTICLE},
        {"main",          BOX_ARTICLE},
    };
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (equals(role, roles[i].text))
            return roles[i].box;
    return 0;
}

static unsigned box_of_tag(enum html_tag tag)
{
    switch (tag) {
    case TAG_NAV:
    case TAG_FOOTER:
    case TAG_ASIDE:
    case TAG_FORM:
    case TAG_MENU:
    case TAG_FIELDSET:
    case TAG_MARQUEE:
        return BOX_ASIDE;
    case TAG_ARTICLE:
    case TAG_MAIN:
        return BOX_ARTICLE;
    case TAG_FIGCAPTION:
        return BOX_CAPTION;
    default:
        return 0;
    }
}

/* display: none and the like, however spaced. */
static bool hides(struct span style)
{
    static const char *const properties[] = {"display", "visibility"};
    static const char *const values[] = {"none", "hidden"};
    for (size_t i = 0; i < 2; i++) {
        const char *p = memmem(style.text, style.length, properties[i], strlen(properties[i]));
        if (!p)
            continue;
        const char *end = style.text + style.length;
        p += strlen(properties[i]);
        while (p < end && (*p == ' ' || *p == ':'))
            p++;
        if ((size_t)(end - p) >= strlen(values[i]) && memcmp(p, values[i], strlen(values[i])) == 0)
            return true;
    }
    return false;
}

static unsigned box_of_property(struct span property)
{
    if (equals(property, "articleBody") || equals(property, "schema:articleBody") ||
        equals(property, "text"))
        return BOX_BODY;
    if (equals(property, "comment") || equals(property, "commentText"))
        return BOX_COMMENTS;
    if (equals(property, "author") || equals(property, "datePublished") ||
        equals(property, "dateModified") || equals(property, "keywords"))
        return BOX_ABOUT;
    if (equals(property, "caption"))
        return BOX_CAPTION;
    return 0;
}

/* Figures of pictures have captions; others hold a table, a quotation, a program. */
static bool is_of_picture(const struct html_tree *t, uint32_t figure)
{
    uint32_t end = t->nodes[figure].end;
    if (end - figure > FIGURE_NODES)
        return false;
    return html_next(t, figure, end, TAG_TABLE) == end &&
           html_next(t, figure, end, TAG_BLOCKQUOTE) == end &&
           html_next(t, figure, end, TAG_PRE) == end;
}

static unsigned box_of_node(const struct html_tree *t, uint32_t node, struct memory *memory)
{
    const struct html_node *n = &t->nodes[node];
    unsigned box = box_of_tag(n->tag), named = 0;
    if (n->tag == TAG_FIGURE && is_of_picture(t, node))
        box |= BOX_CAPTION;
    for (unsigned i = 0; i < n->attribute_count; i++) {
        const struct html_attribute *a = &t->attributes[n->attributes + i];
        switch (a->name) {
        case ATTRIBUTE_CLASS:
        case ATTRIBUTE_ID:
        case ATTRIBUTE_DATA_COMPONENT:
        case ATTRIBUTE_DATA_TESTID:
            named |= recalled(memory, a->value);
            break;
        case ATTRIBUTE_ROLE:
            box |= box_of_role(a->value);
            break;
        case ATTRIBUTE_ITEMPROP:
        case ATTRIBUTE_PROPERTY:
            box |= box_of_property(a->value);
            break;
        case ATTRIBUTE_ITEMTYPE:
            box |= memmem(a->value.text, a->value.length, "Comment", 7) ? BOX_COMMENTS : 0;
            break;
        case ATTRIBUTE_HIDDEN:
            box |= BOX_HIDDEN;
            break;
        case ATTRIBUTE_STYLE:
            box |= hides(a->value) ? BOX_HIDDEN : 0;
            break;
        case ATTRIBUTE_ARIA_HIDDEN:
            box |= equals(a->value, "true") ? BOX_HIDDEN : 0;
            break;
        default:
            break;
        }
    }
    if (n->tag == TAG_BODY || n->tag == TAG_HTML)
        return 0;
    if (n->tag == TAG_TR || n->tag == TAG_TBODY || n->tag == TAG_BLOCKQUOTE)
        named &= BOX_BODY | BOX_HIDDEN;
    if (n->tag == TAG_P && named & BOX_PAYWALL)
        named &= ~(unsigned)(BOX_PAYWALL | BOX_ASIDE);
    if (n->tag == TAG_MAIN)
        named &= ~(unsigned)(BOX_ASIDE | BOX_COMMENTS | BOX_ABOUT | BOX_CAPTION);
    return box | named;
}

int html_boxes(struct arena *arena, const struct html_tree *tree, uint16_t **ret)
{
    uint16_t *boxes = arena_zalloc(arena, (tree->node_count + 1) * sizeof *boxes);
    struct memory *memory = arena_zalloc(arena, MEMORY * sizeof *memory);
    if (!boxes || !memory)
        return -ENOMEM;
    for (uint32_t i = 1; i < tree->node_count; i++)
        if (tree->nodes[i].tag != TAG_TEXT)
            boxes[i] = (uint16_t)box_of_node(tree, i, memory);
    *ret = boxes;
    return 0;
}
