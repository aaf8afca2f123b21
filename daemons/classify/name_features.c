/* Evidence for the tagger of names. */
#include "classify/name_features.h"

#include "classify/clitics.h"

#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Kinds of evidence; part of the model's version. */
enum {
    OF_KIND = 1,
    OF_PREFIX,
    OF_ARTICLE,
    OF_ENDING, /* + 0 … 3: one to four letters */
    OF_BEGINNING = OF_ENDING + 4,
    OF_ANYTHING = OF_BEGINNING + 4,
    OF_GAP,
    OF_GAP_BEHIND,
    OF_GAP_BEFORE,
    OF_TITLE,
    OF_GROUPS_BEFORE,
    OF_GROUPS_BEHIND,
    OF_GROUPS_AROUND,
    OF_PLACE,
    OF_PLACE_BEFORE,
    OF_PLACE_BEHIND,
    OF_PLACES,
    OF_PLACE_GROUP_BEFORE,
    OF_PLACE_GROUP_BEHIND,
    OF_PLACE_GAP,
    OF_PLACE_NEXT,
};

enum { GROUP_NONE = NAME_GROUPS, GROUP_OUTSIDE = NAME_GROUPS + 8 };

static uint32_t evidence(uint32_t kind, uint64_t value)
{
    uint64_t h = (value + kind * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    return (uint32_t)(h ^ h >> 32);
}

static int32_t find_known(const struct lexicon *l, uint64_t hash)
{
    for (size_t at = hash % NAME_KNOWN_SLOTS; l->known[at]; at = (at + 1) % NAME_KNOWN_SLOTS)
        if ((l->known[at] & 0xffff) == hash >> 48)
            return (int32_t)(l->known[at] >> 16) - 1;
    return -1;
}

static int32_t find_rare(const struct lexicon *l, uint64_t hash)
{
    for (size_t at = hash % NAME_RARE_SLOTS; l->rare[at]; at = (at + 1) % NAME_RARE_SLOTS)
        if ((l->rare[at] & 0x7ffff) == hash >> 45)
            return (int32_t)(l->rare[at] >> 19) - 1;
    return -1;
}

static void add_spelling(struct name_word *w, uint32_t row)
{
    w->spelling[w->spelling_count++] = row;
}

static void look_at_spelling(struct name_word *w, const uint8_t *letters, size_t count)
{
    letters += w->cut;
    count -= w->cut;
    add_spelling(w, evidence(OF_KIND, w->kind * 8u + (count > 7 ? 7 : count)));
    add_spelling(
        w, evidence(OF_ARTICLE, count > 3 && letters[0] == FOLD_ALEF && letters[1] == FOLD_LAM));
    for (size_t k = 1; k <= 4 && k < count; k++) {
        uint32_t ending = 0, beginning = 0;
        memcpy(&ending, letters + count - k, k);
        memcpy(&beginning, letters, k);
        add_spelling(w, evidence(OF_ENDING + (uint32_t)k - 1, ending));
        add_spelling(w, evidence(OF_BEGINNING + (uint32_t)k - 1, beginning));
    }
}

/* A word that has no weights of its own: those of the word behind its prefixes, or of its cluster,
 * and its letters. */
static void look_at_unknown(const struct lexicon *l, const uint8_t *letters, const struct token *t,
                            struct name_word *w)
{
    int32_t stem = -1, rare = -1;
    unsigned stem_cut = 0, rare_cut = 0;
    for (unsigned cut = 1; cut <= CLITICS_MAX && t->kind == TOKEN_ARABIC; cut++) {
        uint8_t out[CLITICS_STEM];
        size_t size = clitics_stem(letters, t->letters, cut, out);
        if (!size)
            continue;
        uint64_t hash = XXH3_64bits(out, size);
        int32_t known = find_known(l, hash);
        if (known >= 0 && (stem < 0 || known < stem)) {
            stem = known;
            stem_cut = cut;
        } else if (rare < 0 && (rare = find_rare(l, hash)) >= 0) {
            rare_cut = cut;
        }
    }
    int32_t own = find_rare(l, t->hash);
    if (stem >= 0) {
        w->weights = stem;
        w->group = l->groups[l->clusters[stem]];
        w->cut = (uint8_t)stem_cut;
        uint32_t prefix = 0;
        memcpy(&prefix, letters, stem_cut);
        add_spelling(w, evidence(OF_PREFIX, prefix));
        return;
    }
    if (own >= 0 || rare >= 0) {
        int32_t cluster = own >= 0 ? own : rare;
        w->cut = own >= 0 ? 0 : (uint8_t)rare_cut;
        w->weights = (int32_t)l->known_count + cluster;
        w->group = l->groups[cluster];
    } else {
        w->group = GROUP_NONE + t->kind;
    }
    look_at_spelling(w, letters, t->letters);
}

static unsigned place_class(const struct place *p)
{
    static const uint8_t class[PLACE_KINDS] = {
        [PLACE_COUNTRY] = 0, [PLACE_REGION] = 1,  [PLACE_DISTRICT] = 2, [PLACE_CITY] = 3,
        [PLACE_TOWN] = 3,    [PLACE_VILLAGE] = 4, [PLACE_AREA] = 5,     [PLACE_SEA] = 6,
        [PLACE_RIVER] = 6,   [PLACE_BASE] = 7,    [PLACE_AIRPORT] = 7,  [PLACE_CROSSING] = 7,
        [PLACE_PORT] = 7,    [PLACE_FIELD] = 7,   [PLACE_SHRINE] = 7,   [PLACE_CAMP] = 7,
        [PLACE_PRISON] = 7,  [PLACE_SITE] = 7,
    };
    return class[p->kind] * PLACE_STRENGTHS + p->strength;
}

/* The longest names of the gazetteer, from left to right. */
static void look_for_places(const struct gazetteer *g, const struct tokens *t, size_t count,
                            struct name_word *words)
{
    for (size_t i = 0; i < count;) {
        struct gazetteer_match best = {0}, m;
        unsigned best_cut = 0;
        for (unsigned cut = 0; cut <= CLITICS_MAX; cut++)
            if (gazetteer_find(g, t, i, count, cut, &m) && m.words > best.words && m.count &&
                gazetteer_place(g, m.places[0])->strength > 0) {
                best = m;
                best_cut = cut;
            }
        if (!best.words) {
            i++;
            continue;
        }
        unsigned class = place_class(gazetteer_place(g, best.places[0]));
        for (size_t k = 0; k < best.words; k++)
            words[i + k].place =
                (uint16_t)(1 + class * 8 + (k > 0) + 2 * (best_cut > 0) + 4 * (best.words > 1));
        i += best.words;
    }
}

enum { AHEAD = 8 /* words, whose slots are on their way into the cache */ };

void name_words_look(const struct lexicon *lexicon, const struct gazetteer *gazetteer,
                     const struct tokens *t, size_t count, struct name_word *words)
{
    for (size_t i = 0; i < count; i++) {
        const struct token *token = &t->items[i];
        struct name_word *w = &words[i];
        if (i + AHEAD < count)
            __builtin_prefetch(&lexicon->known[token[AHEAD].hash % NAME_KNOWN_SLOTS]);
        w->weights = find_known(lexicon, token->hash);
        w->place = 0;
        w->gap = token->gap;
        w->cut = 0;
        w->kind = (uint8_t)(token->kind + (token->capital ? 4 : 0));
        w->title = i < t->parts[PART_TITLE].count;
        w->spelling_count = 0;
        if (w->weights >= 0) {
            w->group = lexicon->groups[lexicon->clusters[w->weights]];
        } else {
            look_at_unknown(lexicon, t->folded + token->folded, token, w);
        }
    }
    look_for_places(gazetteer, t, count, words);
}

size_t name_evidence(const struct name_word *words, size_t count, size_t i,
                     uint32_t ret_rows[NAME_EVIDENCE])
{
    static const struct name_word outside = {
        .weights = -1, .group = GROUP_OUTSIDE, .gap = GAP_LINE, .place = 999};
    const struct name_word *w = &words[i];
    const struct name_word *before = i ? w - 1 : &outside,
                           *behind = i + 1 < count ? w + 1 : &outside;
    size_t n = 0;
#define ADD(kind, value) ret_rows[n++] = evidence(kind, value) % NAME_ROWS
    for (size_t k = 0; k < w->spelling_count; k++)
        ret_rows[n++] = w->spelling[k] % NAME_ROWS;
    for (size_t k = 0; k < before->spelling_count; k++)
        ret_rows[n++] = (before->spelling[k] * 0x27d4eb2fu >> 7) % NAME_ROWS;
    for (size_t k = 0; k < behind->spelling_count; k++)
        ret_rows[n++] = (behind->spelling[k] * 0x85ebca6bu >> 9) % NAME_ROWS;
    ADD(OF_ANYTHING, 0);
    ADD(OF_GAP, w->gap);
    ADD(OF_GAP_BEHIND, behind->gap);
    ADD(OF_GAP_BEFORE, before->gap);
    ADD(OF_TITLE, w->title);
    ADD(OF_GROUPS_BEFORE, (uint64_t)before->group << 16 | w->group);
    ADD(OF_GROUPS_BEHIND, (uint64_t)w->group << 16 | behind->group);
    ADD(OF_GROUPS_AROUND, (uint64_t)before->group << 16 | behind->group);
    if (w->place) {
        ADD(OF_PLACE, w->place);
        ADD(OF_PLACE_GROUP_BEFORE, (uint64_t)w->place << 16 | before->group);
        ADD(OF_PLACE_GROUP_BEHIND, (uint64_t)w->place << 16 | behind->group);
        ADD(OF_PLACE_GAP, (uint64_t)w->place << 16 | w->gap);
    }
    if (before->place)
        ADD(OF_PLACE_BEFORE, before->place);
    if (behind->place) {
        ADD(OF_PLACE_BEHIND, behind->place);
        ADD(OF_PLACE_NEXT, (uint64_t)behind->place << 16 | w->group);
    }
    if (w->place || behind->place)
        ADD(OF_PLACES, (uint64_t)w->place << 16 | behind->place);
#undef ADD
    return n;
}

/* How well a word is known: 0 not at all, 1 rare, then by rank. */
static uint32_t familiarity(const struct lexicon *l, uint64_t hash)
{
    int32_t known = find_known(l, hash);
    if (known < 0)
        return find_rare(l, hash) >= 0;
    return known < 1000 ? 5 : known < 4000 ? 4 : known < 12000 ? 3 : 2;
}

bool name_is_joined(const struct lexicon *lexicon, const struct tokens *t, size_t word)
{
    const struct token *token = &t->items[word];
    const uint8_t *letters = t->folded + token->folded;
    uint8_t stem[CLITICS_STEM];
    if (token->kind != TOKEN_ARABIC || letters[0] != FOLD_WAW)
        return false;
    size_t size = clitics_stem(letters, token->letters, 1, stem);
    if (size < 3)
        return false;
    uint64_t hash = XXH3_64bits(stem, size);
    int32_t without = find_known(lexicon, hash), whole = find_known(lexicon, token->hash);
    if (without >= 0)
        return whole < 0 || without < whole;
    return whole < 0 && find_rare(lexicon, hash) >= 0 && find_rare(lexicon, token->hash) < 0;
}

size_t name_cut_evidence(const struct lexicon *lexicon, const struct gazetteer *gazetteer,
                         const struct tokens *t, const struct name_word *words, size_t word,
                         unsigned type, unsigned cut, uint32_t ret_rows[NAME_CUT_EVIDENCE])
{
    const struct token *token = &t->items[word];
    const uint8_t *letters = t->folded + token->folded;
    uint8_t stem[CLITICS_STEM];
    size_t size = token->letters;
    uint64_t hash = token->hash;
    uint32_t prefix = 0;
    if (cut) {
        size = token->kind == TOKEN_ARABIC ? clitics_stem(letters, token->letters, cut, stem) : 0;
        if (!size || (letters[cut - 1] == FOLD_LAM && letters[cut] == FOLD_LAM))
            return 0; /* a name keeps the LAM that is one with its article */
        memcpy(&prefix, letters, cut);
        hash = XXH3_64bits(stem, size);
        letters = stem;
    }
    struct gazetteer_match m;
    uint32_t place = gazetteer_find(gazetteer, t, word, t->count, cut, &m) ? 1 + (m.words > 1) : 0;
    uint32_t article = size > 3 && letters[0] == FOLD_ALEF && letters[1] == FOLD_LAM;
    uint32_t known = familiarity(lexicon, hash), whole = familiarity(lexicon, token->hash);
    uint32_t beginning = 0;
    memcpy(&beginning, t->folded + token->folded, token->letters < 3 ? token->letters : 3);
    size_t n = 0;
#define ADD(kind, value) ret_rows[n++] = evidence(kind, (value)*4u + cut) % NAME_CUT_ROWS
    ADD(60, (uint64_t)prefix * 8 + type);
    ADD(61, known * 8 + whole);
    ADD(62, (place * 8 + type) * 8 + known);
    ADD(63, (uint64_t)prefix * 2 + article);
    ADD(64, (uint64_t)(word ? words[word - 1].group : GROUP_OUTSIDE) * 64 + (prefix & 63));
    ADD(65, token->hash);
    ADD(66, ((uint64_t)beginning * 8 + whole) * 8 + known);
#undef ADD
    return n;
}
