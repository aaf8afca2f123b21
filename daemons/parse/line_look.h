/* What a line shows alone, before its neighbours are asked: how it ends, whether it is a date, what
 * its words are for. */
#pragma once

#include "libcommon/site.h"
#include "parse/lines.h"

enum {
    LOOK_LONG = 160, /* code points that only prose has */
    LOOK_PROSE = 80,
    LOOK_DATE_MOST = 140,
    COST_PLAIN = 10, /* points of a line that is furniture */
    COST_SHORT = 12, /* of a few words without an end mark */
    COST_END = 250,  /* of one that ends the page */
};

struct line_look {
    unsigned furniture; /* flags of the whole line */
    unsigned head;      /* flags of what it begins with, when a rest follows */
    uint8_t hints;      /* what says that it is the headline, counted by roles_hints.c */
    uint16_t rest;      /* byte that the rest begins at */
    int16_t points;     /* what the body is made of gains, what stands around it costs */
    bool ends;          /* as a sentence does */
    bool inner;         /* marks of prose inside: commas, stops */
    bool dated;
    bool clock;   /* nothing but a time of day */
    bool between; /* in a list that parts the body, told by roles_body.c */
    bool repeats; /* stands elsewhere on the page too: no prose, but maybe the title */
};

/* A look for each line, in the arena; date lines get their moment in `datetime`. 0; -ENOMEM. */
struct dates_context;
int lines_look(const struct page_source *source, const struct dates_context *context,
               struct arena *arena, struct lines *lines, struct line_look **ret);

/* Ends as sentences do; quotation marks and brackets behind the stop do not count. */
bool line_ends_sentence(struct span s);
bool line_ends_with(struct span s, const char *mark);
/* Marks inside a line that headlines and menus seldom have: a comma, or a stop and a space. */
bool line_has_inner_marks(struct span s);
/* Four digits in a row, of any block, as a year has. */
bool line_has_year(struct span s);
/* Begins with words that the site file (NULL: none) calls furniture. */
bool line_site_furniture(const struct site *site, struct span s);
