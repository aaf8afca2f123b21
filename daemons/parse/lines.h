/* The lines of a page and its claims: what the readers of HTML and of text dumps hand to article.c.
 *
 * A line is what stands on one line for a reader of the page: a paragraph, a headline, a list item,
 * a date. Its text has no leading or trailing space, no line feed, single spaces only, and is never
 * empty. All text lives in the arena of the document. Order is the order on the page. */
#pragma once

#include "libcommon/arena.h"
#include "parse/article.h"
#include "parse/moment.h"
#include "parse/page.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a line looks like, whatever part it plays. */
enum line_form {
    LINE_PLAIN,
    LINE_HEADING,   /* level: 1 to 6 */
    LINE_LIST_ITEM, /* level: depth from 1 */
    LINE_QUOTATION,
    LINE_CAPTION,
    LINE_TABLE_ROW, /* cells parted by U+0009 TAB */
};

/* The part that a line plays on the page. A reader that knows says so; article.c settles
 * ROLE_UNKNOWN. */
enum line_role {
    ROLE_UNKNOWN,
    ROLE_TICKER, /* a headline of another story above the article */
    ROLE_KICKER,
    ROLE_TITLE,
    ROLE_SECTION,
    ROLE_DATE, /* published, or updated when its words say so */
    ROLE_UPDATED,
    ROLE_BYLINE,
    ROLE_SUMMARY,   /* standfirst between title and body */
    ROLE_BODY,      /* becomes a block of the article, kind as its form */
    ROLE_CAPTION,   /* words under a picture or over a table inside the article: a block of it, but
                       no part of its text */
    ROLE_LEAD,      /* a headline of another story */
    ROLE_LEAD_DATE, /* date of the lead before or after it */
    ROLE_TAGS,
    ROLE_ENTRY,     /* time or title that opens an entry of a live blog; its text follows as body */
    ROLE_FURNITURE, /* navigation, share bars, advertisements, comments, copyright */
    ROLE_END
};

enum { LINK_SHARE_UNKNOWN = -1, WEIGHT_UNKNOWN = -1 };

struct line {
    struct span text;
    struct span url; /* absolute or as the page has it; of the link that holds most of the line */
    struct moment datetime; /* of HTML's time element or the like; MOMENT_NONE: none */
    struct moment changed;  /* of the change that a line names behind its date; MOMENT_NONE: none */
    uint32_t words;
    uint32_t characters;   /* code points */
    uint16_t group;        /* lines with one number stand in one box of the page; 0: not known */
    uint16_t blank_before; /* empty lines between this one and the line before */
    uint8_t form;          /* enum line_form */
    uint8_t level;
    uint8_t role;      /* enum line_role */
    int8_t link_share; /* per cent of the text that is inside links */
    int8_t weight;     /* 0 to 100: how sure the reader is that the line belongs to the article */
};

/* What the page says of itself for machines: JSON-LD, OpenGraph, microdata, meta, <title>. Not yet
 * believed. */
struct claims {
    struct span title;        /* what the reader of the page settled on; the others are evidence */
    struct span kicker;       /* stands above the title in its heading */
    struct span headline;     /* JSON-LD, else microdata */
    struct span social_title; /* og:title, twitter:title */
    struct span document_title; /* <title>; first line of lynx -dump -source and the like */
    struct span site_name, section, description, language, canonical_url, image;
    struct span published_text, updated_text;
    struct moment published, updated;
    struct span *authors;
    size_t author_count;
    struct span *keywords;
    size_t keyword_count;
    int paywall;              /* -1: not said; 0: free; 1: not free */
    struct span article_body; /* JSON-LD's */
    bool live_blog;           /* JSON-LD LiveBlogPosting */
    struct live_entry *entries;
    size_t entry_count;
};

struct lines {
    struct line *items;
    size_t count, capacity;
    bool roles_known; /* the reader told body from the rest: no ROLE_UNKNOWN line becomes body */
    bool truncated;   /* the page had more lines than are read */
    struct claims claims;
};

/* Appends a line with everything but text zero or unknown; words and characters are counted. Copies
 * nothing: text must live as long as the arena. NULL: the arena is used up. */
struct line *lines_add(struct lines *lines, struct arena *arena, struct span text);
/* The same where the code points have been counted. */
struct line *lines_add_counted(struct lines *lines, struct arena *arena, struct span text,
                               uint32_t characters);

/* Name of a role in traces and tests; NULL for a number that names none. */
const char *line_role_name(enum line_role role);

/* Readers. text is what decode.c made: UTF-8, NFC, clean. Both fill *ret (zeroed by them).
 * 0; -ENOMEM: the arena is used up. */
struct dates_context;
int html_read(const struct page_source *source, const struct dates_context *context,
              struct arena *arena, const char *text, size_t size, struct lines *ret);
int dump_read(const struct page_source *source, const struct dates_context *context,
              struct arena *arena, const char *text, size_t size, struct lines *ret);

/* Lines and claims -> article. Roles that are ROLE_UNKNOWN are settled in lines. 1: an article; 0:
 * the page has none (a front page, an error page, nothing but furniture); -ENOMEM. */
int article_make(const struct page_source *source, const struct dates_context *context,
                 struct arena *arena, struct lines *lines, struct article *ret);
