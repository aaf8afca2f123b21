/* khabar keygen: a pair of CURVE keys, for a lane that listens on tcp or for a feeder. */
#include "khabar/command.h"
#include "libcommon/curve_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

static const struct command_option options[] = {{0}};

/* Writes a new file; one that is there is left alone. 0; complains and returns -errno. */
static int write_file(const char *path, mode_t mode, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    size_t size = strlen(text);
    int e = fd < 0 ? -errno : 0;
    if (!e && (write(fd, text, size) != (ssize_t)size || fsync(fd) < 0))
        e = errno ? -errno : -EIO;
    if (fd >= 0 && close(fd) < 0 && !e)
        e = -errno;
    if (e < 0) {
        command_complain("%s: %s", path, strerror(-e));
        if (fd >= 0)
            unlink(path);
    }
    return e;
}

static int run(const struct invocation *invocation)
{
    char public_key[CURVE_KEY_SIZE], secret_key[CURVE_KEY_SIZE], path[PATH_MAX],
        line[CURVE_KEY_SIZE + 1];
    if (invocation->argument_count != 1) {
        command_complain("keygen: one FILE is needed");
        return COMMAND_USAGE;
    }
    const char *file = invocation->arguments[0];
    if (snprintf(path, sizeof path, "%s.pub", file) >= (int)sizeof path) {
        command_complain("%s: %s", file, strerror(ENAMETOOLONG));
        return COMMAND_FAULT;
    }
    if (zmq_curve_keypair(public_key, secret_key) < 0) {
        command_complain("no keys: %s", zmq_strerror(zmq_errno()));
        return COMMAND_FAULT;
    }
    snprintf(line, sizeof line, "%s\n", secret_key);
    int e = write_file(file, 0600, line);
    if (!e) {
        snprintf(line, sizeof line, "%s\n", public_key);
        e = write_file(path, 0644, line);
        if (e)
            unlink(file);
    }
    explicit_bzero(secret_key, sizeof secret_key);
    explicit_bzero(line, sizeof line);
    if (!e)
        printf("%s\n", public_key);
    return e ? COMMAND_FAULT : COMMAND_DONE;
}

const struct command command_keygen = {
    "keygen", "FILE",
    "Makes a pair of CURVE keys: FILE has the secret one, FILE.pub and the output the public one.",
    options, run};
