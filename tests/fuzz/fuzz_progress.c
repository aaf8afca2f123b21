/* A progress file of any bytes is read, and can be written again afterwards. */
#include "tests/fuzz/fuzz.h"

#include "ingest/checksum.h"
#include "ingest/progress.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The first byte says whether checksums are made right first: else hardly any input gets past them. */
static void mend(uint8_t *file, size_t size)
{
    for (size_t at = 0; at + PROGRESS_SLOT_SIZE <= size; at += PROGRESS_SLOT_SIZE) {
        uint32_t sum = checksum(0, file + at + 8, PROGRESS_SLOT_SIZE - 8);
        memcpy(file + at + 4, &sum, sizeof sum);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    static struct progress p, again;
    uint8_t *file = malloc(size);
    FUZZ_MUST(file);
    memcpy(file, data + 1, size - 1);
    if (data[0] & 1)
        mend(file, size - 1);
    int fd = memfd_create("progress", MFD_CLOEXEC);
    FUZZ_MUST(fd >= 0 && write(fd, file, size - 1) == (ssize_t)(size - 1));
    int r = progress_read(fd, &p);
    FUZZ_MUST(r >= 0);
    if (r == PROGRESS_OK) {
        FUZZ_MUST(p.floor >= 1 && p.floor <= p.reserved);
        if (p.writes < UINT64_MAX - 2) {
            FUZZ_MUST(progress_write(fd, &p) == 0 && progress_write(fd, &p) == 0);
            FUZZ_MUST(progress_read(fd, &again) == PROGRESS_OK && again.writes == p.writes);
        }
    }
    close(fd);
    free(file);
    return 0;
}
