// SPDX-License-Identifier: Apache-2.0
#include "attest/dsse.h"
#include "attest/evidence_internal.h"
#include "base/limits.h"

/* What one artifact is attested with. */
struct attesting {
    struct evidence_run *run;
    const struct evidence_artifact *artifact;
    struct predicate_context context;
    struct evidence_files *files;
    struct buffer payload, lines;
    struct sha256 inputs[2]; /* the envelopes that a summary stands on */
    size_t input_count;
};

/* Signs the statement in `payload` and adds it in each form. RET_DIGEST: of its line. */
static bool publish(struct attesting *attesting, const char *kind, struct sha256 *ret_digest,
                    struct error *err)
{
    const struct signing_key *key = attesting->run->request->attest_key;
    struct arena *arena = attesting->run->arena;
    const char *file = attesting->artifact->subject->file;
    struct envelope envelope;
    AUTO(buffer) struct buffer out = {0};
    if (!buffer_ok(&attesting->payload)) {
        return error_set(err, ERROR_LIMIT, "%s: the statement is too long", kind);
    }
    if (!envelope_sign(ENVELOPE_STATEMENT, buffer_view(&attesting->payload), key, arena, &envelope,
                       err)) {
        return error_prefix(err, "%s", kind);
    }
    buffer_init(&out, 2 * LIMIT_EVIDENCE_BYTES);
    envelope_put(&envelope, &out);
    *ret_digest = sha256_of(bytes_first(buffer_view(&out), out.len - 1));
    buffer_append(&attesting->lines, buffer_view(&out));
    if (strcmp(kind, "vsa") == 0 &&
        !evidence_put(attesting->run, attesting->files, arena_printf(arena, "%s.vsa.json", file),
                      buffer_view(&out), err)) {
        return false;
    }
    buffer_clear(&out);
    envelope_put_bundle(&envelope, &signing_key_public(key)->point, &out);
    buffer_clear(&attesting->payload);
    return evidence_put(attesting->run, attesting->files,
                        arena_printf(arena, "%s.%s.sigstore.json", file, kind), buffer_view(&out),
                        err);
}

static bool publish_summary(struct attesting *attesting, enum vsa_form form, const char *kind,
                            struct error *err)
{
    const struct evidence_request *request = attesting->run->request;
    struct sha256 digest;
    struct vsa_request summary = {
        .form = form,
        .platforms = request->platforms,
        .platform_count = request->platform_count,
        .inputs = attesting->inputs,
        .input_count = attesting->input_count,
    };
    vsa_write(&attesting->context, &summary, &attesting->payload);
    return publish(attesting, kind, &digest, err);
}

static bool publish_all(struct attesting *attesting, struct error *err)
{
    const struct evidence_artifact *artifact = attesting->artifact;
    struct sha256 ignored;
    verdict_write(&attesting->context, &attesting->payload);
    if (!publish(attesting, "verdict", &attesting->inputs[attesting->input_count++], err)) {
        return false;
    }
    if (artifact->subject->has_rebuilt) {
        provenance_write(&attesting->context, &attesting->payload);
        if (!publish(attesting, "provenance", &attesting->inputs[attesting->input_count++], err)) {
            return false;
        }
    }
    if (vsa_applies(artifact->subject) &&
        (!publish_summary(attesting, VSA_COMPATIBLE, "vsa", err) ||
         !publish_summary(attesting, VSA_STRICT, "vsa-slsa", err))) {
        return false;
    }
    if (artifact->spdx.len > 0 &&
        (!spdx_write(&attesting->context, artifact->spdx, &attesting->payload, err) ||
         !publish(attesting, "spdx", &ignored, err))) {
        return false;
    }
    if (artifact->other_type == NULL) {
        return true;
    }
    other_predicate_write(&attesting->context, artifact->other_type, artifact->other,
                          &attesting->payload);
    return publish(attesting, "predicate", &ignored, err);
}

bool evidence_statements(struct evidence_run *run, const struct evidence_artifact *artifact,
                         struct evidence_files *files, struct error *err)
{
    struct attesting attesting = {
        .run = run,
        .artifact = artifact,
        .context = {run->record, artifact->subject, run->rebuilder, run->time},
        .files = files,
    };
    buffer_init(&attesting.payload, LIMIT_EVIDENCE_BYTES);
    buffer_init(&attesting.lines, 8 * LIMIT_EVIDENCE_BYTES);
    bool ok = publish_all(&attesting, err) &&
              evidence_put(run, files,
                           arena_printf(run->arena, "%s.intoto.jsonl", artifact->subject->file),
                           buffer_view(&attesting.lines), err);
    buffer_free(&attesting.payload);
    buffer_free(&attesting.lines);
    return ok;
}
