// SPDX-License-Identifier: Apache-2.0
#include "attest/policy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/source.h"

bool policy_requires(const struct policy *policy, const char *what)
{
    return names_have(&policy->required, what);
}

const char *parties_operator(const struct parties *parties, const struct trusted_key *key)
{
    for (size_t i = 0; i < parties->trust.count; i++) {
        if (public_key_equal(&parties->trust.keys[i].public.point, &key->public.point)) {
            return parties->operators[i];
        }
    }
    return "";
}

size_t parties_count(const struct parties *parties)
{
    size_t count = 0;
    for (size_t i = 0; i < parties->trust.count; i++) {
        bool first = true;
        for (size_t j = 0; first && j < i; j++) {
            first = strcmp(parties->operators[i], parties->operators[j]) != 0;
        }
        count += first ? 1 : 0;
    }
    return count;
}

bool parties_add(struct parties *parties, const struct trusted_key *key, const char *operator,
                 struct error * err)
{
    const struct trusted_key *earlier = trust_find(&parties->trust, &key->public.point);
    if (earlier != NULL && strcmp(parties_operator(parties, earlier), operator) != 0) {
        error_set(err, ERROR_FORMAT, "%s and %s have the same key",
                  parties_operator(parties, earlier), operator);
        return error_cure(err, "a key counts for one party only: leave one of them out");
    }
    arena_grow(parties->trust.arena, &parties->operators, parties->trust.count, &parties->capacity,
               sizeof(*parties->operators));
    parties->operators[parties->trust.count] = operator;
    return trust_add_key(&parties->trust, key, err);
}

/* Who may write the policy decides what is good; root may write everything anyway. */
static bool check_owner(int fd, struct error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return error_errno(err, "cannot examine it");
    }
    if (info.st_uid != geteuid() && info.st_uid != 0) {
        error_set(err, ERROR_USAGE, "it belongs to user %u, who could change whom you trust",
                  (unsigned)info.st_uid);
        return error_cure(err, "use a copy of your own");
    }
    if ((info.st_mode & 022) != 0) {
        error_set(err, ERROR_USAGE, "others may write it (mode %04o)",
                  (unsigned)(info.st_mode & 07777));
        return error_cure(err, "read it again, then: chmod go-w FILE");
    }
    return true;
}

bool policy_open_file(const char *path, int *ret, struct error *err)
{
    AUTO_FD int fd = -1;
    if (!file_open_input(AT_FDCWD, path, &fd, err) || !check_owner(fd, err)) {
        return false;
    }
    *ret = fd_steal(&fd);
    return true;
}

bool policy_load(const char *path, time_t now, struct arena *arena, struct policy *ret,
                 struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    struct bytes text;
    return (policy_open_file(path, &fd, err) && source_from_fd(fd, &source, err) &&
            source_load(&source, 0, source.size, LIMIT_POLICY_FILE, arena, &text, err) &&
            policy_read(text, path, now, arena, ret, err)) ||
           error_prefix(err, "policy %s", path);
}
