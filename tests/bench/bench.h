/* What small benchmarks share: a file to work on, and the CPU time of a statement. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct bench_text {
    char *data; /* freed by the caller; never empty */
    size_t size;
};

static inline struct bench_text bench_read(const char *path)
{
    struct bench_text text = {0};
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) < 0 || ftell(file) <= 0) {
        fprintf(stderr, "bench: can't read %s\n", path);
        exit(2);
    }
    text.size = (size_t)ftell(file);
    rewind(file);
    text.data = malloc(text.size + 1);
    if (!text.data || fread(text.data, 1, text.size, file) != text.size) {
        fprintf(stderr, "bench: can't read %s\n", path);
        exit(2);
    }
    text.data[text.size] = '\0';
    fclose(file);
    return text;
}

static inline double bench_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Runs a statement for about 0.3 s of CPU time, prints what once takes and the rate over bytes. */
#define BENCH(name, bytes, ...)                                                                                         \
    do {                                                                                                               \
        size_t bench_rounds = 0, bench_batch = 1;                                                                      \
        double bench_start = bench_seconds(), bench_took;                                                              \
        do {                                                                                                           \
            for (size_t bench_i = 0; bench_i < bench_batch; bench_i++)                                                 \
                __VA_ARGS__;                                                                                            \
            bench_rounds += bench_batch;                                                                               \
            bench_batch *= 2;                                                                                          \
            bench_took = bench_seconds() - bench_start;                                                                \
        } while (bench_took < 0.3);                                                                                    \
        double bench_ns = bench_took * 1e9 / (double)bench_rounds;                                                     \
        printf("%-28s %12.2f us %8.3f bytes/ns\n", name, bench_ns / 1e3, (double)(bytes) / bench_ns);                  \
    } while (0)
