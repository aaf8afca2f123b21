/* Building the gazetteer from the tables of places: what is a name, what it may mean, how sure that is. */
#include "tests/eval/train/train.h"

#include "classify/gazetteer.h"
#include "classify/gazetteer_format.h"
#include "classify/model.h"
#include "tests/eval/corpus.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uldnames.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>
#include <xxhash.h>

enum { FOLDED_ROOM = 192 };

struct name {
    uint8_t folded[FOLDED_ROOM]; /* words parted by 0 */
    uint16_t size;
    uint32_t place;
};

struct build {
    struct place *places;
    size_t count;
    struct name *names;
    size_t name_count;
    uint64_t *nations;
};

enum { NATION_SLOTS = 4096 };

static void *grown(void *array, size_t count, size_t size)
{
    if (count & (count - 1))
        return array;
    void *larger = realloc(array, (count ? 2 * count : 1) * size);
    if (!larger)
        corpus_fail("out of memory");
    return larger;
}

static uint32_t add_place(struct build *b, struct place p)
{
    b->places = grown(b->places, b->count, sizeof p);
    b->places[b->count] = p;
    return (uint32_t)b->count++;
}

static void add_name(struct build *b, uint32_t place, const char *text, size_t size)
{
    struct name n = {.place = place};
    n.size = (uint16_t)fold_text(text, size, n.folded, sizeof n.folded);
    size_t words = 1;
    bool arabic = false;
    for (size_t i = 0; i < n.size; i++) {
        words += !n.folded[i];
        arabic |= n.folded[i] >= FOLD_FIRST_ARABIC && n.folded[i] < FOLD_FIRST_FOREIGN;
    }
    if (n.size < 2 || n.size >= sizeof n.folded - 1 || words > GAZETTEER_WORDS || !arabic)
        return;
    b->names = grown(b->names, b->name_count, sizeof n);
    b->names[b->name_count++] = n;
}

/* Names parted by |. */
static void add_names(struct build *b, uint32_t place, const char *list)
{
    while (*list) {
        size_t size = strcspn(list, "|");
        add_name(b, place, list, size);
        list += size + (list[size] == '|');
    }
}

/* Words in front of a name that say what kind of place it is; the bare name is a name too. */
static const char *const heads[] = {
    "محافظة ", "ولاية ", "مقاطعة ", "إمارة ", "منطقة ", "إقليم ", "قضاء ", "ناحية ", "مدينة ", "بلدية ", "مركز ", "قسم ",
};

static const char *without_head(const char *name)
{
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (!strncmp(name, heads[i], strlen(heads[i])))
            return name + strlen(heads[i]);
    return name;
}

static void set_country(struct place *p, const char *code)
{
    if (strlen(code) == 2)
        memcpy(p->country, code, 2);
}

static enum place_kind kind_by_size(uint32_t population, bool capital)
{
    return capital || population >= 50000 ? PLACE_CITY : PLACE_TOWN;
}

/* Countries whose smaller places are in the news that khabar reads first. */
static bool is_near(const char *country)
{
    static const char near[][3] = {"IQ", "SY", "JO", "KW", "SA", "IR", "TR", "LB", "PS", "YE", "EG", "LY",
                                   "TN", "DZ", "MA", "SD", "AE", "QA", "BH", "OM", "IL", "MR", "SO", "DJ"};
    for (size_t i = 0; i < sizeof near / sizeof *near; i++)
        if (!memcmp(near[i], country, 2))
            return true;
    return false;
}

static uint8_t strength_of_city(const struct place *p)
{
    if (p->flags & PLACE_IS_CAPITAL || p->population >= 300000)
        return 3;
    return p->population >= (is_near(p->country) ? 20000 : 100000) ? 2 : 1;
}

static void add_nation(struct build *b, const char *adjective, size_t size, const char *country)
{
    uint8_t folded[64];
    size_t count = fold_text(adjective, size, folded, sizeof folded);
    if (memchr(folded, 0, count))
        return;
    uint64_t hash = XXH3_64bits(folded, count);
    size_t at = hash & (NATION_SLOTS - 1);
    while (b->nations[at])
        at = (at + 1) & (NATION_SLOTS - 1);
    uint16_t code;
    memcpy(&code, country, 2);
    b->nations[at] = hash >> 16 << 16 | code;
}

