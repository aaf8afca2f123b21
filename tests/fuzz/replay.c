/* The main of a fuzz target when no fuzzer is linked: feeds every file of the corpus, each cut of the small ones, and a
 * few deterministic mutations. Usage: fuzz-NAME CORPUS_FOLDER... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_FILE = 1 << 20, ALL_CUTS = 512, SOME_CUTS = 64, MUTATIONS = 300 };

static uint64_t next_random(uint64_t *state) /* xorshift64 */
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void feed(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1); /* so that a sanitizer sees each end */
    if (!copy)
        exit(1);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void feed_file(const char *path)
{
    static uint8_t data[MAX_FILE];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    feed(data, size);
    size_t step = size <= ALL_CUTS ? 1 : size / SOME_CUTS;
    for (size_t cut = 0; cut < size; cut += step)
        feed(data, cut);
    uint64_t state = 0x9e3779b97f4a7c15u + size;
    size_t short_size = size < 4096 ? size : 4096;
    for (unsigned i = 0; i < MUTATIONS && short_size; i++) {
        uint8_t mutant[4096];
        memcpy(mutant, data, short_size);
        for (unsigned n = next_random(&state) % 8 + 1; n; n--)
            mutant[next_random(&state) % short_size] = (uint8_t)next_random(&state);
        size_t from = next_random(&state) % short_size, to = next_random(&state) % short_size;
        size_t run = short_size - (from > to ? from : to);
        if (i & 1)
            memmove(mutant + to, mutant + from, run < 40 ? run : 40);
        feed(mutant, short_size);
    }
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    for (int i = 1; i < argc; i++) {
        struct dirent **entries;
        int count = scandir(argv[i], &entries, NULL, alphasort);
        for (int j = 0; j < count; j++) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], entries[j]->d_name);
            if (entries[j]->d_name[0] != '.') {
                feed_file(path);
                files++;
            }
            free(entries[j]);
        }
        if (count >= 0)
            free(entries);
    }
    if (!files)
        fprintf(stderr, "no corpus\n");
    return files ? 0 : 1;
}
