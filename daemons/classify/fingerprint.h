/* Whether an article was seen before: a hash of its words for exact copies, a signature for near ones.
 *
 * Both are of the words as classify folds them (classify/fold.h): spelling variants, marks and punctuation do not
 * count. A body of FINGERPRINT_WORDS words or more stands for itself: its copies under another title are
 * copies. A shorter one is taken together with the title, since captions and notices repeat. */
#pragma once

#include "classify/tokens.h"
#include "libcommon/minhash.h"

enum { FINGERPRINT_WORDS = 20 };

struct fingerprint {
    char hex[33]; /* XXH3, 128 bits, as 32 hexadecimal digits; empty when there is no word */
    struct minhash minhash;
};

void fingerprint_make(const struct tokens *tokens, struct fingerprint *ret);
