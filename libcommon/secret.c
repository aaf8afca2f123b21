/* Secrets from where only this process reads them. */
#include "libcommon/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int find(const char *where, char path[PATH_MAX], bool *ret_credential,
                char why[SECRET_WHY_SIZE])
{
    static const char scheme[] = "credential:";
    const char *folder = getenv("CREDENTIALS_DIRECTORY"), *name = where + sizeof scheme - 1;
    *ret_credential = strncmp(where, scheme, sizeof scheme - 1) == 0;
    if (!*ret_credential)
        return snprintf(path, PATH_MAX, "%s", where) < PATH_MAX ? 0 : -ENAMETOOLONG;
    if (!*name || *name == '.' || strchr(name, '/')) {
        snprintf(why, SECRET_WHY_SIZE, "%.160s: no name of a credential", where);
        return -EINVAL;
    }
    if (!folder) {
        snprintf(why, SECRET_WHY_SIZE, "%.160s: the service manager handed over no credentials",
                 where);
        return -ENOENT;
    }
    return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* A credential lies in a folder that the service manager guards: its own mode says nothing. */
static int judge(int fd, const char *where, bool credential, char why[SECRET_WHY_SIZE])
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode)) {
        snprintf(why, SECRET_WHY_SIZE, "%.160s: no file", where);
        return -EINVAL;
    }
    if (!credential && st.st_mode & 077) {
        snprintf(why, SECRET_WHY_SIZE, "%.160s: mode %03o lets others in; 600 or 400 is needed",
                 where, (unsigned)st.st_mode & 0777);
        return -EACCES;
    }
    if (!credential && st.st_uid != geteuid() && st.st_uid != 0) {
        snprintf(why, SECRET_WHY_SIZE, "%.160s: belongs to another user", where);
        return -EACCES;
    }
    if (st.st_size > SECRET_MAX) {
        snprintf(why, SECRET_WHY_SIZE, "%.160s: larger than a secret", where);
        return -EFBIG;
    }
    return 0;
}

static int read_all(int fd, struct buffer *out)
{
    char part[4096];
    ssize_t n;
    size_t total = 0;
    while ((n = read(fd, part, sizeof part)) > 0 && total <= SECRET_MAX) {
        buffer_append(out, part, (size_t)n);
        total += (size_t)n;
    }
    explicit_bzero(part, sizeof part);
    return n < 0 ? -errno : total > SECRET_MAX ? -EFBIG : out->failed ? -ENOMEM : 0;
}

int secret_read(const char *where, struct buffer *out, char why[SECRET_WHY_SIZE])
{
    char path[PATH_MAX];
    bool credential;
    why[0] = '\0';
    int e = find(where, path, &credential, why);
    int fd = e ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (!e && fd < 0)
        e = -errno;
    if (!e)
        e = judge(fd, where, credential, why);
    if (!e)
        e = read_all(fd, out);
    if (fd >= 0)
        close(fd);
    if (e < 0 && !why[0])
        snprintf(why, SECRET_WHY_SIZE, "%.160s: %s", where, strerror(-e));
    return e;
}
