// SPDX-License-Identifier: Apache-2.0
/* The part of a build that is the same for every program of a toolchain and platform: compiling the
 * standard library. It is made in a box that holds no source of strangers. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/recipe/goversion.h"
#include "verifier/sandbox/build_internal.h"
#include "verifier/sandbox/build_standard.h"

bool build_standard_applies(const struct recipe *recipe)
{
    bool pure = false;
    struct go_version go;
    for (size_t i = 0; i < recipe->environment_count; i++) {
        pure |= strcmp(recipe->environment[i].name, "CGO_ENABLED") == 0 &&
                strcmp(recipe->environment[i].value, "0") == 0;
    }
    bool profiled = recipe->pgo[0] != '\0' && strcmp(recipe->pgo, "off") != 0;
    return pure && !profiled && recipe->toolchain_patch[0] == '\0' &&
           recipe->source_kind != SOURCE_TOOLCHAIN_MODULE &&
           go_version_parse(bytes_from_string(recipe->toolchain), &go) && go.minor >= 20;
}

/* -- which packages -- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* A package that a program may import: lower case, of the toolchain, not an internal one, which
 * comes with those that import it. */
static bool is_package(int source, const char *path)
{
    size_t len = strlen(path);
    AUTO_FD int dir = -1;
    return len > 0 && len < 200 && path[0] >= 'a' && path[0] <= 'z' &&
           strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789/") == len &&
           strncmp(path, "vendor/", 7) != 0 && strncmp(path, "cmd/", 4) != 0 &&
           strcmp(path, "unsafe") != 0 && strstr(path, "internal") == NULL &&
           strcmp(last_part(path), "testdata") != 0 &&
           directory_open_beneath(source, path, &dir, NULL);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void take_packages(struct bytes log, int source, struct arena *arena, const char ***ret,
                          size_t *ret_count)
{
    struct bytes line;
    struct scanner scanner = scanner_over(log);
    const char **list = NULL;
    size_t count = 0, capacity = 0;
    while (scanner_line(&scanner, log.len, &line)) {
        const char *path = line.len < 200 ? arena_text(arena, line) : "";
        if (is_package(source, path) && count < LIMIT_STANDARD_PACKAGES) {
            arena_grow(arena, &list, count, &capacity, sizeof(path));
            list[count++] = path;
        }
    }
    if (count > 0) {
        qsort(list, count, sizeof(*list), compare);
    }
    *ret = list;
    *ret_count = count;
}

/* The build's own command made into a question. */
static const char *const *list_command(const char *const *build, struct arena *arena)
{
    size_t count = 0, used = 0;
    while (build[count] != NULL) {
        count++;
    }
    const char **argv = ARENA_ARRAY(arena, count + 4, const char *);
    argv[used++] = build[0];
    argv[used++] = "list";
    argv[used++] = "-deps";
    argv[used++] = "-f={{if .Standard}}{{.ImportPath}}{{end}}";
    for (size_t i = 2; i < count; i++) {
        if (strcmp(build[i], "-o") == 0 && i + 1 < count) {
            i++;
        } else if (strncmp(build[i], "-ldflags=", 9) != 0) {
            argv[used++] = build[i];
        }
    }
    return argv;
}

bool build_standard_list(struct build_box *box, const char *toolchain, struct arena *arena,
                         const char ***ret, size_t *ret_count, struct error *err)
{
    const char *const *build;
    struct sandbox_result run;
    AUTO_FD int source = -1;
    if (!directory_open(arena_printf(arena, "%s/src", toolchain), &source, err) ||
        !build_command_argv(box->recipe, &box->layout, NULL, 0, arena, &build, err) ||
        !build_box_execute(box, list_command(build, arena), arena, &run, err)) {
        return false;
    }
    if (run.status != 0) {
        return error_set(err, ERROR_ABSENT, "go list: exit code %d", run.status);
    }
    take_packages(run.log, source, arena, ret, ret_count);
    return true;
}

/* -- the key -- */

/* A flag that is meant for every package, and not just for the program's own. */
static bool is_for_all(const char *flags)
{
    return strncmp(flags, "all=", 4) == 0;
}

static void put(struct digest *digest, const char *name, const char *value)
{
    digest_update(digest, bytes_from_string(name));
    digest_update(digest, bytes_from_string("="));
    digest_update(digest, bytes_from_string(value));
    digest_update(digest, bytes_from("", 1));
}

void build_standard_key(const struct build_box *box, const char *h1, const char *const *packages,
                        size_t count, char ret[SHA256_HEX_LEN + 1])
{
    const struct recipe *recipe = box->recipe;
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256);
    struct sha256 key;
    put(digest, "toolchain", h1);
    for (size_t i = 0; box->environment[i] != NULL; i++) {
        const char *entry = box->environment[i];
        if (strncmp(entry, "REPROOF_", 8) != 0 && strncmp(entry, "GODEBUG=", 8) != 0 &&
            strncmp(entry, "GOMAXPROCS=", 11) != 0) {
            put(digest, "environment", entry);
        }
    }
    put(digest, "trimpath", recipe->trimpath ? "1" : "0");
    put(digest, "buildmode", recipe->buildmode);
    put(digest, "tags", recipe->tags);
    put(digest, "gcflags", is_for_all(recipe->gcflags) ? recipe->gcflags : "");
    put(digest, "asmflags", is_for_all(recipe->asmflags) ? recipe->asmflags : "");
    for (size_t i = 0; i < count; i++) {
        put(digest, "package", packages[i]);
    }
    digest_finish(digest, key.bytes);
    sha256_hex(&key, ret);
}

