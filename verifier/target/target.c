// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/target.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/container_kind.h"
#include "verifier/target/dist.h"
#include "verifier/target/download.h"
#include "verifier/target/golang.h"
#include "verifier/target/goreleaser.h"
#include "verifier/target/list.h"
#include "verifier/target/package.h"
#include "verifier/target/registry.h"
#include "verifier/target/walk.h"

static bool refuse_empty(const struct target *target, const char *what, struct error *err)
{
    if (target->subject_count > 0) {
        return true;
    }
    if (target->refused_count > 0) {
        *err = target->refused[0].error;
        return error_prefix(err, "%s", target->refused[0].name);
    }
    error_set(err, ERROR_ABSENT, "no Go binary in this %s: nothing to check", what);
    return error_cure(err, "name a Go binary, or a package or directory that holds one");
}

/* All in DIR, which goes by walk->prefix; SURE: it is GoReleaser's. */
static bool open_tree(struct walk *walk, int dir, bool sure, struct error *err)
{
    struct expectations expected = {0};
    if (!dist_read(walk, dir, sure, &expected, err)) {
        return false;
    }
    walk->expected = expected.count > 0 ? &expected : NULL;
    bool ok = walk_tree(walk, dir, err);
    if (ok && walk->expected != NULL) {
        dist_finish(walk);
    }
    walk->expected = NULL;
    return ok && refuse_empty(walk->target, "directory", err);
}

static bool open_directory(const char *path, struct walk *walk, struct error *err)
{
    AUTO_FD int dir = -1;
    size_t len = strlen(path);
    walk->prefix = arena_printf(walk->arena, "%s%s", path, path[len - 1] == '/' ? "" : "/");
    return directory_open(path, &dir, err) && open_tree(walk, dir, false, err);
}

static bool is_artifacts_list(const char *path)
{
    return strcmp(file_base_name(path), GORELEASER_ARTIFACTS) == 0;
}

/* The list of GoReleaser's artifacts stands for the directory that it lies in. */
static bool open_artifacts(const char *path, struct walk *walk, struct error *err)
{
    AUTO_FD int dir = -1;
    walk->prefix =
        arena_text(walk->arena, bytes_first(bytes_from_string(path),
                                            strlen(path) - strlen(GORELEASER_ARTIFACTS)));
    return directory_open(walk->prefix[0] == '\0' ? "." : walk->prefix, &dir, err) &&
           open_tree(walk, dir, true, err);
}

static bool open_list(const char *path, int fd, struct walk *walk, struct error *err)
{
    return list_open(path, fd, walk, err) && refuse_empty(walk->target, "list", err);
}

static bool open_archive(const char *path, int fd, struct walk *walk, struct error *err)
{
    return walk_archive(walk, fd, path, err) && refuse_empty(walk->target, "archive", err);
}

bool target_is_archive(int fd)
{
    struct source source;
    struct source_cache cache;
    struct container_kind kind;
    if (!source_from_fd(fd, &source, NULL)) {
        return false;
    }
    cache.head.len = cache.last.len = 0;
    source.cache = &cache;
    return container_kind_detect(&source, &kind);
}

/* A bare file: its package may lie around it as npm installs one, in its folder or the one above.
 */
static struct package package_of_file(const char *path, struct arena *arena)
{
    struct bytes folder = bytes_from_string(".");
    struct bytes name = bytes_from_string(path);
    if (scan_cut_last(name, '/', &folder, &name) && folder.len == 0) {
        folder = bytes_from_string("/");
    }
    const char *here = arena_text(arena, folder);
    const char *const places[] = {here, arena_printf(arena, "%s/..", here)};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        AUTO_FD int dir = -1;
        struct bytes text;
        struct package package;
        if (directory_open(places[i], &dir, NULL) &&
            file_read(dir, "package.json", MIB, arena, &text, NULL) &&
            package_parse_npm(text, arena, &package)) {
            return package;
        }
    }
    return (struct package){.kind = PACKAGE_NONE, .name = "", .version = ""};
}

