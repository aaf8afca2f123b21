/* Training of the tagger of names: word vectors from unlabelled articles, a CRF from annotated
 * ones, then int8. */
#include "tests/eval/train/train.h"

#include "classify/clitics.h"
#include "classify/model.h"
#include "classify/names.h"
#include "classify/names_format.h"
#include "tests/eval/corpus.h"
#include "tests/eval/ner_rows.h"
#include "tests/eval/train/crf.h"
#include "tests/eval/train/vectors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    KNOWN = 32000, /* words with weights of their own */
    RARE = 98000,  /* further ones that have a cluster */
    LEAST = 3,     /* times that a word occurs */
    VECTOR_EPOCHS = 5,
    EPOCHS = 15,
    CUT_EPOCHS = 8,
    TAGS = 1 + 2 * NAME_TYPES,
    LEVELS = 3, /* of clusters of clusters */
    FEATURES = 40,
};

/* Length of the vectors that the CRF sees: the longer, the more it goes by them rather than by
 * single words, as both are held down by the same decay. */
static const float vector_length = 2;

static const unsigned level_sizes[LEVELS] = {64, NAME_GROUPS, 1024};

struct trainer {
    struct vocabulary *words;
    float *vectors;
    uint16_t *clusters;            /* of each word of the vocabulary */
    float (*centres)[VECTOR_SIZE]; /* of each cluster */
    uint16_t levels[LEVELS][NAME_CLUSTERS];
    struct gazetteer *gazetteer;
    struct lexicon lexicon;
    uint32_t *known, *rare;
    uint8_t groups[NAME_CLUSTERS];
};

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

static void read_article(struct tokens *t, const struct sample *s)
{
    tokens_clear(t);
    if (tokens_add(t, PART_TITLE, s->title, strlen(s->title)) ||
        tokens_add(t, PART_BODY, s->text, strlen(s->text)))
        corpus_fail("out of memory");
}

/* Unlabelled articles without any that a model is judged on. */
static struct corpus unlabelled(const char *data_dir)
{
    struct corpus c = corpus_articles(data_dir);
    size_t out = corpus_exclude_dev(data_dir, &c), kept = 0;
    struct ner_dev *dev = ner_dev_read(data_dir);
    for (size_t i = 0; i < c.count; i++)
        if (ner_dev_holds(dev, c.items[i].id, c.items[i].title))
            out++;
        else
            c.items[kept++] = c.items[i];
    c.count = kept;
    printf("articles %zu\njudged_on_and_left_out %zu\n", kept, out);
    return c;
}

static void learn_words(struct trainer *t, const struct corpus *c)
{
    struct tokens tokens = {0};
    size_t total = 0;
    t->words = vocabulary_new();
    for (size_t i = 0; i < c->count; i++) {
        read_article(&tokens, &c->items[i]);
        vocabulary_count(t->words, &tokens);
        total += tokens.count;
    }
    vocabulary_finish(t->words, LEAST, KNOWN + RARE);
    struct word_stream stream = {.words =
                                     need(malloc((total + 2 * c->count) * sizeof *stream.words))};
    for (size_t i = 0; i < c->count; i++) {
        read_article(&tokens, &c->items[i]);
        for (size_t k = 0; k < tokens.count; k++)
            stream.words[stream.count++] =
                (uint32_t)vocabulary_find(t->words, tokens.items[k].hash);
        stream.words[stream.count++] = UINT32_MAX; /* articles don't touch */
        stream.words[stream.count++] = UINT32_MAX;
    }
    tokens_free(&tokens);
    const struct vector_settings settings = {
        .window = 2, .epochs = VECTOR_EPOCHS, .by_position = true, .seed = 1};
    t->vectors = vectors_train(t->words, &stream, &settings);
    t->clusters = vectors_cluster(t->words, t->vectors, NAME_CLUSTERS, 8, 4);
    free(stream.words);
    printf("words %zu\n", t->words->count);
}

