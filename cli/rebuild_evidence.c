// SPDX-License-Identifier: Apache-2.0
#include "cli/rebuild_evidence.h"

#include <fcntl.h>

#include "attest/sbom/sbom_result.h"
#include "base/limits.h"

bool rebuild_evidence_open(struct rebuild_evidence *evidence, const struct invocation *invocation,
                           const struct evidence_options *options, const struct strings *accept,
                           struct error *err)
{
    if (options->out == NULL) {
        return options->key == NULL && options->attest_key == NULL
                   ? true
                   : error_set(err, ERROR_USAGE, "--key and --attest-key want --out");
    }
    if (!evidence_out_open(invocation, options, &evidence->out, err)) {
        return false;
    }
    for (size_t i = 0; i < accept->count; i++) {
        evidence->out.accept_secrets |= strcmp(accept->items[i], ACCEPT_SECRETS) == 0;
    }
    return true;
}

static bool make_sbom(const struct rebuild_evidence *evidence, const struct subject_result *result,
                      const struct source *content, struct bytes *ret, struct error *err)
{
    const struct common_settings *common = evidence->out.invocation->settings;
    const struct sbom_result_settings settings = {
        .store = common->store, .state = common->state, .jobs = common->jobs};
    AUTO(buffer) struct buffer out = {0};
    buffer_init(&out, LIMIT_EVIDENCE_BYTES);
    if (!sbom_write_result(result, content, &settings, SBOM_SPDX_23, &out, err)) {
        return false;
    }
    *ret = arena_bytes(evidence->out.invocation->arena, buffer_view(&out));
    return true;
}

bool rebuild_evidence_keep(struct rebuild_evidence *evidence, const struct subject_result *result,
                           const struct source *content, struct error *err)
{
    if (evidence->out.options == NULL) {
        return true;
    }
    struct arena *arena = evidence->out.invocation->arena;
    struct source *source = ARENA_NEW(arena, struct source);
    struct bytes spdx;
    if (!make_sbom(evidence, result, content, &spdx, err)) {
        return error_prefix(err, "SBOM of %s", result->name);
    }
    *source = *content;
    source->fd = fcntl(content->fd, F_DUPFD_CLOEXEC, 0);
    if (source->fd < 0) {
        return error_errno(err, "cannot keep %s open", result->name);
    }
    arena_grow(arena, &evidence->sources, evidence->count, &evidence->source_capacity,
               sizeof(*evidence->sources));
    arena_grow(arena, &evidence->inputs, evidence->count, &evidence->capacity,
               sizeof(*evidence->inputs));
    evidence->sources[evidence->count] = source;
    evidence->inputs[evidence->count++] =
        (struct evidence_input){.sha256 = result->file->sha256, .content = source, .spdx = spdx};
    return true;
}

bool rebuild_evidence_write(struct rebuild_evidence *evidence, const struct rebuild_result *result,
                            struct error *err)
{
    AUTO(buffer) struct buffer text = {0};
    if (evidence->count == 0) {
        return true;
    }
    buffer_init(&text, 256 * MIB);
    report_rebuild_json(result, &text);
    return evidence_out_write(&evidence->out, buffer_view(&text), evidence->inputs, evidence->count,
                              err);
}

void rebuild_evidence_free(struct rebuild_evidence *evidence)
{
    for (size_t i = 0; i < evidence->count; i++) {
        fd_close(&evidence->sources[i]->fd);
    }
    evidence_out_free(&evidence->out);
}
