// SPDX-License-Identifier: Apache-2.0
#include "cli/recipe_options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/scanner.h"

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool read_source(const char *text, struct arena *arena, struct recipe_hints *hints,
                        struct error *err)
{
    struct bytes module;
    struct bytes version;
    if (is_directory(text)) {
        char *absolute = realpath(text, NULL);
        if (absolute == NULL) {
            return error_errno(err, "--source %s", text);
        }
        hints->source_directory = arena_string(arena, absolute);
        free(absolute);
        return true;
    }
    if (!scan_cut_last(bytes_from_string(text), '@', &module, &version) || module.len == 0 ||
        version.len == 0) {
        error_set(err, ERROR_USAGE, "--source %s is neither a directory nor MODULE@VERSION", text);
        return error_cure(err,
                          "--source github.com/evanw/esbuild@v0.25.0, or an existing directory");
    }
    hints->source_module = arena_text(arena, module);
    hints->source_version = arena_text(arena, version);
    return true;
}

static bool read_rootfs(const char *path, struct arena *arena, struct recipe_hints *hints,
                        struct error *err)
{
    char *absolute = realpath(path, NULL);
    if (absolute == NULL || !is_directory(absolute)) {
        free(absolute);
        error_set(err, ERROR_USAGE, "--rootfs %s is no directory", path);
        return error_cure(err, "name the root of a Linux system, as debootstrap makes one");
    }
    hints->rootfs = arena_string(arena, absolute);
    free(absolute);
    return true;
}

static bool read_environment(const struct strings *words, struct arena *arena,
                             struct recipe_hints *hints, struct error *err)
{
    struct environment_entry *entries =
        ARENA_ARRAY(arena, words->count + 1, struct environment_entry);
    for (size_t i = 0; i < words->count; i++) {
        struct bytes name;
        struct bytes value;
        if (!scan_cut(bytes_from_string(words->items[i]), '=', &name, &value) || name.len == 0) {
            return error_set(err, ERROR_USAGE, "--env wants NAME=VALUE, not \"%s\"",
                             words->items[i]);
        }
        entries[i] = (struct environment_entry){arena_text(arena, name), arena_text(arena, value)};
    }
    hints->environment = entries;
    hints->environment_count = words->count;
    return true;
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

bool recipe_options_hints(const struct recipe_options *options, struct arena *arena,
                          struct recipe_hints *ret, struct error *err)
{
    struct recipe_hints hints = {
        .package_version = "",
        .package_name = "",
        .source_module = "",
        .source_version = "",
        .source_directory = "",
        .rootfs = "",
        .toolchain = or_empty(options->toolchain),
        .ldflags = or_empty(options->ldflags),
        .tags = or_empty(options->tags),
    };
    if (!read_environment(&options->environment, arena, &hints, err) ||
        (options->rootfs != NULL && !read_rootfs(options->rootfs, arena, &hints, err)) ||
        (options->source != NULL && !read_source(options->source, arena, &hints, err))) {
        return false;
    }
    *ret = hints;
    return true;
}
