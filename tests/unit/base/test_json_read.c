// SPDX-License-Identifier: Apache-2.0
#include "base/json_read.h"

#include <dirent.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

static bool accepts(struct bytes text)
{
    struct error err;
    bool checked = json_check(text, &err);
    struct json_document *document = NULL;
    bool parsed = json_parse(text, &document, &err);
    json_document_free(&document);
    assert_int_equal(checked, parsed);
    return parsed;
}

static void accepts_what_the_rfc_allows(void **state)
{
    (void)state;
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1.5e-3",
                                        "\"\"",
                                        "true",
                                        "null",
                                        " \t\r\n1 \n",
                                        "[]",
                                        "{}",
                                        "[[],{}]",
                                        "{\"\":0}",
                                        "[1,2]",
                                        "{\"a\":{\"a\":1}}",
                                        "1E+2",
                                        "[0.0]",
                                        "\"\\u00e9\\ud83d\\ude00\"",
                                        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                        "\"\xc3\xa9\"",
                                        "\"\x7f\"",
                                        "{\"a\":1,\"A\":2}"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (!accepts(bytes_from_string(texts[i]))) {
            fail_msg("refused %s", texts[i]);
        }
    }
}

static const char *const refused[] = {"01",
                                      "-01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "1e",
                                      "1e+",
                                      "-",
                                      "- 1",
                                      "0x10",
                                      "\"a\tb\"",
                                      "\"a\nb\"",
                                      "1 2",
                                      "[1]x",
                                      "{}{}",
                                      "\"\\ud800\"",
                                      "\"\\udc00\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\\ud800x\"",
                                      "\"\\x41\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"\xff\"",
                                      "\"\xc0\xaf\"",
                                      "\"\xed\xa0\x80\"",
                                      "\xef\xbb\xbf{}",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{\"a\":1,}",
                                      "{\"a\" 1}",
                                      "{a:1}",
                                      "{'a':1}",
                                      "{1:1}",
                                      "nul",
                                      "True",
                                      "nullx",
                                      "NaN",
                                      "Infinity",
                                      "",
                                      " ",
                                      "[",
                                      "{",
                                      "\"",
                                      "\"abc",
                                      "{\"a\"",
                                      "{\"a\":",
                                      "[1",
                                      "]",
                                      "}",
                                      "[}",
                                      "{]",
                                      "/* c */1",
                                      "[1]//",
                                      "\"\\u0000\"",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":1,\"\\u0061\":2}",
                                      "[{\"x\":0,\"y\":1,\"x\":0}]"};

static void rejects_what_cjson_alone_would_take(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (accepts(bytes_from_string(refused[i]))) {
            fail_msg("accepted %s", refused[i]);
        }
    }
    assert_false(accepts(BYTES("1\0")));
    assert_false(accepts(BYTES("{}\0")));
    assert_false(accepts(BYTES("\"a\0b\"")));
    assert_false(accepts(bytes_from(NULL, 0)));
}

static void every_prefix_of_a_document_is_refused(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":[1.5e3,\"x\\u00e9\\ud83d\\ude00\",true,null,{\"b\":{}}],\"c\":-2}";
    assert_true(accepts(BYTES(text)));
    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        /* An exact copy, so that a sanitizer sees a read past it. */
        char *cut = malloc(len == 0 ? 1 : len);
        assert_non_null(cut);
        memcpy(cut, text, len);
        assert_false(accepts(bytes_from(cut, len)));
        free(cut);
    }
}

static void names_line_and_column(void **state)
{
    (void)state;
    struct error err;
    assert_fails(json_check(BYTES("{\n  \"a\": 01\n}"), &err), &err, ERROR_FORMAT, "line 2");
    assert_fails(json_check(BYTES("{\"a\":1,\"a\":2}"), &err), &err, ERROR_FORMAT, "twice");
    assert_fails(json_check(BYTES("[1] x"), &err), &err, ERROR_FORMAT, "line 1 column 5");
}

static char *nested(size_t depth)
{
    char *text = malloc(2 * depth + 1);
    assert_non_null(text);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
    return text;
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    static const size_t depths[] = {LIMIT_JSON_DEPTH, LIMIT_JSON_DEPTH + 1, 100000};
    for (size_t i = 0; i < ARRAY_LEN(depths); i++) {
        char *text = nested(depths[i]);
        assert_int_equal(accepts(bytes_from_string(text)), depths[i] <= LIMIT_JSON_DEPTH);
        free(text);
    }
}

static void a_document_larger_than_allowed_is_not_even_looked_at(void **state)
{
    (void)state;
    struct error err;
    struct bytes large = bytes_from("1", LIMIT_JSON_BYTES + 1);
    assert_fails(json_check(large, &err), &err, ERROR_LIMIT, "bytes");
}

static void many_keys_are_compared_in_little_time(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 32 << 20);
    buffer_string(&text, "{");
    for (int i = 0; i < 300000; i++) {
        buffer_printf(&text, "\"k%d\":0,", i);
    }
    size_t len = text.len;
    buffer_string(&text, "\"last\":0}");
    struct error err;
    assert_true(json_check(buffer_view(&text), &err));
    text.len = len;
    buffer_string(&text, "\"k7\":0}");
    assert_false(json_check(buffer_view(&text), &err));
    buffer_free(&text);
}

