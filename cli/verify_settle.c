// SPDX-License-Identifier: Apache-2.0
/* Whom to trust and what to ask for: of the options, or of the policy file. */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/verify.h"

bool verify_requires(const struct verify_run *run, const char *name)
{
    return policy_requires(&run->policy, name);
}

static bool check_required(const struct strings *required, struct error *err)
{
    for (size_t i = 0; i < required->count; i++) {
        bool known = false;
        for (size_t j = 0; j < verify_rule_count; j++) {
            known |= strcmp(required->items[i], verify_rules[j]->name) == 0;
        }
        if (!known) {
            error_set(err, ERROR_USAGE, "--require %s", required->items[i]);
            return error_cure(err, "signature, attestation and sbom can be required");
        }
    }
    return true;
}

/* Without --require, what the other options are about. */
static void settle_required(struct verify_run *run)
{
    const struct verify_settings *settings = run->settings;
    struct names *required = &run->policy.required;
    size_t count = settings->required.count;
    required->items = ARENA_ARRAY(run->invocation->arena, count + 2, const char *);
    for (size_t i = 0; i < count; i++) {
        required->items[required->count++] = settings->required.items[i];
    }
    if (count == 0 && settings->evidence.count > 0) {
        required->items[required->count++] = "attestation";
    }
    if (count == 0 && (settings->evidence.count == 0 || settings->signatures.count > 0)) {
        required->items[required->count++] = "signature";
    }
}

static bool settle_threshold(struct verify_run *run, struct error *err)
{
    const char *text = run->settings->threshold;
    uint64_t wanted = 1;
    if (text != NULL &&
        (!scan_number(bytes_from_string(text), LIMIT_TRUSTED_KEYS, &wanted) || wanted == 0)) {
        error_set(err, ERROR_USAGE, "--threshold %s", text);
        return error_cure(err, "the number of distinct keys that have to sign, at least 1");
    }
    run->policy.signer_threshold = run->policy.rebuilder_threshold = (size_t)wanted;
    return true;
}

/* A key file that tells no owner is told apart by its path: the user named it. */
static const char *operator_of(const struct trusted_key *key, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && strcmp(key->owner, slash + 1) == 0 ? path : key->owner;
}

