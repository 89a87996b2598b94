// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/fetch/support.h"
#include "verifier/fetch/dirhash.h"

/* Two of these were made with golang.org/x/mod/sumdb/dirhash, as dirhash_test.go has them: by hash
 * of the lines, written out. */
static void lines_to_h1(const char *lines, char ret[H1_LEN + 1])
{
    struct sha256 digest = sha256_of(bytes_from_string(lines));
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *to = ret + 3;
    memcpy(ret, "h1:", 3);
    for (size_t i = 0; i < 33; i += 3) {
        unsigned b2 = i + 2 < 32 ? digest.bytes[i + 2] : 0;
        unsigned bits = (unsigned)digest.bytes[i] << 16 | (unsigned)digest.bytes[i + 1] << 8 | b2;
        for (int shift = 18; shift >= 0; shift -= 6) {
            *to++ = alphabet[bits >> shift & 63];
        }
    }
    to[-1] = '=';
    *to = '\0';
}

static void make_file(int dir, const char *path, const char *content, mode_t mode)
{
    struct error err;
    int fd;
    assert_true(file_open_beneath(dir, path, O_WRONLY | O_CREAT | O_EXCL, 0600, &fd, &err));
    assert_true(file_write_all(fd, bytes_from_string(content), &err));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

struct fixture {
    char path[64];
    int dir;
    struct arena arena;
    struct file_tree tree;
};

/* a (1 byte), d/b (empty), d/e/c */
static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct error err;
    scratch_make(f->path);
    assert_true(directory_open(f->path, &f->dir, &err));
    assert_true(directory_make(f->dir, "d/e", 0755, NULL, &err));
    make_file(f->dir, "a", "x", 0644);
    make_file(f->dir, "d/b", "", 0444);
    make_file(f->dir, "d/e/c", "content\n", 0755);
    assert_true(file_tree_scan(f->dir, &f->arena, &f->tree, &err));
    assert_true(file_tree_hash(f->dir, &f->tree, 3, &err));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    close(f->dir);
    scratch_remove(f->path);
    arena_free(&f->arena);
    free(f);
    return 0;
}

static void lists_and_hashes_a_tree(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(f->tree.count, 3);
    assert_string_equal(f->tree.entries[0].path, "a");
    assert_string_equal(f->tree.entries[1].path, "d/b");
    assert_string_equal(f->tree.entries[2].path, "d/e/c");
    assert_int_equal(f->tree.entries[2].mode, 0755);
    assert_int_equal(f->tree.entries[2].size, 8);
    struct sha256 want = sha256_of(BYTES("content\n"));
    assert_true(sha256_equal(&f->tree.entries[2].digest, &want));
    assert_null(file_tree_find(&f->tree, "d"));
    assert_ptr_equal(file_tree_find(&f->tree, "d/b"), &f->tree.entries[1]);
}

static void hashes_names_as_they_stand_in_the_zip(void **state)
{
    struct fixture *f = *state;
    char want[H1_LEN + 1];
    char found[H1_LEN + 1];
    struct error err;
    char lines[1024];
    char x[65], empty[65], content[65];
    struct sha256 digests[] = {sha256_of(BYTES("x")), sha256_of(BYTES("")),
                               sha256_of(BYTES("content\n"))};
    sha256_hex(&digests[0], x);
    sha256_hex(&digests[1], empty);
    sha256_hex(&digests[2], content);
    snprintf(lines, sizeof(lines), "%s  m@v1/a\n%s  m@v1/d/b\n%s  m@v1/d/e/c\n", x, empty, content);
    lines_to_h1(lines, want);
    assert_true(dirhash_tree(&f->tree, "m@v1/", found, &err));
    assert_string_equal(found, want);
    /* "a.b" sorts before "a/b": names are compared whole. A renamed go.mod counts as _go.mod, which
     * comes behind a capital letter and before a small one. */
    struct file_entry entries[] = {
        {.kind = FILE_KIND_DIRECTORY, .path = "d", .digest = digests[1]},
        {.kind = FILE_KIND_PLAIN, .path = "d.x", .digest = digests[0]},
        {.kind = FILE_KIND_PLAIN, .path = "d/Z", .digest = digests[0]},
        {.kind = FILE_KIND_PLAIN, .path = "d/a", .digest = digests[0]},
        {.kind = FILE_KIND_GO_MOD, .path = "d/go.mod", .digest = digests[2]},
    };
    struct file_tree tree = {.entries = entries, .count = ARRAY_LEN(entries)};
    snprintf(lines, sizeof(lines), "%s  p/d.x\n%s  p/d/\n%s  p/d/Z\n%s  p/d/_go.mod\n%s  p/d/a\n",
             x, empty, x, content, x);
    lines_to_h1(lines, want);
    assert_true(dirhash_tree(&tree, "p/", found, &err));
    assert_string_equal(found, want);
    entries[1].path = "d.\nx";
    assert_fails(dirhash_tree(&tree, "p/", found, &err), &err, ERROR_UNTRUSTED, "newline");
}

