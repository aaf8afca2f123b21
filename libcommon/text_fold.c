/* The normalised form of text: one table of shifts for the scripts that matter, ICU for the rest.
 */
#include "libcommon/text.h"

#include "libcommon/utf8.h"

#include <string.h>
#include <unicode/uchar.h>

#define DROP(from, to) [(from)...(to)] = TEXT_FOLD_DROP
#define SHIFT(from, to, by) [(from)...(to)] = (by)
#define TO(from, to) [(from)] = (to) - (from)
#define TO2(from, to) TO(from, to), [(from) + 1] = (to) - (from)-1 /* capital and small */

const int16_t text_fold_shift[TEXT_FOLD_TABLE] = {
    SHIFT('A', 'Z', 'a' - 'A'),
    /* Latin-1: capitals, then accents off */
    TO(0xc0, 'a'),
    TO(0xc1, 'a'),
    TO(0xc2, 'a'),
    TO(0xc3, 'a'),
    TO(0xc4, 'a'),
    TO(0xc5, 'a'),
    TO(0xc6, 0xe6),
    TO(0xc7, 'c'),
    TO(0xc8, 'e'),
    TO(0xc9, 'e'),
    TO(0xca, 'e'),
    TO(0xcb, 'e'),
    TO(0xcc, 'i'),
    TO(0xcd, 'i'),
    TO(0xce, 'i'),
    TO(0xcf, 'i'),
    TO(0xd0, 0xf0),
    TO(0xd1, 'n'),
    TO(0xd2, 'o'),
    TO(0xd3, 'o'),
    TO(0xd4, 'o'),
    TO(0xd5, 'o'),
    TO(0xd6, 'o'),
    TO(0xd8, 'o'),
    TO(0xd9, 'u'),
    TO(0xda, 'u'),
    TO(0xdb, 'u'),
    TO(0xdc, 'u'),
    TO(0xdd, 'y'),
    TO(0xde, 0xfe),
    TO(0xe0, 'a'),
    TO(0xe1, 'a'),
    TO(0xe2, 'a'),
    TO(0xe3, 'a'),
    TO(0xe4, 'a'),
    TO(0xe5, 'a'),
    TO(0xe7, 'c'),
    TO(0xe8, 'e'),
    TO(0xe9, 'e'),
    TO(0xea, 'e'),
    TO(0xeb, 'e'),
    TO(0xec, 'i'),
    TO(0xed, 'i'),
    TO(0xee, 'i'),
    TO(0xef, 'i'),
    TO(0xf1, 'n'),
    TO(0xf2, 'o'),
    TO(0xf3, 'o'),
    TO(0xf4, 'o'),
    TO(0xf5, 'o'),
    TO(0xf6, 'o'),
    TO(0xf8, 'o'),
    TO(0xf9, 'u'),
    TO(0xfa, 'u'),
    TO(0xfb, 'u'),
    TO(0xfc, 'u'),
    TO(0xfd, 'y'),
    TO(0xff, 'y'),
    /* Latin Extended-A, by pairs */
    TO2(0x100, 'a'),
    TO2(0x102, 'a'),
    TO2(0x104, 'a'),
    TO2(0x106, 'c'),
    TO2(0x108, 'c'),
    TO2(0x10a, 'c'),
    TO2(0x10c, 'c'),
    TO2(0x10e, 'd'),
    TO2(0x110, 'd'),
    TO2(0x112, 'e'),
    TO2(0x114, 'e'),
    TO2(0x116, 'e'),
    TO2(0x118, 'e'),
    TO2(0x11a, 'e'),
    TO2(0x11c, 'g'),
    TO2(0x11e, 'g'),
    TO2(0x120, 'g'),
    TO2(0x122, 'g'),
    TO2(0x124, 'h'),
    TO2(0x126, 'h'),
    TO2(0x128, 'i'),
    TO2(0x12a, 'i'),
    TO2(0x12c, 'i'),
    TO2(0x12e, 'i'),
    TO2(0x130, 'i'),
    TO2(0x134, 'j'),
    TO2(0x136, 'k'),
    TO2(0x139, 'l'),
    TO2(0x13b, 'l'),
    TO2(0x13d, 'l'),
    TO2(0x13f, 'l'),
    TO2(0x141, 'l'),
    TO2(0x143, 'n'),
    TO2(0x145, 'n'),
    TO2(0x147, 'n'),
    TO2(0x14c, 'o'),
    TO2(0x14e, 'o'),
    TO2(0x150, 'o'),
    TO(0x152, 0x153),
    TO2(0x154, 'r'),
    TO2(0x156, 'r'),
    TO2(0x158, 'r'),
    TO2(0x15a, 's'),
    TO2(0x15c, 's'),
    TO2(0x15e, 's'),
    TO2(0x160, 's'),
    TO2(0x162, 't'),
    TO2(0x164, 't'),
    TO2(0x166, 't'),
    TO2(0x168, 'u'),
    TO2(0x16a, 'u'),
    TO2(0x16c, 'u'),
    TO2(0x16e, 'u'),
    TO2(0x170, 'u'),
    TO2(0x172, 'u'),
    TO2(0x174, 'w'),
    TO2(0x176, 'y'),
    TO(0x178, 'y'),
    TO2(0x179, 'z'),
    TO2(0x17b, 'z'),
    TO2(0x17d, 'z'),
    TO2(0x218, 's'),
    TO2(0x21a, 't'),
    DROP(0x300, 0x36f), /* combining accents */
    SHIFT(0x391, 0x3a1, 0x20),
    SHIFT(0x3a3, 0x3ab, 0x20), /* Greek */
    SHIFT(0x400, 0x40f, 0x50),
    SHIFT(0x410, 0x42f, 0x20), /* Cyrillic */
    DROP(0x591, 0x5bd),
    DROP(0x5bf, 0x5bf),
    DROP(0x5c1, 0x5c2),
    DROP(0x5c4, 0x5c5),
    DROP(0x5c7, 0x5c7),
    DROP(0x610, 0x61a),
    DROP(0x61c, 0x61c),
    DROP(0x640, 0x640),
    DROP(0x64b, 0x65f),
    DROP(0x670, 0x670),
    DROP(0x6d6, 0x6dc),
    DROP(0x6df, 0x6e4),
    DROP(0x6e7, 0x6e8),
    DROP(0x6ea, 0x6ed),
    TO(0x622, 0x627),
    TO(0x623, 0x627),
    TO(0x625, 0x627),
    TO(0x671, 0x627),
    TO(0x672, 0x627),
    TO(0x673, 0x627),
    TO(0x675, 0x627),
    TO(0x624, 0x648),
    TO(0x676, 0x648),
    TO(0x6c4, 0x648),
    TO(0x6c6, 0x648),
    TO(0x6c7, 0x648),
    TO(0x6ca, 0x648),
    TO(0x6cf, 0x648),
    TO(0x626, 0x64a),
    TO(0x649, 0x64a),
    TO(0x678, 0x64a),
    TO(0x6cc, 0x64a),
    TO(0x6cd, 0x64a),
    TO(0x6ce, 0x64a),
    TO(0x6d0, 0x64a),
    TO(0x6d1, 0x64a),
    TO(0x6d2, 0x64a),
    TO(0x6d3, 0x64a),
    TO(0x620, 0x64a),
    TO(0x63d, 0x64a),
    TO(0x63e, 0x64a),
    TO(0x63f, 0x64a),
    TO(0x629, 0x647),
    TO(0x6be, 0x647),
    TO(0x6c0, 0x647),
    TO(0x6c1, 0x647),
    TO(0x6c2, 0x647),
    TO(0x6c3, 0x647),
    TO(0x6d5, 0x647),
    TO(0x6ff, 0x647),
    TO(0x6a9, 0x643),
    TO(0x6aa, 0x643),
    TO(0x6ad, 0x643),
    TO(0x692, 0x631),
    TO(0x694, 0x631),
    TO(0x695, 0x631),
    TO(0x6b5, 0x644),
    TO(0x6b6, 0x644),
    SHIFT(0x660, 0x669, '0' - 0x660),
    SHIFT(0x6f0, 0x6f9, '0' - 0x6f0),
};

