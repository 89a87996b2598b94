/* A seccomp filter made from a list of rules: an assembler small enough to be read whole.
 *
 * The rules of one call are tried in order; the first that fits decides, and a call that none fits
 * answers EPERM. Foreign ABIs (another architecture's numbers, x32) kill the process. Arguments are
 * compared in their low 32 bits only, as the kernel itself looks at ioctl requests, open flags and
 * clone flags (CVE-2019-10063). Kernel: Documentation/userspace-api/seccomp_filter.rst. */
#pragma once

#include <linux/filter.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

enum seccomp_action { SECCOMP_ALLOWED, SECCOMP_ENOSYS, SECCOMP_EPERM };

/* Fits the call number CALL if (argument & mask) == value; a rule with mask 0 fits every call. */
struct seccomp_rule {
    int call;
    enum seccomp_action action;
    unsigned argument; /* 0 to 5 */
    uint32_t mask, value;
};

struct seccomp_rules {
    const struct seccomp_rule *rules;
    size_t count;
};

/* The rule that allows a call whatever its arguments, and one that looks at argument number N. */
#define SECCOMP_CALL(name)                                                                         \
    {                                                                                              \
        .call = __NR_##name, .action = SECCOMP_ALLOWED                                             \
    }
#define SECCOMP_CALL_IF(name, n, bits, wanted)                                                     \
    {                                                                                              \
        .call = __NR_##name, .action = SECCOMP_ALLOWED, .argument = (n), .mask = (bits),           \
        .value = (wanted)                                                                          \
    }
#define SECCOMP_CALL_MISSING(name)                                                                 \
    {                                                                                              \
        .call = __NR_##name, .action = SECCOMP_ENOSYS                                              \
    }

/* Appends the program (an array of struct sock_filter) for the rules of COUNT lists, one list after
 * the other. ERROR_INTERNAL if it is longer than the kernel takes, ERROR_UNSUPPORTED on a CPU that
 * this module does not know. */
CHECKED bool seccomp_assemble(const struct seccomp_rules *lists, size_t count, struct buffer *ret,
                              struct error *err);

/* Applies PROGRAM, as seccomp_assemble made it, to the calling thread and what it starts, for good;
 * no_new_privs must be set. */
CHECKED bool seccomp_apply(const struct buffer *program, struct error *err);
