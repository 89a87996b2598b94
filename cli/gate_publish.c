// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "attest/sbom/sbom_names.h"
#include "attest/sbom/sbom_result.h"
#include "base/checksums.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/gate.h"
#include "signer/signature.h"

#define SUMMARY_NAME "summary.json"
#define RELEASE_NAME "release.spdx.json"

/* All that is at hand while the evidence of a release is written. */
struct publishing {
    struct gate *gate;
    const int *works;
    size_t work_count;
    const struct evidence_out *out;
    struct source *sources; /* of the artifacts, one for each pair; fd -1: absent */
    struct evidence_input *inputs;
    struct sbom_release_part *parts;
    size_t input_count, input_capacity, part_count, part_capacity;
    struct checksum *sums;
    size_t sum_count;
};

static bool load_sbom(struct publishing *publishing, const struct pair_result *result, size_t index,
                      struct bytes *ret, struct error *err)
{
    struct arena *arena = publishing->gate->arena;
    const char *name = arena_printf(arena, "%s.%zu.spdx.json", result->pair->name, index);
    for (size_t i = 0; i < publishing->work_count; i++) {
        if (file_exists(publishing->works[i], name)) {
            return file_read(publishing->works[i], name, LIMIT_EVIDENCE_BYTES, arena, ret, err);
        }
    }
    return error_set(err, ERROR_ABSENT, "the SBOM %s is not there", name);
}

static const char *text_of(const struct cJSON *object, const char *key)
{
    const char *text = json_member_string(object, key);
    return text == NULL ? "" : text;
}

/* One rebuilt program; the artifact itself unless it is a member of one. */
static bool add_subject(struct publishing *publishing, const struct pair_result *result,
                        const struct cJSON *subject, size_t index, const struct source *artifact,
                        struct error *err)
{
    struct arena *arena = publishing->gate->arena;
    struct evidence_input input = {0};
    if (!sha256_from_hex(bytes_from_string(text_of(subject, "sha256")), &input.sha256)) {
        return error_set(err, ERROR_FORMAT, "a subject without sha256");
    }
    if (sha256_equal(&input.sha256, &result->sha256)) {
        input.content = artifact;
    }
    if (!load_sbom(publishing, result, index, &input.spdx, err)) {
        return false;
    }
    struct sbom_release_part part = {
        .name = text_of(subject, "name"),
        .platform =
            arena_printf(arena, "%s %s", text_of(subject, "platform"), text_of(subject, "variant")),
        .document = input.spdx,
    };
    arena_grow(arena, &publishing->inputs, publishing->input_count, &publishing->input_capacity,
               sizeof(input));
    publishing->inputs[publishing->input_count++] = input;
    arena_grow(arena, &publishing->parts, publishing->part_count, &publishing->part_capacity,
               sizeof(part));
    publishing->parts[publishing->part_count++] = part;
    return true;
}

static bool open_pair(struct publishing *publishing, size_t i, struct error *err)
{
    const struct pair_result *result = &publishing->gate->release.results[i];
    struct source *source = &publishing->sources[i];
    int fd = -1;
    size_t index = 0;
    source->fd = -1;
    if (result->state != PAIR_HOLDS) {
        return true;
    }
    if (!gate_open_artifact(publishing->gate, result->pair, &fd, err)) {
        return false;
    }
    if (fd < 0 || !source_from_fd(fd, source, err)) {
        return error_set(err, ERROR_MISMATCH, "the artifact went away while it was judged");
    }
    const struct cJSON *list = json_member(result->result, "subjects");
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        if (!add_subject(publishing, result, at, index++, source, err)) {
            return false;
        }
    }
    publishing->sums[publishing->sum_count++] = (struct checksum){
        bytes_from_string(file_base_name(result->pair->artifact)), result->sha256};
    return checksum_name_check(bytes_from_string(file_base_name(result->pair->artifact)), err);
}

static bool open_pairs(struct publishing *publishing, struct error *err)
{
    const struct manifest *manifest = &publishing->gate->manifest;
    for (size_t i = 0; i < manifest->pair_count; i++) {
        if (!open_pair(publishing, i, err)) {
            return error_prefix(err, "%s", manifest->pairs[i].artifact);
        }
    }
    return true;
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
             file_write_atomic(publishing->out->dir, file, 0644, buffer_view(&out), err);
    }
    arena_free(&arena);
    return ok || error_prefix(err, "%s", name);
}

