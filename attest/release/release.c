// SPDX-License-Identifier: Apache-2.0
#include "attest/release/release.h"

#include <string.h>

#include "base/json_write.h"
#include "verifier/report/result.h"

const char *pair_state_name(enum pair_state state)
{
    static const char *const names[] = {"undecided", "holds",    "refuted",
                                        "unusable",  "tampered", "absent"};
    return names[state];
}

const char *release_decision_name(enum release_decision decision)
{
    static const char *const names[] = {"undecided", "yes", "no"};
    return names[decision];
}

/* -- a pair's file -- */

static void put_error(struct json_writer *json, const struct error *error)
{
    if (error == NULL) {
        json_null(json, "error");
        return;
    }
    json_object(json, "error");
    json_string(json, "class", error_code_name(error->code));
    json_string(json, "detail", error->message);
    json_string(json, "cure", error->cure);
    json_object_end(json);
}

void pair_record_write(const struct pair_record *record, struct buffer *out)
{
    struct json_writer json;
    char hex[SHA256_HEX_LEN + 1];
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", PAIR_SCHEMA);
    json_string(&json, "pair", record->pair->name);
    sha256_hex(&record->manifest->digest, hex);
    json_string(&json, "manifest", hex);
    if (record->has_artifact) {
        sha256_hex(&record->sha256, hex);
        json_object(&json, "artifact");
        json_string(&json, "sha256", hex);
        json_uint(&json, "size", record->size);
        json_object_end(&json);
    } else {
        json_null(&json, "artifact");
    }
    json_uint(&json, "exit", (uint64_t)record->exit);
    put_error(&json, record->error);
    if (record->result.len > 0) {
        json_raw(&json, "result", record->result);
    } else {
        json_null(&json, "result");
    }
    json_object_end(&json);
}

/* -- judging -- */

struct judging {
    const struct manifest *manifest;
    const struct manifest_pair *pair;
    struct arena *arena;
    struct pair_result *result;
    const struct cJSON *document; /* of the rebuild; NULL: none */
};

/* How bad a state is, in the order of the table of exit codes. */
static unsigned rank(enum pair_state state)
{
    static const unsigned ranks[] = {[PAIR_HOLDS] = 0,    [PAIR_ABSENT] = 0,  [PAIR_UNDECIDED] = 1,
                                     [PAIR_UNUSABLE] = 2, [PAIR_REFUTED] = 3, [PAIR_TAMPERED] = 4};
    return ranks[state];
}

/* The worst finding stands, with its reason or, if it has none, that of the one before. */
static void find(struct judging *judging, enum pair_state state, const char *why, const char *cure)
{
    struct pair_result *result = judging->result;
    if (result->state == PAIR_HOLDS || rank(state) > rank(result->state)) {
        result->state = state;
        /* What the exit code says is worse than what the subjects say, and has no words. */
        if (why != NULL && why[0] != '\0') {
            result->why = arena_string(judging->arena, why);
            result->cure = arena_string(judging->arena, cure == NULL ? "" : cure);
        }
    }
}

static enum pair_state state_of_exit(uint64_t code)
{
    static const enum pair_state states[] = {PAIR_HOLDS, PAIR_REFUTED, PAIR_UNUSABLE,
                                             PAIR_UNDECIDED, PAIR_TAMPERED};
    return code < ARRAY_LEN(states) ? states[code] : PAIR_UNDECIDED;
}

/* Whether LIST is empty (anything will do) or names TEXT. */
static bool names(const struct text_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], text) == 0) {
            return true;
        }
    }
    return list->count == 0;
}

static const char *text_of(const struct cJSON *object, const char *key)
{
    const char *text = json_member_string(object, key);
    return text == NULL ? "" : text;
}

/* What is published must be what the manifest declares, however well it rebuilds. */
static void judge_declared(struct judging *judging, const struct cJSON *subject)
{
    const struct manifest *manifest = judging->manifest;
    const char *platform = text_of(subject, "platform"), *variant = text_of(subject, "variant");
    if (!names(&judging->pair->platforms, platform)) {
        find(judging, PAIR_REFUTED,
             arena_printf(judging->arena, "it is for %s, which the pair does not name", platform),
             "correct the pair's \"platforms\", or publish the right file");
    }
    if (judging->pair->variant[0] != '\0' && strcmp(judging->pair->variant, variant) != 0) {
        find(judging, PAIR_REFUTED,
             arena_printf(judging->arena, "it is %s, not %s", variant, judging->pair->variant), "");
    }
    const struct cJSON *recipe = json_member(subject, "recipe");
    const char *package = text_of(json_member(recipe, "source"), "main_package");
    if (json_is_object(recipe) && !names(&manifest->packages, package)) {
        find(judging, PAIR_REFUTED,
             arena_printf(judging->arena, "it is the program %s, not one of \"packages\"", package),
             "");
    }
}

