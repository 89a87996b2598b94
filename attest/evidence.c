// SPDX-License-Identifier: Apache-2.0
#include "attest/evidence.h"

#include "attest/evidence_internal.h"
#include "attest/sbom/sbom_names.h"
#include "base/file.h"
#include "base/json_copy.h"
#include "base/limits.h"
#include "signer/signature.h"

#define SCHEMA "reproof/evidence/v1"
#define INDEX_NAME "index.json"

void evidence_add(struct evidence_run *run, struct evidence_files *files, const char *name,
                  struct bytes content)
{
    arena_grow(run->arena, &files->items, files->count, &files->capacity, sizeof(*files->items));
    files->items[files->count++] = (struct evidence_file){name, arena_bytes(run->arena, content)};
}

static bool read_content(const struct evidence_artifact *artifact, struct arena *arena,
                         struct message *ret, struct error *err)
{
    unsigned parts = MESSAGE_SHA256;
    for (size_t i = 0; i < signature_format_count; i++) {
        parts |= signature_formats[i]->parts;
    }
    return message_read(artifact->content, parts, -1, arena, ret, err);
}

/* A signature says "this is the file": only where the verdict was accepted. */
static bool add_signatures(struct evidence_run *run, const struct evidence_artifact *artifact,
                           struct evidence_files *files, struct error *err)
{
    struct arena content = {0};
    struct message message;
    struct signing signing = {
        .key = run->request->key,
        .message = &message,
        .trusted_comment =
            arena_printf(run->arena, "timestamp:%llu\tfile:%s\thashed",
                         (unsigned long long)run->request->time, artifact->subject->file),
    };
    bool ok = read_content(artifact, &content, &message, err);
    if (ok && !sha256_equal(&message.sha256, &artifact->subject->sha256)) {
        ok = error_set(err, ERROR_MISMATCH, "the file has another digest than the result says");
    }
    for (size_t i = 0; ok && artifact->subject->accepted && i < signature_format_count; i++) {
        AUTO(buffer) struct buffer out = {0};
        buffer_init(&out, LIMIT_SIGNATURE_FILE);
        ok = signature_formats[i]->write(&signing, &out, err);
        if (ok) {
            evidence_add(run, files,
                         arena_printf(run->arena, "%s%s", artifact->subject->file,
                                      signature_formats[i]->suffix),
                         buffer_view(&out));
        }
    }
    arena_free(&content);
    return ok;
}

static bool compose(struct evidence_run *run, const struct evidence_artifact *artifact,
                    struct evidence_files *files, struct error *err)
{
    const char *file = artifact->subject->file;
    if ((artifact->content != NULL && !add_signatures(run, artifact, files, err)) ||
        !evidence_statements(run, artifact, files, err)) {
        return error_prefix(err, "%s", file);
    }
    if (artifact->subject->recipe.len > 0) {
        evidence_add(run, files, arena_printf(run->arena, "%s.recipe.json", file),
                     artifact->subject->recipe);
    }
    if (artifact->spdx.len > 0) {
        evidence_add(run, files, arena_printf(run->arena, "%s.spdx.json", file), artifact->spdx);
    }
    return true;
}

static void put_entry(struct json_writer *json, const struct evidence_artifact *artifact,
                      const struct evidence_files *files)
{
    const struct record_subject *subject = artifact->subject;
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&subject->sha256, hex);
    json_object(json, NULL);
    json_string(json, "sha256", hex);
    json_string(json, "name", subject->file);
    json_string(json, "platform", subject->platform);
    json_string(json, "purl", subject->purl);
    json_string(json, "verdict", verdict_name(subject->verdict));
    json_array(json, "files");
    for (size_t i = 0; i < files->count; i++) {
        json_string(json, NULL, files->items[i].name);
    }
    json_array_end(json);
    json_object_end(json);
}

static bool is_new(const struct cJSON *entry, const struct evidence_artifact *artifacts,
                   size_t count)
{
    const char *name = json_member_string(entry, "name");
    for (size_t i = 0; name != NULL && i < count; i++) {
        if (strcmp(name, artifacts[i].subject->file) == 0) {
            return true;
        }
    }
    return name == NULL;
}

/* Entries of files that were there before stay, unless these files were written again now. */
static bool put_earlier(struct json_writer *json, int dir,
                        const struct evidence_artifact *artifacts, size_t count, struct error *err)
{
    struct arena arena = {0};
    struct json_document *document = NULL;
    struct bytes text;
    bool ok = true;
    if (file_exists(dir, INDEX_NAME)) {
        ok = file_read(dir, INDEX_NAME, LIMIT_EVIDENCE_BYTES, &arena, &text, err) &&
             json_parse(text, &document, err);
    }
    if (document != NULL) {
        const struct cJSON *list = json_member(json_root(document), "artifacts");
        for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
            if (!is_new(at, artifacts, count)) {
                json_copy(json, NULL, at);
            }
        }
    }
    json_document_free(&document);
    arena_free(&arena);
    return ok || error_prefix(err, "%s", INDEX_NAME);
}

static bool write_index(struct evidence_run *run, const struct evidence_artifact *artifacts,
                        size_t count, int dir, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    struct json_writer json;
    buffer_init(&out, LIMIT_EVIDENCE_BYTES);
    json_writer_init(&json, &out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", SCHEMA);
    json_array(&json, "artifacts");
    if (!put_earlier(&json, dir, artifacts, count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        put_entry(&json, &artifacts[i], &run->files[i]);
    }
    json_array_end(&json);
    json_object_end(&json);
    return buffer_ok(&out) ? file_write_atomic(dir, INDEX_NAME, 0644, buffer_view(&out), err)
                           : error_set(err, ERROR_LIMIT, "%s is too long", INDEX_NAME);
}

static bool write_all(struct evidence_run *run, const struct evidence_artifact *artifacts,
                      size_t count, int dir, struct error *err)
{
    AUTO(buffer) struct buffer readme = {0};
    for (size_t i = 0; i < count; i++) {
        const struct evidence_files *files = &run->files[i];
        for (size_t j = 0; j < files->count; j++) {
            if (!file_write_atomic(dir, files->items[j].name, 0644, files->items[j].content, err)) {
                return false;
            }
        }
    }
    buffer_init(&readme, MIB);
    evidence_readme(run, artifacts, count, &readme);
    return file_write_atomic(dir, "README.md", 0644, buffer_view(&readme), err) &&
           write_index(run, artifacts, count, dir, err);
}

/* All is made before the first file is written: a refusal leaves nothing behind. */
bool evidence_write(const struct evidence_request *request,
                    const struct evidence_artifact *artifacts, size_t count, int dir,
                    struct error *err)
{
    struct arena arena = {0};
    char hex[2 * ED25519_PUBLIC_LEN + 1];
    const struct ed25519_public *speaker = &signing_key_public(request->attest_key)->point;
    encode_hex(bytes_from(speaker->bytes, sizeof(speaker->bytes)), hex);
    struct evidence_run run = {
        .request = request,
        .arena = &arena,
        .rebuilder = request->rebuilder != NULL
                         ? request->rebuilder
                         : arena_printf(&arena, "%srebuilder/%s", URI_BASE, hex),
        .time = sbom_time_text(request->time, &arena),
        .files = ARENA_ARRAY(&arena, count + 1, struct evidence_files),
    };
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = compose(&run, &artifacts[i], &run.files[i], err);
    }
    ok = ok && write_all(&run, artifacts, count, dir, err);
    arena_free(&arena);
    return ok;
}