static void add_icu_names(struct build *b, uint32_t place, const char *country)
{
    char locale[8], name[256];
    UChar wide[128];
    UErrorCode error = U_ZERO_ERROR;
    snprintf(locale, sizeof locale, "und_%.2s", country);
    int32_t size = uloc_getDisplayCountry(locale, "ar", wide, 128, &error);
    u_strToUTF8(name, sizeof name, NULL, wide, size, &error);
    if (U_FAILURE(error))
        corpus_fail("ICU: %s", u_errorName(error));
    size_t end = strcspn(name, "("); /* "ميانمار (بورما)" */
    add_name(b, place, name, end);
}

static void add_countries(struct build *b, const char *tables_dir)
{
    struct table t = corpus_table(tables_dir, "countries.tsv", true);
    bool known[26][26] = {{false}};
    for (size_t i = 0; i < t.count; i++) {
        char **row = t.rows[i];
        if (*row[0] == '#')
            continue;
        struct place p = {.kind = PLACE_COUNTRY, .source = SOURCE_ISO, .strength = 3, .lat = NAN, .lon = NAN};
        set_country(&p, row[0]);
        known[row[0][0] - 'A'][row[0][1] - 'A'] = true;
        uint32_t place = add_place(b, p);
        add_names(b, place, row[2]);
        add_names(b, place, row[3]);
        for (const char *adjective = row[1]; *adjective;) {
            size_t size = strcspn(adjective, "|");
            add_nation(b, adjective, size, row[0]);
            adjective += size + (adjective[size] == '|');
        }
    }
    for (const char *const *code = uloc_getISOCountries(); *code; code++) {
        if (known[(*code)[0] - 'A'][(*code)[1] - 'A'])
            continue;
        struct place p = {.kind = PLACE_COUNTRY, .source = SOURCE_ISO, .strength = 1, .lat = NAN, .lon = NAN};
        set_country(&p, *code);
        add_icu_names(b, add_place(b, p), *code);
    }
}

static void add_sites(struct build *b, const char *tables_dir)
{
    struct table t = corpus_table(tables_dir, "sites.tsv", true);
    for (size_t i = 0; i < t.count; i++) {
        char **row = t.rows[i];
        if (*row[0] == '#')
            continue;
        int kind = place_kind_from_name(row[1]);
        if (kind < 0)
            corpus_fail("sites.tsv: no kind %s", row[1]);
        struct place p = {.number = (uint32_t)atoi(row[0]), .kind = (uint8_t)kind, .source = SOURCE_KHABAR,
                          .strength = 2, .lat = NAN, .lon = NAN};
        set_country(&p, row[2]);
        if (strcmp(row[3], "-")) {
            p.lat = strtof(row[3], NULL);
            p.lon = strtof(row[4], NULL);
        }
        add_names(b, add_place(b, p), row[5]);
    }
}

static void add_geonames(struct build *b, const char *tables_dir)
{
    struct table t = corpus_table(tables_dir, "cities.tsv", true);
    for (size_t i = 0; i < t.count; i++) {
        char **row = t.rows[i];
        if (*row[0] == '#')
            continue;
        struct place p = {.number = (uint32_t)atoi(row[0]), .source = SOURCE_GEONAMES,
                          .lat = strtof(row[2], NULL), .lon = strtof(row[3], NULL),
                          .population = (uint32_t)atoi(row[4])};
        set_country(&p, row[1]);
        p.kind = (uint8_t)kind_by_size(p.population, false);
        p.strength = strength_of_city(&p);
        uint32_t place = add_place(b, p);
        add_name(b, place, row[5], strlen(row[5]));
        const char *bare = without_head(row[5]);
        add_name(b, place, bare, strlen(bare));
    }
}

static void add_states(struct build *b, const char *data_dir)
{
    struct table t = corpus_table(data_dir, "places/dr5hn_states.tsv", true);
    for (size_t i = 0; i < t.count; i++) {
        char **row = t.rows[i];
        struct place p = {.number = (uint32_t)atoi(row[0]), .kind = PLACE_REGION, .source = SOURCE_DR5HN_STATE,
                          .lat = strtof(row[4], NULL), .lon = strtof(row[5], NULL)};
        set_country(&p, row[1]);
        p.strength = is_near(row[1]) || !strcmp(row[1], "US") ? 2 : 1;
        uint32_t place = add_place(b, p);
        add_name(b, place, row[3], strlen(row[3]));
        const char *bare = without_head(row[3]);
        add_name(b, place, bare, strlen(bare));
    }
}

