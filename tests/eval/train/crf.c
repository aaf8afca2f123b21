/* Training and decoding of the linear-chain CRF. */
#include "tests/eval/train/crf.h"

#include "tests/eval/corpus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MASK ((1u << CRF_BITS) - 1)

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

struct crf *crf_new(size_t tags, size_t dense_slots, size_t dense_size, double rate, double decay)
{
    struct crf *c = need(calloc(1, sizeof *c));
    c->tags = tags;
    c->dense_slots = dense_slots;
    c->dense_size = dense_size;
    c->rows = need(calloc(1u << CRF_BITS, sizeof *c->rows));
    c->dense = need(calloc(dense_slots * dense_size + 1, sizeof *c->dense));
    c->scale = 1;
    c->rate = rate;
    c->decay = decay;
    return c;
}

struct crf *crf_free(struct crf *c)
{
    if (c) {
        free(c->rows);
        free(c->dense);
    }
    free(c);
    return NULL;
}

void crf_emissions(const struct crf *c, const struct crf_sequence *s, float (*ret)[CRF_LANES])
{
    for (size_t i = 0; i < s->count; i++) {
        float sum[CRF_LANES] = {0};
        for (uint32_t f = s->starts[i]; f < s->starts[i + 1]; f++) {
            const float *row = c->rows[s->features[f] & MASK];
            for (size_t t = 0; t < CRF_LANES; t++)
                sum[t] += row[t];
        }
        for (size_t k = 0; k < c->dense_slots; k++) {
            const float *input = s->dense[i * c->dense_slots + k];
            for (size_t d = 0; input && d < c->dense_size; d++) {
                const float *row = c->dense[k * c->dense_size + d];
                for (size_t t = 0; t < CRF_LANES; t++)
                    sum[t] += input[d] * row[t];
            }
        }
        for (size_t t = 0; t < CRF_LANES; t++)
            ret[i][t] = sum[t] * c->scale;
    }
}

static float transition(const struct crf *c, const struct crf_sequence *s, size_t i, size_t from,
                        size_t to)
{
    if (!c->allowed[from][to] || (s->breaks[i] && !c->allowed_break[to]))
        return -1e6f;
    return c->transitions[from][to] * c->scale;
}

struct lattice {
    float (*emissions)[CRF_LANES];
    double (*forward)[CRF_LANES], (*backward)[CRF_LANES]; /* scaled to sum 1 */
    double (*exps)[CRF_LANES];
};

static struct lattice lattice_new(size_t count)
{
    return (struct lattice){
        need(malloc(count * sizeof(float[CRF_LANES]))), need(malloc(count * sizeof(double[CRF_LANES]))),
        need(malloc(count * sizeof(double[CRF_LANES]))),
        need(malloc(count * sizeof(double[CRF_LANES])))};
}

static void lattice_free(struct lattice *l)
{
    free(l->emissions);
    free(l->forward);
    free(l->backward);
    free(l->exps);
}

static void normalise(double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    for (size_t i = 0; i < count; i++)
        values[i] /= sum;
}

/* exp of the transitions, once for words behind a break and once for others. */
struct moves {
    double free[CRF_LANES][CRF_LANES], broken[CRF_LANES][CRF_LANES];
};

static void make_moves(const struct crf *c, struct moves *m)
{
    for (size_t from = 0; from < c->tags; from++)
        for (size_t to = 0; to < c->tags; to++) {
            double e = c->allowed[from][to] ? exp(c->transitions[from][to] * c->scale) : 0;
            m->free[from][to] = e;
            m->broken[from][to] = c->allowed_break[to] ? e : 0;
        }
}

static void sum_paths(const struct crf *c, const struct crf_sequence *s, const struct moves *m,
                      struct lattice *l)
{
    size_t n = c->tags;
    crf_emissions(c, s, l->emissions);
    for (size_t i = 0; i < s->count; i++) {
        float highest = l->emissions[i][0];
        for (size_t t = 1; t < n; t++)
            highest = l->emissions[i][t] > highest ? l->emissions[i][t] : highest;
        for (size_t t = 0; t < n; t++)
            l->exps[i][t] = exp(l->emissions[i][t] - highest) + 1e-12;
    }
    for (size_t t = 0; t < n; t++)
        l->forward[0][t] = c->allowed_break[t] ? l->exps[0][t] : 0;
    normalise(l->forward[0], n);
    for (size_t i = 1; i < s->count; i++) {
        const double(*move)[CRF_LANES] = s->breaks[i] ? m->broken : m->free;
        double sum[CRF_LANES] = {0};
        for (size_t from = 0; from < n; from++)
            for (size_t to = 0; to < n; to++)
                sum[to] += l->forward[i - 1][from] * move[from][to];
        for (size_t t = 0; t < n; t++)
            l->forward[i][t] = sum[t] * l->exps[i][t];
        normalise(l->forward[i], n);
    }
    for (size_t t = 0; t < n; t++)
        l->backward[s->count - 1][t] = 1.0 / (double)n;
    for (size_t i = s->count - 1; i-- > 0;) {
        const double(*move)[CRF_LANES] = s->breaks[i + 1] ? m->broken : m->free;
        for (size_t from = 0; from < n; from++) {
            double sum = 0;
            for (size_t to = 0; to < n; to++)
                sum += move[from][to] * l->exps[i + 1][to] * l->backward[i + 1][to];
            l->backward[i][from] = sum;
        }
        normalise(l->backward[i], n);
    }
}

