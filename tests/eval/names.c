/* eval-names DATA_DIR: people, organisations, places, countries and scenes, against what annotators
 * marked. */
#include "classify/names.h"
#include "classify/places.h"
#include "classify/scene.h"
#include "tests/eval/corpus.h"
#include "tests/eval/ner_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PEOPLE, ORGANISATIONS, PLACES, GROUPS };

static const char *const group_names[GROUPS] = {"people", "organisations", "places"};

struct count {
    size_t right, found, marked;
};

struct tools {
    struct names_model *model;
    struct scene_model *scene;
    struct gazetteer *gazetteer;
    struct names_scratch *scratch;
};

struct totals {
    struct count unique[GROUPS], mentions[GROUPS];
    size_t countries_right, countries;
    size_t scenes_right, scenes, scene_or_none_right, rows;
    size_t confusion[NAME_TYPES + 1]
                    [NAME_TYPES + 1]; /* of mentions: marked, found; the last is none */
    clock_t cost;
    size_t bytes;
};

static int group_of(enum name_type type)
{
    return type == NAME_PERSON         ? PEOPLE
           : type == NAME_ORGANISATION ? ORGANISATIONS
           : name_type_is_place(type)  ? PLACES
                                       : -1;
}

static void print_count(const char *prefix, const char *name, struct count c)
{
    double precision = c.found ? (double)c.right / (double)c.found : 0;
    double recall = c.marked ? (double)c.right / (double)c.marked : 0;
    double f1 = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
    printf("%s%s_precision %.4f\n%s%s_recall %.4f\n%s%s_f1 %.4f\n", prefix, name, precision, prefix,
           name, recall, prefix, name, f1);
}

static bool same_place(const struct entity *a, const struct entity *b)
{
    return a->located && b->located && a->place.source == b->place.source &&
           a->place.number == b->place.number && !memcmp(a->place.country, b->place.country, 2);
}

static bool same_entity(const struct entity *a, const struct entity *b)
{
    return group_of(a->type) == group_of(b->type) && group_of(a->type) >= 0 &&
           (a->key == b->key || same_place(a, b));
}

static const struct entity *find_same(const struct entities *all, const struct entity *e)
{
    for (size_t i = 0; i < all->count; i++)
        if (same_entity(&all->items[i], e))
            return &all->items[i];
    return NULL;
}

/* The country that annotators gave to the entity's name; NULL: it is not among them. */
static const char *marked_country(const struct ner_row *row, const struct entity *e)
{
    for (size_t i = 0; i < row->count; i++)
        if (row->names[i].first == (int32_t)e->first && name_type_is_place(row->names[i].type))
            return row->names[i].country;
    return NULL;
}

static void compare_unique(struct totals *total, const struct ner_row *row,
                           const struct entities *marked, const struct entities *found, bool say)
{
    for (size_t i = 0; i < marked->count; i++) {
        const struct entity *e = &marked->items[i], *same = find_same(found, e);
        int group = group_of(e->type);
        if (group < 0)
            continue;
        total->unique[group].marked++;
        total->unique[group].right += same != NULL;
        if (!same && say)
            printf("# missed %s %s: %.*s\n", group_names[group], row->id, (int)e->size, e->name);
        const char *country = group == PLACES && same ? marked_country(row, e) : NULL;
        if (!country)
            continue;
        bool right =
            !strncmp(same->place.country, country, 2) || (!country[0] && !same->place.country[0]);
        total->countries++;
        total->countries_right += right;
        if (!right && say)
            printf("# country %s: %.*s is %s, not %.2s\n", row->id, (int)e->size, e->name,
                   country[0] ? country : "-", same->place.country[0] ? same->place.country : "-");
    }
    for (size_t i = 0; i < found->count; i++) {
        const struct entity *e = &found->items[i];
        int group = group_of(e->type);
        if (group < 0)
            continue;
        total->unique[group].found++;
        if (!find_same(marked, e) && say)
            printf("# wrong %s %s: %.*s\n", group_names[group], row->id, (int)e->size, e->name);
    }
}

/* The type of a list's mention of the same words; NAME_TYPES: none. */
static unsigned type_of(const struct name_mention *list, size_t count, const struct name_mention *m)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].first == m->first && list[i].last == m->last)
            return list[i].type;
    return NAME_TYPES;
}

static void confuse(struct totals *total, const struct name_mention *marked, size_t marked_count,
                    const struct name_mention *found, size_t found_count)
{
    for (size_t i = 0; i < marked_count; i++)
        total->confusion[marked[i].type][type_of(found, found_count, &marked[i])]++;
    for (size_t i = 0; i < found_count; i++)
        if (type_of(marked, marked_count, &found[i]) == NAME_TYPES)
            total->confusion[NAME_TYPES][found[i].type]++;
}

static void print_confusion(const struct totals *total)
{
    static const char *const names[NAME_TYPES + 1] = {"PERS", "ORG",  "GPE", "LOC",
                                                      "FAC",  "NORP", "none"};
    for (unsigned marked = 0; marked <= NAME_TYPES; marked++)
        for (unsigned found = 0; found <= NAME_TYPES; found++)
            if (total->confusion[marked][found])
                printf("confusion %s %s %zu\n", names[marked], names[found],
                       total->confusion[marked][found]);
}

