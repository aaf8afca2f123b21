/* Looking up keys in a mapped model, and summing up their rows. */
#include "classify/subject.h"

#include "classify/model.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH = 255, /* rows whose sum fits 16 bits */
    AHEAD = 16,  /* keys whose slots are fetched before their turn */
};

struct subject_model {
    struct model *file;
    const uint32_t *slots;
    const struct subject_row *rows;
    const struct subject_sum *sum;
    size_t row_count;
    int outputs;
};

/* Every slot must lead to a row that is there, and one must be empty to end a search. */
static bool slots_are_sound(const struct subject_model *m)
{
    bool empty = false;
    for (size_t i = 0; i < SUBJECT_SLOTS; i++) {
        if ((m->slots[i] & SUBJECT_SLOT_ROW) > m->row_count)
            return false;
        empty |= !m->slots[i];
    }
    return empty;
}

static int find_sections(struct subject_model *m)
{
    size_t size;
    m->rows = model_section(m->file, SUBJECT_SECTION_ROWS, &size);
    m->row_count = size / sizeof *m->rows;
    if (!m->rows || size % sizeof *m->rows || m->row_count > SUBJECT_MOST_ROWS)
        return -EBADMSG;
    m->slots = model_section_of(m->file, SUBJECT_SECTION_SLOTS, SUBJECT_SLOTS * sizeof *m->slots);
    m->sum = model_section_of(m->file, SUBJECT_SECTION_SUM, sizeof *m->sum);
    return m->slots && m->sum && slots_are_sound(m) ? 0 : -EBADMSG;
}

int subject_model_open(const char *path, enum model_kind kind, struct subject_model **ret)
{
    struct subject_model *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    m->outputs = kind == MODEL_EVENT ? (int)EVENT_COUNT : (int)SUBJECT_OUTPUTS;
    int r = model_open(path, kind, SUBJECT_VERSION, &m->file);
    if (r == 0)
        r = find_sections(m);
    if (r < 0) {
        subject_model_close(m);
        return r;
    }
    *ret = m;
    return 0;
}

struct subject_model *subject_model_close(struct subject_model *m)
{
    if (m)
        model_close(m->file);
    free(m);
    return NULL;
}

/* The row of a key; UINT32_MAX when it has none. */
static uint32_t row_of(const struct subject_model *m, uint64_t hash)
{
    uint32_t tag = subject_tag(hash);
    for (uint32_t at = subject_slot(hash); m->slots[at]; at = (at + 1) & (SUBJECT_SLOTS - 1))
        if ((m->slots[at] & ~(uint32_t)SUBJECT_SLOT_ROW) == tag)
            return (m->slots[at] & SUBJECT_SLOT_ROW) - 1;
    return UINT32_MAX;
}

/* Marks a row; false: it was marked before. */
static bool add_once(uint64_t seen[SUBJECT_SLOTS / 64], uint32_t row)
{
    uint64_t bit = (uint64_t)1 << row % 64;
    bool first = !(seen[row / 64] & bit);
    seen[row / 64] |= bit;
    return first;
}

/* What a space adds up to: whole batches, and the batch at hand. */
struct space_sum {
    int32_t values[SUBJECT_OUTPUTS];
    int16_t batch[SUBJECT_OUTPUTS];
    unsigned in_batch;
    uint64_t mass;
};

static void end_batch(struct space_sum *s)
{
    for (int o = 0; o < SUBJECT_OUTPUTS; o++)
        s->values[o] += s->batch[o];
    memset(s->batch, 0, sizeof s->batch);
    s->in_batch = 0;
}

static void add_row(const struct subject_model *m, uint32_t row, struct space_sum *s)
{
    for (int o = 0; o < SUBJECT_OUTPUTS; o++)
        s->batch[o] = (int16_t)(s->batch[o] + m->rows[row].weights[o]);
    s->mass += (uint32_t)m->rows[row].scale * m->rows[row].scale;
    if (++s->in_batch == BATCH)
        end_batch(s);
}

static void add_up(const struct subject_sum *sum, struct space_sum spaces[SUBJECT_SPACES],
                   bool alone, float ret[SUBJECT_OUTPUTS])
{
    memcpy(ret, sum->bias[alone], sizeof sum->bias[alone]);
    for (int s = 0; s < SUBJECT_SPACES; s++) {
        if (!spaces[s].mass)
            continue;
        float length = sqrtf((float)spaces[s].mass) / SUBJECT_SCALE;
        float unit = sum->weight[s] * sum->step / length;
        end_batch(&spaces[s]);
        for (int o = 0; o < SUBJECT_OUTPUTS; o++)
            ret[o] += (float)spaces[s].values[o] * unit;
    }
}

static void softmax(float *values, int count, float sharpness)
{
    float highest = values[0], sum = 0;
    for (int i = 1; i < count; i++)
        highest = values[i] > highest ? values[i] : highest;
    for (int i = 0; i < count; i++)
        sum += values[i] = expf((values[i] - highest) * sharpness);
    for (int i = 0; i < count; i++)
        values[i] /= sum;
}

size_t subject_tell(const struct subject_model *m, const struct subject_key *keys, size_t count,
                    float ret[SUBJECT_OUTPUTS])
{
    uint64_t seen[SUBJECT_SLOTS / 64];
    struct space_sum spaces[SUBJECT_SPACES] = {0};
    size_t known = 0;
    memset(seen, 0, (m->row_count / 64 + 1) * sizeof *seen);
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count)
            __builtin_prefetch(&m->slots[subject_slot(keys[i + AHEAD].hash)]);
        uint32_t row = row_of(m, keys[i].hash);
        if (row == UINT32_MAX || !add_once(seen, row))
            continue;
        known++;
        add_row(m, row, &spaces[keys[i].space]);
    }
    bool alone = count && keys[0].space == SUBJECT_ALONE;
    add_up(m->sum, spaces, alone, ret);
    softmax(ret, m->outputs, m->sum->sharpness[alone]);
    return known;
}

float subject_least(const struct subject_model *m)
{
    return m->sum->least;
}

void subject_weigh_section(const struct subject_model *m, int topic, float shares[SUBJECT_OUTPUTS])
{
    shares[topic] *= m->sum->section;
    float sum = 0;
    for (int o = 0; o < m->outputs; o++)
        sum += shares[o];
    for (int o = 0; o < m->outputs; o++)
        shares[o] /= sum;
}

void subject_of_section(const struct subject_model *m, int topic, float shares[SUBJECT_OUTPUTS])
{
    memset(shares, 0, SUBJECT_OUTPUTS * sizeof *shares);
    if (topic >= 0)
        shares[topic] = m->sum->section_alone;
}
