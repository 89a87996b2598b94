// SPDX-License-Identifier: Apache-2.0
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/fetch/support.h"
#include "tests/unit/image/go_maker.h"
#include "tests/unit/unit.h"
#include "verifier/target/target.h"

#define ID                                                                                         \
    "aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb/"                                                   \
    "cccccccccccccccccccc/dddddddddddddddddddd"
#define MODULES "path\texample.com/m\nmod\texample.com/m\tv1.0.0\t\n"
#define NPM "{\"name\": \"@scope/tool\", \"version\": \"1.2.3\"}"

static char folder[64];
static struct arena arena;
static struct inspector *inspector;
static struct target target;
static struct error err;

static int make(void **state)
{
    (void)state;
    scratch_make(folder);
    assert_true(inspector_open(true, &inspector, &err));
    target = (struct target){.scratch = -1, .scratch_parent = -1};
    return 0;
}

static int drop(void **state)
{
    (void)state;
    target_free(&target);
    inspector_free(&inspector);
    arena_free(&arena);
    scratch_remove(folder);
    return 0;
}

static struct bytes program(void)
{
    struct buffer modules;
    buffer_init(&modules, 4096);
    made_marked(&modules, BYTES(MODULES));
    struct bytes marked = arena_bytes(&arena, buffer_view(&modules));
    buffer_free(&modules);
    struct made_program spec = {.version = "go1.24.1", .modules = marked, .build_id = ID};
    struct made made = made_go_elf(&spec);
    struct bytes content = arena_bytes(&arena, bytes_from(made.data, made.len));
    made_free(&made);
    return content;
}

static const char *path_of(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name);
}

static const char *put(const char *name, struct bytes content)
{
    const char *path = path_of(name);
    for (char *slash = strchr(path + strlen(folder) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.len, file), content.len);
    fclose(file);
    return path;
}

static bool open_target(const char *path)
{
    target_free(&target);
    return target_open(path, inspector, path_of("scratch"), &arena, &target, &err);
}

/* Nothing is left of what was unpacked. */
static void expect_empty_scratch(void)
{
    size_t count;
    support_list(path_of("scratch"), "", &arena, &count);
    assert_int_equal(count, 0);
}

/* -- archives of our own making -- */

/* The format and compression that NAME ends with. */
static struct archive *start_archive(const char *path)
{
    static const struct {
        const char *end;
        int (*set)(struct archive *);
    } formats[] =
        {
            {".zip", archive_write_set_format_zip},
            {".whl", archive_write_set_format_zip},
            {".deb", archive_write_set_format_ar_svr4},
            {".cpio", archive_write_set_format_cpio_newc},
            {"", archive_write_set_format_ustar},
        },
      filters[] = {
          {"gz", archive_write_add_filter_gzip},   {".xz", archive_write_add_filter_xz},
          {".zst", archive_write_add_filter_zstd}, {".bz2", archive_write_add_filter_bzip2},
          {"", archive_write_add_filter_none},
      };
    struct archive *out = archive_write_new();
    size_t format = 0, filter = 0;
    assert_non_null(out);
    while (!bytes_end_with(bytes_from_string(path), formats[format].end)) {
        format++;
    }
    while (!bytes_end_with(bytes_from_string(path), filters[filter].end)) {
        filter++;
    }
    assert_int_equal(formats[format].set(out), ARCHIVE_OK);
    assert_int_equal(filters[filter].set(out), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(out, 1);
    assert_int_equal(archive_write_open_filename(out, path), ARCHIVE_OK);
    return out;
}

static void add_entry(struct archive *out, const char *name, unsigned kind, struct bytes content,
                      const char *link)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, kind);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (int64_t)content.len);
    if (link != NULL) {
        archive_entry_set_symlink(entry, link);
    }
    assert_int_equal(archive_write_header(out, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(out, content.data, content.len), content.len);
    archive_entry_free(entry);
}

static void add_file(struct archive *out, const char *name, struct bytes content)
{
    add_entry(out, name, AE_IFREG, content, NULL);
}

static void finish_archive(struct archive *out)
{
    assert_int_equal(archive_write_close(out), ARCHIVE_OK);
    archive_write_free(out);
}

