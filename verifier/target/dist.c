// SPDX-License-Identifier: Apache-2.0
#include "verifier/target/dist.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksums.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/target/goreleaser.h"

/* Folders of one name above one another, of which nobody has more than two. */
#define FOLDERS_TRIED 4

struct reading {
    struct walk *walk;
    int dir;
    const char *by;     /* artifacts.json as the user would type it */
    const char *folder; /* "/dist/" */
    const char *prefix; /* what stands before each path: "dist/"; NULL: one folder, whichever */
    struct goreleaser_artifacts artifacts;
    const struct goreleaser_artifact **by_name; /* sorted */
    struct expectations *expected;
};

static int compare_names(const void *a, const void *b)
{
    const struct goreleaser_artifact *const *first = a;
    const struct goreleaser_artifact *const *second = b;
    return strcmp((*first)->name, (*second)->name);
}

static void sort_names(struct reading *reading)
{
    size_t count = reading->artifacts.count;
    reading->by_name = arena_array(reading->walk->arena, count + 1, sizeof(*reading->by_name));
    for (size_t i = 0; i < count; i++) {
        reading->by_name[i] = &reading->artifacts.items[i];
    }
    qsort(reading->by_name, count, sizeof(*reading->by_name), compare_names);
}

/* The first in the order of names that is called NAME or sorts behind it. */
static size_t first_of_name(const struct reading *reading, const char *name)
{
    size_t low = 0, high = reading->artifacts.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(reading->by_name[middle]->name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* GoReleaser notes paths from the project's root; its own metadata.json tells how the directory is
 * called from there. */
static const char *find_prefix(const struct goreleaser_artifacts *list, struct arena *arena)
{
    static const char end[] = "/" GORELEASER_METADATA;
    for (size_t i = 0; i < list->count; i++) {
        struct bytes path = bytes_from_string(list->items[i].path);
        if (strcmp(list->items[i].type, "Metadata") == 0 && bytes_end_with(path, end)) {
            return arena_text(arena, bytes_first(path, path.len - sizeof(end) + 2));
        }
    }
    return NULL;
}

/* What stands in the absolute PATH behind the folder that is called as this directory, or as
 * GoReleaser's usually is. */
static const char *path_behind_folder(const struct reading *reading, const char *path)
{
    const char *found = NULL;
    unsigned tried = 0;
    for (const char *slash = path; slash != NULL && tried < FOLDERS_TRIED;
         slash = strchr(slash + 1, '/')) {
        struct bytes rest = bytes_from_string(slash);
        if (!bytes_start_with(rest, "/dist/") && !bytes_start_with(rest, reading->folder)) {
            continue;
        }
        found = strchr(slash + 1, '/') + 1;
        tried++;
        if (expectation_path_is_plain(found) && file_exists(reading->dir, found)) {
            return found;
        }
    }
    return found;
}

/* PATH from the directory on; NULL if it lies elsewhere. Old releases of GoReleaser note absolute
 * paths of programs. */
static const char *path_beneath(const struct reading *reading, const char *path)
{
    const char *prefix = reading->prefix;
    if (prefix != NULL && strncmp(path, prefix, strlen(prefix)) == 0) {
        return path + strlen(prefix);
    }
    if (path[0] == '/') {
        return path_behind_folder(reading, path);
    }
    const char *slash = prefix != NULL ? NULL : strchr(path, '/');
    return slash == NULL ? NULL : slash + 1;
}

/* "/NAME/" of the directory at hand. */
static const char *folder_name(const struct walk *walk)
{
    struct bytes path = bytes_from_string(walk->prefix), name;
    while (path.len > 0 && path.data[path.len - 1] == '/') {
        path.len--;
    }
    struct bytes above;
    if (!scan_cut_last(path, '/', &above, &name)) {
        name = path;
    }
    return arena_printf(walk->arena, "/%s/", arena_text(walk->arena, name));
}

static bool leads_up(const char *path)
{
    struct scanner scanner = scanner_over(bytes_from_string(path));
    struct bytes part;
    while (scanner_field(&scanner, '/', LIMIT_PATH, &part)) {
        if (bytes_equal_string(part, "..")) {
            return true;
        }
    }
    return false;
}

/* An artifact whose path leads nowhere in the directory. */
static void tell_outside(const struct reading *reading, const struct goreleaser_artifact *artifact,
                         enum goreleaser_kind kind)
{
    struct error why;
    const char *name = artifact->path;
    if (kind == GORELEASER_IMAGE) {
        walk_note(reading->walk, name, "%s: lies in a registry, not here", artifact->type);
    } else if (kind == GORELEASER_PROGRAM) {
        error_set(&why, leads_up(name) ? ERROR_UNTRUSTED : ERROR_ABSENT,
                  "%s lists it as %s, and it does not lie in the directory", reading->by,
                  artifact->type);
        error_cure(&why, "name that file by itself");
        walk_refuse(reading->walk, name, &why);
    } else {
        walk_note(reading->walk, name, "%s: lies outside of the directory, not looked at",
                  artifact->type);
    }
}

static void expect_artifact(struct reading *reading, const struct goreleaser_artifact *artifact)
{
    enum goreleaser_kind kind = goreleaser_kind_of(artifact->type);
    const char *path = path_beneath(reading, artifact->path);
    if (kind == GORELEASER_IMAGE || path == NULL || !expectation_path_is_plain(path)) {
        tell_outside(reading, artifact, kind);
        return;
    }
    if (kind == GORELEASER_UNKNOWN) {
        walk_note(reading->walk, artifact->path, "has the type \"%s\", which is not known here",
                  artifact->type);
    } else if (kind == GORELEASER_CLOSED) {
        walk_note(reading->walk, artifact->path, "%s: is not taken apart", artifact->type);
    }
    bool program = kind == GORELEASER_PROGRAM;
    const struct expectation one = {.path = path,
                                    .by = reading->by,
                                    .has_sha256 = artifact->has_sha256,
                                    .sha256 = artifact->sha256,
                                    .goos = program ? artifact->goos : "",
                                    .goarch = program ? artifact->goarch : "",
                                    .goamd64 = program ? artifact->goamd64 : "",
                                    .kind = program ? artifact->type : "",
                                    .unread = kind == GORELEASER_UNREAD};
    expectations_add(reading->expected, &one, reading->walk->arena);
}

/* The path of the artifact that a list of checksums calls NAME: the file of that name beside the
 * list; else the only artifact that is called so (a program that is published as it is); NULL. */
static const char *path_of_name(const struct reading *reading, struct bytes name)
{
    const char *found = NULL;
    const char *plain = arena_text(reading->walk->arena, name);
    if (file_exists(reading->dir, plain)) {
        return plain;
    }
    for (size_t i = first_of_name(reading, plain); i < reading->artifacts.count; i++) {
        const struct goreleaser_artifact *artifact = reading->by_name[i];
        const char *path = path_beneath(reading, artifact->path);
        if (strcmp(artifact->name, plain) != 0) {
            break;
        }
        if (path == NULL) {
            continue;
        }
        if (found != NULL && strcmp(found, path) != 0) {
            return NULL;
        }
        found = path;
    }
    return found == NULL ? plain : found;
}

static void expect_list(struct reading *reading, const char *by, const struct checksums *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *path = path_of_name(reading, list->entries[i].name);
        if (path == NULL) {
            walk_note(reading->walk, arena_text(reading->walk->arena, list->entries[i].name),
                      "several artifacts are called so: not compared with %s", by);
            continue;
        }
        const struct expectation one = {.path = path,
                                        .by = by,
                                        .has_sha256 = true,
                                        .sha256 = list->entries[i].digest,
                                        .goos = "",
                                        .goarch = "",
                                        .goamd64 = "",
                                        .kind = ""};
        expectations_add(reading->expected, &one, reading->walk->arena);
    }
}

/* The lists of checksums among the artifacts. Those of other algorithms, and those of one file that
 * hold no name, are told. */
static bool read_lists(struct reading *reading, struct error *err)
{
    struct arena *arena = reading->walk->arena;
    for (size_t i = 0; i < reading->artifacts.count; i++) {
        const struct goreleaser_artifact *artifact = &reading->artifacts.items[i];
        const char *path = path_beneath(reading, artifact->path);
        struct bytes text;
        struct checksums list;
        struct error why;
        if (strcmp(artifact->type, "Checksum") != 0 || path == NULL ||
            !expectation_path_is_plain(path) || !file_exists(reading->dir, path)) {
            continue;
        }
        if (!file_read(reading->dir, path, LIMIT_CHECKSUM_LIST, arena, &text, err)) {
            return false;
        }
        if (checksums_read(text, arena, &list, &why)) {
            expect_list(reading, artifact->path, &list);
        } else {
            walk_note(reading->walk, artifact->path, "not compared: %s", why.message);
        }
    }
    return true;
}

/* What metadata.json says is an expectation: a build that says otherwise is refused, one that says
 * the same is not proven by it. */
static bool read_metadata(struct reading *reading, struct error *err)
{
    struct walk *walk = reading->walk;
    struct goreleaser_metadata metadata;
    struct bytes text;
    const char *name = arena_printf(walk->arena, "%s" GORELEASER_METADATA, walk->prefix);
    if (!file_exists(reading->dir, GORELEASER_METADATA)) {
        return true;
    }
    if (!file_read(reading->dir, GORELEASER_METADATA, LIMIT_JSON_BYTES, walk->arena, &text, err) ||
        !goreleaser_read_metadata(text, walk->arena, &metadata, err)) {
        return error_prefix(err, "%s", name);
    }
    walk_note(walk, name, "states %s %s of commit %s: compared with what the files say, no proof",
              metadata.project, metadata.version, metadata.commit);
    if (metadata.commit[0] != '\0') {
        reading->expected->commit = metadata.commit;
        reading->expected->commit_by = name;
    }
    /* A snapshot's version is nobody's tag. */
    if (metadata.tag[0] == 'v' && strcmp(metadata.tag + 1, metadata.version) == 0) {
        walk->stated_name = metadata.project;
        walk->stated_version = metadata.version;
        walk->target->release = metadata.version;
    }
    return true;
}

static bool read_artifacts(struct reading *reading, struct error *err)
{
    struct bytes text;
    return file_read(reading->dir, GORELEASER_ARTIFACTS, LIMIT_JSON_BYTES, reading->walk->arena,
                     &text, err) &&
           goreleaser_read_artifacts(text, reading->walk->arena, &reading->artifacts, err);
}

bool dist_read(struct walk *walk, int dir, bool sure, struct expectations *ret, struct error *err)
{
    struct reading reading = {
        .walk = walk,
        .dir = dir,
        .by = arena_printf(walk->arena, "%s" GORELEASER_ARTIFACTS, walk->prefix),
        .folder = folder_name(walk),
        .expected = ret,
    };
    struct error why;
    if (!sure && !file_exists(dir, GORELEASER_ARTIFACTS)) {
        return true;
    }
    if (!read_artifacts(&reading, &why)) {
        /* Other tools write files of that name. */
        if (!sure && !file_exists(dir, GORELEASER_METADATA) && why.code == ERROR_FORMAT) {
            walk_note(walk, reading.by, "is not GoReleaser's: %s", why.message);
            return true;
        }
        *err = why;
        error_prefix(err, "%s", reading.by);
        return error_cure(err, "name the files themselves to have them judged without it");
    }
    reading.prefix = find_prefix(&reading.artifacts, walk->arena);
    for (size_t i = 0; i < reading.artifacts.count; i++) {
        expect_artifact(&reading, &reading.artifacts.items[i]);
    }
    sort_names(&reading);
    if (!read_lists(&reading, err) || !read_metadata(&reading, err)) {
        return false;
    }
    expectations_sort(ret);
    return true;
}

void dist_finish(struct walk *walk)
{
    walk_refuse_absent(walk);
    for (size_t i = 0; i < walk->expected->count; i++) {
        const struct expectation *expected = &walk->expected->items[i];
        if (expected->kind[0] != '\0' && !expected->refused && expected->subjects == 0) {
            walk_note(walk, arena_printf(walk->arena, "%s%s", walk->prefix, expected->path),
                      "%s: no Go binary in it", expected->kind);
        }
    }
}
