/* What a lane counts, as text: OpenMetrics 1.0, or the older form of Prometheus (0.0.4). */
#pragma once

#include "libcommon/metrics.h"

enum metrics_form { METRICS_OPENMETRICS, METRICS_PROMETHEUS };

struct metrics_lane {
    const char *name;
    /* In the order of the stages. A page whose magic is 0 is of a daemon that nothing is known of;
     * METRIC_UP is told all the same. */
    struct metrics_page pages[METRIC_STAGES];
};

const char *metrics_content_type(enum metrics_form form);

/* Appends the whole text; a failure is remembered in out. */
void metrics_write(const struct metrics_lane *lane, enum metrics_form form, struct buffer *out);