static const char *npm_package(void)
{
    const char *path = path_of("tool-1.2.3.tgz");
    struct archive *out = start_archive(path);
    add_file(out, "package/package.json", BYTES(NPM));
    add_file(out, "package/bin/tool", program());
    add_file(out, "package/install.js", BYTES("run()"));
    finish_archive(out);
    return path;
}

/* -- files -- */

static void a_go_binary_is_one_subject(void **state)
{
    (void)state;
    const char *path = put("tool", program());
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.container_count, 0);
    struct target_subject *subject = &target.subjects[0];
    assert_string_equal(subject->name, path);
    assert_true(subject->container == TARGET_NO_CONTAINER);
    assert_true(subject->file->has_buildinfo);
    assert_string_equal(subject->package_name, "");
    assert_int_equal(subject->source.size, program().len);
    assert_true(fcntl(subject->fd, F_GETFD) & FD_CLOEXEC);
}

static void the_package_around_a_bare_file_is_found(void **state)
{
    (void)state;
    const char *path = put("node_modules/tool/bin/tool", program());
    put("node_modules/tool/package.json", BYTES(NPM));
    assert_true(open_target(path));
    assert_string_equal(target.subjects[0].package_name, "@scope/tool");
    assert_string_equal(target.subjects[0].package_version, "1.2.3");
}

static void what_is_neither_binary_nor_archive_is_refused(void **state)
{
    (void)state;
    assert_false(open_target(put("text", BYTES("hello, this is text\n"))));
    assert_int_equal(err.code, ERROR_UNSUPPORTED);
    assert_false(open_target(put("empty", BYTES(""))));
    assert_int_equal(err.code, ERROR_UNSUPPORTED);
    assert_fails(open_target(path_of("nothing")), &err, ERROR_ABSENT, "nothing");
    assert_fails(open_target(""), &err, ERROR_USAGE, "empty");
    struct bytes cut = bytes_first(program(), 40);
    assert_false(open_target(put("cut", cut)));
}

static void fifos_sockets_and_devices_are_refused_without_waiting(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
    alarm(10);
    assert_fails(open_target(path_of("fifo")), &err, ERROR_USAGE, "not a regular file");
    assert_fails(open_target("/dev/null"), &err, ERROR_USAGE, "not a regular file");
    assert_fails(open_target("/dev/tty"), &err, err.code, "/dev/tty");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_false(open_target(path_of("socket")));
    close(fd);
    alarm(0);
}

/* -- directories -- */

static void a_directory_is_looked_through_whatever_the_modes(void **state)
{
    (void)state;
    put("dist/a/b/tool", program());
    put("dist/other", program());
    put("dist/readme", BYTES("text"));
    assert_int_equal(chmod(path_of("dist/other"), 0400), 0);
    assert_true(open_target(path_of("dist")));
    assert_int_equal(target.subject_count, 2);
    assert_string_equal(target.subjects[0].name, path_of("dist/a/b/tool"));
    assert_string_equal(target.subjects[1].name, path_of("dist/other"));
    assert_int_equal(target.container_count, 0);
}

static void links_fifos_and_sockets_in_a_directory_are_passed_over(void **state)
{
    (void)state;
    put("outside/tool", program());
    put("dist/tool", program());
    assert_int_equal(symlink("../outside", path_of("dist/folder")), 0);
    assert_int_equal(symlink("../outside/tool", path_of("dist/link")), 0);
    assert_int_equal(symlink(".", path_of("dist/loop")), 0);
    assert_int_equal(mkfifo(path_of("dist/fifo"), 0600), 0);
    alarm(10);
    assert_true(open_target(path_of("dist")));
    alarm(0);
    assert_int_equal(target.subject_count, 1);
}

static void a_directory_without_go_binaries_is_nothing_to_check(void **state)
{
    (void)state;
    put("dist/readme", BYTES("text"));
    assert_fails(open_target(path_of("dist")), &err, ERROR_ABSENT, "nothing to check");
    assert_int_equal(mkdir(path_of("void"), 0700), 0);
    assert_fails(open_target(path_of("void")), &err, ERROR_ABSENT, "nothing to check");
}

static void a_broken_executable_does_not_vanish_from_a_directory(void **state)
{
    (void)state;
    put("dist/tool", program());
    put("dist/broken", bytes_first(program(), 100));
    assert_true(open_target(path_of("dist")));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.refused_count, 1);
    assert_string_equal(target.refused[0].name, path_of("dist/broken"));
    assert_int_equal(unlink(path_of("dist/tool")), 0);
    assert_false(open_target(path_of("dist")));
    assert_non_null(strstr(err.message, "dist/broken"));
}

