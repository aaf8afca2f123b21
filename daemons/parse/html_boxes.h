/* What the boxes of a page are for, as far as their tags, roles and the words of their classes and
 * ids tell. */
#pragma once

#include "libcommon/arena.h"
#include "parse/html_tree.h"

#include <stdint.h>

enum html_box {
    BOX_ASIDE =
        1 << 0, /* no part of an article: navigation, share bars, advertisements, other stories */
    BOX_COMMENTS = 1 << 1, /* what readers wrote */
    BOX_ABOUT = 1 << 2,    /* says who wrote the article, when and about what */
    BOX_BODY = 1 << 3,     /* says that it is the text of the article */
    BOX_ARTICLE = 1 << 4,  /* says that it is an article or the main part of the page */
    BOX_HIDDEN = 1 << 5,   /* not seen by a reader */
    BOX_CAPTION = 1 << 6,  /* what stands under a picture */
    BOX_RELATED = 1 << 7,  /* headlines of other stories; BOX_ASIDE too */
    BOX_PAYWALL = 1 << 8,  /* asks to subscribe */
    BOX_SUMMARY = 1 << 9,  /* a standfirst */
};

/* *ret: flags of each node of the tree, its own alone, in the arena. 0; -ENOMEM. */
int html_boxes(struct arena *arena, const struct html_tree *tree, uint16_t **ret);

/* The flags that words of a class or id give: "c-article__share-bar" -> BOX_ASIDE. */
unsigned html_box_of_words(const char *value, size_t size);

/* The rows of the table of words, for the test that walks them; NULL behind the last. */
const char *html_box_word(size_t i);
