/* The lane's endpoint for those who watch it: /metrics, /healthz and /readyz over HTTP.
 *
 * It runs in a thread of its own and looks at the lane as anyone could, through the pages in the
 * run folder: a scrape costs the loop nothing, and a loop that hangs is told all the same. What is
 * served can't be changed from outside and holds no article: names of the lane and of sources, and
 * numbers. */
#pragma once

#include "libcommon/settings.h"

struct monitor;

/* Listens where monitor.listen says. Borrows s. -errno. */
int monitor_new(const struct settings *s, struct monitor **ret);
struct monitor *monitor_free(struct monitor *m); /* NULL is fine; always returns NULL */
