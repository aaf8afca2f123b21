/* Makes the index of the table of words while the project is built: date_words_index.h on standard
 * output. */
#include "libcommon/text.h"
#include "libcommon/utf8.h"
#include "parse/date_words.h"

#include <stdio.h>
#include <string.h>

enum { SLOTS = 4096, POOL = 65536 };

struct slot {
    unsigned offset, size, row, head;
};

static struct slot slots[SLOTS];
static char pool[POOL];
static unsigned pool_size = 1;
static unsigned char begins[DATE_BEGIN_BITS / 8];

static struct slot *place(const char *folded, size_t size)
{
    uint32_t at = date_word_hash(folded, size) % SLOTS;
    while (slots[at].size &&
           (slots[at].size != size || memcmp(pool + slots[at].offset, folded, size) != 0))
        at = (at + 1) % SLOTS;
    if (!slots[at].size) {
        memcpy(pool + pool_size, folded, size);
        slots[at] = (struct slot){.offset = pool_size, .size = (unsigned)size};
        pool_size += (unsigned)size;
    }
    return &slots[at];
}

static bool begins_dates(const struct date_word *w)
{
    switch (w->kind) {
    case WORD_OTHER:
    case WORD_FRACTION:
    case WORD_LESS:
    case WORD_AGO_BEHIND:
    case WORD_IN_BEHIND:
    case WORD_ONLY_BEHIND:
    case WORD_ZONE:
    case WORD_ZONE_HEAD:
    case WORD_ERA_HIJRI:
    case WORD_ERA_SOLAR:
    case WORD_ERA_COMMON:
    case WORD_OF:
    case WORD_AT:
    case WORD_TO:
    case WORD_FROM:
    case WORD_SUFFIX:
    case WORD_FURNITURE:
    case WORD_UPDATED:
    case WORD_NAME_HEAD:
    case WORD_NOW:
        return w->other == WORD_UNIT; /* the quarter, the half */
    default:
        return strlen(w->spelling) > 2; /* a letter alone begins none */
    }
}

static void mark_beginning(const char *folded, size_t size)
{
    uint32_t c[3] = {0};
    size_t at = 0;
    for (size_t i = 0; i < 3 && at < size && folded[at] != ' '; i++)
        c[i] = utf8_next(folded, &at);
    uint32_t bit = date_begin_hash(c[0], c[1], c[2]) % DATE_BEGIN_BITS;
    begins[bit / 8] |= (unsigned char)(1 << bit % 8);
}

int main(void)
{
    for (size_t row = 0; row < date_word_count; row++) {
        char folded[256];
        const char *spelling = date_words[row].spelling;
        size_t size =
            strlen(spelling) < sizeof folded ? text_fold(spelling, strlen(spelling), folded) : 0;
        if (!size || size >= DATE_WORD_SIZE || pool_size + 2 * size > POOL) {
            fprintf(stderr, "date_words_index: %s does not fit\n", spelling);
            return 1;
        }
        struct slot *s = place(folded, size);
        if (!s->row)
            s->row = (unsigned)row + 1; /* the first row of a word counts */
        for (size_t i = 0; i < size; i++)
            if (folded[i] == ' ')
                place(folded, i)->head = 1;
        if (begins_dates(&date_words[row]))
            mark_beginning(folded, size);
    }
    printf("/* Made by date_words_index.c. */\nstatic const struct {\n    uint16_t offset, row;\n  "
           "  uint8_t size, head;\n"
           "} slots[%d] = {\n",
           SLOTS);
    for (unsigned i = 0; i < SLOTS; i++)
        if (slots[i].size)
            printf("    [%u] = {%u, %u, %u, %u},\n", i, slots[i].offset, slots[i].row,
                   slots[i].size, slots[i].head);
    printf("};\nstatic const char pool[] = {\n");
    for (unsigned i = 0; i < pool_size; i++)
        printf("%d,%s", pool[i], i % 20 == 19 ? "\n" : "");
    printf("\n};\nstatic const uint8_t begins[] = {\n");
    for (unsigned i = 0; i < sizeof begins; i++)
        printf("%u,%s", begins[i], i % 24 == 23 ? "\n" : "");
    printf("\n};\n");
    return 0;
}
