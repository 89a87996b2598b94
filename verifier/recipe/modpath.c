// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/modpath.h"

#include "base/encode.h"
#include "base/limits.h"
#include "verifier/fetch/module_path.h"
#include "verifier/fetch/semver.h"

bool import_path_is_valid(const char *path)
{
    return module_import_path_check(path, NULL) && strstr(path, "...") == NULL;
}

bool module_path_is_valid(const char *path)
{
    return module_path_check(path, NULL) && strstr(path, "...") == NULL;
}

bool module_path_is_local(const char *path)
{
    return import_path_is_valid(path) && strchr(path, '+') == NULL && path[0] != '.' &&
           strstr(path, "/.") == NULL;
}

bool module_version_is_valid(const char *version)
{
    return strlen(version) <= LIMIT_MODULE_PATH && semver_is_canonical(version);
}

bool module_sum_is_valid(const char *sum)
{
    uint8_t raw[32];
    size_t len = 0;
    struct bytes text = bytes_from_string(sum);
    return bytes_start_with(text, "h1:") &&
           decode_base64(bytes_from(text.data + 3, text.len - 3), BASE64_STANDARD, raw, sizeof(raw),
                         &len) &&
           len == sizeof(raw);
}
