/* A page whose lines are being given their parts: what the steps of roles.c share. */
#pragma once

#include "parse/line_look.h"
#include "parse/stems.h"

struct roles_view {
    const struct page_source *source;
    const struct dates_context *context;
    struct arena *arena;
    struct lines *lines;
    struct line_look *looks; /* one for each line */
    size_t first, last;      /* the body; last is behind it */
    size_t title;            /* count: none */
    struct stems address;    /* words of the URL */
};

static inline struct line *roles_line(const struct roles_view *v, size_t i)
{
    return &v->lines->items[i];
}

static inline bool roles_prose(const struct roles_view *v, size_t i)
{
    return v->looks[i].points > 0;
}

/* Whether the line has that role now; one that a reader has settled keeps its own. */
bool roles_set(struct roles_view *v, size_t i, enum line_role role);
/* Whether the line could be a headline, of this story or another. */
bool roles_headline(const struct roles_view *v, size_t i);

/* roles_hints.c: counts for each line how much says that it is the headline of the page, whatever
 * the body. */
void roles_find_hints(struct roles_view *v);
/* Whether the long line is the short one, or has something behind a bar or dash too. */
bool roles_same_headline(struct span long_one, struct span short_one);

/* roles_body.c, in this order. Sentences that stand twice are no prose any more; the body is found,
 * false: there is none; notes behind it are cut off; it takes in the prose between title and body;
 * what stands among several times is told: entries of a live blog, or comments. 0; -ENOMEM. */
void roles_drop_repeats(struct roles_view *v);
bool roles_find_body(struct roles_view *v);
void roles_cut_notes(struct roles_view *v);
void roles_extend_body(struct roles_view *v);
int roles_settle_entries(struct roles_view *v);

/* roles_title.c: sets v->title. */
void roles_find_title(struct roles_view *v);

/* roles_date.c: the lines that say when the article was published or changed. */
void roles_settle_dates(struct roles_view *v);