static void judge_toolchain(struct judging *judging, const struct cJSON *subject)
{
    const struct manifest *manifest = judging->manifest;
    const struct cJSON *toolchain = json_member(subject, "toolchain");
    const char *version = text_of(toolchain, "version");
    if (manifest->toolchain[0] == '\0' || !json_is_object(toolchain)) {
        return;
    }
    if (strcmp(version, manifest->toolchain) != 0) {
        find(judging, PAIR_REFUTED,
             arena_printf(judging->arena, "it was built with %s, not with %s", version,
                          manifest->toolchain),
             "");
    } else if (manifest->toolchain_h1[0] != '\0' &&
               strcmp(text_of(toolchain, "h1"), manifest->toolchain_h1) != 0) {
        find(judging, PAIR_TAMPERED, "the toolchain has another h1 than the manifest pins", "");
    }
}

static void judge_subject(struct judging *judging, const struct cJSON *subject)
{
    const char *name = text_of(subject, "name"), *verdict = text_of(subject, "verdict");
    const struct cJSON *reason = json_member(subject, "reason");
    bool accepted = false;
    bool holds = strcmp(verdict, verdict_name(VERDICT_REPRODUCED)) == 0 ||
                 strcmp(verdict, verdict_name(VERDICT_EQUIVALENT)) == 0;
    judge_declared(judging, subject);
    judge_toolchain(judging, subject);
    if (json_get_bool(json_member(subject, "accepted"), &accepted) && accepted && holds) {
        return;
    }
    if (strcmp(verdict, verdict_name(VERDICT_DIFFERENT)) == 0) {
        const struct manifest *manifest = judging->manifest;
        find(judging, PAIR_REFUTED,
             arena_printf(judging->arena, "%s: different%s%s", name,
                          json_is_object(reason) ? ", " : "", text_of(reason, "detail")),
             arena_printf(judging->arena, "reproof rebuild %s/%s%s%s shows what differs",
                          manifest->artifacts, judging->pair->artifact,
                          manifest->source[0] == '\0' ? "" : " --source ", manifest->source));
    } else {
        find(judging, PAIR_UNDECIDED,
             arena_printf(judging->arena, "%s: %s%s%s%s%s", name, verdict,
                          json_is_object(reason) ? ", " : "", text_of(reason, "code"),
                          json_is_object(reason) ? ": " : "", text_of(reason, "detail")),
             text_of(reason, "cure"));
    }
}

static void judge_container(struct judging *judging, const struct cJSON *container)
{
    const struct cJSON *first = json_first(json_member(container, "unproven_members"));
    size_t count = 0;
    for (const struct cJSON *at = first; at != NULL; at = json_next(at)) {
        count++;
    }
    if (count > 0) {
        find(judging, PAIR_UNDECIDED,
             arena_printf(judging->arena, "%zu members that nothing proves, %s the first", count,
                          json_get_string(first) == NULL ? "" : json_get_string(first)),
             "list them in the manifest's \"members\", if they may be published");
    }
}

static void judge_result(struct judging *judging)
{
    const struct cJSON *result = judging->document;
    const struct cJSON *subjects = json_member(result, "subjects");
    if (json_first(subjects) == NULL) {
        find(judging, PAIR_UNUSABLE, "no Go binary in it", "");
    }
    for (const struct cJSON *at = json_first(subjects); at != NULL; at = json_next(at)) {
        judge_subject(judging, at);
    }
    const struct cJSON *containers = json_member(result, "containers");
    for (const struct cJSON *at = json_first(containers); at != NULL; at = json_next(at)) {
        judge_container(judging, at);
    }
}

static void judge(struct judging *judging, const struct cJSON *root)
{
    uint64_t code;
    const struct cJSON *error = json_member(root, "error");
    struct pair_result *result = judging->result;
    if (!json_get_uint(json_member(root, "exit"), &code)) {
        code = 3;
    }
    /* Where something else failed before it was looked at, nobody knows whether it is there. */
    if (!result->has_artifact && !json_is_object(error)) {
        result->state = judging->pair->required ? PAIR_REFUTED : PAIR_ABSENT;
        result->why = "the artifact is not there";
        result->cure = "build it, or set \"required\": false in its pair";
        return;
    }
    result->state = PAIR_HOLDS;
    if (judging->document != NULL) {
        judge_result(judging);
    }
    if (json_is_object(error) || judging->document == NULL || code != 0) {
        enum pair_state state = state_of_exit(code);
        find(judging, state == PAIR_HOLDS ? PAIR_UNDECIDED : state, text_of(error, "detail"),
             text_of(error, "cure"));
    }
}

/* -- reading -- */

static bool read_artifact(const struct cJSON *value, struct pair_result *ret, struct error *err)
{
    const char *hex = json_member_string(value, "sha256");
    if (!json_is_object(value)) {
        return true;
    }
    if (hex == NULL || !sha256_from_hex(bytes_from_string(hex), &ret->sha256) ||
        !json_get_uint(json_member(value, "size"), &ret->size)) {
        return error_set(err, ERROR_FORMAT, "artifact: no sha256 or size");
    }
    ret->has_artifact = true;
    return true;
}

