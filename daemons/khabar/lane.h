/* The lane that a command line names: its settings, endpoints, processes. */
#pragma once

#include "libcommon/settings.h"

#include <limits.h>

enum { LANE_DAEMONS = 4, LANE_PATH_SIZE = 1200 };

/* In the order of a document's way. */
extern const char *const lane_daemons[LANE_DAEMONS];

/* dir and config as given, NULL where not; when neither is, KHABAR_DIR stands in for dir. 0; else it has complained:
 * -EINVAL. Free with settings_free() if it is 0. */
int lane_read(const char **dir, const char *config, struct settings *ret);

/* The endpoint that takes documents; -ENAMETOOLONG: complained of. */
enum { LANE_ENDPOINT_SIZE = 256 };
int lane_feed_endpoint(const struct settings *s, char out[LANE_ENDPOINT_SIZE]);

/* <run_dir>/<daemon>.<suffix> */
void lane_run_path(const struct settings *s, const char *daemon, const char *suffix,
                   char out[LANE_PATH_SIZE]);

/* The process of a daemon by its pid file; 0: it does not run. */
int lane_daemon_pid(const struct settings *s, const char *daemon);

/* The program of a daemon, beside this one, where it was installed or in the build folder; -ENOENT: it is not there, out
 * says where it was looked for last. */
int lane_find_daemon(const char *daemon, char out[PATH_MAX]);