/* The one line of every toolchain's go.mod, as the database has it. */
static void hashes_a_go_mod_file(void **state)
{
    (void)state;
    char found[H1_LEN + 1];
    dirhash_go_mod(BYTES("module golang.org/toolchain\n"), found);
    assert_string_equal(found, "h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0=");
}

static void reads_only_whole_h1(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "h1:",
                                      "h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0",
                                      "8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0=",
                                      "h2:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0=",
                                      "h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS1=",
                                      "h1:8wlg68NqwW7eMnI1aABk_C2pDYXj8mrMY4TyRfiLeS0=",
                                      "h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0=\n",
                                      "h1:AAAA"};
    struct sha256 digest;
    assert_true(dirhash_parse("h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0=", &digest));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(dirhash_parse(bad[i], &digest));
    }
}

static void verifies_what_it_listed(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    assert_true(file_tree_verify(f->dir, &f->tree, 2, &err));
}

static void finds_a_changed_byte(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    assert_int_equal(unlinkat(f->dir, "d/e/c", 0), 0);
    make_file(f->dir, "d/e/c", "Content\n", 0755);
    assert_fails(file_tree_verify(f->dir, &f->tree, 2, &err), &err, ERROR_UNTRUSTED, "d/e/c");
}

static void finds_a_changed_size_mode_or_name(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    assert_int_equal(fchmodat(f->dir, "a", 0755, 0), 0);
    assert_fails(file_tree_verify(f->dir, &f->tree, 2, &err), &err, ERROR_UNTRUSTED, "a has");
    assert_int_equal(fchmodat(f->dir, "a", 0644, 0), 0);
    assert_int_equal(renameat(f->dir, "d/b", f->dir, "d/a"), 0);
    assert_fails(file_tree_verify(f->dir, &f->tree, 2, &err), &err, ERROR_UNTRUSTED, "d/a");
    assert_int_equal(renameat(f->dir, "d/a", f->dir, "d/b"), 0);
    make_file(f->dir, "z", "", 0644);
    assert_fails(file_tree_verify(f->dir, &f->tree, 2, &err), &err, ERROR_UNTRUSTED, "z does not");
    assert_int_equal(unlinkat(f->dir, "z", 0), 0);
    make_file(f->dir, "0", "", 0644);
    assert_fails(file_tree_verify(f->dir, &f->tree, 2, &err), &err, ERROR_UNTRUSTED, "0 does not");
    assert_int_equal(unlinkat(f->dir, "0", 0), 0);
    assert_int_equal(unlinkat(f->dir, "d/e/c", 0), 0);
    assert_fails(file_tree_verify(f->dir, &f->tree, 2, &err), &err, ERROR_UNTRUSTED,
                 "d/e/c is missing");
}

