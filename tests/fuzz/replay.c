/* Runs a fuzz target without a fuzzer: each file of a corpus, cuts of it, and mutations that are the same every time.
 *
 *   fuzz-NAME FOLDER|FILE... */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum { CUTS = 1500, MUTATIONS = 1500, FLIPS_MOST = 8 };

static size_t runs;

/* In memory of exactly its size, so that a sanitizer sees each byte too far. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    FUZZ_MUST(copy);
    if (size)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    runs++;
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void run_cuts(const uint8_t *data, size_t size)
{
    size_t step = size / CUTS + 1;
    for (size_t cut = 0; cut < size; cut += cut < 64 ? 1 : step)
        run(data, cut);
}

/* Bytes changed, most often near the beginning, where heads lie; now and then a run of them. */
static void run_mutations(uint8_t *data, size_t size)
{
    uint32_t random = 2463534242u;
    uint8_t *copy = malloc(size);
    FUZZ_MUST(copy);
    for (int i = 0; size && i < MUTATIONS; i++) {
        memcpy(copy, data, size);
        for (uint32_t flips = 1 + next_random(&random) % FLIPS_MOST; flips; flips--) {
            size_t within = next_random(&random) & 1 && size > 128 ? 128 : size;
            size_t at = next_random(&random) % within;
            uint32_t how = next_random(&random);
            if (how % 16 == 0)
                memset(copy + at, (int)(how >> 8), how >> 16 & 15 && size - at > 16 ? 16 : 1);
            else
                copy[at] ^= (uint8_t)(1u << (how >> 8) % 8);
        }
        run(copy, size);
    }
    free(copy);
}

static void replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    FUZZ_MUST(f && fstat(fileno(f), &st) == 0);
    size_t size = (size_t)st.st_size;
    uint8_t *data = malloc(size ? size : 1);
    FUZZ_MUST(data && fread(data, 1, size, f) == size);
    fclose(f);
    run(data, size);
    run_cuts(data, size);
    run_mutations(data, size);
    free(data);
}

static void replay(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        replay_file(path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        char file[PATH_MAX];
        if (entry->d_name[0] == '.')
            continue;
        FUZZ_MUST(snprintf(file, sizeof file, "%s/%s", path, entry->d_name) < (int)sizeof file);
        replay_file(file);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    run(NULL, 0);
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%zu inputs\n", runs);
    return 0;
}
