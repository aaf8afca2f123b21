/* Which lines of a page are its article: what classes tell, what is cut off, what is taken back
 * when too little is left. */
#include "tests/unit/unit.h"
#include "libcommon/text.h"
#include "parse/dates.h"
#include "parse/html_appeals.h"
#include "parse/html_boxes.h"
#include "parse/html_content.h"
#include "parse/html_strip.h"

#include <stdlib.h>
#include <string.h>

#define PROSE                                                                                      \
    "The governor said on Sunday that the dam above the town had been repaired in time, and that " \
    "the road was open. "
#define OTHER                                                                                      \
    "Officials in the capital, who asked not to be named, expect more rain before the end of the " \
    "week and have told farmers to move their herds."

/* The lines of a page with a role, a line each. */
static char *lines_of(const char *page, enum line_role role)
{
    struct arena *arena;
    struct html_stripped s;
    struct html_tree tree;
    struct html_place *places;
    uint16_t *boxes;
    struct lines lines = {0};
    struct dates_context context = {0};
    assert_int_equal(arena_new(8 << 20, &arena), 0);
    assert_int_equal(html_strip(arena, page, strlen(page), &s), 0);
    assert_int_equal(html_tree_build(arena, s.text, s.size, false, &tree), 0);
    assert_int_equal(html_lines(arena, &tree, &lines, &places), 0);
    assert_int_equal(html_boxes(arena, &tree, &boxes), 0);
    assert_int_equal(html_content(arena, &context, &tree, boxes, places, &lines), 0);
    char *out = calloc(1, 65536);
    assert_non_null(out);
    for (size_t i = 0; i < lines.count; i++)
        if (lines.items[i].role == role) {
            strncat(out, lines.items[i].text.text, lines.items[i].text.length);
            strcat(out, "\n");
        }
    arena_free(arena);
    return out;
}

static void check(const char *page, const char *body)
{
    char *found = lines_of(page, ROLE_BODY);
    assert_string_equal(found, body);
    free(found);
}

static void words_are_in_order_and_in_normalised_form(void **state)
{
    (void)state;
    for (size_t i = 0; html_box_word(i + 1); i++) {
        const char *a = html_box_word(i), *b = html_box_word(i + 1);
        size_t na = strcspn(a, "*"), nb = strcspn(b, "*");
        int order = memcmp(a, b, na < nb ? na : nb);
        assert_true(order < 0 || (order == 0 && na < nb));
    }
    for (size_t i = 0; html_appeal_row(i); i++) {
        const char *row = html_appeal_row(i);
        char folded[128];
        assert_true(strlen(row) < sizeof folded);
        assert_int_equal(text_fold(row, strlen(row), folded), strlen(row));
        assert_memory_equal(folded, row, strlen(row));
    }
}

static void classes_tell_what_a_box_is_for(void **state)
{
    (void)state;
    static const struct {
        const char *class;
        unsigned box;
    } rows[] = {
        {"c-article__share-bar",        BOX_ASIDE              },
        {"articleBody",                 BOX_BODY               },
        {"entry-content",               BOX_BODY               },
        {"td-post-content tagdiv-type", BOX_BODY               },
        {"article-body__related",       BOX_ASIDE | BOX_RELATED},
        {"commentList",                 BOX_COMMENTS           },
        {"sr-only",                     BOX_HIDDEN             },
        {"field--label-hidden",         0                      },
        {"sc-77igqf-0 hJpRRP",          0                      },
        {"category-share tag-comments", 0                      },
        {"wp-caption",                  BOX_CAPTION            },
        {"",                            0                      },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(html_box_of_words(rows[i].class, strlen(rows[i].class)), rows[i].box);
}

static void the_article_is_found_among_what_surrounds_it(void **state)
{
    (void)state;
    check("<nav><a href=1>Home</a></nav><h1>Dam repaired</h1><div class=story><p>" PROSE
          "</p><h2>What comes next</h2><ul>"
          "<li>One gate</li><li>Two gates</li></ul><blockquote>" OTHER
          "</blockquote></div><div class=comments><p>" PROSE PROSE "</p></div><footer>" OTHER
          "</footer>",
          "The governor said on Sunday that the dam above the town had been repaired in time, and "
          "that the road was open.\n"
          "What comes next\nOne gate\nTwo gates\n" OTHER "\n");
    check("<div class=articleBody>" PROSE "<br><br>" OTHER
          "<table><tr><td>Gate<td>Height<tr><td>North<td>12 m</table></div>"
          "<div class=related><p>" PROSE PROSE "</p></div>",
          "The governor said on Sunday that the dam above the town had been repaired in time, and "
          "that the road was open.\n" OTHER "\nGate\tHeight\nNorth\t12 m\n");
}

static void headlines_of_other_stories_are_leads(void **state)
{
    (void)state;
    char *leads =
        lines_of("<h1>Dam repaired</h1><article><p>" PROSE
                 "</p><p><a href=x>Read how the old bridge fell in winter</a>"
                 "</p><p>" OTHER "</p></article><div class=related-posts><h3>Related</h3><a href=y>"
                 "Farmers wait for water in the south</a></div>",
                 ROLE_LEAD);
    assert_string_equal(
        leads, "Read how the old bridge fell in winter\nFarmers wait for water in the south\n");
    free(leads);
}

static void what_is_cut_off_is_taken_back_when_nothing_else_is_there(void **state)
{
    (void)state;
    check("<form class=comment-thread><div><p>" PROSE "</p><p>" OTHER "</p></div></form>",
          "The governor said on Sunday that the dam above the town had been repaired in time, and "
          "that the road was open.\n" OTHER "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_in_order_and_in_normalised_form),
        cmocka_unit_test(classes_tell_what_a_box_is_for),
        cmocka_unit_test(the_article_is_found_among_what_surrounds_it),
        cmocka_unit_test(headlines_of_other_stories_are_leads),
        cmocka_unit_test(what_is_cut_off_is_taken_back_when_nothing_else_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
