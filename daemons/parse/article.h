/* What parse finds in a document: the article and the leads around it.
 *
 * All text is UTF-8, NFC, without control characters but the line feed, and borrowed from the arena
 * of the document. A span with length 0 means that the page does not have it. */
#pragma once

#include "parse/moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *text; /* not terminated */
    size_t length;    /* bytes */
};

enum block_kind {
    BLOCK_PARAGRAPH,
    BLOCK_HEADING, /* a sub-headline inside the article */
    BLOCK_LIST_ITEM,
    BLOCK_QUOTATION, /* set apart by the page, as HTML's blockquote does */
    BLOCK_CAPTION,
    BLOCK_TABLE_ROW, /* cells parted by U+0009 TAB */
    BLOCK_KINDS
};

struct block {
    enum block_kind kind;
    bool apart;       /* stands in order between the others, but not in article.text */
    struct span text; /* one line */
};

enum lead_role { LEAD_TICKER, LEAD_RELATED };

struct lead {
    enum lead_role role;
    struct span title, url;
    struct moment published; /* precision MOMENT_NONE: the page does not show it */
};

/* Offsets of quotes and dates are bytes of article.text; the record counts them in code points. */
struct quote {
    size_t start, end;   /* what stands between the quotation marks */
    struct span speaker; /* as the page names the speaker */
    struct span verb;    /* as the page has it, with its clitics */
    struct span introduction; /* all words that introduce the quotation: "وذكر بيان للجنة" */
};

struct date_mention {
    size_t start, end;
    struct moment value;
    struct moment until; /* precision MOMENT_NONE unless the words name a period */
};

struct live_entry {
    struct span title, text;
    struct moment published;
};

struct article {
    struct span title, kicker, section, byline, agency, dateline, summary;
    struct span image, canonical_url, site_name,
        language; /* language: what the page claims, BCP 47 */
    struct moment published, updated;
    struct span published_text; /* what published was read from */
    int paywall;                /* -1: not said; 0: free; 1: not free */
    struct block *blocks;       /* the body, in order; at least one is not apart */
    size_t block_count;
    struct span text; /* the body: blocks that are not apart, parted by a blank line (two U+000A) */
    struct lead *leads;
    size_t lead_count;
    struct quote *quotes;
    size_t quote_count;
    struct date_mention *dates;
    size_t date_count;
    struct span *keywords;
    size_t keyword_count;
    struct live_entry *entries;
    size_t entry_count;
    const char **warnings; /* static strings: names from warning.h */
    size_t warning_count;
};
