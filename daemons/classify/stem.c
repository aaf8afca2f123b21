/* Cutting conjunction, article and endings off folded Arabic words. */
#include "classify/stem.h"

#include "classify/fold.h"

#include <stdbool.h>

enum { LEAST = 2 }; /* letters that stay */

/* Letters of the article and of the preposition before it: ال بال كال فال لل (U+0627 U+0644 …). */
static size_t article(const uint8_t *letters, size_t count)
{
    bool fused = letters[0] == FOLD_BEH || letters[0] == FOLD_KAF || letters[0] == FOLD_FEH;
    if (fused && count >= LEAST + 3 && letters[1] == FOLD_ALEF && letters[2] == FOLD_LAM)
        return 3;
    if (count < LEAST + 2 || letters[1] != FOLD_LAM)
        return 0;
    return letters[0] == FOLD_ALEF || letters[0] == FOLD_LAM ? 2 : 0;
}

/* Endings of two letters, each cut once, in this order; HEH stands for TEH MARBUTA too. */
static const uint8_t endings[][2] = {
    {FOLD_HEH,  FOLD_ALEF},
    {FOLD_ALEF, FOLD_NOON},
    {FOLD_ALEF, FOLD_TEH },
    {FOLD_WAW,  FOLD_NOON},
    {FOLD_YEH,  FOLD_NOON},
    {FOLD_YEH,  FOLD_HEH },
    {FOLD_HEH,  FOLD_MEEM},
};

const uint8_t *stem_light(const uint8_t *letters, size_t count, size_t *ret_size)
{
    if (count >= LEAST + 2 && letters[0] == FOLD_WAW) {
        letters++;
        count--;
    }
    if (count) {
        size_t cut = article(letters, count);
        letters += cut;
        count -= cut;
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (count >= LEAST + 2 && letters[count - 2] == endings[i][0] &&
            letters[count - 1] == endings[i][1])
            count -= 2;
    if (count >= LEAST + 2 && (letters[count - 1] == FOLD_HEH || letters[count - 1] == FOLD_YEH))
        count--;
    *ret_size = count;
    return letters;
}
