// SPDX-License-Identifier: Apache-2.0
/* Module path, version and patterns, a line each: what passes the checks must be safe in a file
 * name. */
#include <stdlib.h>

#include "base/scanner.h"
#include "verifier/fetch/module_path.h"
#include "verifier/fetch/semver.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct scanner scanner = scanner_over(bytes_from(data, len));
    struct bytes path = {0}, version = {0}, patterns = {0};
    struct pseudo_version pseudo;
    const char *escaped;
    bool all = scanner_line(&scanner, 4096, &path) && scanner_line(&scanner, 4096, &version) &&
               scanner_line(&scanner, 256, &patterns);
    const char *path_text = arena_text(&arena, path);
    const char *version_text = arena_text(&arena, version);
    if (all) {
        (void)!module_patterns_match(arena_text(&arena, patterns), path_text);
    }
    (void)!pseudo_version_parse(version_text, &arena, &pseudo);
    bool good = module_check(path_text, version_text, NULL);
    if (good && (strstr(path_text, "/..") != NULL || strchr(version_text, '/') != NULL ||
                 version_text[0] != 'v' || path_text[0] == '-' || path_text[0] == '/' ||
                 !module_path_escape(path_text, &arena, &escaped, NULL) ||
                 !module_version_escape(version_text, &arena, &escaped, NULL))) {
        abort();
    }
    arena_free(&arena);
    return 0;
}
