/* Joining mentions of the same name, settling which place is meant. */
#include "classify/places.h"

#include "classify/clitics.h"
#include "classify/gazetteer_format.h"
#include "classify/scene.h"
#include "libcommon/fields.h"
#include "libcommon/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    COUNTRIES = 26 * 26,
    LOOKED_AT = 400,  /* words, for the countries that an article is about */
    PEOPLE_MAX = 128, /* names of people, for their short forms */
};

/* Hash of a word of a name: the first without its prefixes, ل before the article undone. */
static uint64_t word_hash(const struct tokens *t, const struct name_mention *m, size_t word)
{
    const struct token *token = &t->items[word];
    if (word != m->first)
        return token->hash;
    const uint8_t *letters = t->folded + token->folded;
    uint8_t stem[CLITICS_STEM];
    unsigned cut = m->cut;
    if (token->letters > 3 && letters[cut] == FOLD_LAM && letters[cut + 1] == FOLD_LAM)
        cut++;
    size_t size = cut ? clitics_stem(letters, token->letters, cut, stem) : 0;
    return size ? XXH3_64bits(stem, size) : token->hash;
}

/* The gazetteer's key of the words of a mention, from a word of it on. */
static uint64_t key_from(const struct tokens *t, const struct name_mention *m, size_t word)
{
    uint64_t key = word_hash(t, m, word);
    while (++word <= m->last)
        key = gazetteer_chain(key, t->items[word].hash);
    return key;
}

/* A name of a person, as far as others may be short forms of it. */
struct person {
    const struct name_mention *mention;
    uint64_t first, last; /* words */
};

/* Whether a person is called by the last words of a longer name, or by its first. */
static bool is_short_form(const struct tokens *t, const struct person *shorter,
                          const struct person *longer)
{
    const struct name_mention *s = shorter->mention, *l = longer->mention;
    size_t few = s->last - s->first + 1, many = l->last - l->first + 1;
    if (few >= many)
        return false;
    bool ends = shorter->last == longer->last;
    bool begins = (few == 1 || few + 1 == many) && shorter->first == longer->first;
    for (size_t i = 0; i < few && (ends || begins); i++) {
        uint64_t hash = word_hash(t, s, s->first + i);
        ends = ends && hash == word_hash(t, l, l->last + 1 - few + i);
        begins = begins && hash == word_hash(t, l, l->first + i);
    }
    return ends || begins;
}

static bool in_title(const struct tokens *t, size_t word)
{
    return word < t->parts[PART_TITLE].count;
}

/* Mentions come in the order of the text, so its code points are counted once. */
struct counter {
    size_t bytes, points;
};

static void add_mention(struct entity *e, const struct tokens *t, const struct name_mention *m,
                        struct counter *counter)
{
    e->mentions++;
    if (in_title(t, m->first)) {
        e->in_title = true;
        return;
    }
    if (e->offset_count == ENTITY_OFFSETS)
        return;
    size_t size, start = (size_t)(name_text(t, m, &size) - t->parts[PART_BODY].text);
    if (start < counter->bytes)
        *counter = (struct counter){0};
    counter->points +=
        utf8_count(t->parts[PART_BODY].text + counter->bytes, start - counter->bytes);
    counter->bytes = start;
    e->offsets[e->offset_count++] = (uint32_t)counter->points;
}

static struct entity *find_entity(struct entities *all, enum name_type type, uint64_t key)
{
    for (size_t i = 0; i < all->count; i++) {
        struct entity *e = &all->items[i];
        bool same_type =
            e->type == type || (name_type_is_place(e->type) && name_type_is_place(type));
        if (same_type && e->key == key)
            return e;
    }
    return NULL;
}

static struct entity *new_entity(struct entities *all, const struct tokens *t,
                                 const struct name_mention *m, uint64_t key)
{
    if (all->count == ENTITIES_MAX)
        return NULL;
    struct entity *e = &all->items[all->count++];
    *e = (struct entity){.type = (enum name_type)m->type, .key = key, .first = m->first};
    e->name = name_text(t, m, &e->size);
    return e;
}

