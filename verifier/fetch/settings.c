// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/settings.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/json_read.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/scanner.h"
#include "base/source.h"

#ifndef DEFAULT_GOPROXY
#define DEFAULT_GOPROXY ""
#endif

#define GO_ENV_TIMEOUT_MS 20000

const char *settings_environment(const char *const *environment, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        const char *entry = environment[i];
        if (strncmp(entry, name, len) == 0 && entry[len] == '=') {
            return entry[len + 1] == '\0' ? NULL : entry + len + 1;
        }
    }
    return NULL;
}

bool settings_env_file(const char *const *environment, struct arena *arena, const char **ret,
                       struct error *err)
{
    const char *named = settings_environment(environment, "GOENV");
    const char *config = settings_environment(environment, "XDG_CONFIG_HOME");
    const char *home = settings_environment(environment, "HOME");
    if (named != NULL && strcmp(named, "off") == 0) {
        *ret = "";
    } else if (named != NULL && named[0] != '/') {
        return error_set(err, ERROR_USAGE, "GOENV is not an absolute path: %s", named);
    } else if (named != NULL) {
        *ret = arena_string(arena, named);
    } else if (config != NULL) {
        *ret = config[0] == '/' ? arena_printf(arena, "%s/go/env", config) : "";
    } else {
        *ret = home != NULL && home[0] == '/' ? arena_printf(arena, "%s/.config/go/env", home) : "";
    }
    return true;
}

const char *settings_env_file_value(struct bytes text, const char *name, struct arena *arena)
{
    struct bytes found = {0};
    struct scanner scanner = scanner_over(text);
    struct bytes line, key, value;
    while (scanner_field(&scanner, '\n', SIZE_MAX, &line)) {
        if (scan_cut(line, '=', &key, &value) && bytes_equal_string(key, name)) {
            found = value;
        }
    }
    return arena_text(arena, found);
}

/* All of the file at PATH; empty if there is none, as Go has it. */
static bool read_env_file(const char *path, struct arena *arena, struct bytes *ret,
                          struct error *err)
{
    struct error problem = {0};
    struct source source;
    AUTO_FD int fd = -1;
    *ret = (struct bytes){0};
    if (path[0] == '\0') {
        return true;
    }
    if (!file_open_input(AT_FDCWD, path, &fd, &problem)) {
        if (problem.code == ERROR_ABSENT) {
            return true;
        }
        *err = problem;
        return error_prefix(err, "Go's env file");
    }
    if (!source_from_fd(fd, &source, err) ||
        !source_load(&source, 0, source.size, LIMIT_ENV_FILE_BYTES, arena, ret, err)) {
        return error_prefix(err, "Go's env file %s", path);
    }
    return true;
}

/* Runs GO with no more of the environment than it needs; what it prints lands in memory. */
static bool run_go_env(const char *go, int out, struct error *err)
{
    const char *const argv[] = {go, "env", "-json", "GOPROXY", NULL};
    const char *const environment[] = {"GOTOOLCHAIN=local", "GOENV=off",          "GOFLAGS=",
                                       "GOWORK=off",        "GO111MODULE=on",     "GOTELEMETRY=off",
                                       "HOME=/nonexistent", "PATH=/usr/bin:/bin", NULL};
    struct process_spec spec = {.argv = argv,
                                .environment = environment,
                                .stdin_fd = -1,
                                .stdout_fd = out,
                                .stderr_fd = -1};
    AUTO(process) struct process process = {0};
    int status;
    if (!process_start(&spec, &process, err) ||
        !process_wait(&process, GO_ENV_TIMEOUT_MS, &status, err)) {
        return error_prefix(err, "%s env", go);
    }
    return status == 0 || error_set(err, ERROR_TOOL, "%s env failed with status %d", go, status);
}

