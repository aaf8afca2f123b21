/* Site files: what can't be inferred from a page of a news site; one JSON file each, read at start.
 *
 *   name          of the site, as records show it in `source`
 *   hosts         "alsumaria.tv" stands for itself and all hosts below it; "bbc.com/arabic" only
 * for that part time_zone     IANA name, for times without a zone language      BCP 47 tag;
 * country: ISO 3166-1 alpha-2 sections      names of its sections, as pages have them -> IPTC Media
 * Topic (medtop:…) hints         day_order of its numeric dates, furniture (lines that are never
 * part of an article), agencies (names that it writes for news agencies -> the agency's own name)
 */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/config.h"

#include <stddef.h>
#include <stdint.h>

enum site_day_order { SITE_ORDER_UNKNOWN, SITE_DAY_FIRST, SITE_MONTH_FIRST, SITE_YEAR_FIRST };

struct site {
    char *name, *time_zone, *language, *country; /* "" when the file does not say */
    struct config_strings hosts, furniture;
    struct config_map sections, agencies;
    int day_order; /* enum site_day_order */
};

struct sites; /* read-only once made: shared by threads */

/* Reads every *.json in dir (NULL: none, an empty table). -EINVAL: a file is wrong; problem (may be
 * NULL) then has a line for each: file, line, JSON path, what was found, what is allowed. -errno of
 * the folder. Free with sites_free(). */
int sites_read(const char *dir, struct buffer *problem, struct sites **ret);
struct sites *sites_free(struct sites *sites); /* NULL is fine; always returns NULL */

size_t sites_count(const struct sites *sites);
const struct site *sites_at(const struct sites *sites, size_t i); /* in the order of file names */

/* The site of a URL (its host, or a host above it; the longest part of the path) or of a bare host;
 * NULL: none. */
const struct site *sites_find_url(const struct sites *sites, const char *url, size_t size);

/* The site with that name or that host, whatever the case of ASCII letters; NULL: none. */
const struct site *sites_find_name(const struct sites *sites, const char *name, size_t size);

/* The Media Topic of a section, "medtop:16000000"; NULL: the file has none for it. */
const char *site_topic(const struct site *site, const char *section, size_t size);

/* The rows that site files are read by, for the schema that editors use. */
extern const struct config_row site_rows[];
extern const size_t site_row_count;

/* Whether code, "medtop:…", is an IPTC Media Topic. */
int media_topic_known(const char *code);
