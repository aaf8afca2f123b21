/* The sets of sentences for language identification, and what their codes mean for khabar. */
#pragma once

#include "classify/language.h"

#define LANGUAGES_DEV "langid/sib200_dev.tsv"
extern const char *const languages_training[]; /* names in the data folder; ends with NULL */

/* The language that a FLORES code ("ckb_Arab") stands for here; LANGUAGE_OTHER for what we do not tell. */
enum language language_of_flores(const char *code);
