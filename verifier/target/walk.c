// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "verifier/target/package.h"
#include "verifier/target/package_rpm.h"

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
    bool stated = package->kind == PACKAGE_NONE && walk->stated_version != NULL &&
                  buildinfo_setting(&file->info, "vcs.revision") == NULL;
    subject.package_name = stated ? walk->stated_name : package->name;
    subject.package_version = stated ? walk->stated_version : package->version;
    struct target *target = walk->target;
    arena_grow(walk->arena, &target->subjects, target->subject_count, &walk->subject_capacity,
               sizeof(*target->subjects));
    target->subjects[target->subject_count++] = subject;
    return true;
}

bool walk_add_subjects(struct walk *walk, const struct inspection *files, size_t count, int fd,
                       const struct package *package, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!add_subject(walk, &files[i], fd, package, err)) {
            return false;
        }
    }
    return true;
}

static void put_other(struct walk *walk, const struct target_member *member)
{
    struct target_container *container = &walk->target->containers[walk->container];
    arena_grow(walk->arena, &container->others, container->other_count, &walk->other_capacity,
               sizeof(*container->others));
    container->others[container->other_count++] = *member;
    container->member_count++;
}

/* A member that is no Go binary. FD -1: no regular file. */
static bool add_other(struct walk *walk, const char *name, int fd, struct error *err)
{
    struct target_member member = {.name = arena_string(walk->arena, name)};
    struct source source;
    if (walk->container == TARGET_NO_CONTAINER || walk->settings->programs_only) {
        return true;
    }
    member.regular = fd >= 0;
    if (fd >= 0 &&
        (!source_from_fd(fd, &source, err) || !sha256_source(&source, &member.sha256, err))) {
        return error_prefix(err, "%s", name);
    }
    put_other(walk, &member);
    return true;
}

/* Names without end would be read by nobody; the last entry stands for the further ones. */
static void refuse_unnamed(struct walk *walk, const struct error *error)
{
    struct target_refused *last = &walk->target->refused[LIMIT_TARGET_REFUSED - 1];
    bool tampered = error->code == ERROR_UNTRUSTED || last->error.code == ERROR_UNTRUSTED;
    walk->refused_unnamed += walk->refused_unnamed == 0 ? 2 : 1;
    last->name = "further files";
    error_set(&last->error, tampered ? ERROR_UNTRUSTED : error->code,
              "%zu more are refused as those before", walk->refused_unnamed);
}

void walk_refuse(struct walk *walk, const char *name, const struct error *error)
{
    struct target *target = walk->target;
    if (target->refused_count == LIMIT_TARGET_REFUSED) {
        refuse_unnamed(walk, error);
        return;
    }
    arena_grow(walk->arena, &target->refused, target->refused_count, &walk->refused_capacity,
               sizeof(*target->refused));
    target->refused[target->refused_count++] = (struct target_refused){name, *error};
}

void walk_note(struct walk *walk, const char *name, const char *format, ...)
{
    struct target *target = walk->target;
    va_list arguments;
    char line[1024];
    if (target->note_count == LIMIT_TARGET_REFUSED) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    arena_grow(walk->arena, &target->notes, target->note_count, &walk->note_capacity,
               sizeof(*target->notes));
    target->notes[target->note_count++] =
        (struct target_note){name, arena_string(walk->arena, line)};
}

bool walk_is_over(const struct error *err)
{
    return err->code == ERROR_INTERRUPTED || err->code == ERROR_INTERNAL;
}

static bool visit_executable(struct walk *walk, int fd, const char *path, const char *name,
                             struct error *err)
{
    struct inspection *files;
    size_t count;
    if (inspector_run(walk->inspector, fd, name, walk->arena, &files, &count, err)) {
        struct package package = package_around(walk->root, path, walk->arena);
        if (walk->container != TARGET_NO_CONTAINER) {
            walk->target->containers[walk->container].member_count++;
        }
        return walk_add_subjects(walk, files, count, fd, &package, err);
    }
    if (walk_is_over(err)) {
        return false;
    }
    if (err->code != ERROR_UNSUPPORTED) {
        walk_refuse(walk, name, err);
    }
    return add_other(walk, name, fd, err);
}

/* What only looks like an archive within another (a test's broken zip) is a member that nothing is
 * proven about; beside the artifacts of a release, and above the limits, it is a refusal. */
static bool visit_archive(struct walk *walk, int fd, const char *name, struct error *err)
{
    if (walk_archive(walk, fd, name, err)) {
        return true;
    }
    if (walk_is_over(err)) {
        return false;
    }
    bool broken = err->code == ERROR_FORMAT || err->code == ERROR_UNSUPPORTED;
    if (!broken || walk->container == TARGET_NO_CONTAINER) {
        walk_refuse(walk, name, err);
    }
    return add_other(walk, name, fd, err);
}

