// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.h"

#include "tests/unit/image/go_maker.h"

#define ID                                                                                         \
    "aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb/"                                                   \
    "cccccccccccccccccccc/dddddddddddddddddddd"
#define MODULES "path\texample.com/m\nmod\texample.com/m\tv1.0.0\t\n"

char folder[64];
struct arena arena;
struct inspector *inspector;
struct target target;
struct error err;

int target_make(void **state)
{
    (void)state;
    scratch_make(folder);
    assert_true(inspector_open(true, &inspector, &err));
    target = (struct target){.scratch = -1, .scratch_parent = -1};
    return 0;
}

int target_drop(void **state)
{
    (void)state;
    target_free(&target);
    inspector_free(&inspector);
    arena_free(&arena);
    scratch_remove(folder);
    return 0;
}

struct bytes program(void)
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

const char *path_of(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name);
}

const char *put(const char *name, struct bytes content)
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

bool open_target(const char *path)
{
    target_free(&target);
    return target_open(path, inspector, path_of("scratch"), &arena, &target, &err);
}

/* Nothing is left of what was unpacked. */
void expect_empty_scratch(void)
{
    size_t count;
    support_list(path_of("scratch"), "", &arena, &count);
    assert_int_equal(count, 0);
}

/* -- archives of our own making -- */

/* The format and compression that NAME ends with. */
struct archive *start_archive(const char *path)
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

void add_entry(struct archive *out, const char *name, unsigned kind, struct bytes content,
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

void add_file(struct archive *out, const char *name, struct bytes content)
{
    add_entry(out, name, AE_IFREG, content, NULL);
}

void finish_archive(struct archive *out)
{
    assert_int_equal(archive_write_close(out), ARCHIVE_OK);
    archive_write_free(out);
}

const char *npm_package(void)
{
    const char *path = path_of("tool-1.2.3.tgz");
    struct archive *out = start_archive(path);
    add_file(out, "package/package.json", BYTES(NPM));
    add_file(out, "package/bin/tool", program());
    add_file(out, "package/install.js", BYTES("run()"));
    finish_archive(out);
    return path;
}

/* An archive NAME of one file. */
const char *archive_of(const char *name, const char *member, struct bytes content)
{
    const char *path = path_of(name);
    struct archive *out = start_archive(path);
    add_file(out, member, content);
    finish_archive(out);
    return path;
}

struct bytes load(const char *path)
{
    struct bytes content = file_load(path);
    struct bytes copy = arena_bytes(&arena, content);
    free((void *)(uintptr_t)content.data);
    return copy;
}
