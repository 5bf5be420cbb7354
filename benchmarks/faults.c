/*
 * Fails the nth call that writes, once armed. Loaded with LD_PRELOAD into the process under test;
 * a call counts when it changes a file: write, pwrite, ftruncate, fsync, fdatasync, rename, open
 * with O_CREAT.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

static long calls = 0, failing_call = -1;
static int failure = 0;

void faults_arm(long nth, int error) { calls = 0; failing_call = nth; failure = error; }
long faults_calls(void) { return calls; }

static int fails(int fd) {
    if (failing_call < 0 || (fd >= 0 && fd <= 2)) return 0;
    if (++calls != failing_call) return 0;
    errno = failure;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *b, size_t n) { return fails(fd) ? -1 : REAL(write)(fd, b, n); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { return fails(fd) ? -1 : REAL(pwrite)(fd, b, n, o); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { return fails(fd) ? -1 : REAL(pwrite64)(fd, b, n, o); }
int ftruncate(int fd, off_t n) { return fails(fd) ? -1 : REAL(ftruncate)(fd, n); }
int ftruncate64(int fd, off64_t n) { return fails(fd) ? -1 : REAL(ftruncate64)(fd, n); }
int fsync(int fd) { return fails(fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails(fd) ? -1 : REAL(fdatasync)(fd); }
int rename(const char *a, const char *b) { return fails(-1) ? -1 : REAL(rename)(a, b); }

static mode_t mode_of(int flags, va_list arguments) { return flags & O_CREAT ? va_arg(arguments, mode_t) : 0; }

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    if ((flags & O_CREAT) && fails(-1)) return -1;
    return REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    if ((flags & O_CREAT) && fails(-1)) return -1;
    return REAL(open64)(path, flags, mode);
}
