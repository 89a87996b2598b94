// SPDX-License-Identifier: Apache-2.0
#include "signer/key_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/scanner.h"
#include "signer/ssh_agent.h"

static bool from_environment(const char *name, struct secret **ret, struct error *err)
{
    const char *value = getenv(name);
    if (value == NULL || value[0] == '\0') {
        return error_set(err, ERROR_ABSENT, "the environment variable %s is not set", name);
    }
    if (strlen(value) > LIMIT_KEY_FILE) {
        return error_set(err, ERROR_LIMIT, "longer than %llu bytes", LIMIT_KEY_FILE);
    }
    *ret = secret_copy(bytes_from_string(value));
    return true;
}

static bool from_descriptor(const char *number, struct secret **ret, struct error *err)
{
    uint64_t fd;
    if (!scan_number(bytes_from_string(number), 1 << 20, &fd)) {
        return error_set(err, ERROR_USAGE, "\"%s\" is no descriptor's number", number);
    }
    return secret_read((int)fd, LIMIT_KEY_FILE, ret, err);
}

/* A secret in a file that others can read, or that others put there, is none. */
static bool check_owner(const struct stat *info, struct error *err)
{
    if (info->st_uid != geteuid()) {
        error_set(err, ERROR_USAGE, "the key file belongs to user %u", (unsigned)info->st_uid);
        return error_cure(err, "use a copy of your own, mode 0600");
    }
    if ((info->st_mode & 077) != 0) {
        error_set(err, ERROR_USAGE, "others may read or write the key file (mode %04o)",
                  (unsigned)(info->st_mode & 07777));
        return error_cure(err, "chmod 600 FILE; if others could read it, make a new key");
    }
    return true;
}

static bool open_file(const char *path, int *ret, struct error *err)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    struct stat info;
    if (fd < 0 && errno == ELOOP) {
        error_set(err, ERROR_USAGE, "a symbolic link, which somebody may point elsewhere");
        return error_cure(err, "name the key file itself, or give it as fd:N");
    }
    if (fd < 0 || fstat(fd, &info) != 0) {
        return error_errno(err, "cannot open the key file");
    }
    if (!S_ISREG(info.st_mode)) {
        return error_set(err, ERROR_USAGE, "not a regular file");
    }
    *ret = fd_steal(&fd);
    return true;
}

/* The text of the key file, and whether its owner and mode are those of a secret. */
static bool from_file(const char *path, struct secret **ret, struct error *err)
{
    AUTO_FD int fd = -1;
    AUTO(secret) struct secret *text = NULL;
    struct stat info;
    if (!open_file(path, &fd, err) || !secret_read(fd, LIMIT_KEY_FILE, &text, err)) {
        return false;
    }
    if (fstat(fd, &info) != 0) {
        return error_errno(err, "cannot examine the key file");
    }
    if (!is_public_key(secret_view(text)) && !check_owner(&info, err)) {
        return false;
    }
    *ret = STEAL(text);
    return true;
}

static bool read_place(const char *place, struct secret **ret, struct error *err)
{
    bool ok;
    if (strncmp(place, "env:", 4) == 0) {
        ok = from_environment(place + 4, ret, err);
    } else if (strncmp(place, "fd:", 3) == 0) {
        ok = from_descriptor(place + 3, ret, err);
    } else {
        ok = from_file(place, ret, err);
    }
    return ok || error_prefix(err, "%s", place);
}

static bool load_from_agent(struct bytes text, struct signing_key **ret, struct error *err)
{
    struct arena arena = {0};
    struct public_key public;
    AUTO_FD int agent = -1;
    bool ok = public_key_read(text, &arena, &public, err) &&
              ssh_agent_open(getenv("SSH_AUTH_SOCK"), &agent, err) &&
              ssh_agent_find(agent, &public.point, err);
    if (ok) {
        public.comment = "";
        *ret = signing_key_in_agent(fd_steal(&agent), &public);
    }
    arena_free(&arena);
    return ok;
}

bool signing_key_load(const char *place, const struct passphrase_source *passphrase,
                      struct signing_key **ret, struct error *err)
{
    AUTO(secret) struct secret *text = NULL;
    struct unlock unlock = {place, passphrase};
    if (!read_place(place, &text, err)) {
        return false;
    }
    bool ok = is_public_key(secret_view(text))
                  ? load_from_agent(secret_view(text), ret, err)
                  : secret_key_read(secret_view(text), &unlock, ret, err);
    return ok || error_prefix(err, "%s", place);
}

bool public_key_load(const char *place, const struct passphrase_source *passphrase,
                     struct arena *arena, struct public_key *ret, struct error *err)
{
    AUTO(secret) struct secret *text = NULL;
    AUTO(signing_key) struct signing_key *key = NULL;
    struct unlock unlock = {place, passphrase};
    if (!read_place(place, &text, err)) {
        return false;
    }
    if (is_public_key(secret_view(text))) {
        return public_key_read(secret_view(text), arena, ret, err) ||
               error_prefix(err, "%s", place);
    }
    if (!secret_key_read(secret_view(text), &unlock, &key, err)) {
        return error_prefix(err, "%s", place);
    }
    *ret = *signing_key_public(key);
    return true;
}
