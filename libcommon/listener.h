/* A listening stream socket, where a setting says: "unix" (NAME.sock in the run folder,
 * for whoever reaches the folder), "ADDRESS:PORT" or "[ADDRESS]:PORT", the address as numbers. */
#pragma once

#include <sys/un.h>

enum { LISTENER_PATH_SIZE = sizeof((struct sockaddr_un *)0)->sun_path };

/* NULL, or what is allowed; for tables of settings. */
const char *listener_check(const char *where);

/* Opens and binds *ret_fd, which is not blocking. path: of the socket, to be removed when it is
 * closed, "" for an address. A socket that lies there is taken for a dead predecessor's: hold the
 * lane's lock. -EINVAL; -ENAMETOOLONG; other -errno. */
int listener_open(const char *where, const char *run_dir, const char *name,
                  char path[LISTENER_PATH_SIZE], int *ret_fd);

/* The listening stream socket that the service manager hands over under a name (sd_listen_fds(3),
 * FileDescriptorName=). 0 and *ret_fd, which is not blocking and is the caller's; 1: there is none;
 * -errno. */
int listener_handed(const char *name, int *ret_fd);
