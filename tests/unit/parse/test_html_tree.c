/* The tree that comes of a page: order, text, attributes, and the bounds of what is read. */
#include "tests/unit/unit.h"
#include "parse/html_strip.h"
#include "parse/html_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct html_tree build(struct arena *arena, const char *page, size_t size)
{
    struct html_stripped s;
    struct html_tree tree;
    assert_int_equal(html_strip(arena, page, size, &s), 0);
    assert_int_equal(html_tree_build(arena, s.text, s.size, false, &tree), 0);
    return tree;
}

/* (tag child child) with text in quotes; html, head and body left out */
static void check(const char *page, const char *expected)
{
    struct arena *arena;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    struct html_tree tree = build(arena, page, strlen(page));
    char out[1024] = "", *at = out;
    uint32_t open[64], depth = 0;
    for (uint32_t i = 1; i < tree.node_count; i++) {
        const struct html_node *n = &tree.nodes[i];
        for (; depth && tree.nodes[open[depth - 1]].end <= i; depth--)
            *at++ = ')';
        if (n->tag == TAG_TEXT) {
            at += sprintf(at, "'%.*s'", (int)(n->text_end - n->text), tree.text + n->text);
        } else if (!html_tag_is((enum html_tag)n->tag, HTML_ONCE)) {
            at += sprintf(at, "(%s", html_tag_name((enum html_tag)n->tag));
            open[depth++] = i;
        }
    }
    while (depth--)
        *at++ = ')';
    *at = 0;
    assert_string_equal(out, expected);
    arena_free(arena);
}

static void nests_tag_soup(void **state)
{
    (void)state;
    check("<p>a<p>b<div>c</div>d", "(p'a')(p'b')(div'c')'d'");
    check("<ul><li>a<li>b</ul>c", "(ul(li'a')(li'b'))'c'");
    check("<table><tr><td>a<td>b<tr><td>c</table>", "(table(tr(td'a')(td'b'))(tr(td'c')))");
    check("<article><h1>t</h1><section><p>x</section></article>", "(article(h1't')(section(p'x')))");
}

static void collapses_white_space(void **state)
{
    (void)state;
    check("<p> a \n\n b&nbsp;&nbsp;c </p> <p>d</p>", "(p'a b c ')(p'd')");
    check("<p>a <b> b</b></p>", "(p'a '(b'b'))");
    check("<pre>a\n  b</pre>", "(pre'a\nb')");
    check("<p>&#1582;&#x628;&#1585; &amp;&lt;", "(p'خبر &<')");
}

static void leaves_hidden_text_out(void **state)
{
    (void)state;
    check("<p>a<button>Share</button>b<select><option>1</select>", "(p'a'(button)'b'(select(option)))");
}

static void reads_attributes(void **state)
{
    (void)state;
    struct arena *arena;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    const char page[] = "<div class='a b' id=c><a href='/x?a=1&amp;b=2'> link </a></div>";
    struct html_tree tree = build(arena, page, sizeof page - 1);
    uint32_t div = html_next(&tree, 0, tree.node_count, TAG_DIV);
    uint32_t a = html_next(&tree, 0, tree.node_count, TAG_A);
    assert_int_equal(html_value(&tree, div, ATTRIBUTE_CLASS).length, 3);
    assert_true(html_has(&tree, div, ATTRIBUTE_ID));
    assert_false(html_has(&tree, a, ATTRIBUTE_ID));
    struct span href = html_value(&tree, a, ATTRIBUTE_HREF);
    assert_int_equal(href.length, 10);
    assert_memory_equal(href.text, "/x?a=1&b=2", 10);
    struct span text = html_text(&tree, div);
    assert_int_equal(text.length, 4);
    assert_memory_equal(text.text, "link", 4);
    arena_free(arena);
}

/* Each would take minutes, or the stack, if work grew faster than the page. */
static void hostile_pages_take_linear_time(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "<div>", "<b>", "<p><font>", "<dd>x", "<x-y>", "<b><div></b>", "<table><tr><td>", "<option>", "<a href=x>",
        "&amp;", "&#x41;", "&notanentity;", "<i></p>", "<li><ul>", "</div><b>", "<h1>", "x <", "<form><p>", "<td>", "<head>",
        "<body class=x>", "<dl><dt>", "<font><table>", "<p class=a id=b title=c>",
    };
    enum { TIMES = 60000 };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t length = strlen(parts[i]), size = length * TIMES;
        char *page = malloc(size);
        for (size_t k = 0; k < TIMES; k++)
            memcpy(page + k * length, parts[i], length);
        struct arena *arena;
        assert_int_equal(arena_new(64 << 20, &arena), 0);
        clock_t start = clock();
        struct html_tree tree = build(arena, page, size);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (seconds > 2)
            print_error("%s: %.1f s\n", parts[i], seconds);
        assert_true(seconds < 10);
        for (uint32_t n = 0; n < tree.node_count; n++) {
            assert_true(tree.nodes[n].end > n && tree.nodes[n].end <= tree.node_count);
            assert_true(tree.nodes[n].parent <= n);
            assert_true(tree.nodes[n].text <= tree.nodes[n].text_end);
        }
        arena_free(arena);
        free(page);
    }
}

static void a_small_arena_is_no_crash(void **state)
{
    (void)state;
    const char page[] = "<p class=a>x<p class=b>y<div><a href=x>z";
    for (size_t limit = 0; limit < 40000; limit += 512) {
        struct arena *arena;
        struct html_stripped s;
        struct html_tree tree;
        assert_int_equal(arena_new(limit, &arena), 0);
        if (html_strip(arena, page, sizeof page - 1, &s) == 0)
            html_tree_build(arena, s.text, s.size, false, &tree);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nests_tag_soup),
        cmocka_unit_test(collapses_white_space),
        cmocka_unit_test(leaves_hidden_text_out),
        cmocka_unit_test(reads_attributes),
        cmocka_unit_test(hostile_pages_take_linear_time),
        cmocka_unit_test(a_small_arena_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