/* What was rebuilt must be what is to be published: the artifact itself, or the container of all.
 */
static bool check_binding(const struct judging *judging, struct error *err)
{
    const struct pair_result *result = judging->result;
    const struct cJSON *list = json_member(judging->document, "containers");
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&result->sha256, hex);
    if (json_first(list) == NULL) {
        list = json_member(judging->document, "subjects");
    }
    for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
        if (strcmp(text_of(at, "sha256"), hex) != 0) {
            return error_set(err, ERROR_MISMATCH, "the result is not of the artifact");
        }
    }
    return true;
}

static bool read_root(struct judging *judging, const struct cJSON *root, struct error *err)
{
    char hex[SHA256_HEX_LEN + 1];
    struct pair_result *ret = judging->result;
    sha256_hex(&judging->manifest->digest, hex);
    if (strcmp(text_of(root, "schema"), PAIR_SCHEMA) != 0) {
        return error_set(err, ERROR_FORMAT, "not the result of a pair");
    }
    if (strcmp(text_of(root, "pair"), ret->pair->name) != 0) {
        return error_set(err, ERROR_MISMATCH, "it is of another pair");
    }
    if (strcmp(text_of(root, "manifest"), hex) != 0) {
        return error_set(err, ERROR_MISMATCH, "it was made with another manifest");
    }
    const struct cJSON *result = json_member(root, "result");
    judging->document = json_is_object(result) ? result : NULL;
    ret->has_result = judging->document != NULL;
    return read_artifact(json_member(root, "artifact"), ret, err) && check_binding(judging, err);
}

bool pair_result_read(struct bytes text, const struct manifest *manifest,
                      const struct manifest_pair *pair, struct arena *arena,
                      struct pair_result *ret, struct error *err)
{
    struct pair_result result = {
        .pair = pair, .why = "", .cure = "", .has_record = true, .record = sha256_of(text)};
    struct judging judging = {manifest, pair, arena, &result, NULL};
    struct json_document *document = NULL;
    if (!json_parse(text, &document, err)) {
        return false;
    }
    bool ok = read_root(&judging, json_root(document), err);
    if (ok) {
        judge(&judging, json_root(document));
        *ret = result;
    }
    json_document_free(&document);
    return ok;
}

/* -- reading again -- */

static bool open_record(struct release *release, const struct pair_result *result,
                        struct error *err)
{
    struct bytes text;
    if (!release->read(release->read_context, result, &release->open_arena, &text, err)) {
        return false;
    }
    struct sha256 digest = sha256_of(text);
    return sha256_equal(&digest, &result->record)
               ? json_parse(text, &release->open, err)
               : error_set(err, ERROR_UNTRUSTED, "it was changed since it was read");
}

const struct cJSON *release_result(struct release *release, size_t index)
{
    const struct pair_result *result = &release->results[index];
    if (!result->has_result || release->failure.code != ERROR_NONE) {
        return NULL;
    }
    if (release->open == NULL || release->open_pair != index) {
        struct error err;
        release_close(release);
        if (!open_record(release, result, &err)) {
            error_prefix(&err, "%s", result->pair->name);
            release->failure = err;
            return NULL;
        }
        release->open_pair = index;
    }
    return json_member(json_root(release->open), "result");
}

bool release_ok(const struct release *release, struct error *err)
{
    if (release->failure.code != ERROR_NONE) {
        *err = release->failure;
        return false;
    }
    return true;
}

void release_close(struct release *release)
{
    json_document_free(&release->open);
    arena_free(&release->open_arena);
}

/* -- all of it -- */

static enum pair_state worst(const struct release *release)
{
    enum pair_state state = release->stranger_count > 0 ? PAIR_REFUTED : PAIR_HOLDS;
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        enum pair_state own = release->results[i].state;
        state = rank(own) > rank(state) ? own : state;
    }
    return state;
}

enum release_decision release_decide(const struct release *release)
{
    bool any = false;
    for (size_t i = 0; i < release->manifest->pair_count; i++) {
        any |= release->results[i].state == PAIR_HOLDS;
    }
    switch (worst(release)) {
    case PAIR_HOLDS:
    case PAIR_ABSENT:
        return any ? RELEASE_YES : RELEASE_NO;
    case PAIR_REFUTED:
    case PAIR_UNUSABLE:
    case PAIR_TAMPERED:
        return RELEASE_NO;
    case PAIR_UNDECIDED:
        break;
    }
    return RELEASE_UNDECIDED;
}

int release_exit(const struct release *release)
{
    static const int codes[] = {[PAIR_UNDECIDED] = 3, [PAIR_HOLDS] = 0,    [PAIR_REFUTED] = 1,
                                [PAIR_UNUSABLE] = 2,  [PAIR_TAMPERED] = 4, [PAIR_ABSENT] = 2};
    enum pair_state state = worst(release);
    bool yes = release_decide(release) == RELEASE_YES;
    return yes ? 0 : state == PAIR_HOLDS ? 2 : codes[state];
}
