/* Joining mentions of the same name, settling which place is meant, choosing the scene. */
#include "classify/places.h"

#include "classify/clitics.h"
#include "libcommon/fields.h"
#include "libcommon/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { COUNTRIES = 26 * 26, LOOKED_AT = 400 /* words, for the countries that an article is about */ };

static uint64_t chain(uint64_t key, uint64_t hash)
{
    key = (key ^ hash) * 0x9e3779b97f4a7c15u;
    return key ^ key >> 29;
}

/* Hash of a word of a name: the first without its prefixes, ل before the article undone. */
static uint64_t word_hash(const struct tokens *t, const struct name_mention *m, size_t word)
{
    const struct token *token = &t->items[word];
    const uint8_t *letters = t->folded + token->folded;
    uint8_t stem[CLITICS_STEM];
    unsigned cut = word == m->first ? m->cut : 0;
    if (word == m->first && token->letters > 3 && letters[cut] == FOLD_LAM && letters[cut + 1] == FOLD_LAM)
        cut++;
    size_t size = cut ? clitics_stem(letters, token->letters, cut, stem) : 0;
    return size ? XXH3_64bits(stem, size) : token->hash;
}

static uint64_t mention_key(const struct tokens *t, const struct name_mention *m)
{
    uint64_t key = 0;
    for (size_t i = m->first; i <= m->last; i++)
        key = chain(key, word_hash(t, m, i));
    return key;
}

/* Whether a person is called by the last words of a longer name, or by its first. */
static bool is_short_form(const struct tokens *t, const struct name_mention *shorter, const struct name_mention *longer)
{
    size_t few = shorter->last - shorter->first + 1, many = longer->last - longer->first + 1;
    if (few >= many)
        return false;
    bool ends = true, begins = few == 1 || few + 1 == many;
    for (size_t i = 0; i < few; i++) {
        uint64_t hash = word_hash(t, shorter, shorter->first + i);
        ends &= hash == word_hash(t, longer, longer->last + 1 - few + i);
        begins &= hash == word_hash(t, longer, longer->first + i);
    }
    return ends || begins;
}

static bool in_title(const struct tokens *t, size_t word)
{
    return word < t->parts[PART_TITLE].count;
}

static void add_mention(struct entity *e, const struct tokens *t, const struct name_mention *m)
{
    size_t size;
    const char *name = name_text(t, m, &size);
    e->mentions++;
    e->in_title |= in_title(t, m->first);
    if (!in_title(t, m->first) && e->offset_count < ENTITY_OFFSETS)
        e->offsets[e->offset_count++] = (uint32_t)(name - t->parts[PART_BODY].text); /* bytes, until all are found */
}

static struct entity *find_entity(struct entities *all, enum name_type type, uint64_t key)
{
    for (size_t i = 0; i < all->count; i++) {
        struct entity *e = &all->items[i];
        bool same_type = e->type == type || (name_type_is_place(e->type) && name_type_is_place(type));
        if (same_type && e->key == key)
            return e;
    }
    return NULL;
}

static struct entity *new_entity(struct entities *all, const struct tokens *t, const struct name_mention *m, uint64_t key)
{
    if (all->count == ENTITIES_MAX)
        return NULL;
    struct entity *e = &all->items[all->count++];
    *e = (struct entity){.type = (enum name_type)m->type, .key = key, .first = m->first};
    e->name = name_text(t, m, &e->size);
    return e;
}

/* The longest name that the mention is a short form of, as a mention; itself when there is none. */
static const struct name_mention *full_form(const struct tokens *t, const struct name_mention *mentions, size_t count,
                                            const struct name_mention *m)
{
    const struct name_mention *best = m;
    if (m->type != NAME_PERSON)
        return m;
    for (size_t i = 0; i < count; i++)
        if (mentions[i].type == NAME_PERSON && is_short_form(t, m, &mentions[i]) &&
            mentions[i].last - mentions[i].first > best->last - best->first)
            best = &mentions[i];
    return best;
}

static unsigned country_index(const char country[2])
{
    unsigned a = (unsigned)(country[0] - 'A'), b = (unsigned)(country[1] - 'A');
    return a < 26 && b < 26 ? a * 26 + b : COUNTRIES;
}

struct context {
    const struct gazetteer *g;
    const struct tokens *t;
    float votes[COUNTRIES + 1]; /* how much an article is about a country; the last takes what is none */
    float total;
};

static void vote(struct context *c, const char country[2], float weight)
{
    unsigned index = country_index(country);
    if (index == COUNTRIES)
        return;
    c->votes[index] += weight;
    c->total += weight;
}