bool walk_file(struct walk *walk, int fd, const char *path, struct error *err)
{
    const char *name = arena_printf(walk->arena, "%s%s", walk->prefix, path);
    if (looks_executable(fd)) {
        return visit_executable(walk, fd, path, name, err);
    }
    return target_is_archive(fd) ? visit_archive(walk, fd, name, err)
                                 : add_other(walk, name, fd, err);
}

static bool visit_file(struct walk *walk, int fd, const char *path, struct error *err)
{
    if (walk->expected == NULL || walk->container != TARGET_NO_CONTAINER) {
        return walk_file(walk, fd, path, err);
    }
    const char *name = arena_printf(walk->arena, "%s%s", walk->prefix, path);
    return walk_expected(walk, fd, path, name, err);
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
        return add_other(walk, arena_printf(walk->arena, "%s%s", walk->prefix, path), -1, err);
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

bool walk_tree(struct walk *walk, int dir, struct error *err)
{
    walk->root = dir;
    return visit(walk, dir, "", 0, err);
}

/* -- archives -- */

static bool make_scratch(struct walk *walk, struct error *err)
{
    struct target *target = walk->target;
    return target->scratch_name != NULL ||
           (directory_make_path(walk->settings->scratch, &target->scratch_parent, err) &&
            directory_make_fresh(target->scratch_parent, "target-", 0700, walk->arena,
                                 &target->scratch_name, &target->scratch, err));
}

bool walk_make_folder(struct walk *walk, const char **ret_name, int *ret, struct error *err)
{
    return make_scratch(walk, err) &&
           directory_make_fresh(walk->target->scratch, "", 0700, walk->arena, ret_name, ret, err);
}

/* The headers of an RPM package stand before its archive. */
static bool read_rpm(const struct walk *walk, const struct source *source, struct package *ret)
{
    struct bytes headers;
    return source_load(source, 0, walk->kind.start, LIMIT_PACKAGE_HEADERS, walk->arena, &headers,
                       NULL) &&
           package_parse_rpm(headers, walk->arena, ret);
}

static bool add_container(struct walk *walk, int fd, const char *name, struct error *err)
{
    struct target *target = walk->target;
    struct target_container container = {.name = name, .purl = ""};
    struct source source;
    if (!source_from_fd(fd, &source, err) ||
        (!walk->settings->programs_only && !sha256_source(&source, &container.sha256, err))) {
        return false;
    }
    struct package package;
    if (!container_kind_detect(&source, &walk->kind)) {
        walk->kind = (struct container_kind){0};
    }
    if (walk->kind.format == CONTAINER_RPM && read_rpm(walk, &source, &package)) {
        package.space = walk->space;
        container.purl = package_purl(&package, walk->arena);
    }
    arena_grow(walk->arena, &target->containers, target->container_count, &walk->container_capacity,
               sizeof(*target->containers));
    walk->container = target->container_count;
    walk->other_capacity = 0;
    walk->budget = (struct unpack_budget)UNPACK_BUDGET;
    target->containers[target->container_count++] = container;
    return true;
}

static bool read_text(const struct walk *walk, int dir, const char *name, struct bytes *ret)
{
    return file_read(dir, name, MIB, walk->arena, ret, NULL);
}

/* The package that the archive unpacked into DIR says it is. What lies within a package of a
 * distribution does not name that. */
static struct package find_package(const struct walk *walk, int dir)
{
    const struct target *target = walk->target;
    struct package package = {.kind = PACKAGE_NONE};
    struct bytes text;
    const char *inside = "package/x";
    if (walk->kind.format == CONTAINER_RPM || walk->kind.format == CONTAINER_DEB) {
        return package;
    }
    /* Arch's packages have a .PKGINFO too, and beside it an .MTREE. */
    if (!file_exists(dir, ".MTREE") && read_text(walk, dir, ".PKGINFO", &text) &&
        package_parse_pkginfo(text, walk->arena, &package)) {
        return package;
    }
    if (target->subject_count > 0 &&
        target->subjects[target->subject_count - 1].container == walk->container) {
        inside = target->subjects[target->subject_count - 1].name + strlen(walk->prefix);
    }
    return package_around(dir, inside, walk->arena);
}

/* DIR is the outermost archive, or the control archive of a Debian package. */
static void name_package(struct walk *walk, int dir)
{
    struct target_container *container = &walk->target->containers[walk->container];
    struct package package = {.kind = PACKAGE_NONE};
    struct bytes text;
    bool control = walk->nesting == 2 && walk->kind.format == CONTAINER_DEB &&
                   bytes_start_with(bytes_from_string(walk->inner), "control.tar");
    if (walk->nesting == 1) {
        package = find_package(walk, dir);
    } else if (!control || !read_text(walk, dir, "control", &text) ||
               !package_parse_control(text, walk->arena, &package)) {
        return;
    }
    if (package.kind == PACKAGE_DEB) {
        package.space = walk->space;
    }
    if (container->purl[0] == '\0') {
        container->purl = package_purl(&package, walk->arena);
    }
}

/* Unpacks the archive into DIR and looks through what was in it. */
static bool walk_unpacked(struct walk *walk, int fd, int dir, struct error *err)
{
    struct unpacked_package unpacked;
    bool all = !walk->settings->programs_only;
    if (!(all ? unpack_package : unpack_programs)(fd, dir, &walk->budget, walk->arena, &unpacked,
                                                  err) ||
        !walk_tree(walk, dir, err)) {
        return false;
    }
    for (size_t i = 0; i < unpacked.skipped_name_count; i++) {
        const char *name =
            arena_printf(walk->arena, "%s%s", walk->prefix, unpacked.skipped_names[i]);
        if (!add_other(walk, name, -1, err)) {
            return false;
        }
    }
    struct target_container *container = &walk->target->containers[walk->container];
    container->member_count += unpacked.skipped - unpacked.skipped_name_count;
    name_package(walk, dir);
    return true;
}

static bool walk_in_scratch(struct walk *walk, int fd, struct error *err)
{
    AUTO_FD int dir = -1;
    const char *folder;
    if (!make_scratch(walk, err) ||
        !directory_make_fresh(walk->target->scratch, "", 0700, walk->arena, &folder, &dir, err)) {
        return false;
    }
    bool ok = walk_unpacked(walk, fd, dir, err);
    fd_close(&dir);
    /* The subjects are open. What cannot be removed now goes with the target. */
    struct error ignored;
    return directory_remove(walk->target->scratch, folder, ok ? err : &ignored) && ok;
}

struct walk_mark walk_mark_here(const struct walk *walk)
{
    const struct target *target = walk->target;
    struct walk_mark mark = {.subjects = target->subject_count,
                             .refused = target->refused_count,
                             .containers = target->container_count};
    if (walk->container != TARGET_NO_CONTAINER) {
        mark.members = target->containers[walk->container].member_count;
        mark.others = target->containers[walk->container].other_count;
    }
    return mark;
}

static bool found_nothing(const struct walk *walk, const struct walk_mark *mark)
{
    return walk->target->subject_count == mark->subjects &&
           walk->target->refused_count == mark->refused;
}

/* Drops what was noted since MARK, within the container or with it. */
void walk_go_back(struct walk *walk, const struct walk_mark *mark)
{
    struct target *target = walk->target;
    for (size_t i = mark->subjects; i < target->subject_count; i++) {
        fd_close(&target->subjects[i].fd);
    }
    target->subject_count = mark->subjects;
    target->container_count = mark->containers;
    if (walk->container != TARGET_NO_CONTAINER) {
        target->containers[walk->container].member_count = mark->members;
        target->containers[walk->container].other_count = mark->others;
    }
}

static bool check_nesting(struct walk *walk, struct error *err)
{
    if (walk->nesting == LIMIT_TARGET_NESTING) {
        return error_set(err, ERROR_LIMIT, "archives nested more than %d deep",
                         LIMIT_TARGET_NESTING);
    }
    return ++walk->archive_count <= LIMIT_TARGET_ARCHIVES ||
           error_set(err, ERROR_LIMIT, "more than %d archives", LIMIT_TARGET_ARCHIVES);
}

bool walk_archive(struct walk *walk, int fd, const char *name, struct error *err)
{
    struct walk_mark mark = walk_mark_here(walk);
    int root = walk->root;
    size_t container = walk->container;
    const char *prefix = walk->prefix;
    if (!check_nesting(walk, err) ||
        (container == TARGET_NO_CONTAINER && !add_container(walk, fd, name, err))) {
        return false;
    }
    /* The members of an archive that the user named go by their names alone. */
    walk->prefix = root < 0 ? "" : arena_printf(walk->arena, "%s/", name);
    const char *inner = walk->inner;
    walk->inner = file_base_name(name);
    walk->budget.rooted = package_is_layer(name);
    walk->nesting++;
    bool ok = walk_in_scratch(walk, fd, err);
    walk->nesting--;
    walk->inner = inner;
    walk->root = root;
    walk->prefix = prefix;
    walk->container = container;
    if (ok && !found_nothing(walk, &mark)) {
        return true;
    }
    if (ok && root < 0) {
        return true;
    }
    walk_go_back(walk, &mark);
    return ok && add_other(walk, name, fd, err);
}
