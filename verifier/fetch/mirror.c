// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/mirror.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/fetch_internal.h"
#include "verifier/fetch/module_path.h"

struct mirror {
    struct fetcher *fetcher;
    int dir;
    struct arena arena;
};

/* The reply to a look-up, in which the client of go reads its signed head, is at most this long. */
#define REPLY_MAXIMUM (4 * MIB)

/* Opens the directory of PATH, making it, and sets RET_NAME to its last element. */
static bool open_parent(struct mirror *mirror, const char *path, int *ret, const char **ret_name,
                        struct error *err)
{
    struct bytes above, name;
    if (!scan_cut_last(bytes_from_string(path), '/', &above, &name)) {
        return error_set(err, ERROR_INTERNAL, "\"%s\" has no directory", path);
    }
    *ret_name = arena_text(&mirror->arena, name);
    return directory_make(mirror->dir, arena_text(&mirror->arena, above), 0755, ret, err);
}

static bool write_file(struct mirror *mirror, const char *path, struct bytes content,
                       struct error *err)
{
    AUTO_FD int dir = -1;
    const char *name;
    return open_parent(mirror, path, &dir, &name, err) &&
           file_write_atomic(dir, name, 0644, content, err);
}

static bool copy_zip(struct mirror *mirror, const char *path, const struct sha256 *digest,
                     struct error *err)
{
    AUTO_FD int dir = -1;
    AUTO_FD int zip = -1;
    const char *name;
    AUTO(atomic_file) struct atomic_file file = {.fd = -1};
    return store_object_open(mirror->fetcher->store, digest, &zip, err) &&
           open_parent(mirror, path, &dir, &name, err) && atomic_file_open(dir, 0644, &file, err) &&
           file_copy(zip, file.fd, err) && atomic_file_commit(&file, name, err);
}

/* Hearsay, as the proxy told it when somebody asked; else the least that go insists on. */
static bool write_info(struct mirror *mirror, const char *path, const char *version,
                       struct error *err)
{
    char key[SHA256_HEX_LEN + 1];
    struct bytes content;
    store_key(path, key);
    if (!store_note_read(mirror->fetcher->store, "hearsay", key, LIMIT_SMALL_DOWNLOAD,
                         &mirror->arena, &content, NULL)) {
        content = bytes_from_string(arena_printf(&mirror->arena, "{\"Version\":\"%s\"}", version));
    }
    return write_file(mirror, path, content, err);
}

/* The database's reply for a recorded module. */
static bool copy_lookup(struct mirror *mirror, const char *lookup, struct error *err)
{
    const char *folder = mirror->fetcher->sumdb_folder;
    struct bytes content;
    return store_note_read(mirror->fetcher->store, folder, lookup, REPLY_MAXIMUM, &mirror->arena,
                           &content, err) &&
           write_file(mirror, arena_printf(&mirror->arena, "%s/%s", folder, lookup), content, err);
}

static bool write_module(struct mirror *mirror, const struct fetched_module *module,
                         struct error *err)
{
    const char *path, *version;
    struct arena *arena = &mirror->arena;
    if (!module_path_escape(module->id.path, arena, &path, err) ||
        !module_version_escape(module->id.version, arena, &version, err)) {
        return false;
    }
    const char *files = arena_printf(arena, "%s/@v/%s", path, version);
    return write_file(mirror, arena_printf(arena, "%s.mod", files), module->go_mod, err) &&
           (module->tree == NULL ||
            copy_zip(mirror, arena_printf(arena, "%s.zip", files), &module->zip, err)) &&
           write_info(mirror, arena_printf(arena, "%s.info", files), module->id.version, err) &&
           (module->proof != FETCH_PROOF_RECORDED ||
            copy_lookup(mirror, arena_printf(arena, "lookup/%s@%s", path, version), err));
}

/* A list names all versions of a module that are there, so it is written once they all are. */
static bool write_list(struct mirror *mirror, const struct fetched_module *modules, size_t count,
                       size_t index, struct error *err)
{
    const char *path;
    AUTO(buffer) struct buffer text;
    buffer_init(&text, LIMIT_SMALL_DOWNLOAD);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(modules[i].id.path, modules[index].id.path) == 0) {
            buffer_printf(&text, "%s\n", modules[i].id.version);
        }
    }
    return module_path_escape(modules[index].id.path, &mirror->arena, &path, err) &&
           write_file(mirror, arena_printf(&mirror->arena, "%s/@v/list", path), buffer_view(&text),
                      err);
}

/* Copies the tree of small files FOLDER of the store to the same place in the mirror. */
static bool copy_folder(struct mirror *mirror, const char *folder, struct error *err)
{
    AUTO_FD int from = -1;
    struct file_tree tree;
    struct error absent = {0};
    if (!directory_open_beneath(store_directory(mirror->fetcher->store), folder, &from, &absent)) {
        return absent.code == ERROR_ABSENT || error_set(err, absent.code, "%s", absent.message);
    }
    if (!file_tree_scan(from, &mirror->arena, &tree, err)) {
        return false;
    }
    for (size_t i = 0; i < tree.count; i++) {
        struct bytes content;
        const char *to = arena_printf(&mirror->arena, "%s/%s", folder, tree.entries[i].path);
        if (!file_read(from, tree.entries[i].path, REPLY_MAXIMUM, &mirror->arena, &content, err) ||
            !write_file(mirror, to, content, err)) {
            return false;
        }
    }
    return true;
}

/* Go's client proves each head that it meets consistent with the newest. */
static bool write_database(struct mirror *mirror, struct error *err)
{
    const char *folder = mirror->fetcher->sumdb_folder;
    struct arena *arena = &mirror->arena;
    return folder == NULL || (write_file(mirror, arena_printf(arena, "%s/supported", folder),
                                         bytes_from("", 0), err) &&
                              copy_folder(mirror, arena_printf(arena, "%s/tile", folder), err));
}

bool mirror_write(struct fetcher *fetcher, const struct fetched_module *modules, size_t count,
                  const char *path, struct error *err)
{
    struct mirror mirror = {.fetcher = fetcher, .dir = -1};
    bool ok = directory_make_path(path, &mirror.dir, err) && write_database(&mirror, err);
    for (size_t i = 0; ok && i < count; i++) {
        ok = (write_module(&mirror, &modules[i], err) &&
              write_list(&mirror, modules, count, i, err)) ||
             error_prefix(err, "%s@%s", modules[i].id.path, modules[i].id.version);
    }
    fd_close(&mirror.dir);
    arena_free(&mirror.arena);
    return ok;
}
