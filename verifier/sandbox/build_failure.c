// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/sandbox/build_internal.h"

#define DETAIL_BYTES 400
/* `pattern dist: no matching files found`, `pattern dist: cannot embed directory dist: contains no
 * embeddable files` (cmd/go/internal/load, resolveEmbed). */
#define NO_FILES "no matching files found"
#define EMPTY_DIRECTORY "contains no embeddable files"

/* What a line of the log tells, in the order in which a line is believed over others. */
struct sign {
    const char *text, *failure, *meaning; /* MEANING: put before the line; "" if it speaks itself */
};

static const struct sign signs[] = {
    {"no space left on device", "limit", "the disk or the space for the build is full"},
    {"disk quota exceeded", "limit", "the disk quota is used up"},
    {"out of memory", "limit", "not enough memory"},
    {"cannot allocate memory", "limit", "not enough memory"},
    {"failed to reserve page summary memory", "limit", "not enough memory"},
    {"file too large", "limit", "a file became larger than allowed"},
    {"resource temporarily unavailable", "limit", "too many processes"},
    {"signal: killed", "limit", "a tool was killed, as happens where memory runs out"},
    {"checksum mismatch", "build-failed", "a module is not the one that go.sum names"},
    {"401 Unauthorized", "source-unavailable", "a server wants credentials for a module"},
    {"403 Forbidden", "source-unavailable", "a server refuses a module"},
    {"407 Proxy Authentication Required", "source-unavailable", "a proxy wants credentials"},
    {"toolchain not available", "toolchain-unavailable", "the source wants another toolchain"},
    {"build constraints exclude all Go files", "build-failed",
     "no file of a package is for this platform and these tags"},
    {NO_FILES, "build-failed", "the source lacks files that it embeds"},
    {EMPTY_DIRECTORY, "build-failed", "the source lacks files that it embeds"},
    {"updates to go.mod needed", "build-failed", "the modules do not fit together"},
    {"updates to go.sum needed", "build-failed", "the modules do not fit together"},
    {"inconsistent vendoring", "build-failed", "the vendored modules are not those of go.mod"},
    {"go.mod file not found", "build-failed", "the source has no go.mod"},
    {"missing go.sum entry", "build-failed", "a module is missing"},
    {"no required module provides package", "build-failed", "a module is missing"},
    {"cannot find module providing package", "build-failed", "a module is missing"},
    {"module lookup disabled by GOPROXY=off", "build-failed", "a module is missing"},
    {"is not in GOROOT", "build-failed", "a package is missing"},
    {"is not in std", "build-failed", "a package is missing"},
    {"requires go >= ", "build-failed", "the toolchain is older than the source wants"},
    {"module requires Go ", "build-failed", "the toolchain is older than the source wants"},
    {"requires newer Go version", "build-failed", "the toolchain is older than the source wants"},
    {"unsupported GOOS/GOARCH pair", "build-failed", "the toolchain does not know the platform"},
    {"error obtaining VCS status", "build-failed", "the version control stamp cannot be made"},
    {"-race requires cgo", "build-failed", "the build needs a C compiler"},
    {"C compiler", "c-toolchain-unavailable", "the build needs a C compiler"},
    {"xcrun: error", "c-toolchain-unavailable", "an SDK is missing"},
    {"framework not found", "c-toolchain-unavailable", "an SDK is missing"},
    {".h: No such file or directory", "c-toolchain-unavailable", "headers or an SDK are missing"},
    {".h' file not found", "c-toolchain-unavailable", "headers or an SDK are missing"},
    {"cannot find -l", "c-toolchain-unavailable", "a C library or an SDK is missing"},
    {"link: running ", "c-toolchain-unavailable", "the C toolchain cannot link it"},
    {"no such tool", "build-failed", "the toolchain is not whole"},
    {"internal compiler error", "build-failed", "the compiler failed"},
};

const char *build_failure_sign(size_t index)
{
    return index < ARRAY_LEN(signs) ? signs[index].text : NULL;
}

bool build_lacks_embedded(struct bytes log)
{
    return bytes_find(log, 0, bytes_from_string(NO_FILES)) != SIZE_MAX ||
           bytes_find(log, 0, bytes_from_string(EMPTY_DIRECTORY)) != SIZE_MAX;
}

static const char *escaped(struct bytes line, struct arena *arena)
{
    char text[DETAIL_BYTES];
    escape_bytes(scan_trimmed(line), text, sizeof(text));
    return arena_string(arena, text);
}

static const struct sign *sign_in(struct bytes line)
{
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (bytes_find(line, 0, bytes_from_string(signs[i].text)) != SIZE_MAX) {
            return &signs[i];
        }
    }
    return NULL;
}