/* -- building -- */

static void add_flag(const char **argv, size_t *count, const char *flag, const char *value,
                     struct arena *arena)
{
    if (value[0] != '\0') {
        argv[(*count)++] = arena_printf(arena, "%s=%s", flag, value);
    }
}

bool build_standard_run(struct build_box *box, const char *const *packages, size_t count,
                        struct arena *arena, struct error *err)
{
    const struct recipe *recipe = box->recipe;
    const char **argv = ARENA_ARRAY(arena, count + 16, const char *);
    struct sandbox_result run;
    size_t used = 0;
    argv[used++] = arena_printf(arena, "%s/bin/go", box->layout.goroot);
    argv[used++] = "build";
    argv[used++] = "-buildvcs=false";
    if (recipe->trimpath) {
        argv[used++] = "-trimpath";
    }
    add_flag(argv, &used, "-buildmode", recipe->buildmode, arena);
    add_flag(argv, &used, "-tags", recipe->tags, arena);
    add_flag(argv, &used, "-gcflags", is_for_all(recipe->gcflags) ? recipe->gcflags : "", arena);
    add_flag(argv, &used, "-asmflags", is_for_all(recipe->asmflags) ? recipe->asmflags : "", arena);
    argv[used++] = "--";
    for (size_t i = 0; i < count; i++) {
        argv[used++] = packages[i];
    }
    if (!build_box_execute(box, argv, arena, &run, err)) {
        return false;
    }
    return (run.status == 0 && run.limit_hit[0] == '\0') ||
           error_set(err, ERROR_ABSENT, "the standard library could not be built");
}

/* -- the cache itself -- */

bool build_standard_take(const struct build_box *box, int to, struct error *err)
{
    AUTO_FD int cache = -1;
    return directory_open_beneath(box->dir, BUILD_CACHE, &cache, err) &&
           build_copy_tree(cache, to, err);
}

/* Go makes new entries in the folders of old ones. */
static bool give_folders(int cache, struct error *err)
{
    struct arena arena = {0};
    char **names;
    size_t count;
    bool ok = directory_list(cache, &arena, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        AUTO_FD int folder = -1;
        if (directory_open_beneath(cache, names[i], &folder, NULL)) {
            ok = sandbox_give(folder, err);
        }
    }
    arena_free(&arena);
    return ok;
}

static bool empty(int cache, struct error *err)
{
    struct arena arena = {0};
    char **names;
    size_t count;
    bool ok = directory_list(cache, &arena, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        ok = directory_remove(cache, names[i], err);
    }
    arena_free(&arena);
    return ok;
}

/* The question for packages left something in the cache. What is hashed is the copy that the build
 * will see. */
bool build_standard_put(struct build_box *box, int from, const struct file_tree *files,
                        struct error *err)
{
    AUTO_FD int cache = -1;
    if (!directory_open_beneath(box->dir, BUILD_CACHE, &cache, err) || !empty(cache, err)) {
        return false;
    }
    bool ok = build_copy_tree(from, cache, err) &&
              file_tree_verify(cache, files, box->settings.jobs, err) && give_folders(cache, err);
    return ok || (!empty(cache, err) && false);
}
