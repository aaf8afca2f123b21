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
static unsigned char known[DATE_HASH_BITS / 8], begins[DATE_HASH_BITS / 8];

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

static void mark(unsigned char *bits, const char *word, size_t size, uint32_t last)
{
    uint32_t letters[DATE_WORD_SIZE], hash = DATE_LETTERS_SEED;
    size_t count = 0;
    for (size_t at = 0; at < size;)
        letters[count++] = utf8_next(word, &at);
    if (last)
        letters[count++] = last;
    while (count)
        hash = date_letters_hash(hash, letters[--count]);
    bits[date_hash_bit(hash) / 8] |= (unsigned char)(1 << date_hash_bit(hash) % 8);
}

/* The first word of an entry, and with the ezafe of Kurdish and Persian what may have it. */
static void mark_first(const struct date_word *w, const char *folded, size_t size)
{
    const char *space = memchr(folded, ' ', size);
    size_t first = space ? (size_t)(space - folded) : size;
    bool ezafe =
        !space && (w->kind == WORD_MONTH || w->kind == WORD_PERSIAN || w->kind == WORD_WEEKDAY);
    mark(known, folded, first, 0);
    if (ezafe)
        mark(known, folded, first, 0x64a /* YEH */);
    if (!begins_dates(w))
        return;
    mark(begins, folded, first, 0);
    if (ezafe)
        mark(begins, folded, first, 0x64a);
}

static void print_bits(const char *name, const unsigned char *bits)
{
    printf("static const uint8_t %s[] = {\n", name);
    for (unsigned i = 0; i < DATE_HASH_BITS / 8; i++)
        printf("%u,%s", bits[i], i % 24 == 23 ? "\n" : "");
    printf("\n};\n");
}

static void print_letters(void)
{
    printf("const uint16_t date_letters[DATE_LETTERS] = {\n");
    for (uint32_t c = 0; c < DATE_LETTERS; c++) {
        uint32_t folded = text_fold_char(c);
        printf("%u,%s",
               !date_letter(c) ? 0
               : folded        ? folded
                               : DATE_DROPPED,
               c % 16 == 15 ? "\n" : "");
    }
    printf("};\n");
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
        mark_first(&date_words[row], folded, size);
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
    printf("\n};\n");
    print_bits("known", known);
    print_bits("begins", begins);
    print_letters();
    return 0;
}
