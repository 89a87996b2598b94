// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "verifier/target/walk.h"

static void refuse(struct walk *walk, struct expectation *expected, size_t count, const char *name,
                   const struct error *why)
{
    walk_refuse(walk, name, why);
    for (size_t i = 0; i < count; i++) {
        expected[i].refused = true;
    }
}

/* Whether one of the subjects since MARK is for the platform that EXPECTED says. */
static bool check_platform(const struct walk *walk, const struct walk_mark *mark,
                           const struct expectation *expected, struct error *err)
{
    const struct target *target = walk->target;
    for (size_t i = mark->subjects; i < target->subject_count; i++) {
        if (expectation_fits(expected, target->subjects[i].file)) {
            return true;
        }
    }
    const struct inspection *first = target->subjects[mark->subjects].file;
    error_set(err, ERROR_MISMATCH, "is for %s/%s%s%s, and %s says %s/%s%s%s", first->goos,
              first->goarch, first->variant[0] == '\0' ? "" : " ", first->variant, expected->by,
              expected->goos, expected->goarch,
              expected->goamd64[0] == '\0' ? "" : " GOAMD64=", expected->goamd64);
    return error_cure(err, "build the release anew, into an empty directory");
}

/* Whether one of the subjects since MARK is built from the commit that all is said to be from, or
 * says nothing of that. */
static bool check_commit(const struct walk *walk, const struct walk_mark *mark, struct error *err)
{
    const struct expectations *all = walk->expected;
    const struct target *target = walk->target;
    const char *other = NULL;
    for (size_t i = mark->subjects; i < target->subject_count && all->commit != NULL; i++) {
        const struct inspection *file = target->subjects[i].file;
        const char *revision =
            file->has_buildinfo ? buildinfo_setting(&file->info, "vcs.revision") : NULL;
        if (revision == NULL || strcmp(revision, all->commit) == 0) {
            return true;
        }
        other = revision;
    }
    if (other == NULL) {
        return true;
    }
    error_set(err, ERROR_MISMATCH, "says it is built from commit %.64s, and %s says %.64s", other,
              all->commit_by, all->commit);
    return error_cure(err, "build the release anew, into an empty directory");
}

static bool check_subjects(const struct walk *walk, const struct walk_mark *mark,
                           struct expectation *expected, size_t count, struct error *err)
{
    size_t found = walk->target->subject_count - mark->subjects;
    for (size_t i = 0; i < count; i++) {
        expected[i].subjects = found;
        if (found > 0 && !check_platform(walk, mark, &expected[i], err)) {
            return false;
        }
    }
    return found == 0 || check_commit(walk, mark, err);
}

/* GoReleaser's "Binary" is what archives are made of, or is published as it is; only the latter has
 * a checksum. */
static void mark_unpublished(const struct walk *walk, const struct walk_mark *mark,
                             const struct expectation *expected, size_t count)
{
    bool binary = false, listed = false;
    for (size_t i = 0; i < count; i++) {
        binary |= strcmp(expected[i].kind, "Binary") == 0;
        listed |= expected[i].has_sha256;
    }
    for (size_t i = mark->subjects; i < walk->target->subject_count; i++) {
        walk->target->subjects[i].unpublished = binary && !listed;
    }
}

static bool is_unread(const struct expectation *expected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (expected[i].unread) {
            return true;
        }
    }
    return false;
}

static bool walk_unexpected(struct walk *walk, int fd, const char *path, const char *name,
                            struct error *err)
{
    size_t before = walk->target->subject_count;
    if (!walk_file(walk, fd, path, err)) {
        return false;
    }
    /* Binaries that GoReleaser put into a universal one are still there, and on its list no more.
     */
    for (size_t i = before; i < walk->target->subject_count; i++) {
        struct target_subject *subject = &walk->target->subjects[i];
        subject->unpublished = subject->container == TARGET_NO_CONTAINER;
    }
    if (walk->target->subject_count > before) {
        walk_note(walk, name, "holds a Go binary and is no artifact by the list of all");
    }
    return true;
}

bool walk_expected(struct walk *walk, int fd, const char *path, const char *name, struct error *err)
{
    size_t count;
    struct error why;
    struct expectation *expected = expectations_find(walk->expected, path, &count);
    struct walk_mark mark = walk_mark_here(walk);
    if (expected == NULL) {
        return walk_unexpected(walk, fd, path, name, err);
    }
    for (size_t i = 0; i < count; i++) {
        expected[i].seen = true;
    }
    if (!expectations_check_digest(expected, count, fd, &why)) {
        refuse(walk, expected, count, name, &why);
        return true;
    }
    if (is_unread(expected, count)) {
        return true;
    }
    if (!walk_file(walk, fd, path, err)) {
        return false;
    }
    if (!check_subjects(walk, &mark, expected, count, &why)) {
        walk_go_back(walk, &mark);
        refuse(walk, expected, count, name, &why);
    }
    mark_unpublished(walk, &mark, expected, count);
    return true;
}

static bool open_listed(int dir, const struct expectation *expected, int *ret, struct error *err)
{
    struct stat info;
    if (fstatat(dir, expected->path, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) {
            return error_errno(err, "cannot be looked at");
        }
        error_set(err, ERROR_ABSENT, "is not there, and %s lists it", expected->by);
        return error_cure(err, "get it too, or name the files that you have instead of the list");
    }
    if (!S_ISREG(info.st_mode)) {
        error_set(err, ERROR_UNSUPPORTED, "is %s, no plain file, and %s lists it",
                  S_ISLNK(info.st_mode) ? "a symbolic link" : "a folder or a device", expected->by);
        return error_cure(err, "put the file itself beside the list");
    }
    return file_open_beneath(dir, expected->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, ret, err);
}

bool walk_expected_alone(struct walk *walk, int dir, struct error *err)
{
    walk->root = dir;
    for (size_t i = 0; i < walk->expected->count; i++) {
        struct expectation *expected = &walk->expected->items[i];
        const char *name = arena_printf(walk->arena, "%s%s", walk->prefix, expected->path);
        AUTO_FD int fd = -1;
        struct error why;
        if (!interrupt_check(err)) {
            return false;
        }
        if (!open_listed(dir, expected, &fd, &why)) {
            expected->seen = true;
            refuse(walk, expected, 1, name, &why);
        } else if (!walk_expected(walk, fd, expected->path, name, err)) {
            return false;
        }
    }
    return true;
}

void walk_refuse_absent(struct walk *walk)
{
    for (size_t i = 0; i < walk->expected->count; i++) {
        struct expectation *expected = &walk->expected->items[i];
        struct error why;
        if (expected->seen) {
            continue;
        }
        error_set(&why, ERROR_ABSENT, "is no file there, and %s lists it", expected->by);
        error_cure(&why, "bring the whole directory, or name the files that you have");
        refuse(walk, expected, 1, arena_printf(walk->arena, "%s%s", walk->prefix, expected->path),
               &why);
    }
}
