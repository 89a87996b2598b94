// SPDX-License-Identifier: Apache-2.0
#include "attest/members.h"

#include "base/limits.h"
#include "signer/key_format.h"
#include "verifier/recipe/timestamp.h"

bool members_check(const struct cJSON *object, const char *const *known, const char *where,
                   struct error *err)
{
    if (!json_is_object(object)) {
        return error_set(err, ERROR_FORMAT, "%s is no object", where);
    }
    for (const struct cJSON *at = json_first(object); at != NULL; at = json_next(at)) {
        bool found = false;
        for (size_t i = 0; !found && known[i] != NULL; i++) {
            found = strcmp(json_key(at), known[i]) == 0;
        }
        if (!found) {
            return error_set(err, ERROR_FORMAT, "%s: there is no member called \"%s\"", where,
                             json_key(at));
        }
    }
    return true;
}

bool members_text(const struct cJSON *object, const char *key, struct arena *arena,
                  const char **ret, struct error *err)
{
    const struct cJSON *value = json_member(object, key);
    const char *text = json_get_string(value);
    if (value == NULL) {
        return true;
    }
    if (text == NULL || text[0] == '\0') {
        return error_set(err, ERROR_FORMAT, "%s is no text", key);
    }
    *ret = arena_string(arena, text);
    return true;
}

bool members_time(const struct cJSON *object, const char *key, time_t *ret, struct error *err)
{
    const struct cJSON *value = json_member(object, key);
    const char *text = json_get_string(value);
    uint64_t seconds;
    if (value == NULL) {
        return true;
    }
    if (text == NULL || !timestamp_parse(bytes_from_string(text), &seconds)) {
        return error_set(err, ERROR_FORMAT, "%s is no time like 2026-01-31T12:00:00Z", key);
    }
    *ret = (time_t)seconds;
    return true;
}

bool members_number(const struct cJSON *object, const char *key, uint64_t maximum, uint64_t *ret,
                    struct error *err)
{
    const struct cJSON *value = json_member(object, key);
    uint64_t number;
    if (value == NULL) {
        return true;
    }
    if (!json_get_uint(value, &number) || number == 0 || number > maximum) {
        return error_set(err, ERROR_FORMAT, "%s is no whole number from 1 to %llu", key,
                         (unsigned long long)maximum);
    }
    *ret = number;
    return true;
}

bool members_flag(const struct cJSON *object, const char *key, bool *ret, struct error *err)
{
    const struct cJSON *value = json_member(object, key);
    return value == NULL || json_get_bool(value, ret) ||
           error_set(err, ERROR_FORMAT, "%s is neither true nor false", key);
}

bool members_names(const struct cJSON *object, const char *key, struct arena *arena,
                   struct names *ret, struct error *err)
{
    const struct cJSON *list = json_member(object, key);
    struct names names = {0};
    size_t count = 0;
    if (list == NULL) {
        return true;
    }
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        count++;
    }
    names.items = ARENA_ARRAY(arena, count + 1, const char *);
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        const char *text = json_get_string(at);
        if (text == NULL || text[0] == '\0') {
            return error_set(err, ERROR_FORMAT, "%s has an entry that is no text", key);
        }
        names.items[names.count++] = arena_string(arena, text);
    }
    if (!json_is_array(list)) {
        return error_set(err, ERROR_FORMAT, "%s is no list", key);
    }
    *ret = names;
    return true;
}

static bool read_public(const struct cJSON *object, struct arena *arena, struct public_key *ret,
                        struct error *err)
{
    const char *text = NULL;
    if (!members_text(object, "key", arena, &text, err)) {
        return false;
    }
    if (text == NULL) {
        error_set(err, ERROR_FORMAT, "a key's entry has no key");
        return error_cure(err, "\"key\": the line of its .pub file, OpenSSH's or minisign's");
    }
    return public_key_read(bytes_from_string(text), arena, ret, err);
}

bool members_key(const struct cJSON *object, struct arena *arena, struct trusted_key *ret,
                 const char **ret_operator, struct names *ret_roles, struct error *err)
{
    static const char *const known[] = {"key",         "owner",   "operator", "valid_from",
                                        "valid_until", "revoked", "roles",    NULL};
    struct trusted_key key = {0};
    const char *operator= NULL;
    if (!members_check(object, known, "keys", err) ||
        !read_public(object, arena, &key.public, err) ||
        !members_text(object, "owner", arena, &key.owner, err) ||
        !members_text(object, "operator", arena, &operator, err) ||
        !members_time(object, "valid_from", &key.from, err) ||
        !members_time(object, "valid_until", &key.until, err) ||
        !members_flag(object, "revoked", &key.revoked, err)) {
        return false;
    }
    if (key.owner == NULL || operator== NULL) {
        return error_set(err, ERROR_FORMAT, "a key's entry has no %s",
                         key.owner == NULL ? "owner" : "operator");
    }
    if (ret_roles == NULL && json_member(object, "roles") != NULL) {
        return error_set(err, ERROR_FORMAT, "a key's entry has no roles here");
    }
    if (ret_roles != NULL && !members_names(object, "roles", arena, ret_roles, err)) {
        return false;
    }
    *ret = key;
    *ret_operator = operator;
    return true;
}