/* Centres of the clusters, and clusters of those. */
static void nest_clusters(struct trainer *t)
{
    t->centres = need(calloc(NAME_CLUSTERS, sizeof *t->centres));
    struct vocabulary centres = {.words = need(calloc(NAME_CLUSTERS, sizeof *centres.words)),
                                 .count = NAME_CLUSTERS};
    double weights[NAME_CLUSTERS] = {0};
    for (size_t i = 0; i < t->words->count; i++) {
        double weight = sqrt(t->words->words[i].count);
        weights[t->clusters[i]] += weight;
        for (size_t d = 0; d < VECTOR_SIZE; d++)
            t->centres[t->clusters[i]][d] += (float)weight * t->vectors[i * VECTOR_SIZE + d];
    }
    for (size_t c = 0; c < NAME_CLUSTERS; c++) {
        double length = 1e-9;
        for (size_t d = 0; d < VECTOR_SIZE; d++)
            length += t->centres[c][d] * t->centres[c][d];
        for (size_t d = 0; d < VECTOR_SIZE; d++)
            t->centres[c][d] /= (float)sqrt(length);
        centres.words[c].count = (uint32_t)weights[c] + 1;
    }
    for (size_t level = 0; level < LEVELS; level++) {
        uint16_t *of = vectors_cluster(&centres, t->centres[0], level_sizes[level], 20, level + 7);
        memcpy(t->levels[level], of, sizeof t->levels[level]);
        free(of);
    }
    for (size_t c = 0; c < NAME_CLUSTERS; c++)
        t->groups[c] = (uint8_t)t->levels[1][c];
    free(centres.words);
}

static void lengthen(float *vectors, size_t count)
{
    for (size_t i = 0; i < count * VECTOR_SIZE; i++)
        vectors[i] *= vector_length;
}

static void make_lexicon(struct trainer *t)
{
    size_t known = t->words->count < KNOWN ? t->words->count : KNOWN;
    t->known = need(calloc(NAME_KNOWN_SLOTS, sizeof *t->known));
    t->rare = need(calloc(NAME_RARE_SLOTS, sizeof *t->rare));
    for (size_t i = 0; i < t->words->count; i++) {
        uint64_t hash = t->words->words[i].hash;
        uint32_t *table = i < known ? t->known : t->rare;
        size_t slots = i < known ? NAME_KNOWN_SLOTS : NAME_RARE_SLOTS, at = hash % slots;
        while (table[at])
            at = (at + 1) % slots;
        table[at] = i < known ? (uint32_t)(i + 1) << 16 | (uint32_t)(hash >> 48)
                              : (t->clusters[i] + 1u) << 19 | (uint32_t)(hash >> 45);
    }
    t->lexicon = (struct lexicon){t->known, t->rare, t->groups, t->clusters, known};
}