/* Countries, from names that mean but one place, and from adjectives of nationality. */
static void gather_votes(struct context *c, const struct name_mention *mentions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t size;
        const char *name = name_text(c->t, &mentions[i], &size);
        struct gazetteer_match m;
        if (!name_type_is_place((enum name_type)mentions[i].type) || !gazetteer_find_text(c->g, name, size, &m))
            continue;
        const struct place *p = gazetteer_place(c->g, m.places[0]);
        if (p->kind == PLACE_COUNTRY || p->strength == 3)
            vote(c, p->country, 2);
        else if (m.count == 1)
            vote(c, p->country, 1);
    }
    for (size_t i = 0; i < c->t->count && i < LOOKED_AT; i++) {
        const struct token *token = &c->t->items[i];
        if (token->kind != TOKEN_ARABIC || token->letters < 4)
            continue;
        const char *country = gazetteer_nationality(c->g, c->t->folded + token->folded, token->letters);
        if (country)
            vote(c, country, 0.5f);
    }
}

/* Words in front of a place that say its kind: U+0645 … in the table as in gazetteers. */
static const struct {
    const char *word;
    int8_t kind;
} heads[] = {
    {"محافظة", PLACE_REGION}, {"ولاية", PLACE_REGION},   {"مقاطعة", PLACE_REGION}, {"إقليم", PLACE_REGION},
    {"إمارة", PLACE_REGION},  {"منطقة", -1},             {"قضاء", PLACE_DISTRICT}, {"ناحية", PLACE_DISTRICT},
    {"مديرية", PLACE_DISTRICT}, {"معتمدية", PLACE_DISTRICT}, {"مدينة", PLACE_CITY}, {"بلدة", PLACE_TOWN},
    {"قرية", PLACE_VILLAGE},  {"دولة", PLACE_COUNTRY},   {"جمهورية", PLACE_COUNTRY}, {"مملكة", PLACE_COUNTRY},
    {"جزيرة", -1},            {"العاصمة", PLACE_CITY},   {"حي", -1},               {"ريف", -1},
};

/* The row of heads whose word the text begins with, and where the next word begins; -1: none. */
static int head_of(const char *text, size_t size, size_t *ret_next)
{
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t length = strlen(heads[i].word);
        if (size > length + 1 && !memcmp(text, heads[i].word, length) && (text[length] == ' ' || text[length] == '_')) {
            *ret_next = length + 1;
            return (int)i;
        }
    }
    return -1;
}

/* The kind that the word in front of a mention asks for; -1: none. */
static int wanted_kind(const struct context *c, uint32_t first)
{
    if (!first)
        return -1;
    const struct token *token = &c->t->items[first - 1];
    const char *end = c->t->parts[first - 1 < c->t->parts[PART_TITLE].count ? PART_TITLE : PART_BODY].text + token->start +
                      token->length;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) { /* at most two prefixes, two bytes each, in front */
        size_t size = strlen(heads[i].word);
        if (token->length >= size && token->length <= size + 4 && !memcmp(end - size, heads[i].word, size))
            return heads[i].kind;
    }
    return -1;
}

/* The likeliest of what a name may mean, here. */
static const struct place *choose(const struct context *c, const struct gazetteer_match *m, int kind)
{
    const struct place *best = NULL;
    float highest = -1e9f;
    for (size_t i = 0; i < m->count; i++) {
        const struct place *p = gazetteer_place(c->g, m->places[i]);
        float score = -1.5f * (float)i + 1.5f * (float)p->strength;
        unsigned country = country_index(p->country);
        if (c->total > 0 && country < COUNTRIES)
            score += 8 * c->votes[country] / (c->total + 1);
        if (kind >= 0)
            score += p->kind == kind ? 4 : kind == PLACE_CITY && p->kind == PLACE_TOWN ? 3 : 0;
        if (score > highest) {
            highest = score;
            best = p;
        }
    }
    return best;
}

static void set_country(struct entity *e, const char *country)
{
    memcpy(e->place.country, country, 2);
}

