// SPDX-License-Identifier: Apache-2.0
#include "attest/claim.h"

#include "base/limits.h"
#include "verifier/recipe/timestamp.h"

bool names_have(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static const char *copy_text(const struct cJSON *object, const char *key, struct arena *arena)
{
    const char *text = json_member_string(object, key);
    return arena_string(arena, text == NULL ? "" : text);
}

/* LIST is an array of objects with a "name" each. */
static bool read_names(const struct cJSON *object, const char *key, struct arena *arena,
                       struct names *ret, struct error *err)
{
    const struct cJSON *list = json_member(object, key);
    size_t count = 0;
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        count++;
    }
    if (!json_is_array(list) || count > LIMIT_DIFF_ITEMS) {
        return error_set(err, ERROR_FORMAT, "the verdict's %s is no list", key);
    }
    ret->items = ARENA_ARRAY(arena, count + 1, const char *);
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        const char *name = json_member_string(at, "name");
        if (name == NULL || name[0] == '\0') {
            return error_set(err, ERROR_FORMAT, "one of the verdict's %s has no name", key);
        }
        ret->items[ret->count++] = arena_string(arena, name);
    }
    return true;
}

static bool read_time(const struct cJSON *object, const char *key, uint64_t *ret, struct error *err)
{
    const char *text = json_member_string(object, key);
    return (text != NULL && timestamp_parse(bytes_from_string(text), ret)) ||
           error_set(err, ERROR_FORMAT, "%s is no time like 2026-01-31T12:00:00Z", key);
}

static bool read_verdict(const struct cJSON *predicate, enum verdict *ret, struct error *err)
{
    const char *name = json_member_string(predicate, "verdict");
    for (enum verdict i = VERDICT_UNPROVEN; name != NULL && i <= VERDICT_REPRODUCED; i++) {
        if (strcmp(name, verdict_name(i)) == 0) {
            *ret = i;
            return true;
        }
    }
    return error_set(err, ERROR_FORMAT, "the verdict is none that there is");
}

/* The one subject; both predicates are about a single file. */
static bool single_subject(const struct statement *statement, const struct statement_subject **ret,
                           struct error *err)
{
    if (statement->subject_count != 1 || !statement->subjects[0].has_sha256) {
        return error_set(err, ERROR_UNSUPPORTED, "it is not about one file with a SHA-256");
    }
    *ret = &statement->subjects[0];
    return true;
}

static void compare(struct claim *claim, const char *what, const char *subject,
                    const char *predicate, struct arena *arena)
{
    if (claim->conflict == NULL && subject[0] != '\0' && strcmp(subject, predicate) != 0) {
        claim->conflict = arena_printf(arena, "its subject is %s %s, its predicate is about %s",
                                       what, subject, predicate);
    }
}

/* What the rebuild itself came to has to agree with the verdict: "reproduced" of other bytes is a
 * forgery or a bug, and counts for nothing either way. */
static void compare_rebuilt(struct claim *claim, const struct cJSON *predicate, const char *hex,
                            struct arena *arena)
{
    const char *rebuilt = json_member_string(json_member(predicate, "rebuilt"), "sha256");
    bool equal = rebuilt != NULL && strcmp(rebuilt, hex) == 0;
    if (claim->conflict == NULL && equal != (claim->verdict == VERDICT_REPRODUCED)) {
        claim->conflict =
            arena_printf(arena, "it says %s of %s, and that the rebuild is %s",
                         verdict_name(claim->verdict), hex, rebuilt == NULL ? "missing" : rebuilt);
    }
}

static void find_conflicts(struct claim *claim, const struct statement_subject *subject,
                           const struct cJSON *predicate, struct arena *arena)
{
    const struct cJSON *artifact = json_member(predicate, "artifact");
    char hex[SHA256_HEX_LEN + 1], other[SHA256_HEX_LEN + 1];
    sha256_hex(&subject->sha256, hex);
    sha256_hex(&claim->artifact, other);
    compare(claim, "the file", hex, other, arena);
    compare(claim, "for", subject->platform, claim->platform, arena);
    compare(claim, "called", subject->name, claim->name, arena);
    compare(claim, "the package", subject->uri, copy_text(artifact, "purl", arena), arena);
    compare_rebuilt(claim, predicate, hex, arena);
}

bool claim_read_verdict(const struct statement *statement, struct arena *arena, struct claim *ret,
                        struct error *err)
{
    const struct cJSON *predicate = statement->predicate;
    const struct cJSON *artifact = json_member(predicate, "artifact");
    const char *digest = json_member_string(artifact, "sha256");
    const struct statement_subject *subject;
    struct claim claim = {0};
    if (!single_subject(statement, &subject, err) ||
        !read_verdict(predicate, &claim.verdict, err) ||
        !read_names(predicate, "assumptions", arena, &claim.assumptions, err) ||
        !read_names(predicate, "removed", arena, &claim.removed, err) ||
        !read_time(predicate, "issued", &claim.issued, err)) {
        return false;
    }
    if (!json_get_bool(json_member(predicate, "accepted"), &claim.accepted)) {
        return error_set(err, ERROR_FORMAT, "the verdict's accepted is missing");
    }
    if (digest == NULL || !sha256_from_hex(bytes_from_string(digest), &claim.artifact)) {
        return error_set(err, ERROR_FORMAT, "the verdict's artifact has no SHA-256");
    }
    const char *container = json_member_string(json_member(artifact, "container"), "sha256");
    claim.has_container =
        container != NULL && sha256_from_hex(bytes_from_string(container), &claim.container);
    claim.name = copy_text(artifact, "name", arena);
    claim.module = copy_text(artifact, "module", arena);
    claim.version = copy_text(artifact, "version", arena);
    claim.platform = copy_text(artifact, "platform", arena);
    find_conflicts(&claim, subject, predicate, arena);
    *ret = claim;
    return true;
}

bool claim_read_summary(const struct statement *statement, struct arena *arena, struct claim *ret,
                        struct error *err)
{
    const char *result = json_member_string(statement->predicate, "verificationResult");
    const struct statement_subject *subject;
    struct claim claim = {.name = "", .module = "", .version = "", .platform = ""};
    if (!single_subject(statement, &subject, err) ||
        !read_time(statement->predicate, "timeVerified", &claim.issued, err)) {
        return false;
    }
    bool failed = result != NULL && strcmp(result, "FAILED") == 0;
    if (!failed && (result == NULL || strcmp(result, "PASSED") != 0)) {
        return error_set(err, ERROR_FORMAT, "the summary's result is neither PASSED nor FAILED");
    }
    claim.verdict = failed ? VERDICT_DIFFERENT : VERDICT_UNPROVEN;
    claim.artifact = subject->sha256;
    claim.platform = arena_string(arena, subject->platform);
    *ret = claim;
    return true;
}
