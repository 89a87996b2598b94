// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/fetch/fake_database.h"
#include "tests/unit/unit.h"
#include "verifier/fetch/note.h"

static struct fake_database fake;

static int open_fake(void **state)
{
    (void)state;
    fake_open(&fake, 20, 0, 20);
    return 0;
}

static int close_fake(void **state)
{
    (void)state;
    fake_close(&fake);
    return 0;
}

static bool opens(struct bytes message)
{
    struct bytes text;
    struct error err = {0};
    bool good = note_open(message, &fake.anchor.key, &text, &err);
    assert_true(good || err.code == ERROR_UNTRUSTED);
    return good;
}

static struct bytes join(const char *a, const char *b, const char *c)
{
    return bytes_from_string(arena_printf(&fake.arena, "%s%s%s", a, b, c));
}

static void reads_the_key_of_the_public_database(void **state)
{
    (void)state;
    struct anchor anchor;
    struct error err;
    assert_true(anchor_builtin(&fake.arena, &anchor, &err));
    assert_string_equal(anchor.key.name, "sum.golang.org");
    assert_bytes(bytes_from(anchor.key.hash, 4), BYTES("\x03\x3d\xe0\xae"));
    assert_true(anchor.has_floor);
    assert_true(anchor.floor.size >= 71769961);
}

static void refuses_malformed_keys(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "sum.golang.org",
        "sum.golang.org+033de0ae",
        "sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.com+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033DE0AE+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+33de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8AAAA",
        "sum.golang.org+033de0ae+As4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8 ",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct note_key key;
        struct error err;
        assert_fails(note_key_parse(bad[i], &fake.arena, &key, &err), &err, ERROR_USAGE,
                     "verifier key");
    }
}

static void opens_what_the_key_signed(void **state)
{
    (void)state;
    struct bytes text;
    struct error err;
    assert_true(note_open(fake_sign(&fake, BYTES("a\n\nb\n")), &fake.anchor.key, &text, &err));
    assert_bytes(text, BYTES("a\n\nb\n"));
}

static void passes_over_the_signatures_of_others(void **state)
{
    (void)state;
    const char *mine = fake_signature(&fake, BYTES("text\n"), FAKE_NAME);
    const char *other = fake_signature(&fake, BYTES("anything\n"), "other.example");
    const char *other_key = "\xe2\x80\x94 " FAKE_NAME " AAAAAAAA\n";
    assert_true(opens(join("text\n\n", other, mine)));
    assert_true(opens(join("text\n\n", mine, other)));
    assert_true(opens(join("text\n\n", other_key, mine)));
    assert_false(opens(join("text\n\n", other, other_key)));
}

static void a_bad_signature_of_the_key_fails_beside_a_good_one(void **state)
{
    (void)state;
    const char *good = fake_signature(&fake, BYTES("text\n"), FAKE_NAME);
    const char *bad = fake_signature(&fake, BYTES("Text\n"), FAKE_NAME);
    assert_true(opens(join("text\n\n", good, good)));
    assert_false(opens(join("text\n\n", good, bad)));
    assert_false(opens(join("text\n\n", bad, good)));
    assert_false(opens(join("text\n\n", bad, "")));
}

static void counts_at_most_a_hundred_signatures(void **state)
{
    (void)state;
    const char *lines = fake_signature(&fake, BYTES("text\n"), FAKE_NAME);
    const char *other = fake_signature(&fake, BYTES("text\n"), "other.example");
    for (unsigned i = 1; i < 100; i++) {
        lines = arena_printf(&fake.arena, "%s%s", lines, other);
    }
    assert_true(opens(join("text\n\n", lines, "")));
    assert_false(opens(join("text\n\n", lines, other)));
}

static void refuses_malformed_notes(void **state)
{
    (void)state;
    const char *good = fake_signature(&fake, BYTES("text\n"), FAKE_NAME);
    const char *without_dash = good + strlen("\xe2\x80\x94 ");
    assert_false(opens(BYTES("")));
    assert_false(opens(BYTES("\n\n")));
    assert_false(opens(BYTES("text\n")));
    assert_false(opens(BYTES("text\n\n")));
    assert_false(opens(join("text\n", good, "")));
    assert_false(opens(join("text\r\n\n", good, "")));
    assert_false(opens(join("text\n\n", good, "\n")));
    assert_false(opens(join("text\n\n", good, "x")));
    assert_false(opens(join("text\n\n", good, "x\n")));
    assert_false(opens(join("text\n\n- ", without_dash, "")));
    assert_false(opens(join("text\n\n\xe2\x80\x93 ", without_dash, "")));
    assert_false(opens(join("text\n\n\xe2\x80\x94  ", without_dash, "")));
    assert_false(opens(join("te\x01xt\n\n", good, "")));
    assert_false(opens(join("te\xffxt\n\n", good, "")));
    struct bytes whole = join("text\n\n", good, "");
    assert_true(opens(whole));
    assert_false(opens(bytes_first(whole, whole.len - 1)));
}

