// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/semver.h"

#include "base/limits.h"
#include "base/scanner.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_identifier_byte(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static size_t digits_at(struct bytes text)
{
    size_t len = 0;
    while (len < text.len && is_digit(text.data[len])) {
        len++;
    }
    return len;
}

/* A number without a leading zero, of any length. */
static bool take_number(struct scanner *scanner, struct bytes *ret)
{
    struct bytes rest = scanner_rest(scanner);
    size_t len = digits_at(rest);
    if (len == 0 || (len > 1 && rest.data[0] == '0')) {
        return false;
    }
    *ret = bytes_from(rest.data, len);
    scanner->position += len;
    return true;
}

/* Dotted identifiers up to the first byte that is none; each not empty, numbers without leading
 * zero if STRICT. */
static bool take_identifiers(struct scanner *scanner, bool strict, struct bytes *ret)
{
    struct bytes rest = scanner_rest(scanner);
    size_t len = 0, start = 0;
    for (;; len++) {
        if (len < rest.len && is_identifier_byte(rest.data[len])) {
            continue;
        }
        struct bytes part = bytes_from(rest.data + start, len - start);
        bool number = digits_at(part) == part.len;
        if (part.len == 0 || (strict && number && part.len > 1 && part.data[0] == '0')) {
            return false;
        }
        if (len == rest.len || rest.data[len] != '.') {
            break;
        }
        start = len + 1;
    }
    *ret = bytes_from(rest.data, len);
    scanner->position += len;
    return true;
}

bool semver_parse(struct bytes text, struct semver *ret)
{
    struct scanner scanner = scanner_over(text);
    struct semver version = {0};
    if (text.len > LIMIT_MODULE_PATH || !scanner_expect(&scanner, "v") ||
        !take_number(&scanner, &version.major) || !scanner_expect(&scanner, ".") ||
        !take_number(&scanner, &version.minor) || !scanner_expect(&scanner, ".") ||
        !take_number(&scanner, &version.patch)) {
        return false;
    }
    if (scanner_expect(&scanner, "-") && !take_identifiers(&scanner, true, &version.prerelease)) {
        return false;
    }
    size_t plus = scanner.position;
    struct bytes build;
    if (scanner_expect(&scanner, "+")) {
        if (!take_identifiers(&scanner, false, &build)) {
            return false;
        }
        version.build = bytes_from(text.data + plus, scanner.position - plus);
    }
    if (!scanner_done(&scanner)) {
        return false;
    }
    *ret = version;
    return true;
}

/* Numbers of any length: the longer one is the larger, as leading zeros were refused. */
static int compare_numbers(struct bytes a, struct bytes b)
{
    if (a.len != b.len) {
        return a.len < b.len ? -1 : 1;
    }
    return a.len == 0 ? 0 : memcmp(a.data, b.data, a.len);
}

static int compare_texts(struct bytes a, struct bytes b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.data, b.data, len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_identifiers(struct bytes a, struct bytes b)
{
    bool a_number = digits_at(a) == a.len, b_number = digits_at(b) == b.len;
    if (a_number != b_number) {
        return a_number ? -1 : 1;
    }
    return a_number ? compare_numbers(a, b) : compare_texts(a, b);
}

static int compare_prereleases(struct bytes a, struct bytes b)
{
    if (a.len == 0 || b.len == 0) {
        return (a.len == 0) - (b.len == 0);
    }
    struct scanner left = scanner_over(a), right = scanner_over(b);
    struct bytes x, y;
    for (;;) {
        bool more_left = scanner_field(&left, '.', LIMIT_MODULE_PATH, &x);
        bool more_right = scanner_field(&right, '.', LIMIT_MODULE_PATH, &y);
        if (!more_left || !more_right) {
            return more_left - more_right;
        }
        int order = compare_identifiers(x, y);
        if (order != 0) {
            return order;
        }
    }
}

int semver_compare(struct bytes a, struct bytes b)
{
    struct semver left = {0}, right = {0};
    bool a_valid = semver_parse(a, &left), b_valid = semver_parse(b, &right);
    if (!a_valid || !b_valid) {
        return a_valid - b_valid;
    }
    int order = compare_numbers(left.major, right.major);
    order = order != 0 ? order : compare_numbers(left.minor, right.minor);
    order = order != 0 ? order : compare_numbers(left.patch, right.patch);
    return order != 0 ? order : compare_prereleases(left.prerelease, right.prerelease);
}