static bool add_trusted(struct verify_run *run, const char *path, struct error *err)
{
    struct trust read = trust_empty(run->invocation->arena);
    struct parties *rebuilders = &run->policy.rebuilders;
    bool is_trust_file;
    if (!verify_add_trust_file(run, path, &is_trust_file, err)) {
        return false;
    }
    if (is_trust_file) {
        return true;
    }
    if (!trust_add_file(&read, path, err)) {
        return false;
    }
    for (size_t i = 0; i < read.count; i++) {
        const struct trusted_key *key = &read.keys[i];
        bool known = trust_find(&rebuilders->trust, &key->public.point) != NULL;
        const char *operator= known ? parties_operator(rebuilders, key) : operator_of(key, path);
        if (!parties_add(&run->policy.signers, key, operator, err) ||
            !parties_add(rebuilders, key, operator, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < read.passed_over_count; i++) {
        terminal_note(run->invocation->terminal, "reproof: passed over: %s", read.passed_over[i]);
    }
    return true;
}

static bool trust_options(struct verify_run *run, struct error *err)
{
    const struct verify_settings *settings = run->settings;
    struct arena *arena = run->invocation->arena;
    if (settings->trust.count == 0) {
        error_set(err, ERROR_USAGE, "nobody to trust: a signature alone proves nothing");
        return error_cure(err, "--trust FILE, with the public key of who should have signed");
    }
    run->policy.signers.trust = trust_empty(arena);
    run->policy.rebuilders.trust = trust_empty(arena);
    for (size_t i = 0; i < settings->trust.count; i++) {
        if (!add_trusted(run, settings->trust.items[i], err)) {
            return false;
        }
    }
    settle_required(run);
    return settle_threshold(run, err);
}

/* MODULE or MODULE@VERSION. */
static bool expect_options(struct verify_run *run, struct error *err)
{
    const struct strings *expect = &run->settings->expect;
    struct arena *arena = run->invocation->arena;
    if (expect->count == 0) {
        return true;
    }
    run->policy.sources = ARENA_ARRAY(arena, expect->count, struct policy_source);
    for (size_t i = 0; i < expect->count; i++) {
        struct bytes module = bytes_from_string(expect->items[i]), version = bytes_from(NULL, 0);
        struct policy_source *source = &run->policy.sources[run->policy.source_count++];
        bool exact = scan_cut(module, '@', &module, &version);
        if (module.len == 0 || (exact && version.len == 0)) {
            error_set(err, ERROR_USAGE, "--expect %s", expect->items[i]);
            return error_cure(err, "--expect MODULE or MODULE@VERSION");
        }
        source->module = arena_text(arena, module);
        source->version = exact ? arena_text(arena, version) : NULL;
    }
    return true;
}

static bool policy_of_options(struct verify_run *run, struct error *err)
{
    const struct verify_settings *settings = run->settings;
    run->policy.accepted = (struct names){settings->accept.items, settings->accept.count};
    return trust_options(run, err) && expect_options(run, err);
}

static bool policy_of_file(struct verify_run *run, struct error *err)
{
    const struct verify_settings *settings = run->settings;
    if (settings->expect.count + settings->accept.count > 0 || settings->threshold != NULL) {
        error_set(err, ERROR_USAGE, "--policy says what is enough");
        return error_cure(err, "leave out --threshold, --expect and --accept");
    }
    if (!policy_load(settings->policy, run->signature_rules.now, run->invocation->arena,
                     &run->policy, err)) {
        return false;
    }
    for (size_t i = 0; i < settings->trust.count; i++) {
        bool is_trust_file;
        if (!verify_add_trust_file(run, settings->trust.items[i], &is_trust_file, err)) {
            return false;
        }
        if (!is_trust_file) {
            error_set(err, ERROR_USAGE, "--policy says whom to trust");
            return error_cure(err, "--trust goes with it for signed trust files alone");
        }
    }
    if (!policy_check(&run->policy, err)) {
        return error_prefix(err, "policy %s", settings->policy);
    }
    for (size_t i = 0; i < settings->required.count; i++) {
        if (!verify_requires(run, settings->required.items[i])) {
            error_set(err, ERROR_USAGE, "--require %s: the policy does not say what is enough",
                      settings->required.items[i]);
            return error_cure(err, "add it to \"require\" in %s", settings->policy);
        }
    }
    return true;
}

static bool apply_revocations(struct verify_run *run, struct error *err)
{
    const struct strings *revoked = &run->settings->revoked;
    for (size_t i = 0; i < revoked->count; i++) {
        if (!trust_revoke_file(&run->policy.signers.trust, revoked->items[i], err) ||
            !trust_revoke_file(&run->policy.rebuilders.trust, revoked->items[i], err)) {
            return false;
        }
    }
    return true;
}

/* What a file that the user named comes to: the first thing that is wrong with it. */
static void judge_named(struct verify_run *run, size_t before, const char *path)
{
    struct arena *arena = run->invocation->arena;
    bool usable = false;
    const struct attestation *bad = NULL;
    for (size_t i = before; i < run->evidence.count; i++) {
        const struct attestation *at = &run->evidence.items[i];
        bool said = at->kind != ATTESTATION_OTHER || at->standing != ATTESTATION_GOOD;
        usable |= at->standing != ATTESTATION_UNUSABLE && said;
        bad = at->standing == ATTESTATION_UNUSABLE && bad == NULL ? at : bad;
    }
    if (bad != NULL) {
        /* Well formed, and a trusted key's, but nothing that can be good for a file: refuted. */
        bool refuted = bad->key != NULL && bad->reason.code == ERROR_UNSUPPORTED;
        run->named_state = refuted ? RULE_REFUTED : RULE_UNUSABLE;
        run->named_reason = arena_printf(arena, "%s: %s", bad->place, bad->reason.message);
    } else if (!usable) {
        run->named_state = before == run->evidence.count ? RULE_UNUSABLE : RULE_REFUTED;
        run->named_reason = arena_printf(arena, "%s has neither verdict nor SBOM", path);
    }
}

static bool is_address(const char *path)
{
    static const char *const beginnings[] = {"https://", "http://"};
    for (size_t i = 0; i < ARRAY_LEN(beginnings); i++) {
        if (strncmp(path, beginnings[i], strlen(beginnings[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* The network is another program's, which only an address starts. */
static bool open_address(struct verify_run *run, const char *url, struct error *err)
{
    struct transport_settings settings = {.environment = (const char *const *)environ};
    struct verify_place *place = &run->places[run->place_count];
    if (run->settings->common.offline) {
        return error_set(err, ERROR_USAGE, "%s is not offline", url);
    }
    if (run->transport == NULL && !transport_open(&settings, &run->transport, err)) {
        return false;
    }
    place->dir = -1;
    place->folder =
        arena_printf(run->invocation->arena, "%s%s", url, url[strlen(url) - 1] == '/' ? "" : "/");
    run->place_count++;
    return true;
}

static bool open_place(struct verify_run *run, const char *path, struct error *err)
{
    if (is_address(path)) {
        return open_address(run, path, err);
    }
    path = strncmp(path, "file://", 7) == 0 ? path + 7 : path;
    struct arena *arena = run->invocation->arena;
    struct verify_place *place = &run->places[run->place_count];
    struct error why;
    size_t len = strlen(path);
    size_t before = run->evidence.count;
    if (directory_open(path, &place->dir, &why)) {
        run->place_count++;
        place->folder = arena_printf(arena, "%s%s", path, path[len - 1] == '/' ? "" : "/");
        return evidence_read_directory(&run->reading, place->dir, place->folder, &run->evidence,
                                       err);
    }
    if (!evidence_read_file(&run->reading, AT_FDCWD, path, path, &run->evidence, err)) {
        return false;
    }
    judge_named(run, before, path);
    return true;
}

static bool open_places(struct verify_run *run, struct error *err)
{
    const struct strings *evidence = &run->settings->evidence;
    double started = clock_seconds();
    run->places = ARENA_ARRAY(run->invocation->arena, evidence->count + 1, struct verify_place);
    for (size_t i = 0; i < evidence->count; i++) {
        if (evidence->items[i][0] == '\0' || !open_place(run, evidence->items[i], err)) {
            return evidence->items[i][0] != '\0'
                       ? error_prefix(err, "--evidence")
                       : error_set(err, ERROR_USAGE, "--evidence names nothing");
        }
    }
    run->seconds = clock_seconds() - started;
    return true;
}

bool verify_settle(struct verify_run *run, struct error *err)
{
    const struct verify_settings *settings = run->settings;
    const bool single = settings->output != NULL || settings->signatures.count > 0;
    /* One for the whole run: a clock that is set meanwhile changes nothing. */
    time_t now = time(NULL);
    run->seen = (struct seen){.dir = -1};
    run->named_state = RULE_MET;
    run->named_reason = "";
    if (single && run->invocation->operands.count > 1) {
        return error_set(err, ERROR_USAGE, "--output and --signature are for one file");
    }
    run->signature_rules = (struct signature_rules){
        .namespace = SIGNATURE_NAMESPACE, .legacy = settings->legacy, .now = now};
    if (!check_required(&settings->required, err) ||
        !(settings->policy == NULL ? policy_of_options(run, err) : policy_of_file(run, err)) ||
        !apply_revocations(run, err)) {
        return false;
    }
    run->reading = (struct attestation_reading){.trust = &run->policy.rebuilders.trust,
                                                .now = now,
                                                .arena = run->invocation->arena,
                                                .bound = true};
    return open_places(run, err) && seen_open(settings->common.state, &run->seen, err);
}

void verify_run_clear(struct verify_run *run)
{
    for (size_t i = 0; i < run->place_count; i++) {
        fd_close(&run->places[i].dir);
    }
    transport_free(&run->transport);
    seen_close(&run->seen);
    arena_free(&run->lists.arena);
}
