// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/unpack.h"
#include "verifier/target/package.h"

/* A tree of files being looked through. */
struct walk {
    struct inspector *inspector;
    struct arena *arena;
    struct target *target;
    int root;
    size_t container;   /* TARGET_NO_CONTAINER for a directory that the user named */
    const char *prefix; /* put before each name: "dist/" */
    size_t subject_capacity, other_capacity, refused_capacity, file_count;
};

/* True for the first bytes of an executable format, fat Mach-O among them. Java's class files begin
 * like the latter; the inspector tells them apart. */
static bool looks_executable(int fd)
{
    struct source source;
    uint8_t magic[4];
    if (!source_from_fd(fd, &source, NULL) || !source_read(&source, 0, magic, 4, NULL)) {
        return false;
    }
    static const uint8_t fat[2][4] = {{0xca, 0xfe, 0xba, 0xbe}, {0xca, 0xfe, 0xba, 0xbf}};
    return image_detect(&source) != IMAGE_UNKNOWN || memcmp(magic, fat[0], 4) == 0 ||
           memcmp(magic, fat[1], 4) == 0;
}

static bool add_subject(struct walk *walk, const struct inspection *file, int fd,
                        const struct package *package, struct error *err)
{
    struct source whole;
    struct target_subject subject = {.name = file->name, .container = walk->container};
    if (!source_from_fd(fd, &whole, err) ||
        !source_slice(&whole, file->slice_offset, file->size, &subject.source, err)) {
        return false;
    }
    subject.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (subject.fd < 0) {
        return error_errno(err, "%s", file->name);
    }
    subject.source.fd = subject.fd;
    subject.file = file;
    subject.package_name = package->name;
    subject.package_version = package->version;
    struct target *target = walk->target;
    arena_grow(walk->arena, &target->subjects, target->subject_count, &walk->subject_capacity,
               sizeof(*target->subjects));
    target->subjects[target->subject_count++] = subject;
    return true;
}

static bool add_subjects(struct walk *walk, const struct inspection *files, size_t count, int fd,
                         const struct package *package, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!add_subject(walk, &files[i], fd, package, err)) {
            return false;
        }
    }
    return true;
}

static void add_other(struct walk *walk, const char *path)
{
    if (walk->container == TARGET_NO_CONTAINER) {
        return;
    }
    struct target_container *container = &walk->target->containers[walk->container];
    arena_grow(walk->arena, &container->others, container->other_count, &walk->other_capacity,
               sizeof(*container->others));
    container->others[container->other_count++] = arena_string(walk->arena, path);
}

static void add_refused(struct walk *walk, const char *name, const struct error *error)
{
    struct target *target = walk->target;
    arena_grow(walk->arena, &target->refused, target->refused_count, &walk->refused_capacity,
               sizeof(*target->refused));
    target->refused[target->refused_count++] = (struct target_refused){name, *error};
}

/* Looks at one regular file of the tree. What is no Go binary is another member, not an error. */
static bool visit_file(struct walk *walk, int fd, const char *path, struct error *err)
{
    struct inspection *files;
    size_t count;
    if (!looks_executable(fd)) {
        add_other(walk, path);
        return true;
    }
    const char *name = arena_printf(walk->arena, "%s%s", walk->prefix, path);
    if (inspector_run(walk->inspector, fd, name, walk->arena, &files, &count, err)) {
        struct package package = package_around(walk->root, path, walk->arena);
        return add_subjects(walk, files, count, fd, &package, err);
    }
    if (err->code == ERROR_INTERRUPTED || err->code == ERROR_INTERNAL) {
        return false;
    }
    if (err->code != ERROR_UNSUPPORTED) {
        add_refused(walk, name, err);
    }
    add_other(walk, path);
    return true;
}

static bool visit(struct walk *walk, int dir, const char *folder, unsigned depth,
                  struct error *err);

static bool visit_entry(struct walk *walk, int dir, const char *folder, const char *name,
                        unsigned depth, struct error *err)
{
    struct stat info;
    AUTO_FD int fd = -1;
    const char *path = folder[0] == '\0' ? name : arena_printf(walk->arena, "%s/%s", folder, name);
    if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return error_errno(err, "%s", path);
    }
    if (S_ISDIR(info.st_mode)) {
        return directory_open_beneath(dir, name, &fd, err) && visit(walk, fd, path, depth + 1, err);
    }
    if (!S_ISREG(info.st_mode)) {
        add_other(walk, path);
        return true;
    }
    if (++walk->file_count > LIMIT_TARGET_FILES) {
        return error_set(err, ERROR_LIMIT, "more than %d files", LIMIT_TARGET_FILES);
    }
    return file_open_beneath(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd, err) &&
           visit_file(walk, fd, path, err);
}

