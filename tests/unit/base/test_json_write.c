// SPDX-License-Identifier: Apache-2.0
#include "base/json_write.h"

#include <locale.h>
#include <math.h>

#include "base/json_copy.h"
#include "base/json_read.h"
#include "tests/unit/unit.h"

static void write_sample(struct json_writer *writer)
{
    json_object(writer, NULL);
    json_string(writer, "name", "x");
    json_array(writer, "list");
    json_uint(writer, NULL, 18446744073709551615ULL);
    json_bool(writer, NULL, false);
    json_object(writer, NULL);
    json_object_end(writer);
    json_array_end(writer);
    json_array(writer, "none");
    json_array_end(writer);
    json_null(writer, "nothing");
    json_string(writer, "absent", NULL);
    json_decimal(writer, "seconds", 17.25, 1);
    json_object_end(writer);
}

static void writes_in_the_order_of_the_calls(void **state)
{
    (void)state;
    struct buffer out;
    struct json_writer writer;
    buffer_init(&out, 1000);
    json_writer_init(&writer, &out, true);
    write_sample(&writer);
    assert_string_equal(buffer_cstring(&out),
                        "{\"name\":\"x\",\"list\":[18446744073709551615,false,{}],\"none\":[],"
                        "\"nothing\":null,\"absent\":null,\"seconds\":17.3}");
    buffer_free(&out);
}

static void indents_by_two(void **state)
{
    (void)state;
    struct buffer out;
    struct json_writer writer;
    buffer_init(&out, 1000);
    json_writer_init(&writer, &out, false);
    write_sample(&writer);
    assert_string_equal(buffer_cstring(&out), "{\n"
                                              "  \"name\": \"x\",\n"
                                              "  \"list\": [\n"
                                              "    18446744073709551615,\n"
                                              "    false,\n"
                                              "    {}\n"
                                              "  ],\n"
                                              "  \"none\": [],\n"
                                              "  \"nothing\": null,\n"
                                              "  \"absent\": null,\n"
                                              "  \"seconds\": 17.3\n"
                                              "}\n");
    buffer_free(&out);
}

static void assert_written(struct bytes value, const char *expected)
{
    struct buffer out;
    struct json_writer writer;
    buffer_init(&out, 1000);
    json_writer_init(&writer, &out, true);
    json_text(&writer, NULL, value);
    assert_string_equal(buffer_cstring(&out), expected);
    struct error err;
    assert_true(json_check(buffer_view(&out), &err) ||
                strstr(err.message, "NUL in a string") != NULL);
    buffer_free(&out);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    assert_written(BYTES("a\"b\\c/"), "\"a\\\"b\\\\c/\"");
    assert_written(BYTES("\n\t\r\b"), "\"\\n\\t\\u000d\\u0008\"");
    assert_written(BYTES("\x1b[0m\x7f"), "\"\\u001b[0m\\u007f\"");
    assert_written(BYTES("a\0b"), "\"a\\u0000b\"");
    assert_written(BYTES("gr\xc3\xb6n"), "\"gr\xc3\xb6n\"");
    assert_written(BYTES("\xe2\x80\xae"), "\"\\u202e\"");
    assert_written(BYTES("\xf3\xa0\x80\xa1"), "\"\\udb40\\udc21\"");
}

static void bytes_that_are_not_utf8_become_replacements(void **state)
{
    (void)state;
    assert_written(BYTES("\xff\xfe"), "\"\\ufffd\\ufffd\"");
    assert_written(BYTES("\xe2\x80"), "\"\\ufffd\\ufffd\"");
    assert_written(BYTES("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");
}

static void decimals_ignore_the_locale(void **state)
{
    (void)state;
    setlocale(LC_ALL, "de_DE.UTF-8");
    static const struct {
        double value;
        unsigned decimals;
        const char *expected;
    } cases[] = {{0, 1, "0.0"},     {0.04, 1, "0.0"}, {0.05, 1, "0.1"},       {1.999, 2, "2.00"},
                 {12.345, 0, "12"}, {-3, 1, "0.0"},   {1e6, 3, "1000000.000"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer out;
        struct json_writer writer;
        buffer_init(&out, 100);
        json_writer_init(&writer, &out, true);
        json_decimal(&writer, NULL, cases[i].value, cases[i].decimals);
        assert_string_equal(buffer_cstring(&out), cases[i].expected);
        buffer_free(&out);
    }
    setlocale(LC_ALL, "C");
}

static void what_is_written_reads_back_the_same(void **state)
{
    (void)state;
    static const char text[] = "mixed \" \\ \x01 \xe2\x80\xae \xc3\xa9 end";
    struct buffer out;
    struct json_writer writer;
    buffer_init(&out, 1000);
    json_writer_init(&writer, &out, false);
    json_object(&writer, NULL);
    json_string(&writer, text, text);
    json_object_end(&writer);
    struct json_document *document;
    struct error err;
    assert_true(json_parse(buffer_view(&out), &document, &err));
    assert_string_equal(json_member_string(json_root(document), text), text);
    json_document_free(&document);
    buffer_free(&out);
}

static void a_copy_keeps_numbers_as_they_are_written(void **state)
{
    (void)state;
    static const char text[] =
        "{\"seconds\":17.20,\"less\":-1,\"much\":9007199254740993,\"tiny\":1e-7,"
        "\"list\":[0.5,3,true,null,\"4.5\"]}";
    struct json_document *document;
    struct error err;
    struct buffer out;
    struct json_writer writer;
    buffer_init(&out, 1000);
    assert_true(json_parse(bytes_from_string(text), &document, &err));
    json_writer_init(&writer, &out, true);
    json_copy(&writer, NULL, json_root(document));
    assert_string_equal(buffer_cstring(&out), text);
    json_document_free(&document);
    buffer_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(writes_in_the_order_of_the_calls),
    cmocka_unit_test(indents_by_two),
    cmocka_unit_test(strings_are_escaped),
    cmocka_unit_test(bytes_that_are_not_utf8_become_replacements),
    cmocka_unit_test(decimals_ignore_the_locale),
    cmocka_unit_test(what_is_written_reads_back_the_same),
    cmocka_unit_test(a_copy_keeps_numbers_as_they_are_written),
};
UNIT_MAIN(tests)
