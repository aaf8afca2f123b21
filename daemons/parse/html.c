/* Reads HTML: tree, then the lines that a reader of the page sees, with their form, links and
 * times. */
#include "parse/html_boxes.h"
#include "parse/html_content.h"
#include "parse/html_lines.h"
#include "parse/html_strip.h"
#include "parse/html_tree.h"
#include "parse/lines.h"

#include "parse/dates.h"

#include <errno.h>
#include <string.h>

/* --- what the head says
 * ------------------------------------------------------------------------------ */

static bool equals(struct span s, const char *text)
{
    return s.length == strlen(text) && memcmp(s.text, text, s.length) == 0;
}

static void read_meta(const struct html_tree *t, uint32_t node, struct claims *c)
{
    struct span name = html_value(t, node, ATTRIBUTE_PROPERTY),
                content = html_value(t, node, ATTRIBUTE_CONTENT);
    if (!name.length)
        name = html_value(t, node, ATTRIBUTE_NAME);
    if (!name.length)
        name = html_value(t, node, ATTRIBUTE_ITEMPROP);
    const struct {
        const char *name;
        struct span *claim;
    } texts[] = {
        {"og:title",               &c->social_title  },
        {"twitter:title",          &c->social_title  },
        {"headline",               &c->headline      },
        {"og:site_name",           &c->site_name     },
        {"article:section",        &c->section       },
        {"og:description",         &c->description   },
        {"description",            &c->description   },
        {"og:image",               &c->image         },
        {"og:url",                 &c->canonical_url },
        {"article:published_time", &c->published_text},
        {"datePublished",          &c->published_text},
        {"article:modified_time",  &c->updated_text  },
        {"dateModified",           &c->updated_text  },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (equals(name, texts[i].name) && content.length && !texts[i].claim->length)
            *texts[i].claim = content;
}

static void read_claims(const struct html_tree *t, struct claims *c)
{
    for (uint32_t i = 0; i < t->node_count; i++) {
        const struct html_node *n = &t->nodes[i];
        if (n->tag == TAG_META)
            read_meta(t, i, c);
        else if (n->tag == TAG_TITLE && !c->document_title.length)
            c->document_title = html_text(t, i);
        else if (n->tag == TAG_HTML)
            c->language = html_value(t, i, ATTRIBUTE_LANG);
        else if (n->tag == TAG_LINK && equals(html_value(t, i, ATTRIBUTE_REL), "canonical"))
            c->canonical_url = html_value(t, i, ATTRIBUTE_HREF);
    }
    dates_read_machine(c->published_text.text, c->published_text.length, &c->published);
    dates_read_machine(c->updated_text.text, c->updated_text.length, &c->updated);
}

int html_read(const struct page_source *source, const struct dates_context *context,
              struct arena *arena, const char *text, size_t size, struct lines *ret)
{
    (void)source;
    struct html_stripped stripped;
    struct html_tree tree;
    struct html_place *places;
    uint16_t *boxes;
    *ret = (struct lines){.claims = {.paywall = -1}};
    int e = html_strip(arena, text, size, &stripped);
    if (!e)
        e = html_tree_build(arena, stripped.text, stripped.size, &tree);
    if (!e)
        e = html_lines(arena, &tree, ret, &places);
    if (!e)
        e = html_boxes(arena, &tree, &boxes);
    if (!e)
        e = html_content(arena, context, &tree, boxes, places, ret);
    if (!e)
        read_claims(&tree, &ret->claims);
    return e;
}
