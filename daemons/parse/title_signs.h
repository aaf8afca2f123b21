/* What shows of the lines around the top of the body which of them is the title. */
#pragma once

#include "parse/roles_view.h"

/* Name, and weight of what holds wholly: in hundredths, a share weighs that much of it. Round
 * numbers, set by hand; which signs matter, and how much beside each other, was seen on pages whose
 * title khabar reads from their HTML. */
#define TITLE_SIGNS(X)                                                                             \
    X(SHARED, 40)     /* share of its words that the body has too */                               \
    X(IN_ADDRESS, 60) /* share of its words that the address has too */                            \
    X(NO_ADDRESS, 10) /* too few words, of the line or of the address, to tell */                  \
    X(PASSED, -20)    /* lines between it and the body, of 30 */                                   \
    X(CLOSE, -10)     /* one such line at most */                                                  \
    X(INSIDE, -25)    /* it stands in the body */                                                  \
    X(HEADING_1, 40)                                                                               \
    X(HEADING_2, 30)                                                                               \
    X(HEADING_3, -10) /* or lower */                                                               \
    X(ITEM, -30)      /* of a list */                                                              \
    X(LINK, -20)                                                                                   \
    X(LINKED_HEADING, -10)                                                                         \
    X(SENTENCE, -10) /* long, and ends as a sentence that is no question or quotation */           \
    X(PROSE, -10)                                                                                  \
    X(WORDS_FEW, -15)                                                                              \
    X(WORDS_MANY, 20)                                                                              \
    X(SHORT, -15)                                                                                  \
    X(LONG, -20)                                                                                   \
    X(DATE_NEAR, 30) /* below it */                                                                \
    X(REPEATED, 15)  /* one to three times */                                                      \
    X(HINTS, 25)     /* two or three */                                                            \
    X(HINTS_MORE, 35)                                                                              \
    X(HEADINGS_PASSED, 15) /* headings between a heading and the body, of four */                  \
    X(BELOW_HEADINGS, -10) /* the same for a line that is none */                                  \
    X(BLANK, 20)           /* an empty line above it */                                            \
    X(TOP, -10)            /* among the first three lines of the page */                           \
    X(DIGIT, -20)          /* begins with one */

enum title_sign {
#define X(name, weight) TITLE_##name,
    TITLE_SIGNS(X)
#undef X
        TITLE_SIGNS_END
};

enum { TITLE_CANDIDATES_MOST = 96 };

struct title_candidate {
    size_t line;
    int16_t signs[TITLE_SIGNS_END]; /* 0 to 100 */
};

/* The lines that may be the title of the body v->first to v->last, lowest first; returns how many.
 */
size_t title_candidates(const struct roles_view *v,
                        struct title_candidate ret[TITLE_CANDIDATES_MOST]);
