// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "base/file.h"
#include "base/limits.h"
#include "cli/evidence_out.h"

struct settings {
    struct common_settings common;
    struct evidence_options evidence;
    struct strings accept;
    const char *sbom, *predicate, *type;
};

static const struct option options[] = {
    EVIDENCE_OPTIONS(struct settings, evidence),
    {"sbom", "FILE", "an SPDX document (JSON) of the artifact, to be attested with it",
     OPTION_STRING, offsetof(struct settings, sbom)},
    {"predicate", "FILE", "what others state of the artifact (a JSON object), to be attested too",
     OPTION_STRING, offsetof(struct settings, predicate)},
    {"type", "URI", "of which type the --predicate is", OPTION_STRING,
     offsetof(struct settings, type)},
    {"accept", "NAME", "secret-values: publish also what looks like a secret", OPTION_LIST,
     offsetof(struct settings, accept)},
};

/* One run of the command. */
struct run {
    const struct invocation *invocation;
    const struct settings *settings;
    struct evidence_out out;
    struct bytes result;
    struct source *sources;
    struct evidence_input *inputs;
    size_t count;
    const char *object; /* what an error is about */
};

static bool load(const char *path, uint64_t maximum, struct arena *arena, struct bytes *ret,
                 struct error *err)
{
    AUTO_FD int fd = -1;
    struct source source;
    return file_open_input(AT_FDCWD, path, &fd, err) && source_from_fd(fd, &source, err) &&
           source_load(&source, 0, source.size, maximum, arena, ret, err);
}

/* The artifacts stay open: what is signed later is what was hashed here, or it is refused. */
static bool open_inputs(struct run *run, struct error *err)
{
    const struct strings *operands = &run->invocation->operands;
    size_t count = operands->count - 1;
    run->sources = ARENA_ARRAY(run->invocation->arena, count, struct source);
    run->inputs = ARENA_ARRAY(run->invocation->arena, count, struct evidence_input);
    for (size_t i = 0; i < count; i++) {
        struct evidence_input *input = &run->inputs[i];
        struct source *source = &run->sources[i];
        source->fd = -1;
        run->object = operands->items[i + 1];
        run->count++;
        if (!file_open_input(AT_FDCWD, run->object, &source->fd, err) ||
            !source_from_fd(source->fd, source, err) ||
            !sha256_source(source, &input->sha256, err)) {
            return false;
        }
        input->content = source;
    }
    run->object = NULL;
    return true;
}

static bool add_sbom(struct run *run, struct error *err)
{
    if (run->settings->sbom == NULL) {
        return true;
    }
    if (run->count != 1) {
        return error_set(err, ERROR_USAGE, "--sbom is for one artifact");
    }
    run->object = run->settings->sbom;
    return load(run->settings->sbom, LIMIT_EVIDENCE_BYTES, run->invocation->arena,
                &run->inputs[0].spdx, err);
}

static bool add_predicate(struct run *run, struct error *err)
{
    const struct settings *settings = run->settings;
    struct evidence_input *input = &run->inputs[0];
    if (settings->predicate == NULL && settings->type == NULL) {
        return true;
    }
    if (settings->predicate == NULL || settings->type == NULL || run->count != 1) {
        error_set(err, ERROR_USAGE, "--predicate and --type go together, for one artifact");
        return error_cure(err, "--predicate FILE --type https://example.com/scan/v1");
    }
    run->object = settings->predicate;
    input->other_type = settings->type;
    return load(settings->predicate, LIMIT_EVIDENCE_BYTES / 2, run->invocation->arena,
                &input->other, err) &&
           other_predicate_check(settings->type, input->other, err);
}

static bool settle_accept(struct run *run, struct error *err)
{
    for (size_t i = 0; i < run->settings->accept.count; i++) {
        if (strcmp(run->settings->accept.items[i], ACCEPT_SECRETS) != 0) {
            error_set(err, ERROR_USAGE, "--accept %s", run->settings->accept.items[i]);
            return error_cure(err, "--accept %s", ACCEPT_SECRETS);
        }
        run->out.accept_secrets = true;
    }
    return true;
}

static bool act(struct run *run, struct error *err)
{
    const char *result = run->invocation->operands.items[0];
    run->object = result;
    if (!load(result, LIMIT_JSON_BYTES, run->invocation->arena, &run->result, err) ||
        !open_inputs(run, err) || !add_sbom(run, err) || !add_predicate(run, err)) {
        return false;
    }
    run->object = NULL;
    return evidence_out_open(run->invocation, &run->settings->evidence, &run->out, err) &&
           settle_accept(run, err) &&
           evidence_out_write(&run->out, run->result, run->inputs, run->count, err);
}

/* Digests that disagree refute; the rest is input that cannot be used. */
static enum outcome outcome_of(const struct error *err)
{
    return err->code == ERROR_MISMATCH ? OUTCOME_REFUTED : outcome_of_input_error(err);
}

static enum outcome run_attest(const struct invocation *invocation)
{
    struct run run = {
        .invocation = invocation, .settings = invocation->settings, .out = {.dir = -1}};
    struct error err;
    bool ok = act(&run, &err);
    for (size_t i = 0; i < run.count; i++) {
        fd_close(&run.sources[i].fd);
    }
    evidence_out_free(&run.out);
    if (!ok) {
        return command_fail(invocation, run.object, &err, outcome_of(&err));
    }
    terminal_note(invocation->terminal, "reproof: evidence is in %s", run.settings->evidence.out);
    return OUTCOME_HOLDS;
}

const struct command command_attest = {
    .name = "attest",
    .arguments = "RESULT ARTIFACT...",
    .summary = "write signed statements from a rebuild's result",
    .details =
        "RESULT is what `reproof rebuild --json` wrote; each ARTIFACT is a file (or the package\n"
        "around it) that it is of. Writes into --out: the verdict, SLSA provenance and a summary\n"
        "(in-toto statements in DSSE envelopes and bundles for cosign), the recipe, signatures\n"
        "of what was accepted, index.json by digest, README.md; and what others state of it, as\n"
        "--predicate of a --type. Refuses where digests disagree,\n"
        "and tells what becomes public first.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 2,
    .run = run_attest,
};
