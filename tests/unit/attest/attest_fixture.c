// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/attest/attest_fixture.h"

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
    struct bytes content = bytes_from_string(or_default(wanted->content, "artifact"));
    struct buffer recipe, out;
    struct subject_result subject = {
        .name = "bin/tool",
        .container = SIZE_MAX,
        .verdict = wanted->unproven                      ? VERDICT_UNPROVEN
                   : wanted->verdict == VERDICT_UNPROVEN ? VERDICT_REPRODUCED
                                                         : wanted->verdict,
        .accepted = !wanted->not_accepted,
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
