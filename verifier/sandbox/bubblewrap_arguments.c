// SPDX-License-Identifier: Apache-2.0
#include "verifier/sandbox/bubblewrap_arguments.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/scanner.h"

/* One thing that gets a place in the box: a mount or a file. */
struct place {
    const char *box;
    const struct sandbox_mount *mount; /* NULL: a file */
    size_t file;
};

static int compare_places(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->box, ((const struct place *)b)->box);
}

/* All places, sorted, so that what is above comes before what is below. */
static struct place *sorted_places(const struct sandbox_job *job, struct arena *arena)
{
    size_t count = job->mount_count + job->file_count;
    struct place *places = ARENA_ARRAY(arena, count + 1, struct place);
    for (size_t i = 0; i < job->mount_count; i++) {
        places[i] = (struct place){.box = job->mounts[i].box, .mount = &job->mounts[i]};
    }
    for (size_t i = 0; i < job->file_count; i++) {
        places[job->mount_count + i] = (struct place){.box = job->files[i].box, .file = i};
    }
    qsort(places, count, sizeof(*places), compare_places);
    return places;
}

/* Absolute, without empty, "." and ".." elements, and not the root. */
static bool is_clean(const char *path)
{
    struct scanner scanner = scanner_over(bytes_from_string(path));
    struct bytes element;
    if (!scanner_expect(&scanner, "/") || scanner_done(&scanner)) {
        return false;
    }
    while (scanner_field(&scanner, '/', LIMIT_PATH, &element)) {
        if (element.len == 0 || bytes_equal_string(element, ".") ||
            bytes_equal_string(element, "..")) {
            return false;
        }
    }
    return path[strlen(path) - 1] != '/';
}

static bool lies_below(const char *path, const char *above)
{
    size_t len = strlen(above);
    return strncmp(path, above, len) == 0 && path[len] == '/';
}

static bool is_reserved(const char *path)
{
    return strcmp(path, "/dev") == 0 || lies_below(path, "/dev") ||
           strcmp(path, BOX_DIRECTORY) == 0 || lies_below(path, BOX_DIRECTORY);
}

static bool check_place(const struct place *place, struct error *err)
{
    if (!is_clean(place->box) || is_reserved(place->box)) {
        return error_set(err, ERROR_UNSUPPORTED, "no place for a mount in the box: \"%s\"",
                         place->box);
    }
    if (place->mount != NULL && place->mount->host != NULL && place->mount->host[0] != '/') {
        return error_set(err, ERROR_USAGE, "not an absolute path: \"%s\"", place->mount->host);
    }
    return true;
}

bool bubblewrap_check(const struct sandbox_job *job, struct arena *arena, struct error *err)
{
    size_t count = job->mount_count + job->file_count;
    if (count > LIMIT_BOX_MOUNTS) {
        return error_set(err, ERROR_LIMIT, "%zu mounts are more than a box can have", count);
    }
    const struct place *places = sorted_places(job, arena);
    for (size_t i = 0; i < count; i++) {
        if (!check_place(&places[i], err)) {
            return false;
        }
        if (i > 0 && strcmp(places[i].box, places[i - 1].box) == 0) {
            return error_set(err, ERROR_UNSUPPORTED, "two mounts at %s", places[i].box);
        }
    }
    /* A foreign tree, or a file, may have nothing of ours below it. */
    for (size_t i = 0; i < count; i++) {
        bool is_tmpfs = places[i].mount != NULL && places[i].mount->host == NULL;
        for (size_t j = i + 1; j < count && !is_tmpfs; j++) {
            if (lies_below(places[j].box, places[i].box)) {
                return error_set(err, ERROR_UNSUPPORTED, "a mount at %s would lie below one at %s",
                                 places[j].box, places[i].box);
            }
        }
    }
    return true;
}

static void argument(struct buffer *out, const char *text)
{
    buffer_string(out, text);
    buffer_byte(out, 0);
}

static void number(struct buffer *out, uint64_t value)
{
    buffer_printf(out, "%llu", (unsigned long long)value);
    buffer_byte(out, 0);
}

/* The directories above BOX that PREVIOUS did not need yet. Left to itself, bubblewrap makes them
 * with mode 0700, and the program that root starts could not pass them. */
