/* A frame from anywhere is read within its bounds, and what could be read is written as it was. */
#include "tests/fuzz/fuzz.h"

#include "libcommon/fields.h"
#include "libcommon/message.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message m, again;
    if (message_read(data, size, &m) != 0)
        return 0;
    for (int i = 0; i < MESSAGE_SECTIONS; i++) {
        if (!m.sections[i].data)
            continue;
        const uint8_t *start = m.sections[i].data;
        FUZZ_MUST(start >= data && start + m.sections[i].size <= data + size);
        fields_check(m.sections[i].data, m.sections[i].size);
    }
    struct buffer out = {0};
    message_write(&m, &out);
    FUZZ_MUST(!out.failed && message_read(out.data, out.size, &again) == 0);
    FUZZ_MUST(again.kind == m.kind && again.seq == m.seq && again.spool == m.spool);
    for (int i = 0; i < MESSAGE_SECTIONS; i++) {
        FUZZ_MUST(again.sections[i].size == m.sections[i].size);
        FUZZ_MUST(m.sections[i].size == 0 ||
                  !memcmp(again.sections[i].data, m.sections[i].data, m.sections[i].size));
    }
    buffer_free(&out);
    return 0;
}
