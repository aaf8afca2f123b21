/* The data folder, as trainings and evaluations read it; its README says what each set is.
 *
 * For programs that run once: what is missing is said on stderr and ends the process with status 2. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rows of a file of tab-separated values, the head line not counted; a missing column reads as "". */
struct table {
    char ***rows;
    size_t count, columns;
};

/* head: the first line names the columns. Lives until the process ends. */
struct table corpus_table(const char *data_dir, const char *name, bool head);

/* An article of ANT or a headline. */
struct sample {
    const char *id, *source, *section; /* section: ANT's cat; "" for a headline */
    const char *title, *text;          /* text: paragraphs parted by line feeds; "" for a headline alone */
    int topic, second_topic, event;    /* -1: not labelled */
    uint64_t title_hash;               /* of the letters of the title */
    uint64_t text_hash;                /* of the letters of the text, or else of the title */
};

struct corpus {
    struct sample *items;
    size_t count;
};

/* All articles of ANT in the order of the files, each text once (the first of its copies stays), without labels;
 * where the copies disagree on the section, "" stands for it. */
struct corpus corpus_articles(const char *data_dir);

/* All articles of ANT, copies included; read once, the list is the caller's. */
struct corpus corpus_everything(const char *data_dir);

/* The rows of a file of labels, in order. Those with a docno take title and text from articles (all of ANT, copies
 * included); those with a headline of their own have no text. A docno that ANT lacks ends the process. */
struct corpus corpus_labelled(const char *data_dir, const char *name);

/* Everything that a model is judged on: topics/dev.tsv, topics/dev_natural.tsv, iraq_headlines/dev.tsv. */
enum { DEV_HARD, DEV_NATURAL, DEV_HEADLINES, DEV_COUNT };
extern const char *const corpus_dev_names[DEV_COUNT];

/* Takes out of c each sample that is judged on: same id, same text or same headline as a row of a dev file. Returns how
 * many went. Every training calls this on everything that it reads, whatever the file. */
size_t corpus_exclude_dev(const char *data_dir, struct corpus *c);

/* The first paragraph of a sample's text, without its line feed. */
size_t corpus_first_paragraph(const struct sample *s);

/* A generator of the same numbers everywhere: splitmix64. */
static inline uint64_t corpus_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* Writes a message and ends the process with status 2. */
void corpus_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
