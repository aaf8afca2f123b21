/* Site files: read and checked at start, found by host or name through hash tables. */
#include "libcommon/site.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>
#include <xxhash.h>

enum { HOST_MAX = 253, KEY_MAX = 512 };

/* Open addressing; one table for hosts and paths ("bbc.com/arabic"), one for names. */
struct slot {
    char *key; /* lower case */
    const struct site *site;
};

struct table {
    struct slot *slots;
    size_t mask;
};

struct sites {
    struct site **items;
    size_t count;
    struct table hosts, names;
};

static const uint32_t media_topics[] = {
#include "libcommon/media_topics.inc"
};

int media_topic_known(const char *code)
{
    static const char prefix[] = "medtop:";
    if (strncmp(code, prefix, sizeof prefix - 1) != 0)
        return 0;
    const char *digits = code + sizeof prefix - 1;
    if (strlen(digits) != 8 || strspn(digits, "0123456789") != 8)
        return 0;
    uint32_t wanted = (uint32_t)strtoul(digits, NULL, 10);
    size_t low = 0, high = sizeof media_topics / sizeof *media_topics;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (media_topics[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof media_topics / sizeof *media_topics && media_topics[low] == wanted;
}

static const char *check_topic(const char *value)
{
    return media_topic_known(value) ? NULL
                                    : "the code of an IPTC Media Topic, like medtop:04000000";
}

static const char *check_zone(const char *value)
{
    static const char allowed[] = "an IANA time zone, like Asia/Baghdad";
    UChar zone[128], canonical[128];
    UErrorCode error = U_ZERO_ERROR;
    if (!*value)
        return NULL;
    u_strFromUTF8(zone, 128, NULL, value, -1, &error);
    UBool system = false;
    ucal_getCanonicalTimeZoneID(zone, -1, canonical, 128, &system, &error);
    return U_FAILURE(error) || !system ? allowed : NULL;
}

static const char *check_host(const char *value)
{
    static const char allowed[] =
        "a host in lower case without www. or scheme, with a path if need be";
    size_t host = strcspn(value, "/");
    if (!host || host > HOST_MAX || strlen(value) >= KEY_MAX || strncmp(value, "www.", 4) == 0 ||
        !memchr(value, '.', host))
        return allowed;
    for (size_t i = 0; i < host; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-", value[i]))
            return allowed;
    return value[host] && value[strlen(value) - 1] == '/' ? allowed : NULL;
}

static const char *check_country(const char *value)
{
    if (!*value)
        return NULL;
    for (const char *const *c = uloc_getISOCountries(); *c; c++)
        if (strcmp(*c, value) == 0)
            return NULL;
    return "an ISO 3166-1 code of two capital letters";
}

static const char *check_language(const char *value)
{
    char locale[ULOC_FULLNAME_CAPACITY];
    int32_t parsed = 0;
    UErrorCode error = U_ZERO_ERROR;
    uloc_forLanguageTag(value, locale, sizeof locale, &parsed, &error);
    bool good = U_SUCCESS(error) && parsed == (int32_t)strlen(value) && strlen(locale) >= 2;
    return good || !*value ? NULL : "a BCP 47 language tag";
}

static const char *check_words(const char *value)
{
    return *value && strlen(value) < KEY_MAX ? NULL : "words, not more than 511 bytes of them";
}

static const char *const day_orders[] = {"unknown", "day-first", "month-first", "year-first", NULL};

#define AT(member) offsetof(struct site, member)
const struct config_row site_rows[] = {
    {"name",                                                               CONFIG_STRING, AT(name),   1,                                                                                   80, .text = "",
     .meaning = "name of the site, the source of its records",                                                                                                                                                                                                                                                                      .check = check_words},
    {"hosts",                                                                    CONFIG_STRINGS,                                                                           AT(hosts),    1,    64,  .check = check_host,
     .meaning = "hosts of the site, with those below them; with a path, only what is under it"                                                                                                         },
    {"time_zone",                                                                    CONFIG_STRING,                                                                       AT(time_zone), 0, 64,  .text = "",                                                  .check = check_zone,
     .meaning = "IANA time zone of times that the pages give without one"},
    {"language", CONFIG_STRING,              AT(language),               0,                                                                                     35,                                                              .text = "",                                                                                                 .check = check_language,
     .meaning = "BCP 47 tag of the language that most pages are in"},
    {"country",                                             CONFIG_STRING,                      AT(country),                                0,                                                                                                           2,                                                    .text = "",                                                                      .check = check_country,
     .meaning = "ISO 3166-1 code of the country that the site is at home in"},
    {"sections",                                                          CONFIG_MAP,                                                 AT(sections),                         0,                                                                                                            400,                                                                                                     .check = check_topic,
     .meaning = "names of sections, as the pages have them, and the IPTC Media Topic of each"                                                                                                      },
    {"hints.day_order",                                                                 CONFIG_CHOICE,                                                          AT(day_order),        .choices = day_orders,
     .meaning = "what comes first in dates that are all numbers"                                                                            },
    {"hints.furniture",          CONFIG_STRINGS,                       AT(furniture),                 0,                                                                             400,.check = check_words,
     .meaning = "lines that are never part of an article: the whole line, or its beginning before "
                "a colon"},
    {"hints.agencies",                                                 CONFIG_MAP,                                                              AT(agencies),                                                         0,                                                                                  100,           .check = check_words,
     .meaning = "names that the pages write for news agencies, and the name that the record gets"},
};
const size_t site_row_count = sizeof site_rows / sizeof *site_rows;

static int table_new(size_t entries, struct table *ret)
{
    size_t size = 16;
    while (size < entries * 2)
        size *= 2;
    *ret = (struct table){.slots = calloc(size, sizeof *ret->slots), .mask = size - 1};
    return ret->slots ? 0 : -ENOMEM;
}

static void table_free(struct table *table)
{
    for (size_t i = 0; table->slots && i <= table->mask; i++)
        free(table->slots[i].key);
    free(table->slots);
}

static struct slot *table_slot(const struct table *table, const char *key, size_t size)
{
    size_t at = XXH3_64bits(key, size) & table->mask;
    while (table->slots[at].key &&
           (strlen(table->slots[at].key) != size || memcmp(table->slots[at].key, key, size) != 0))
        at = (at + 1) & table->mask;
    return &table->slots[at];
}

/* Lower case of ASCII letters; 0: too long for a key. */
static size_t make_key(const char *text, size_t size, char key[KEY_MAX])
{
    if (size >= KEY_MAX)
        return 0;
    for (size_t i = 0; i < size; i++)
        key[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] | 0x20) : text[i];
    key[size] = '\0';
    return size;
}

static const struct site *table_find(const struct table *table, const char *text, size_t size)
{
    char key[KEY_MAX];
    size_t length = make_key(text, size, key);
    return length ? table_slot(table, key, length)->site : NULL;
}

/* 0; -EEXIST and *ret_other: another site has that key; -ENOMEM. */
static int table_add(struct table *table, const char *text, const struct site *site,
                     const struct site **ret_other)
{
    char key[KEY_MAX];
    size_t length = make_key(text, strlen(text), key);
    struct slot *slot = table_slot(table, key, length);
    if (slot->key) {
        *ret_other = slot->site;
        return slot->site == site ? 0 : -EEXIST;
    }
    *slot = (struct slot){.key = strdup(key), .site = site};
    return slot->key ? 0 : -ENOMEM;
}

static struct site *site_free(struct site *site)
{
    if (site)
        config_free(site_rows, site_row_count, site);
    free(site);
    return NULL;
}

/* 0; -EINVAL, with a line in problem; -ENOMEM. */
static int site_read(const char *file, struct buffer *problem, struct site **ret)
{
    char error[CONFIG_ERROR_SIZE] = "";
    struct site *site = calloc(1, sizeof *site);
    if (!site)
        return -ENOMEM;
    int r = config_defaults(site_rows, site_row_count, site);
    if (r == 0)
        r = config_read(file, site_rows, site_row_count, site, error);
    if (r == 0 && (!*site->name || !site->hosts.count)) {
        snprintf(error, sizeof error, "%.300s:1: %s: missing, a site file must have it", file,
                 *site->name ? "hosts" : "name");
        r = -EINVAL;
    }
    if (r < 0) {
        if (problem && *error)
            buffer_append_format(problem, "%s\n", error);
        site_free(site);
        return r == -ENOMEM ? r : -EINVAL;
    }
    *ret = site;
    return 0;
}

static int is_site_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 &&
           strcmp(entry->d_name + length - 5, ".json") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Reads the files; goes on behind a wrong one, so that all mistakes are told at once. */
static int read_files(struct sites *sites, const char *dir, struct buffer *problem)
{
    struct dirent **entries;
    int count = scandir(dir, &entries, is_site_file, by_name), result = 0;
    if (count < 0)
        return -errno;
    sites->items = calloc((size_t)count + 1, sizeof *sites->items);
    if (!sites->items)
        result = -ENOMEM;
    for (int i = 0; i < count; i++) {
        char path[4096];
        if (result != -ENOMEM) {
            snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name);
            int r = site_read(path, problem, &sites->items[sites->count]);
            sites->count += r == 0;
            result = r < 0 ? r : result;
        }
        free(entries[i]);
    }
    free(entries);
    return result;
}

static int add_keys(struct sites *sites, struct buffer *problem)
{
    size_t hosts = 0, result = 0;
    for (size_t i = 0; i < sites->count; i++)
        hosts += sites->items[i]->hosts.count;
    if (table_new(hosts + 1, &sites->hosts) < 0 || table_new(sites->count + 1, &sites->names) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < sites->count; i++) {
        const struct site *site = sites->items[i], *other = NULL;
        int r = table_add(&sites->names, site->name, site, &other);
        for (size_t h = 0; h < site->hosts.count && r == 0; h++)
            r = table_add(&sites->hosts, site->hosts.items[h], site, &other);
        if (r == -ENOMEM)
            return r;
        if (r < 0 && problem)
            buffer_append_format(problem, "%s: shares its name or a host with %s\n", site->name,
                                 other->name);
        result += r < 0;
    }
    return result ? -EINVAL : 0;
}

int sites_read(const char *dir, struct buffer *problem, struct sites **ret)
{
    struct sites *sites = calloc(1, sizeof *sites);
    if (!sites)
        return -ENOMEM;
    int r = dir ? read_files(sites, dir, problem) : 0;
    if (r == 0)
        r = add_keys(sites, problem);
    if (r < 0) {
        sites_free(sites);
        return r;
    }
    *ret = sites;
    return 0;
}

struct sites *sites_free(struct sites *sites)
{
    if (!sites)
        return NULL;
    for (size_t i = 0; i < sites->count; i++)
        site_free(sites->items[i]);
    free(sites->items);
    table_free(&sites->hosts);
    table_free(&sites->names);
    free(sites);
    return NULL;
}

size_t sites_count(const struct sites *sites)
{
    return sites->count;
}

const struct site *sites_at(const struct sites *sites, size_t i)
{
    return i < sites->count ? sites->items[i] : NULL;
}

/* Host and path of a URL, without scheme, user, port, query and fragment:
 * "www.bbc.com/arabic/articles/x". */
static size_t host_and_path(const char *url, size_t size, char out[KEY_MAX])
{
    const char *end = url + size;
    for (const char *p = url; p + 2 < end && *p != '/' && *p != '?'; p++)
        if (p[0] == ':' && p[1] == '/' && p[2] == '/') {
            url = p + 3;
            break;
        }
    const char *host_end = url;
    while (host_end < end && !strchr("/?#", *host_end))
        host_end++;
    for (const char *p = url; p < host_end; p++)
        if (*p == '@')
            url = p + 1;
    size_t used = 0;
    for (const char *p = url; p < host_end && *p != ':' && used < KEY_MAX - 1; p++)
        out[used++] = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    for (const char *p = host_end; p < end && *p != '?' && *p != '#' && used < KEY_MAX - 1; p++)
        out[used++] = *p;
    out[used] = '\0';
    return used;
}

const struct site *sites_find_url(const struct sites *sites, const char *url, size_t size)
{
    char text[KEY_MAX];
    size_t length = host_and_path(url, size, text);
    const char *host = text;
    while (host && *host) {
        size_t left = length - (size_t)(host - text), host_size = strcspn(host, "/");
        for (size_t cut = left; cut >= host_size && cut; cut--) {
            bool whole_part = cut == left || host[cut] == '/';
            const struct site *site =
                whole_part ? table_slot(&sites->hosts, host, cut)->site : NULL;
            if (site)
                return site;
        }
        const char *dot = memchr(host, '.', host_size);
        host = dot ? dot + 1 : NULL;
    }
    return NULL;
}

const struct site *sites_find_name(const struct sites *sites, const char *name, size_t size)
{
    const struct site *site = size ? table_find(&sites->names, name, size) : NULL;
    return site || !size ? site : sites_find_url(sites, name, size);
}

const char *site_topic(const struct site *site, const char *section, size_t size)
{
    for (size_t i = 0; i < site->sections.count; i++)
        if (strlen(site->sections.items[i].key) == size &&
            memcmp(site->sections.items[i].key, section, size) == 0)
            return site->sections.items[i].value;
    return NULL;
}