static enum place_kind kind_of_type(const char *type, uint32_t population)
{
    if (!strcmp(type, "capital"))
        return PLACE_CITY;
    if (!strncmp(type, "adm1", 4) || !strcmp(type, "province"))
        return PLACE_CITY; /* the seat of a province, listed as a city */
    if (!strcmp(type, "county") || !strcmp(type, "district") || !strcmp(type, "section"))
        return PLACE_DISTRICT;
    if (!strcmp(type, "village") || !strcmp(type, "settlement") || !strcmp(type, "locality"))
        return PLACE_VILLAGE;
    return kind_by_size(population, false);
}

static void add_cities(struct build *b, const char *data_dir)
{
    struct table t = corpus_table(data_dir, "places/dr5hn_cities.tsv", true);
    for (size_t i = 0; i < t.count; i++) {
        char **row = t.rows[i];
        struct place p = {.number = (uint32_t)atoi(row[0]), .source = SOURCE_DR5HN_CITY,
                          .lat = strtof(row[6], NULL), .lon = strtof(row[7], NULL),
                          .population = (uint32_t)atoi(row[8])};
        set_country(&p, row[1]);
        if (!strcmp(row[2], "capital"))
            p.flags |= PLACE_IS_CAPITAL;
        p.kind = (uint8_t)kind_of_type(row[2], p.population);
        p.strength = strength_of_city(&p);
        uint32_t place = add_place(b, p);
        add_name(b, place, row[4], strlen(row[4]));
        const char *bare = without_head(row[4]);
        add_name(b, place, bare, strlen(bare));
    }
}

/* Regions list the name of their capital as a variant: only what holds the region's own name is taken. */
static bool shares_name(const char *variant, const char *preferred)
{
    uint8_t a[FOLDED_ROOM], p[FOLDED_ROOM];
    size_t variant_size = fold_text(variant, strcspn(variant, "|"), a, sizeof a - 1);
    size_t size = fold_text(preferred, strlen(preferred), p, sizeof p - 1);
    return size && memmem(a, variant_size, p, size);
}

static int wof_kind(const char *type, uint32_t population)
{
    if (!strcmp(type, "region"))
        return PLACE_REGION;
    if (!strcmp(type, "county"))
        return PLACE_DISTRICT;
    if (!strcmp(type, "neighbourhood"))
        return PLACE_AREA;
    if (!strcmp(type, "locality"))
        return population >= 50000 ? PLACE_CITY : population ? PLACE_TOWN : PLACE_VILLAGE;
    return -1;
}

static void add_whosonfirst(struct build *b, const char *data_dir)
{
    struct table t = corpus_table(data_dir, "places/iraq_whosonfirst.tsv", true);
    for (size_t i = 0; i < t.count; i++) {
        char **row = t.rows[i];
        uint32_t population = (uint32_t)atoi(row[4]);
        int kind = wof_kind(row[1], population);
        if (kind < 0 || *row[10])
            continue;
        struct place p = {.number = (uint32_t)strtoul(row[0], NULL, 10), .kind = (uint8_t)kind, .source = SOURCE_WOF,
                          .lat = strtof(row[2], NULL), .lon = strtof(row[3], NULL), .population = population,
                          .country = {'I', 'Q'}};
        p.strength = kind == PLACE_REGION ? 3 : kind == PLACE_DISTRICT || population >= 20000 ? 2 : population ? 1 : 0;
        uint32_t place = add_place(b, p);
        add_name(b, place, row[6], strlen(row[6]));
        const char *bare = without_head(row[6]);
        add_name(b, place, bare, strlen(bare));
        for (const char *variant = row[7]; *variant;) {
            size_t size = strcspn(variant, "|");
            if (kind != PLACE_REGION || shares_name(variant, row[6]))
                add_name(b, place, variant, size);
            variant += size + (variant[size] == '|');
        }
    }
}

/* Countries stand in the middle of their provinces. */
static void locate_countries(struct build *b)
{
    for (size_t i = 0; i < b->count; i++) {
        struct place *country = &b->places[i];
        double lat = 0, x = 0, y = 0;
        size_t found = 0;
        for (size_t k = 0; k < b->count && country->kind == PLACE_COUNTRY; k++) {
            const struct place *p = &b->places[k];
            if (p->source != SOURCE_DR5HN_STATE || memcmp(p->country, country->country, 2) ||
                (p->lat == 0 && p->lon == 0))
                continue;
            lat += p->lat;
            x += cos(p->lon * M_PI / 180);
            y += sin(p->lon * M_PI / 180);
            found++;
        }
        if (found) {
            country->lat = (float)(lat / (double)found);
            country->lon = (float)(atan2(y, x) * 180 / M_PI);
        }
    }
}

