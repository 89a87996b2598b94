// SPDX-License-Identifier: Apache-2.0
#include "attest/publication.h"

#include <ctype.h>
#include <strings.h>

struct list {
    struct arena *arena;
    struct publication *items;
    size_t count, capacity;
};

/* Names that people give to secrets; compared without regard to case. */
static const char *const telling_names[] = {
    "apikey",   "api_key", "credential", "passphrase", "passwd",
    "password", "private", "privkey",    "secret",     "token",
};

/* How well-known issuers begin what they issue. */
static const char *const telling_starts[] = {
    "-----BEGIN",  "AIza",   "AKIA", "ASIA",  "eyJ", "ghp_",     "gho_",  "ghs_",
    "github_pat_", "glpat-", "npm_", "pypi-", "sk-", "sk_live_", "xoxb-", "xoxp-",
};

/* Long, of the base64 alphabet, with capitals, small letters and digits mixed: not a version, not a
 * commit, not a path. */
static bool is_random(const char *value)
{
    size_t len = strlen(value);
    size_t upper = 0, lower = 0, digits = 0;
    for (size_t i = 0; i < len; i++) {
        if (isupper((unsigned char)value[i])) {
            upper++;
        } else if (islower((unsigned char)value[i])) {
            lower++;
        } else if (isdigit((unsigned char)value[i])) {
            digits++;
        } else if (strchr("+/=_-", value[i]) == NULL) {
            return false;
        }
    }
    return len >= 24 && upper >= 4 && lower >= 4 && digits >= 3;
}

static bool has_password(const char *value)
{
    const char *scheme = strstr(value, "://");
    const char *at = scheme == NULL ? NULL : strchr(scheme, '@');
    const char *slash = scheme == NULL ? NULL : strchr(scheme + 3, '/');
    return at != NULL && (slash == NULL || at < slash);
}

const char *publication_secret(const char *name, const char *value)
{
    if (value[0] == '\0') {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(telling_names); i++) {
        if (strcasestr(name, telling_names[i]) != NULL) {
            return "its name says so";
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(telling_starts); i++) {
        if (strncmp(value, telling_starts[i], strlen(telling_starts[i])) == 0) {
            return "it begins as credentials do";
        }
    }
    if (has_password(value)) {
        return "an address with credentials in it";
    }
    return is_random(value) ? "it looks random" : NULL;
}

static void add(struct list *list, const char *kind, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0') {
        return;
    }
    arena_grow(list->arena, &list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count++] =
        (struct publication){kind, name, value, publication_secret(name, value)};
}

/* "-X", "name=value", and "-X=name=value". */
static void add_link_values(struct list *list, const struct cJSON *words)
{
    bool next = false;
    for (const struct cJSON *at = json_first(words); at != NULL; at = json_next(at)) {
        const char *word = json_get_string(at);
        if (word == NULL) {
            continue;
        }
        const char *value = next                            ? word
                            : strncmp(word, "-X=", 3) == 0  ? word + 3
                            : strncmp(word, "--X=", 4) == 0 ? word + 4
                                                            : NULL;
        const char *equals = value == NULL ? NULL : strchr(value, '=');
        if (equals != NULL) {
            add(list, "-X value",
                arena_text(list->arena, bytes_from(value, (size_t)(equals - value))), equals + 1);
        } else if (word[0] != '-') {
            add(list, "link flag", "", word);
        }
        next = strcmp(word, "-X") == 0 || strcmp(word, "--X") == 0;
    }
}

/* Texts of any member that hold an absolute path or an address of a host. */
static void add_places(struct list *list, const char *key, const struct cJSON *value)
{
    const char *text = json_get_string(value);
    if (text != NULL && (text[0] == '/' || strstr(text, "=/") != NULL)) {
        add(list, "path", key, text);
    } else if (text != NULL && strstr(text, "://") != NULL) {
        add(list, "address", key, text);
    }
    for (const struct cJSON *at = json_first(value); at != NULL; at = json_next(at)) {
        const char *below = json_key(at);
        add_places(list, below == NULL ? key : below, at);
    }
}

void publication_list(const struct record_subject *subject, struct arena *arena,
                      struct publication **ret, size_t *ret_count)
{
    struct list list = {.arena = arena};
    const struct cJSON *recipe = json_member(subject->json, "recipe");
    const struct cJSON *flags = json_member(recipe, "flags");
    add_link_values(&list, json_member(flags, "ldflags"));
    for (const struct cJSON *at = json_first(json_member(recipe, "environment")); at != NULL;
         at = json_next(at)) {
        add(&list, "environment", json_key(at), json_get_string(at));
    }
    add_places(&list, "", recipe);
    add_places(&list, "assumption", json_member(subject->json, "assumptions"));
    add_places(&list, "inferred", json_member(subject->json, "inferred"));
    if (subject->container != NULL) {
        add_places(&list, "container", json_member(subject->json, "name"));
    }
    *ret = list.items;
    *ret_count = list.count;
}