static bool open_binary(const char *path, int fd, struct walk *walk, struct error *err)
{
    struct inspection *files;
    size_t count;
    struct package package = package_of_file(path, walk->arena);
    return inspector_run(walk->inspector, fd, path, walk->arena, &files, &count, err) &&
           walk_add_subjects(walk, files, count, fd, &package, err);
}

/* The user may say which file is meant. */
static bool check_pin(const struct walk *walk, int fd, struct error *err)
{
    struct source source;
    struct sha256 found;
    char hex[SHA256_HEX_LEN + 1];
    if (walk->settings->sha256 == NULL) {
        return true;
    }
    if (!source_from_fd(fd, &source, err) || !sha256_source(&source, &found, err)) {
        return false;
    }
    sha256_hex(&found, hex);
    if (sha256_equal(&found, walk->settings->sha256)) {
        return true;
    }
    error_set(err, ERROR_UNTRUSTED, "its SHA-256 is %s, not the one that --sha256 wants", hex);
    return error_cure(err, "do not use this file; get it again");
}

static bool check_online(const struct walk *walk, struct error *err)
{
    if (!walk->settings->offline) {
        return true;
    }
    error_set(err, ERROR_USAGE, "a package's name is not offline");
    return error_cure(err, "get the package and name its file, or leave --offline out");
}

/* The registry's client leaves one file in a folder of our own. */
static bool open_purl(const char *purl, struct walk *walk, struct error *err)
{
    struct registry_request request;
    AUTO_FD int dir = -1;
    AUTO_FD int fd = -1;
    const char *folder;
    char **names;
    size_t count;
    if (!registry_parse(purl, walk->arena, &request, err)) {
        return false;
    }
    if (strcmp(request.type, "golang") == 0) {
        return golang_open(&request, purl, walk, err) && refuse_empty(walk->target, "module", err);
    }
    walk->space = request.space;
    if (!check_online(walk, err) || !walk_make_folder(walk, &folder, &dir, err) ||
        !registry_get(&request,
                      arena_printf(walk->arena, "%s/%s/%s", walk->settings->scratch,
                                   walk->target->scratch_name, folder),
                      walk->arena, err) ||
        !directory_list(dir, walk->arena, &names, &count, err)) {
        return error_prefix(err, "%s", purl);
    }
    if (count != 1) {
        return error_set(err, ERROR_UNSUPPORTED, "%s: %zu files came of it, not one", purl, count);
    }
    return file_open_beneath(dir, names[0], O_RDONLY | O_NONBLOCK, 0, &fd, err) &&
           (check_pin(walk, fd, err) || error_prefix(err, "%s", purl)) &&
           open_archive(purl, fd, walk, err);
}

bool target_holds_files(int fd, const char *path)
{
    return target_is_archive(fd) || is_artifacts_list(path) || list_is_one(fd, path);
}

bool target_is_remote(const char *name)
{
    return registry_is_purl(name) || download_is_address(name);
}

const char *target_shown(const char *name, struct arena *arena)
{
    return download_is_address(name) ? download_show(name, arena) : name;
}

const char *target_folder(const char *name, struct arena *arena)
{
    struct bytes folder, base;
    AUTO_FD int dir = -1;
    if (directory_open(name, &dir, NULL)) {
        return name;
    }
    return scan_cut_last(bytes_from_string(name), '/', &folder, &base)
               ? arena_printf(arena, "%s/", arena_text(arena, folder))
               : ".";
}

const char *target_naming(const struct target *target, const struct target_subject *subject,
                          const char *typed)
{
    if (subject->container != TARGET_NO_CONTAINER) {
        return target->containers[subject->container].name;
    }
    return subject->file->slice_offset > 0 ? typed : subject->name;
}