/* -- archives -- */

static void an_npm_package_is_taken_apart(void **state)
{
    (void)state;
    const char *path = npm_package();
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].name, "package/bin/tool");
    assert_int_equal(target.subjects[0].container, 0);
    assert_string_equal(target.subjects[0].package_name, "@scope/tool");
    assert_string_equal(target.subjects[0].package_version, "1.2.3");
    struct bytes content = file_load(path);
    struct sha256 digest = sha256_of(content);
    free((void *)(uintptr_t)content.data);
    assert_int_equal(target.container_count, 1);
    const struct target_container *container = &target.containers[0];
    assert_true(sha256_equal(&container->sha256, &digest));
    assert_string_equal(container->name, path);
    assert_string_equal(container->purl, "pkg:npm/%40scope/tool@1.2.3");
    assert_int_equal(container->member_count, 3);
    assert_int_equal(container->other_count, 2);
    assert_string_equal(container->others[0].name, "package/install.js");
    assert_string_equal(container->others[1].name, "package/package.json");
    digest = sha256_of(BYTES(NPM));
    assert_true(container->others[1].regular);
    assert_true(sha256_equal(&container->others[1].sha256, &digest));
    target_free(&target);
    expect_empty_scratch();
}

static void a_wheel_is_taken_apart(void **state)
{
    (void)state;
    const char *path = path_of("tool_py-4.2.0-py3-none-any.whl");
    struct archive *out = start_archive(path);
    add_file(out, "tool_py-4.2.0.data/scripts/tool", program());
    add_file(out, "tool_py-4.2.0.dist-info/METADATA",
             BYTES("Metadata-Version: 2.1\nName: tool_py\nVersion: 4.2.0\n\nText\n"));
    add_file(out, "tool_py-4.2.0.dist-info/RECORD", BYTES(""));
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].package_version, "4.2.0");
    assert_string_equal(target.containers[0].purl, "pkg:pypi/tool-py@4.2.0");
    assert_int_equal(target.containers[0].other_count, 2);
}

/* The subject is what was unpacked, byte for byte, and stays what it is once it is open. */
static void the_bytes_of_a_member_are_those_of_the_archive(void **state)
{
    (void)state;
    struct bytes expected = program();
    uint8_t *found = arena_alloc(&arena, expected.len);
    assert_true(open_target(npm_package()));
    assert_int_equal(target.subjects[0].source.size, expected.len);
    assert_true(source_read(&target.subjects[0].source, 0, found, expected.len, &err));
    assert_bytes(bytes_from(found, expected.len), expected);
}

static void links_in_an_archive_are_members_that_nobody_proves(void **state)
{
    (void)state;
    const char *path = path_of("links.tgz");
    struct archive *out = start_archive(path);
    add_file(out, "package/tool", program());
    add_entry(out, "package/link", AE_IFLNK, bytes_from("", 0), "/etc/passwd");
    add_entry(out, "package/fifo", AE_IFIFO, bytes_from("", 0), NULL);
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.containers[0].member_count, 3);
    assert_int_equal(target.containers[0].other_count, 2);
}

static void names_that_lead_out_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"../tool", "package/../../tool", "/tmp/reproof-escaped"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *path = path_of("climb.tgz");
        struct archive *out = start_archive(path);
        add_file(out, names[i], program());
        finish_archive(out);
        assert_false(open_target(path));
        assert_true(err.code == ERROR_UNTRUSTED || err.code == ERROR_FORMAT);
        expect_empty_scratch();
    }
    struct stat info;
    assert_int_not_equal(stat("/tmp/reproof-escaped", &info), 0);
    assert_int_not_equal(stat(path_of("tool"), &info), 0);
}

static void a_cut_archive_leaves_nothing_behind(void **state)
{
    (void)state;
    struct bytes whole = file_load(npm_package());
    for (size_t len = 20; len < whole.len; len += whole.len / 7) {
        assert_false(open_target(put("cut.tgz", bytes_first(whole, len))));
        expect_empty_scratch();
    }
    free((void *)(uintptr_t)whole.data);
}

