// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "verifier/report/diff_report.h"
#include "verifier/report/html.h"

static struct buffer out;

static int start(void **state)
{
    (void)state;
    buffer_init(&out, 1 << 20);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    buffer_free(&out);
    return 0;
}

static const char *made(void)
{
    buffer_byte(&out, '\0');
    assert_true(buffer_ok(&out));
    return (const char *)buffer_view(&out).data;
}

static void text_is_never_markup(void **state)
{
    (void)state;
    html_text(&out, "a<b>&amp;\"'\x1b[31m\xe2\x80\xae");
    assert_string_equal(made(), "a&lt;b&gt;&amp;amp;&quot;&#39;\\x1b[31m\\u{202e}");
}

static void element_escapes_its_text(void **state)
{
    (void)state;
    html_element(&out, "td", "", "</td>");
    html_element(&out, "b", "cause", "x");
    html_badge(&out, "bad", "<i>");
    assert_string_equal(made(), "<td>&lt;/td&gt;</td><b class=\"cause\">x</b>"
                                "<span class=\"badge bad\">&lt;i&gt;</span>");
}

static void counts_have_groups(void **state)
{
    (void)state;
    static const uint64_t counts[] = {0, 999, 1000, 1234567, UINT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        html_count(&out, counts[i]);
        buffer_byte(&out, ' ');
    }
    assert_string_equal(made(), "0 999 1,000 1,234,567 18,446,744,073,709,551,615 ");
}

static void absent_is_not_empty(void **state)
{
    (void)state;
    html_cell_or_absent(&out, "", false);
    html_cell_or_absent(&out, "", true);
    html_cell_or_absent(&out, "x", true);
    assert_string_equal(made(),
                        "<td class=\"dim\">(absent)</td><td class=\"dim\">(empty)</td><td>x</td>");
}

static void cut_list_says_how_many_more(void **state)
{
    (void)state;
    html_more(&out, 500, 500);
    html_more(&out, 1501, 500);
    assert_string_equal(made(), "<p class=\"dim\">and 1,001 more</p>");
}

static void policy_stands_before_all_else(void **state)
{
    (void)state;
    html_open(&out, "</title><script>", "");
    html_close(&out, "0");
    const char *page = made();
    const char *policy = strstr(page, "default-src 'none'");
    assert_non_null(policy);
    assert_true(policy < strstr(page, "<title>"));
    assert_null(strstr(page, "<script"));
    assert_non_null(strstr(page, "</html>"));
}

/* The confined process may be taken over: whatever numbers it tells, a page comes out. */
static void ranges_outside_of_their_part_are_not_drawn(void **state)
{
    (void)state;
    struct byte_range ranges[] = {{0, 10}, {90, UINT64_MAX}, {UINT64_MAX, 1}, {100, 20}};
    struct diff_part part = {.name = "x",
                             .role = "code",
                             .state = DIFF_CHANGED,
                             .offset_a = 80,
                             .size_a = 20,
                             .offset_b = UINT64_MAX,
                             .size_b = 5,
                             .differing = 3,
                             .ranges = ranges,
                             .range_count = ARRAY_LEN(ranges)};
    struct diff diff = {.name = "",
                        .functions_how = "",
                        .a = {"elf", "", "", "", 100, "", {"", "", "", ""}, 0, "", ""},
                        .b = {"elf", "", "", "", 0, "", {"", "", "", ""}, 0, "", ""},
                        .parts = &part,
                        .part_count = 1};
    struct diff_result result = {.slices = &diff, .slice_count = 1};
    const struct diff_view view = {.name_a = "a", .name_b = "b", .tool_version = "0"};
    diff_html(&result, &view, &out);
    const char *page = made();
    assert_null(strstr(page, "=\"nan"));
    assert_null(strstr(page, "=\"inf"));
    assert_null(strstr(page, "x=\"-"));
    /* One range lies within A: drawn in the bar of A and in the row. */
    size_t marks = 0;
    for (const char *at = page; (at = strstr(at, "<rect class=\"mark\"")) != NULL; at++) {
        marks++;
    }
    assert_int_equal(marks, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(text_is_never_markup),
        TEST(element_escapes_its_text),
        TEST(counts_have_groups),
        TEST(absent_is_not_empty),
        TEST(cut_list_says_how_many_more),
        TEST(policy_stands_before_all_else),
        TEST(ranges_outside_of_their_part_are_not_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
