// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "cli/verify.h"

/* How much output is gathered before it is written. */
#define FLUSH_BYTES 65536

const struct verify_rule *const verify_rules[] = {
    &verify_rule_signature,
    &verify_rule_attestation,
    &verify_rule_sbom,
};
const size_t verify_rule_count = ARRAY_LEN(verify_rules);

struct output {
    struct verify_run *run;
    struct buffer text;
    struct json_writer json;
    size_t told;
    const char *failed; /* the first file that could not be looked at, and why */
    struct error error;
    enum outcome outcome;
};

struct rule_result *verify_add_result(struct verify_file *file, const char *name)
{
    arena_grow(file->arena, &file->rules, file->rule_count, &file->rule_capacity,
               sizeof(*file->rules));
    struct rule_result *added = &file->rules[file->rule_count++];
    *added = (struct rule_result){.name = name, .target = "", .actual = "", .reason = ""};
    return added;
}

static enum outcome outcome_of_rule(const struct rule_result *result)
{
    switch (result->state) {
    case RULE_MET:
        return OUTCOME_HOLDS;
    case RULE_REFUTED:
        return OUTCOME_REFUTED;
    case RULE_UNUSABLE:
        return OUTCOME_UNUSABLE;
    case RULE_UNDECIDED:
        break;
    }
    return OUTCOME_UNDECIDED;
}

static bool judge(struct verify_run *run, struct verify_file *file, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(verify_rules); i++) {
        size_t before = file->rule_count;
        double started = clock_seconds();
        if (!verify_rules[i]->judge(run, file, err)) {
            return false;
        }
        if (file->rule_count > before) {
            file->rules[before].seconds = clock_seconds() - started;
            if (verify_rules[i] == &verify_rule_attestation) {
                file->rules[before].seconds += run->seconds;
            }
        }
    }
    return true;
}

/* The one place that says a file holds: each required rule was judged, and no result is left that
 * does not hold. */
static void decide(struct verify_run *run, struct verify_file *file)
{
    enum outcome outcome = OUTCOME_HOLDS;
    for (size_t i = 0; i < file->rule_count; i++) {
        outcome = outcome_worse(outcome, outcome_of_rule(&file->rules[i]));
    }
    for (size_t i = 0; i < run->policy.required.count; i++) {
        bool judged = false;
        for (size_t j = 0; j < file->rule_count; j++) {
            judged |= strcmp(run->policy.required.items[i], file->rules[j].name) == 0;
        }
        outcome = judged ? outcome : outcome_worse(outcome, OUTCOME_UNDECIDED);
    }
    file->outcome = file->rule_count > 0 ? outcome : OUTCOME_UNDECIDED;
}

/* What was accepted is remembered, so that nobody can show older evidence later. A machine that
 * cannot write its state is told, and may still verify. */
static void remember(const struct verify_run *run, const struct verify_file *file)
{
    struct error err;
    for (size_t i = 0; i < file->ballot.count; i++) {
        const struct vote *vote = &file->ballot.votes[i];
        if (vote->result == VOTE_FOR && vote->failed == 0 &&
            !seen_note(run->settings->common.state, run->policy.name != NULL, vote->attestation,
                       &err)) {
            terminal_note(run->invocation->terminal, "reproof: replays will go unnoticed: %s",
                          err.message);
            return;
        }
    }
}

static bool gather(struct verify_run *run, struct verify_file *file, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(verify_rules); i++) {
        if (!verify_rules[i]->gather(run, file, err)) {
            return false;
        }
    }
    return true;
}

static void split_path(struct verify_file *file, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    file->path = path;
    file->folder = arena_text(file->arena, bytes_from(path, len));
    file->name = path + len;
}

/* Reads the file once: what is judged, and what --output gets, are the same bytes. */
static bool read_and_decide(struct verify_run *run, struct verify_file *file, int copy_fd,
                            struct error *err)
{
    AUTO_FD int fd = -1;
    if (!file_open_input(AT_FDCWD, file->path, &fd, err) ||
        !source_from_fd(fd, &file->source, err) || !gather(run, file, err) ||
        !message_read(&file->source, file->parts, copy_fd, file->arena, &file->message, err) ||
        !judge(run, file, err)) {
        return false;
    }
    decide(run, file);
    if (file->outcome == OUTCOME_HOLDS) {
        remember(run, file);
    }
    return true;
}

static bool verify_into(struct verify_run *run, struct verify_file *file, const char *output,
                        struct error *err)
{
    AUTO(atomic_file) struct atomic_file copy = {.fd = -1};
    AUTO_FD int directory = -1;
    const char *slash = strrchr(output, '/');
    const char *folder =
        slash == NULL ? "."
                      : arena_text(file->arena, bytes_from(output, (size_t)(slash - output) + 1));
    const char *name = slash == NULL ? output : slash + 1;
    if (!directory_open(folder, &directory, err) ||
        !atomic_file_open(directory, 0644, &copy, err) ||
        !read_and_decide(run, file, copy.fd, err)) {
        return false;
    }
    return file->outcome != OUTCOME_HOLDS || atomic_file_commit(&copy, name, err);
}

static bool verify_file(struct verify_run *run, struct verify_file *file, const char *path,
                        struct error *err)
{
    AUTO_FD int directory = -1;
    split_path(file, path);
    if (!directory_open(file->folder[0] == '\0' ? "." : file->folder, &directory, err)) {
        return false;
    }
    file->directory = directory;
    return run->settings->output == NULL ? read_and_decide(run, file, -1, err)
                                         : verify_into(run, file, run->settings->output, err);
}

static bool flush(struct output *output, struct error *err)
{
    bool written = terminal_write(output->run->invocation->terminal, &output->text, err);
    buffer_clear(&output->text);
    return written;
}