static void an_archive_without_go_binaries_is_nothing_to_check(void **state)
{
    (void)state;
    const char *path = path_of("text.tgz");
    struct archive *out = start_archive(path);
    add_file(out, "package/package.json", BYTES(NPM));
    finish_archive(out);
    assert_fails(open_target(path), &err, ERROR_ABSENT, "nothing to check");
    expect_empty_scratch();
}

/* An archive NAME of one file. */
static const char *archive_of(const char *name, const char *member, struct bytes content)
{
    const char *path = path_of(name);
    struct archive *out = start_archive(path);
    add_file(out, member, content);
    finish_archive(out);
    return path;
}

static struct bytes load(const char *path)
{
    struct bytes content = file_load(path);
    struct bytes copy = arena_bytes(&arena, content);
    free((void *)(uintptr_t)content.data);
    return copy;
}

static void archives_within_archives_are_folders(void **state)
{
    (void)state;
    const char *path = path_of("outer.zip");
    struct bytes text = load(archive_of("text.tar", "a", BYTES("text")));
    struct bytes npm = load(npm_package());
    struct archive *out = start_archive(path);
    add_file(out, "inner.tgz", npm);
    add_file(out, "docs.tar", text);
    add_file(out, "tool", program());
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 2);
    assert_string_equal(target.subjects[0].name, "inner.tgz/package/bin/tool");
    assert_string_equal(target.subjects[0].package_name, "@scope/tool");
    assert_string_equal(target.subjects[1].name, "tool");
    assert_int_equal(target.container_count, 1);
    const struct target_container *container = &target.containers[0];
    assert_int_equal(container->member_count, 5);
    assert_int_equal(container->other_count, 3);
    /* One without a Go binary is one member: its bytes are what somebody may accept. */
    struct sha256 digest = sha256_of(text);
    assert_string_equal(container->others[0].name, "docs.tar");
    assert_true(sha256_equal(&container->others[0].sha256, &digest));
    assert_string_equal(container->others[1].name, "inner.tgz/package/install.js");
    target_free(&target);
    expect_empty_scratch();
}

static void every_compression_is_taken_off(void **state)
{
    (void)state;
    static const char *const names[] = {"a.tar", "a.tar.gz", "a.tar.xz", "a.tar.zst", "a.tar.bz2"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *path = archive_of(names[i], "usr/bin/tool", program());
        if (!open_target(path)) {
            fail_telling("%s: %s", names[i], err.message);
        }
        assert_int_equal(target.subject_count, 1);
        assert_string_equal(target.subjects[0].name, "usr/bin/tool");
        struct bytes whole = load(path);
        assert_false(open_target(put(names[i], bytes_first(whole, whole.len / 2))));
        /* A byte changed in the middle changes the verdict on everything, or is seen. */
        ((uint8_t *)(uintptr_t)whole.data)[whole.len / 2] ^= 1;
        struct sha256 expected = sha256_of(program()), found = {0};
        bool ok = open_target(put(names[i], whole)) &&
                  sha256_source(&target.subjects[0].source, &found, &err);
        assert_false(ok && i > 0 && sha256_equal(&found, &expected));
    }
}

/* The npm package with MORE behind it, and one bit changed of the byte BACK bytes before the end.
 */
static struct bytes spoiled(struct bytes more, size_t back)
{
    struct bytes whole = load(npm_package());
    uint8_t *copy = arena_alloc(&arena, whole.len + more.len);
    memcpy(copy, whole.data, whole.len);
    memcpy(copy + whole.len, more.data, more.len);
    if (back > 0) {
        copy[whole.len + more.len - back] ^= 1;
    }
    return bytes_from(copy, whole.len + more.len);
}

static void every_trailer_of_gzip_has_to_fit(void **state)
{
    (void)state;
    static const uint8_t empty[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3,
                                    3,    0,    0, 0, 0, 0, 0, 0, 0, 0};
    /* One that the archive does not reach into is no exception. */
    const struct bytes suffixes[] = {BYTES(""), bytes_from(empty, sizeof(empty))};
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        struct bytes good = spoiled(suffixes[i], 0);
        assert_true(open_target(put("good.tgz", good)));
        target_free(&target);
        for (size_t back = 1; back <= 8; back++) {
            assert_fails(open_target(put("forged.tgz", spoiled(suffixes[i], back))), &err,
                         ERROR_FORMAT, back <= 4 ? "incorrect length" : "incorrect data check");
            assert_fails(open_target(put("cut.tgz", bytes_first(good, good.len - back))), &err,
                         ERROR_FORMAT, "gzip data is cut");
            expect_empty_scratch();
        }
    }
}

