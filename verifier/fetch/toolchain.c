// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/toolchain.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/scanner.h"

/* "1.23.5", "1.20", "1.26rc1", "1.21beta1" behind "go". */
struct release {
    uint64_t major, minor;
    bool has_patch, is_candidate;
};

static bool read_number(struct scanner *scanner)
{
    uint64_t ignored;
    return scanner_number(scanner, 999, &ignored);
}

static bool parse_release(const char *text, struct release *ret)
{
    struct scanner scanner = scanner_over(bytes_from_string(text));
    struct release release = {0};
    if (!scanner_expect(&scanner, "go") || !scanner_number(&scanner, 99, &release.major)) {
        return false;
    }
    if (scanner_expect(&scanner, ".") && !scanner_number(&scanner, 999, &release.minor)) {
        return false;
    }
    if (scanner_expect(&scanner, ".")) {
        release.has_patch = true;
        if (!read_number(&scanner)) {
            return false;
        }
    } else if (scanner_expect(&scanner, "rc") || scanner_expect(&scanner, "beta")) {
        release.is_candidate = true;
        if (!read_number(&scanner)) {
            return false;
        }
    }
    *ret = release;
    return scanner_done(&scanner);
}

const char *toolchain_host_architecture(void)
{
    static const struct {
        const char *machine, *goarch;
    } known[] = {{"x86_64", "amd64"}, {"aarch64", "arm64"}};
    struct utsname host;
    if (uname(&host) == 0) {
        for (size_t i = 0; i < ARRAY_LEN(known); i++) {
            if (strcmp(host.machine, known[i].machine) == 0) {
                return known[i].goarch;
            }
        }
    }
    return NULL;
}

static bool is_platform_word(const char *word)
{
    size_t len = strlen(word);
    return len > 0 && len <= 16 && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789") == len;
}

bool toolchain_module_version(const char *go_version, const char *goos, const char *goarch,
                              struct arena *arena, const char **ret, struct error *err)
{
    struct release release;
    if (!parse_release(go_version, &release)) {
        error_set(err, ERROR_UNSUPPORTED, "\"%s\" is no release of Go", go_version);
        return error_cure(err, "name a release with --toolchain, or a toolchain's directory");
    }
    if (!is_platform_word(goos) || !is_platform_word(goarch)) {
        return error_set(err, ERROR_UNSUPPORTED, "\"%s/%s\" is no platform", goos, goarch);
    }
    bool needs_patch =
        release.major == 1 && release.minor >= 21 && !release.has_patch && !release.is_candidate;
    *ret =
        arena_printf(arena, "v0.0.1-%s%s.%s-%s", go_version, needs_patch ? ".0" : "", goos, goarch);
    return true;
}

/* bin/go, pkg/tool/linux_amd64/compile: the zip's own modes are zero before Go 1.21, and no hash
 * covers them. */
static bool is_program(const char *path)
{
    struct bytes text = bytes_from_string(path);
    if (bytes_start_with(text, "bin/")) {
        return true;
    }
    struct scanner scanner = scanner_over(text);
    struct bytes platform;
    return scanner_expect(&scanner, "pkg/tool/") &&
           scanner_until(&scanner, '/', text.len, &platform) &&
           bytes_find(scanner_rest(&scanner), 0, bytes_from_string("/")) == SIZE_MAX;
}

static bool ends_with_go_mod(const char *path, const char *name)
{
    size_t len = strlen(path);
    size_t tail = strlen(name);
    return len >= tail && strcmp(path + len - tail, name) == 0 &&
           (len == tail || path[len - tail - 1] == '/');
}

/* Renames beneath the file's own directory, so that no name is resolved twice. */
static bool rename_go_mod(int dir, struct file_entry *entry, struct arena *arena, struct error *err)
{
    size_t lead = strlen(entry->path) - strlen("_go.mod");
    const char *above = lead == 0 ? "." : arena_text(arena, bytes_from(entry->path, lead - 1));
    AUTO_FD int parent = -1;
    if (!directory_open_beneath(dir, above, &parent, err)) {
        return false;
    }
    if (file_exists(parent, "go.mod")) {
        return error_set(err, ERROR_UNTRUSTED, "%s lies beside a go.mod", entry->path);
    }
    if (renameat(parent, "_go.mod", parent, "go.mod") != 0) {
        return error_errno(err, "cannot rename %s", entry->path);
    }
    entry->path = arena_printf(arena, "%.*sgo.mod", (int)lead, entry->path);
    entry->kind = FILE_KIND_GO_MOD;
    return true;
}

static bool set_mode(int dir, struct file_entry *entry, struct error *err)
{
    AUTO_FD int fd = -1;
    entry->mode = is_program(entry->path) ? 0755 : 0644;
    if (!file_open_beneath(dir, entry->path, O_RDONLY | O_NONBLOCK, 0, &fd, err)) {
        return false;
    }
    return fchmod(fd, entry->mode) == 0 ||
           error_errno(err, "cannot set the mode of %s", entry->path);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file_entry *)a)->path, ((const struct file_entry *)b)->path);
}

bool toolchain_finish(int dir, struct file_tree *files, struct arena *arena, struct error *err)
{
    for (size_t i = 0; i < files->count; i++) {
        struct file_entry *entry = &files->entries[i];
        if (entry->kind == FILE_KIND_DIRECTORY) {
            continue;
        }
        if ((ends_with_go_mod(entry->path, "_go.mod") && !rename_go_mod(dir, entry, arena, err)) ||
            !set_mode(dir, entry, err)) {
            return false;
        }
    }
    qsort(files->entries, files->count, sizeof(*files->entries), by_path);
    return true;
}
