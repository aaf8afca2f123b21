/* Names of HTML elements and attributes that parse knows, each once, with what is true of them anywhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum html_trait {
    HTML_VOID = 1,     /* has no content and no end tag */
    HTML_RAW = 2,      /* its content is not markup or not text: left out before parsing */
    HTML_HIDDEN = 4,   /* its text is not read with the page */
    HTML_BLOCK = 8,    /* begins and ends a line */
    HTML_IMPLIED = 16, /* ends where the next of its kind begins */
    HTML_ONCE = 32,    /* a second one on the page means nothing */
};

/* name, as written, traits. Ordered by name: html_names.c looks up by first letter. */
#define HTML_TAGS(X)                                                                               \
    X(A, "a", HTML_IMPLIED)                                                                        \
    X(ABBR, "abbr", 0)                                                                             \
    X(ADDRESS, "address", HTML_BLOCK)                                                              \
    X(AREA, "area", HTML_VOID)                                                                     \
    X(ARTICLE, "article", HTML_BLOCK)                                                              \
    X(ASIDE, "aside", HTML_BLOCK)                                                                  \
    X(AUDIO, "audio", HTML_HIDDEN | HTML_BLOCK)                                                    \
    X(B, "b", 0)                                                                                   \
    X(BASE, "base", HTML_VOID)                                                                     \
    X(BIG, "big", 0)                                                                               \
    X(BLOCKQUOTE, "blockquote", HTML_BLOCK)                                                        \
    X(BODY, "body", HTML_BLOCK | HTML_ONCE)                                                        \
    X(BR, "br", HTML_VOID)                                                                         \
    X(BUTTON, "button", HTML_HIDDEN)                                                               \
    X(CANVAS, "canvas", HTML_HIDDEN)                                                               \
    X(CAPTION, "caption", HTML_BLOCK)                                                              \
    X(CENTER, "center", HTML_BLOCK)                                                                \
    X(CITE, "cite", 0)                                                                             \
    X(CODE, "code", 0)                                                                             \
    X(COL, "col", HTML_VOID)                                                                       \
    X(COLGROUP, "colgroup", 0)                                                                     \
    X(DATALIST, "datalist", HTML_HIDDEN)                                                           \
    X(DD, "dd", HTML_BLOCK | HTML_IMPLIED)                                                         \
    X(DEL, "del", 0)                                                                               \
    X(DETAILS, "details", HTML_BLOCK)                                                              \
    X(DIALOG, "dialog", HTML_HIDDEN | HTML_BLOCK)                                                  \
    X(DIV, "div", HTML_BLOCK)                                                                      \
    X(DL, "dl", HTML_BLOCK)                                                                        \
    X(DT, "dt", HTML_BLOCK | HTML_IMPLIED)                                                         \
    X(EM, "em", 0)                                                                                 \
    X(EMBED, "embed", HTML_VOID)                                                                   \
    X(FIELDSET, "fieldset", HTML_BLOCK)                                                            \
    X(FIGCAPTION, "figcaption", HTML_BLOCK)                                                        \
    X(FIGURE, "figure", HTML_BLOCK)                                                                \
    X(FONT, "font", 0)                                                                             \
    X(FOOTER, "footer", HTML_BLOCK)                                                                \
    X(FORM, "form", HTML_BLOCK)                                                                    \
    X(H1, "h1", HTML_BLOCK)                                                                        \
    X(H2, "h2", HTML_BLOCK)                                                                        \
    X(H3, "h3", HTML_BLOCK)                                                                        \
    X(H4, "h4", HTML_BLOCK)                                                                        \
    X(H5, "h5", HTML_BLOCK)                                                                        \
    X(H6, "h6", HTML_BLOCK)                                                                        \
    X(HEAD, "head", HTML_BLOCK | HTML_ONCE)                                                        \
    X(HEADER, "header", HTML_BLOCK)                                                                \
    X(HGROUP, "hgroup", HTML_BLOCK)                                                                \
    X(HR, "hr", HTML_VOID | HTML_BLOCK)                                                            \
    X(HTML, "html", HTML_BLOCK | HTML_ONCE)                                                        \
    X(I, "i", 0)                                                                                   \
    X(IFRAME, "iframe", HTML_RAW)                                                                  \
    X(IMG, "img", HTML_VOID)                                                                       \
    X(INPUT, "input", HTML_VOID)                                                                   \
    X(INS, "ins", 0)                                                                               \
    X(LABEL, "label", 0)                                                                           \
    X(LEGEND, "legend", HTML_BLOCK)                                                                \
    X(LI, "li", HTML_BLOCK | HTML_IMPLIED)                                                         \
    X(LINK, "link", HTML_VOID)                                                                     \
    X(MAIN, "main", HTML_BLOCK)                                                                    \
    X(MAP, "map", HTML_HIDDEN)                                                                     \
    X(MARK, "mark", 0)                                                                             \
    X(MARQUEE, "marquee", HTML_BLOCK)                                                              \
    X(MENU, "menu", HTML_BLOCK)                                                                    \
    X(META, "meta", HTML_VOID)                                                                     \
    X(NAV, "nav", HTML_BLOCK)                                                                      \
    X(NOEMBED, "noembed", HTML_RAW)                                                                \
    X(NOFRAMES, "noframes", HTML_RAW)                                                              \
    X(NOSCRIPT, "noscript", HTML_HIDDEN)                                                           \
    X(OBJECT, "object", HTML_HIDDEN)                                                               \
    X(OL, "ol", HTML_BLOCK)                                                                        \
    X(OPTGROUP, "optgroup", HTML_HIDDEN)                                                           \
    X(OPTION, "option", HTML_HIDDEN | HTML_IMPLIED)                                                \
    X(P, "p", HTML_BLOCK | HTML_IMPLIED)                                                           \
    X(PARAM, "param", HTML_VOID)                                                                   \
    X(PICTURE, "picture", 0)                                                                       \
    X(PRE, "pre", HTML_BLOCK)                                                                      \
    X(Q, "q", 0)                                                                                   \
    X(S, "s", 0)                                                                                   \
    X(SCRIPT, "script", HTML_RAW)                                                                  \
    X(SECTION, "section", HTML_BLOCK)                                                              \
    X(SELECT, "select", HTML_HIDDEN)                                                               \
    X(SMALL, "small", 0)                                                                           \
    X(SOURCE, "source", HTML_VOID)                                                                 \
    X(SPAN, "span", 0)                                                                             \
    X(STRONG, "strong", 0)                                                                         \
    X(STYLE, "style", HTML_RAW)                                                                    \
    X(SUB, "sub", 0)                                                                               \
    X(SUMMARY, "summary", HTML_BLOCK)                                                              \
    X(SUP, "sup", 0)                                                                               \
    X(SVG, "svg", HTML_RAW)                                                                        \
    X(TABLE, "table", HTML_BLOCK)                                                                  \
    X(TBODY, "tbody", HTML_BLOCK)                                                                  \
    X(TD, "td", HTML_IMPLIED)                                                                      \
    X(TEMPLATE, "template", HTML_HIDDEN)                                                           \
    X(TEXTAREA, "textarea", HTML_RAW)                                                              \
    X(TFOOT, "tfoot", HTML_BLOCK)                                                                  \
    X(TH, "th", HTML_IMPLIED)                                                                      \
    X(THEAD, "thead", HTML_BLOCK)                                                                  \
    X(TIME, "time", 0)                                                                             \
    X(TITLE, "title", 0)                                                                           \
    X(TR, "tr", HTML_BLOCK | HTML_IMPLIED)                                                         \
    X(TRACK, "track", HTML_VOID)                                                                   \
    X(U, "u", 0)                                                                                   \
    X(UL, "ul", HTML_BLOCK)                                                                        \
    X(VIDEO, "video", HTML_HIDDEN | HTML_BLOCK)                                                    \
    X(WBR, "wbr", HTML_VOID)                                                                       \
    X(XMP, "xmp", HTML_RAW)

