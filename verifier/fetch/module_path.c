// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/module_path.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/fetch/semver.h"

enum path_kind { MODULE_PATH, IMPORT_PATH, VERSION_ELEMENT };

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_lower(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool is_upper(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_one_of(uint8_t byte, const char *characters)
{
    return bytes_find(bytes_from_string(characters), 0, bytes_from(&byte, 1)) != SIZE_MAX;
}

/* What an element of each kind may have beside digits and letters. Versions: what file names may
 * have, without '!', which the escaping needs. */
static const char *const punctuation[] = {
    [MODULE_PATH] = "-._~",
    [IMPORT_PATH] = "-._~+",
    [VERSION_ELEMENT] = "#$%&()+,-.=@[]^_{}~ ",
};

static bool is_allowed(uint8_t byte, enum path_kind kind)
{
    return is_digit(byte) || is_lower(byte) || is_upper(byte) || is_one_of(byte, punctuation[kind]);
}

static bool equal_without_case(struct bytes text, const char *upper)
{
    if (text.len != strlen(upper)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        if ((is_lower(byte) ? byte - 'a' + 'A' : byte) != upper[i]) {
            return false;
        }
    }
    return true;
}

static bool is_windows_device(struct bytes stem)
{
    static const char *const names[] = {"CON", "PRN", "AUX", "NUL"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (equal_without_case(stem, names[i])) {
            return true;
        }
    }
    struct bytes front = bytes_first(stem, 3);
    bool port = equal_without_case(front, "COM") || equal_without_case(front, "LPT");
    return port && stem.len == 4 && stem.data[3] >= '1' && stem.data[3] <= '9';
}

/* "name~1", as Windows abbreviates file names. */
static bool is_windows_short_name(struct bytes stem)
{
    struct bytes front, digits;
    if (!scan_cut_last(stem, '~', &front, &digits) || digits.len == 0) {
        return false;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (!is_digit(digits.data[i])) {
            return false;
        }
    }
    return true;
}

static bool is_all_dots(struct bytes element)
{
    for (size_t i = 0; i < element.len; i++) {
        if (element.data[i] != '.') {
            return false;
        }
    }
    return true;
}

/* What is wrong with ELEMENT, NULL if nothing. */
static const char *element_fault(struct bytes element, enum path_kind kind)
{
    if (element.len == 0) {
        return "an empty path element";
    }
    if (is_all_dots(element) || (element.data[0] == '.' && kind == MODULE_PATH)) {
        return "a path element that begins with a dot";
    }
    if (bytes_end_with(element, ".")) {
        return "a path element that ends with a dot";
    }
    for (size_t i = 0; i < element.len; i++) {
        if (!is_allowed(element.data[i], kind)) {
            return "a character that is not allowed";
        }
    }
    struct bytes rest;
    struct bytes stem = element;
    (void)!scan_cut(element, '.', &stem, &rest);
    if (is_windows_device(stem)) {
        return "a path element that is a device on Windows";
    }
    if (kind != VERSION_ELEMENT && is_windows_short_name(stem)) {
        return "a path element that ends with a tilde and digits";
    }
    return NULL;
}

static const char *path_fault(struct bytes path, enum path_kind kind)
{
    if (path.len == 0) {
        return "nothing in it";
    }
    if (path.len > LIMIT_MODULE_PATH) {
        return "too many characters";
    }
    if (path.data[0] == '-') {
        return "a leading dash";
    }
    struct bytes element;
    const char *fault = NULL;
    while (fault == NULL && scan_cut(path, '/', &element, &path)) {
        fault = element_fault(element, kind);
    }
    return fault != NULL ? fault : element_fault(path, kind);
}

static const char *first_element_fault(struct bytes path)
{
    struct bytes first = path;
    struct bytes rest;
    (void)!scan_cut(path, '/', &first, &rest);
    if (bytes_find(first, 0, bytes_from_string(".")) == SIZE_MAX) {
        return "no dot in its first element";
    }
    for (size_t i = 0; i < first.len; i++) {
        uint8_t byte = first.data[i];
        if (!is_digit(byte) && !is_lower(byte) && !is_one_of(byte, "-.")) {
            return "a character in its first element that is not allowed there";
        }
    }
    return NULL;
}

/* The length of the digits (and dots, if DOTS) that end TEXT. */
static size_t count_final_digits(struct bytes text, bool dots)
{
    size_t len = 0;
    while (len < text.len) {
        uint8_t byte = text.data[text.len - len - 1];
        if (!is_digit(byte) && !(dots && byte == '.')) {
            break;
        }
        len++;
    }
    return len;
}

/* gopkg.in paths always end in ".vN", with "-unstable" behind it or not. */
static bool split_gopkg(struct bytes path, size_t *ret_len)
{
    struct bytes front = path;
    if (bytes_end_with(path, "-unstable")) {
        front = bytes_first(path, path.len - strlen("-unstable"));
    }
    size_t digits = count_final_digits(front, false);
    struct bytes number = bytes_behind(front, front.len - digits);
    front = bytes_first(front, front.len - digits);
    bool zero = digits > 0 && number.data[0] == '0';
    if (digits == 0 || !bytes_end_with(front, ".v") ||
        (zero && number.len + front.len < path.len) || (zero && digits > 1)) {
        return false;
    }
    *ret_len = front.len - strlen(".v");
    return true;
}

/* The length of PATH without its major version suffix. */
static bool split_major(struct bytes path, size_t *ret_len)
{
    if (bytes_start_with(path, "gopkg.in/")) {
        return split_gopkg(path, ret_len);
    }
    size_t digits = count_final_digits(path, true);
    struct bytes number = bytes_behind(path, path.len - digits);
    struct bytes front = bytes_first(path, path.len - digits);
    if (digits == 0 || !bytes_end_with(front, "/v")) {
        *ret_len = path.len;
        return true;
    }
    bool dotted = bytes_find(number, 0, bytes_from_string(".")) != SIZE_MAX;
    if (dotted || number.data[0] == '0' || bytes_equal_string(number, "1")) {
        return false;
    }
    *ret_len = front.len - strlen("/v");
    return true;
}

static bool fail(struct error *err, const char *kind, const char *text, const char *fault)
{
    return error_set(err, ERROR_FORMAT, "%s \"%.200s\" has %s", kind, text, fault);
}

bool module_path_check(const char *path, struct error *err)
{
    struct bytes text = bytes_from_string(path);
    size_t len;
    const char *fault = path_fault(text, MODULE_PATH);
    if (fault == NULL) {
        fault = first_element_fault(text);
    }
    if (fault == NULL && !split_major(text, &len)) {
        fault = "a major version suffix that no module can have";
    }
    return fault == NULL || fail(err, "module path", path, fault);
}

bool module_import_path_check(const char *path, struct error *err)
{
    const char *fault = path_fault(bytes_from_string(path), IMPORT_PATH);
    return fault == NULL || fail(err, "import path", path, fault);
}

bool module_path_split(const char *path, struct arena *arena, const char **ret_prefix,
                       const char **ret_major)
{
    struct bytes text = bytes_from_string(path);
    size_t len;
    if (!split_major(text, &len)) {
        return false;
    }
    *ret_prefix = arena_text(arena, bytes_first(text, len));
    *ret_major = arena_text(arena, bytes_behind(text, len));
    return true;
}

static bool major_fits(struct bytes path, const char *version)
{
    struct semver parsed;
    size_t len;
    if (!semver_parse(version, &parsed) || !split_major(path, &len)) {
        return false;
    }
    struct bytes suffix = bytes_behind(path, len);
    if (suffix.len == 0) {
        return bytes_equal_string(parsed.major, "0") || bytes_equal_string(parsed.major, "1") ||
               parsed.build.len > 0;
    }
    struct bytes number = bytes_behind(suffix, 2);
    if (bytes_end_with(suffix, "-unstable")) {
        number = bytes_first(number, number.len - strlen("-unstable"));
    }
    /* Go once made v0.0.0 pseudo-versions for gopkg.in paths that end in .v1. */
    bool old_form = bytes_equal_string(suffix, ".v1") &&
                    bytes_start_with(bytes_from_string(version), "v0.0.0-");
    return bytes_equal(parsed.major, number) || old_form;
}

bool module_check(const char *path, const char *version, struct error *err)
{
    if (!module_path_check(path, err)) {
        return false;
    }
    if (!semver_is_canonical(version) || strlen(version) > LIMIT_MODULE_PATH) {
        return error_set(err, ERROR_FORMAT, "%s@%.200s: not a version of the form v1.2.3", path,
                         version);
    }
    if (!major_fits(bytes_from_string(path), version)) {
        return error_set(err, ERROR_FORMAT, "%s@%s: the path asks for another major version", path,
                         version);
    }
    return true;
}

static const char *escape(const char *text, struct arena *arena)
{
    struct buffer out;
    buffer_init(&out, 2 * LIMIT_MODULE_PATH);
    for (const char *c = text; *c != '\0'; c++) {
        if (is_upper((uint8_t)*c)) {
            buffer_byte(&out, '!');
        }
        buffer_byte(&out, (uint8_t)(is_upper((uint8_t)*c) ? *c - 'A' + 'a' : *c));
    }
    const char *escaped = arena_text(arena, buffer_view(&out));
    buffer_free(&out);
    return escaped;
}

bool module_path_escape(const char *path, struct arena *arena, const char **ret, struct error *err)
{
    if (!module_path_check(path, err)) {
        return false;
    }
    *ret = escape(path, arena);
    return true;
}

bool module_version_escape(const char *version, struct arena *arena, const char **ret,
                           struct error *err)
{
    struct bytes text = bytes_from_string(version);
    const char *fault =
        text.len > LIMIT_MODULE_PATH ? "too many characters" : element_fault(text, VERSION_ELEMENT);
    if (fault != NULL) {
        return fail(err, "version", version, fault);
    }
    *ret = escape(version, arena);
    return true;
}