/* How likely a place is meant when nothing else is known. */
static double prior(const struct place *p)
{
    static const double of_kind[PLACE_KINDS] = {
        [PLACE_COUNTRY] = 40, [PLACE_AREA] = 12, [PLACE_SEA] = 14, [PLACE_RIVER] = 12, [PLACE_REGION] = 7,
        [PLACE_CITY] = 8, [PLACE_DISTRICT] = 4, [PLACE_TOWN] = 3, [PLACE_VILLAGE] = 0,
    };
    double score = of_kind[p->kind];
    if (p->source == SOURCE_KHABAR)
        score += 6;
    if (p->flags & PLACE_IS_CAPITAL)
        score += 8;
    if (p->population)
        score += log10(p->population);
    if (is_near(p->country))
        score += 2;
    if (!memcmp(p->country, "IQ", 2))
        score += 0.5;
    return score;
}

static double distance(const struct place *a, const struct place *b) /* km, roughly */
{
    double y = (a->lat - b->lat) * 111.2, x = (a->lon - b->lon) * 111.2 * cos(a->lat * M_PI / 180);
    return sqrt(x * x + y * y);
}

static bool is_settlement(const struct place *p)
{
    return p->kind >= PLACE_DISTRICT && p->kind <= PLACE_VILLAGE;
}

/* Sources list many places each; the same name, country and spot is the same place. */
static bool same_place(const struct place *a, const struct place *b)
{
    if (memcmp(a->country, b->country, 2))
        return false;
    if (a->kind == PLACE_REGION && b->kind == PLACE_REGION)
        return a->source != b->source && distance(a, b) < 250;
    if (is_settlement(a) && is_settlement(b))
        return distance(a, b) < (a->source == b->source ? 8 : 40);
    return false;
}

static const struct build *sorted; /* for qsort only */