/* A place that the gazetteer lacks: what is in its name, or else the country that the article is about. */
static void guess_country(const struct context *c, struct entity *e, const struct name_mention *m)
{
    const struct tokens *t = c->t;
    for (size_t i = m->first; i <= m->last; i++)
        for (unsigned cut = 0; cut <= CLITICS_MAX; cut++) {
            struct gazetteer_match match;
            if ((i == m->first && cut < m->cut) || !gazetteer_find(c->g, t, i, m->last + 1u, cut, &match))
                continue;
            const struct place *p = choose(c, &match, -1);
            if (p && p->strength >= 2 && p->country[0]) {
                set_country(e, p->country);
                return;
            }
        }
    for (size_t i = m->first; i <= m->last + 1u && i < t->count; i++) {
        const char *country = gazetteer_nationality(c->g, t->folded + t->items[i].folded, t->items[i].letters);
        if (country) {
            set_country(e, country);
            return;
        }
    }
    unsigned best = 0;
    for (unsigned i = 1; i < COUNTRIES; i++)
        if (c->votes[i] > c->votes[best])
            best = i;
    if (c->votes[best] > 0)
        set_country(e, (char[2]){(char)('A' + best / 26), (char)('A' + best % 26)});
}

static void settle(const struct context *c, struct entity *e, const struct name_mention *m)
{
    struct gazetteer_match match;
    size_t next = 0;
    int kind = wanted_kind(c, m->first);
    char restored[512];
    const char *name = e->name;
    size_t size = e->size;
    if (size > 4 && size < sizeof restored - 4 && !memcmp(name, "لل", 4)) { /* U+0644 U+0644: the article's ALEF put back */
        memcpy(restored, "ا", 2);
        memcpy(restored + 2, name + 2, size - 2);
        name = restored;
    }
    bool found = gazetteer_find_text(c->g, name, size, &match);
    int head = head_of(name, size, &next);
    if (!found && head >= 0) {
        kind = heads[head].kind;
        found = gazetteer_find_text(c->g, name + next, size - next, &match);
    }
    const struct place *p = found ? choose(c, &match, kind) : NULL;
    if (!p) {
        guess_country(c, e, m);
        return;
    }
    e->place = *p;
    e->located = true;
}

/* Two names of one place are one entity. */
static void join_same_places(struct entities *all)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct entity *e = &all->items[i], *same = NULL;
        for (size_t k = 0; k < kept && e->located && !same; k++) {
            struct entity *other = &all->items[k];
            if (other->located && other->place.source == e->place.source && other->place.number == e->place.number &&
                !memcmp(other->place.country, e->place.country, 2))
                same = other;
        }
        if (!same) {
            struct entity moved = *e;
            all->items[kept++] = moved;
            continue;
        }
        same->mentions += e->mentions;
        same->in_title |= e->in_title;
        same->led_in |= e->led_in;
        same->opens |= e->opens;
        for (size_t k = 0; k < e->offset_count && same->offset_count < ENTITY_OFFSETS; k++)
            same->offsets[same->offset_count++] = e->offsets[k];
    }
    all->count = kept;
}

/* Whether the words say that something is in the place: a preposition in front of it, or as its prefix. */
static bool is_led_in(const struct tokens *t, const struct name_mention *m)
{
    const struct token *first = &t->items[m->first];
    if (m->cut && t->folded[first->folded + m->cut - 1] == FOLD_BEH)
        return true;
    if (!m->first || first->gap & (GAP_STOP | GAP_LINE))
        return false;
    const struct token *before = first - 1;
    static const uint8_t in[] = {FOLD_FEH, FOLD_YEH};
    const uint8_t *letters = t->folded + before->folded;
    bool right_before = before->letters >= 2 && !memcmp(letters + before->letters - 2, in, 2) && before->letters <= 3;
    if (right_before)
        return true;
    if (m->first < 2)
        return false;
    before--;
    letters = t->folded + before->folded;
    return before->letters >= 2 && before->letters <= 3 && !memcmp(letters + before->letters - 2, in, 2);
}

/* What speaks for a place being the scene, or against it; the order is that of scene_weights. */
enum {
    SCENE_COUNTRY, SCENE_REGION, SCENE_CITY, SCENE_TOWN, SCENE_AREA, SCENE_WATER, SCENE_SITE, /* kinds */
    SCENE_OTHER_GPE, SCENE_OTHER_LOC, SCENE_OTHER_FAC, /* what the gazetteer lacks */
    SCENE_LED_IN, SCENE_LED_IN_FIRST, SCENE_IN_TITLE, SCENE_IN_BOTH, SCENE_FIRST, SCENE_SECOND, SCENE_LATER,
    SCENE_TWICE, SCENE_OFTEN, SCENE_EARLY, SCENE_HOLDS_ANOTHER, SCENE_ONLY, SCENE_AGENT,
    SCENE_EVIDENCE
};

/* Half a point for "some place" over "none": most articles have a scene. */
static const float SCENE_LEAST = -0.5f;

