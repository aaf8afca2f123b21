/* Looking names of places up in the mapped table.
 *
 * Sections: PLACES (struct place), LISTS (u32: a count, then so many indices of places), NODES
 * (power of two of u64: high 32 bits check, then 24 bits index in LISTS, 7 spare, 1 whether a
 * longer name goes on from here; 0: empty), FIRST (bits: whether a name may begin with a word of
 * that hash), NATIONS (power of two of u64: high 48 bits of the hash, then the two letters of the
 * country; 0: empty). A node's key chains the hashes of the words so far. */
#include "classify/gazetteer.h"

#include "classify/clitics.h"
#include "classify/gazetteer_format.h"
#include "classify/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static const char *const kind_names[PLACE_KINDS] = {
    [PLACE_COUNTRY] = "country", [PLACE_REGION] = "region",   [PLACE_DISTRICT] = "district",
    [PLACE_CITY] = "city",       [PLACE_TOWN] = "town",       [PLACE_VILLAGE] = "village",
    [PLACE_AREA] = "area",       [PLACE_SEA] = "sea",         [PLACE_RIVER] = "river",
    [PLACE_BASE] = "base",       [PLACE_AIRPORT] = "airport", [PLACE_CROSSING] = "crossing",
    [PLACE_PORT] = "port",       [PLACE_FIELD] = "field",     [PLACE_SHRINE] = "shrine",
    [PLACE_CAMP] = "camp",       [PLACE_PRISON] = "prison",   [PLACE_SITE] = "site",
};

static const char *const source_names[SOURCES] = {
    [SOURCE_ISO] = "iso",
    [SOURCE_GEONAMES] = "geonames",
    [SOURCE_WOF] = "wof",
    [SOURCE_DR5HN_STATE] = "dr5hn-state",
    [SOURCE_DR5HN_CITY] = "dr5hn-city",
    [SOURCE_KHABAR] = "khabar",
};

enum { HEADS = 20 };

struct gazetteer {
    struct model *model;
    uint64_t heads[HEADS]; /* hashes of words, as the table heads has them */
    const struct place *places;
    const uint32_t *lists;
    const uint64_t *nodes, *nations;
    const uint8_t *first;
    size_t place_count, list_count, node_mask, nation_mask;
};

const char *place_kind_name(enum place_kind kind)
{
    return (unsigned)kind < PLACE_KINDS ? kind_names[kind] : NULL;
}

int place_kind_from_name(const char *name)
{
    for (int i = 0; i < PLACE_KINDS; i++)
        if (!strcmp(kind_names[i], name))
            return i;
    return -1;
}

void place_id(const struct place *p, char out[PLACE_ID_ROOM])
{
    if (p->source == SOURCE_ISO)
        snprintf(out, PLACE_ID_ROOM, "iso:%.2s", p->country);
    else
        snprintf(out, PLACE_ID_ROOM, "%s:%u", source_names[p->source < SOURCES ? p->source : 0],
                 p->number);
}

/* Every index that a lookup may meet lies inside its table. */
static int check(const struct gazetteer *g)
{
    for (size_t i = 0; i < g->place_count; i++)
        if (g->places[i].kind >= PLACE_KINDS || g->places[i].source >= SOURCES ||
            g->places[i].strength >= PLACE_STRENGTHS)
            return -EBADMSG;
    for (size_t i = 0; i < g->list_count; i += g->lists[i] + 1) {
        if (g->lists[i] >= g->list_count - i)
            return -EBADMSG;
        for (size_t k = 1; k <= g->lists[i]; k++)
            if (g->lists[i + k] >= g->place_count)
                return -EBADMSG;
    }
    bool empty = false;
    for (size_t i = 0; i <= g->node_mask; i++) {
        uint32_t list = gazetteer_node_list(g->nodes[i]);
        if (list && (list >= g->list_count || g->lists[list] >= g->list_count - list))
            return -EBADMSG;
        empty |= !g->nodes[i];
    }
    bool empty_nation = false;
    for (size_t i = 0; i <= g->nation_mask; i++)
        empty_nation |= !g->nations[i];
    return empty && empty_nation ? 0 : -EBADMSG; /* a lookup ends at an empty slot */
}

