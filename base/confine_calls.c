// SPDX-License-Identifier: Apache-2.0
#include "base/confine_calls.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#endif

#define RULES(array)                                                                               \
    {                                                                                              \
        .rules = (array), .count = ARRAY_LEN(array)                                                \
    }

static const struct seccomp_rule common[] = {
    SECCOMP_CALL(read),
    SECCOMP_CALL(readv),
    SECCOMP_CALL(pread64),
    SECCOMP_CALL(preadv),
    SECCOMP_CALL(write),
    SECCOMP_CALL(writev),
    SECCOMP_CALL(sendmsg),
    SECCOMP_CALL(recvmsg),
    SECCOMP_CALL(sendto),
    SECCOMP_CALL(recvfrom),
    SECCOMP_CALL(shutdown),
    SECCOMP_CALL(lseek),
    SECCOMP_CALL(fstat),
    /* fstat of the C library; by a path it tells no more than that a file is there. */
    SECCOMP_CALL_IF(newfstatat, 3, AT_EMPTY_PATH, AT_EMPTY_PATH),
    SECCOMP_CALL_IF(fcntl, 1, 0xffffffff, F_GETFL),
    SECCOMP_CALL_IF(fcntl, 1, 0xffffffff, F_SETFL),
    SECCOMP_CALL_IF(fcntl, 1, 0xffffffff, F_GETFD),
    SECCOMP_CALL_IF(fcntl, 1, 0xffffffff, F_SETFD),
    SECCOMP_CALL_IF(fcntl, 1, 0xffffffff, F_DUPFD_CLOEXEC),
    SECCOMP_CALL(close),
    SECCOMP_CALL(dup),
    SECCOMP_CALL(ppoll),
#ifdef __NR_poll
    SECCOMP_CALL(poll),
#endif
    SECCOMP_CALL(brk),
    SECCOMP_CALL(munmap),
    SECCOMP_CALL(mremap),
    SECCOMP_CALL(madvise),
    SECCOMP_CALL(futex),
    SECCOMP_CALL(sched_yield),
    SECCOMP_CALL(clock_gettime),
    SECCOMP_CALL(clock_nanosleep),
    SECCOMP_CALL(gettimeofday),
    SECCOMP_CALL(getrandom),
    SECCOMP_CALL(getpid),
    SECCOMP_CALL(getppid),
    SECCOMP_CALL(gettid),
    SECCOMP_CALL(sysinfo),
    SECCOMP_CALL(rt_sigaction),
    SECCOMP_CALL(rt_sigprocmask),
    SECCOMP_CALL(rt_sigreturn),
    SECCOMP_CALL(sigaltstack),
    SECCOMP_CALL(restart_syscall),
    SECCOMP_CALL(exit),
    SECCOMP_CALL(exit_group),
};
const struct seccomp_rules confine_common_calls = RULES(common);

static const struct seccomp_rule data_mappings[] = {
    SECCOMP_CALL_IF(mmap, 2, PROT_EXEC, 0),
    SECCOMP_CALL_IF(mprotect, 2, PROT_EXEC, 0),
};
const struct seccomp_rules confine_data_mappings = RULES(data_mappings);

static const struct seccomp_rule unpacker[] = {
    SECCOMP_CALL(openat),     SECCOMP_CALL(openat2),   SECCOMP_CALL(mkdirat),
    SECCOMP_CALL(unlinkat),   SECCOMP_CALL(renameat),  SECCOMP_CALL(renameat2),
    SECCOMP_CALL(newfstatat), SECCOMP_CALL(statx),     SECCOMP_CALL(getdents64),
    SECCOMP_CALL(fchmod),     SECCOMP_CALL(fchmodat),  SECCOMP_CALL(umask),
    SECCOMP_CALL(ftruncate),  SECCOMP_CALL(fallocate), SECCOMP_CALL(pwrite64),
    SECCOMP_CALL(fsync),      SECCOMP_CALL(fdatasync), SECCOMP_CALL(copy_file_range),
    SECCOMP_CALL(sendfile),
#ifdef __NR_open
    SECCOMP_CALL(open),       SECCOMP_CALL(mkdir),     SECCOMP_CALL(unlink),
    SECCOMP_CALL(rmdir),      SECCOMP_CALL(rename),    SECCOMP_CALL(stat),
    SECCOMP_CALL(lstat),
#endif
};
const struct seccomp_rules confine_unpacker_calls = RULES(unpacker);

static const struct seccomp_rule missing[] = {
    SECCOMP_CALL_MISSING(clone3),         SECCOMP_CALL_MISSING(open_tree),
    SECCOMP_CALL_MISSING(move_mount),     SECCOMP_CALL_MISSING(fsopen),
    SECCOMP_CALL_MISSING(fsconfig),       SECCOMP_CALL_MISSING(fsmount),
    SECCOMP_CALL_MISSING(fspick),
#ifdef __NR_mount_setattr
    SECCOMP_CALL_MISSING(mount_setattr),
#endif
#ifdef __NR_open_tree_attr
    SECCOMP_CALL_MISSING(open_tree_attr),
#endif
    SECCOMP_CALL_MISSING(openat2),
};
const struct seccomp_rules confine_missing_calls = RULES(missing);

/* The leak check at exit would attach to its own process from a second one; it is told to stay
 * away by __lsan_is_turned_off in confine.c, which asks whether a filter is on. */
static const struct seccomp_rule sanitizer[] = {
#ifdef ADDRESS_SANITIZER
    SECCOMP_CALL_IF(prctl, 0, 0xffffffff, PR_GET_SECCOMP),
    SECCOMP_CALL_IF(prctl, 0, 0xffffffff, PR_GET_DUMPABLE),
    SECCOMP_CALL(getrlimit),
    SECCOMP_CALL(prlimit64),
    SECCOMP_CALL(sched_getaffinity),
#else
    SECCOMP_CALL(getpid),
#endif
};
const struct seccomp_rules confine_sanitizer_calls = RULES(sanitizer);