static void update_word(struct crf *c, const struct crf_sequence *s, size_t i,
                        const float gradient[CRF_LANES])
{
    for (uint32_t f = s->starts[i]; f < s->starts[i + 1]; f++) {
        float *row = c->rows[s->features[f] & MASK];
        for (size_t t = 0; t < CRF_LANES; t++)
            row[t] += gradient[t];
    }
    for (size_t k = 0; k < c->dense_slots; k++) {
        const float *input = s->dense[i * c->dense_slots + k];
        for (size_t d = 0; input && d < c->dense_size; d++) {
            float *row = c->dense[k * c->dense_size + d];
            for (size_t t = 0; t < CRF_LANES; t++)
                row[t] += input[d] * gradient[t];
        }
    }
}

void crf_step(struct crf *c, const struct crf_sequence *s)
{
    if (!s->count)
        return;
    struct lattice l = lattice_new(s->count);
    struct moves moves;
    make_moves(c, &moves);
    sum_paths(c, s, &moves, &l);
    size_t n = c->tags;
    double rate = c->rate / (1 + c->rate * c->decay * c->steps);
    c->scale *= (float)(1 - rate * c->decay);
    c->steps++;
    float step = (float)rate * s->weight / c->scale;
    for (size_t i = 0; i < s->count; i++) {
        double marginal[CRF_LANES];
        for (size_t t = 0; t < n; t++)
            marginal[t] = l.forward[i][t] * l.backward[i][t];
        normalise(marginal, n);
        float gradient[CRF_LANES] = {0};
        for (size_t t = 0; t < n; t++)
            gradient[t] = ((s->tags[i] == t ? 1.0f : 0.0f) - (float)marginal[t]) * step;
        update_word(c, s, i, gradient);
        if (!i)
            continue;
        const double(*move)[CRF_LANES] = s->breaks[i] ? moves.broken : moves.free;
        double pair[CRF_LANES][CRF_LANES], sum = 0;
        for (size_t from = 0; from < n; from++)
            for (size_t to = 0; to < n; to++)
                sum += pair[from][to] = l.forward[i - 1][from] * move[from][to] * l.exps[i][to] *
                                        l.backward[i][to];
        for (size_t from = 0; from < n; from++)
            for (size_t to = 0; to < n; to++)
                c->transitions[from][to] -= (float)(pair[from][to] / sum) * step;
        c->transitions[s->tags[i - 1]][s->tags[i]] += step;
    }
    lattice_free(&l);
    if (c->scale < 1e-3f)
        crf_settle(c);
}

void crf_settle(struct crf *c)
{
    for (size_t i = 0; i < 1u << CRF_BITS; i++)
        for (size_t t = 0; t < CRF_LANES; t++)
            c->rows[i][t] *= c->scale;
    for (size_t i = 0; i < c->dense_slots * c->dense_size; i++)
        for (size_t t = 0; t < CRF_LANES; t++)
            c->dense[i][t] *= c->scale;
    for (size_t from = 0; from < CRF_LANES; from++)
        for (size_t to = 0; to < CRF_LANES; to++)
            c->transitions[from][to] *= c->scale;
    c->scale = 1;
}

void crf_marginals(const struct crf *c, const struct crf_sequence *s, float (*ret)[CRF_LANES])
{
    if (!s->count)
        return;
    struct lattice l = lattice_new(s->count);
    struct moves moves;
    make_moves(c, &moves);
    sum_paths(c, s, &moves, &l);
    for (size_t i = 0; i < s->count; i++) {
        double marginal[CRF_LANES];
        for (size_t t = 0; t < c->tags; t++)
            marginal[t] = l.forward[i][t] * l.backward[i][t];
        normalise(marginal, c->tags);
        for (size_t t = 0; t < c->tags; t++)
            ret[i][t] = (float)marginal[t];
    }
    lattice_free(&l);
}

void crf_decode(const struct crf *c, const struct crf_sequence *s, uint8_t *ret_tags)
{
    if (!s->count)
        return;
    float(*score)[CRF_LANES] = need(malloc(s->count * sizeof *score));
    uint8_t(*back)[CRF_LANES] = need(malloc(s->count * sizeof *back));
    crf_emissions(c, s, score);
    for (size_t t = 0; t < c->tags; t++)
        score[0][t] += c->allowed_break[t] ? 0 : -1e6f;
    for (size_t i = 1; i < s->count; i++)
        for (size_t to = 0; to < c->tags; to++) {
            float best = -1e9f;
            for (size_t from = 0; from < c->tags; from++) {
                float value = score[i - 1][from] + transition(c, s, i, from, to);
                if (value > best) {
                    best = value;
                    back[i][to] = (uint8_t)from;
                }
            }
            score[i][to] += best;
        }
    size_t best = 0;
    for (size_t t = 1; t < c->tags; t++)
        if (score[s->count - 1][t] > score[s->count - 1][best])
            best = t;
    for (size_t i = s->count; i-- > 0;) {
        ret_tags[i] = (uint8_t)best;
        if (i)
            best = back[i][best];
    }
    free(score);
    free(back);
}