static size_t list_people(const struct tokens *t, const struct name_mention *mentions, size_t count,
                          struct person people[PEOPLE_MAX])
{
    size_t found = 0;
    for (size_t i = 0; i < count && found < PEOPLE_MAX; i++)
        if (mentions[i].type == NAME_PERSON)
            people[found++] =
                (struct person){&mentions[i], word_hash(t, &mentions[i], mentions[i].first),
                                word_hash(t, &mentions[i], mentions[i].last)};
    return found;
}

/* The longest name that the mention is a short form of, as a mention; itself when there is none. */
static const struct name_mention *full_form(const struct tokens *t, const struct person *people,
                                            size_t count, const struct name_mention *m)
{
    const struct name_mention *best = m;
    if (m->type != NAME_PERSON)
        return m;
    const struct person shorter = {m, word_hash(t, m, m->first), word_hash(t, m, m->last)};
    for (size_t i = 0; i < count; i++) {
        const struct name_mention *longer = people[i].mention;
        if (longer->last - longer->first > best->last - best->first &&
            is_short_form(t, &shorter, &people[i]))
            best = longer;
    }
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
    float votes[COUNTRIES +
                1]; /* how much an article is about a country; the last takes what is none */
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

static void vote_by_place(struct context *c, const struct name_mention *m)
{
    const struct place_head *head =
        m->last > m->first ? gazetteer_head(c->g, c->t, m->first) : NULL;
    struct gazetteer_match match;
    if (head && head->country)
        vote(c, head->country, 2);
    if (!gazetteer_find_key(c->g, key_from(c->t, m, m->first), &match) &&
        !(head && gazetteer_find_key(c->g, key_from(c->t, m, m->first + 1), &match)))
        return;
    const struct place *p = gazetteer_place(c->g, match.places[0]);
    if (p->kind == PLACE_COUNTRY || p->strength == 3)
        vote(c, p->country, 2);
    else if (match.count == 1)
        vote(c, p->country, 1);
    for (size_t i = 0; i < match.count && match.count > 1 && p->strength < 3; i++)
        vote(c, gazetteer_place(c->g, match.places[i])->country, 1 / (float)match.count);
}

/* Countries, from names of places and from adjectives of nationality. */
static void gather_votes(struct context *c, const struct name_mention *mentions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (name_type_is_place((enum name_type)mentions[i].type))
            vote_by_place(c, &mentions[i]);
    for (size_t i = 0; i < c->t->count && i < LOOKED_AT; i++) {
        const struct token *token = &c->t->items[i];
        if (token->kind != TOKEN_ARABIC || token->letters < 4)
            continue;
        const char *country =
            gazetteer_nationality(c->g, c->t->folded + token->folded, token->letters);
        if (country)
            vote(c, country, 0.5f);
    }
}

/* The likeliest of what a name may mean, here. */
static const struct place *choose(const struct context *c, const struct gazetteer_match *m,
                                  int kind)
{
    const struct place *best = NULL;
    float highest = -1e9f;
    for (size_t i = 0; i < m->count; i++) {
        const struct place *p = gazetteer_place(c->g, m->places[i]);
        float score =
            1.5f * (float)p->strength - 1.5f * (float)i + (p->kind == PLACE_COUNTRY ? 4 : 0);
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

/* An embassy or a consulate, which is in another country than the one that it is named after. */
static bool is_mission(const struct context *c, const struct name_mention *m)
{
    static const char *const words[] = {"سفارة", "قنصلية", "السفارة", "القنصلية"};
    const struct token *token = &c->t->items[m->first];
    const uint8_t *first = c->t->folded + token->folded + m->cut;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        uint8_t letters[TOKEN_LETTERS];
        size_t size = fold_text(words[i], strlen(words[i]), letters, sizeof letters);
        if (size + m->cut == token->letters && !memcmp(first, letters, size))
            return true;
    }
    return false;
}

/* The country of a place or a nationality in the name; NULL: there is none that fits the article.
 */
static const char *country_in_name(const struct context *c, const struct name_mention *m)
{
    const struct tokens *t = c->t;
    for (size_t i = m->first; i <= m->last; i++)
        for (unsigned cut = 0; cut <= CLITICS_MAX; cut++) {
            struct gazetteer_match match;
            if ((i == m->first && cut < m->cut) ||
                !gazetteer_find(c->g, t, i, m->last + 1u, cut, &match))
                continue;
            const struct place *p = choose(c, &match, -1);
            if (p && p->country[0] && (p->strength == 3 || c->votes[country_index(p->country)] > 0))
                return p->country;
        }
    for (size_t i = m->first; i <= m->last + 1u && i < t->count; i++) {
        const char *country =
            gazetteer_nationality(c->g, t->folded + t->items[i].folded, t->items[i].letters);
        if (country)
            return country;
    }
    return NULL;
}

/* A place that the gazetteer lacks: the country in its name, or else the one that the article is
 * about. */
static void guess_country(const struct context *c, struct entity *e, const struct name_mention *m)
{
    const char *named = country_in_name(c, m);
    if (named && !is_mission(c, m)) {
        set_country(e, named);
        return;
    }
    unsigned best = COUNTRIES, named_index = named ? country_index(named) : COUNTRIES;
    for (unsigned i = 0; i < COUNTRIES; i++)
        if (c->votes[i] > (best < COUNTRIES ? c->votes[best] : 0) && i != named_index)
            best = i;
    if (best < COUNTRIES)
        set_country(e, (char[2]){(char)('A' + best / 26), (char)('A' + best % 26)});
}

static void settle(const struct context *c, struct entity *e, const struct name_mention *m)
{
    struct gazetteer_match match;
    const struct place_head *head = m->first ? gazetteer_head(c->g, c->t, m->first - 1) : NULL;
    int kind = head ? head->kind : -1;
    bool found = gazetteer_find_key(c->g, e->key, &match);
    head = m->last > m->first ? gazetteer_head(c->g, c->t, m->first) : NULL;
    if (!found && head) {
        kind = head->kind;
        found = gazetteer_find_key(c->g, key_from(c->t, m, m->first + 1), &match);
    }
    const struct place *p = found ? choose(c, &match, kind) : NULL;
    if (!p) {
        guess_country(c, e, m);
        return;
    }
    e->place = *p;
    e->located = true;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The first offsets of both, in order. */
static void join_offsets(struct entity *e, const struct entity *other)
{
    uint32_t all[2 * ENTITY_OFFSETS];
    size_t count = e->offset_count + other->offset_count;
    memcpy(all, e->offsets, e->offset_count * sizeof *all);
    memcpy(all + e->offset_count, other->offsets, other->offset_count * sizeof *all);
    qsort(all, count, sizeof *all, by_number);
    e->offset_count = (uint8_t)(count < ENTITY_OFFSETS ? count : ENTITY_OFFSETS);
    memcpy(e->offsets, all, e->offset_count * sizeof *all);
}

/* Two names of one place are one entity; moved gets the new number of each. */
static void join_same_places(struct entities *all, uint16_t moved[ENTITIES_MAX])
{
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct entity *e = &all->items[i], *same = NULL;
        for (size_t k = 0; k < kept && e->located && !same; k++) {
            struct entity *other = &all->items[k];
            if (other->located && other->place.source == e->place.source &&
                other->place.number == e->place.number &&
                !memcmp(other->place.country, e->place.country, 2))
                same = other;
        }
        moved[i] = (uint16_t)(same ? (size_t)(same - all->items) : kept);
        if (!same) {
            if (kept != i)
                all->items[kept] = *e;
            kept++;
            continue;
        }
        same->mentions += e->mentions;
        same->in_title |= e->in_title;
        join_offsets(same, e);
    }
    all->count = kept;
}

static unsigned rank_of(enum name_type type)
{
    return name_type_is_place(type) ? NAME_TYPES : type;
}

static bool comes_before(const struct entity *a, const struct entity *b)
{
    unsigned x = rank_of(a->type), y = rank_of(b->type);
    if (x != y)
        return x < y;
    return a->mentions != b->mentions ? a->mentions > b->mentions : a->first < b->first;
}

/* Entities are large and few, so that not they but their numbers are sorted. */
static void set_order(struct entities *all)
{
    for (size_t i = 0; i < all->count; i++) {
        size_t at = i;
        for (; at && comes_before(&all->items[i], &all->items[all->order[at - 1]]); at--)
            all->order[at] = all->order[at - 1];
        all->order[at] = (uint16_t)i;
    }
}

static void group(const struct context *c, const struct name_mention *mentions, size_t count,
                  struct entities *ret)
{
    struct person people[PEOPLE_MAX];
    struct counter counter = {0};
    size_t people_count = list_people(c->t, mentions, count, people);
    for (size_t i = 0; i < count; i++) {
        const struct name_mention *m = &mentions[i],
                                  *full = full_form(c->t, people, people_count, m);
        uint64_t key = key_from(c->t, full, full->first);
        struct entity *e = find_entity(ret, (enum name_type)m->type, key);
        if (!e) {
            e = new_entity(ret, c->t, full, key);
            if (e && name_type_is_place(e->type))
                settle(c, e, m);
        }
        ret->entity_of[i] = (uint16_t)(e ? e - ret->items : ENTITIES_MAX);
        if (e)
            add_mention(e, c->t, m, &counter);
    }
}

void entities_find(const struct gazetteer *g, const struct scene_model *scene,
                   const struct tokens *t, const struct name_word *words,
                   const struct name_mention *mentions, size_t count, struct entities *ret)
{
    struct context context = {.g = g, .t = t};
    uint16_t moved[ENTITIES_MAX];
    count = count < NAMES_MAX ? count : NAMES_MAX;
    ret->count = 0;
    gather_votes(&context, mentions, count);
    group(&context, mentions, count, ret);
    join_same_places(ret, moved);
    for (size_t i = 0; i < count; i++)
        if (ret->entity_of[i] < ENTITIES_MAX)
            ret->entity_of[i] = moved[ret->entity_of[i]];
    for (size_t i = 0; i < ret->count; i++) {
        unsigned country = country_index(ret->items[i].place.country);
        ret->items[i].share =
            country < COUNTRIES ? context.votes[country] / (context.total + 1) : 0;
    }
    const struct scene_view view = {t, words, mentions, count, ret};
    int chosen = scene ? scene_choose(scene, &view) : -1;
    if (chosen >= 0)
        ret->items[chosen].scene = true;
    set_order(ret);
}

static void put_mentions(const struct entity *e, struct buffer *labels)
{
    fields_put_integer(labels, FIELD_MENTIONS, e->mentions);
    if (!e->offset_count)
        return;
    size_t list = fields_open(labels, FIELD_OFFSETS, FIELD_LIST);
    for (size_t i = 0; i < e->offset_count; i++)
        fields_put_integer(labels, FIELD_START, e->offsets[i]);
    fields_close(labels, list);
}

static void put_place(const struct entity *e, struct buffer *labels)
{
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
    if (e->scene)
        fields_put_flag(labels, FIELD_SCENE, true);
}

static void put_entity(const struct entity *e, struct buffer *labels)
{
    size_t object = fields_open(labels, FIELD_NONE, FIELD_OBJECT);
    fields_put_text(labels, FIELD_NAME, e->name, e->size);
    if (name_type_is_place(e->type))
        put_place(e, labels);
    put_mentions(e, labels);
    fields_close(labels, object);
}

static void put_type(const struct entities *all, enum field field, bool (*is_meant)(enum name_type),
                     struct buffer *labels)
{
    size_t before = labels->size, list = fields_open(labels, field, FIELD_LIST);
    bool any = false;
    for (size_t i = 0; i < all->count; i++) {
        const struct entity *e = &all->items[all->order[i]];
        if (!is_meant(e->type))
            continue;
        put_entity(e, labels);
        any = true;
    }
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
