/* A listening stream socket, where a setting says. */
#include "libcommon/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { BACKLOG = 64, PORT_MAX = 65535 };

union address {
    struct sockaddr any;
    struct sockaddr_un un;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

static int read_port(const char *text, in_port_t *ret)
{
    char *end;
    if (*text < '0' || *text > '9')
        return -EINVAL;
    unsigned long port = strtoul(text, &end, 10);
    if (*end || !port || port > PORT_MAX)
        return -EINVAL;
    *ret = htons((in_port_t)port);
    return 0;
}

/* The size of the address; -EINVAL. */
static int read_address(const char *where, union address *ret)
{
    char host[INET6_ADDRSTRLEN];
    bool bracket = where[0] == '[';
    const char *colon = bracket ? strstr(where, "]:") : strchr(where, ':');
    size_t size = colon ? (size_t)(colon - where) - bracket : 0;
    if (!colon || size >= sizeof host)
        return -EINVAL;
    memcpy(host, where + bracket, size);
    host[size] = '\0';
    memset(ret, 0, sizeof *ret);
    if (bracket) {
        ret->in6.sin6_family = AF_INET6;
        bool good = inet_pton(AF_INET6, host, &ret->in6.sin6_addr) == 1 &&
                    read_port(colon + 2, &ret->in6.sin6_port) == 0;
        return good ? (int)sizeof ret->in6 : -EINVAL;
    }
    ret->in.sin_family = AF_INET;
    bool good = inet_pton(AF_INET, host, &ret->in.sin_addr) == 1 &&
                read_port(colon + 1, &ret->in.sin_port) == 0;
    return good ? (int)sizeof ret->in : -EINVAL;
}

const char *listener_check(const char *where)
{
    union address a;
    return strcmp(where, "unix") == 0 || read_address(where, &a) > 0
               ? NULL
               : "\"unix\", or ADDRESS:PORT with an address of numbers, as 127.0.0.1:9750";
}

static int unix_address(const char *run_dir, const char *name, char path[LISTENER_PATH_SIZE],
                        union address *ret)
{
    int size = snprintf(path, LISTENER_PATH_SIZE, "%s/%s.sock", run_dir, name);
    if (size < 0 || size >= LISTENER_PATH_SIZE)
        return -ENAMETOOLONG;
    *ret = (union address){.un.sun_family = AF_UNIX};
    memcpy(ret->un.sun_path, path, (size_t)size + 1);
    return sizeof ret->un;
}

int listener_open(const char *where, const char *run_dir, const char *name,
                  char path[LISTENER_PATH_SIZE], int *ret_fd)
{
    union address a;
    const int yes = 1;
    path[0] = '\0';
    int size = strcmp(where, "unix") == 0 ? unix_address(run_dir, name, path, &a)
                                          : read_address(where, &a);
    if (size < 0)
        return size;
    int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (path[0])
        unlink(path);
    else
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, &a.any, (socklen_t)size) < 0 || (path[0] && chmod(path, 0660) < 0) ||
        listen(fd, BACKLOG) < 0) {
        int e = -errno;
        close(fd);
        return e;
    }
    *ret_fd = fd;
    return 0;
}

static int take_handed(int fd, int *ret_fd)
{
    int r = sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1);
    if (r <= 0)
        return r < 0 ? r : -EPROTOTYPE;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    *ret_fd = fd;
    return 0;
}

int listener_handed(const char *name, int *ret_fd)
{
    char **names = NULL;
    int count = sd_listen_fds_with_names(0, &names), r = 1;
    if (count <= 0)
        return count < 0 ? count : 1;
    for (int i = 0; i < count; i++) {
        if (r == 1 && strcmp(names[i], name) == 0)
            r = take_handed(SD_LISTEN_FDS_START + i, ret_fd);
        free(names[i]);
    }
    free(names);
    return r;
}
