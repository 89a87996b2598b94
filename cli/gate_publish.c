// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "attest/sbom/sbom_names.h"
#include "attest/sbom/sbom_result.h"
#include "base/checksums.h"
#include "base/file.h"
#include "base/json_copy.h"
#include "base/limits.h"
#include "cli/gate.h"
#include "signer/signature.h"

#define SUMMARY_NAME "summary.json"
#define RELEASE_NAME "release.spdx.json"

/* All that is at hand while the evidence of a release is written, one pair after the other. */
struct publishing {
    struct gate *gate;
    const int *works;
    size_t work_count;
    struct evidence_out *out;
    struct sbom_release_part *parts;
    size_t part_count, part_capacity;
    struct checksum *sums;
    size_t sum_count;
};

/* One pair at hand. */
struct publishing_pair {
    struct publishing *publishing;
    const struct pair_result *result;
    const struct cJSON *document;
    struct arena arena;
    struct source artifact;
    struct evidence_input *inputs;
    size_t input_count, input_capacity;
};

static bool load_sbom(struct publishing_pair *pair, size_t index, struct bytes *ret,
                      struct error *err)
{
    const struct publishing *publishing = pair->publishing;
    const char *name =
        arena_printf(&pair->arena, "%s.%zu.spdx.json", pair->result->pair->name, index);
    for (size_t i = 0; i < publishing->work_count; i++) {
        if (file_exists(publishing->works[i], name)) {
            return file_read(publishing->works[i], name, LIMIT_EVIDENCE_BYTES, &pair->arena, ret,
                             err);
        }
    }
    return error_set(err, ERROR_ABSENT, "the SBOM %s is not there", name);
}

static const char *text_of(const struct cJSON *object, const char *key)
{
    const char *text = json_member_string(object, key);
    return text == NULL ? "" : text;
}

static bool add_part(struct publishing *publishing, const struct cJSON *subject,
                     struct bytes document, struct error *err)
{
    struct arena *arena = publishing->gate->arena;
    struct sbom_release_part part = {
        .name = arena_string(arena, text_of(subject, "name")),
        .platform =
            arena_printf(arena, "%s %s", text_of(subject, "platform"), text_of(subject, "variant")),
        .document = document,
    };
    if (!sbom_release_settle(&part, arena, err)) {
        return false;
    }
    arena_grow(arena, &publishing->parts, publishing->part_count, &publishing->part_capacity,
               sizeof(part));
    publishing->parts[publishing->part_count++] = part;
    return true;
}

/* One rebuilt program; the artifact itself unless it is a member of one. */
static bool add_subject(struct publishing_pair *pair, const struct cJSON *subject, size_t index,
                        struct error *err)
{
    struct evidence_input input = {0};
    if (!sha256_from_hex(bytes_from_string(text_of(subject, "sha256")), &input.sha256)) {
        return error_set(err, ERROR_FORMAT, "a subject without sha256");
    }
    if (sha256_equal(&input.sha256, &pair->result->sha256)) {
        input.content = &pair->artifact;
    }
    if (!load_sbom(pair, index, &input.spdx, err)) {
        return false;
    }
    arena_grow(&pair->arena, &pair->inputs, pair->input_count, &pair->input_capacity,
               sizeof(input));
    pair->inputs[pair->input_count++] = input;
    return add_part(pair->publishing, subject, input.spdx, err);
}

/* -- signatures -- */

/* Signs SOURCE in all formats; it must have the digest EXPECTED, unless that is NULL. */
static bool sign(const struct publishing *publishing, const char *name, const struct source *source,
                 const struct sha256 *expected, struct error *err)
{
    struct arena arena = {0};
    struct message message;
    unsigned parts = MESSAGE_SHA256;
    for (size_t i = 0; i < signature_format_count; i++) {
        parts |= signature_formats[i]->parts;
    }
    struct signing signing = {
        .key = publishing->out->key,
        .message = &message,
        .trusted_comment = arena_printf(&arena, "timestamp:%llu\tfile:%s\thashed",
                                        (unsigned long long)publishing->out->time, name),
    };
    bool ok = message_read(source, parts, -1, &arena, &message, err);
    if (ok && expected != NULL && !sha256_equal(&message.sha256, expected)) {
        ok = error_set(err, ERROR_MISMATCH, "it was changed since it was judged");
    }
    for (size_t i = 0; ok && i < signature_format_count; i++) {
        AUTO(buffer) struct buffer out = {0};
        const char *file = arena_printf(&arena, "%s%s", name, signature_formats[i]->suffix);
        buffer_init(&out, LIMIT_SIGNATURE_FILE);
        ok = signature_formats[i]->write(&signing, &out, err) &&
             evidence_out_add_file(publishing->out, file, buffer_view(&out), err);
    }
    arena_free(&arena);
    return ok || error_prefix(err, "%s", name);
}

