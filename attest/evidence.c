// SPDX-License-Identifier: Apache-2.0
#include "attest/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "attest/evidence_internal.h"
#include "attest/sbom/sbom_names.h"
#include "base/file.h"
#include "base/file_batch.h"
#include "base/json_copy.h"
#include "base/limits.h"
#include "signer/signature.h"

#define SCHEMA "reproof/evidence/v1"
#define INDEX_NAME "index.json"
/* How deep an entry stands in it. */
#define ENTRY_DEPTH 2

struct evidence_writer {
    struct evidence_request request;
    int dir;
    struct file_batch batch;
    struct arena arena, artifact; /* of the writer, and of the artifact at hand */
    struct evidence_run run;
    struct buffer readme, index;
    struct json_writer json; /* of the index */
    struct index_name *written;
    size_t count, capacity;
};

/* What the index says of now. */
struct index_name {
    const char *name;
};

bool evidence_put(struct evidence_run *run, struct evidence_files *files, const char *name,
                  struct bytes content, struct error *err)
{
    arena_grow(run->arena, &files->names, files->count, &files->capacity, sizeof(*files->names));
    files->names[files->count++] = name;
    return evidence_add_file(run->writer, name, content, err);
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
        ok = signature_formats[i]->write(&signing, &out, err) &&
             evidence_put(run, files,
                          arena_printf(run->arena, "%s%s", artifact->subject->file,
                                       signature_formats[i]->suffix),
                          buffer_view(&out), err);
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
    return (artifact->subject->recipe.len == 0 ||
            evidence_put(run, files, arena_printf(run->arena, "%s.recipe.json", file),
                         artifact->subject->recipe, err)) &&
           (artifact->spdx.len == 0 ||
            evidence_put(run, files, arena_printf(run->arena, "%s.spdx.json", file), artifact->spdx,
                         err));
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
        json_string(json, NULL, files->names[i]);
    }
    json_array_end(json);
    json_object_end(json);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct index_name *)a)->name, ((const struct index_name *)b)->name);
}

static bool is_new(const struct cJSON *entry, const struct evidence_writer *writer)
{
    struct index_name wanted = {json_member_string(entry, "name")};
    return wanted.name == NULL ||
           (writer->count > 0 && bsearch(&wanted, writer->written, writer->count, sizeof(wanted),
                                         compare_names) != NULL);
}

/* Entries of files that were there before stay, unless these files were written again now. */
static bool put_earlier(struct evidence_writer *writer, struct json_writer *json, struct error *err)
{
    struct arena arena = {0};
    struct json_document *document = NULL;
    struct bytes text;
    bool ok = true;
    if (file_exists(writer->dir, INDEX_NAME)) {
        ok = file_read(writer->dir, INDEX_NAME, LIMIT_EVIDENCE_BYTES, &arena, &text, err) &&
             json_parse(text, &document, err);
    }
    if (document != NULL) {
        const struct cJSON *list = json_member(json_root(document), "artifacts");
        for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
            if (!is_new(at, writer)) {
                json_copy(json, NULL, at);
            }
        }
    }
    json_document_free(&document);
    arena_free(&arena);
    return ok || error_prefix(err, "%s", INDEX_NAME);
}

/* The entries of now stand behind those of before, which are known only when all are. */
static bool add_index(struct evidence_writer *writer, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    struct json_writer json;
    if (writer->count > 0) {
        qsort(writer->written, writer->count, sizeof(*writer->written), compare_names);
    }
    buffer_init(&out, LIMIT_EVIDENCE_BYTES);
    json_writer_init(&json, &out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", SCHEMA);
    json_array(&json, "artifacts");
    if (!put_earlier(writer, &json, err)) {
        return false;
    }
    struct bytes entries = buffer_view(&writer->index);
    if (entries.len > 0) {
        /* Without the line end before the first, which the writer here makes. */
        json_raw(&json, NULL, bytes_behind(entries, 1 + 2 * ENTRY_DEPTH));
    }
    json_array_end(&json);
    json_object_end(&json);
    return buffer_ok(&writer->index) && buffer_ok(&out)
               ? evidence_add_file(writer, INDEX_NAME, buffer_view(&out), err)
               : error_set(err, ERROR_LIMIT, "%s is too long", INDEX_NAME);
}

bool evidence_add_file(struct evidence_writer *writer, const char *name, struct bytes content,
                       struct error *err)
{
    return file_batch_add_at(&writer->batch, writer->dir, name, 0644, true, content, err);
}

static const char *make_rebuilder(const struct evidence_request *request, struct arena *arena)
{
    char hex[2 * ED25519_PUBLIC_LEN + 1];
    const struct ed25519_public *speaker = &signing_key_public(request->attest_key)->point;
    encode_hex(bytes_from(speaker->bytes, sizeof(speaker->bytes)), hex);
    return arena_printf(arena, "%srebuilder/%s", URI_BASE, hex);
}

struct evidence_writer *evidence_new(const struct evidence_request *request, int dir)
{
    struct evidence_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        bug("out of memory for evidence");
    }
    writer->request = *request;
    writer->dir = dir;
    writer->run = (struct evidence_run){
        .request = &writer->request,
        .arena = &writer->artifact,
        .rebuilder = request->rebuilder != NULL ? request->rebuilder
                                                : make_rebuilder(request, &writer->arena),
        .time = sbom_time_text(request->time, &writer->arena),
        .writer = writer,
    };
    buffer_init(&writer->readme, LIMIT_EVIDENCE_BYTES);
    buffer_init(&writer->index, LIMIT_EVIDENCE_BYTES);
    evidence_readme_begin(&writer->run, &writer->readme);
    return writer;
}

/* The entry as an element of the index. */
static void note(struct evidence_writer *writer, const struct evidence_artifact *artifact,
                 const struct evidence_files *files)
{
    struct index_name name = {arena_string(&writer->arena, artifact->subject->file)};
    struct json_writer json;
    json_writer_init(&json, &writer->index, false);
    json.depth = ENTRY_DEPTH;
    json.has_member = writer->index.len > 0;
    put_entry(&json, artifact, files);
    arena_grow(&writer->arena, &writer->written, writer->count, &writer->capacity, sizeof(name));
    writer->written[writer->count++] = name;
    evidence_readme_add(&writer->run, artifact->subject, &writer->readme);
}

bool evidence_add(struct evidence_writer *writer, const struct record *record,
                  const struct evidence_artifact *artifacts, size_t count, struct error *err)
{
    writer->run.record = record;
    for (size_t i = 0; i < count; i++) {
        struct evidence_files files = {0};
        bool ok = compose(&writer->run, &artifacts[i], &files, err);
        if (ok) {
            note(writer, &artifacts[i], &files);
        }
        arena_free(&writer->artifact);
        if (!ok) {
            return false;
        }
    }
    return true;
}

bool evidence_commit(struct evidence_writer *writer, struct error *err)
{
    if (!buffer_ok(&writer->readme)) {
        return error_set(err, ERROR_LIMIT, "README.md is too long");
    }
    return evidence_add_file(writer, "README.md", buffer_view(&writer->readme), err) &&
           add_index(writer, err) && file_batch_commit(&writer->batch, err);
}

void evidence_free(struct evidence_writer **writer)
{
    if (*writer != NULL) {
        file_batch_free(&(*writer)->batch);
        buffer_free(&(*writer)->readme);
        buffer_free(&(*writer)->index);
        arena_free(&(*writer)->artifact);
        arena_free(&(*writer)->arena);
        free(*writer);
        *writer = NULL;
    }
}
