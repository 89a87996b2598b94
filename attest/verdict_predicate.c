// SPDX-License-Identifier: Apache-2.0
#include "attest/predicate.h"
#include "base/json_copy.h"

/* Taken over from the result as they stand there. Times and costs are not among them: two rebuilds
 * that come to the same say the same. */
static const char *const members[] = {
    "reason",           "removed", "assumptions",   "rebuilt",      "build_id",
    "first_difference", "source",  "toolchain",     "dependencies", "checksum_database",
    "claims",           "recipe",  "recipe_digest", "inferred",     "sandbox",
};

static void put_container(struct json_writer *json, const struct record_container *container)
{
    char hex[SHA256_HEX_LEN + 1];
    if (container == NULL) {
        json_null(json, "container");
        return;
    }
    sha256_hex(&container->sha256, hex);
    json_object(json, "container");
    json_string(json, "name", container->name);
    json_string(json, "sha256", hex);
    json_string(json, "purl", container->purl[0] == '\0' ? NULL : container->purl);
    json_object_end(json);
}

static void put_artifact(struct json_writer *json, const struct record_subject *subject)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&subject->sha256, hex);
    json_object(json, "artifact");
    json_string(json, "name", subject->file);
    json_string(json, "sha256", hex);
    json_uint(json, "size", subject->size);
    json_string(json, "platform", subject->platform);
    json_copy(json, "variant", json_member(subject->json, "variant"));
    json_string(json, "module", subject->module);
    json_string(json, "version", subject->version);
    json_string(json, "purl", subject->purl);
    put_container(json, subject->container);
    json_object_end(json);
}

void verdict_write(const struct predicate_context *context, struct buffer *out)
{
    const struct record_subject *subject = context->subject;
    struct json_writer json;
    struct subject_identity identity = {subject->file, subject->sha256, subject->purl,
                                        subject->platform};
    statement_begin(&json, out, &identity, PREDICATE_VERDICT);
    json_object(&json, "predicate");
    json_string(&json, "verdict", verdict_name(subject->verdict));
    json_bool(&json, "accepted", subject->accepted);
    put_artifact(&json, subject);
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        json_copy(&json, members[i], json_member(subject->json, members[i]));
    }
    json_object(&json, "rebuilder");
    json_string(&json, "id", context->rebuilder);
    json_string(&json, "tool", "reproof");
    json_string(&json, "version", context->record->tool_version);
    json_object_end(&json);
    json_string(&json, "issued", context->time);
    json_object_end(&json);
    statement_end(&json);
}
