// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>

#include "attest/release/release_load.h"
#include "attest/release/release_report.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/command.h"

struct settings {
    struct common_settings common;
    const char *format, *output;
};

#define OPTION(name, argument, type, field, help)                                                  \
    {                                                                                              \
        name, argument, help, type, offsetof(struct settings, field)                               \
    }

static const struct option options[] = {
    OPTION("format", "FORMAT", OPTION_STRING, format,
           "text, json, markdown, junit, sarif or html (else by the name of --output)"),
    OPTION("output", "FILE", OPTION_STRING, output, "write it there, in place of stdout"),
};

static bool read_format(const char *text, enum release_format *ret, struct error *err)
{
    static const char *const names[] = {"text", "json", "markdown", "junit", "sarif", "html"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = (enum release_format)i;
            return true;
        }
    }
    error_set(err, ERROR_USAGE, "--format %s: no known format", text);
    return error_cure(err, "--format text, json, markdown, junit, sarif or html");
}

static bool settle_format(const struct settings *settings, enum release_format *ret,
                          struct error *err)
{
    *ret = settings->common.json ? RELEASE_JSON : RELEASE_TEXT;
    if (settings->format != NULL) {
        return read_format(settings->format, ret, err);
    }
    return settings->common.json || settings->output == NULL ||
           release_format_of(settings->output, ret, err) ||
           error_prefix(err, "--output %s", settings->output);
}

/* A folder of evidence: the summary of a gate, or the index that all have. */
static bool read_result(const char *path, struct arena *arena, struct bytes *ret, struct error *err)
{
    static const char *const names[] = {"summary.json", "index.json"};
    AUTO_FD int dir = -1;
    AUTO_FD int fd = -1;
    struct source source;
    if (directory_open(path, &dir, NULL)) {
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            if (file_exists(dir, names[i])) {
                return file_read(dir, names[i], LIMIT_JSON_BYTES, arena, ret, err);
            }
        }
        error_set(err, ERROR_ABSENT, "%s: no evidence in this folder", path);
        return error_cure(err, "name a folder of --out, or what --json printed");
    }
    return (file_open_input(AT_FDCWD, path, &fd, err) && source_from_fd(fd, &source, err) &&
            source_load(&source, 0, source.size, LIMIT_JSON_BYTES, arena, ret, err)) ||
           error_prefix(err, "%s", path);
}

static bool load_all(const struct invocation *invocation, struct loaded_release *loaded,
                     struct error *err)
{
    for (size_t i = 0; i < invocation->operands.count; i++) {
        struct arena arena = {0};
        struct bytes text;
        const char *path = invocation->operands.items[i];
        bool ok = read_result(path, &arena, &text, err) && release_load(text, path, loaded, err);
        arena_free(&arena);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool put_on_terminal(void *context, struct bytes piece, struct error *err)
{
    AUTO(buffer) struct buffer out = {0};
    buffer_init(&out, piece.len);
    buffer_append(&out, piece);
    return terminal_write(context, &out, err);
}

static bool put_in_file(void *context, struct bytes piece, struct error *err)
{
    return file_write_all(*(const int *)context, piece, err);
}

static bool write_file(const char *path, struct release *release, enum release_format format,
                       struct arena *arena, struct error *err)
{
    AUTO_FD int dir = -1;
    AUTO(atomic_file) struct atomic_file out = {.fd = -1};
    struct bytes folder = bytes_from_string("."), name = bytes_from_string(path);
    if (scan_cut_last(name, '/', &folder, &name) && folder.len == 0) {
        folder = bytes_from_string("/");
    }
    if (!directory_open(arena_text(arena, folder), &dir, err) ||
        !atomic_file_open(dir, 0644, &out, err)) {
        return error_prefix(err, "--output %s", path);
    }
    const struct release_sink sink = {put_in_file, &out.fd};
    return (release_report(release, format, &sink, err) &&
            atomic_file_commit(&out, arena_text(arena, name), err)) ||
           error_prefix(err, "--output %s", path);
}

static bool act(const struct invocation *invocation, struct loaded_release *loaded,
                struct error *err)
{
    const struct settings *settings = invocation->settings;
    enum release_format format;
    if (!settle_format(settings, &format, err) || !load_all(invocation, loaded, err)) {
        return false;
    }
    struct release *release = release_loaded(loaded);
    const struct release_sink sink = {put_on_terminal, invocation->terminal};
    return settings->output == NULL
               ? release_report(release, format, &sink, err)
               : write_file(settings->output, release, format, invocation->arena, err);
}

static enum outcome run_report(const struct invocation *invocation)
{
    struct loaded_release loaded = {0};
    struct error err;
    bool ok = act(invocation, &loaded, &err);
    release_load_free(&loaded);
    return ok ? OUTCOME_HOLDS : command_fail(invocation, NULL, &err, outcome_of_input_error(&err));
}

const struct command command_report = {
    .name = "report",
    .arguments = "RESULT...",
    .summary = "show what a gate or a rebuild came to, without rebuilding",
    .details =
        "RESULT is what `gate --json` or `rebuild --json` printed, or a folder of evidence that\n"
        "--out made. Several are shown as one. Nothing of it is proven by showing it: for that,\n"
        "see `verify`.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 1,
    .run = run_report,
};
