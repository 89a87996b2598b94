// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/licence_expression.h"
#include "attest/sbom/licence_files.h"
#include "attest/sbom/licence_match.h"
#include "tests/unit/unit.h"

/* The text of 0BSD, the shortest licence in use. */
#define ZERO_BSD                                                                                   \
    "Permission to use, copy, modify, and/or distribute this software for any purpose with or "    \
    "without fee is hereby granted.\n\nTHE SOFTWARE IS PROVIDED \"AS IS\" AND THE AUTHOR "         \
    "DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF "   \
    "MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, "        \
    "DIRECT, "                                                                                     \
    "INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, "    \
    "DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, "     \
    "ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.\n"

struct fixture {
    struct arena arena;
    struct licence_table table;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    licence_table_load(&f->arena, &f->table);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(&f->arena);
    free(f);
    return 0;
}

/* This project's own licence. */
static struct bytes apache(void)
{
    char path[4200];
    snprintf(path, sizeof(path), "%s/LICENSE", getenv("MESON_SOURCE_ROOT"));
    return file_load(path);
}

static void release(struct bytes text)
{
    free((void *)(uintptr_t)text.data);
}

static void knows_the_list(void **state)
{
    struct fixture *f = *state;
    assert_true(f->table.count > 600);
    assert_true(licence_table_has(&f->table, BYTES("MIT")));
    assert_true(licence_table_has(&f->table, BYTES("GPL-2.0-only")));
    assert_false(licence_table_has(&f->table, BYTES("mit")));
}

static void finds_a_licence_with_its_place(void **state)
{
    struct fixture *f = *state;
    struct licence_match matches[LICENCE_MATCHES];
    struct bytes text = apache();
    assert_int_equal(licence_match(&f->table, text, matches), 1);
    assert_string_equal(matches[0].id, "Apache-2.0");
    assert_true(matches[0].cover >= 98);
    assert_true(matches[0].offset < 400 && matches[0].offset + matches[0].len <= text.len);
    assert_int_equal(licence_match(&f->table, bytes_first(text, text.len / 2), matches), 0);
    release(text);
}

static void finds_two_in_one_file(void **state)
{
    struct fixture *f = *state;
    struct licence_match matches[LICENCE_MATCHES];
    struct bytes text = apache();
    AUTO(buffer) struct buffer both;
    buffer_init(&both, 1 << 20);
    buffer_string(&both, ZERO_BSD "\nParts are under other terms:\n\n");
    buffer_append(&both, text);
    assert_int_equal(licence_match(&f->table, buffer_view(&both), matches), 2);
    assert_string_equal(matches[0].id, "0BSD");
    assert_string_equal(matches[1].id, "Apache-2.0");
    assert_true(matches[0].offset + matches[0].len <= matches[1].offset);
    release(text);
}

/* Saying a part of a licence again and again is not saying the licence. */
static void counts_a_phrase_once(void **state)
{
    struct fixture *f = *state;
    struct licence_match matches[LICENCE_MATCHES];
    AUTO(buffer) struct buffer text;
    buffer_init(&text, 1 << 20);
    for (size_t i = 0; i < 200; i++) {
        buffer_append(&text, bytes_first(BYTES(ZERO_BSD), 200));
    }
    assert_int_equal(licence_match(&f->table, buffer_view(&text), matches), 0);
}

static void tells_nothing_of_other_text(void **state)
{
    struct fixture *f = *state;
    struct licence_match matches[LICENCE_MATCHES];
    static uint8_t noise[LICENCE_FILE_MAXIMUM];
    for (size_t i = 0; i < sizeof(noise); i++) {
        noise[i] = (uint8_t)(i * 2654435761U >> 24);
    }
    assert_int_equal(licence_match(&f->table, bytes_from(noise, sizeof(noise)), matches), 0);
    assert_int_equal(licence_match(&f->table, bytes_from(NULL, 0), matches), 0);
    assert_int_equal(licence_match(&f->table, BYTES("All rights reserved."), matches), 0);
}

static struct sbom_licences conclude(struct fixture *f, const struct licence_file *files,
                                     size_t count, size_t *ret_texts)
{
    struct sbom_licences licences;
    struct sbom_licence_text *texts = ARENA_ARRAY(&f->arena, count + 1, struct sbom_licence_text);
    licence_files_conclude(&f->table, files, count, &f->arena, &licences, texts, ret_texts);
    return licences;
}

static void believes_a_stated_identifier_first(void **state)
{
    struct fixture *f = *state;
    size_t texts;
    const struct licence_file file = {
        "LICENSE", BYTES("// SPDX-License-Identifier: MIT OR Apache-2.0\n" ZERO_BSD)};
    struct sbom_licences licences = conclude(f, &file, 1, &texts);
    assert_string_equal(licences.concluded, "MIT OR Apache-2.0");
    assert_int_equal(licences.finds[0].offset, 28);
    const struct licence_file lie = {"LICENSE",
                                     BYTES("SPDX-License-Identifier: Nonsense-1.0\n" ZERO_BSD)};
    licences = conclude(f, &lie, 1, &texts);
    assert_string_equal(licences.concluded, "0BSD");
}

