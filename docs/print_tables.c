/* Prints the tables in the code as rows for the documents, or as a catalog for the journal:
 * print-tables metrics|events|settings|catalog. */
#include "libcommon/log.h"
#include "libcommon/metrics.h"
#include "libcommon/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const metric_types[] = {[METRIC_COUNTER] = "counter",
                                           [METRIC_GAUGE] = "gauge",
                                           [METRIC_TIMESTAMP] = "gauge",
                                           [METRIC_HISTOGRAM] = "histogram",
                                           [METRIC_INFO] = "info"};
static const char *const suffixes[] = {[METRIC_COUNTER] = "_total",
                                       [METRIC_GAUGE] = "",
                                       [METRIC_TIMESTAMP] = "",
                                       [METRIC_HISTOGRAM] = "",
                                       [METRIC_INFO] = "_info"};

/* | name | type | labels | stages | help | */
static void print_metrics(void)
{
    for (size_t i = 0; i < METRIC_END; i++) {
        const struct metric_row *row = &metric_rows[i];
        const char *label = metric_label_name(row->label);
        bool many = row->stages & (row->stages - 1);
        printf("| `%s%s` | %s | lane%s%s%s%s | ", row->name, suffixes[row->type],
               metric_types[row->type], many ? ", stage" : "", label ? ", " : "",
               label ? label : "", row->type == METRIC_INFO ? ", version" : "");
        const char *comma = "";
        for (unsigned stage = STAGE_INGEST; stage <= STAGE_SINK; stage++)
            if (row->stages & 1U << stage) {
                printf("%s%s", comma, message_stage_name(stage));
                comma = ", ";
            }
        printf(" | %s |\n", row->help);
    }
}

/* | name | level | message id | meaning | */
static void print_events(void)
{
    for (size_t i = 1; i < EVENT_END; i++)
        printf("| `%s` | %s | `%s` | %s |\n", log_rows[i].name, log_level_name(log_rows[i].level),
               log_rows[i].message_id, log_rows[i].meaning);
}

static void print_default(const struct config_row *row)
{
    switch (row->type) {
    case CONFIG_STRING:
        if (*row->text)
            printf("`%s`", row->text);
        else
            printf("empty");
        break;
    case CONFIG_INTEGER:
        printf("%" PRId64, row->number);
        break;
    case CONFIG_FLAG:
        printf(row->number ? "true" : "false");
        break;
    case CONFIG_CHOICE:
        printf("`%s`", row->choices[row->number]);
        break;
    default:
        printf("empty");
    }
}

static void print_allowed(const struct config_row *row)
{
    switch (row->type) {
    case CONFIG_STRING:
        printf("text");
        break;
    case CONFIG_INTEGER:
        printf("%" PRId64 " to %" PRId64, row->lowest, row->highest);
        break;
    case CONFIG_FLAG:
        printf("true, false");
        break;
    case CONFIG_CHOICE:
        for (size_t i = 0; row->choices[i]; i++)
            printf("%s`%s`", i ? ", " : "", row->choices[i]);
        break;
    case CONFIG_STRINGS:
        printf("a list of texts");
        break;
    case CONFIG_MAP:
        printf("an object of texts");
        break;
    }
}

/* | path | allowed | default | takes effect | meaning | */
static void print_settings(void)
{
    for (size_t i = 0; i < settings_row_count; i++) {
        const struct config_row *row = &settings_rows[i];
        printf("| `%s` | ", row->path);
        print_allowed(row);
        printf(" | ");
        print_default(row);
        printf(" | %s | %s |\n", row->live ? "reload" : "start", row->meaning);
    }
}

static void print_wrapped(const char *text)
{
    int column = 0;
    while (*text) {
        int size = (int)strcspn(text, " ");
        if (column && column + size > 78) {
            putchar('\n');
            column = 0;
        }
        column += printf("%s%.*s", column ? " " : "", size, text);
        text += size + (text[size] == ' ');
    }
    putchar('\n');
}

/* The form of journal catalogs: systemd's doc CATALOG.md. */
static void print_catalog(void)
{
    for (size_t i = 1; i < EVENT_END; i++) {
        printf("-- %s\nSubject: khabar: %s\nDefined-By: khabar\nDocumentation: man:khabar-log(7)\n\n",
               log_rows[i].message_id, log_rows[i].name);
        print_wrapped(log_rows[i].meaning);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } tables[] = {
        {"metrics",  print_metrics },
        {"events",   print_events  },
        {"settings", print_settings},
        {"catalog",  print_catalog }
    };
    for (size_t i = 0; argc == 2 && i < sizeof tables / sizeof *tables; i++)
        if (strcmp(argv[1], tables[i].name) == 0) {
            tables[i].print();
            return fflush(stdout) == 0 ? 0 : 1;
        }
    fprintf(stderr, "usage: print-tables metrics|events|settings|catalog\n");
    return 2;
}
