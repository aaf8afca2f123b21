/* Prints the sample records in the format named by the argument: khabar, ninjs, or reject. */
#include "tests/unit/common/record_samples.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    bool reject = argc == 2 && !strcmp(argv[1], "reject");
    const struct format *format = argc == 2 ? format_from_name(argv[1]) : NULL;
    if (!format && !reject)
        return 2;
    for (int i = 0; i < (reject ? REJECT_SAMPLES : RECORD_SAMPLES); i++) {
        struct record_sample sample;
        struct buffer line = {0};
        int r;
        if (reject) {
            reject_sample_make(i, &sample);
            r = record_write_reject(&sample.record, &line);
        } else {
            record_sample_make(i, &sample);
            r = format->write(&sample.record, &line);
        }
        if (r < 0)
            return 1;
        fwrite(line.data, 1, line.size, stdout);
        buffer_free(&line);
        record_sample_free(&sample);
    }
    return 0;
}