static void joins_several_files_and_says_so(void **state)
{
    struct fixture *f = *state;
    size_t texts;
    const struct licence_file files[] = {
        {"LICENSE.a", BYTES(ZERO_BSD)},
        {"LICENSE.b", BYTES("SPDX-License-Identifier: ISC\n")},
        {"LICENSE.c", BYTES(ZERO_BSD)},
        {"README.md", BYTES("SPDX-License-Identifier: MIT\n")},
    };
    struct sbom_licences licences = conclude(f, files, ARRAY_LEN(files), &texts);
    assert_string_equal(licences.concluded, "0BSD AND ISC");
    assert_true(licences.joined);
    licences = conclude(f, files, 1, &texts);
    assert_string_equal(licences.concluded, "0BSD");
    assert_false(licences.joined);
    licences = conclude(f, files + 3, 1, &texts);
    assert_string_equal(licences.concluded, "MIT");
}

static void gives_an_unknown_text_whole(void **state)
{
    struct fixture *f = *state;
    size_t texts;
    const struct licence_file file = {"LICENSE", BYTES("Do with it what your lawyer allows.\n")};
    struct sbom_licences licences = conclude(f, &file, 1, &texts);
    assert_int_equal(texts, 1);
    assert_true(strncmp(licences.concluded, "LicenseRef-", 11) == 0);
    struct sbom_licences again = conclude(f, &file, 1, &texts);
    assert_string_equal(licences.concluded, again.concluded);
}

static void passes_over_what_is_no_text(void **state)
{
    struct fixture *f = *state;
    size_t texts;
    static uint8_t large[LICENCE_FILE_MAXIMUM + 1];
    memset(large, 'x', sizeof(large));
    const struct licence_file files[] = {
        {"LICENSE", BYTES("a\0b")},
        {"LICENSE.big", {large, sizeof(large)}},
        {"LICENSE.empty", {NULL, 0}},
    };
    struct sbom_licences licences = conclude(f, files, ARRAY_LEN(files), &texts);
    assert_string_equal(licences.concluded, "");
    assert_int_equal(texts, 0);
    assert_true(licences.looked);
}

static void takes_the_lines_that_name_an_owner(void **state)
{
    struct fixture *f = *state;
    size_t texts;
    const struct licence_file file = {
        "LICENSE", BYTES("Copyright (c) 2020 A. Author\n * Copyright 2021 B\n(c) 2022 C\n"
                         "copyright notice 1 applies\nCopyright [yyyy] [name of copyright owner]\n"
                         "Copyright (c) 2020 A. Author\n" ZERO_BSD)};
    struct sbom_licences licences = conclude(f, &file, 1, &texts);
    assert_string_equal(licences.copyright,
                        "Copyright (c) 2020 A. Author\nCopyright 2021 B\n(c) 2022 C");
}

static void knows_licence_files_by_name(void **state)
{
    static const struct {
        const char *path;
        enum licence_file_kind kind;
    } rows[] = {
        {"LICENSE", LICENCE_FILE_TEXT},      {"License.txt", LICENCE_FILE_TEXT},
        {"LICENCE.md", LICENCE_FILE_TEXT},   {"COPYING.LESSER", LICENCE_FILE_TEXT},
        {"UNLICENSE", LICENCE_FILE_TEXT},    {"LICENSES/MIT.txt", LICENCE_FILE_TEXT},
        {"license.go", LICENCE_FILE_NONE},   {"sub/LICENSE", LICENCE_FILE_NONE},
        {"LICENSES/a/b", LICENCE_FILE_NONE}, {"NOTICE", LICENCE_FILE_NOTICE},
        {"README.md", LICENCE_FILE_README},  {"main.go", LICENCE_FILE_NONE},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(licence_file_kind(rows[i].path), rows[i].kind);
    }
}

static void checks_expressions(void **state)
{
    struct fixture *f = *state;
    static const char *const good[] = {"MIT", "MIT AND (Apache-2.0 OR BSD-3-Clause)",
                                       "GPL-2.0-or-later WITH Classpath-exception-2.0", "GPL-3.0+",
                                       "((MIT))"};
    static const char *const bad[] = {"",        "MIT AND",     "MIT MIT",     "(MIT",
                                      "MIT)",    "mit",         "AND MIT",     "MIT WITH",
                                      "MIT; rm", "Proprietary", "MIT WITH (x)"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(licence_expression_is_valid(&f->table, bytes_from_string(good[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (licence_expression_is_valid(&f->table, bytes_from_string(bad[i]))) {
            fail_msg("\"%s\" is accepted", bad[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_list),
        cmocka_unit_test(finds_a_licence_with_its_place),
        cmocka_unit_test(finds_two_in_one_file),
        cmocka_unit_test(counts_a_phrase_once),
        cmocka_unit_test(tells_nothing_of_other_text),
        cmocka_unit_test(believes_a_stated_identifier_first),
        cmocka_unit_test(joins_several_files_and_says_so),
        cmocka_unit_test(gives_an_unknown_text_whole),
        cmocka_unit_test(passes_over_what_is_no_text),
        cmocka_unit_test(takes_the_lines_that_name_an_owner),
        cmocka_unit_test(knows_licence_files_by_name),
        cmocka_unit_test(checks_expressions),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
