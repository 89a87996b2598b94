// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/attest/attest_fixture.h"

#include "attest/dsse.h"
#include "attest/predicate.h"

static const char *or_default(const char *text, const char *otherwise)
{
    return text == NULL ? otherwise : text;
}

static void make_recipe(const struct fixture_rebuild *wanted, struct arena *arena,
                        struct recipe *ret)
{
    *ret = recipe_empty();
    ret->source_kind = SOURCE_MODULE_ZIP;
    ret->module = "example.com/tool";
    ret->version = or_default(wanted->version, "v1.0.0");
    ret->main_package = "example.com/tool";
    ret->toolchain = "go1.23.5";
    ret->goos = or_default(wanted->platform_goos, "linux");
    ret->goarch = "amd64";
    ret->trimpath = true;
    ret->ldflags = ARENA_ARRAY(arena, 1, const char *);
    ret->ldflags[0] = or_default(wanted->ldflag, "-w");
    ret->ldflag_count = 1;
}

struct bytes fixture_record_text(const struct fixture_rebuild *wanted, struct arena *arena)
{
    static struct assumption assumption;
    assumption = (struct assumption){or_default(wanted->assumption, "vcs-echoed"), "by a test"};
    static struct removed_part removed;
    removed = (struct removed_part){.name = wanted->removed, .version = 1};
    struct bytes content = bytes_from_string(or_default(wanted->content, "artifact"));
    struct buffer recipe, out;
    struct subject_result subject = {
        .name = "bin/tool",
        .container = SIZE_MAX,
        .verdict = wanted->unproven                      ? VERDICT_UNPROVEN
                   : wanted->verdict == VERDICT_UNPROVEN ? VERDICT_REPRODUCED
                                                         : wanted->verdict,
        .accepted = !wanted->not_accepted,
        .removed = &removed,
        .removed_count = wanted->removed == NULL ? 0 : 1,
        .notes = {.assumptions = &assumption, .assumption_count = 1},
        .has_rebuild = !wanted->unproven,
        .rebuilt_size = content.len,
        .has_recipe = true,
        .source_kind = "module-zip",
        .has_source = true,
        .source = {.id = {"example.com/tool", or_default(wanted->version, "v1.0.0")},
                   .h1 = "h1:bXkhQWNHCs0KZEChF8hYS6FC+T2N9mUZLbQv9blditI=",
                   .proof = FETCH_PROOF_RECORDED,
                   .record = 7,
                   .zip = sha256_of(BYTES("zip"))},
        .sandbox_kind = "bubblewrap",
        .sandbox_version = "0.8.0",
    };
    struct inspection file = {.name = "bin/tool",
                              .has_digest = true,
                              .size = content.len,
                              .sha256 = sha256_of(content),
                              .goos = or_default(wanted->platform_goos, "linux"),
                              .goarch = "amd64",
                              .variant = "GOAMD64=v1"};
    struct rebuild_result result = {
        .tool_version = "0.0.0", .subjects = &subject, .subject_count = 1};
    subject.file = &file;
    subject.rebuilt =
        subject.verdict == VERDICT_REPRODUCED ? file.sha256 : sha256_of(BYTES("another"));
    buffer_init(&recipe, 65536);
    make_recipe(wanted, arena, &subject.recipe);
    recipe_write_json(&subject.recipe, &recipe);
    subject.recipe_json = buffer_view(&recipe);
    subject.recipe_digest = sha256_of(subject.recipe_json);
    buffer_init(&out, 1 << 20);
    report_rebuild_json(&result, &out);
    struct bytes text = arena_bytes(arena, buffer_view(&out));
    buffer_free(&recipe);
    buffer_free(&out);
    return text;
}

void fixture_record(const struct fixture_rebuild *wanted, struct arena *arena, struct record *ret)
{
    struct error err;
    if (!record_read(fixture_record_text(wanted, arena), arena, ret, &err)) {
        fail_msg("%s", err.message);
    }
}

const char *fixture_verdict_payload(const struct fixture_rebuild *wanted, const char *time,
                                    struct arena *arena)
{
    struct record record;
    struct buffer out;
    fixture_record(wanted, arena, &record);
    struct predicate_context context = {&record, &record.subjects[0],
                                        "https://example.com/rebuilder", time};
    buffer_init(&out, 1 << 20);
    verdict_write(&context, &out);
    const char *text = arena_string(arena, buffer_cstring(&out));
    buffer_free(&out);
    record_free(&record);
    return text;
}

struct bytes fixture_envelope(struct bytes payload, const char *type, uint8_t number,
                              struct arena *arena)
{
    struct signing_key *key = fixture_key(number);
    struct envelope envelope;
    struct buffer out;
    assert_true(envelope_sign(type, payload, key, arena, &envelope, NULL));
    buffer_init(&out, 1 << 20);
    envelope_put(&envelope, &out);
    struct bytes line = arena_bytes(arena, buffer_view(&out));
    buffer_free(&out);
    signing_key_free(&key);
    return line;
}

struct bytes fixture_verdict(const struct fixture_rebuild *wanted, uint8_t number, const char *time,
                             struct arena *arena)
{
    return fixture_envelope(bytes_from_string(fixture_verdict_payload(wanted, time, arena)),
                            ENVELOPE_STATEMENT, number, arena);
}

const char *fixture_replace(const char *text, const char *from, const char *to, struct arena *arena)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}
