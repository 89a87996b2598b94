// SPDX-License-Identifier: Apache-2.0
#include "cli/trust.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/source.h"
#include "cli/verify.h"

/* Anybody may write it: what counts are its signatures. */
bool trust_load_text(const char *path, struct arena *arena, struct bytes *ret, struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    return file_open_input(AT_FDCWD, path, &fd, err) && source_from_fd(fd, &source, err) &&
           source_load(&source, 0, source.size, LIMIT_TRUST_FILE, arena, ret, err);
}

static bool is_first(const struct trust_file *file, const char *first, struct error *err)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&file->digest, hex);
    if (first != NULL && strcmp(first, hex) == 0) {
        return true;
    }
    error_set(err, ERROR_USAGE, "the trust file of %s is new here, and has the digest %s",
              file->name, hex);
    return error_cure(err,
                      "compare that with what its owners publish another way; if it is the same: "
                      "reproof trust accept FILE --digest %s",
                      hex);
}

bool trust_follow(const char *state, struct bytes text, const char *first, time_t now,
                  struct arena *arena, struct trust_file *ret, struct error *err)
{
    struct trust_file claimed, earlier, file;
    bool found;
    /* The name only says which earlier file decides. */
    if (!trust_file_open(text, arena, &claimed, err) ||
        !trust_file_load(state, claimed.name, arena, &earlier, &found, err) ||
        !trust_file_read(text, found ? &earlier : NULL, now, arena, &file, err) ||
        (!found && !is_first(&file, first, err))) {
        return false;
    }
    if ((!found || file.serial > earlier.serial) && !trust_file_keep(state, &file, text, err)) {
        return false;
    }
    *ret = file;
    return true;
}

static bool add_parties(struct parties *to, const struct parties *from, struct error *err)
{
    for (size_t i = 0; i < from->trust.count; i++) {
        if (!parties_add(to, &from->trust.keys[i], from->operators[i], err)) {
            return false;
        }
    }
    return true;
}

bool verify_add_trust_file(struct verify_run *run, const char *path, bool *ret, struct error *err)
{
    struct arena *arena = run->invocation->arena;
    struct policy *policy = &run->policy;
    struct bytes text;
    struct trust_file file;
    if (!trust_load_text(path, arena, &text, err)) {
        return error_prefix(err, "%s", path);
    }
    *ret = trust_file_is(text);
    if (!*ret) {
        return true;
    }
    if (!trust_follow(run->settings->common.state, text, NULL, run->signature_rules.now, arena,
                      &file, err) ||
        !add_parties(&policy->signers, &file.signers, err) ||
        !add_parties(&policy->rebuilders, &file.rebuilders, err)) {
        return error_prefix(err, "%s", path);
    }
    return true;
}
