// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "cli/verify.h"

/* How much output is gathered before it is written. */
#define FLUSH_BYTES 65536

/* What can be required of a file. Without --require, all that are asked for by other options. */
static const struct verify_rule *const rules[] = {
    &verify_rule_signature,
};

struct output {
    struct verify_run *run;
    struct buffer text;
    struct json_writer json;
    size_t told;
    const char *failed; /* the first file that could not be looked at, and why */
    struct error error;
    enum outcome outcome;
};

static bool check_required(const struct verify_settings *settings, struct error *err)
{
    for (size_t i = 0; i < settings->required.count; i++) {
        bool known = false;
        for (size_t j = 0; j < ARRAY_LEN(rules); j++) {
            known |= strcmp(settings->required.items[i], rules[j]->name) == 0;
        }
        if (!known) {
            error_set(err, ERROR_USAGE, "--require %s", settings->required.items[i]);
            return error_cure(err, "signature can be required");
        }
    }
    return true;
}

static size_t distinct_keys(const struct trust *trust)
{
    size_t count = 0;
    for (size_t i = 0; i < trust->count; i++) {
        count += trust_find(trust, &trust->keys[i].public.point) == &trust->keys[i] ? 1 : 0;
    }
    return count;
}

static bool settle_threshold(struct verify_run *run, struct error *err)
{
    const char *text = run->settings->threshold;
    uint64_t wanted = 1;
    size_t keys = distinct_keys(&run->trust);
    if (text != NULL &&
        (!scan_number(bytes_from_string(text), LIMIT_TRUSTED_KEYS, &wanted) || wanted == 0)) {
        error_set(err, ERROR_USAGE, "--threshold %s", text);
        return error_cure(err, "the number of distinct keys that have to sign, at least 1");
    }
    if (wanted > keys) {
        error_set(err, ERROR_USAGE, "a threshold of %llu cannot be met by %zu trusted keys",
                  (unsigned long long)wanted, keys);
        return error_cure(err, "trust more keys, or lower --threshold");
    }
    run->threshold = (size_t)wanted;
    return true;
}

static bool settle_trust(struct verify_run *run, struct error *err)
{
    const struct verify_settings *settings = run->settings;
    run->trust = trust_empty(run->invocation->arena);
    if (settings->trust.count == 0) {
        error_set(err, ERROR_USAGE, "nobody to trust: a signature alone proves nothing");
        return error_cure(err, "--trust FILE, with the public key of who should have signed");
    }
    for (size_t i = 0; i < settings->trust.count; i++) {
        if (!trust_add_file(&run->trust, settings->trust.items[i], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < settings->revoked.count; i++) {
        if (!trust_revoke_file(&run->trust, settings->revoked.items[i], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < run->trust.passed_over_count; i++) {
        terminal_note(run->invocation->terminal, "reproof: passed over: %s",
                      run->trust.passed_over[i]);
    }
    return settle_threshold(run, err);
}

static bool settle(struct verify_run *run, struct error *err)
{
    const struct verify_settings *settings = run->settings;
    bool single = settings->output != NULL || settings->signatures.count > 0;
    if (single && run->invocation->operands.count > 1) {
        return error_set(err, ERROR_USAGE, "--output and --signature are for one file");
    }
    run->signature_rules = (struct signature_rules){
        .namespace = SIGNATURE_NAMESPACE, .legacy = settings->legacy, .now = time(NULL)};
    return check_required(settings, err) && settle_trust(run, err);
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

/* The one place that says a file holds: no rule is left that does not. */
static void decide(struct verify_run *run, struct verify_file *file)
{
    enum outcome outcome = OUTCOME_HOLDS;
    file->rules = ARENA_ARRAY(file->arena, ARRAY_LEN(rules), struct rule_result);
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        struct rule_result *result = &file->rules[file->rule_count++];
        *result = (struct rule_result){.rule = rules[i], .target = "", .actual = "", .reason = ""};
        rules[i]->judge(run, file, result);
        outcome = outcome_worse(outcome, outcome_of_rule(result));
    }
    file->outcome = file->rule_count > 0 ? outcome : OUTCOME_UNDECIDED;
}

static bool gather(struct verify_run *run, struct verify_file *file, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (!rules[i]->gather(run, file, err)) {
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
        !message_read(&file->source, file->parts, copy_fd, file->arena, &file->message, err)) {
        return false;
    }
    decide(run, file);
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
        output->outcome = outcome_worse(output->outcome, outcome_of_input_error(&why));
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
    if (!settle(&run, &err)) {
        return command_fail(invocation, NULL, &err, OUTCOME_UNUSABLE);
    }
    buffer_init(&output.text, GIB);
    enum outcome outcome = verify_all(&output);
    buffer_free(&output.text);
    arena_free(&run.lists.arena);
    return outcome;
}

static const struct option options[] = {
    {"trust", "PUB", "a file of public keys to trust, in any format (repeatable)", OPTION_STRINGS,
     offsetof(struct verify_settings, trust)},
    {"revoked", "PUB", "a file of keys that are trusted no longer (repeatable)", OPTION_STRINGS,
     offsetof(struct verify_settings, revoked)},
    {"signature", "FILE", "the signature; else those that lie beside the file (repeatable)",
     OPTION_STRINGS, offsetof(struct verify_settings, signatures)},
    {"threshold", "K", "so many distinct keys have to have signed (default 1)", OPTION_STRING,
     offsetof(struct verify_settings, threshold)},
    {"require", "LIST", "what has to be there: signature", OPTION_LIST,
     offsetof(struct verify_settings, required)},
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
    .summary = "check the signatures of files against the keys you trust, offline",
    .details =
        "Reads whatever lies beside each FILE: FILE.minisig, FILE.signify, FILE.sshsig,\n"
        "FILE.sigstore.json, FILE.sig, and the signed lists SHA256SUMS and SHA256.sig that name "
        "it.\n"
        "Only keys given by --trust count (PEM, OpenSSH, allowed_signers, minisign, signify); "
        "keys\n"
        "inside a signature are hints. Exit code 0: enough trusted keys signed and none of their\n"
        "signatures contradicts; 1: one does not fit the file; 3: not enough; 2: unusable.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct verify_settings),
    .least_operands = 1,
    .run = run_verify,
};