static bool ask_go(struct arena *arena, const char **ret, struct error *err)
{
    const char *go;
    struct source source;
    struct bytes text;
    if (!process_find("go", "golang-go", arena, &go, err)) {
        return false;
    }
    AUTO_FD int out = memfd_create("go-env", MFD_CLOEXEC);
    if (out < 0) {
        return error_errno(err, "cannot make a file in memory");
    }
    if (!run_go_env(go, out, err) || !source_from_fd(out, &source, err) ||
        !source_load(&source, 0, source.size, LIMIT_ENV_FILE_BYTES, arena, &text, err)) {
        return false;
    }
    AUTO(json_document) struct json_document *document = NULL;
    if (!json_parse(text, &document, err)) {
        return error_prefix(err, "%s env", go);
    }
    const char *value = json_member_string(json_root(document), "GOPROXY");
    *ret = arena_string(arena, value == NULL ? "" : value);
    return true;
}

static bool find_goproxy(struct settings *settings, struct arena *arena, struct error *err)
{
    struct error ignored;
    if (settings->goproxy[0] != '\0') {
        return true;
    }
    if (DEFAULT_GOPROXY[0] != '\0') {
        settings->goproxy = DEFAULT_GOPROXY;
        settings->goproxy_origin = "built in";
        return true;
    }
    if (ask_go(arena, &settings->goproxy, &ignored) && settings->goproxy[0] != '\0') {
        settings->goproxy_origin = "go env";
        return true;
    }
    error_set(err, ERROR_USAGE, "GOPROXY is not set: no module proxy to fetch from");
    return error_cure(err, "set GOPROXY to the address of a module proxy, in the environment or "
                           "with go env -w");
}

/* The environment, else the env file. */
static const char *value_of(const char *const *environment, struct bytes file, const char *name,
                            struct arena *arena)
{
    const char *value = settings_environment(environment, name);
    return value != NULL ? arena_string(arena, value) : settings_env_file_value(file, name, arena);
}

static const char *or_other(const char *value, const char *other)
{
    return value[0] == '\0' ? other : value;
}

bool settings_load(const char *const *environment, struct arena *arena, struct settings *ret,
                   struct error *err)
{
    const char *path;
    struct bytes file;
    if (!settings_env_file(environment, arena, &path, err) ||
        !read_env_file(path, arena, &file, err)) {
        return false;
    }
    const char *private = value_of(environment, file, "GOPRIVATE", arena);
    struct settings settings = {
        .goproxy = value_of(environment, file, "GOPROXY", arena),
        .gonoproxy = or_other(value_of(environment, file, "GONOPROXY", arena), private),
        .gosumdb = value_of(environment, file, "GOSUMDB", arena),
        .gonosumdb = or_other(value_of(environment, file, "GONOSUMDB", arena), private),
        .goprivate = private,
        .goinsecure = value_of(environment, file, "GOINSECURE", arena),
        .goproxy_origin =
            settings_environment(environment, "GOPROXY") != NULL ? "environment" : path,
    };
    if (!find_goproxy(&settings, arena, err)) {
        return false;
    }
    *ret = settings;
    return true;
}

/* The next word of TEXT from *AT on; empty at the end. */
static struct bytes next_word(struct bytes text, size_t *at)
{
    struct bytes rest = scan_trimmed(bytes_from(text.data + *at, text.len - *at));
    size_t len = 0;
    while (len < rest.len && strchr(" \t\r\n\v\f", rest.data[len]) == NULL) {
        len++;
    }
    *at = rest.len == 0 ? text.len : (size_t)(rest.data - text.data) + len;
    return bytes_from(rest.data, len);
}

bool settings_sumdb(const struct settings *settings, struct arena *arena, struct sumdb_setting *ret,
                    struct error *err)
{
    struct bytes text = bytes_from_string(settings->gosumdb);
    size_t at = 0;
    struct bytes first = next_word(text, &at);
    struct bytes second = next_word(text, &at);
    if (next_word(text, &at).len > 0) {
        return error_set(err, ERROR_USAGE, "GOSUMDB has more than two words");
    }
    struct bytes name = first, behind;
    bool with_key = scan_cut(first, '+', &name, &behind);
    if (first.len > 0 && name.len == 0) {
        return error_set(err, ERROR_USAGE, "GOSUMDB names no database");
    }
    bool off = bytes_equal_string(first, "off");
    *ret = (struct sumdb_setting){
        .off = off,
        .name = off ? "" : arena_text(arena, name),
        .key = with_key ? arena_text(arena, first) : "",
        .url = arena_text(arena, second),
    };
    return true;
}
