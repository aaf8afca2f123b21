/* Settings read again while a daemon runs: what can change does, what can't is named. */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/message.h"
#include "libcommon/settings.h"

/* Whether a daemon reads the setting of that path. */
bool settings_concern(enum message_stage stage, const char *path);

/* Copies the values of rows that are live from fresh to in_force where they differ. Appends the
 * paths of what concerns the stage, parted by spaces: to changed what is in force now, to waiting
 * what will be at the next start. */
void settings_replace(struct settings *in_force, const struct settings *fresh,
                      enum message_stage stage, struct buffer *changed, struct buffer *waiting);
