/* The title: every sign has a weight, the signs of lines are what they should be, the heaviest line
 * is chosen. */
#include "tests/unit/unit.h"
#include "parse/title_signs.h"

#include <string.h>

static const char *const page[] = {
    "Dam repaired before the rains",
    "18 January 2026",
    "1. Home, garden, films",
    "Lower town spared this year",
    "The dam above the lower town was repaired before the rains, the governor said on Sunday.",
    "Repairs of the dam took two years, and the road above it is open again since Sunday.",
    "The governor thanked all who worked on the dam in the cold of the last two winters.",
};

enum { LINES = sizeof page / sizeof *page, BODY = 4 };

static struct arena *arena;

static void make_view(struct roles_view *v, struct lines *lines)
{
    static const struct page_source source = {0};
    static const struct dates_context *none;
    *lines = (struct lines){0};
    *v = (struct roles_view){.source = &source,
                             .context = none,
                             .arena = arena,
                             .lines = lines,
                             .first = BODY,
                             .last = LINES};
    for (size_t i = 0; i < LINES; i++)
        assert_non_null(lines_add(lines, arena, (struct span){page[i], strlen(page[i])}));
    v->looks = arena_zalloc(arena, LINES * sizeof *v->looks);
    assert_non_null(v->looks);
    v->looks[1].dated = true;
    for (size_t i = BODY; i < LINES; i++) {
        v->looks[i].points = 20;
        v->looks[i].ends = true;
    }
}

static const struct title_candidate *of_line(const struct title_candidate *all, size_t count,
                                             size_t line)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].line == line)
            return &all[i];
    return NULL;
}

static void lines_have_their_signs(void **state)
{
    (void)state;
    struct title_candidate all[TITLE_CANDIDATES_MOST];
    struct roles_view v;
    struct lines lines;
    make_view(&v, &lines);
    size_t count = title_candidates(&v, all);
    assert_int_equal(count, 3);
    assert_null(of_line(all, count, 1));    /* a date */
    assert_null(of_line(all, count, BODY)); /* prose of the body */
    const struct title_candidate *top = of_line(all, count, 0), *item = of_line(all, count, 2),
                                 *near = of_line(all, count, 3);
    assert_int_equal(top->signs[TITLE_SHARED], 100);
    assert_int_equal(top->signs[TITLE_DATE_NEAR], 100);
    assert_int_equal(top->signs[TITLE_NO_ADDRESS], 100);
    assert_int_equal(top->signs[TITLE_TOP], 100);
    assert_int_equal(top->signs[TITLE_PASSED], 4 * 100 / 30);
    assert_int_equal(item->signs[TITLE_SHARED], 0);
    assert_int_equal(item->signs[TITLE_DIGIT], 100);
    assert_int_equal(near->signs[TITLE_DATE_NEAR], 0);
    assert_int_equal(near->signs[TITLE_CLOSE], 100);
}

static void the_heaviest_is_the_title(void **state)
{
    (void)state;
    struct roles_view v;
    struct lines lines;
    make_view(&v, &lines);
    roles_find_title(&v);
    assert_int_equal(v.title, 0);
    lines.items[3].form = LINE_HEADING;
    lines.items[3].level = 1;
    v.looks[3].hints = 3;
    roles_find_title(&v);
    assert_int_equal(v.title, 3);
}

/* What shows nothing of a title is none. */
static void no_line_is_better_than_a_wrong_one(void **state)
{
    static const char *const others[BODY] = {"Our frequencies", "Old films", "Ask us",
                                             "Radio plays"};
    (void)state;
    struct roles_view v;
    struct lines lines;
    make_view(&v, &lines);
    for (size_t i = 0; i < BODY; i++) {
        struct line *l = &lines.items[i];
        *l = (struct line){
            .text = {others[i], strlen(others[i])},
            .words = 2,
            .characters = (uint32_t)strlen(others[i])
        };
        v.looks[i].dated = false;
    }
    roles_find_title(&v);
    assert_int_equal(v.title, LINES);
}

static int open_arena(void **state)
{
    (void)state;
    return arena_new(1 << 20, &arena);
}

static int close_arena(void **state)
{
    (void)state;
    arena = arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_their_signs),
        cmocka_unit_test(the_heaviest_is_the_title),
        cmocka_unit_test(no_line_is_better_than_a_wrong_one),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
