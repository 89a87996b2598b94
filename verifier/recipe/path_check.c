// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/path_check.h"

#include "base/bytes.h"
#include "base/scanner.h"
#include "verifier/recipe/limits.h"

static bool is_below(struct bytes path, const char *root)
{
    size_t len = strlen(root);
    return bytes_start_with(path, root) && (path.len == len || path.data[len] == '/');
}

bool path_is_usable(const char *path)
{
    static const char *const taken[] = {"/dev", "/proc", "/sys", PATH_RESERVED_ROOT};
    struct bytes text = bytes_from_string(path), part;
    if (text.len < 2 || text.len > RECIPE_LIMIT_TEXT || text.data[0] != '/' ||
        text.data[text.len - 1] == '/') {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        if (is_below(text, taken[i])) {
            return false;
        }
    }
    struct scanner scanner = scanner_over(bytes_from(text.data + 1, text.len - 1));
    while (scanner_field(&scanner, '/', RECIPE_LIMIT_TEXT, &part)) {
        if (part.len == 0 || bytes_equal_string(part, ".") || bytes_equal_string(part, "..")) {
            return false;
        }
    }
    for (size_t i = 0; i < text.len; i++) {
        /* go splits some lists of paths at ':'. */
        if (text.data[i] < ' ' || text.data[i] == 0x7f || text.data[i] == ':') {
            return false;
        }
    }
    return true;
}
