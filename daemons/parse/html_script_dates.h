/* The day of publication in the data that scripts of a page carry: state of a framework
 * (__NEXT_DATA__ and its like), data layers of analytics. */
#pragma once

#include "parse/dates.h"

#include <stdbool.h>
#include <stddef.h>

/* Looks through the page as it came for the first member whose name says that its value is when
 * something was published, and whose value is a date; else for one that says created. text is
 * well-formed UTF-8. Time is linear in the size. *ret_text is what it was read from, inside text.
 */
bool html_script_date(const struct dates_context *context, const char *text, size_t size,
                      struct moment *ret, struct span *ret_text);