static bool power_of_two(size_t n)
{
    return n && !(n & (n - 1));
}

/* Words in front of a place that say its kind. */
static const struct place_head heads[HEADS] = {
    {"محافظة",   PLACE_REGION  },
    {"ولاية",     PLACE_REGION  },
    {"مقاطعة",   PLACE_REGION  },
    {"إقليم",     PLACE_REGION  },
    {"إمارة",     PLACE_REGION  },
    {"منطقة",     -1            },
    {"قضاء",       PLACE_DISTRICT},
    {"ناحية",     PLACE_DISTRICT},
    {"مديرية",   PLACE_DISTRICT},
    {"معتمدية", PLACE_DISTRICT, "TN"},
    {"مدينة",                PLACE_CITY                  },
    {"بلدة",                PLACE_TOWN  },
    {"قرية",                PLACE_VILLAGE                  },
    {"دولة",                PLACE_COUNTRY  },
    {"جمهورية",                PLACE_COUNTRY            },
    {"مملكة",                PLACE_COUNTRY      },
    {"جزيرة",                -1            },
    {"العاصمة",                PLACE_CITY  },
    {"حي",                -1                      },
    {"ريف",                -1},
};

static void hash_heads(struct gazetteer *g)
{
    for (size_t i = 0; i < HEADS; i++) {
        uint8_t letters[TOKEN_LETTERS];
        g->heads[i] = XXH3_64bits(
            letters, fold_text(heads[i].word, strlen(heads[i].word), letters, sizeof letters));
    }
}

int gazetteer_open(const char *path, struct gazetteer **ret)
{
    struct gazetteer *g = calloc(1, sizeof *g);
    if (!g)
        return -ENOMEM;
    size_t places = 0, lists = 0, nodes = 0, nations = 0;
    int r = model_open(path, MODEL_PLACES, GAZETTEER_VERSION, &g->model);
    if (r == 0) {
        g->places = model_section(g->model, GAZETTEER_PLACES, &places);
        g->lists = model_section(g->model, GAZETTEER_LISTS, &lists);
        g->nodes = model_section(g->model, GAZETTEER_NODES, &nodes);
        g->nations = model_section(g->model, GAZETTEER_NATIONS, &nations);
        g->first = model_section_of(g->model, GAZETTEER_FIRST, GAZETTEER_FIRST_BITS / 8);
        g->place_count = places / sizeof *g->places;
        g->list_count = lists / sizeof *g->lists;
        g->node_mask = nodes / sizeof *g->nodes - 1;
        g->nation_mask = nations / sizeof *g->nations - 1;
        bool complete = g->places && g->lists && g->first &&
                        power_of_two(nodes / sizeof *g->nodes) &&
                        power_of_two(nations / sizeof *g->nations);
        r = complete ? check(g) : -EBADMSG;
        hash_heads(g);
    }
    if (r < 0) {
        gazetteer_close(g);
        return r;
    }
    *ret = g;
    return 0;
}

struct gazetteer *gazetteer_close(struct gazetteer *g)
{
    if (g)
        model_close(g->model);
    free(g);
    return NULL;
}

static uint64_t node_of(const struct gazetteer *g, uint64_t key)
{
    for (size_t at = key & g->node_mask; g->nodes[at]; at = (at + 1) & g->node_mask)
        if (g->nodes[at] >> 32 == key >> 32)
            return g->nodes[at];
    return 0;
}

/* Words of a name may be parted by what joins words, not by what parts sentences. */
static bool joined(const struct token *word)
{
    return !(word->gap & ~(GAP_SPACE | GAP_DASH));
}

