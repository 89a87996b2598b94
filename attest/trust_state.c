// SPDX-License-Identifier: Apache-2.0
/* Trust files that were accepted: `trust/` in the state directory, one a name. */
#include "attest/trust_file.h"
#include "base/file.h"
#include "base/limits.h"

#define FOLDER "trust"

/* Names are free text; those of files are not. */
static const char *file_name(const char *name, struct arena *arena)
{
    struct sha256 digest = sha256_of(bytes_from_string(name));
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&digest, hex);
    return arena_printf(arena, "%s.json", hex);
}

bool trust_file_load(const char *state, const char *name, struct arena *arena,
                     struct trust_file *ret, bool *ret_found, struct error *err)
{
    AUTO_FD int dir = -1;
    struct error why;
    struct bytes text;
    const char *file = file_name(name, arena);
    if (!directory_open(arena_printf(arena, "%s/" FOLDER, state), &dir, &why)) {
        error_pass(err, &why);
        *ret_found = false;
        return why.code == ERROR_ABSENT || error_prefix(err, "state");
    }
    *ret_found = file_exists(dir, file);
    if (!*ret_found || (file_read(dir, file, 4 * LIMIT_POLICY_FILE, arena, &text, err) &&
                        trust_file_open(text, arena, ret, err))) {
        return true;
    }
    error_prefix(err, "state " FOLDER "/%s", file);
    return error_cure(err, "if you know why it is damaged, remove that file and accept it anew");
}

bool trust_file_keep(const char *state, const struct trust_file *file, struct bytes text,
                     struct error *err)
{
    struct arena arena = {0};
    AUTO_FD int dir = -1;
    bool ok = directory_make_path(arena_printf(&arena, "%s/" FOLDER, state), &dir, err) &&
              file_write_atomic(dir, file_name(file->name, &arena), 0600, text, err);
    arena_free(&arena);
    return ok || error_prefix(err, "state");
}
