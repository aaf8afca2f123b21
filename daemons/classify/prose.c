/* Words of Arabic prose. */
#include "classify/prose.h"

#include <string.h>

/* The end of the paragraph that the word first begins, before end; *ret_letters: it has a word in
 * Arabic letters. */
static size_t paragraph_end(const struct tokens *t, size_t first, size_t end, bool *ret_letters)
{
    size_t i = first;
    *ret_letters = false;
    do
        *ret_letters |= t->items[i].kind == TOKEN_ARABIC;
    while (++i < end && !(t->items[i].gap & GAP_LINE));
    return i;
}

bool prose_mark(const struct tokens *t, enum language headline, enum language text,
                const struct language_line *lines, size_t count, bool ret[NAME_WORDS])
{
    bool any = false;
    size_t all = t->count < NAME_WORDS ? t->count : NAME_WORDS, line = 0;
    for (size_t p = 0; p < PART_COUNT; p++) {
        size_t at = t->parts[p].first, end = at + t->parts[p].count;
        end = end < all ? end : all;
        while (at < end) {
            bool letters, arabic;
            size_t next = paragraph_end(t, at, end, &letters), start = t->items[at].start;
            enum language language = p == PART_TITLE ? headline : text;
            while (line < count && p != PART_TITLE && lines[line].end <= start)
                line++;
            if (line < count && p != PART_TITLE && lines[line].start <= start)
                language = lines[line].guess.language;
            arabic = letters && language == LANGUAGE_ARABIC;
            any |= arabic;
            memset(ret + at, arabic, (next - at) * sizeof *ret);
            at = next;
        }
    }
    return any;
}
