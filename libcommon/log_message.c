/* Log lines about the document that a message carries. */
#include "libcommon/log_message.h"

#include "libcommon/fields.h"

#include <stdarg.h>
#include <stdio.h>

void log_message(enum log_event event, const struct message *m, const char *reason,
                 const char *format, ...)
{
    if (!log_wanted(log_rows[event].level))
        return;
    char id[MESSAGE_ID_SIZE], text[512];
    struct field_value source = {0};
    const struct message_part *document = &m->sections[SECTION_DOCUMENT];
    message_id(m->spool, m->seq, id);
    fields_find(document->data, document->size, FIELD_SOURCE, &source);
    const struct log_about about = {.id = id,
                                    .source = source.data,
                                    .source_size = source.size,
                                    .reason = reason,
                                    .attempt = m->attempt};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    log_event(event, &about, "%s", text);
}