static void any_changed_bit_is_refused(void **state)
{
    (void)state;
    struct bytes good = fake_head(&fake, 20);
    char *copy = arena_text(&fake.arena, good);
    for (size_t i = 0; i < good.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            copy[i] = (char)(copy[i] ^ (1 << bit));
            assert_false(opens(bytes_from(copy, good.len)));
            copy[i] = (char)(copy[i] ^ (1 << bit));
        }
    }
    assert_true(opens(bytes_from(copy, good.len)));
}

static void any_cut_is_refused(void **state)
{
    (void)state;
    struct bytes good = fake_head(&fake, 20);
    for (size_t len = 0; len < good.len; len++) {
        assert_false(opens(bytes_first(good, len)));
    }
}

static void reads_heads(void **state)
{
    (void)state;
    struct signed_head head;
    struct error err;
    struct sha256 root = fake_root(&fake, 20);
    assert_true(signed_head_open(fake_head(&fake, 20), &fake.anchor.key, &head, &err));
    assert_int_equal(head.size, 20);
    assert_true(sha256_equal(&head.root, &root));
    struct bytes extended = join((const char *)fake_head_text(&fake, 20, &root).data, "more\n", "");
    assert_true(signed_head_open(fake_sign(&fake, extended), &fake.anchor.key, &head, &err));
}

static void signed_texts_that_are_no_heads_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "go.sum database tree\n020\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "go.sum database tree\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "go.sum database tree\n9223372036854775808\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "go.sum database tree\n 20\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "go.sum database tree\n20\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n",
        "go.sum database tree\n20\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "go.sum database tree\n20\n",
        "go.sum database tree \n20\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "other tree\n20\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct signed_head head;
        struct error err;
        struct bytes note = fake_sign(&fake, bytes_from_string(bad[i]));
        assert_true(opens(note));
        assert_fails(signed_head_open(note, &fake.anchor.key, &head, &err), &err, ERROR_UNTRUSTED,
                     "not a tree head");
    }
}

static void reads_gosumdb(void **state)
{
    (void)state;
    struct gosumdb setting;
    struct error err;
    assert_true(gosumdb_parse("off", &fake.arena, &setting, &err));
    assert_true(setting.off);
    static const char *const builtin[] = {
        "", "sum.golang.org",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"};
    for (size_t i = 0; i < ARRAY_LEN(builtin); i++) {
        assert_true(gosumdb_parse(builtin[i], &fake.arena, &setting, &err));
        assert_false(setting.off);
        assert_true(setting.anchor.has_floor);
        assert_string_equal(setting.anchor.url, "");
    }
    assert_true(gosumdb_parse("sum.golang.google.cn", &fake.arena, &setting, &err));
    assert_string_equal(setting.anchor.key.name, "sum.golang.org");
    assert_string_equal(setting.anchor.url, "https://sum.golang.google.cn");
    const char *own = arena_printf(&fake.arena, " %s  https://sum.example.test/x ", fake.key_text);
    assert_true(gosumdb_parse(own, &fake.arena, &setting, &err));
    assert_string_equal(setting.anchor.key.name, FAKE_NAME);
    assert_string_equal(setting.anchor.url, "https://sum.example.test/x");
    assert_false(setting.anchor.has_floor);
}

static void refuses_malformed_gosumdb(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "on",
        "off x",
        "sum.example.test",
        "sum.golang.org a b",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn9",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct gosumdb setting;
        struct error err;
        assert_fails(gosumdb_parse(bad[i], &fake.arena, &setting, &err), &err, ERROR_USAGE,
                     "GOSUMDB");
    }
}

/* The checkpoints of another log, under its own key. */
static void opens_the_checkpoints_of_others(void **state)
{
    (void)state;
    char folder[2048], path[4096];
    struct note_key key;
    struct bytes text;
    struct error err;
    if (!corpus_find("tessera-testlog", folder, sizeof(folder))) {
        skip();
    }
    assert_true(note_key_parse("example.com/log/testdata+33d7b496+"
                               "AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
                               &fake.arena, &key, &err));
    for (int i = -1; i < 16; i++) {
        snprintf(path, sizeof(path), i < 0 ? "%s/log/checkpoint" : "%s/log/checkpoint.%d", folder,
                 i);
        struct bytes note = file_load(path);
        assert_true(note_open(note, &key, &text, &err));
        assert_false(note_open(bytes_first(note, note.len - 1), &key, &text, &err));
        assert_false(note_open(note, &fake.anchor.key, &text, &err));
        free((void *)(uintptr_t)note.data);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(reads_the_key_of_the_public_database, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(refuses_malformed_keys, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(opens_what_the_key_signed, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(passes_over_the_signatures_of_others, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(a_bad_signature_of_the_key_fails_beside_a_good_one, open_fake,
                                    close_fake),
    cmocka_unit_test_setup_teardown(counts_at_most_a_hundred_signatures, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(refuses_malformed_notes, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(any_changed_bit_is_refused, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(any_cut_is_refused, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(reads_heads, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(signed_texts_that_are_no_heads_are_refused, open_fake,
                                    close_fake),
    cmocka_unit_test_setup_teardown(reads_gosumdb, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(refuses_malformed_gosumdb, open_fake, close_fake),
    cmocka_unit_test_setup_teardown(opens_the_checkpoints_of_others, open_fake, close_fake),
};
UNIT_MAIN(tests)
