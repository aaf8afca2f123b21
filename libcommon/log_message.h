/* Log lines about the document that a message carries. */
#pragma once

#include "libcommon/log.h"
#include "libcommon/message.h"

/* As log_event(), with the id, source and attempt of the message. reason: NULL is fine. */
void log_message(enum log_event event, const struct message *m, const char *reason,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
