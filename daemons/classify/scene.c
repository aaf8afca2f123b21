/* Choosing the scene of an article among its places. */
#include "classify/scene.h"

#include "classify/clitics.h"
#include "classify/model.h"
#include "classify/name_features.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct scene_model {
    struct model *model;
    const int16_t *weights;
};

int scene_model_open(const char *path, struct scene_model **ret)
{
    struct scene_model *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    int r = model_open(path, MODEL_SCENE, SCENE_VERSION, &m->model);
    if (r == 0) {
        m->weights = model_section_of(m->model, SCENE_WEIGHTS, SCENE_ROWS * sizeof *m->weights);
        r = m->weights ? 0 : -EBADMSG;
    }
    if (r < 0) {
        scene_model_close(m);
        return r;
    }
    *ret = m;
    return 0;
}

struct scene_model *scene_model_close(struct scene_model *m)
{
    if (m)
        model_close(m->model);
    free(m);
    return NULL;
}

/* Kinds of evidence; part of the model's version. Those of a mention stand once for each enum turn.
 */
enum {
    OF_KIND = 1,
    OF_PARTS,
    OF_MENTIONS,
    OF_KIND_OFTEN,
    OF_ORDER,
    OF_BODY_ORDER,
    OF_POSITION,
    OF_HOLDS,
    OF_LIES_IN,
    OF_ONLY,
    OF_SHARE,
    OF_LED_IN,
    OF_WORD_BEFORE,
    OF_NONE,
    OF_NONE_PLACES,
    OF_NONE_TITLE,
    OF_NONE_LED_IN,
    OF_NONE_FIRST_WORD,
    OF_NONE_TITLE_WORD,
    OF_SENTENCE,
    OF_LEVELS,
    OF_LEVELS_LED_IN,
    OF_LEVELS_ORDER,
    OF_DEEPEST,
    OF_FOLLOWED,
    OF_FOLLOWS,
    OF_TURN = 32,
    OF_TURN_BEFORE = OF_TURN,
    OF_TURN_BEFORE2 = OF_TURN_BEFORE + 3,
    OF_TURN_BOTH_BEFORE = OF_TURN_BEFORE2 + 3,
    OF_TURN_PREFIX = OF_TURN_BOTH_BEFORE + 3,
    OF_TURN_KIND_PREFIX = OF_TURN_PREFIX + 3,
    OF_TURN_BEHIND = OF_TURN_KIND_PREFIX + 3,
    OF_TURN_GAPS = OF_TURN_BEHIND + 3,
    OF_TURN_KIND_LED_IN = OF_TURN_GAPS + 3,
    OF_TURN_GROUP_BEFORE = OF_TURN_KIND_LED_IN + 3,
    OF_TURN_GROUP_BEFORE2 = OF_TURN_GROUP_BEFORE + 3,
    OF_TURN_GROUP_BEHIND = OF_TURN_GROUP_BEFORE2 + 3,
    OF_TURN_GROUP_BEHIND2 = OF_TURN_GROUP_BEHIND + 3,
    OF_GROUP_BEFORE = OF_TURN_GROUP_BEHIND2 + 3,
    OF_GROUP_BEFORE2,
};

/* Mentions that are looked at. */
enum { TITLE_WORDS = 24 };
enum turn { TURN_TITLE, TURN_BODY, TURN_BODY_AGAIN, TURNS };

struct rows {
    uint16_t *items;
    size_t count;
};