static void only_padding_follows_gzip(void **state)
{
    (void)state;
    static const uint8_t zeros[200000];
    assert_true(open_target(put("a.tgz", spoiled(bytes_from(zeros, sizeof(zeros)), 0))));
    assert_fails(open_target(put("b.tgz", spoiled(BYTES("PK"), 0))), &err, ERROR_FORMAT,
                 "incorrect header");
    assert_fails(open_target(put("c.tgz", spoiled(bytes_from(zeros, sizeof(zeros)), 1))), &err,
                 ERROR_FORMAT, "gzip data is cut");
    expect_empty_scratch();
}

static void a_compressed_program_is_a_container_of_one(void **state)
{
    (void)state;
    struct archive *out = archive_write_new();
    assert_int_equal(archive_write_set_format_raw(out), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter_gzip(out), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(out, path_of("tool.gz")), ARCHIVE_OK);
    add_file(out, "x", program());
    finish_archive(out);
    assert_true(open_target(path_of("tool.gz")));
    assert_string_equal(target.subjects[0].name, "data");
}

static void a_debian_package_is_taken_apart(void **state)
{
    (void)state;
    struct bytes control = load(archive_of("control.tar.xz", "./control", BYTES("Package: x\n")));
    struct bytes data = load(archive_of("data.tar.zst", "./usr/bin/tool", program()));
    const char *path = path_of("tool.deb");
    struct archive *out = start_archive(path);
    add_file(out, "debian-binary", BYTES("2.0\n"));
    add_file(out, "control.tar.xz", control);
    add_file(out, "data.tar.zst", data);
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].name, "data.tar.zst/usr/bin/tool");
    assert_int_equal(target.containers[0].other_count, 2);
}

static void put_rpm_header(struct buffer *out, uint8_t store)
{
    static const uint8_t magic[] = {0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    buffer_append(out, bytes_from(magic, sizeof(magic)));
    buffer_byte(out, store);
    for (uint8_t i = 0; i < store; i++) {
        buffer_byte(out, 0);
    }
}

static void an_rpm_package_is_taken_apart(void **state)
{
    (void)state;
    struct bytes payload = load(archive_of("payload.cpio", "./usr/bin/tool", program()));
    struct buffer out;
    buffer_init(&out, 1 << 20);
    buffer_string(&out, "\xed\xab\xee\xdb");
    for (int i = 4; i < 96; i++) {
        buffer_byte(&out, 0);
    }
    put_rpm_header(&out, 5); /* and three bytes up to a multiple of eight */
    buffer_append(&out, BYTES("\0\0\0"));
    put_rpm_header(&out, 9);
    buffer_append(&out, payload);
    struct bytes rpm = arena_bytes(&arena, buffer_view(&out));
    buffer_free(&out);
    assert_true(open_target(put("tool.rpm", rpm)));
    assert_string_equal(target.subjects[0].name, "usr/bin/tool");
    assert_false(open_target(put("tool.rpm", bytes_first(rpm, 120))));
    ((uint8_t *)(uintptr_t)rpm.data)[96 + 12] = 0xff;
    assert_false(open_target(put("tool.rpm", rpm)));
}

/* Gzip members one after the other, each a tar, the first ones without an end: apk(5). */
static void an_alpine_package_is_taken_apart(void **state)
{
    (void)state;
    struct bytes control = load(archive_of("control.tar.gz", ".PKGINFO", BYTES("pkgname = x\n")));
    struct bytes data = load(archive_of("data.tar.gz", "usr/bin/tool", program()));
    uint8_t *both = arena_alloc(&arena, control.len + data.len);
    memcpy(both, control.data, control.len);
    memcpy(both + control.len, data.data, data.len);
    assert_true(open_target(put("tool.apk", bytes_from(both, control.len + data.len))));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.containers[0].other_count, 1);
    /* What follows the last member is no archive: nobody would know what a reader makes of it. */
    memcpy(both + control.len, "junk", 4);
    assert_false(open_target(put("tool.apk", bytes_from(both, control.len + data.len))));
}

