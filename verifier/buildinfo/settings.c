// SPDX-License-Identifier: Apache-2.0
#include "verifier/buildinfo/buildinfo_internal.h"

/* Go source, runtime/debug: what must be quoted when it is written. */
static const char quoted_in_keys[] = "= \t\r\n\"`";
static const char quoted_in_values[] = " \t\r\n\"`";

static bool is_quote(char first)
{
    return first == '"' || first == '`';
}

static bool contains_any(struct bytes text, const char *set)
{
    for (size_t i = 0; set[i] != '\0'; i++) {
        if (bytes_find(text, 0, bytes_from(&set[i], 1)) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

static bool parse_quoted_key(const char *text, size_t len, struct arena *arena, const char **ret,
                             size_t *ret_value, struct error *err)
{
    size_t used;
    if (!buildinfo_unquote(bytes_from(text, len), arena, ret, &used)) {
        return error_set(err, ERROR_FORMAT, "the quoted key is no Go string");
    }
    if (used == len || text[used] != '=') {
        return error_set(err, ERROR_FORMAT, "no '=' behind the quoted key");
    }
    *ret_value = used + 1;
    return true;
}

static bool parse_plain_key(char *text, size_t len, const char **ret, size_t *ret_value,
                            struct error *err)
{
    size_t end = bytes_find(bytes_from(text, len), 0, bytes_from("=", 1));
    if (end == SIZE_MAX || end == 0) {
        return error_set(err, ERROR_FORMAT,
                         end == 0 ? "no key before '='" : "no '=' behind the key");
    }
    if (contains_any(bytes_from(text, end), quoted_in_keys)) {
        return error_set(err, ERROR_FORMAT, "the key needs quotes");
    }
    text[end] = '\0';
    *ret = text;
    *ret_value = end + 1;
    return true;
}

static bool parse_value(char *text, size_t len, struct arena *arena, const char **ret,
                        struct error *err)
{
    size_t used;
    if (len > 0 && is_quote(text[0])) {
        return (buildinfo_unquote(bytes_from(text, len), arena, ret, &used) && used == len) ||
               error_set(err, ERROR_FORMAT, "the quoted value is no Go string");
    }
    if (contains_any(bytes_from(text, len), quoted_in_values)) {
        return error_set(err, ERROR_FORMAT, "the value needs quotes");
    }
    text[len] = '\0';
    *ret = text;
    return true;
}

bool buildinfo_parse_setting(char *text, size_t len, struct arena *arena, struct build_setting *ret,
                             struct error *err)
{
    struct build_setting setting;
    size_t value;
    if (len == 0) {
        return error_set(err, ERROR_FORMAT, "an empty build line");
    }
    bool ok = is_quote(text[0]) ? parse_quoted_key(text, len, arena, &setting.key, &value, err)
                                : parse_plain_key(text, len, &setting.key, &value, err);
    if (!ok || !parse_value(&text[value], len - value, arena, &setting.value, err)) {
        return false;
    }
    *ret = setting;
    return true;
}

const char *buildinfo_setting(const struct buildinfo *info, const char *key)
{
    for (size_t i = 0; i < info->setting_count; i++) {
        if (strcmp(info->settings[i].key, key) == 0) {
            return info->settings[i].value;
        }
    }
    return NULL;
}
