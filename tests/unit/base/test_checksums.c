// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/unit.h"

#include "base/checksums.h"

#define HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static bool reads(const char *text, struct checksums *ret, struct arena *arena, struct error *err)
{
    return checksums_read(bytes_from_string(text), arena, ret, err);
}

static void reads_both_forms(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct checksums list;
    struct error err;
    assert_true(reads(HEX "  b\n" HEX " *a file\nSHA256 (c (1)) = " HEX "\n", &list, &arena, &err));
    assert_int_equal(list.count, 3);
    assert_non_null(checksums_find(&list, BYTES("b")));
    assert_non_null(checksums_find(&list, BYTES("a file")));
    assert_non_null(checksums_find(&list, BYTES("c (1)")));
    assert_null(checksums_find(&list, BYTES("c")));
    arena_free(&arena);
}

static void refuses_what_is_not_a_file_beside(void **state)
{
    (void)state;
    static const char *const lists[] = {
        HEX "  ../b\n",
        HEX "  dir/b\n",
        HEX "  ..\n",
        HEX "  \n",
        HEX " b\n",
        HEX "\n",
        "\\" HEX "  a\\nb\n",
        HEX "  a\x1b[2Jb\n",
        HEX "  b\n" HEX "  b\n",
        "SHA256 (b) = " HEX "0\n",
        "SHA256 () = " HEX "\n",
        "SHA256 (../b) = " HEX "\n",
        HEX "  b\n\n",
        "MD5 (b) = " HEX "\n",
        HEX "  a\rb\n",
    };
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct checksums list;
        struct error err;
        if (reads(lists[i], &list, &arena, &err)) {
            fail_msg("accepted: %s", lists[i]);
        }
        assert_int_equal(err.code, ERROR_FORMAT);
    }
    arena_free(&arena);
}

static void reads_what_it_writes(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct checksums list;
    struct buffer out;
    struct error err;
    struct checksum entry = {.name = BYTES("name) = x"), .digest = sha256_of(BYTES("x"))};
    buffer_init(&out, 4096);
    checksums_put(&out, &entry);
    assert_true(checksums_read(buffer_view(&out), &arena, &list, &err));
    assert_true(sha256_equal(&checksums_find(&list, entry.name)->digest, &entry.digest));
    buffer_clear(&out);
    checksums_put_bsd(&out, &entry);
    assert_true(checksums_read(buffer_view(&out), &arena, &list, &err));
    assert_true(sha256_equal(&checksums_find(&list, entry.name)->digest, &entry.digest));
    buffer_free(&out);
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_both_forms),
    cmocka_unit_test(refuses_what_is_not_a_file_beside),
    cmocka_unit_test(reads_what_it_writes),
};
UNIT_MAIN(tests)