/* Learnt by logistic regression over the places of each row of ner/khabar_train.tsv and "none" (which scores 0). */
static const float scene_weights[SCENE_EVIDENCE] = {
    [SCENE_COUNTRY] = -1.206f,
    [SCENE_REGION] = 0.076f,
    [SCENE_CITY] = -0.366f,
    [SCENE_TOWN] = -0.376f,
    [SCENE_AREA] = -0.512f,
    [SCENE_WATER] = -0.252f,
    [SCENE_SITE] = 0.999f,
    [SCENE_OTHER_GPE] = 0.926f,
    [SCENE_OTHER_LOC] = 1.030f,
    [SCENE_OTHER_FAC] = 0.338f,
    [SCENE_LED_IN] = 0.827f,
    [SCENE_LED_IN_FIRST] = 0.115f,
    [SCENE_IN_TITLE] = 0.322f,
    [SCENE_IN_BOTH] = 0.200f,
    [SCENE_FIRST] = 0.528f,
    [SCENE_SECOND] = 0.251f,
    [SCENE_LATER] = -0.123f,
    [SCENE_TWICE] = 0.528f,
    [SCENE_OFTEN] = -0.079f,
    [SCENE_EARLY] = 0.470f,
    [SCENE_HOLDS_ANOTHER] = -0.249f,
    [SCENE_ONLY] = 0.952f,
    [SCENE_AGENT] = 0.002f,
};

static int scene_kind(const struct entity *e)
{
    if (!e->located)
        return e->type == NAME_FAC ? SCENE_OTHER_FAC : e->type == NAME_LOC ? SCENE_OTHER_LOC : SCENE_OTHER_GPE;
    switch ((enum place_kind)e->place.kind) {
    case PLACE_COUNTRY:
        return SCENE_COUNTRY;
    case PLACE_REGION:
        return SCENE_REGION;
    case PLACE_CITY:
        return SCENE_CITY;
    case PLACE_DISTRICT:
    case PLACE_TOWN:
    case PLACE_VILLAGE:
        return SCENE_TOWN;
    case PLACE_AREA:
        return SCENE_AREA;
    case PLACE_SEA:
    case PLACE_RIVER:
        return SCENE_WATER;
    default:
        return SCENE_SITE;
    }
}

/* Whether another place named in the article lies inside this country. */
static bool holds_another(const struct entities *all, const struct entity *e)
{
    for (size_t i = 0; i < all->count && e->located && e->place.kind == PLACE_COUNTRY; i++) {
        const struct entity *other = &all->items[i];
        if (other != e && name_type_is_place(other->type) && !memcmp(other->place.country, e->place.country, 2))
            return true;
    }
    return false;
}

static void scene_evidence(const struct entities *all, const struct entity *e, size_t order, size_t places,
                           float ret[SCENE_EVIDENCE])
{
    memset(ret, 0, SCENE_EVIDENCE * sizeof *ret);
    ret[scene_kind(e)] = 1;
    ret[SCENE_LED_IN] = e->led_in;
    ret[SCENE_LED_IN_FIRST] = e->led_in_first;
    ret[SCENE_IN_TITLE] = e->in_title;
    ret[SCENE_IN_BOTH] = e->in_title && e->offset_count;
    ret[order == 0 ? SCENE_FIRST : order == 1 ? SCENE_SECOND : SCENE_LATER] = 1;
    ret[SCENE_TWICE] = e->mentions >= 2;
    ret[SCENE_OFTEN] = e->mentions >= 4;
    ret[SCENE_EARLY] = e->offset_count && e->offsets[0] < 120; /* bytes, as yet */
    ret[SCENE_HOLDS_ANOTHER] = holds_another(all, e);
    ret[SCENE_ONLY] = places == 1;
    ret[SCENE_AGENT] = e->opens;
}

static void choose_scene(struct entities *all)
{
    struct entity *best = NULL;
    float highest = SCENE_LEAST;
    size_t order = 0, places = 0;
    for (size_t i = 0; i < all->count; i++)
        places += name_type_is_place(all->items[i].type);
    for (size_t i = 0; i < all->count; i++) {
        struct entity *e = &all->items[i];
        if (!name_type_is_place(e->type))
            continue;
        float evidence[SCENE_EVIDENCE], score = 0;
        scene_evidence(all, e, order++, places, evidence);
        for (size_t k = 0; k < SCENE_EVIDENCE; k++)
            score += scene_weights[k] * evidence[k];
        if (score > highest) {
            highest = score;
            best = e;
        }
    }
    if (best)
        best->scene = true;
}

