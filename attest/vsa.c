// SPDX-License-Identifier: Apache-2.0
#include "attest/predicate.h"

bool vsa_applies(const struct record_subject *subject)
{
    return subject->accepted || subject->verdict == VERDICT_DIFFERENT;
}

bool vsa_is_reproduced(const struct vsa_platform *platforms, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            const struct vsa_platform *a = &platforms[i], *b = &platforms[j];
            if (memcmp(a->key.bytes, b->key.bytes, ED25519_PUBLIC_LEN) != 0 &&
                strcmp(a->operator, b->operator) != 0) {
                return true;
            }
        }
    }
    return false;
}

static void put_levels(struct json_writer *json, const struct record_subject *subject,
                       const struct vsa_request *request)
{
    json_array(json, "verifiedLevels");
    if (!subject->accepted) {
        json_string(json, NULL, "FAILED");
    } else {
        if (request->form == VSA_STRICT) {
            bool reproduced = subject->verdict == VERDICT_REPRODUCED &&
                              vsa_is_reproduced(request->platforms, request->platform_count);
            json_string(json, NULL,
                        reproduced ? "SLSA_BUILD_REPRODUCED" : "SLSA_BUILD_LEVEL_UNEVALUATED");
        }
        json_string(json, NULL,
                    subject->verdict == VERDICT_REPRODUCED ? "REPROOF_REBUILT_BIT_FOR_BIT"
                                                           : "REPROOF_REBUILT_EQUIVALENT");
    }
    json_array_end(json);
}

static void put_inputs(struct json_writer *json, const struct vsa_request *request)
{
    json_array(json, "inputAttestations");
    for (size_t i = 0; i < request->input_count; i++) {
        char hex[SHA256_HEX_LEN + 1];
        sha256_hex(&request->inputs[i], hex);
        json_object(json, NULL);
        json_object(json, "digest");
        json_string(json, "sha256", hex);
        json_object_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

void vsa_write(const struct predicate_context *context, const struct vsa_request *request,
               struct buffer *out)
{
    const struct record_subject *subject = context->subject;
    struct json_writer json;
    struct subject_identity identity = {subject->file, subject->sha256, subject->purl,
                                        subject->platform};
    statement_begin(&json, out, &identity, PREDICATE_VSA);
    json_object(&json, "predicate");
    json_object(&json, "verifier");
    json_string(&json, "id", context->rebuilder);
    json_object(&json, "version");
    json_string(&json, "reproof", context->record->tool_version);
    json_object_end(&json);
    json_object_end(&json);
    json_string(&json, "timeVerified", context->time);
    json_string(&json, "resourceUri", subject->purl);
    json_object(&json, "policy");
    json_string(&json, "uri", POLICY_REBUILT);
    json_object_end(&json);
    put_inputs(&json, request);
    json_string(&json, "verificationResult", subject->accepted ? "PASSED" : "FAILED");
    put_levels(&json, subject, request);
    json_string(&json, "slsaVersion", request->form == VSA_STRICT ? "1.2" : "1.0");
    json_object_end(&json);
    statement_end(&json);
}
