/* A disk that forgets: preloaded into daemons, it notes what each sync promised, and nothing else.
 *
 * Under KHABAR_POWERCUT, files/KEY is what the file KEY held when it was last synced, folders/KEY the names that a folder
 * held, a line each: "KEY NAME". KEY is inode and time of birth, for numbers of inodes are used again. What was never
 * synced is not there. powercut.py makes a disk of it. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_SIZE = 64 };

/* *ret_type: of st_mode. Negative: it can't be told. */
static int key_of(int folder, const char *name, char key[KEY_SIZE], unsigned *ret_type)
{
    struct statx st;
    int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);
    if (statx(folder, name, flags, STATX_INO | STATX_BTIME | STATX_TYPE, &st) < 0)
        return -1;
    snprintf(key, KEY_SIZE, "%llu-%lld-%u", (unsigned long long)st.stx_ino, (long long)st.stx_btime.tv_sec,
             st.stx_btime.tv_nsec);
    *ret_type = st.stx_mode & S_IFMT;
    return 0;
}

static void give_up(const char *what)
{
    fprintf(stderr, "powercut: %s: %s\n", what, strerror(errno));
    abort(); /* a test whose disk forgets too much or too little tells nothing */
}

static void copy_file(int fd, int out)
{
    char part[65536];
    ssize_t n;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int in = open(path, O_RDONLY | O_CLOEXEC); /* fd may be for writing only */
    if (in < 0)
        give_up(path);
    while ((n = read(in, part, sizeof part)) > 0)
        if (write(out, part, (size_t)n) != n)
            give_up("write");
    close(in);
}

static void list_folder(int fd, int out)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    if (!folder)
        give_up("folder");
    for (struct dirent *e; (e = readdir(folder));) {
        char key[KEY_SIZE];
        unsigned type;
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && key_of(fd, e->d_name, key, &type) == 0)
            dprintf(out, "%s %s\n", key, e->d_name);
    }
    closedir(folder);
}

/* What is there now is what the disk has once the caller's sync returns. */
static void remember(int fd)
{
    static __thread unsigned count;
    const char *base = getenv("KHABAR_POWERCUT");
    char key[KEY_SIZE], path[PATH_MAX], unfinished[PATH_MAX];
    unsigned type;
    if (!base || key_of(fd, "", key, &type) < 0 || (type != S_IFREG && type != S_IFDIR))
        return;
    snprintf(path, sizeof path, "%s/%s/%s", base, type == S_IFREG ? "files" : "folders", key);
    snprintf(unfinished, sizeof unfinished, "%s/unfinished-%d-%d-%u", base, (int)getpid(), (int)gettid(), count++);
    int out = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0)
        give_up(unfinished);
    type == S_IFREG ? copy_file(fd, out) : list_folder(fd, out);
    close(out);
    if (rename(unfinished, path) < 0)
        give_up(path);
}

static int call(const char *name, int fd)
{
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int r = next(fd);
    if (r == 0)
        remember(fd);
    return r;
}

int fsync(int fd)
{
    return call("fsync", fd);
}

int fdatasync(int fd)
{
    return call("fdatasync", fd);
}