static void compare_mentions(struct totals *total, const struct name_mention *marked,
                             size_t marked_count, const struct name_mention *found,
                             size_t found_count)
{
    for (size_t i = 0; i < marked_count; i++) {
        int group = group_of((enum name_type)marked[i].type);
        if (group < 0)
            continue;
        total->mentions[group].marked++;
        for (size_t k = 0; k < found_count; k++)
            total->mentions[group].right +=
                found[k].first == marked[i].first && found[k].last == marked[i].last &&
                found[k].cut == marked[i].cut && group_of((enum name_type)found[k].type) == group;
    }
    for (size_t k = 0; k < found_count; k++)
        if (group_of((enum name_type)found[k].type) >= 0)
            total->mentions[group_of((enum name_type)found[k].type)].found++;
}

static void compare_scene(struct totals *total, const struct ner_row *row,
                          const struct entity *scene, const struct entities *found, bool say)
{
    const struct entity *chosen = NULL;
    for (size_t i = 0; i < found->count && !chosen; i++)
        if (found->items[i].scene)
            chosen = &found->items[i];
    bool right = *row->scene ? scene && chosen && same_entity(scene, chosen) : !chosen;
    total->rows++;
    total->scene_or_none_right += right;
    if (*row->scene) {
        total->scenes++;
        total->scenes_right += right;
    }
    if (!right && say)
        printf("# scene %s: %s, not %.*s\n", row->id, *row->scene ? row->scene : "-",
               chosen ? (int)chosen->size : 1, chosen ? chosen->name : "-");
}

static void judge(const struct tools *tools, const struct ner_row *row, struct totals *total,
                  bool say)
{
    static struct entities marked, found;
    static struct name_mention marked_list[NAMES_MAX];
    const struct name_mention *found_list;
    clock_t before = clock();
    size_t found_count =
        names_find(tools->model, tools->gazetteer, tools->scratch, &row->tokens, NULL, &found_list);
    entities_find(tools->gazetteer, tools->scene, &row->tokens, names_words(tools->scratch),
                  found_list, found_count, &found);
    total->cost += clock() - before;
    total->bytes += strlen(row->title) + strlen(row->body);
    size_t marked_count = ner_row_mentions(row, marked_list);
    entities_find(tools->gazetteer, NULL, &row->tokens, NULL, marked_list, marked_count, &marked);
    compare_mentions(total, marked_list, marked_count, found_list, found_count);
    confuse(total, marked_list, marked_count, found_list, found_count);
    compare_unique(total, row, &marked, &found, say);
    int scene = ner_row_scene(row, marked_list, marked_count);
    bool has_scene = scene >= 0 && marked.entity_of[scene] < ENTITIES_MAX;
    compare_scene(total, row, has_scene ? &marked.items[marked.entity_of[scene]] : NULL, &found,
                  say);
}

static void report(const char *prefix, const struct totals *total, bool places)
{
    for (int group = 0; group < GROUPS; group++)
        print_count(prefix, group_names[group], total->unique[group]);
    for (int group = 0; group < GROUPS; group++) {
        char name[64];
        snprintf(name, sizeof name, "%s_mentions", group_names[group]);
        print_count(prefix, name, total->mentions[group]);
    }
    if (!places)
        return;
    printf("%scountries %.4f\n", prefix,
           total->countries ? (double)total->countries_right / (double)total->countries : 0);
    printf("%sscene %.4f\n", prefix,
           total->scenes ? (double)total->scenes_right / (double)total->scenes : 0);
    printf("%sscene_or_none %.4f\n", prefix,
           total->rows ? (double)total->scene_or_none_right / (double)total->rows : 0);
    printf("%sus_per_kilobyte %.2f\n", prefix,
           total->bytes ? 1e9 * (double)total->cost / CLOCKS_PER_SEC / (double)total->bytes : 0);
}

/* KHABAR_MODELS_DIR: models elsewhere than those shipped. KHABAR_HELD_OUT=N: judges on every N-th
 * row of the training set instead, which a model trained with the same has not seen;
 * choices are made by those. */
int main(int argc, char **argv)
{
    if (argc != 2)
        corpus_fail("usage: eval-names DATA_DIR");
    const char *dir = getenv("KHABAR_MODELS_DIR") ? getenv("KHABAR_MODELS_DIR") : KHABAR_MODELS;
    struct tools tools;
    char path[4096];
    snprintf(path, sizeof path, "%s/places.model", dir);
    int r = gazetteer_open(path, &tools.gazetteer);
    if (r == 0) {
        snprintf(path, sizeof path, "%s/names.model", dir);
        r = names_model_open(path, &tools.model);
    }
    if (r == 0) {
        snprintf(path, sizeof path, "%s/scene.model", dir);
        r = scene_model_open(path, &tools.scene);
    }
    if (r < 0)
        corpus_fail("%s: %s", path, strerror(-r));
    if (names_scratch_new(&tools.scratch) < 0)
        corpus_fail("out of memory");
    struct ner_hold_out held_out = ner_hold_out_wanted();
    struct ner_rows rows =
        ner_rows_read(argv[1], held_out.every ? "ner/khabar_train.tsv" : "ner/khabar_dev.tsv");
    struct totals total = {0}, wojood_total = {0};
    for (size_t i = 0; i < rows.count; i++)
        if (!held_out.every || ner_is_held_out(held_out, i))
            judge(&tools, &rows.items[i], &total, true);
    report("", &total, true);
    print_confusion(&total);
    if (held_out.every)
        return 0;
    struct ner_rows wojood = ner_wojood_read(argv[1], "ner/test.txt");
    for (size_t i = 0; i < wojood.count; i++)
        judge(&tools, &wojood.items[i], &wojood_total, false);
    report("wojood_", &wojood_total, false);
    return 0;
}
