/* What a lane counts, as text. */
#include "libcommon/metrics_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const type_names[] = {[METRIC_COUNTER] = "counter",
                                         [METRIC_GAUGE] = "gauge",
                                         [METRIC_TIMESTAMP] = "gauge",
                                         [METRIC_HISTOGRAM] = "histogram",
                                         [METRIC_INFO] = "info"};
static const char *const unit_names[] = {
    [UNIT_NONE] = NULL, [UNIT_BYTES] = "bytes", [UNIT_SECONDS] = "seconds"};

struct writer {
    const struct metrics_lane *lane;
    enum metrics_form form;
    struct buffer *out;
};

const char *metrics_content_type(enum metrics_form form)
{
    return form == METRICS_OPENMETRICS
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

static void write_escaped(struct buffer *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\\' || *p == '"' || *p == '\n')
            buffer_append_char(out, '\\');
        buffer_append_char(out, *p == '\n' ? 'n' : *p);
    }
}

static void write_label(struct writer *w, const char *name, const char *value)
{
    buffer_append_format(w->out, ",%s=\"", name);
    write_escaped(w->out, value);
    buffer_append_char(w->out, '"');
}

static const char *suffix_of(const struct metric_row *row)
{
    return row->type == METRIC_COUNTER ? "_total" : row->type == METRIC_INFO ? "_info" : "";
}

/* The older form names samples, not families, and knows no info. */
static void write_head(struct writer *w, const struct metric_row *row)
{
    bool open = w->form == METRICS_OPENMETRICS;
    const char *suffix = open || row->type == METRIC_HISTOGRAM ? "" : suffix_of(row);
    const char *type = !open && row->type == METRIC_INFO ? "gauge" : type_names[row->type];
    buffer_append_format(w->out, "# TYPE %s%s %s\n", row->name, suffix, type);
    if (open && unit_names[row->unit])
        buffer_append_format(w->out, "# UNIT %s %s\n", row->name, unit_names[row->unit]);
    buffer_append_format(w->out, "# HELP %s%s %s\n", row->name, suffix, row->help);
}

static bool many_stages(const struct metric_row *row)
{
    return (row->stages & (row->stages - 1)) != 0;
}

/* Name, braces and labels of a sample; further labels may follow before close_labels(). */
static void open_labels(struct writer *w, const struct metric_row *row, const char *suffix,
                        unsigned stage)
{
    buffer_append_format(w->out, "%s%s{lane=\"", row->name, suffix);
    write_escaped(w->out, w->lane->name);
    buffer_append_char(w->out, '"');
    if (many_stages(row))
        write_label(w, "stage", message_stage_name(stage));
}

static void write_value(struct writer *w, enum metric_unit unit, uint64_t value)
{
    buffer_append_string(w->out, "} ");
    if (unit == UNIT_SECONDS)
        buffer_append_format(w->out, "%" PRIu64 ".%06" PRIu64 "\n", value / 1000000,
                             value % 1000000);
    else
        buffer_append_format(w->out, "%" PRIu64 "\n", value);
}

/* In both forms 1.0 and not 1: readers of OpenMetrics compare the text. */
static void write_bound(struct writer *w, int64_t microseconds)
{
    char text[32];
    int size = snprintf(text, sizeof text, "%" PRId64 ".%06" PRId64, microseconds / 1000000,
                        microseconds % 1000000);
    while (text[size - 1] == '0' && text[size - 2] != '.')
        text[--size] = '\0';
    write_label(w, "le", text);
}

static void write_histogram(struct writer *w, const struct metric_row *row, unsigned stage,
                            const _Atomic uint64_t *slots)
{
    uint64_t count = 0;
    for (size_t i = 0; i <= METRIC_BOUNDS; i++) {
        count += slots[i];
        open_labels(w, row, "_bucket", stage);
        if (i < METRIC_BOUNDS)
            write_bound(w, metric_bounds[i]);
        else
            write_label(w, "le", "+Inf");
        write_value(w, UNIT_NONE, count);
    }
    open_labels(w, row, "_count", stage);
    write_value(w, UNIT_NONE, count);
    open_labels(w, row, "_sum", stage);
    write_value(w, UNIT_SECONDS, slots[METRIC_BOUNDS + 1]);
}

static void write_sources(struct writer *w, enum metric metric, unsigned stage,
                          const struct metrics_page *page)
{
    const struct metric_row *row = &metric_rows[metric];
    const size_t count = sizeof page->sources / sizeof *page->sources;
    for (size_t i = 0; i < count; i++) {
        const struct metrics_source *s = &page->sources[i];
        uint64_t value = s->values[metric_source_slot(metric)];
        if (!value) /* before anything was counted there is no series: sources come from outside */
            continue;
        open_labels(w, row, suffix_of(row), stage);
        write_label(w, "source", i + 1 == count ? "other" : i + 2 == count ? "none" : s->name);
        write_value(w, row->unit, value);
    }
}

static void write_info(struct writer *w, const struct metric_row *row, unsigned stage,
                       const char *version)
{
    open_labels(w, row, suffix_of(row), stage);
    write_label(w, "version", version);
    write_value(w, UNIT_NONE, 1);
}

static void write_plain(struct writer *w, const struct metric_row *row, unsigned stage,
                        const _Atomic uint64_t *slots)
{
    for (unsigned i = 0; i < metric_label_count(row->label); i++) {
        const char *value = metric_label_value(row->label, i);
        if ((row->label != LABEL_NONE && !value) || (row->type == METRIC_TIMESTAMP && !slots[i]))
            continue;
        open_labels(w, row, suffix_of(row), stage);
        if (value)
            write_label(w, metric_label_name(row->label), value);
        write_value(w, row->unit, slots[i]);
    }
}

static void write_row(struct writer *w, enum metric metric)
{
    const struct metric_row *row = &metric_rows[metric];
    write_head(w, row);
    for (unsigned i = 0; i < METRIC_STAGES; i++) {
        const struct metrics_page *page = &w->lane->pages[i];
        unsigned stage = STAGE_INGEST + i;
        if (!(row->stages & 1U << stage) ||
            (!page->magic && metric != METRIC_UP && metric != METRIC_READY))
            continue;
        if (row->type == METRIC_INFO)
            write_info(w, row, stage, page->version);
        else if (row->type == METRIC_HISTOGRAM)
            write_histogram(w, row, stage, page->slots[metric]);
        else if (row->label == LABEL_SOURCE)
            write_sources(w, metric, stage, page);
        else
            write_plain(w, row, stage, page->slots[metric]);
    }
}

void metrics_write(const struct metrics_lane *lane, enum metrics_form form, struct buffer *out)
{
    struct writer w = {lane, form, out};
    for (enum metric m = 0; m < METRIC_END; m++)
        write_row(&w, m);
    if (form == METRICS_OPENMETRICS)
        buffer_append_string(out, "# EOF\n");
}
