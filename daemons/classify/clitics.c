/* Cutting prefixes off folded Arabic words. */
#include "classify/clitics.h"

#include "classify/fold.h"

#include <stdbool.h>
#include <string.h>

static bool is_conjunction(uint8_t letter)
{
    return letter == FOLD_WAW || letter == FOLD_FEH;
}

static bool is_preposition(uint8_t letter)
{
    return letter == FOLD_BEH || letter == FOLD_LAM || letter == FOLD_KAF;
}

size_t clitics_stem(const uint8_t *letters, size_t count, unsigned cut, uint8_t out[CLITICS_STEM])
{
    if (cut < 1 || cut > CLITICS_MAX || count < cut + 2 || count >= CLITICS_STEM)
        return 0;
    if (cut == 1 && !is_conjunction(letters[0]) && !is_preposition(letters[0]))
        return 0;
    if (cut == 2 && !(is_conjunction(letters[0]) && is_preposition(letters[1])))
        return 0;
    size_t size = 0;
    if (letters[cut - 1] == FOLD_LAM && letters[cut] == FOLD_LAM)
        out[size++] = FOLD_ALEF;
    memcpy(out + size, letters + cut, count - cut);
    return size + count - cut;
}
