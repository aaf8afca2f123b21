/* The network run forward over a mapped model. */
#include "classify/subject.h"

#include "classify/model.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 255 }; /* rows whose sum fits 16 bits */

struct subject_model {
    struct model *file;
    const uint32_t *slots;
    const int8_t (*rows)[SUBJECT_SIZE];
    const float *mass;
    const struct subject_net *net;
    size_t row_count;
    int outputs;
};

/* Every slot must lead to a row that is there, and one must be empty to end a search. */
static bool slots_are_sound(const struct subject_model *m)
{
    bool empty = false;
    for (size_t i = 0; i < SUBJECT_SLOTS; i++) {
        if ((m->slots[i] & 0xffff) > m->row_count)
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
    m->mass = model_section_of(m->file, SUBJECT_SECTION_MASS, m->row_count * sizeof *m->mass);
    m->net = model_section_of(m->file, SUBJECT_SECTION_NET, sizeof *m->net);
    return m->slots && m->mass && m->net && slots_are_sound(m) ? 0 : -EBADMSG;
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
        if ((m->slots[at] & 0xffff0000) == tag)
            return (m->slots[at] & 0xffff) - 1;
    return UINT32_MAX;
}

typedef int8_t row8 __attribute__((vector_size(SUBJECT_SIZE)));
typedef int16_t row16 __attribute__((vector_size(2 * SUBJECT_SIZE)));

/* What a field adds up to. */
struct field_sum {
    float values[SUBJECT_SIZE], mass;
};

static void add_rows(const struct subject_model *m, const uint32_t *rows, size_t count,
                     struct field_sum *sum)
{
    for (size_t first = 0; first < count; first += BATCH) {
        size_t last = count - first < BATCH ? count : first + BATCH;
        row16 batch = {0};
        for (size_t i = first; i < last; i++) {
            row8 row;
            memcpy(&row, m->rows[rows[i]], sizeof row);
            batch += __builtin_convertvector(row, row16);
            sum->mass += m->mass[rows[i]];
        }
        for (size_t d = 0; d < SUBJECT_SIZE; d++)
            sum->values[d] += (float)batch[d];
    }
}

static void run_layers(const struct subject_net *net, const struct field_sum sums[SUBJECT_FIELDS],
                       float output[SUBJECT_OUTPUTS])
{
    float hidden[SUBJECT_HIDDEN];
    memcpy(hidden, net->hidden_bias, sizeof hidden);
    for (int f = 0; f < SUBJECT_FIELDS; f++) {
        if (sums[f].mass <= 0)
            continue;
        float unit = net->step / sqrtf(sums[f].mass);
        for (int d = 0; d < SUBJECT_SIZE; d++) {
            const float *weights = net->hidden[f * SUBJECT_SIZE + d],
                        value = sums[f].values[d] * unit;
            for (int h = 0; h < SUBJECT_HIDDEN; h++)
                hidden[h] += value * weights[h];
        }
    }
    memcpy(output, net->output_bias, sizeof net->output_bias);
    for (int h = 0; h < SUBJECT_HIDDEN; h++)
        for (int o = 0; hidden[h] > 0 && o < SUBJECT_OUTPUTS; o++)
            output[o] += hidden[h] * net->output[h][o];
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
    uint32_t rows[SUBJECT_FIELDS][SUBJECT_KEYS];
    size_t counts[SUBJECT_FIELDS] = {0}, known = 0;
    struct field_sum sums[SUBJECT_FIELDS] = {0};
    bool headline = true;
    for (size_t i = 0; i < count; i++) {
        uint32_t row = row_of(m, keys[i].hash);
        headline &= keys[i].field == SUBJECT_TITLE;
        if (row == UINT32_MAX)
            continue;
        known++;
        rows[keys[i].field][counts[keys[i].field]++] = row;
    }
    for (int f = 0; f < SUBJECT_FIELDS; f++)
        add_rows(m, rows[f], counts[f], &sums[f]);
    run_layers(m->net, sums, ret);
    softmax(ret, m->outputs, m->net->sharpness[headline]);
    return known;
}

void subject_weigh_section(const struct subject_model *m, int topic, float shares[SUBJECT_OUTPUTS])
{
    shares[topic] *= m->net->section;
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
        shares[topic] = m->net->section_alone;
}
