/* Secrets from where only this process reads them: "credential:NAME", one that the service manager
 * hands over (systemd.exec(5), LoadCredential=), or a file that group and others may not touch. */
#pragma once

#include "libcommon/buffer.h"

enum { SECRET_MAX = 1024 * 1024, SECRET_WHY_SIZE = 256 };

/* Appends the secret to out. 0; -EINVAL, -EACCES (its mode), -EFBIG or another -errno: why says in
 * one line what is wrong, without the secret. */
int secret_read(const char *where, struct buffer *out, char why[SECRET_WHY_SIZE]);
