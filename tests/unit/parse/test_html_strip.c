/* What is left out before parsing, what stays, and the bounds of what comes out. */
#include "tests/unit/unit.h"
#include "parse/html_strip.h"
#include "parse/html_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(const char *page, const char *expected)
{
    struct arena *arena;
    struct html_stripped s;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    assert_int_equal(html_strip(arena, page, strlen(page), &s), 0);
    assert_string_equal(s.text, expected);
    assert_int_equal(strlen(expected), s.size);
    arena_free(arena);
}

static void leaves_out_what_is_not_text(void **state)
{
    (void)state;
    check("a<script>if (a < b) '</p>'</script>b", "ab");
    check("a<SCRIPT src=x></ScRiPt\n>b", "ab");
    check("a<script>x</scripty></script>b", "ab");
    check("a<!-- <p> -- > -->b<!-->c<!--->d--!>e", "abce");
    check("<!DOCTYPE html><?xml version='1.0'?><p>x<![CDATA[y]]>z", "<p>xz");
    check("a<svg><path d='M0 0'/><style>x</style></svg>b<style>p{}</style>c", "abc");
    check("a<svg>b", "ab");
    check("a<script>b<p>c", "a");
    check("a</ >b</>c</5>d", "abcd");
}

static void keeps_the_attributes_that_are_read(void **state)
{
    (void)state;
    check("<p style=\"color:red\" onclick='a>b' CLASS=lead data-x=1 id='x\"y'>t</p>",
          "<p class=\"lead\" id='x\"y'>t</p>");
    check("<a href=a/b/ href=second class>", "<a href=\"a/b/\" class=\"\">");
    check("<img src=\"data:image/png;base64,AAAA\"/><img src=a.png/>",
          "<img><img src=\"a.png/\">");
    check("<div style='display: none'/>x", "<div style=\"display: none\">x");
    check("<p class='a", "<p class=\"a\">");
    check("<p class", "<p class=\"\">");
    check("<p", "<p>");
}

static void passes_text_and_bare_signs(void **state)
{
    (void)state;
    check("1 < 2 <_a> <:b> &lt;p&gt; <", "1 < 2 < _a> < :b> &lt;p&gt; <");
    check("خبر<br/>عاجل", "خبر<br>عاجل");
    check("<my-box>x</my-box><other>", "<other>x</other><other>");
    check("", "");
}

static void drops_end_tags_without_a_start(void **state)
{
    (void)state;
    check("</div><p>x</b></p></p>", "<p>x</p>");
    check("<b><div>x</b>y</div></b>", "<b><div>xy</div></b>");
    check("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</ul>");
    check("<html><body><html><body>x</body></html>", "<html><body>x");
}

static void keeps_structured_data_apart(void **state)
{
    (void)state;
    const char page[] = "<script type='application/ld+json'>{\"a\":1}</script><p>x"
                        "<script type=application/LD+JSON>no</script><script type=\"application/ld+json\"></script>";
    struct arena *arena;
    struct html_stripped s;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    assert_int_equal(html_strip(arena, page, sizeof page - 1, &s), 0);
    assert_int_equal(s.json_count, 1);
    assert_int_equal(s.json[0].length, 7);
    assert_memory_equal(s.json[0].text, "{\"a\":1}", 7);
    arena_free(arena);
}

/* Parts repeated many times; each must come out bounded and soon. */
static void stays_bounded_on_hostile_pages(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "<div>", "<b>", "<p><font>", "<dd>", "<x-y>", "</p>", "<svg>", "<script ", "<!--", "<a a=b ", "<", "</",
        "<b><div></b>", "<table><tr><td>", "<iframe>", "<textarea>x</textarea", "</script", "<p a='", "&amp;", "--!",
        "<option>", "</x><x>",
    };
    enum { TIMES = 200000 };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t length = strlen(parts[i]), size = length * TIMES;
        char *page = malloc(size);
        for (size_t k = 0; k < TIMES; k++)
            memcpy(page + k * length, parts[i], length);
        struct arena *arena;
        struct html_stripped s;
        assert_int_equal(arena_new(64 << 20, &arena), 0);
        assert_int_equal(html_strip(arena, page, size, &s), 0);
        assert_true(s.size <= size + 10 * TIMES);
        arena_free(arena);
        free(page);
    }
}

static void one_tag_holds_no_attribute_twice(void **state)
{
    (void)state;
    enum { TIMES = 100000 };
    char *page = malloc(TIMES * 20 + 2), *at = page;
    *at++ = '<';
    *at++ = 'p';
    for (int i = 0; i < TIMES; i++)
        at += sprintf(at, " a%d id=x%d", i, i);
    struct arena *arena;
    struct html_stripped s;
    assert_int_equal(arena_new(8 << 20, &arena), 0);
    assert_int_equal(html_strip(arena, page, (size_t)(at - page), &s), 0);
    assert_string_equal(s.text, "<p id=\"x0\">");
    arena_free(arena);
    free(page);
}

static void finds_every_name(void **state)
{
    (void)state;
    for (int tag = TAG_OTHER + 1; tag < TAG_TEXT; tag++) {
        const char *name = html_tag_name((enum html_tag)tag);
        assert_int_equal(html_tag_of(name, strlen(name)), tag);
    }
    static const char *const attributes[ATTRIBUTE_COUNT] = {
#define X(id, name) [ATTRIBUTE_##id] = name,
        HTML_ATTRIBUTES(X)
#undef X
    };
    for (int a = 1; a < ATTRIBUTE_COUNT; a++)
        assert_int_equal(html_attribute_of(attributes[a], strlen(attributes[a])), a);
    assert_int_equal(html_tag_of("DIV", 3), TAG_DIV);
    assert_int_equal(html_tag_of("divs", 4), TAG_OTHER);
    assert_int_equal(html_tag_of("zzz", 3), TAG_OTHER);
    assert_int_equal(html_tag_of("", 0), TAG_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_out_what_is_not_text),
        cmocka_unit_test(keeps_the_attributes_that_are_read),
        cmocka_unit_test(passes_text_and_bare_signs),
        cmocka_unit_test(drops_end_tags_without_a_start),
        cmocka_unit_test(keeps_structured_data_apart),
        cmocka_unit_test(stays_bounded_on_hostile_pages),
        cmocka_unit_test(one_tag_holds_no_attribute_twice),
        cmocka_unit_test(finds_every_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
