// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/fetch/support.h"
#include "verifier/fetch/file_tree.h"
#include "verifier/fetch/unpack.h"

#define PREFIX "example.com/m@v1.0.0/"

/* A directory with the archives in it, and one beside it to unpack into. */
struct fixture {
    char path[64];
    int top, root;
    struct arena arena;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct error err;
    scratch_make(f->path);
    support_helpers();
    assert_true(directory_open(f->path, &f->top, &err));
    assert_true(directory_make(f->top, "root", 0755, &f->root, &err));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char **names;
    size_t count;
    close(f->root);
    /* Nothing was made beside the directory that was handed over. */
    assert_true(directory_remove(f->top, "root", &err) && directory_remove(f->top, "zips", &err) &&
                directory_remove(f->top, "archive", &err));
    assert_true(directory_list(f->top, &f->arena, &names, &count, &err));
    assert_int_equal(count, 0);
    close(f->top);
    scratch_remove(f->path);
    arena_free(&f->arena);
    free(f);
    return 0;
}

static void empty_root(struct fixture *f)
{
    struct error err;
    close(f->root);
    assert_true(directory_remove(f->top, "root", &err));
    assert_true(directory_make(f->top, "root", 0755, &f->root, &err));
}

static bool unpack_path(struct fixture *f, const char *path, struct error *err)
{
    struct zip_directory directory;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    bool ok = unpack_module(fd, PREFIX, f->root, &f->arena, &directory, err);
    close(fd);
    return ok;
}

static const char *zips_of(struct fixture *f)
{
    const char *dir = arena_printf(&f->arena, "%s/zips", f->path);
    assert_true(mkdir(dir, 0700) == 0);
    support_make_zips(dir);
    return dir;
}

static void unpacks_good_zips_and_refuses_the_others(void **state)
{
    struct fixture *f = *state;
    size_t count;
    if (!support_has("python3")) {
        skip();
    }
    char **paths = support_list(zips_of(f), ".zip", &f->arena, &count);
    for (size_t i = 0; i < count; i++) {
        const char *name = strrchr(paths[i], '/') + 1;
        bool want = strncmp(name, "good-", 5) == 0;
        struct error err = {0};
        if (unpack_path(f, paths[i], &err) != want) {
            fail_telling("%s: %s", name, want ? err.message : "accepted");
        }
        if (!want && err.code != ERROR_FORMAT && err.code != ERROR_UNTRUSTED &&
            err.code != ERROR_LIMIT && err.code != ERROR_UNSUPPORTED) {
            fail_telling("%s: %s %s", name, error_code_name(err.code), err.message);
        }
        empty_root(f);
    }
}