static bool tell(struct output *output, const struct verify_file *file, struct error *err)
{
    bool json = output->run->settings->common.json;
    if (json && output->told == 0) {
        verify_report_json_begin(&output->json, &output->text);
    }
    if (json) {
        verify_report_json(&output->json, file);
    } else {
        verify_report_text(file, &output->text);
    }
    output->told++;
    output->outcome = outcome_worse(output->outcome, file->outcome);
    return output->text.len < FLUSH_BYTES || flush(output, err);
}

/* One file that cannot be read leaves the verdicts on the others alone. */
static bool verify_one(struct output *output, const char *path, struct error *err)
{
    struct arena arena = {0};
    struct verify_file file = {.arena = &arena, .directory = -1};
    struct error why;
    bool ok = true;
    if (verify_file(output->run, &file, path, &why)) {
        ok = tell(output, &file, err);
    } else if (why.code == ERROR_INTERRUPTED) {
        *err = why;
        ok = false;
    } else {
        terminal_error(output->run->invocation->terminal, path, &why);
        if (output->failed == NULL) {
            output->failed = path;
            output->error = why;
        }
        bool network = why.code == ERROR_NETWORK || why.code == ERROR_TIMEOUT;
        output->outcome = outcome_worse(output->outcome, network ? outcome_of_error(&why)
                                                                 : outcome_of_input_error(&why));
    }
    arena_free(&arena);
    return ok;
}

static enum outcome verify_all(struct output *output)
{
    const struct invocation *invocation = output->run->invocation;
    struct error err;
    for (size_t i = 0; i < invocation->operands.count; i++) {
        if (!interrupt_check(&err) || !verify_one(output, invocation->operands.items[i], &err)) {
            return command_fail(invocation, NULL, &err, outcome_of_error(&err));
        }
    }
    if (output->told == 0) {
        return command_fail_told(invocation, output->failed, &output->error, output->outcome);
    }
    if (output->run->settings->common.json) {
        verify_report_json_end(&output->json);
    }
    return command_finish(invocation, &output->text, output->outcome);
}

static enum outcome run_verify(const struct invocation *invocation)
{
    struct verify_run run = {.invocation = invocation, .settings = invocation->settings};
    struct output output = {.run = &run, .outcome = OUTCOME_HOLDS};
    struct error err;
    if (!verify_settle(&run, &err)) {
        verify_run_clear(&run);
        return command_fail(invocation, NULL, &err, OUTCOME_UNUSABLE);
    }
    buffer_init(&output.text, GIB);
    enum outcome outcome = verify_all(&output);
    buffer_free(&output.text);
    verify_run_clear(&run);
    return outcome;
}

static const struct option options[] = {
    {"trust", "PUB", "a file of public keys to trust, in any format (repeatable)", OPTION_STRINGS,
     offsetof(struct verify_settings, trust)},
    {"revoked", "PUB", "a file of keys that are trusted no longer (repeatable)", OPTION_STRINGS,
     offsetof(struct verify_settings, revoked)},
    {"policy", "FILE", "whom to trust and what is enough, instead of the options for that",
     OPTION_STRING, offsetof(struct verify_settings, policy)},
    {"evidence", "PLACE", "attestations: a file, a directory, or a tree by digest (repeatable)",
     OPTION_STRINGS, offsetof(struct verify_settings, evidence)},
    {"signature", "FILE", "the signature; else those that lie beside the file (repeatable)",
     OPTION_STRINGS, offsetof(struct verify_settings, signatures)},
    {"require", "LIST", "what has to be there: signature, attestation, sbom", OPTION_LIST,
     offsetof(struct verify_settings, required)},
    {"threshold", "K", "so many distinct keys, or rebuilders, are needed (default 1)",
     OPTION_STRING, offsetof(struct verify_settings, threshold)},
    {"expect", "SOURCE", "the MODULE or MODULE@VERSION that it has to come from (repeatable)",
     OPTION_STRINGS, offsetof(struct verify_settings, expect)},
    {"accept", "NAME", "assumptions and equivalences that are good enough", OPTION_LIST,
     offsetof(struct verify_settings, accept)},
    {"allow-older", NULL, "accept evidence that is older than what was accepted before",
     OPTION_FLAG, offsetof(struct verify_settings, allow_older)},
    {"output", "FILE", "write the very bytes that were verified; nothing unless they hold",
     OPTION_STRING, offsetof(struct verify_settings, output)},
    {"legacy", NULL, "accept minisign's legacy signatures, over the file itself", OPTION_FLAG,
     offsetof(struct verify_settings, legacy)},
    {"any-name", NULL, "accept a file under another name than a trusted comment gives it",
     OPTION_FLAG, offsetof(struct verify_settings, any_name)},
};

const struct command command_verify = {
    .name = "verify",
    .arguments = "FILE...",
    .summary = "check files against the keys you trust and the evidence for them, offline",
    .details =
        "Reads what lies beside each FILE: signatures (FILE.minisig, FILE.signify, FILE.sshsig,\n"
        "FILE.sigstore.json, FILE.sig, the signed lists SHA256SUMS and SHA256.sig), attestations\n"
        "(FILE.intoto.jsonl), and what --evidence names. Only keys given by --trust or --policy\n"
        "count (PEM, OpenSSH, allowed_signers, minisign, signify); keys inside a signature are\n"
        "hints. Exit code 0: all that is required is there and nobody trusted contradicts;\n"
        "1: somebody does, or the evidence is of another file; 3: not enough; 2: unusable.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct verify_settings),
    .least_operands = 1,
    .run = run_verify,
};