static void add_within(struct rows *r, uint32_t first, uint32_t count, uint32_t kind,
                       uint64_t value)
{
    uint64_t h = (value + kind * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    if (r->count < SCENE_EVIDENCE)
        r->items[r->count++] = (uint16_t)(first + (h ^ h >> 32) % count);
}

static void add(struct rows *r, uint32_t kind, uint64_t value)
{
    add_within(r, 0, SCENE_OF_WORDS, kind, value);
}

static void add_word(struct rows *r, uint32_t kind, uint64_t value)
{
    add_within(r, SCENE_OF_WORDS, SCENE_ROWS - SCENE_OF_WORDS, kind, value);
}

static unsigned kind_of(const struct entity *e)
{
    if (e->located)
        return e->place.kind;
    return PLACE_KINDS + (unsigned)e->type;
}

static unsigned at_most(size_t n, unsigned most)
{
    return n < most ? (unsigned)n : most;
}

static unsigned power(size_t n)
{
    unsigned bits = 0;
    for (; n; n >>= 1)
        bits++;
    return bits;
}

static bool in_title(const struct scene_view *v, const struct name_mention *m)
{
    return m->first < v->tokens->parts[PART_TITLE].count;
}

/* في (U+0641 U+064A), also behind و (U+0648) */
static bool says_in(const struct tokens *t, size_t word)
{
    static const uint8_t in[] = {FOLD_FEH, FOLD_YEH};
    const struct token *token = &t->items[word];
    const uint8_t *end = t->folded + token->folded + token->letters;
    return token->letters >= 2 && token->letters <= 3 && !memcmp(end - 2, in, 2);
}

/* Whether a preposition stands in front of it, or one word before that, or is its prefix. */
static bool is_led_in(const struct tokens *t, const struct name_mention *m)
{
    const struct token *first = &t->items[m->first];
    if (m->cut && t->folded[first->folded + m->cut - 1] == FOLD_BEH)
        return true;
    if (!m->first || first->gap & (GAP_STOP | GAP_LINE))
        return false;
    return says_in(t, m->first - 1) || (m->first > 1 && says_in(t, m->first - 2));
}

/* A word that is distance before the mention; 0 where its sentence begins earlier. */
static uint64_t word_before(const struct tokens *t, const struct name_mention *m, size_t distance)
{
    for (size_t i = 0; i < distance; i++)
        if (m->first < i + 1 || t->items[m->first - i].gap & (GAP_STOP | GAP_LINE))
            return 0;
    return t->items[m->first - distance].hash;
}

/* The group of a word so many before the mention, or behind it, in the same sentence. */
static uint64_t group_at(const struct scene_view *v, const struct name_mention *m, int distance)
{
    enum { NONE = 0xffff };
    size_t word = distance < 0 ? m->first : m->last;
    for (; distance; distance += distance < 0 ? 1 : -1) {
        if (distance < 0 && (!word || v->tokens->items[word].gap & (GAP_STOP | GAP_LINE)))
            return NONE;
        word += distance < 0 ? -1 : 1;
        if (word >= v->tokens->count || word >= NAME_WORDS)
            return NONE;
        if (distance > 0 && v->tokens->items[word].gap & (GAP_STOP | GAP_LINE))
            return NONE;
    }
    return v->words[word].group;
}

static void add_turn(struct rows *r, const struct scene_view *v, const struct name_mention *m,
                     enum turn turn, unsigned kind)
{
    const struct tokens *t = v->tokens;
    uint64_t before = word_before(t, m, 1), before2 = word_before(t, m, 2);
    uint32_t prefix = 0;
    memcpy(&prefix, t->folded + t->items[m->first].folded, m->cut > 2 ? 2 : m->cut);
    bool ends = m->last + 1u >= t->count || t->items[m->last + 1].gap & GAP_LINE;
    uint64_t behind = ends ? 0 : t->items[m->last + 1].hash;
    uint64_t gaps =
        (uint64_t)t->items[m->first].gap << 16 | (ends ? GAP_LINE : t->items[m->last + 1].gap);
    bool led_in = is_led_in(t, m);
    add_word(r, OF_TURN_BEFORE + turn, before);
    add_word(r, OF_TURN_BEFORE2 + turn, before2);
    add_word(r, OF_TURN_BOTH_BEFORE + turn, before * 3 + before2);
    add(r, OF_TURN_PREFIX + turn, prefix);
    add(r, OF_TURN_KIND_PREFIX + turn, prefix * 64u + kind);
    add_word(r, OF_TURN_BEHIND + turn, behind);
    add(r, OF_TURN_GAPS + turn, gaps);
    add(r, OF_TURN_KIND_LED_IN + turn, kind * 2 + led_in);
    add_word(r, OF_WORD_BEFORE, before * 5 + prefix);
    uint64_t group = group_at(v, m, -1), group2 = group_at(v, m, -2);
    add_word(r, OF_TURN_GROUP_BEFORE + turn, group);
    add_word(r, OF_TURN_GROUP_BEFORE2 + turn, group2);
    add_word(r, OF_TURN_GROUP_BEHIND + turn, group_at(v, m, 1));
    add_word(r, OF_TURN_GROUP_BEHIND2 + turn, group_at(v, m, 2));
    add_word(r, OF_GROUP_BEFORE, group * 64 + kind);
    add_word(r, OF_GROUP_BEFORE2, group * 512 + group2);
}

/* The mentions of an entity that are looked at; returns whether any is led in. */
static bool find_turns(const struct scene_view *v, uint16_t entity,
                       const struct name_mention *ret[TURNS])
{
    bool led_in = false;
    memset(ret, 0, TURNS * sizeof *ret);
    for (size_t i = 0; i < v->count; i++) {
        if (v->entities->entity_of[i] != entity)
            continue;
        const struct name_mention *m = &v->mentions[i];
        enum turn turn = in_title(v, m) ? TURN_TITLE : ret[TURN_BODY] ? TURN_BODY_AGAIN : TURN_BODY;
        if (!ret[turn])
            ret[turn] = m;
        led_in |= is_led_in(v->tokens, m);
    }
    return led_in;
}

/* How small a place is. */
static unsigned level_of(const struct entity *e)
{
    if (!e->located)
        return e->type == NAME_FAC ? 5 : e->type == NAME_LOC ? 6 : 4;
    switch ((enum place_kind)e->place.kind) {
    case PLACE_COUNTRY:
        return 0;
    case PLACE_REGION:
        return 1;
    case PLACE_DISTRICT:
        return 2;
    case PLACE_CITY:
        return 3;
    case PLACE_TOWN:
    case PLACE_VILLAGE:
        return 4;
    case PLACE_AREA:
    case PLACE_SEA:
    case PLACE_RIVER:
        return 6;
    default:
        return 5;
    }
}

/* The smallest other candidate in the same country; 7: there is none. */
static unsigned deepest_other(const struct scene_view *v, const uint16_t *candidates, size_t count,
                              const struct entity *e)
{
    unsigned deepest = 7;
    for (size_t i = 0; i < count; i++) {
        const struct entity *other = &v->entities->items[candidates[i]];
        unsigned level = level_of(other);
        if (other != e && e->place.country[0] && level < 6 &&
            !memcmp(other->place.country, e->place.country, 2) && (deepest == 7 || level > deepest))
            deepest = level;
    }
    return deepest;
}

/* The place that is named a few words behind a mention, or before it, in the same sentence; 7:
 * none. */
static unsigned neighbour(const struct scene_view *v, const struct name_mention *m, bool behind)
{
    size_t at = (size_t)(m - v->mentions), other = behind ? at + 1 : at - 1;
    if (other >= v->count || v->entities->entity_of[other] >= v->entities->count)
        return 7;
    const struct entity *e = &v->entities->items[v->entities->entity_of[other]];
    const struct name_mention *first = behind ? m : &v->mentions[other],
                              *second = behind ? &v->mentions[other] : m;
    if (!name_type_is_place(e->type) || second->first > first->last + 4 ||
        second->first <= first->last)
        return 7;
    for (size_t i = first->last + 1u; i <= second->first; i++)
        if (v->tokens->items[i].gap & (GAP_STOP | GAP_LINE))
            return 7;
    return level_of(e) + 8 * (second->first - first->last - 1 > 1);
}

static size_t sentence_of(const struct scene_view *v, const struct name_mention *m)
{
    size_t sentence = 0;
    for (size_t i = v->tokens->parts[PART_BODY].first + 1; i <= m->first; i++)
        sentence += (v->tokens->items[i].gap & (GAP_STOP | GAP_LINE)) != 0;
    return sentence;
}

static bool is_country(const struct entity *e)
{
    return e->located && e->place.kind == PLACE_COUNTRY;
}

/* Whether a smaller candidate lies in this country, or this smaller one in a country that is a
 * candidate. */
static bool has_relative(const struct scene_view *v, const uint16_t *candidates, size_t count,
                         const struct entity *e, bool country)
{
    for (size_t i = 0; i < count; i++) {
        const struct entity *other = &v->entities->items[candidates[i]];
        if (other != e && e->place.country[0] && is_country(other) == country &&
            !memcmp(other->place.country, e->place.country, 2))
            return true;
    }
    return false;
}

size_t scene_candidates(const struct scene_view *v, uint16_t ret[SCENE_PLACES])
{
    size_t count = 0;
    uint8_t taken[ENTITIES_MAX] = {0};
    for (size_t i = 0; i < v->count && count < SCENE_PLACES; i++) {
        uint16_t entity = v->entities->entity_of[i];
        if (entity >= v->entities->count || taken[entity] ||
            !name_type_is_place(v->entities->items[entity].type))
            continue;
        taken[entity] = 1;
        ret[count++] = entity;
    }
    return count;
}

static void add_none(struct rows *r, const struct scene_view *v, const uint16_t *candidates,
                     size_t count)
{
    size_t titles = 0, led_in = 0;
    for (size_t i = 0; i < count; i++) {
        const struct name_mention *turns[TURNS];
        led_in += find_turns(v, candidates[i], turns);
        titles += turns[TURN_TITLE] != NULL;
    }
    add(r, OF_NONE, 0);
    add(r, OF_NONE_PLACES, at_most(count, 6));
    add(r, OF_NONE_TITLE, at_most(titles, 2));
    add(r, OF_NONE_LED_IN, at_most(led_in, 2));
    const struct token_text *body = &v->tokens->parts[PART_BODY];
    if (body->count)
        add_word(r, OF_NONE_FIRST_WORD, v->tokens->items[body->first].hash);
    for (size_t i = 0; i < v->tokens->parts[PART_TITLE].count && i < TITLE_WORDS; i++)
        add_word(r, OF_NONE_TITLE_WORD, v->words[i].group);
}

size_t scene_evidence(const struct scene_view *v, const uint16_t *candidates, size_t count,
                      size_t candidate, uint16_t ret_rows[SCENE_EVIDENCE])
{
    struct rows r = {ret_rows, 0};
    if (candidate == count) {
        add_none(&r, v, candidates, count);
        return r.count;
    }
    const struct entity *e = &v->entities->items[candidates[candidate]];
    const struct name_mention *turns[TURNS];
    bool led_in = find_turns(v, candidates[candidate], turns);
    unsigned kind = kind_of(e), body_order = 0;
    for (size_t i = 0; i < candidate; i++)
        body_order += v->entities->items[candidates[i]].offset_count > 0;
    bool title = turns[TURN_TITLE], body = turns[TURN_BODY];
    add(&r, OF_KIND, kind);
    add(&r, OF_PARTS, (kind * 2 + title) * 2 + body);
    add(&r, OF_MENTIONS, at_most(e->mentions, 5));
    add(&r, OF_KIND_OFTEN, kind * 2 + (e->mentions > 1));
    add(&r, OF_ORDER, at_most(candidate, 4) * 8 + at_most(count, 4));
    add(&r, OF_BODY_ORDER, body ? at_most(body_order, 4) : 5);
    if (body)
        add(&r, OF_POSITION, power(turns[TURN_BODY]->first - v->tokens->parts[PART_BODY].first));
    add(&r, OF_HOLDS, kind * 2 + (is_country(e) && has_relative(v, candidates, count, e, false)));
    add(&r, OF_LIES_IN, kind * 2 + (!is_country(e) && has_relative(v, candidates, count, e, true)));
    add(&r, OF_ONLY, (count == 1) * 2 + led_in);
    add(&r, OF_SHARE, (unsigned)(e->share * 4) * 2 + is_country(e));
    add(&r, OF_LED_IN, (kind * 2 + led_in) * 2 + title);
    unsigned level = level_of(e), deepest = deepest_other(v, candidates, count, e);
    add(&r, OF_LEVELS, level * 8 + deepest);
    add(&r, OF_LEVELS_LED_IN, (level * 8 + deepest) * 4 + led_in * 2 + title);
    add(&r, OF_LEVELS_ORDER, (level * 8 + deepest) * 4 + at_most(candidate, 3));
    add(&r, OF_DEEPEST, (level < 6 && (deepest == 7 || deepest <= level)) * 2 + led_in);
    if (body)
        add(&r, OF_SENTENCE, at_most(sentence_of(v, turns[TURN_BODY]), 4));
    for (int turn = 0; turn < 2; turn++)
        if (turns[turn]) {
            add(&r, OF_FOLLOWED, level * 16 + neighbour(v, turns[turn], true));
            add(&r, OF_FOLLOWS, level * 16 + neighbour(v, turns[turn], false));
        }
    for (int turn = 0; turn < TURNS; turn++)
        if (turns[turn])
            add_turn(&r, v, turns[turn], (enum turn)turn, kind);
    return r.count;
}

int scene_choose(const struct scene_model *m, const struct scene_view *v)
{
    uint16_t candidates[SCENE_PLACES], rows[SCENE_EVIDENCE];
    size_t count = scene_candidates(v, candidates);
    int best = -1, highest = INT32_MIN;
    for (size_t i = 0; i <= count && count; i++) {
        size_t evidence = scene_evidence(v, candidates, count, i, rows);
        int score = 0;
        for (size_t k = 0; k < evidence; k++)
            score += m->weights[rows[k]];
        if (score > highest) {
            highest = score;
            best = i < count ? candidates[i] : -1;
        }
    }
    return best;
}
