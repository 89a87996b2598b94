// SPDX-License-Identifier: Apache-2.0
#include "attest/statement.h"

#include "tests/unit/unit.h"

#define HEX_A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"

static bool read_text(const char *text, struct statement *ret, struct arena *arena,
                      struct error *err)
{
    return statement_read(bytes_from_string(text), arena, ret, err);
}

static void reads_what_it_writes(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buffer out;
    struct json_writer json;
    struct statement statement;
    struct sha256 other = sha256_of(BYTES("b"));
    struct error err;
    struct subject_identity subject = {"tool", sha256_of(BYTES("a")), "pkg:generic/tool@1",
                                       "linux/amd64"};
    buffer_init(&out, 65536);
    statement_begin(&json, &out, &subject, "https://example.com/p");
    json_object(&json, "predicate");
    json_string(&json, "word", "said");
    json_object_end(&json);
    statement_end(&json);
    assert_true(statement_read(buffer_view(&out), &arena, &statement, &err));
    assert_string_equal(statement.predicate_type, "https://example.com/p");
    assert_string_equal(statement.subjects[0].name, "tool");
    assert_string_equal(json_member_string(statement.predicate, "word"), "said");
    assert_true(statement_is_about(&statement, &subject.sha256));
    assert_false(statement_is_about(&statement, &other));
    statement_free(&statement);
    buffer_free(&out);
    arena_free(&arena);
}

static void names_what_is_malformed(void **state)
{
    static const struct {
        const char *text, *part;
        enum error_code code;
    } rows[] = {
        {"", "", ERROR_FORMAT},
        {"Verified OK", "", ERROR_FORMAT},
        {"{}", "no _type", ERROR_FORMAT},
        {"{\"_type\":\"https://in-toto.io/Statement/v0.1\"}", "v0.1", ERROR_UNSUPPORTED},
        {"{\"_type\":\"" STATEMENT_TYPE "\"}", "no predicateType", ERROR_FORMAT},
        {"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"p\"}", "no predicate",
         ERROR_FORMAT},
        {"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"p\",\"predicate\":[]}",
         "no predicate", ERROR_FORMAT},
        {"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"p\",\"predicate\":{}}",
         "no subject", ERROR_FORMAT},
        {"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"p\",\"predicate\":{},"
         "\"subject\":[]}",
         "no subject", ERROR_FORMAT},
        {"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"p\",\"predicate\":{},"
         "\"subject\":[{\"name\":\"a\"}]}",
         "no digest", ERROR_FORMAT},
        {"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"p\",\"predicate\":{},"
         "\"subject\":[{\"name\":\"a\",\"digest\":{}}]}",
         "no digest", ERROR_FORMAT},
        {"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"p\",\"predicate\":{},"
         "\"subject\":[{\"name\":1,\"digest\":{\"md5\":\"x\"}}]}",
         "malformed", ERROR_FORMAT},
        {"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"p\",\"predicate\":{},"
         "\"subject\":[{\"digest\":{\"sha256\":\"CA978112\"}}]}",
         "sha256 is malformed", ERROR_FORMAT},
        {"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"p\",\"predicate\":{},"
         "\"subject\":[],\"subject\":[]}",
         "same key twice", ERROR_FORMAT},
        {"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"p\",\"predicate\":{},"
         "\"subject\":[{\"digest\":{\"sha256\":\"" HEX_A "\",\"sha256\":\"" HEX_A "\"}}]}",
         "same key twice", ERROR_FORMAT},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct statement statement;
        struct error err;
        assert_fails(read_text(rows[i].text, &statement, &arena, &err), &err, rows[i].code,
                     rows[i].part);
        arena_free(&arena);
    }
}

/* Only SHA-256 ever makes a statement one about a file. */
static void matches_no_other_digest(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct statement statement;
    struct sha256 digest = sha256_of(BYTES("a"));
    struct error err;
    assert_true(read_text("{\"_type\":\"" STATEMENT_TYPE
                          "\",\"predicateType\":\"p\",\"predicate\":{},"
                          "\"subject\":[{\"name\":\"a\",\"digest\":{\"SHA256\":\"" HEX_A
                          "\",\"md5\":\"" HEX_A "\"}}]}",
                          &statement, &arena, &err));
    assert_false(statement_is_about(&statement, &digest));
    statement_free(&statement);
    arena_free(&arena);
}

static void caps_subjects(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct statement statement;
    struct buffer out;
    struct error err;
    buffer_init(&out, 1 << 20);
    buffer_string(&out, "{\"_type\":\"" STATEMENT_TYPE
                        "\",\"predicateType\":\"p\",\"predicate\":{},\"subject\":[0");
    for (int i = 0; i < 2000; i++) {
        buffer_string(&out, ",0");
    }
    buffer_string(&out, "]}");
    assert_fails(statement_read(buffer_view(&out), &arena, &statement, &err), &err, ERROR_LIMIT,
                 "2001 subjects");
    buffer_free(&out);
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_what_it_writes),
    cmocka_unit_test(names_what_is_malformed),
    cmocka_unit_test(matches_no_other_digest),
    cmocka_unit_test(caps_subjects),
};

UNIT_MAIN(tests)
