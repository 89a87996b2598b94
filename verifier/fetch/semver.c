// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/semver.h"

#include "base/scanner.h"

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_identifier_byte(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '-';
}

static size_t count_digits(struct bytes text)
{
    size_t len = 0;
    while (len < text.len && is_digit(text.data[len])) {
        len++;
    }
    return len;
}

static bool is_number(struct bytes text)
{
    return count_digits(text) == text.len;
}

/* Takes a number of any length without leading zeros off REST. */
static bool take_number(struct bytes *rest, struct bytes *ret)
{
    size_t len = count_digits(*rest);
    if (len == 0 || (len > 1 && rest->data[0] == '0')) {
        return false;
    }
    *ret = bytes_first(*rest, len);
    *rest = bytes_behind(*rest, len);
    return true;
}

static bool is_identifier(struct bytes text, bool zeros_allowed)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_identifier_byte(text.data[i])) {
            return false;
        }
    }
    bool padded = is_number(text) && text.len > 1 && text.data[0] == '0';
    return text.len > 0 && (zeros_allowed || !padded);
}

/* True if all of TEXT is dot-separated identifiers, at least one. */
static bool are_identifiers(struct bytes text, bool zeros_allowed)
{
    struct bytes first;
    while (scan_cut(text, '.', &first, &text)) {
        if (!is_identifier(first, zeros_allowed)) {
            return false;
        }
    }
    return is_identifier(text, zeros_allowed);
}

/* Takes the part that begins with MARK and ends before STOP (or at the end) off REST. */
static bool take_part(struct bytes *rest, char mark, char stop, bool zeros_allowed,
                      struct bytes *ret)
{
    *ret = bytes_first(*rest, 0);
    if (rest->len == 0 || rest->data[0] != (uint8_t)mark) {
        return true;
    }
    size_t end = bytes_find(*rest, 0, bytes_from(&stop, 1));
    *ret = end == SIZE_MAX ? *rest : bytes_first(*rest, end);
    *rest = bytes_behind(*rest, ret->len);
    return are_identifiers(bytes_behind(*ret, 1), zeros_allowed);
}

static bool take_dot(struct bytes *rest)
{
    bool found = rest->len > 0 && rest->data[0] == '.';
    *rest = bytes_behind(*rest, found ? 1 : 0);
    return found;
}

bool semver_parse(const char *text, struct semver *ret)
{
    struct bytes rest = bytes_from_string(text);
    struct bytes zero = bytes_from_string("0");
    struct semver version = {.minor = zero, .patch = zero, .is_short = true};
    if (!bytes_start_with(rest, "v")) {
        return false;
    }
    rest = bytes_behind(rest, 1);
    if (!take_number(&rest, &version.major)) {
        return false;
    }
    for (int i = 0; i < 2 && rest.len > 0; i++) {
        version.is_short = i == 0;
        if (!take_dot(&rest) || !take_number(&rest, i == 0 ? &version.minor : &version.patch)) {
            return false;
        }
    }
    /* Only a version with all three numbers may go on. */
    if (version.is_short && rest.len > 0) {
        return false;
    }
    if (!take_part(&rest, '-', '+', false, &version.prerelease) ||
        !take_part(&rest, '+', '\0', true, &version.build) || rest.len > 0) {
        return false;
    }
    *ret = version;
    return true;
}

bool semver_is_canonical(const char *text)
{
    struct semver version;
    return semver_parse(text, &version) && !version.is_short &&
           (version.build.len == 0 || bytes_equal_string(version.build, "+incompatible"));
}

static int compare_numbers(struct bytes a, struct bytes b)
{
    return a.len != b.len ? (a.len > b.len) - (a.len < b.len) : bytes_compare(a, b);
}

static int compare_identifiers(struct bytes a, struct bytes b)
{
    bool a_number = is_number(a);
    bool b_number = is_number(b);
    if (a_number != b_number) {
        return a_number ? -1 : 1;
    }
    return a_number ? compare_numbers(a, b) : bytes_compare(a, b);
}

static struct bytes take_identifier(struct bytes *rest)
{
    struct bytes first;
    if (!scan_cut(*rest, '.', &first, rest)) {
        first = *rest;
        *rest = bytes_from(NULL, 0);
    }
    return first;
}