static void members_are_found_by_their_exact_name(void **state)
{
    (void)state;
    struct json_document *document;
    struct error err;
    assert_true(json_parse(BYTES("{\"Name\":\"A\",\"name\":\"b\",\"n\":7,\"l\":[true,null]}"),
                           &document, &err));
    const struct cJSON *root = json_root(document);
    assert_string_equal(json_member_string(root, "name"), "b");
    assert_string_equal(json_member_string(root, "Name"), "A");
    assert_null(json_member(root, "NAME"));
    assert_null(json_member_string(root, "n"));
    assert_null(json_member_string(root, "absent"));
    assert_null(json_get_string(NULL));
    assert_null(json_member(NULL, "x"));
    assert_null(json_first(NULL));
    const struct cJSON *list = json_member(root, "l");
    assert_true(json_is_array(list) && !json_is_object(list));
    assert_null(json_member(list, "0"));
    bool truth = false;
    const struct cJSON *element = json_first(list);
    assert_null(json_key(element));
    assert_true(json_get_bool(element, &truth) && truth);
    element = json_next(element);
    assert_false(json_get_bool(element, &truth));
    assert_null(json_next(element));
    assert_string_equal(json_key(json_first(root)), "Name");
    assert_null(json_first(json_first(root)));
    json_document_free(&document);
    json_document_free(&document);
}

static void whole_numbers_are_exact_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool accepted;
        uint64_t value;
    } cases[] = {{"0", true, 0},
                 {"7", true, 7},
                 {"9007199254740991", true, 9007199254740991},
                 {"9007199254740992", true, 9007199254740992},
                 {"9007199254740993", false, 0},
                 {"9007199254740994", false, 0},
                 {"18446744073709551616", false, 0},
                 {"1e400", false, 0},
                 {"-1", false, 0},
                 {"-0", false, 0},
                 {"1.5", false, 0},
                 {"1.0", false, 0},
                 {"1e3", false, 0},
                 {"9007199254740991.1", false, 0},
                 {"0.00000000000000000000000000000001", false, 0},
                 {"\"1\"", false, 0},
                 {"true", false, 0}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct json_document *document;
        struct error err;
        uint64_t value = 42;
        assert_true(json_parse(bytes_from_string(cases[i].text), &document, &err));
        if (json_get_uint(json_root(document), &value) != cases[i].accepted) {
            fail_msg("%s was %s", cases[i].text, cases[i].accepted ? "refused" : "accepted");
        }
        assert_true(value == (cases[i].accepted ? cases[i].value : 42));
        json_document_free(&document);
    }
}

static void digits_in_strings_are_no_numbers(void **state)
{
    (void)state;
    struct json_document *document;
    struct error err;
    uint64_t value = 0;
    assert_true(
        json_parse(BYTES("{\"a\\\"1\":[\"2\\\\\",3,\"4\"],\"5\":-6,\"b\":7}"), &document, &err));
    const struct cJSON *list = json_member(json_root(document), "a\"1");
    assert_true(json_get_uint(json_next(json_first(list)), &value) && value == 3);
    assert_false(json_get_uint(json_member(json_root(document), "5"), &value));
    assert_true(json_get_uint(json_member(json_root(document), "b"), &value) && value == 7);
    json_document_free(&document);
}

/* A NUL, because C would cut the string there; a key twice, because readers differ on which counts.
 */
static bool is_refused_on_purpose(const char *name)
{
    return strcmp(name, "y_string_null_escape.json") == 0 ||
           strcmp(name, "y_object_escaped_null_in_key.json") == 0 ||
           strcmp(name, "y_object_duplicated_key.json") == 0 ||
           strcmp(name, "y_object_duplicated_key_and_value.json") == 0;
}

static void agrees_with_the_json_test_suite(void **state)
{
    (void)state;
    char folder[2048];
    if (!corpus_find("jsontestsuite", folder, sizeof(folder))) {
        skip();
    }
    strncat(folder, "/test_parsing", sizeof(folder) - strlen(folder) - 1);
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    int seen = 0;
    struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        char path[4096];
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        struct bytes text = file_load(path);
        bool accepted = accepts(text);
        free((void *)(uintptr_t)text.data);
        bool wanted = entry->d_name[0] == 'y' && !is_refused_on_purpose(entry->d_name);
        if (entry->d_name[0] != 'i' && accepted != wanted) {
            fail_msg("%s was %s", entry->d_name, accepted ? "accepted" : "refused");
        }
        seen++;
    }
    closedir(listing);
    assert_true(seen > 300);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(accepts_what_the_rfc_allows),
    cmocka_unit_test(rejects_what_cjson_alone_would_take),
    cmocka_unit_test(every_prefix_of_a_document_is_refused),
    cmocka_unit_test(names_line_and_column),
    cmocka_unit_test(nesting_has_a_limit),
    cmocka_unit_test(a_document_larger_than_allowed_is_not_even_looked_at),
    cmocka_unit_test(many_keys_are_compared_in_little_time),
    cmocka_unit_test(members_are_found_by_their_exact_name),
    cmocka_unit_test(whole_numbers_are_exact_or_refused),
    cmocka_unit_test(digits_in_strings_are_no_numbers),
    cmocka_unit_test(agrees_with_the_json_test_suite),
};
UNIT_MAIN(tests)