static void the_layers_of_an_image_are_looked_through(void **state)
{
    (void)state;
    struct bytes layer = load(archive_of("layer.tar.gz", "usr/bin/tool", program()));
    put("image/oci-layout", BYTES("{\"imageLayoutVersion\": \"1.0.0\"}"));
    put("image/index.json", BYTES("{}"));
    put("image/blobs/sha256/0123", layer);
    assert_true(open_target(path_of("image")));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.subjects[0].name, path_of("image/blobs/sha256/0123/usr/bin/tool"));
    assert_int_equal(target.container_count, 1);
    assert_string_equal(target.containers[0].name, path_of("image/blobs/sha256/0123"));
    const char *path = path_of("image.tar");
    struct archive *out = start_archive(path);
    add_file(out, "blobs/sha256/0123", layer);
    add_file(out, "oci-layout", BYTES("{}"));
    finish_archive(out);
    assert_true(open_target(path));
    assert_string_equal(target.subjects[0].name, "blobs/sha256/0123/usr/bin/tool");
}

static void a_directory_of_packages_gives_a_container_each(void **state)
{
    (void)state;
    put("dist/a.tgz", load(npm_package()));
    put("dist/b.zip", load(archive_of("b.zip", "tool", program())));
    put("dist/docs.zip", load(archive_of("docs.zip", "readme", BYTES("text"))));
    assert_true(open_target(path_of("dist")));
    assert_int_equal(target.subject_count, 2);
    assert_int_equal(target.container_count, 2);
    assert_string_equal(target.containers[1].name, path_of("dist/b.zip"));
    assert_int_equal(target.subjects[1].container, 1);
    assert_string_equal(target.subjects[1].name, path_of("dist/b.zip/tool"));
    assert_string_equal(target.containers[0].purl, "pkg:npm/%40scope/tool@1.2.3");
    assert_int_equal(target.containers[1].other_count, 0);
}

static void a_broken_archive_is_refused_beside_others_and_a_member_within(void **state)
{
    (void)state;
    struct bytes broken = bytes_first(load(npm_package()), 100);
    put("dist/tool", program());
    put("dist/broken.tgz", broken);
    assert_true(open_target(path_of("dist")));
    assert_int_equal(target.refused_count, 1);
    assert_string_equal(target.refused[0].name, path_of("dist/broken.tgz"));
    const char *path = path_of("outer.zip");
    struct archive *out = start_archive(path);
    add_file(out, "broken.tgz", broken);
    add_file(out, "tool", program());
    finish_archive(out);
    assert_true(open_target(path));
    assert_int_equal(target.refused_count, 0);
    assert_int_equal(target.containers[0].other_count, 1);
    assert_string_equal(target.containers[0].others[0].name, "broken.tgz");
}

static void archives_nested_without_end_are_refused(void **state)
{
    (void)state;
    struct bytes content = program();
    for (int i = 0; i < 5; i++) {
        content = load(archive_of("n.tgz", "n", content));
    }
    assert_true(open_target(put("five.tgz", content)));
    assert_string_equal(target.subjects[0].name, "n/n/n/n/n");
    content = load(archive_of("n.tgz", "n", content));
    assert_fails(open_target(put("six.tgz", content)), &err, ERROR_LIMIT, "nested");
    expect_empty_scratch();
}

/* Zeros compress by a thousand; a bomb within another is found by what it unpacks to. */
static void bombs_are_refused(void **state)
{
    (void)state;
    struct bytes zeros = bytes_from(arena_alloc(&arena, 100 << 20), 100 << 20);
    memset((void *)(uintptr_t)zeros.data, 0, zeros.len);
    static const char *const names[] = {"b.tar.gz", "b.tar.xz", "b.tar.zst", "b.zip"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *path = archive_of(names[i], "tool", zeros);
        assert_fails(open_target(path), &err, ERROR_LIMIT, "bytes");
        struct bytes inner = load(path);
        path = path_of("outer.tar");
        struct archive *out = start_archive(path);
        add_file(out, "b", inner);
        add_file(out, "tool", program());
        finish_archive(out);
        assert_true(open_target(path));
        assert_int_equal(target.refused_count, 1);
        assert_int_equal(target.refused[0].error.code, ERROR_LIMIT);
        target_free(&target);
        expect_empty_scratch();
    }
}

/* -- package URLs -- */