static int compare_prereleases(struct bytes a, struct bytes b)
{
    /* A release comes behind all its prereleases. */
    if (a.len == 0 || b.len == 0) {
        return (a.len == 0) - (b.len == 0);
    }
    a = bytes_behind(a, 1);
    b = bytes_behind(b, 1);
    int order = 0;
    while (order == 0 && a.len > 0 && b.len > 0) {
        struct bytes first = take_identifier(&a);
        order = compare_identifiers(first, take_identifier(&b));
    }
    return order != 0 ? order : (a.len > 0) - (b.len > 0);
}

int semver_compare(const char *a, const char *b)
{
    struct semver x, y;
    bool a_valid = semver_parse(a, &x);
    bool b_valid = semver_parse(b, &y);
    if (!a_valid || !b_valid) {
        return a_valid - b_valid;
    }
    int order = compare_numbers(x.major, y.major);
    order = order != 0 ? order : compare_numbers(x.minor, y.minor);
    order = order != 0 ? order : compare_numbers(x.patch, y.patch);
    return order != 0 ? order : compare_prereleases(x.prerelease, y.prerelease);
}

/* TEXT, a decimal number above zero, less one. */
static const char *decrement(struct bytes text, struct arena *arena)
{
    char *digits = arena_text(arena, text);
    size_t i = text.len;
    while (i > 0 && digits[i - 1] == '0') {
        digits[--i] = '9';
    }
    if (i > 0) {
        digits[i - 1]--;
    }
    return digits[0] == '0' && text.len > 1 ? digits + 1 : digits;
}

#define TIME_LEN 14

/* Cuts "...SEPARATOR20240131235959-abcdef123456" into the three; HEAD keeps its separator. */
static bool cut_tail(struct bytes prerelease, struct bytes *ret_head, struct bytes *ret_time,
                     struct bytes *ret_revision)
{
    struct bytes front;
    if (!scan_cut_last(prerelease, '-', &front, ret_revision) || front.len <= TIME_LEN) {
        return false;
    }
    *ret_head = bytes_first(front, front.len - TIME_LEN);
    *ret_time = bytes_behind(front, front.len - TIME_LEN);
    struct bytes dot;
    bool simple = ret_revision->len > 0 && !scan_cut(*ret_revision, '.', &dot, &dot);
    return simple && is_number(*ret_time);
}

/* The tag behind "vX.Y.Z" + HEAD; NULL if this is not the form of a pseudo-version. The proxies
 * hold a few that no rule makes (v2.0.0-TIME-REVISION+incompatible, v1.0.0-0.TIME-REVISION): no
 * tag. */
static const char *find_base(const struct semver *version, struct bytes head, struct arena *arena)
{
    const char *major = arena_text(arena, version->major);
    const char *minor = arena_text(arena, version->minor);
    const char *build = arena_text(arena, version->build);
    bool zero_patch = bytes_equal_string(version->patch, "0");
    if (bytes_equal_string(head, "-")) {
        return zero_patch && bytes_equal_string(version->minor, "0") ? "" : NULL;
    }
    if (bytes_equal_string(head, "-0.")) {
        const char *patch = decrement(version->patch, arena);
        return zero_patch ? "" : arena_printf(arena, "v%s.%s.%s%s", major, minor, patch, build);
    }
    if (!bytes_end_with(head, ".0.")) {
        return NULL;
    }
    struct bytes prerelease = bytes_first(head, head.len - strlen(".0."));
    return arena_printf(arena, "v%s.%s.%s%s%s", major, minor, arena_text(arena, version->patch),
                        arena_text(arena, prerelease), build);
}

bool pseudo_version_parse(const char *text, struct arena *arena, struct pseudo_version *ret)
{
    struct semver version;
    struct bytes head, time, revision;
    if (!semver_parse(text, &version) || version.is_short ||
        !cut_tail(version.prerelease, &head, &time, &revision)) {
        return false;
    }
    const char *base = find_base(&version, head, arena);
    if (base == NULL) {
        return false;
    }
    *ret = (struct pseudo_version){
        .base = base, .time = arena_text(arena, time), .revision = arena_text(arena, revision)};
    return true;
}
