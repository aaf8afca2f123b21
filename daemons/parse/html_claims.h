/* What a page says of itself for machines: JSON-LD, OpenGraph and other <meta>, microdata, <time>,
 * <link>. Nothing of it is believed yet. */
#pragma once

#include "parse/html_boxes.h"
#include "parse/html_strip.h"
#include "parse/html_tree.h"
#include "parse/lines.h"

/* Where a date stands. */
enum date_source {
    DATE_JSON,      /* datePublished of the article in JSON-LD */
    DATE_META,      /* article:published_time and the like */
    DATE_MICRODATA, /* itemprop=datePublished */
    DATE_TIME,      /* <time>, or an element of a class that says published */
    DATE_META_WEAK, /* <meta name=date> and others that may mean a change */
    DATE_URL,
    DATE_HEAD,     /* shown between title and text */
    DATE_TAIL,     /* shown right behind the text */
    DATE_DATELINE, /* in the first words of the text */
    DATE_ABOUT,    /* shown where the page says something of the article */
    DATE_LABEL,    /* shown behind words that say published, wherever */
    DATE_SCRIPT,   /* in the data of a script; looked for where nothing else states a day */
    DATE_SOURCES
};

struct html_dates {
    struct moment published[DATE_SOURCES];
    struct span text[DATE_SOURCES];
    struct moment updated;
};

/* Fills lines->claims but for the dates, which go to *ret_dates; html_dates.c settles them. 0;
 * -ENOMEM. */
int html_claims(struct arena *arena, const struct page_source *source,
                const struct dates_context *context, const struct html_stripped *stripped,
                const struct html_tree *tree, const uint16_t *boxes, struct claims *ret,
                struct html_dates *ret_dates);

/* Whether the words of a date name its year: four digits together, or three groups of digits. */
bool claims_names_year(struct span words);
