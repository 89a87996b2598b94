// SPDX-License-Identifier: Apache-2.0
#include "attest/seen.h"

#include <errno.h>

#include "base/file.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "verifier/fetch/semver.h"

#define SCHEMA "reproof/seen/v1"
#define FOLDER "verify"
#define NAME_LEN (5 + SHA256_HEX_LEN)

struct mark {
    uint64_t issued;
    const char *version; /* "" in a file's */
};

static const char *state_path(const char *state, struct arena *arena)
{
    return arena_printf(arena, "%s/" FOLDER, state);
}

bool seen_open(const char *state, struct seen *ret, struct error *err)
{
    struct arena arena = {0};
    struct error why;
    int dir = -1;
    bool ok = directory_open(state_path(state, &arena), &dir, &why);
    arena_free(&arena);
    if (!ok && why.code != ERROR_ABSENT) {
        error_pass(err, &why);
        return error_prefix(err, "state");
    }
    ret->dir = dir;
    return true;
}

void seen_close(struct seen *seen)
{
    fd_close(&seen->dir);
}

/* The names say nothing readable, and nobody's file name gets in. */
static const char *file_name(const struct attestation *vote, bool line, struct arena *arena)
{
    struct digest *digest = digest_new(DIGEST_SHA256);
    struct sha256 whole;
    char hex[SHA256_HEX_LEN + 1];
    digest_update(digest, bytes_from(vote->key->public.point.bytes, ED25519_PUBLIC_LEN));
    if (line) {
        digest_update(digest, bytes_from(vote->claim.module, strlen(vote->claim.module) + 1));
        digest_update(digest, bytes_from_string(vote->claim.platform));
    } else {
        digest_update(digest, sha256_view(&vote->claim.artifact));
    }
    digest_finish(digest, whole.bytes);
    digest_free(&digest);
    sha256_hex(&whole, hex);
    return arena_printf(arena, "%s-%s", line ? "line" : "file", hex);
}

static bool read_mark(int dir, const char *name, struct arena *arena, struct mark *ret,
                      struct error *err)
{
    struct bytes text;
    struct json_document *document;
    if (!file_read(dir, name, LIMIT_SMALL_DOWNLOAD, arena, &text, err) ||
        !json_parse(text, &document, err)) {
        return false;
    }
    const struct cJSON *root = json_root(document);
    const char *schema = json_member_string(root, "schema");
    const char *version = json_member_string(root, "version");
    bool ok = schema != NULL && strcmp(schema, SCHEMA) == 0 && version != NULL &&
              json_get_uint(json_member(root, "issued"), &ret->issued);
    if (ok) {
        ret->version = arena_string(arena, version);
    }
    json_document_free(&document);
    return ok || error_set(err, ERROR_FORMAT, "not what was written there");
}

/* *RET_FOUND is false where nothing was seen. */
static bool find_mark(int dir, const char *name, struct arena *arena, struct mark *ret,
                      bool *ret_found, struct error *err)
{
    *ret_found = dir >= 0 && file_exists(dir, name);
    if (!*ret_found || read_mark(dir, name, arena, ret, err)) {
        return true;
    }
    error_prefix(err, "state " FOLDER "/%s", name);
    return error_cure(err, "if you know why it is damaged, remove that file");
}

static bool is_version_older(const char *version, const char *than)
{
    return version[0] != '\0' && than[0] != '\0' && semver_compare(version, than) < 0;
}

bool seen_find_newer(const struct seen *seen, const struct attestation *vote, struct arena *arena,
                     const char **ret, struct error *err)
{
    struct mark mark;
    bool found;
    *ret = NULL;
    if (!find_mark(seen->dir, file_name(vote, false, arena), arena, &mark, &found, err)) {
        return false;
    }
    if (found && mark.issued > vote->claim.issued) {
        *ret = "a newer statement of that key was accepted before";
        return true;
    }
    if (!seen->versions) {
        return true;
    }
    if (!find_mark(seen->dir, file_name(vote, true, arena), arena, &mark, &found, err)) {
        return false;
    }
    if (found && is_version_older(vote->claim.version, mark.version)) {
        *ret = arena_printf(arena, "%s of that key was accepted before", mark.version);
    }
    return true;
}

static bool write_mark(int dir, const char *name, const struct mark *mark, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    struct json_writer json;
    buffer_init(&out, LIMIT_SMALL_DOWNLOAD);
    json_writer_init(&json, &out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", SCHEMA);
    json_uint(&json, "issued", mark->issued);
    json_string(&json, "version", mark->version);
    json_object_end(&json);
    return file_write_atomic(dir, name, 0600, buffer_view(&out), err);
}

static bool note(int dir, const struct attestation *vote, bool line, struct arena *arena,
                 struct error *err)
{
    const char *name = file_name(vote, line, arena);
    struct mark mark, now = {vote->claim.issued, line ? vote->claim.version : ""};
    bool found;
    if (!find_mark(dir, name, arena, &mark, &found, err)) {
        return false;
    }
    bool newer =
        !found || (line ? is_version_older(mark.version, now.version) : now.issued > mark.issued);
    return !newer || write_mark(dir, name, &now, err);
}

bool seen_note(const char *state, bool versions, const struct attestation *vote, struct error *err)
{
    struct arena arena = {0};
    AUTO_FD int dir = -1;
    AUTO_FD int lock = -1;
    bool ok = directory_make_path(state_path(state, &arena), &dir, err) &&
              file_lock(dir, "lock", true, &lock, err) && note(dir, vote, false, &arena, err) &&
              (!versions || note(dir, vote, true, &arena, err));
    arena_free(&arena);
    return ok || error_prefix(err, "state");
}
