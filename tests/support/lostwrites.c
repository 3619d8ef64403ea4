/* Loaded before libc (LD_PRELOAD) into a server: everything that it writes below LOST_ROOT goes
 * into the log LOST_LOG too, in order, with its syncs, so that a test can rebuild the disk as a
 * power cut would have left it. As long as the file LOST_FULL exists, the disk is full: no file
 * below LOST_ROOT grows; what is within its length may be written. (Except "-shm": SQLite cuts it
 * off before it makes it as long again, which on a disk takes no more than that gave.)
 *
 * The log: records of { uint32 kind, uint32 path length, int64 offset, int64 length }, then the
 * path, then the data (kind 'W' only). Kinds: 'W'rite, 'T'runcate to length, 'S'ync, 'U'nlink.
 * Syncs are not handed on to the disk: what they promise is the log's business here. They take
 * LOST_SYNC_US microseconds, and a power cut may come within. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct record {
    uint32_t kind, path_length;
    int64_t offset, length;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *full;
static size_t root_length;
static useconds_t sync_us;
static int log_fd = -1;

#define REAL(name, type, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static ssize_t real_write(int fd, const void *data, size_t count)
{
    REAL("write", ssize_t, int, const void *, size_t);
    return real(fd, data, count);
}

static ssize_t real_pwrite(int fd, const void *data, size_t count, off_t offset)
{
    REAL("pwrite64", ssize_t, int, const void *, size_t, off_t);
    return real(fd, data, count, offset);
}

__attribute__((constructor)) static void begin(void)
{
    root = getenv("LOST_ROOT");
    full = getenv("LOST_FULL");
    root_length = root ? strlen(root) : 0;
    if (getenv("LOST_SYNC_US")) sync_us = (useconds_t)atoi(getenv("LOST_SYNC_US"));
}

/* Opened late: the process that forks the servers has no log of its own. */
static void note(uint32_t kind, const char *path, int64_t offset, int64_t length,
                 const void *data)
{
    const char *name = getenv("LOST_LOG");
    if (log_fd < 0 && name)
        log_fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) return;
    struct record record = {kind, (uint32_t)strlen(path), offset, length};
    struct iovec parts[3] = {
        {&record, sizeof record},
        {(void *)path, record.path_length},
        {(void *)data, data ? (size_t)length : 0},
    };
    ssize_t wanted = 0;
    for (int i = 0; i < 3; i++) wanted += (ssize_t)parts[i].iov_len;
    if (writev(log_fd, parts, 3) != wanted) abort();
}

/* The path of a regular file below LOST_ROOT that fd is open on; 0 for any other. */
static int watched(int fd, char *path)
{
    char link[64];
    struct stat status;
    if (!root || fd == log_fd) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strncmp(path, root, root_length) == 0 && fstat(fd, &status) == 0
        && S_ISREG(status.st_mode);
}

/* How much of a write fits: all of it unless the disk is full and the file would grow. */
static size_t room(int fd, const char *path, off_t offset, size_t count)
{
    struct stat status;
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, "-shm") == 0) return count;
    if (!full || access(full, F_OK) != 0 || fstat(fd, &status) != 0) return count;
    if (offset + (off_t)count <= status.st_size) return count;
    return offset < status.st_size ? (size_t)(status.st_size - offset) : 0;
}

static ssize_t write_at(int fd, const void *data, size_t count, off_t offset, int positioned)
{
    char path[PATH_MAX];
    if (!watched(fd, path))
        return positioned ? real_pwrite(fd, data, count, offset) : real_write(fd, data, count);
    pthread_mutex_lock(&lock);
    if (!positioned) {
        int flags = fcntl(fd, F_GETFL);
        struct stat status;
        offset = lseek(fd, 0, SEEK_CUR);
        if ((flags & O_APPEND) && fstat(fd, &status) == 0) offset = status.st_size;
    }
    size_t fits = room(fd, path, offset, count);
    ssize_t done = -1;
    int error = ENOSPC;
    if (fits > 0 || count == 0) {
        done = positioned ? real_pwrite(fd, data, fits, offset) : real_write(fd, data, fits);
        error = errno;
        if (done > 0) note('W', path, offset, done, data);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

ssize_t write(int fd, const void *data, size_t count)
{
    return write_at(fd, data, count, 0, 0);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t offset)
{
    return write_at(fd, data, count, offset, 1);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t offset)
{
    return write_at(fd, data, count, offset, 1);
}

static int truncate_at(int fd, off_t length)
{
    REAL("ftruncate64", int, int, off_t);
    char path[PATH_MAX];
    if (!watched(fd, path)) return real(fd, length);
    pthread_mutex_lock(&lock);
    int done = real(fd, length);
    int error = errno;
    if (done == 0) note('T', path, 0, length, NULL);
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

int ftruncate(int fd, off_t length) { return truncate_at(fd, length); }
int ftruncate64(int fd, off64_t length) { return truncate_at(fd, length); }

static int sync_of(int fd, const char *name)
{
    char path[PATH_MAX];
    if (!watched(fd, path)) {
        int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
        return real(fd);
    }
    pthread_mutex_lock(&lock);
    usleep(sync_us);
    note('S', path, 0, 0, NULL);
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd) { return sync_of(fd, "fsync"); }
int fdatasync(int fd) { return sync_of(fd, "fdatasync"); }

int unlink(const char *path)
{
    REAL("unlink", int, const char *);
    if (!root || strncmp(path, root, root_length) != 0) return real(path);
    pthread_mutex_lock(&lock);
    int done = real(path);
    int error = errno;
    if (done == 0) note('U', path, 0, 0, NULL);
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}
