/* Gives up, for good, what a process that reads untrusted input does not need.
 *
 * Each function sets no_new_privs, forbids dumping, applies Landlock where the kernel has it, and
 * then a seccomp allow-list (mandatory: without it the call fails). A forbidden call answers EPERM,
 * clone3 and the new mount calls ENOSYS; foreign ABIs (32-bit, x32) kill the process. */
#pragma once

#include "base/buffer.h"
#include "base/error.h"

/* For a parser: what is open stays usable (read, pread, write, sendmsg/recvmsg, fstat, close, ...),
 * memory can be had; no file can be opened, no socket made, no program run. */
CHECKED bool confine_parser(struct error *err);

/* For the unpacker: as the parser, and files can be made beneath the directory DIR alone. */
CHECKED bool confine_unpacker(int dir, struct error *err);

/* For the fetcher: sockets, and reading what the resolver and TLS need below /etc, /usr and /lib
 * (and /run for the resolver's files); no writing anywhere, no program run. */
CHECKED bool confine_fetcher(struct error *err);

/* The seccomp program (an array of struct sock_filter) for a build in the sandbox, as bubblewrap's
 * --seccomp wants it: the calls that Go's tools of all versions and a C compiler make; no sockets
 * but AF_UNIX pairs, no mounts, no namespaces, no ptrace, keys, bpf or io_uring, and no terminal
 * input (TIOCSTI, TIOCLINUX). */
CHECKED bool confine_build_program(struct buffer *ret, struct error *err);
