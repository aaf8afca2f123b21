/* Words that dates are made of: looked up in the index that the build makes. */
#include "parse/date_words.h"

#include "date_words_index.h"

#include <string.h>

enum { SLOT_COUNT = sizeof slots / sizeof *slots };

const struct date_word *date_word_find(const char *folded, size_t size, bool *ret_head)
{
    *ret_head = false;
    for (uint32_t at = date_word_hash(folded, size) % SLOT_COUNT; slots[at].size;
         at = (at + 1) % SLOT_COUNT)
        if (slots[at].size == size && memcmp(pool + slots[at].offset, folded, size) == 0) {
            *ret_head = slots[at].head;
            return slots[at].row ? &date_words[slots[at].row - 1] : NULL;
        }
    return NULL;
}

bool date_word_may_be(uint32_t letters_hash)
{
    uint32_t bit = date_hash_bit(letters_hash);
    return known[bit / 8] >> bit % 8 & 1;
}

bool date_word_may_begin(uint32_t letters_hash)
{
    uint32_t bit = date_hash_bit(letters_hash);
    return begins[bit / 8] >> bit % 8 & 1;
}