/* What was got by itself has nothing beside it. */
static bool open_address(const char *url, struct walk *walk, struct error *err)
{
    AUTO_FD int fd = -1;
    const char *name;
    if (!download_open(url, walk->settings, walk->arena, &fd, &name, err)) {
        return false;
    }
    if (!check_pin(walk, fd, err)) {
        return false;
    }
    if (target_is_archive(fd)) {
        return open_archive(name, fd, walk, err);
    }
    if (list_is_one(fd, name)) {
        error_set(err, ERROR_UNSUPPORTED,
                  "the files that a list of checksums names are not fetched");
        return error_cure(err, "download them with the list, and name the list");
    }
    struct inspection *files;
    size_t count;
    const struct package none = {.kind = PACKAGE_NONE, .name = "", .version = ""};
    return inspector_run(walk->inspector, fd, name, walk->arena, &files, &count, err) &&
           walk_add_subjects(walk, files, count, fd, &none, err);
}

static bool open_file(const char *path, struct walk *walk, struct error *err)
{
    AUTO_FD int fd = -1;
    if (!file_open_input(AT_FDCWD, path, &fd, err) || !check_pin(walk, fd, err)) {
        return false;
    }
    if (target_is_archive(fd)) {
        return open_archive(path, fd, walk, err);
    }
    if (is_artifacts_list(path)) {
        return open_artifacts(path, walk, err);
    }
    return list_is_one(fd, path) ? open_list(path, fd, walk, err)
                                 : open_binary(path, fd, walk, err);
}

static bool open_any(const char *path, struct walk *walk, struct error *err)
{
    struct stat info;
    if (registry_is_purl(path)) {
        return open_purl(path, walk, err);
    }
    if (download_is_address(path)) {
        return open_address(path, walk, err);
    }
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        return open_file(path, walk, err);
    }
    if (walk->settings->sha256 != NULL) {
        error_set(err, ERROR_USAGE, "a directory has no SHA-256");
        return error_cure(err, "name one file, or a list of checksums");
    }
    return open_directory(path, walk, err);
}

static struct walk walk_begin(struct inspector *inspector, const struct target_settings *settings,
                              struct arena *arena, struct target *target)
{
    return (struct walk){
        .inspector = inspector,
        .arena = arena,
        .target = target,
        .settings = settings,
        .root = -1,
        .container = TARGET_NO_CONTAINER,
        .prefix = "",
    };
}

static bool walk_end(bool ok, struct target *target, struct target *ret)
{
    if (ok) {
        *ret = *target;
    } else {
        target_free(target);
    }
    return ok;
}

bool target_open_any(const char *name, struct inspector *inspector,
                     const struct target_settings *settings, struct arena *arena,
                     struct target *ret, struct error *err)
{
    struct target target = {.scratch = -1, .scratch_parent = -1};
    struct walk walk = walk_begin(inspector, settings, arena, &target);
    if (name[0] == '\0') {
        return error_set(err, ERROR_USAGE, "an empty name");
    }
    return walk_end(open_any(name, &walk, err), &target, ret);
}

bool target_open_archive(int fd, const char *name, struct inspector *inspector,
                         const struct target_settings *settings, struct arena *arena,
                         struct target *ret, struct error *err)
{
    struct target target = {.scratch = -1, .scratch_parent = -1};
    struct walk walk = walk_begin(inspector, settings, arena, &target);
    return walk_end(open_archive(name, fd, &walk, err), &target, ret);
}

bool target_open(const char *path, struct inspector *inspector, const char *scratch,
                 struct arena *arena, struct target *ret, struct error *err)
{
    const struct target_settings settings = {.scratch = scratch};
    return target_open_any(path, inspector, &settings, arena, ret, err);
}

void target_free(struct target *target)
{
    for (size_t i = 0; i < target->subject_count; i++) {
        fd_close(&target->subjects[i].fd);
    }
    if (target->scratch_name != NULL) {
        /* What cannot be removed now goes with the workspace that it lies in. */
        struct error ignored;
        fd_close(&target->scratch);
        if (!directory_remove(target->scratch_parent, target->scratch_name, &ignored)) {
            target->scratch_name = NULL;
        }
    }
    if (target->scratch_parent > 0) {
        fd_close(&target->scratch_parent);
    }
    *target = (struct target){.scratch = -1, .scratch_parent = -1};
}
