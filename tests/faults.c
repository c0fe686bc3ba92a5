/* Loaded before libc by tests: counts what a process does to files below one folder. At a chosen step it
   kills the process; or from a chosen write on, every step that needs room on the disk fails. Files or
   folders of one name can't be opened at all. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[4096], locked[256];
static long steps, writes, die_at, fail_at;
static int failure;

void faults_arm(const char *below, long die, long fail, int number, const char *name) {
    strncpy(folder, below, sizeof folder - 1);
    strncpy(locked, name, sizeof locked - 1);
    steps = 0, writes = 0, die_at = die, fail_at = fail, failure = number;
}

long faults_steps(void) { return steps; }

long faults_writes(void) { return writes; }

static int ours(const char *path) { return folder[0] && !strncmp(path, folder, strlen(folder)); }

static int ours_fd(int fd) {
    char link[64], path[4096];
    if (!folder[0] || fd < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return ours(path);
}

/* Counts a step; returns 1 if it must fail. */
static int step(int needs_room) {
    long now = __sync_add_and_fetch(&steps, 1);
    if (die_at && now >= die_at) kill(getpid(), SIGKILL);
    if (needs_room && __sync_add_and_fetch(&writes, 1) >= fail_at && fail_at) {
        errno = failure;
        return 1;
    }
    return 0;
}

static int is_locked(const char *path) {
    const char *name = strrchr(path, '/');
    return locked[0] && !strcmp(name ? name + 1 : path, locked);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define ON_FD(type, name, declared, given, room)                     \
    type name declared {                                             \
        if (ours_fd(fd) && step(room)) return -1;                    \
        return REAL(name) given;                                     \
    }
ON_FD(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n), 1)
ON_FD(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o), 1)
ON_FD(ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o), 1)
ON_FD(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n), 1)
ON_FD(int, ftruncate, (int fd, off_t n), (fd, n), 1)
ON_FD(int, ftruncate64, (int fd, off64_t n), (fd, n), 1)
ON_FD(int, fsync, (int fd), (fd), 0)
ON_FD(int, fdatasync, (int fd), (fd), 0)

size_t fwrite(const void *b, size_t size, size_t n, FILE *file) {
    if (folder[0] && ours_fd(fileno(file)) && step(1)) return 0;
    return REAL(fwrite)(b, size, n, file);
}

#define ON_PATH(name, declared, given, path, room)                   \
    int name declared {                                              \
        if (ours(path) && step(room)) return -1;                     \
        return REAL(name) given;                                     \
    }
ON_PATH(rename, (const char *from, const char *to), (from, to), to, 1)
ON_PATH(mkdir, (const char *path, mode_t mode), (path, mode), path, 1)
ON_PATH(unlink, (const char *path), (path), path, 0)

int unlinkat(int at, const char *path, int flags) {
    if (ours_fd(at)) step(0);
    return REAL(unlinkat)(at, path, flags);
}

#define OPENING(name)                                                \
    int name(const char *path, int flags, ...) {                     \
        mode_t mode = 0;                                             \
        if (is_locked(path)) {                                       \
            errno = EACCES;                                          \
            return -1;                                               \
        }                                                            \
        if (flags & O_CREAT) {                                       \
            va_list rest;                                            \
            va_start(rest, flags);                                   \
            mode = va_arg(rest, mode_t);                             \
            va_end(rest);                                            \
            if (ours(path) && step(1)) return -1;                    \
        }                                                            \
        return REAL(name)(path, flags, mode);                        \
    }
OPENING(open)
OPENING(open64)

DIR *opendir(const char *path) {
    if (is_locked(path)) {
        errno = EACCES;
        return NULL;
    }
    return REAL(opendir)(path);
}
