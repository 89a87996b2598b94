// SPDX-License-Identifier: Apache-2.0
#include "attest/members.h"
#include "base/limits.h"
#include "verifier/fetch/module_path.h"
#include "verifier/fetch/semver.h"

#define SCHEMA "reproof/policy/v1"
#define SECONDS_A_DAY 86400
#define MOST_DAYS 36500

static bool read_roles(const struct names *roles, bool *ret_signs, bool *ret_rebuilds,
                       struct error *err)
{
    for (size_t i = 0; i < roles->count; i++) {
        bool signs = strcmp(roles->items[i], "signer") == 0;
        bool rebuilds = strcmp(roles->items[i], "rebuilder") == 0;
        if (!signs && !rebuilds) {
            return error_set(err, ERROR_FORMAT, "a key has the role \"%s\"", roles->items[i]);
        }
        *ret_signs |= signs;
        *ret_rebuilds |= rebuilds;
    }
    if (roles->count == 0) {
        error_set(err, ERROR_FORMAT, "a key's entry has no roles");
        return error_cure(err, "\"roles\": [\"rebuilder\"], [\"signer\"] or both");
    }
    return true;
}

bool policy_read_keys(const struct cJSON *list, struct arena *arena, struct parties *signers,
                      struct parties *rebuilders, struct error *err)
{
    if (!json_is_array(list) || json_first(list) == NULL) {
        return error_set(err, ERROR_FORMAT, "there are no keys in it: nobody to trust");
    }
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        struct trusted_key key;
        struct names roles = {0};
        const char *operator;
        bool signs = false, rebuilds = false;
        if (!members_key(at, arena, &key, &operator, & roles, err) ||
            !read_roles(&roles, &signs, &rebuilds, err) ||
            (signs && !parties_add(signers, &key, operator, err)) ||
            (rebuilds && !parties_add(rebuilders, &key, operator, err))) {
            return false;
        }
    }
    return true;
}

static bool read_keys(const struct cJSON *root, struct arena *arena, struct policy *policy,
                      struct error *err)
{
    const struct cJSON *list = json_member(root, "keys");
    return list == NULL ||
           policy_read_keys(list, arena, &policy->signers, &policy->rebuilders, err);
}

/* A version, or the start of one, that can be compared. */
static bool check_version(const char *text, const char *key, struct error *err)
{
    struct semver version;
    return text == NULL || semver_parse(text, &version) ||
           error_set(err, ERROR_FORMAT, "%s %s is no version of a module", key, text);
}

static bool read_source(const struct cJSON *object, struct arena *arena, struct policy_source *ret,
                        struct error *err)
{
    static const char *const known[] = {"module", "version", "minimal_version", NULL};
    struct policy_source source = {0};
    if (!members_check(object, known, "sources", err) ||
        !members_text(object, "module", arena, &source.module, err) ||
        !members_text(object, "version", arena, &source.version, err) ||
        !members_text(object, "minimal_version", arena, &source.minimal_version, err) ||
        !check_version(source.version, "version", err) ||
        !check_version(source.minimal_version, "minimal_version", err)) {
        return false;
    }
    if (source.module == NULL) {
        return error_set(err, ERROR_FORMAT, "a source has no module");
    }
    *ret = source;
    return module_import_path_check(source.module, err);
}

static bool read_sources(const struct cJSON *root, struct arena *arena, struct policy *policy,
                         struct error *err)
{
    const struct cJSON *list = json_member(root, "sources");
    size_t count = 0;
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        count++;
    }
    if (list != NULL && (!json_is_array(list) || count == 0)) {
        return error_set(err, ERROR_FORMAT, "sources is no list of modules");
    }
    policy->sources = ARENA_ARRAY(arena, count + 1, struct policy_source);
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        if (!read_source(at, arena, &policy->sources[policy->source_count++], err)) {
            return false;
        }
    }
    return true;
}

static bool read_required(const struct cJSON *root, struct arena *arena, struct policy *policy,
                          struct error *err)
{
    static const char *const known[] = {"signature", "attestation", "sbom"};
    if (!members_names(root, "require", arena, &policy->required, err)) {
        return false;
    }
    for (size_t i = 0; i < policy->required.count; i++) {
        bool found = false;
        for (size_t j = 0; j < ARRAY_LEN(known); j++) {
            found |= strcmp(policy->required.items[i], known[j]) == 0;
        }
        if (!found) {
            return error_set(err, ERROR_FORMAT, "it requires \"%s\", which there is not",
                             policy->required.items[i]);
        }
    }
    return policy->required.count > 0 || error_set(err, ERROR_FORMAT, "it requires nothing");
}