/* An artifact that is a program itself is signed with its statements. */
static bool sign_container(const struct publishing_pair *pair, struct error *err)
{
    for (size_t i = 0; i < pair->input_count; i++) {
        if (pair->inputs[i].content != NULL) {
            return true;
        }
    }
    return sign(pair->publishing, file_base_name(pair->result->pair->artifact), &pair->artifact,
                &pair->result->sha256, err);
}

/* -- a pair -- */

static bool open_artifact(struct publishing_pair *pair, int *ret, struct error *err)
{
    return gate_open_artifact(pair->publishing->gate, pair->result->pair, ret, err) &&
           ((*ret >= 0 && source_from_fd(*ret, &pair->artifact, err)) ||
            error_set(err, ERROR_MISMATCH, "the artifact went away while it was judged"));
}

static bool add_evidence(struct publishing_pair *pair, struct error *err)
{
    AUTO(buffer) struct buffer text = {0};
    struct json_writer json;
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, &text, true);
    json_copy(&json, NULL, pair->document);
    return buffer_ok(&text) ? evidence_out_add(pair->publishing->out, buffer_view(&text),
                                               pair->inputs, pair->input_count, err)
                            : error_set(err, ERROR_LIMIT, "the result is too long");
}

static bool publish_open(struct publishing_pair *pair, struct error *err)
{
    struct publishing *publishing = pair->publishing;
    const struct pair_result *result = pair->result;
    AUTO_FD int fd = -1;
    size_t index = 0;
    struct bytes name = bytes_from_string(file_base_name(result->pair->artifact));
    if (!checksum_name_check(name, err) || !open_artifact(pair, &fd, err)) {
        return false;
    }
    const struct cJSON *list = json_member(pair->document, "subjects");
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        if (!add_subject(pair, at, index++, err)) {
            return false;
        }
    }
    publishing->sums[publishing->sum_count++] = (struct checksum){name, result->sha256};
    return add_evidence(pair, err) && sign_container(pair, err);
}

static bool publish_pair(struct publishing *publishing, size_t i, struct error *err)
{
    struct release *release = &publishing->gate->release;
    struct publishing_pair pair = {.publishing = publishing, .result = &release->results[i]};
    if (pair.result->state != PAIR_HOLDS) {
        return true;
    }
    pair.document = release_result(release, i);
    bool ok = pair.document == NULL
                  ? release_ok(release, err) &&
                        error_set(err, ERROR_INTERNAL, "it holds without a result")
                  : publish_open(&pair, err);
    arena_free(&pair.arena);
    return ok || error_prefix(err, "%s", pair.result->pair->artifact);
}

static bool publish_pairs(struct publishing *publishing, struct error *err)
{
    for (size_t i = 0; i < publishing->gate->manifest.pair_count; i++) {
        if (!publish_pair(publishing, i, err)) {
            return false;
        }
    }
    return true;
}

/* -- of the whole -- */

static bool write_signed(const struct publishing *publishing, const char *name,
                         const struct buffer *content, struct error *err)
{
    struct source source = source_from_bytes(buffer_view(content));
    if (!buffer_ok(content)) {
        return error_set(err, ERROR_LIMIT, "%s is too long", name);
    }
    return evidence_out_add_file(publishing->out, name, buffer_view(content), err) &&
           sign(publishing, name, &source, NULL, err);
}

static bool write_sums(const struct publishing *publishing, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    buffer_init(&out, LIMIT_CHECKSUM_LIST);
    if (!checksums_sort(publishing->sums, publishing->sum_count, err)) {
        return false;
    }
    for (size_t i = 0; i < publishing->sum_count; i++) {
        checksums_put(&out, &publishing->sums[i]);
    }
    return write_signed(publishing, CHECKSUMS_NAME, &out, err);
}