enum html_tag {
    TAG_OTHER, /* any other element, unknown ones too */
#define X(id, name, traits) TAG_##id,
    HTML_TAGS(X)
#undef X
    TAG_TEXT, /* a run of text, not an element */
    TAG_COUNT
};

/* Attributes that parse reads; all others are left out before parsing. */
#define HTML_ATTRIBUTES(X)                                                                         \
    X(ARIA_HIDDEN, "aria-hidden")                                                                  \
    X(ARIA_LABEL, "aria-label")                                                                    \
    X(CLASS, "class")                                                                              \
    X(CONTENT, "content")                                                                          \
    X(DATA_COMPONENT, "data-component")                                                            \
    X(DATA_DATE, "data-date")                                                                      \
    X(DATA_DATETIME, "data-datetime")                                                              \
    X(DATA_PUBLISHED, "data-published")                                                            \
    X(DATA_SRC, "data-src")                                                                        \
    X(DATA_TESTID, "data-testid")                                                                  \
    X(DATA_TIME, "data-time")                                                                      \
    X(DATA_TIMESTAMP, "data-timestamp")                                                            \
    X(DATETIME, "datetime")                                                                        \
    X(DIR, "dir")                                                                                  \
    X(HIDDEN, "hidden")                                                                            \
    X(HREF, "href")                                                                                \
    X(ID, "id")                                                                                    \
    X(ITEMPROP, "itemprop")                                                                        \
    X(ITEMSCOPE, "itemscope")                                                                      \
    X(ITEMTYPE, "itemtype")                                                                        \
    X(LANG, "lang")                                                                                \
    X(NAME, "name")                                                                                \
    X(PROPERTY, "property")                                                                        \
    X(PUBDATE, "pubdate")                                                                          \
    X(REL, "rel")                                                                                  \
    X(ROLE, "role")                                                                                \
    X(SRC, "src")                                                                                  \
    X(STYLE, "style")                                                                              \
    X(TITLE, "title")                                                                              \
    X(TYPE, "type")

enum html_attribute_name {
    ATTRIBUTE_NONE,
#define X(id, name) ATTRIBUTE_##id,
    HTML_ATTRIBUTES(X)
#undef X
    ATTRIBUTE_COUNT
};

/* ASCII letters in any case. TAG_OTHER when the name is not known. */
enum html_tag html_tag_of(const char *name, size_t size);
const char *html_tag_name(enum html_tag tag); /* "other" for TAG_OTHER, NULL for TAG_TEXT */

extern const uint8_t html_traits[TAG_COUNT];

static inline bool html_tag_is(enum html_tag tag, enum html_trait trait)
{
    return html_traits[tag] & trait;
}

/* ATTRIBUTE_NONE when the name is not one that parse reads. */
enum html_attribute_name html_attribute_of(const char *name, size_t size);