static bool visit(struct walk *walk, int dir, const char *folder, unsigned depth, struct error *err)
{
    char **names;
    size_t count;
    if (depth > LIMIT_TARGET_DEPTH) {
        return error_set(err, ERROR_LIMIT, "%s: folders nested more than %d deep", folder,
                         LIMIT_TARGET_DEPTH);
    }
    if (!directory_list(dir, walk->arena, &names, &count, err)) {
        return error_prefix(err, "%s", folder);
    }
    for (size_t i = 0; i < count; i++) {
        if (!interrupt_check(err) || !visit_entry(walk, dir, folder, names[i], depth, err)) {
            return false;
        }
    }
    return true;
}

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

static bool open_directory(const char *path, struct walk *walk, struct error *err)
{
    AUTO_FD int dir = -1;
    if (!directory_open(path, &dir, err)) {
        return false;
    }
    size_t len = strlen(path);
    walk->root = dir;
    walk->prefix = arena_printf(walk->arena, "%s%s", path, path[len - 1] == '/' ? "" : "/");
    return visit(walk, dir, "", 0, err) && refuse_empty(walk->target, "directory", err);
}

/* Makes the private directory that an archive is unpacked into. */
static bool make_scratch(struct target *target, const char *scratch, struct arena *arena,
                         struct error *err)
{
    return directory_make_path(scratch, &target->scratch_parent, err) &&
           directory_make_fresh(target->scratch_parent, "target-", 0700, arena,
                                &target->scratch_name, &target->scratch, err);
}

static bool open_archive(const char *path, int fd, const char *scratch, struct walk *walk,
                         struct error *err)
{
    struct target *target = walk->target;
    struct source source;
    struct unpacked_package unpacked;
    target->containers = ARENA_NEW(walk->arena, struct target_container);
    target->container_count = 1;
    struct target_container *container = &target->containers[0];
    if (!source_from_fd(fd, &source, err) || !sha256_source(&source, &container->sha256, err) ||
        !make_scratch(target, scratch, walk->arena, err) ||
        !unpack_package(fd, target->scratch, walk->arena, &unpacked, err)) {
        return false;
    }
    walk->root = target->scratch;
    walk->container = 0;
    walk->prefix = "";
    if (!visit(walk, target->scratch, "", 0, err)) {
        return false;
    }
    container->name = path;
    container->member_count = walk->file_count + unpacked.skipped;
    for (size_t i = 0; i < unpacked.skipped_name_count; i++) {
        add_other(walk, unpacked.skipped_names[i]);
    }
    const char *inside = target->subject_count > 0 ? target->subjects[0].name : "package/x";
    struct package package = package_around(target->scratch, inside, walk->arena);
    container->purl = package_purl(&package, walk->arena);
    return refuse_empty(target, "archive", err);
}

static bool is_archive(int fd)
{
    struct source source;
    uint8_t magic[4];
    if (!source_from_fd(fd, &source, NULL) || !source_read(&source, 0, magic, 4, NULL)) {
        return false;
    }
    return memcmp(magic, "PK\3\4", 4) == 0 || memcmp(magic, "\x1f\x8b\x08", 3) == 0;
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
    return (struct package){PACKAGE_NONE, "", ""};
}

static bool open_binary(const char *path, int fd, struct walk *walk, struct error *err)
{
    struct inspection *files;
    size_t count;
    struct package package = package_of_file(path, walk->arena);
    return inspector_run(walk->inspector, fd, path, walk->arena, &files, &count, err) &&
           add_subjects(walk, files, count, fd, &package, err);
}

static bool open_any(const char *path, const char *scratch, struct walk *walk, struct error *err)
{
    struct stat info;
    AUTO_FD int fd = -1;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return open_directory(path, walk, err);
    }
    if (!file_open_input(AT_FDCWD, path, &fd, err)) {
        return false;
    }
    return is_archive(fd) ? open_archive(path, fd, scratch, walk, err)
                          : open_binary(path, fd, walk, err);
}

bool target_open(const char *path, struct inspector *inspector, const char *scratch,
                 struct arena *arena, struct target *ret, struct error *err)
{
    struct target target = {.scratch = -1, .scratch_parent = -1};
    struct walk walk = {
        .inspector = inspector,
        .arena = arena,
        .target = &target,
        .root = -1,
        .container = TARGET_NO_CONTAINER,
        .prefix = "",
    };
    if (path[0] == '\0') {
        return error_set(err, ERROR_USAGE, "an empty name");
    }
    if (!open_any(path, scratch, &walk, err)) {
        target_free(&target);
        return false;
    }
    *ret = target;
    return true;
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