static bool write_release(const struct publishing *publishing, struct error *err)
{
    const struct manifest *manifest = &publishing->gate->manifest;
    AUTO(buffer) struct buffer out = {0};
    buffer_init(&out, LIMIT_EVIDENCE_BYTES);
    return (sbom_write_release(manifest->name, manifest->version,
                               sbom_time_text(publishing->out->time, publishing->gate->arena),
                               publishing->parts, publishing->part_count, &out, err) ||
            error_prefix(err, RELEASE_NAME)) &&
           write_signed(publishing, RELEASE_NAME, &out, err);
}

static bool put_piece(void *context, struct bytes piece, struct error *err)
{
    return file_write_all(*(const int *)context, piece, err);
}

/* As long as all pairs' results together, so it goes to the file piece by piece. */
static bool write_summary(const struct publishing *publishing, struct error *err)
{
    AUTO(atomic_file) struct atomic_file file = {.fd = -1};
    struct source source;
    if (!atomic_file_open(publishing->out->dir, 0644, &file, err)) {
        return false;
    }
    const struct release_sink sink = {put_piece, &file.fd};
    return release_write(&publishing->gate->release, true, &sink, err) &&
           source_from_fd(file.fd, &source, err) &&
           sign(publishing, SUMMARY_NAME, &source, NULL, err) &&
           atomic_file_commit(&file, SUMMARY_NAME, err);
}

bool gate_publish(struct gate *gate, const int *works, size_t count, struct evidence_out *out,
                  struct error *err)
{
    struct publishing publishing = {
        .gate = gate,
        .works = works,
        .work_count = count,
        .out = out,
        .sums = ARENA_ARRAY(gate->arena, gate->manifest.pair_count, struct checksum),
    };
    if (release_decide(&gate->release) != RELEASE_YES) {
        bug("what does not hold is not published");
    }
    return publish_pairs(&publishing, err) && write_sums(&publishing, err) &&
           write_release(&publishing, err) && write_summary(&publishing, err) &&
           evidence_out_commit(out, err);
}

/* -- what fails -- */

/* The subjects of DOCUMENT that differ; nothing is said of what holds in a release that does not.
 */
static size_t find_failures(const struct cJSON *document, struct arena *arena,
                            struct evidence_input **ret)
{
    struct evidence_input *inputs = NULL;
    size_t count = 0, capacity = 0;
    const struct cJSON *list = json_member(document, "subjects");
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        struct evidence_input input = {0};
        if (strcmp(text_of(at, "verdict"), verdict_name(VERDICT_DIFFERENT)) == 0 &&
            sha256_from_hex(bytes_from_string(text_of(at, "sha256")), &input.sha256)) {
            arena_grow(arena, &inputs, count, &capacity, sizeof(input));
            inputs[count++] = input;
        }
    }
    *ret = inputs;
    return count;
}

static bool attest_pair(struct publishing *publishing, size_t i, const char *path, int *dir,
                        struct error *err)
{
    struct release *release = &publishing->gate->release;
    struct publishing_pair pair = {.publishing = publishing,
                                   .result = &release->results[i],
                                   .document = release_result(release, i)};
    pair.input_count = find_failures(pair.document, &pair.arena, &pair.inputs);
    bool ok = release_ok(release, err);
    if (ok && pair.input_count > 0) {
        ok = *dir >= 0 || directory_make_path(path, dir, err);
        publishing->out->dir = *dir;
        ok = ok && add_evidence(&pair, err);
    }
    arena_free(&pair.arena);
    return ok;
}

bool gate_attest_failures(struct gate *gate, const char *path, const struct evidence_out *out,
                          struct error *err)
{
    AUTO_FD int dir = -1;
    struct evidence_out own = *out;
    struct publishing publishing = {.gate = gate, .out = &own};
    bool ok = true;
    for (size_t i = 0; ok && i < gate->manifest.pair_count; i++) {
        ok = attest_pair(&publishing, i, path, &dir, err);
    }
    ok = ok && evidence_out_commit(&own, err);
    evidence_free(&own.writer);
    record_names_free(&own.names);
    return ok;
}
