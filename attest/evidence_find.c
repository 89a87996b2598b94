// SPDX-License-Identifier: Apache-2.0
#include "attest/evidence_find.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/source.h"

bool evidence_read_file(struct attestation_reading *reading, int dir, const char *name,
                        const char *path, struct attestations *ret, struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    struct arena scratch = {0};
    struct bytes text;
    bool ok = file_open_input(dir, name, &fd, err) && source_from_fd(fd, &source, err) &&
              source_load(&source, 0, source.size, LIMIT_EVIDENCE_BYTES, &scratch, &text, err) &&
              attestations_read(reading, text, path, ret, err);
    arena_free(&scratch);
    return ok || error_prefix(err, "%s", path);
}

bool evidence_read_directory(struct attestation_reading *reading, int dir, const char *folder,
                             struct attestations *ret, struct error *err)
{
    struct arena scratch = {0};
    char **names;
    size_t count, read = 0;
    bool ok = directory_list(dir, &scratch, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        if (!bytes_end_with(bytes_from_string(names[i]), ".jsonl")) {
            continue;
        }
        if (++read > LIMIT_EVIDENCE_FILES) {
            ok = error_set(err, ERROR_LIMIT, "%s has more than %d files of evidence", folder,
                           LIMIT_EVIDENCE_FILES);
            break;
        }
        const char *path = arena_printf(&scratch, "%s%s", folder, names[i]);
        struct error why;
        /* What is no readable file counts for nothing, and stops nothing. */
        ok = evidence_read_file(reading, dir, names[i], path, ret, &why) ||
             (why.code != ERROR_LIMIT && why.code != ERROR_INTERRUPTED);
        if (!ok) {
            error_pass(err, &why);
        }
    }
    arena_free(&scratch);
    return ok;
}

bool evidence_read_tree(struct attestation_reading *reading, int dir, const char *folder,
                        const struct sha256 *digest, struct attestations *ret, struct error *err)
{
    AUTO_FD int artifact = -1;
    struct arena scratch = {0};
    struct error why;
    char hex[SHA256_HEX_LEN + 1];
    char **names;
    size_t count;
    sha256_hex(digest, hex);
    if (!directory_open_beneath(dir, hex, &artifact, &why)) {
        error_pass(err, &why);
        return why.code == ERROR_ABSENT;
    }
    bool ok = directory_list(artifact, &scratch, &names, &count, err);
    if (ok && count > LIMIT_EVIDENCE_FILES) {
        ok = error_set(err, ERROR_LIMIT, "%s%s has more than %d folders", folder, hex,
                       LIMIT_EVIDENCE_FILES);
    }
    for (size_t i = 0; ok && i < count; i++) {
        AUTO_FD int key = -1;
        /* What is no folder is nothing of ours. */
        if (directory_open_beneath(artifact, names[i], &key, NULL)) {
            ok = evidence_read_directory(
                reading, key, arena_printf(&scratch, "%s%s/%s/", folder, hex, names[i]), ret, err);
        }
    }
    arena_free(&scratch);
    return ok;
}
