// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/attest/attest_fixture.h"

static void reads_what_rebuild_writes(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct record record;
    fixture_record(&(struct fixture_rebuild){0}, &arena, &record);
    const struct record_subject *subject = &record.subjects[0];
    struct sha256 digest = sha256_of(BYTES("artifact"));
    assert_int_equal(record.subject_count, 1);
    assert_int_equal(subject->verdict, VERDICT_REPRODUCED);
    assert_true(subject->accepted);
    assert_string_equal(subject->file, "tool");
    assert_string_equal(subject->platform, "linux/amd64");
    assert_true(sha256_equal(&subject->sha256, &digest));
    assert_true(record_knows(&record, &digest));
    assert_non_null(strstr(subject->purl, "pkg:golang/example.com/tool@v1.0.0?checksum=sha256:"));
    assert_non_null(strstr(subject->purl, "goos=linux"));
    record_free(&record);
    arena_free(&arena);
}

/* TEXT with the first FROM behind AT_LEAST (may be NULL) replaced by TO. */
static struct bytes edit(struct bytes text, const char *from, const char *to, struct arena *arena)
{
    const char *all = arena_text(arena, text);
    const char *at = strstr(all, from);
    assert_non_null(at);
    return bytes_from_string(
        arena_printf(arena, "%.*s%s%s", (int)(at - all), all, to, at + strlen(from)));
}

static void refuses_a_record_that_contradicts_itself(void **state)
{
    static const struct {
        const char *from, *to, *part;
        enum error_code code;
    } rows[] = {
        {"\"verdict\": \"reproduced\"", "\"verdict\": \"different\"", "very same digest",
         ERROR_MISMATCH},
        {"\"verdict\": \"reproduced\"", "\"verdict\": \"proven\"", "verdict", ERROR_FORMAT},
        {"\"verdict\": \"reproduced\"", "\"verdict\": \"Reproduced\"", "verdict", ERROR_FORMAT},
        {"\"tags\": \"\"", "\"tags\": \"x\"", "recipe_digest", ERROR_MISMATCH},
        {"\"platform\": \"linux/amd64\"", "\"platform\": \"linux/arm64\"", "builds for",
         ERROR_MISMATCH},
        {"\"schema\": \"reproof/rebuild/v1\"", "\"schema\": \"reproof/inspect/v1\"",
         "not the result", ERROR_UNSUPPORTED},
        {"\"container\": null", "\"container\": 0", "container", ERROR_FORMAT},
        {"\"accepted\": true", "\"accepted\": \"yes\"", "accepted", ERROR_FORMAT},
        {"\"recipe_digest\": \"sha256:", "\"recipe_digest\": \"sha512:", "recipe_digest",
         ERROR_MISMATCH},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct record record;
        struct error err;
        struct bytes text = fixture_record_text(&(struct fixture_rebuild){0}, &arena);
        assert_fails(
            record_read(edit(text, rows[i].from, rows[i].to, &arena), &arena, &record, &err), &err,
            rows[i].code, rows[i].part);
        arena_free(&arena);
    }
}

/* A digest of the artifact that is not the rebuild's any more. */
static void refuses_another_digest(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct record record;
    struct error err;
    struct sha256 digest = sha256_of(BYTES("artifact")), other = sha256_of(BYTES("other"));
    char hex[SHA256_HEX_LEN + 1], wanted[SHA256_HEX_LEN + 1];
    sha256_hex(&digest, hex);
    sha256_hex(&other, wanted);
    struct bytes text = fixture_record_text(&(struct fixture_rebuild){0}, &arena);
    assert_fails(record_read(edit(text, hex, wanted, &arena), &arena, &record, &err), &err,
                 ERROR_MISMATCH, "another digest");
    arena_free(&arena);
}

/* Records of one release are read one by one; six packages may each hold a "tool". */
static void subjects_of_several_records_never_share_a_name(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct record_names names = {0};
    struct bytes text = fixture_record_text(&(struct fixture_rebuild){0}, &arena);
    const char *seen[200];
    for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
        struct record record;
        struct error err;
        assert_true(record_read_next(text, &names, &arena, &record, &err));
        seen[i] = record.subjects[0].file;
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(seen[i], seen[j]);
        }
        record_free(&record);
    }
    assert_string_equal(seen[0], "tool");
    assert_memory_equal(seen[1], "tool-", 5);
    record_names_free(&names);
    arena_free(&arena);
}

/* Names of files of evidence never come from a result unseen. */
static void makes_plain_names(void **state)
{
    static const struct {
        const char *name, *file;
    } rows[] = {
        {"a/b/tool.exe", "tool.exe"},
        {"../../etc/passwd", "passwd"},
        {"a/..", NULL},
        {"a/.profile", NULL},
        {"-rf", NULL},
        {"a/b\\u001b[2J", NULL},
        {"a/", NULL},
        {"t ool", NULL},
        {"bin/tool (arm64)", "tool-arm64"},
        {"tool (a/b)", NULL},
        {"tool ()", NULL},
        {"../(arm64)", NULL},
        {"a/-x (arm64)", NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct record record;
        struct error err;
        struct sha256 digest = sha256_of(BYTES("artifact"));
        char hex[SHA256_HEX_LEN + 1];
        sha256_hex(&digest, hex);
        struct bytes text =
            edit(fixture_record_text(&(struct fixture_rebuild){0}, &arena), "\"bin/tool\"",
                 arena_printf(&arena, "\"%s\"", rows[i].name), &arena);
        assert_true(record_read(text, &arena, &record, &err));
        assert_string_equal(record.subjects[0].file, rows[i].file == NULL ? hex : rows[i].file);
        record_free(&record);
        arena_free(&arena);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_what_rebuild_writes),
    cmocka_unit_test(refuses_a_record_that_contradicts_itself),
    cmocka_unit_test(refuses_another_digest),
    cmocka_unit_test(subjects_of_several_records_never_share_a_name),
    cmocka_unit_test(makes_plain_names),
};

UNIT_MAIN(tests)