uint32_t text_fold_rare(uint32_t c)
{
    if ((c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
        (c >= 0x2066 && c <= 0x2069))
        return 0; /* joiners and bidirectional controls */
    if (c >= 0x2010 && c < 0x2c00)
        return c;
    if (c >= 0x3000 && c < 0xfe20)
        return c;
    if (c >= 0xfe20 && c <= 0xfe2f)
        return 0; /* combining half marks */
    uint32_t lower = (uint32_t)u_tolower((UChar32)c);
    char before[4], after[4];
    return utf8_put(lower, after) > utf8_put(c, before) ? c : lower;
}

/* Eight ASCII bytes with their capitals made small; the word has no byte above 0x7f. */
static uint64_t lower_eight(uint64_t word)
{
    uint64_t ones = 0x0101010101010101u;
    uint64_t from_a = word + (0x80 - 'A') * ones, above_z = word + (0x7f - 'Z') * ones;
    return word | ((from_a & ~above_z) & 0x80 * ones) >> 2;
}

size_t text_fold(const char *text, size_t size, char *out)
{
    size_t at = 0, used = 0;
    while (at < size) {
        if (size - at >= 8) {
            uint64_t word;
            memcpy(&word, text + at, 8);
            if (!(word & 0x8080808080808080u)) {
                word = lower_eight(word);
                memcpy(out + used, &word, 8);
                at += 8;
                used += 8;
                continue;
            }
        }
        uint32_t c = text_fold_char(utf8_next(text, &at));
        if (c - 0x80 < 0x780) { /* two bytes: nearly all */
            out[used] = (char)(0xc0 | c >> 6);
            out[used + 1] = (char)(0x80 | (c & 0x3f));
            used += 2;
        } else if (c) {
            used += utf8_put(c, out + used);
        }
    }
    return used;
}
