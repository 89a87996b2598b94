// SPDX-License-Identifier: Apache-2.0
#include "base/confine_landlock.h"

#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* From linux/landlock.h, whose older editions lack the later rights and fields. */
#define FS_EXECUTE (1ULL << 0)
#define FS_WRITE_FILE (1ULL << 1)
#define FS_READ_FILE (1ULL << 2)
#define FS_READ_DIR (1ULL << 3)
#define FS_REMOVE_DIR (1ULL << 4)
#define FS_REMOVE_FILE (1ULL << 5)
#define FS_MAKE_DIR (1ULL << 7)
#define FS_MAKE_REG (1ULL << 8)
#define FS_REFER (1ULL << 13)
#define FS_TRUNCATE (1ULL << 14)
#define NET_BIND_TCP (1ULL << 0)
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)
#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH 1

#define RIGHTS_OF_A_FILE (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)

struct ruleset_attributes {
    uint64_t files, network, scoped;
};

struct path_beneath {
    uint64_t allowed;
    int32_t dir;
} __attribute__((packed));

int landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    return version < 0 ? 0 : (int)version;
}

/* The rights to files that each version knows: 13, then refer, truncate, (network), ioctl. */
static uint64_t known_rights(int version)
{
    unsigned bits = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    return (1ULL << bits) - 1;
}

static uint64_t rights_of(enum landlock_access kind)
{
    uint64_t reading = FS_READ_FILE | FS_READ_DIR;
    if (kind == LANDLOCK_READ) {
        return reading;
    }
    return reading | FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR |
           FS_MAKE_REG | FS_REFER;
}

static bool add_rule(int ruleset, const struct landlock_rule *rule, uint64_t known,
                     struct error *err)
{
    struct stat status;
    if (fstat(rule->dir, &status) != 0) {
        return error_errno(err, "cannot look at the directory to be kept");
    }
    uint64_t allowed = rights_of(rule->kind) & known;
    if (!S_ISDIR(status.st_mode)) {
        allowed &= RIGHTS_OF_A_FILE;
    }
    struct path_beneath beneath = {.allowed = allowed, .dir = rule->dir};
    if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &beneath, 0) != 0) {
        return error_errno(err, "cannot keep a directory for Landlock");
    }
    return true;
}

static int make_ruleset(int version, bool connect, uint64_t known)
{
    struct ruleset_attributes attributes = {.files = known};
    size_t size = sizeof attributes.files;
    if (version >= 4) {
        attributes.network = connect ? NET_BIND_TCP : NET_BIND_TCP | NET_CONNECT_TCP;
        size += sizeof attributes.network;
    }
    if (version >= 6) {
        attributes.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
        size += sizeof attributes.scoped;
    }
    return (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
}

bool landlock_restrict(const struct landlock_rule *rules, size_t count, bool connect,
                       struct error *err)
{
    int version = landlock_version();
    if (version == 0) {
        return true;
    }
    uint64_t known = known_rights(version);
    AUTO_FD int ruleset = make_ruleset(version, connect, known);
    if (ruleset < 0) {
        /* Some kernels report a version that they then refuse; the filter of calls still holds. */
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (!add_rule(ruleset, &rules[i], known, err)) {
            return false;
        }
    }
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
        return error_errno(err, "cannot apply Landlock");
    }
    return true;
}
