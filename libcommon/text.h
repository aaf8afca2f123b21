/* Text made clean for records, and its normalised form for matching.
 *
 * Clean text is what a reader should see, no more: UTF-8, NFC, spaces and line ends of one kind, no
 * invisible characters but those that a script needs. Letters, digits, U+0640 TATWEEL and
 * diacritics stay as they were.
 *
 *   line ends   CR LF, CR, NEL, VT, FF, U+2028, U+2029 -> U+000A; TAB stays
 *   spaces      U+00A0, U+1680, U+2000-200A, U+202F, U+205F, U+3000 -> U+0020
 *   dropped     other control characters, BOM (U+FEFF), SOFT HYPHEN, U+200B, U+2060-2064,
 * U+206A-206F, U+180E, U+FFFC, interlinear annotation, noncharacters ZWNJ        kept where it
 * changes how Arabic letters join (between a letter that joins to the left and one that joins to
 * the right) and behind a virama, as UAX #31 has it; elsewhere dropped ZWJ         kept behind a
 * letter, a mark or an emoji; elsewhere dropped bidi        isolates stay and are balanced in each
 * line (UAX #9, BD9): a lone PDI is dropped, an open isolate is closed before the line ends;
 * embeddings and overrides, which reach beyond what they stand in, are dropped (UAX #9, 2.1; UTR
 * #36); LRM, RLM and ALM stay, but not twice in a row forms       Arabic presentation forms
 * (U+FB50-FDFF, U+FE70-FEFC) -> letters, but for the ligatures that stand for a phrase or a sign
 * (U+FD3E, U+FD3F, U+FDFA-FDFF)
 *
 * Cost, on 6 KB of Arabic (tests/bench/bench_text.c): 3 bytes/ns when the text is clean, 0.35 when
 * it is not; folding 0.7.
 *
 * The normalised form is for comparing and looking up, never for showing; text_fold_char() has the
 * rules. */
#pragma once

#include "libcommon/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What text_clean() had to do; the bits of *ret_changes. */
enum text_change {
    TEXT_SPACES = 1 << 0,    /* line ends and spaces */
    TEXT_INVISIBLE = 1 << 1, /* invisible characters dropped */
    TEXT_BIDI = 1 << 2,      /* bidirectional controls dropped or balanced */
    TEXT_FORMS = 1 << 3,     /* presentation forms */
    TEXT_COMPOSED = 1 << 4,  /* brought to NFC */
    TEXT_CONTROLS = 1 << 5,  /* C0 and C1 control characters dropped */
};

/* Cleans well-formed UTF-8. *ret is text itself when nothing is to be done (the usual case, and
 * fast), else lives in the arena and is terminated. ret_changes may be NULL. 0; -ENOMEM: the arena
 * is used up. */
int text_clean(struct arena *arena, const char *text, size_t size, const char **ret,
               size_t *ret_size, unsigned *ret_changes);

/* How far text needs no cleaning: size when it is clean already. */
size_t text_clean_prefix(const char *text, size_t size);

enum { TEXT_FOLD_TABLE = 0x780 };
extern const int16_t text_fold_shift[TEXT_FOLD_TABLE];
enum { TEXT_FOLD_DROP = INT16_MIN };
uint32_t text_fold_rare(uint32_t c); /* the rule for the code points behind the table */

/* A code point of clean text in normalised form; 0: it is dropped.
 *
 *   alef        ALEF with MADDA, HAMZA above or below, WASLA, superscript -> ALEF
 *   hamza       WAW WITH HAMZA -> WAW, YEH WITH HAMZA -> YEH; a HAMZA that stands alone stays
 *   yeh, kaf    ALEF MAKSURA, FARSI YEH, Kurdish and Urdu yeh -> YEH; KEHEH -> KAF
 *   heh         TEH MARBUTA, AE (Kurdish), HEH GOAL, HEH DOACHASHMEE -> HEH
 *   Kurdish     REH, LAM, WAW with small V -> REH, LAM, WAW
 *   digits      ARABIC-INDIC and EXTENDED ARABIC-INDIC -> ASCII
 *   dropped     diacritics, TATWEEL, ZWNJ, ZWJ, marks of direction, combining accents
 *   others      lower case; Latin letters without accents (dotless i -> i); PEH, TCHEH, JEH, VEH,
 * GAF stay */
static inline uint32_t text_fold_char(uint32_t c)
{
    if (c >= TEXT_FOLD_TABLE)
        return text_fold_rare(c);
    int16_t shift = text_fold_shift[c];
    return shift == TEXT_FOLD_DROP ? 0 : (uint32_t)((int32_t)c + shift);
}

/* Writes the normalised form of well-formed, clean text to out, which has room for size bytes (it
 * never grows); returns its size. out may be text. */
size_t text_fold(const char *text, size_t size, char *out);