static void refuses_links_and_devices(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct file_tree tree;
    assert_int_equal(symlinkat("a", f->dir, "d/link"), 0);
    assert_fails(file_tree_scan(f->dir, &f->arena, &tree, &err), &err, ERROR_UNTRUSTED, "d/link");
    assert_int_equal(unlinkat(f->dir, "d/link", 0), 0);
    assert_int_equal(mkfifoat(f->dir, "pipe", 0600), 0);
    assert_fails(file_tree_verify(f->dir, &f->tree, 2, &err), &err, ERROR_UNTRUSTED, "pipe");
}

static void manifests_read_back_what_was_written(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct buffer text;
    struct file_tree again;
    struct arena arena = {0};
    buffer_init(&text, 65536);
    f->tree.entries[1].kind = FILE_KIND_DIRECTORY;
    file_manifest_write(&f->tree, &text);
    assert_true(file_manifest_parse(buffer_view(&text), &arena, &again, &err));
    assert_int_equal(again.count, 3);
    for (size_t i = 0; i < again.count; i++) {
        const struct file_entry *a = &f->tree.entries[i];
        const struct file_entry *b = &again.entries[i];
        assert_true(a->kind == b->kind && a->mode == b->mode && a->size == b->size &&
                    sha256_equal(&a->digest, &b->digest) && strcmp(a->path, b->path) == 0);
    }
    for (size_t len = 0; len < text.len; len++) {
        bool line_end = len > 0 && text.data[len - 1] == '\n';
        assert_int_equal(file_manifest_parse(bytes_from(text.data, len), &arena, &again, NULL),
                         line_end);
    }
    buffer_free(&text);
    arena_free(&arena);
}

#define DIGEST "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void refuses_malformed_manifests(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "x 644 0 " DIGEST " a\n",
        "f 64 0 " DIGEST " a\n",
        "f 0644 0 " DIGEST " a\n",
        "f 648 0 " DIGEST " a\n",
        "f 644 00 " DIGEST " a\n",
        "f 644 -1 " DIGEST " a\n",
        "f 644 0 " DIGEST "0 a\n",
        "f 644 0 " DIGEST "\n",
        "f 644 0 " DIGEST " \n",
        "f 644 0 " DIGEST " /a\n",
        "f 644 0 " DIGEST " ../a\n",
        "f 644 0 " DIGEST " a/\n",
        "f 644 0 " DIGEST " a/../b\n",
        "g 644 0 " DIGEST " a\n",
        "g 644 0 " DIGEST " xgo.mod\n",
        "f 644 0 " DIGEST " b\nf 644 0 " DIGEST " a\n",
        "f 644 0 " DIGEST " a\nf 644 0 " DIGEST " a\n",
        "f 644 18446744073709551616 " DIGEST " a\n",
        "\n",
        "f 644 0 E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 a\n"};
    static const char *const good[] = {"", "d 755 0 " DIGEST " \n", "g 644 0 " DIGEST " go.mod\n",
                                       "f 644 0 " DIGEST " a b\n"};
    for (size_t i = 0; i < ARRAY_LEN(bad) + ARRAY_LEN(good); i++) {
        bool is_bad = i < ARRAY_LEN(bad);
        char text[4096];
        struct arena arena = {0};
        struct file_tree tree;
        struct error err = {0};
        snprintf(text, sizeof(text), "reproof tree 1\n%s",
                 is_bad ? bad[i] : good[i - ARRAY_LEN(bad)]);
        if (file_manifest_parse(bytes_from_string(text), &arena, &tree, &err) == is_bad) {
            fail_telling("%s", text);
        }
        arena_free(&arena);
    }
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    WITH_TREE(lists_and_hashes_a_tree),
    WITH_TREE(hashes_names_as_they_stand_in_the_zip),
    cmocka_unit_test(hashes_a_go_mod_file),
    cmocka_unit_test(reads_only_whole_h1),
    WITH_TREE(verifies_what_it_listed),
    WITH_TREE(finds_a_changed_byte),
    WITH_TREE(finds_a_changed_size_mode_or_name),
    WITH_TREE(refuses_links_and_devices),
    WITH_TREE(manifests_read_back_what_was_written),
    cmocka_unit_test(refuses_malformed_manifests),
};

UNIT_MAIN(tests)