static void write_parents(struct buffer *out, const char *box, const char *previous)
{
    for (size_t i = 1; box[i] != '\0'; i++) {
        bool made = strncmp(previous, box, i) == 0 && (previous[i] == '/' || previous[i] == '\0');
        if (box[i] == '/' && !made) {
            argument(out, "--dir");
            buffer_append(out, bytes_from(box, i));
            buffer_byte(out, 0);
        }
    }
}

static void write_mount(struct buffer *out, const struct sandbox_mount *mount)
{
    if (mount->host != NULL) {
        argument(out, mount->writable ? "--bind" : "--ro-bind");
        argument(out, mount->host);
        argument(out, mount->box);
        return;
    }
    argument(out, "--perms");
    argument(out, mount->writable ? "1777" : "0755");
    argument(out, "--size");
    number(out, mount->tmpfs_bytes == 0 ? MIB : mount->tmpfs_bytes);
    argument(out, "--tmpfs");
    argument(out, mount->box);
}

static void write_file(struct buffer *out, int fd, const char *box, bool executable)
{
    argument(out, "--perms");
    argument(out, executable ? "0555" : "0444");
    argument(out, "--ro-bind-data");
    number(out, (uint64_t)fd);
    argument(out, box);
}

static void write_namespaces(struct buffer *out, bool as_root)
{
    static const char *const common[] = {
        "--unshare-ipc", "--unshare-pid",        "--unshare-net",
        "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent",
        "--new-session", "--hostname",           "build",
        "--clearenv",    "--cap-drop",           "ALL",
    };
    /* Root makes no user namespace: only so can the mounts reach what lies below directories that
     * are root's alone. The launcher keeps what it needs to become an ordinary user. */
    static const char *const root[] = {"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"};
    static const char *const user[] = {
        "--unshare-user",  "--disable-userns", "--assert-userns-disabled",
        "--uid",           SANDBOX_USER_TEXT,  "--gid",
        SANDBOX_USER_TEXT,
    };
    for (size_t i = 0; i < ARRAY_LEN(common); i++) {
        argument(out, common[i]);
    }
    const char *const *more = as_root ? root : user;
    for (size_t i = 0; i < (as_root ? ARRAY_LEN(root) : ARRAY_LEN(user)); i++) {
        argument(out, more[i]);
    }
}

static void write_devices(struct buffer *out)
{
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"};
    write_parents(out, devices[0], "");
    for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
        argument(out, "--dev-bind");
        argument(out, devices[i]);
        argument(out, devices[i]);
    }
}

static void write_environment(struct buffer *out, const struct sandbox_job *job,
                              struct arena *arena)
{
    for (size_t i = 0; job->environment != NULL && job->environment[i] != NULL; i++) {
        struct bytes name;
        struct bytes value;
        if (scan_cut(bytes_from_string(job->environment[i]), '=', &name, &value)) {
            argument(out, "--setenv");
            argument(out, arena_text(arena, name));
            argument(out, arena_text(arena, value));
        }
    }
}

void bubblewrap_arguments(const struct sandbox_job *job,
                          const struct bubblewrap_descriptors *descriptors, bool as_root,
                          struct arena *arena, struct buffer *out)
{
    size_t count = job->mount_count + job->file_count;
    const struct place *places = sorted_places(job, arena);
    write_namespaces(out, as_root);
    write_devices(out);
    write_parents(out, BOX_LAUNCHER, "");
    write_file(out, descriptors->launcher, BOX_LAUNCHER, true);
    for (size_t i = 0; i < count; i++) {
        write_parents(out, places[i].box, i == 0 ? "" : places[i - 1].box);
        if (places[i].mount != NULL) {
            write_mount(out, places[i].mount);
        } else {
            write_file(out, descriptors->files[places[i].file], places[i].box,
                       job->files[places[i].file].executable);
        }
    }
    /* Only now: these could hold no mount points before. */
    for (size_t i = 0; i < count; i++) {
        if (places[i].mount != NULL && places[i].mount->host == NULL &&
            !places[i].mount->writable) {
            argument(out, "--remount-ro");
            argument(out, places[i].box);
        }
    }
    argument(out, "--remount-ro");
    argument(out, "/");
    write_environment(out, job, arena);
    argument(out, "--chdir");
    argument(out, job->directory == NULL ? "/" : job->directory);
    argument(out, "--seccomp");
    number(out, (uint64_t)descriptors->seccomp);
    argument(out, "--json-status-fd");
    number(out, (uint64_t)descriptors->status);
    argument(out, "--block-fd");
    number(out, (uint64_t)descriptors->block);
}