/* The artifacts that are programs themselves have been signed with their statements. */
static bool sign_containers(const struct publishing *publishing, struct error *err)
{
    const struct gate *gate = publishing->gate;
    for (size_t i = 0; i < gate->manifest.pair_count; i++) {
        const struct pair_result *result = &gate->release.results[i];
        const struct cJSON *first = json_first(json_member(result->result, "subjects"));
        char hex[SHA256_HEX_LEN + 1];
        sha256_hex(&result->sha256, hex);
        if (publishing->sources[i].fd >= 0 && strcmp(text_of(first, "sha256"), hex) != 0 &&
            !sign(publishing, file_base_name(result->pair->artifact), &publishing->sources[i],
                  &result->sha256, err)) {
            return false;
        }
    }
    return true;
}

static bool write_signed(const struct publishing *publishing, const char *name,
                         const struct buffer *content, struct error *err)
{
    struct source source = source_from_bytes(buffer_view(content));
    if (!buffer_ok(content)) {
        return error_set(err, ERROR_LIMIT, "%s is too long", name);
    }
    return file_write_atomic(publishing->out->dir, name, 0644, buffer_view(content), err) &&
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

static bool write_summary(const struct publishing *publishing, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    buffer_init(&out, LIMIT_JSON_BYTES);
    release_write(&publishing->gate->release, true, &out);

    return write_signed(publishing, SUMMARY_NAME, &out, err);
}

static bool write_statements(const struct publishing *publishing, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    buffer_init(&out, LIMIT_JSON_BYTES);
    release_write(&publishing->gate->release, false, &out);
    if (!buffer_ok(&out)) {
        return error_set(err, ERROR_LIMIT, "the results are too long");
    }
    return evidence_out_write(publishing->out, buffer_view(&out), publishing->inputs,
                              publishing->input_count, err);
}

bool gate_publish(struct gate *gate, const int *works, size_t count, const struct evidence_out *out,
                  struct error *err)
{
    size_t pairs = gate->manifest.pair_count;
    struct publishing publishing = {
        .gate = gate,
        .works = works,
        .work_count = count,
        .out = out,
        .sources = ARENA_ARRAY(gate->arena, pairs, struct source),
        .sums = ARENA_ARRAY(gate->arena, pairs, struct checksum),
    };
    if (release_decide(&gate->release) != RELEASE_YES) {
        bug("what does not hold is not published");
    }
    for (size_t i = 0; i < pairs; i++) {
        publishing.sources[i].fd = -1;
    }
    bool ok = open_pairs(&publishing, err) && write_statements(&publishing, err) &&
              sign_containers(&publishing, err) && write_sums(&publishing, err) &&
              write_release(&publishing, err) && write_summary(&publishing, err);
    for (size_t i = 0; i < pairs; i++) {
        fd_close(&publishing.sources[i].fd);
    }
    return ok;
}

/* Subjects that differ; nothing is said of what holds in a release that does not. */
static void find_failures(const struct gate *gate, struct evidence_input *ret, size_t *ret_count)
{
    *ret_count = 0;
    for (size_t i = 0; i < gate->manifest.pair_count; i++) {
        const struct cJSON *list = json_member(gate->release.results[i].result, "subjects");
        for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
            struct evidence_input *input = &ret[*ret_count];
            if (strcmp(text_of(at, "verdict"), verdict_name(VERDICT_DIFFERENT)) == 0 &&
                sha256_from_hex(bytes_from_string(text_of(at, "sha256")), &input->sha256)) {
                (*ret_count)++;
            }
        }
    }
}

static size_t count_subjects(const struct gate *gate)
{
    size_t count = 0;
    for (size_t i = 0; i < gate->manifest.pair_count; i++) {
        const struct cJSON *list = json_member(gate->release.results[i].result, "subjects");
        for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
            count++;
        }
    }
    return count;
}

bool gate_attest_failures(struct gate *gate, const char *path, const struct evidence_out *out,
                          struct error *err)
{
    AUTO(buffer) struct buffer text = {0};
    AUTO_FD int dir = -1;
    struct evidence_out own = *out;
    struct evidence_input *inputs =
        ARENA_ARRAY(gate->arena, count_subjects(gate) + 1, struct evidence_input);
    size_t count;
    find_failures(gate, inputs, &count);
    if (count == 0) {
        return true;
    }
    buffer_init(&text, LIMIT_JSON_BYTES);
    release_write(&gate->release, false, &text);
    if (!buffer_ok(&text)) {
        return error_set(err, ERROR_LIMIT, "the results are too long");
    }
    if (!directory_make_path(path, &dir, err)) {
        return false;
    }
    own.dir = dir;
    return evidence_out_write(&own, buffer_view(&text), inputs, count, err);
}