static uint32_t feature(uint32_t kind, uint64_t value)
{
    uint64_t h = (value + kind * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    return (uint32_t)(h ^ h >> 32);
}

static size_t add_clusters(const struct trainer *t, uint32_t kind, uint16_t cluster, uint32_t *out)
{
    out[0] = feature(kind, cluster);
    for (size_t level = 0; level < LEVELS; level++)
        out[1 + level] = feature(kind + 1 + (uint32_t)level, t->levels[level][cluster]);
    return 1 + LEVELS;
}

/* Everything that is known of a known word; it ends up in weights of its own. */
static size_t word_features(const struct trainer *t, size_t word, uint32_t out[FEATURES])
{
    const struct vocabulary_word *w = &t->words->words[word];
    size_t n = 0, stem = word;
    unsigned cut = 0;
    uint8_t letters[CLITICS_STEM];
    for (unsigned c = 1; c <= CLITICS_MAX && w->kind == TOKEN_ARABIC; c++) {
        size_t size = clitics_stem(w->folded, w->letters, c, letters);
        int32_t found = size ? vocabulary_find(t->words, XXH3_64bits(letters, size)) : -1;
        if (found >= 0 && (size_t)found < stem) {
            stem = (size_t)found;
            cut = c;
        }
    }
    out[n++] = feature(1, w->hash);
    out[n++] = feature(2, t->words->words[stem].hash);
    if (cut)
        out[n++] = feature(3, XXH3_64bits(w->folded, cut));
    const uint8_t *start = w->folded + cut;
    size_t size = w->letters - cut;
    out[n++] = feature(4, w->kind * 8u + (size > 7 ? 7 : size));
    out[n++] = feature(5, size > 3 && start[0] == FOLD_ALEF && start[1] == FOLD_LAM);
    for (uint32_t k = 1; k <= 4 && k < size; k++) {
        out[n++] = feature(10 + k, XXH3_64bits(start + size - k, k));
        out[n++] = feature(15 + k, XXH3_64bits(start, k));
    }
    n += add_clusters(t, 50, t->clusters[word], out + n);
    if (stem != word)
        n += add_clusters(t, 55, t->clusters[stem], out + n);
    return n;
}

/* Of a known word or, behind those, of a cluster; offset: 0 to NAME_OFFSETS - 1. */
static size_t weight_features(const struct trainer *t, int32_t weights, size_t offset,
                              uint32_t out[FEATURES])
{
    size_t n = (size_t)weights < t->lexicon.known_count
                   ? word_features(t, (size_t)weights, out)
                   : add_clusters(t, 50, (uint16_t)((size_t)weights - t->lexicon.known_count), out);
    uint32_t room =
        (1u << CRF_BITS) - NAME_ROWS; /* the first rows are those of the hashed evidence */
    for (size_t i = 0; i < n; i++)
        out[i] = NAME_ROWS + (uint32_t)((out[i] * (uint64_t)(2 * offset + 0x9e3779b1) >> 7) % room);
    return n;
}

static const float *weight_vector(const struct trainer *t, int32_t weights)
{
    if ((size_t)weights < t->lexicon.known_count)
        return t->vectors + (size_t)weights * VECTOR_SIZE;
    return t->centres[(size_t)weights - t->lexicon.known_count];
}

static struct crf_sequence make_sequence(const struct trainer *t, const struct ner_row *row,
                                         float weight)
{
    size_t count = row->tokens.count;
    struct name_word *words = need(calloc(count + 1, sizeof *words));
    name_words_look(&t->lexicon, t->gazetteer, &row->tokens, count, words);
    struct crf_sequence s = {
        .count = count,
        .weight = weight,
        .starts = need(calloc(count + 1, sizeof *s.starts)),
        .features = need(
            malloc((count + 1) * (NAME_EVIDENCE + NAME_OFFSETS * FEATURES) * sizeof *s.features)),
        .dense = need(calloc(NAME_OFFSETS * count + 1, sizeof *s.dense)),
        .tags = need(calloc(count + 1, 1)),
        .breaks = need(calloc(count + 1, 1)),
    };
    uint32_t at = 0;
    for (size_t i = 0; i < count; i++) {
        s.starts[i] = at;
        at += (uint32_t)name_evidence(words, count, i, s.features + at);
        for (size_t offset = 0; offset < NAME_OFFSETS; offset++) {
            size_t other = i + offset - 1;
            if (other >= count || words[other].weights < 0)
                continue;
            at += (uint32_t)weight_features(t, words[other].weights, offset, s.features + at);
            s.dense[i * NAME_OFFSETS + offset] = weight_vector(t, words[other].weights);
        }
        s.breaks[i] = !i || row->tokens.items[i].gap & GAP_LINE;
    }
    s.starts[count] = at;
    for (size_t k = 0; k < row->count; k++)
        for (int32_t i = row->names[k].first; i >= 0 && i <= row->names[k].last; i++)
            s.tags[i] = (uint8_t)(1 + 2 * row->names[k].type + (i > row->names[k].first));
    s.features = need(realloc(s.features, (at + 1) * sizeof *s.features));
    free(words);
    return s;
}

static struct crf *train_crf(struct crf_sequence *sequences, size_t count)
{
    struct crf *c = crf_new(TAGS, NAME_OFFSETS, VECTOR_SIZE, 0.03, 1e-3);
    for (size_t from = 0; from < TAGS; from++) {
        c->allowed_break[from] = !from || from % 2;
        for (size_t to = 0; to < TAGS; to++)
            c->allowed[from][to] = !to || to % 2 || (from && (from - 1) / 2 == (to - 1) / 2);
    }
    uint32_t *order = need(malloc((count + 1) * sizeof *order));
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    uint64_t state = 1;
    for (unsigned epoch = 0; epoch < EPOCHS; epoch++) {
        for (size_t i = count; i > 1; i--) {
            size_t k = corpus_random(&state) % i;
            uint32_t swapped = order[i - 1];
            order[i - 1] = order[k];
            order[k] = swapped;
        }
        for (size_t i = 0; i < count; i++)
            crf_step(c, &sequences[order[i]]);
    }
    crf_settle(c);
    free(order);
    return c;
}

static size_t clipped;

static int8_t to_int8(float weight)
{
    float scaled = roundf(weight * NAMES_SCALE);
    clipped += scaled > 127 || scaled < -127;
    return (int8_t)(scaled > 127 ? 127 : scaled < -127 ? -127 : scaled);
}

static void collapse(const struct trainer *t, const struct crf *c, int32_t weights,
                     int8_t (*out)[NAME_TAGS])
{
    for (size_t offset = 0; offset < NAME_OFFSETS; offset++) {
        uint32_t rows[FEATURES];
        size_t count = weight_features(t, weights, offset, rows);
        float sum[CRF_LANES] = {0};
        for (size_t i = 0; i < count; i++)
            for (size_t tag = 0; tag < CRF_LANES; tag++)
                sum[tag] += c->rows[rows[i]][tag];
        const float *vector = weight_vector(t, weights);
        for (size_t d = 0; d < VECTOR_SIZE; d++)
            for (size_t tag = 0; tag < CRF_LANES; tag++)
                sum[tag] += vector[d] * c->dense[offset * VECTOR_SIZE + d][tag];
        for (size_t tag = 0; tag < NAME_TAGS; tag++)
            out[offset][tag] = to_int8(sum[tag]);
    }
}

/* A perceptron, averaged, that chooses how many letters to cut off the first word of each name. */
static void train_cuts(const struct trainer *t, const struct ner_rows *rows,
                       int16_t out[NAME_CUT_ROWS])
{
    double *weights = need(calloc(NAME_CUT_ROWS, sizeof *weights)),
           *sums = need(calloc(NAME_CUT_ROWS, sizeof *sums));
    for (unsigned epoch = 0; epoch < CUT_EPOCHS; epoch++)
        for (size_t r = 0; r < rows->count; r++) {
            const struct ner_row *row = &rows->items[r];
            struct name_word *words = need(calloc(row->tokens.count + 1, sizeof *words));
            name_words_look(&t->lexicon, t->gazetteer, &row->tokens, row->tokens.count, words);
            for (size_t k = 0; k < row->count; k++) {
                const struct ner_name *name = &row->names[k];
                uint32_t evidence[3][NAME_CUT_EVIDENCE];
                size_t counts[3] = {0}, best = 0;
                double highest = -INFINITY;
                for (unsigned cut = 0; cut <= 2 && name->first >= 0; cut++) {
                    counts[cut] =
                        name_cut_evidence(&t->lexicon, t->gazetteer, &row->tokens, words,
                                          (size_t)name->first, name->type, cut, evidence[cut]);
                    double score = cut == name->cut ? 0 : 0.5; /* a margin */
                    for (size_t i = 0; i < counts[cut]; i++)
                        score += weights[evidence[cut][i]];
                    if (counts[cut] && score > highest) {
                        highest = score;
                        best = cut;
                    }
                }
                if (name->first < 0 || name->cut > 2 || !counts[name->cut] || best == name->cut)
                    continue;
                for (size_t i = 0; i < counts[best]; i++)
                    weights[evidence[best][i]] -= 1;
                for (size_t i = 0; i < counts[name->cut]; i++)
                    weights[evidence[name->cut][i]] += 1;
            }
            for (size_t i = 0; i < NAME_CUT_ROWS; i++)
                sums[i] += weights[i];
            free(words);
        }
    double steps = (double)CUT_EPOCHS * (double)(rows->count + !rows->count);
    for (size_t i = 0; i < NAME_CUT_ROWS; i++)
        out[i] = (int16_t)lround(fmax(-2000, fmin(2000, sums[i] / steps * 100)));
    free(weights);
    free(sums);
}

static int write_names(const struct trainer *t, const struct crf *c, const struct ner_rows *rows,
                       const char *out_dir)
{
    size_t known = t->lexicon.known_count;
    int8_t(*weights)[NAME_OFFSETS][NAME_TAGS] =
        need(calloc(known + NAME_CLUSTERS, sizeof *weights));
    for (size_t i = 0; i < known + NAME_CLUSTERS; i++)
        collapse(t, c, (int32_t)i, weights[i]);
    int8_t(*hashed)[NAME_TAGS] = need(calloc(NAME_ROWS, sizeof *hashed));
    for (size_t i = 0; i < NAME_ROWS; i++)
        for (size_t tag = 0; tag < NAME_TAGS; tag++)
            hashed[i][tag] = to_int8(c->rows[i][tag]);
    int16_t moves[NAME_TAGS][NAME_TAGS] = {{0}}, cuts[NAME_CUT_ROWS];
    for (size_t from = 0; from < NAME_TAGS; from++)
        for (size_t to = 0; to < NAME_TAGS; to++)
            moves[from][to] = (int16_t)lroundf(c->transitions[from][to] * NAMES_SCALE);
    train_cuts(t, rows, cuts);
    struct model_part parts[] = {
        {NAMES_KNOWN,       t->known,    NAME_KNOWN_SLOTS * sizeof *t->known      },
        {NAMES_RARE,        t->rare,     NAME_RARE_SLOTS * sizeof *t->rare        },
        {NAMES_GROUPS,      t->groups,   NAME_CLUSTERS                            },
        {NAMES_CLUSTERS_OF, t->clusters, known * sizeof *t->clusters              },
        {NAMES_WEIGHTS,     weights,     (known + NAME_CLUSTERS) * sizeof *weights},
        {NAMES_ROWS,        hashed,      NAME_ROWS * sizeof *hashed               },
        {NAMES_MOVES,       moves,       sizeof moves                             },
        {NAMES_CUTS,        cuts,        sizeof cuts                              },
    };
    printf("weights_clipped %zu\n", clipped);
    char path[4096];
    snprintf(path, sizeof path, "%s/names.model", out_dir);
    return model_write(path, MODEL_NAMES, NAMES_VERSION, parts, sizeof parts / sizeof *parts);
}

static int train_rows(const struct trainer *t, const char *data_dir, struct ner_hold_out held_out,
                      const char *out_dir)
{
    struct ner_rows rows = ner_training_rows(data_dir, held_out);
    struct crf_sequence *sequences = need(calloc(rows.count + 1, sizeof *sequences));
    for (size_t i = 0; i < rows.count; i++)
        sequences[i] = make_sequence(t, &rows.items[i], 1);
    struct crf *c = train_crf(sequences, rows.count);
    int r = write_names(t, c, &rows, out_dir);
    crf_free(c);
    return r;
}

/* KHABAR_HELD_OUT=N[:FIRST]: another model goes to KHABAR_HELD_OUT_DIR, trained without every N-th
 * row, which eval-names then judges it by; choices are made so. */
int train_names(const char *data_dir, const char *out_dir)
{
    struct trainer *t = need(calloc(1, sizeof *t));
    char path[4096];
    snprintf(path, sizeof path, "%s/places.model", out_dir);
    int r = gazetteer_open(path, &t->gazetteer);
    if (r < 0)
        corpus_fail("%s: %s (train the gazetteer first)", path, strerror(-r));
    struct corpus articles = unlabelled(data_dir);
    learn_words(t, &articles);
    nest_clusters(t);
    make_lexicon(t);
    lengthen(t->vectors, t->words->count);
    lengthen(t->centres[0], NAME_CLUSTERS);
    r = train_rows(t, data_dir, (struct ner_hold_out){0}, out_dir);
    struct ner_hold_out held_out = ner_hold_out_wanted();
    const char *dir = getenv("KHABAR_HELD_OUT_DIR");
    if (r == 0 && held_out.every && dir)
        r = train_rows(t, data_dir, held_out, dir);
    return r;
}