static bool take(const struct gazetteer *g, uint64_t node, size_t words,
                 struct gazetteer_match *ret)
{
    uint32_t list = gazetteer_node_list(node);
    if (!list)
        return false;
    *ret = (struct gazetteer_match){
        .words = words, .places = g->lists + list + 1, .count = g->lists[list]};
    return true;
}

bool gazetteer_find(const struct gazetteer *g, const struct tokens *t, size_t first, size_t end,
                    unsigned cut, struct gazetteer_match *ret)
{
    const struct token *word = &t->items[first];
    uint64_t key = word->hash;
    if (cut) {
        uint8_t stem[CLITICS_STEM];
        size_t letters = clitics_stem(t->folded + word->folded, word->letters, cut, stem);
        if (!letters)
            return false;
        key = XXH3_64bits(stem, letters);
    }
    uint32_t bit = gazetteer_first_bit(key);
    if (!(g->first[bit / 8] >> bit % 8 & 1))
        return false;
    if (end > first + GAZETTEER_WORDS)
        end = first + GAZETTEER_WORDS;
    bool found = false;
    for (size_t i = first;;) {
        uint64_t node = node_of(g, key);
        if (!node)
            break;
        found |= take(g, node, i - first + 1, ret);
        if (++i >= end || !gazetteer_node_goes_on(node) || !joined(&t->items[i]))
            break;
        key = gazetteer_chain(key, t->items[i].hash);
    }
    return found;
}

bool gazetteer_find_key(const struct gazetteer *g, uint64_t key, struct gazetteer_match *ret)
{
    return take(g, node_of(g, key), 0, ret);
}

const struct place_head *gazetteer_head(const struct gazetteer *g, const struct tokens *t,
                                        size_t word)
{
    const struct token *token = &t->items[word];
    for (unsigned cut = 0; cut <= CLITICS_MAX; cut++) {
        uint8_t stem[CLITICS_STEM];
        size_t letters =
            cut ? clitics_stem(t->folded + token->folded, token->letters, cut, stem) : 0;
        uint64_t hash = cut ? XXH3_64bits(stem, letters) : token->hash;
        for (size_t i = 0; i < HEADS && (!cut || letters); i++)
            if (g->heads[i] == hash)
                return &heads[i];
    }
    return NULL;
}

const struct place *gazetteer_place(const struct gazetteer *g, uint32_t place)
{
    return &g->places[place];
}

/* Endings of adjectives that a table of masculine singulars in YEH leaves out, longest first. */
static const struct {
    uint8_t size, letters[3];
} endings[] = {
    {3, {FOLD_TEH, FOLD_YEH, FOLD_NOON}},
    {2, {FOLD_WAW, FOLD_NOON}          },
    {2, {FOLD_YEH, FOLD_NOON}          },
    {2, {FOLD_ALEF, FOLD_TEH}          },
    {2, {FOLD_YEH, FOLD_ALEF}          },
    {1, {FOLD_HEH}                     },
    {1, {FOLD_ALEF}                    },
    {1, {FOLD_TEH}                     },
};

static const char *nation_of(const struct gazetteer *g, const uint8_t *letters, size_t count)
{
    uint64_t hash = XXH3_64bits(letters, count);
    for (size_t at = hash & g->nation_mask; g->nations[at]; at = (at + 1) & g->nation_mask)
        if (g->nations[at] >> 16 == hash >> 16)
            return (const char *)&g->nations[at];
    return NULL;
}

const char *gazetteer_nationality(const struct gazetteer *g, const uint8_t *letters, size_t count)
{
    if (count > 4 && letters[0] == FOLD_ALEF && letters[1] == FOLD_LAM) {
        letters += 2;
        count -= 2;
    }
    if (count < 3)
        return NULL;
    if (letters[count - 1] == FOLD_YEH)
        return nation_of(g, letters, count);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = endings[i].size;
        if (count < size + 3 || letters[count - size - 1] != FOLD_YEH ||
            memcmp(letters + count - size, endings[i].letters, size))
            continue;
        const char *country = nation_of(g, letters, count - size);
        if (country)
            return country;
    }
    return NULL;
}
