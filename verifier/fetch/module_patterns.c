// SPDX-License-Identifier: Apache-2.0
/* The comma lists of patterns in GOPRIVATE and its like, matched as Go's path.Match does. */
#include "base/escape.h"
#include "base/scanner.h"
#include "verifier/fetch/module_path.h"

/* Takes one character off TEXT; bytes that are not UTF-8 match nothing. */
static bool take_character(struct bytes *text, unsigned *ret)
{
    size_t len = utf8_decode(*text, ret);
    *text = bytes_behind(*text, len);
    return len > 0;
}

static bool next_is(struct bytes text, char byte)
{
    return text.len > 0 && text.data[0] == (uint8_t)byte;
}

/* One end of a range in a class: a character, or any behind a backslash. */
static bool take_bound(struct bytes *pattern, unsigned *ret)
{
    if (next_is(*pattern, '-') || next_is(*pattern, ']')) {
        return false;
    }
    if (next_is(*pattern, '\\')) {
        *pattern = bytes_behind(*pattern, 1);
    }
    return take_character(pattern, ret);
}

/* Takes a class whose '[' is gone off PATTERN; false if it is malformed. */
static bool take_class(struct bytes *pattern, unsigned character, bool *ret_matches)
{
    bool negated = next_is(*pattern, '^');
    *pattern = bytes_behind(*pattern, negated ? 1 : 0);
    bool hit = false;
    for (size_t ranges = 0; ranges == 0 || !next_is(*pattern, ']'); ranges++) {
        unsigned low, high;
        if (!take_bound(pattern, &low)) {
            return false;
        }
        high = low;
        if (next_is(*pattern, '-')) {
            *pattern = bytes_behind(*pattern, 1);
            if (!take_bound(pattern, &high)) {
                return false;
            }
        }
        hit = hit || (low <= character && character <= high);
    }
    *pattern = bytes_behind(*pattern, 1);
    *ret_matches = hit != negated;
    return true;
}

/* Takes one element of the pattern (no star) and the character that it matches off both. */
static bool take_match(struct bytes *pattern, struct bytes *name)
{
    unsigned character, wanted;
    bool matches;
    if (!take_character(name, &character)) {
        return false;
    }
    if (next_is(*pattern, '[')) {
        *pattern = bytes_behind(*pattern, 1);
        return take_class(pattern, character, &matches) && matches;
    }
    if (next_is(*pattern, '?')) {
        *pattern = bytes_behind(*pattern, 1);
        return character != '/';
    }
    if (next_is(*pattern, '\\')) {
        *pattern = bytes_behind(*pattern, 1);
    }
    return take_character(pattern, &wanted) && wanted == character;
}

/* A mismatch goes back to the last star alone, so this ends after pattern times name steps. */
static bool matches_pattern(struct bytes pattern, struct bytes name)
{
    struct bytes behind_star = bytes_from(NULL, 0);
    struct bytes name_at_star = bytes_from(NULL, 0);
    bool star_seen = false;
    while (pattern.len > 0 || name.len > 0) {
        if (next_is(pattern, '*')) {
            pattern = bytes_behind(pattern, 1);
            behind_star = pattern;
            name_at_star = name;
            star_seen = true;
        } else if (pattern.len == 0 || !take_match(&pattern, &name)) {
            unsigned passed;
            if (!star_seen || next_is(name_at_star, '/') ||
                !take_character(&name_at_star, &passed)) {
                return false;
            }
            pattern = behind_star;
            name = name_at_star;
        }
    }
    return true;
}

/* The first ELEMENTS elements of PATH. */
static bool take_front(struct bytes path, size_t elements, struct bytes *ret)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] == '/' && --elements == 0) {
            *ret = bytes_first(path, i);
            return true;
        }
    }
    *ret = path;
    return elements == 1;
}

static size_t count_elements(struct bytes pattern)
{
    size_t count = 1;
    for (size_t i = 0; i < pattern.len; i++) {
        count += pattern.data[i] == '/';
    }
    return count;
}

bool module_patterns_match(const char *patterns, const char *path)
{
    struct scanner list = scanner_over(bytes_from_string(patterns));
    struct bytes pattern, front;
    while (scanner_field(&list, ',', list.text.len, &pattern)) {
        if (bytes_end_with(pattern, "/")) {
            pattern = bytes_first(pattern, pattern.len - 1);
        }
        if (pattern.len > 0 &&
            take_front(bytes_from_string(path), count_elements(pattern), &front) &&
            matches_pattern(pattern, front)) {
            return true;
        }
    }
    return false;
}