/* A threshold is never guessed: who forgets it has not decided. */
static bool read_threshold(const struct cJSON *object, const char *key, bool needed, size_t *ret,
                           struct error *err)
{
    uint64_t number = 0;
    if (!members_number(object, key, LIMIT_TRUSTED_KEYS, &number, err)) {
        return error_prefix(err, "thresholds");
    }
    if (number == 0 && needed) {
        return error_set(err, ERROR_FORMAT, "thresholds: it does not say how many %s", key);
    }
    *ret = number == 0 ? 1 : (size_t)number;
    return true;
}

static bool read_thresholds(const struct cJSON *root, struct policy *policy, struct error *err)
{
    static const char *const known[] = {"rebuilders", "signers", NULL};
    const struct cJSON *object = json_member(root, "thresholds");
    return members_check(object, known, "thresholds", err) &&
           read_threshold(object, "rebuilders",
                          policy_requires(policy, "attestation") || policy_requires(policy, "sbom"),
                          &policy->rebuilder_threshold, err) &&
           read_threshold(object, "signers", policy_requires(policy, "signature"),
                          &policy->signer_threshold, err);
}

static bool check_threshold(size_t wanted, const char *what, const struct parties *parties,
                            struct error *err)
{
    size_t count = parties_count(parties);
    return wanted <= count || error_set(err, ERROR_FORMAT, "thresholds: %zu %s are wanted of %zu",
                                        wanted, what, count);
}

bool policy_check(const struct policy *policy, struct error *err)
{
    if (policy->rebuilders.trust.count + policy->signers.trust.count == 0) {
        error_set(err, ERROR_USAGE, "nobody to trust: there are no keys in the policy");
        return error_cure(err, "\"keys\" in the policy, or --trust with a trust file");
    }
    bool rebuilders = policy_requires(policy, "attestation") || policy_requires(policy, "sbom");
    return (!rebuilders ||
            check_threshold(policy->rebuilder_threshold, "rebuilders", &policy->rebuilders, err)) &&
           (!policy_requires(policy, "signature") ||
            check_threshold(policy->signer_threshold, "signers", &policy->signers, err));
}

static bool read_rest(const struct cJSON *root, time_t now, struct arena *arena,
                      struct policy *policy, struct error *err)
{
    uint64_t days = 0;
    time_t expires = 0;
    const char *description = NULL;
    if (!members_names(root, "platforms", arena, &policy->platforms, err) ||
        !members_names(root, "accept", arena, &policy->accepted, err) ||
        !members_names(root, "forbid", arena, &policy->forbidden, err) ||
        !members_number(root, "maximal_age_days", MOST_DAYS, &days, err) ||
        !members_text(root, "description", arena, &description, err) ||
        !members_time(root, "expires", &expires, err)) {
        return false;
    }
    if (expires != 0 && now >= expires) {
        return error_set(err, ERROR_FORMAT, "it expired at %s, the clock says %lld",
                         json_member_string(root, "expires"), (long long)now);
    }
    if (policy_requires(policy, "attestation") && policy->source_count == 0) {
        error_set(err, ERROR_FORMAT, "it does not say which module is expected");
        return error_cure(err, "\"sources\": [{\"module\": \"example.com/tool\"}]");
    }
    policy->maximal_age = days * SECONDS_A_DAY;
    return true;
}

static bool read_root(const struct cJSON *root, time_t now, struct arena *arena,
                      struct policy *policy, struct error *err)
{
    static const char *const known[] = {
        "schema", "description", "require", "keys",    "thresholds",       "sources",
        "accept", "platforms",   "forbid",  "expires", "maximal_age_days", NULL};
    const char *schema = json_member_string(root, "schema");
    if (schema == NULL || strcmp(schema, SCHEMA) != 0) {
        return error_set(err, ERROR_FORMAT, "its schema is not %s", SCHEMA);
    }
    return members_check(root, known, "policy", err) && read_required(root, arena, policy, err) &&
           read_keys(root, arena, policy, err) && read_thresholds(root, policy, err) &&
           read_sources(root, arena, policy, err) && read_rest(root, now, arena, policy, err);
}

bool policy_read(struct bytes text, const char *path, time_t now, struct arena *arena,
                 struct policy *ret, struct error *err)
{
    struct json_document *document;
    struct policy policy = {
        .name = arena_string(arena, path),
        .signers = {.trust = trust_empty(arena)},
        .rebuilders = {.trust = trust_empty(arena)},
    };
    if (!json_parse(text, &document, err)) {
        return false;
    }
    bool ok = read_root(json_root(document), now, arena, &policy, err);
    json_document_free(&document);
    if (ok) {
        *ret = policy;
    }
    return ok;
}
