// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/modpath.h"

#include "base/encode.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/recipe/semver.h"

static bool is_path_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~' || c == '+';
}

/* "..." would be a pattern for go, "." and ".." lead elsewhere, a final dot is lost on Windows. */
static bool is_path_element(struct bytes element)
{
    if (element.len == 0 || element.data[element.len - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < element.len; i++) {
        if (!is_path_byte(element.data[i])) {
            return false;
        }
    }
    return memmem(element.data, element.len, "...", 3) == NULL;
}

bool import_path_is_valid(struct bytes path)
{
    if (path.len == 0 || path.len > LIMIT_MODULE_PATH || path.data[0] == '-' ||
        path.data[path.len - 1] == '/') {
        return false;
    }
    struct scanner scanner = scanner_over(path);
    struct bytes element;
    while (scanner_field(&scanner, '/', LIMIT_MODULE_PATH, &element)) {
        if (!is_path_element(element)) {
            return false;
        }
    }
    return scanner_done(&scanner);
}

bool module_path_is_local(struct bytes path)
{
    if (!import_path_is_valid(path) || memchr(path.data, '+', path.len) != NULL) {
        return false;
    }
    struct scanner scanner = scanner_over(path);
    struct bytes element;
    while (scanner_field(&scanner, '/', LIMIT_MODULE_PATH, &element)) {
        if (element.data[0] == '.') {
            return false;
        }
    }
    return true;
}

bool module_path_is_valid(struct bytes path)
{
    struct bytes first = path, rest;
    if (!module_path_is_local(path)) {
        return false;
    }
    if (!scan_cut(path, '/', &first, &rest)) {
        first = path;
    }
    return memchr(first.data, '.', first.len) != NULL;
}

bool module_version_is_valid(struct bytes version)
{
    struct semver parsed;
    return semver_parse(version, &parsed) &&
           (parsed.build.len == 0 || bytes_equal_string(parsed.build, "+incompatible"));
}

/* The "/v2" or ".v1" at the end of a path; empty without. gopkg.in alone uses the dot. */
static struct bytes path_major(struct bytes path)
{
    size_t digits = path.len;
    while (digits > 0 && path.data[digits - 1] >= '0' && path.data[digits - 1] <= '9') {
        digits--;
    }
    bool gopkg = bytes_start_with(path, "gopkg.in/");
    if (digits < 3 || digits == path.len || path.data[digits - 1] != 'v' ||
        path.data[digits - 2] != (gopkg ? '.' : '/')) {
        return bytes_from(NULL, 0);
    }
    struct bytes number = bytes_from(path.data + digits, path.len - digits);
    if (!gopkg && (number.data[0] == '0' || bytes_equal_string(number, "1"))) {
        return bytes_from(NULL, 0);
    }
    return number;
}

bool module_version_fits(struct bytes path, struct bytes version)
{
    struct semver parsed;
    if (!module_version_is_valid(version) || !semver_parse(version, &parsed)) {
        return false;
    }
    struct bytes major = path_major(path);
    if (major.len > 0) {
        return bytes_equal(major, parsed.major) && parsed.build.len == 0;
    }
    bool low = bytes_equal_string(parsed.major, "0") || bytes_equal_string(parsed.major, "1");
    return low == (parsed.build.len == 0);
}

bool module_sum_is_valid(struct bytes sum)
{
    uint8_t raw[32];
    size_t len = 0;
    return bytes_start_with(sum, "h1:") &&
           decode_base64(bytes_from(sum.data + 3, sum.len - 3), BASE64_STANDARD, raw, sizeof(raw),
                         &len) &&
           len == sizeof(raw);
}

static bool all_digits(struct bytes text, const char *alphabet)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == 0 || strchr(alphabet, text.data[i]) == NULL) {
            return false;
        }
    }
    return text.len > 0;
}

/* "v1.2.4-0." means that v1.2.3 is the base; "v1.2.3-pre.0." that v1.2.3-pre is. */
static bool pseudo_base(const struct semver *version, struct bytes before, struct arena *arena,
                        const char **ret)
{
    int major = (int)version->major.len, minor = (int)version->minor.len;
    const char *x = (const char *)version->major.data, *y = (const char *)version->minor.data;
    if (before.len == 0) {
        *ret = "";
        return bytes_equal_string(version->minor, "0") && bytes_equal_string(version->patch, "0");
    }
    if (bytes_equal_string(before, "0.")) {
        uint64_t patch;
        if (!scan_number(version->patch, UINT32_MAX, &patch) || patch == 0) {
            return false;
        }
        *ret = arena_printf(arena, "v%.*s.%.*s.%llu", major, x, minor, y,
                            (unsigned long long)(patch - 1));
        return true;
    }
    if (before.len < 4 || memcmp(before.data + before.len - 3, ".0.", 3) != 0) {
        return false;
    }
    *ret = arena_printf(arena, "v%.*s.%.*s.%.*s-%.*s", major, x, minor, y, (int)version->patch.len,
                        (const char *)version->patch.data, (int)(before.len - 3),
                        (const char *)before.data);
    return true;
}

bool pseudo_version_parse(struct bytes version, struct arena *arena, struct pseudo_version *ret)
{
    struct semver parsed;
    struct bytes left, revision;
    if (version.len > LIMIT_MODULE_PATH || !semver_parse(version, &parsed) ||
        !scan_cut_last(parsed.prerelease, '-', &left, &revision) || revision.len != 12 ||
        left.len < 14 || !all_digits(revision, "0123456789abcdef")) {
        return false;
    }
    struct pseudo_version pseudo = {.revision = revision,
                                    .time = bytes_from(left.data + left.len - 14, 14)};
    if (!all_digits(pseudo.time, "0123456789") ||
        !pseudo_base(&parsed, bytes_from(left.data, left.len - 14), arena, &pseudo.base)) {
        return false;
    }
    *ret = pseudo;
    return true;
}
