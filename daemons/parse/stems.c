/* Stems: the first letters of words. */
#include "parse/stems.h"

#include "libcommon/text.h"
#include "parse/date_words.h"

enum { STEM_LETTERS = 4, STEM_ROOM = 12, LINE_WORDS = 40 };

/* Where a stem is, or the free slot where it would be. */
static size_t slot_of(const struct stems *set, uint32_t stem)
{
    size_t at = stem % STEM_SLOTS;
    while (set->slots[at] && set->slots[at] != stem)
        at = (at + 1) % STEM_SLOTS;
    return at;
}

static bool has_stem(const struct stems *set, uint32_t stem)
{
    return set->slots[slot_of(set, stem)] == stem;
}

static void add_stem(struct stems *set, uint32_t stem)
{
    size_t at = slot_of(set, stem);
    if (set->slots[at] || set->count >= STEM_SLOTS / 2)
        return;
    set->slots[at] = stem;
    set->count++;
}

/* A letter or digit of one or two bytes in normalised form; 0: something else. */
static inline uint32_t sign_of(uint32_t c)
{
    uint32_t folded = date_letters[c];
    if (folded || c < '0')
        return folded;
    folded = text_fold_char(c);
    return folded >= '0' && folded <= '9' ? folded : 0;
}

/* The next word of text from *at: a hash of its first letters without Arabic's prefixes; 0: no word
 * left. Short words, which are grammar mostly, are passed over. */
static uint32_t next_stem(struct span s, size_t *ret_at)
{
    for (size_t at = *ret_at; at < s.length; *ret_at = at) {
        uint32_t letters[STEM_ROOM];
        size_t count = 0, from = 0;
        while (at < s.length) {
            const unsigned char *p = (const unsigned char *)s.text + at;
            uint32_t c = 0;
            if ((*p & 0xe0) == 0xc0) {
                c = sign_of((*p & 0x1fu) << 6 | (p[1] & 0x3fu));
                at += 2;
            } else if (*p < 0x80) {
                c = sign_of(*p);
                at++;
            } else {
                at += *p < 0xf0 ? 3 : 4;
            }
            if (!c)
                break;
            if (count < STEM_ROOM)
                letters[count] = c;
            count += c != DATE_DROPPED;
        }
        if (count < 3)
            continue;
        if (count >= 5 && (letters[0] == 0x648 || letters[0] == 0x641 || letters[0] == 0x628 ||
                           letters[0] == 0x644 || letters[0] == 0x643))
            from = 1; /* WAW, FEH, BEH, LAM, KAF */
        if (count - from >= 5 && letters[from] == 0x627 && letters[from + 1] == 0x644)
            from += 2; /* ALEF LAM */
        else if (count - from >= 5 && from && letters[from] == 0x644)
            from++;
        uint32_t hash = 2166136261u;
        for (size_t i = from; i < count && i < from + STEM_LETTERS; i++)
            hash = (hash ^ letters[i]) * 16777619u;
        *ret_at = at;
        return hash ? hash : 1;
    }
    return 0;
}

void stems_add(struct stems *set, struct span s, size_t most)
{
    size_t at = 0;
    s.length = s.length < most ? s.length : most;
    while (s.length && ((unsigned char)s.text[s.length - 1] & 0xc0) == 0x80 && most)
        s.length--; /* not inside a character */
    if (s.length && (unsigned char)s.text[s.length - 1] >= 0xc0)
        s.length--;
    for (uint32_t stem; (stem = next_stem(s, &at));)
        add_stem(set, stem);
}

size_t stems_met(const struct stems *set, struct span s, size_t *ret_words)
{
    size_t at = 0, words = 0, met = 0;
    for (uint32_t stem; words < LINE_WORDS && (stem = next_stem(s, &at)); words++)
        met += has_stem(set, stem);
    *ret_words = words;
    return met;
}