/* Headings ("# example.org/x") and talk that comes with builds that succeed, too. */
static bool tells_nothing(struct bytes line)
{
    static const char *const talk[] = {"# ", "go: downloading ", "failed to start telemetry",
                                       "warning: "};
    for (size_t i = 0; i < ARRAY_LEN(talk); i++) {
        if (bytes_start_with(line, talk[i])) {
            return true;
        }
    }
    return scan_trimmed(line).len == 0;
}

/* The module cache is read-only: a module that is not in it shows as a directory that Go cannot
 * make,
 * ".../cache/download/PATH/@v: read-only file system". */
static bool missing_module(struct bytes line, struct bytes *ret)
{
    struct bytes mark = bytes_from_string("/cache/download/");
    size_t at = bytes_find(line, 0, mark);
    if (at == SIZE_MAX) {
        return false;
    }
    size_t start = at + mark.len;
    size_t end = bytes_find(line, start, bytes_from_string("/@v"));
    if (end == SIZE_MAX) {
        return false;
    }
    *ret = bytes_from(line.data + start, end - start);
    return true;
}

struct finding {
    struct bytes first, line, module;
    const struct sign *sign;
};

static struct finding search(struct bytes log)
{
    struct finding found = {0};
    while (log.len > 0) {
        size_t end = bytes_find(log, 0, bytes_from_string("\n"));
        struct bytes line = bytes_from(log.data, end == SIZE_MAX ? log.len : end);
        size_t used = end == SIZE_MAX ? log.len : end + 1;
        log = bytes_from(log.data + used, log.len - used);
        if (tells_nothing(line)) {
            continue;
        }
        found.first = found.first.len == 0 ? line : found.first;
        const struct sign *sign = sign_in(line);
        if (sign != NULL && (found.sign == NULL || sign < found.sign)) {
            found.sign = sign;
            found.line = line;
        }
        if (found.module.len == 0 && missing_module(line, &found.module)) {
            found.line = found.sign == NULL ? line : found.line;
        }
    }
    return found;
}

static const char *limit_detail(const char *hit, const struct sandbox_limits *limits,
                                struct arena *arena)
{
    unsigned seconds = limits->seconds == 0 ? LIMIT_BUILD_SECONDS : limits->seconds;
    uint64_t disk = limits->disk_bytes == 0 ? LIMIT_BUILD_DISK : limits->disk_bytes;
    if (strcmp(hit, "time") == 0) {
        return arena_printf(arena, "the build took longer than %u s", seconds);
    }
    if (strcmp(hit, "disk") == 0) {
        return arena_printf(arena, "the build wrote more than %llu MiB, or too many files",
                            (unsigned long long)(disk / MIB));
    }
    if (strcmp(hit, "memory") == 0) {
        return "the build used more memory than allowed";
    }
    if (strcmp(hit, "processes") == 0) {
        return "the build started more processes than allowed";
    }
    return "the build wrote more to its log than allowed";
}

static const char *explained(const char *meaning, struct bytes line, struct arena *arena)
{
    return arena_printf(arena, "%s: %s", meaning, escaped(line, arena));
}

void build_explain_failure(const struct sandbox_result *run, const struct sandbox_limits *limits,
                           struct arena *arena, const char **ret_failure, const char **ret_detail)
{
    struct finding found = search(run->log);
    *ret_failure = "build-failed";
    if (run->limit_hit[0] != '\0') {
        *ret_failure = "limit";
        *ret_detail = limit_detail(run->limit_hit, limits, arena);
    } else if (found.sign != NULL && strcmp(found.sign->failure, "limit") == 0) {
        *ret_failure = "limit";
        *ret_detail = explained(found.sign->meaning, found.line, arena);
    } else if (found.module.len > 0) {
        *ret_failure = "source-unavailable";
        *ret_detail = arena_printf(arena, "the build needs the module %s, which no dep line names",
                                   escaped(found.module, arena));
    } else if (found.sign != NULL) {
        *ret_failure = found.sign->failure;
        *ret_detail = explained(found.sign->meaning, found.line, arena);
    } else if (run->status == 128 + SIGXFSZ || run->status == 128 + SIGKILL) {
        *ret_failure = "limit";
        *ret_detail = arena_printf(arena, "the build was killed by signal %d", run->status - 128);
    } else if (run->status > 128 && found.first.len == 0) {
        *ret_detail = arena_printf(arena, "the build died of signal %d", run->status - 128);
    } else {
        *ret_detail = found.first.len > 0
                          ? escaped(found.first, arena)
                          : arena_printf(arena, "go ended with %d, saying nothing", run->status);
    }
}
