// SPDX-License-Identifier: Apache-2.0
#include "base/confine_calls.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <linux/sockios.h>

/* Flags that open a file for more than reading. */
#define OPEN_TO_WRITE (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)
#define THREAD (CLONE_VM | CLONE_THREAD | CLONE_SIGHAND)
#define ALL_BITS 0xffffffff

static const struct seccomp_rule fetcher[] = {
    SECCOMP_CALL_IF(socket, 0, ALL_BITS, AF_INET),
    SECCOMP_CALL_IF(socket, 0, ALL_BITS, AF_INET6),
    SECCOMP_CALL_IF(socket, 0, ALL_BITS, AF_UNIX),    /* the resolver's services */
    SECCOMP_CALL_IF(socket, 0, ALL_BITS, AF_NETLINK), /* getaddrinfo looks at the interfaces */
    SECCOMP_CALL_IF(socketpair, 0, ALL_BITS, AF_UNIX),
    SECCOMP_CALL(connect),
    SECCOMP_CALL(bind),
    SECCOMP_CALL(getsockname),
    SECCOMP_CALL(getpeername),
    SECCOMP_CALL(getsockopt),
    SECCOMP_CALL(setsockopt),
    SECCOMP_CALL(sendmmsg),
    SECCOMP_CALL(recvmmsg),
    SECCOMP_CALL(epoll_create1),
    SECCOMP_CALL(epoll_ctl),
    SECCOMP_CALL(epoll_pwait),
    SECCOMP_CALL(pselect6),
    SECCOMP_CALL(eventfd2),
    SECCOMP_CALL(pipe2),
    SECCOMP_CALL_IF(openat, 2, OPEN_TO_WRITE, O_RDONLY),
    SECCOMP_CALL(newfstatat),
    SECCOMP_CALL(statx),
    SECCOMP_CALL(statfs),
    SECCOMP_CALL(fstatfs),
    SECCOMP_CALL(faccessat),
    SECCOMP_CALL(faccessat2),
    SECCOMP_CALL(readlinkat),
    SECCOMP_CALL(getdents64),
    SECCOMP_CALL(getcwd),
    SECCOMP_CALL(fcntl),
    SECCOMP_CALL(ftruncate),
    SECCOMP_CALL(fallocate),
    SECCOMP_CALL(pwrite64),
    SECCOMP_CALL(fsync),
    SECCOMP_CALL(fdatasync),
    SECCOMP_CALL_IF(ioctl, 1, ALL_BITS, FIONREAD),
    SECCOMP_CALL_IF(ioctl, 1, ALL_BITS, FIONBIO),
    SECCOMP_CALL_IF(ioctl, 1, ALL_BITS, SIOCGIFINDEX),
    SECCOMP_CALL_IF(ioctl, 1, ALL_BITS, SIOCGIFNAME),
    SECCOMP_CALL_IF(clone, 0, THREAD, THREAD),
    SECCOMP_CALL(set_robust_list),
    SECCOMP_CALL(rseq),
    SECCOMP_CALL(sched_getaffinity),
    /* Name services and OpenSSL's providers are loaded when they are first needed. */
    SECCOMP_CALL(mmap),
    SECCOMP_CALL(mprotect),
    SECCOMP_CALL(nanosleep),
    SECCOMP_CALL(clock_getres),
    SECCOMP_CALL(uname),
    SECCOMP_CALL(getuid),
    SECCOMP_CALL(geteuid),
    SECCOMP_CALL(getgid),
    SECCOMP_CALL(getegid),
    SECCOMP_CALL(prlimit64),
    SECCOMP_CALL_IF(prctl, 0, ALL_BITS, PR_SET_NAME),
#ifdef __NR_open
    SECCOMP_CALL_IF(open, 1, OPEN_TO_WRITE, O_RDONLY),
    SECCOMP_CALL(stat),
    SECCOMP_CALL(lstat),
    SECCOMP_CALL(access),
    SECCOMP_CALL(readlink),
    SECCOMP_CALL(select),
    SECCOMP_CALL(epoll_wait),
    SECCOMP_CALL(epoll_create),
    SECCOMP_CALL(pipe),
    SECCOMP_CALL(time),
#endif
};
const struct seccomp_rules confine_fetcher_calls = {.rules = fetcher, .count = ARRAY_LEN(fetcher)};