/* A program NAME, first on PATH, that does what SCRIPT says. */
static void fake_client(const char *name, const char *script)
{
    const char *path = put(arena_printf(&arena, "bin/%s", name),
                           bytes_from_string(arena_printf(&arena, "#!/bin/sh\n%s", script)));
    assert_int_equal(chmod(path, 0700), 0);
    setenv("PATH", arena_printf(&arena, "%s:/usr/bin:/bin", path_of("bin")), 1);
}

static void a_package_url_is_got_by_the_registrys_client(void **state)
{
    (void)state;
    const char *npm = npm_package();
    const char *told = path_of("told");
    fake_client("npm", arena_printf(&arena, "echo \"$@\" >%s; cp %s \"$5\"/x.tgz", told, npm));
    assert_true(open_target("pkg:npm/%40scope/tool@1.2.3?x=y"));
    assert_int_equal(target.subject_count, 1);
    assert_string_equal(target.containers[0].name, "pkg:npm/%40scope/tool@1.2.3?x=y");
    const char *words = arena_text(&arena, load(told));
    assert_non_null(strstr(words, "pack --ignore-scripts --silent --pack-destination"));
    assert_non_null(strstr(words, " @scope/tool@1.2.3\n"));
    target_free(&target);
    expect_empty_scratch();
}

static void a_client_that_fails_or_brings_nothing_is_told(void **state)
{
    (void)state;
    fake_client("npm", "exit 7");
    assert_fails(open_target("pkg:npm/tool@1.2.3"), &err, ERROR_NETWORK, "status 7");
    fake_client("npm", "exit 0");
    assert_fails(open_target("pkg:npm/tool@1.2.3"), &err, ERROR_UNSUPPORTED, "0 files");
    fake_client("npm", "echo a >$5/a; echo b >$5/b");
    assert_fails(open_target("pkg:npm/tool@1.2.3"), &err, ERROR_UNSUPPORTED, "2 files");
    fake_client("npm", "ln -s /etc/passwd $5/a");
    assert_false(open_target("pkg:npm/tool@1.2.3"));
    expect_empty_scratch();
}

static void no_descriptor_is_left_open(void **state)
{
    (void)state;
    const char *path = npm_package();
    assert_true(open_target(path));
    target_free(&target);
    int before = dup(0);
    close(before);
    for (int i = 0; i < 3; i++) {
        assert_true(open_target(path));
        assert_false(open_target(put("text", BYTES("text"))));
    }
    target_free(&target);
    int after = dup(0);
    close(after);
    assert_int_equal(after, before);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)
static const struct CMUnitTest tests[] = {
    CASE(a_go_binary_is_one_subject),
    CASE(the_package_around_a_bare_file_is_found),
    CASE(what_is_neither_binary_nor_archive_is_refused),
    CASE(fifos_sockets_and_devices_are_refused_without_waiting),
    CASE(a_directory_is_looked_through_whatever_the_modes),
    CASE(links_fifos_and_sockets_in_a_directory_are_passed_over),
    CASE(a_directory_without_go_binaries_is_nothing_to_check),
    CASE(a_broken_executable_does_not_vanish_from_a_directory),
    CASE(an_npm_package_is_taken_apart),
    CASE(a_wheel_is_taken_apart),
    CASE(the_bytes_of_a_member_are_those_of_the_archive),
    CASE(links_in_an_archive_are_members_that_nobody_proves),
    CASE(names_that_lead_out_are_refused),
    CASE(a_cut_archive_leaves_nothing_behind),
    CASE(an_archive_without_go_binaries_is_nothing_to_check),
    CASE(archives_within_archives_are_folders),
    CASE(every_compression_is_taken_off),
    CASE(every_trailer_of_gzip_has_to_fit),
    CASE(only_padding_follows_gzip),
    CASE(a_compressed_program_is_a_container_of_one),
    CASE(a_debian_package_is_taken_apart),
    CASE(an_rpm_package_is_taken_apart),
    CASE(an_alpine_package_is_taken_apart),
    CASE(the_layers_of_an_image_are_looked_through),
    CASE(a_directory_of_packages_gives_a_container_each),
    CASE(a_broken_archive_is_refused_beside_others_and_a_member_within),
    CASE(archives_nested_without_end_are_refused),
    CASE(bombs_are_refused),
    CASE(a_package_url_is_got_by_the_registrys_client),
    CASE(a_client_that_fails_or_brings_nothing_is_told),
    CASE(no_descriptor_is_left_open),
};

int main(void)
{
    support_helpers();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