static int by_mentions(const void *a, const void *b)
{
    const struct entity *x = a, *y = b;
    int tx = name_type_is_place(x->type) ? NAME_TYPES : (int)x->type, ty = name_type_is_place(y->type) ? NAME_TYPES : (int)y->type;
    if (tx != ty)
        return tx - ty;
    if (x->mentions != y->mentions)
        return x->mentions > y->mentions ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Offsets in bytes become offsets in code points, in one pass over the body. */
static void count_code_points(const struct tokens *t, struct entities *all)
{
    const char *text = t->parts[PART_BODY].text;
    for (size_t i = 0; i < all->count; i++) {
        struct entity *e = &all->items[i];
        qsort(e->offsets, e->offset_count, sizeof *e->offsets, by_number);
        size_t bytes = 0, points = 0;
        for (size_t k = 0; k < e->offset_count; k++) {
            points += utf8_count(text + bytes, e->offsets[k] - bytes);
            bytes = e->offsets[k];
            e->offsets[k] = (uint32_t)points;
        }
    }
}

void entities_find(const struct gazetteer *g, const struct tokens *t, const struct name_mention *mentions, size_t count,
                   struct entities *ret)
{
    struct context context = {.g = g, .t = t};
    ret->count = 0;
    gather_votes(&context, mentions, count);
    for (size_t i = 0; i < count; i++) {
        const struct name_mention *m = &mentions[i], *full = full_form(t, mentions, count, m);
        uint64_t key = mention_key(t, full);
        struct entity *e = find_entity(ret, (enum name_type)m->type, key);
        if (!e) {
            e = new_entity(ret, t, full, key);
            if (e && name_type_is_place(e->type))
                settle(&context, e, m);
        }
        if (!e)
            continue;
        add_mention(e, t, m);
        if (name_type_is_place(e->type)) {
            bool led_in = is_led_in(t, m);
            e->led_in |= led_in;
            e->led_in_first |= led_in && e->mentions == 1;
            e->opens |= !m->first || t->items[m->first].gap & GAP_LINE;
        }
    }
    join_same_places(ret);
    choose_scene(ret);
    count_code_points(t, ret);
    qsort(ret->items, ret->count, sizeof *ret->items, by_mentions);
}

static bool put_entity(const struct entity *e, struct buffer *labels)
{
    size_t object = fields_open(labels, FIELD_NONE, FIELD_OBJECT);
    fields_put_text(labels, FIELD_NAME, e->name, e->size);
    if (!name_type_is_place(e->type)) {
        fields_put_integer(labels, FIELD_MENTIONS, e->mentions);
        fields_close(labels, object);
        return true;
    }
    if (e->located) {
        char id[PLACE_ID_ROOM];
        place_id(&e->place, id);
        fields_put_string(labels, FIELD_PLACE_ID, id);
        fields_put_string(labels, FIELD_KIND, place_kind_name((enum place_kind)e->place.kind));
    }
    if (e->place.country[0])
        fields_put_text(labels, FIELD_COUNTRY, e->place.country, 2);
    if (e->located && !isnan(e->place.lat)) {
        fields_put_real(labels, FIELD_LAT, round(e->place.lat * 1e4) / 1e4);
        fields_put_real(labels, FIELD_LON, round(e->place.lon * 1e4) / 1e4);
    }
    fields_put_integer(labels, FIELD_MENTIONS, e->mentions);
    if (e->offset_count) {
        size_t list = fields_open(labels, FIELD_OFFSETS, FIELD_LIST);
        for (size_t i = 0; i < e->offset_count; i++)
            fields_put_integer(labels, FIELD_START, e->offsets[i]);
        fields_close(labels, list);
    }
    if (e->scene)
        fields_put_flag(labels, FIELD_SCENE, true);
    fields_close(labels, object);
    return true;
}

static void put_type(const struct entities *all, enum field field, bool (*is_meant)(enum name_type), struct buffer *labels)
{
    size_t before = labels->size, list = fields_open(labels, field, FIELD_LIST);
    bool any = false;
    for (size_t i = 0; i < all->count; i++)
        if (is_meant(all->items[i].type))
            any |= put_entity(&all->items[i], labels);
    if (any)
        fields_close(labels, list);
    else if (!labels->failed)
        labels->size = before;
}

static bool is_person(enum name_type type)
{
    return type == NAME_PERSON;
}

static bool is_organisation(enum name_type type)
{
    return type == NAME_ORGANISATION;
}

void entities_put(const struct entities *all, struct buffer *labels)
{
    put_type(all, FIELD_PLACES, name_type_is_place, labels);
    put_type(all, FIELD_PEOPLE, is_person, labels);
    put_type(all, FIELD_ORGANISATIONS, is_organisation, labels);
}