static int by_name(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    int order = memcmp(x->folded, y->folded, x->size < y->size ? x->size : y->size);
    if (order || x->size != y->size)
        return order ? order : x->size < y->size ? -1 : 1;
    double px = prior(&sorted->places[x->place]), py = prior(&sorted->places[y->place]);
    if (px != py)
        return px > py ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static bool same_name(const struct name *a, const struct name *b)
{
    return a->size == b->size && !memcmp(a->folded, b->folded, a->size);
}

struct output {
    uint32_t *lists;
    size_t list_count;
    uint64_t *keys;     /* of nodes */
    uint32_t *at;       /* their list */
    bool *goes_on;
    size_t count;
    uint8_t *first;
    bool *used; /* places */
};

static void put_node(struct output *o, uint64_t key, uint32_t list, bool goes_on)
{
    o->keys = grown(o->keys, o->count, sizeof *o->keys);
    o->at = grown(o->at, o->count, sizeof *o->at);
    o->goes_on = grown(o->goes_on, o->count, sizeof *o->goes_on);
    o->keys[o->count] = key;
    o->at[o->count] = list;
    o->goes_on[o->count++] = goes_on;
}

static void put_number(struct output *o, uint32_t number)
{
    o->lists = grown(o->lists, o->list_count, sizeof *o->lists);
    o->lists[o->list_count++] = number;
}

enum { MEANINGS = 12 }; /* that one name keeps */

/* The places of the names from first to end, which are all the same name; each once. */
static uint32_t put_list(struct build *b, struct output *o, size_t first, size_t end)
{
    uint32_t kept[MEANINGS];
    size_t count = 0;
    for (size_t i = first; i < end; i++) {
        struct place *p = &b->places[b->names[i].place];
        bool known = false;
        for (size_t k = 0; k < count && !known; k++) {
            struct place *other = &b->places[kept[k]];
            known = kept[k] == b->names[i].place || same_place(other, p);
            if (known && p->population > other->population)
                other->population = p->population;
            if (known && p->strength > other->strength)
                other->strength = p->strength;
        }
        if (!known && count < MEANINGS)
            kept[count++] = b->names[i].place;
    }
    uint32_t at = (uint32_t)o->list_count;
    put_number(o, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_number(o, kept[i]);
        o->used[kept[i]] = true;
    }
    return at;
}

static void put_names(struct build *b, struct output *o)
{
    put_number(o, 0); /* no list begins at 0 */
    for (size_t first = 0, end; first < b->name_count; first = end) {
        const struct name *n = &b->names[first];
        for (end = first + 1; end < b->name_count && same_name(n, &b->names[end]); end++)
            ;
        uint32_t list = put_list(b, o, first, end);
        uint64_t key = 0;
        for (size_t at = 0, words = 0; at < n->size; words++) {
            size_t length = strnlen((const char *)n->folded + at, n->size - at);
            uint64_t hash = XXH3_64bits(n->folded + at, length);
            key = words ? gazetteer_chain(key, hash) : hash;
            if (!words) {
                uint32_t bit = gazetteer_first_bit(key);
                o->first[bit / 8] |= (uint8_t)(1 << bit % 8);
            }
            at += length + 1;
            put_node(o, key, at >= n->size ? list : 0, at < n->size);
        }
    }
}

static uint64_t *make_nodes(const struct output *o, size_t *ret_slots)
{
    size_t slots = 1;
    while (slots < o->count + o->count / 4)
        slots *= 2;
    uint64_t *nodes = calloc(slots, sizeof *nodes);
    if (!nodes)
        corpus_fail("out of memory");
    for (size_t i = 0; i < o->count; i++) {
        size_t at = o->keys[i] & (slots - 1);
        while (nodes[at] && nodes[at] >> 32 != o->keys[i] >> 32)
            at = (at + 1) & (slots - 1);
        uint32_t list = nodes[at] ? gazetteer_node_list(nodes[at]) : 0;
        bool goes_on = nodes[at] && gazetteer_node_goes_on(nodes[at]);
        nodes[at] = gazetteer_node(o->keys[i], o->at[i] ? o->at[i] : list, o->goes_on[i] || goes_on);
    }
    *ret_slots = slots;
    return nodes;
}

/* Places that no list names go; the others move together. */
static void drop_unused(struct build *b, struct output *o)
{
    uint32_t *moved = calloc(b->count + 1, sizeof *moved), kept = 0;
    if (!moved)
        corpus_fail("out of memory");
    for (size_t i = 0; i < b->count; i++) {
        moved[i] = kept;
        if (o->used[i])
            b->places[kept++] = b->places[i];
    }
    b->count = kept;
    for (size_t i = 0; i < o->list_count; i += o->lists[i] + 1)
        for (size_t k = 1; k <= o->lists[i]; k++)
            o->lists[i + k] = moved[o->lists[i + k]];
    free(moved);
}

int train_gazetteer(const char *data_dir, const char *out_dir)
{
    struct build b = {.nations = calloc(NATION_SLOTS, sizeof *b.nations)};
    if (!b.nations)
        corpus_fail("out of memory");
    const char *tables = KHABAR_GAZETTEER;
    add_countries(&b, tables);
    add_sites(&b, tables);
    add_whosonfirst(&b, data_dir);
    add_geonames(&b, tables);
    add_states(&b, data_dir);
    add_cities(&b, data_dir);
    locate_countries(&b);
    sorted = &b;
    qsort(b.names, b.name_count, sizeof *b.names, by_name);
    struct output o = {.used = calloc(b.count + 1, sizeof *o.used), .first = calloc(1, GAZETTEER_FIRST_BITS / 8)};
    if (!o.used || !o.first)
        corpus_fail("out of memory");
    put_names(&b, &o);
    drop_unused(&b, &o);
    size_t slots;
    uint64_t *nodes = make_nodes(&o, &slots);
    printf("places %zu\nnames %zu\nnodes %zu of %zu\n", b.count, b.name_count, o.count, slots);
    struct model_part parts[] = {
        {GAZETTEER_PLACES, b.places, b.count * sizeof *b.places},
        {GAZETTEER_LISTS, o.lists, o.list_count * sizeof *o.lists},
        {GAZETTEER_NODES, nodes, slots * sizeof *nodes},
        {GAZETTEER_FIRST, o.first, GAZETTEER_FIRST_BITS / 8},
        {GAZETTEER_NATIONS, b.nations, NATION_SLOTS * sizeof *b.nations},
    };
    char path[4096];
    snprintf(path, sizeof path, "%s/places.model", out_dir);
    return model_write(path, MODEL_PLACES, GAZETTEER_VERSION, parts, sizeof parts / sizeof *parts);
}