static void assert_file(struct fixture *f, const char *path, const char *content, mode_t mode)
{
    struct error err;
    struct bytes found;
    struct stat info;
    assert_true(file_read(f->root, path, 1000, &f->arena, &found, &err));
    assert_bytes(found, bytes_from_string(content));
    assert_int_equal(fstatat(f->root, path, &info, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(info.st_mode, mode);
}

static void makes_plain_read_only_files_of_everything(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    if (!support_has("python3")) {
        skip();
    }
    const char *dir = zips_of(f);
    mode_t before = umask(077);
    assert_true(unpack_path(f, arena_printf(&f->arena, "%s/good-symlink.zip", dir), &err));
    umask(before);
    assert_file(f, "link", "target", S_IFREG | 0444);
    assert_file(f, "target", "x", S_IFREG | 0444);
    assert_true(unpack_path(f, arena_printf(&f->arena, "%s/good-modes.zip", dir), &err));
    assert_file(f, "setuid", "x", S_IFREG | 0444);
    assert_true(unpack_path(f, arena_printf(&f->arena, "%s/good-letters.zip", dir), &err));
    assert_file(f, "größe/日本語.go", "x", S_IFREG | 0444);
    struct stat info;
    assert_int_equal(fstatat(f->root, "größe", &info, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(info.st_mode, S_IFDIR | 0755);
}

static void never_writes_over_what_is_there(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    if (!support_has("python3")) {
        skip();
    }
    const char *zip = arena_printf(&f->arena, "%s/good-stored.zip", zips_of(f));
    assert_int_equal(symlinkat("/etc/passwd", f->root, "a"), 0);
    assert_false(unpack_path(f, zip, &err));
    empty_root(f);
    assert_true(unpack_path(f, zip, &err));
    assert_false(unpack_path(f, zip, &err));
}

/* What Python's tarfile makes; the script prints nothing and needs no network. */
static const char TAR_SCRIPT[] =
    "import tarfile, io, sys\n"
    "kind, path = sys.argv[1:3]\n"
    "t = tarfile.open(path, 'w:gz' if kind != 'plain' else 'w', format=tarfile.PAX_FORMAT)\n"
    "def add(name, data=b'x', type=tarfile.REGTYPE, link='', mode=0o644, **pax):\n"
    "    i = tarfile.TarInfo(name); i.size = len(data); i.type = type; i.linkname = link\n"
    "    i.mode = mode; i.pax_headers = pax; t.addfile(i, io.BytesIO(data))\n"
    "add('package/package.json', b'{}')\n"
    "if kind == 'odd':\n"
    "    add('package/link', b'', tarfile.SYMTYPE, '/etc/passwd')\n"
    "    add('package/hard', b'', tarfile.LNKTYPE, 'package/package.json')\n"
    "    add('package/fifo', b'', tarfile.FIFOTYPE)\n"
    "    add('package/device', b'', tarfile.CHRTYPE)\n"
    "    add('package/run', b'run', mode=0o6755)\n"
    "elif kind == 'dots':\n"
    "    add('./package/./a/.//b'); add('package/./c/', b'', tarfile.DIRTYPE)\n"
    "elif kind == 'dots twice': add('package/./package.json')\n"
    "elif kind == 'climb': add('package/../../out')\n"
    "elif kind == 'absolute': add('/tmp/out')\n"
    "elif kind == 'twice': add('package/package.json')\n"
    "elif kind == 'through':\n"
    "    add('package/d', b'', tarfile.SYMTYPE, '/tmp'); add('package/d/out')\n"
    "elif kind == 'control': add('package/a\\x1bb')\n"
    "elif kind == 'many':\n"
    "    for i in range(70001): add('package/%d' % i, b'')\n"
    "elif kind == 'sparse':\n"
    "    add('package/s', b'1\\n100\\n1\\n' + b'\\0' * 505 + b'x' * 1, **{'GNU.sparse.major': "
    "'1',\n"
    "        'GNU.sparse.minor': '0', 'GNU.sparse.name': 'package/s', 'GNU.sparse.realsize': "
    "'1000'})\n"
    "elif kind == 'programs':\n"
    "    elf = b'\\x7fELF\\2\\1\\1' + b'x' * 70000\n"
    "    add('bin/elf', elf); add('bin/small', elf[:60000]); add('doc/long', b'long ' * 20000)\n"
    "    add('inner.gz', b'\\x1f\\x8b\\x08' + bytes(70000)); add('A.class', "
    "b'\\xca\\xfe\\xba\\xbe\\0\\0\\0\\x34' + bytes(70000))\n"
    "    add('fat', b'\\xca\\xfe\\xba\\xbe\\0\\0\\0\\2' + bytes(70000))\n"
    "elif kind == 'bomb':\n"
    "    for i in range(2): add('zeros%d' % i, bytes(40 << 20))\n"
    "t.close()\n"
    "if kind == 'cut':\n"
    "    b = open(path, 'rb').read(); open(path, 'wb').write(b[:len(b) // 2])\n";

typedef bool unpack_function(int package, int dir, struct unpack_budget *budget,
                             struct arena *arena, struct unpacked_package *ret, struct error *err);

static bool unpack_tar_by(unpack_function *unpack, struct fixture *f, const char *kind,
                          struct unpacked_package *ret, struct error *err)
{
    const char *path = arena_printf(&f->arena, "%s/archive", f->path);
    const char *argv[] = {"python3", "-c", TAR_SCRIPT, kind, path, NULL};
    assert_int_equal(support_run(argv, NULL), 0);
    empty_root(f);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct unpack_budget budget = UNPACK_BUDGET;
    bool ok = unpack(fd, f->root, &budget, &f->arena, ret, err);
    close(fd);
    return ok;
}

static bool unpack_tar(struct fixture *f, const char *kind, struct unpacked_package *ret,
                       struct error *err)
{
    return unpack_tar_by(unpack_package, f, kind, ret, err);
}

static void unpacks_packages_and_reports_what_it_skips(void **state)
{
    struct fixture *f = *state;
    struct unpacked_package package;
    struct error err = {0};
    struct file_tree tree;
    if (!support_has("python3")) {
        skip();
    }
    assert_true(unpack_tar(f, "plain", &package, &err));
    assert_int_equal(package.files, 1);
    assert_true(unpack_tar(f, "odd", &package, &err));
    assert_int_equal(package.files, 2);
    assert_int_equal(package.bytes, 5);
    assert_int_equal(package.skipped, 4);
    assert_int_equal(package.skipped_name_count, 4);
    assert_string_equal(package.skipped_names[0], "symbolic link: package/link");
    assert_string_equal(package.skipped_names[1], "hard link: package/hard");
    assert_file(f, "package/run", "run", S_IFREG | 0444);
    assert_true(file_tree_scan(f->root, &f->arena, &tree, &err));
    assert_int_equal(tree.count, 2);
}

/* Published packages have such names, and npm, pip and tar take them so. */
static void takes_single_dots_for_the_same_folder(void **state)
{
    struct fixture *f = *state;
    struct unpacked_package package;
    struct error err = {0};
    if (!support_has("python3")) {
        skip();
    }
    assert_true(unpack_tar(f, "dots", &package, &err));
    assert_int_equal(package.files, 2);
    assert_file(f, "package/a/b", "x", S_IFREG | 0444);
    assert_false(unpack_tar(f, "dots twice", &package, &err));
}

static void refuses_hostile_packages(void **state)
{
    struct fixture *f = *state;
    static const char *const kinds[] = {"climb", "absolute", "twice", "control", "cut", "sparse"};
    struct unpacked_package package;
    if (!support_has("python3")) {
        skip();
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct error err = {0};
        if (unpack_tar(f, kinds[i], &package, &err)) {
            fail_telling("accepted %s", kinds[i]);
        }
        assert_true(err.message[0] != '\0' && err.code != ERROR_TOOL);
    }
    struct error err = {0};
    /* The link is skipped, so that what would go through it stays inside. */
    assert_true(unpack_tar(f, "through", &package, &err));
    assert_file(f, "package/d/out", "x", S_IFREG | 0444);
    assert_fails(unpack_tar(f, "many", &package, &err), &err, ERROR_LIMIT, "70000");
}

static void takes_out_programs_alone(void **state)
{
    struct fixture *f = *state;
    struct unpacked_package package;
    struct error err = {0};
    if (!support_has("python3")) {
        skip();
    }
    assert_true(unpack_tar_by(unpack_programs, f, "programs", &package, &err));
    assert_int_equal(package.files, 3);
    assert_int_equal(package.skipped, 0);
    assert_true(file_exists(f->root, "bin/elf") && file_exists(f->root, "inner.gz") &&
                file_exists(f->root, "fat"));
    assert_false(file_exists(f->root, "bin/small") || file_exists(f->root, "doc"));
    assert_true(unpack_tar_by(unpack_programs, f, "odd", &package, &err));
    assert_int_equal(package.files, 0);
}

/* What is passed over was decompressed all the same. */
static void members_that_are_passed_over_count(void **state)
{
    struct fixture *f = *state;
    struct unpacked_package package;
    struct error err = {0};
    if (!support_has("python3")) {
        skip();
    }
    assert_fails(unpack_tar_by(unpack_programs, f, "bomb", &package, &err), &err, ERROR_LIMIT,
                 "bytes allowed");
    assert_fails(unpack_tar_by(unpack_programs, f, "climb", &package, &err), &err, ERROR_UNTRUSTED,
                 "out");
}

/* One compressed file that begins as no program is not read to its end: this one is cut there. */
static void what_is_no_program_is_not_decompressed(void **state)
{
    struct fixture *f = *state;
    const char *path = arena_printf(&f->arena, "%s/archive", f->path);
    const char *argv[] = {"python3", "-c",
                          "import gzip, os, sys\n"
                          "z = gzip.compress(os.urandom(1 << 20), 1)\n"
                          "open(sys.argv[1], 'wb').write(z[:len(z) // 2])\n",
                          path, NULL};
    struct unpacked_package package;
    struct unpack_budget budget = UNPACK_BUDGET;
    struct error err = {0};
    if (!support_has("python3")) {
        skip();
    }
    assert_int_equal(support_run(argv, NULL), 0);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_false(unpack_package(fd, f->root, &budget, &f->arena, &package, &err));
    empty_root(f);
    assert_true(unpack_programs(fd, f->root, &budget, &f->arena, &package, &err));
    assert_int_equal(package.files, 0);
    close(fd);
}

static const char UU_SCRIPT[] =
    "import binascii, sys\n"
    "text = open(sys.argv[1], 'rb').read()\n"
    "body = text.partition(b'begin ')[2].partition(b'\\nend')[0]\n"
    "out = open(sys.argv[2], 'wb')\n"
    "for line in body.split(b'\\n')[1:]: out.write(binascii.a2b_uu(line))\n";

/* 150 archives of libarchive's own tests, many of them broken: no crash, nothing outside. */
static void survives_the_archives_of_libarchive(void **state)
{
    struct fixture *f = *state;
    char corpus[4096];
    size_t count, unpacked = 0;
    if (!corpus_find("libarchive-zip-uu", corpus, sizeof(corpus)) || !support_has("python3")) {
        skip();
    }
    char **paths = support_list(corpus, ".uu", &f->arena, &count);
    assert_true(count > 100);
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(&f->arena, "%s/archive", f->path);
        const char *argv[] = {"python3", "-c", UU_SCRIPT, paths[i], path, NULL};
        struct unpacked_package package;
        struct unpack_budget budget = UNPACK_BUDGET;
        struct error err = {0};
        if (support_run(argv, NULL) != 0) {
            fail_telling("%s cannot be decoded", paths[i]);
        }
        empty_root(f);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        bool ok = unpack_package(fd, f->root, &budget, &f->arena, &package, &err);
        close(fd);
        unpacked += ok;
        if (!ok && (err.code == ERROR_TOOL || err.code == ERROR_IO || err.message[0] == '\0')) {
            fail_telling("%s: %s", paths[i], err.message);
        }
        if (ok && strstr(paths[i], "format_7zip") != NULL) {
            fail_telling("%s is a 7z file", paths[i]);
        }
    }
    printf("# %zu of %zu unpacked\n", unpacked, count);
    assert_true(unpacked >= 5);
}

static void refuses_what_is_no_archive(void **state)
{
    struct fixture *f = *state;
    static const char *const contents[] = {"", "x", "PK", "<html></html>", "\x1f\x8b\x08"};
    const char *path = arena_printf(&f->arena, "%s/archive", f->path);
    for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
        struct unpacked_package package;
        struct unpack_budget budget = UNPACK_BUDGET;
        struct error err = {0};
        int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        assert_true(file_write_all(fd, bytes_from_string(contents[i]), &err));
        assert_false(unpack_package(fd, f->root, &budget, &f->arena, &package, &err));
        assert_int_equal(err.code, ERROR_FORMAT);
        close(fd);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    CASE(unpacks_good_zips_and_refuses_the_others),
    CASE(makes_plain_read_only_files_of_everything),
    CASE(never_writes_over_what_is_there),
    CASE(unpacks_packages_and_reports_what_it_skips),
    CASE(takes_single_dots_for_the_same_folder),
    CASE(refuses_hostile_packages),
    CASE(takes_out_programs_alone),
    CASE(members_that_are_passed_over_count),
    CASE(what_is_no_program_is_not_decompressed),
    CASE(survives_the_archives_of_libarchive),
    CASE(refuses_what_is_no_archive),
};

UNIT_MAIN(tests)
