// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "attest/sbom/sbom_names.h"
#include "base/escape.h"
#include "base/file_batch.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "cli/passphrase.h"
#include "cli/trust.h"
#include "signer/key_load.h"

#define LARGEST_TRUST_FILE (4 * LIMIT_POLICY_FILE)

struct settings {
    struct common_settings common;
    const char *output, *key, *passphrase_fd, *digest;
    bool old_root;
};

struct run {
    const struct invocation *invocation;
    const struct settings *settings;
    struct bytes text;
    struct buffer *out;
    const char *object; /* what an error is about */
};

/* HAS_SIGNED may be NULL. */
static void put_parties(struct buffer *out, const char *title, const struct parties *parties,
                        const bool *has_signed)
{
    for (size_t i = 0; i < parties->trust.count; i++) {
        const struct trusted_key *key = &parties->trust.keys[i];
        char fingerprint[KEY_FINGERPRINT_LEN + 1], owner[256], operator[256];
        key_fingerprint(&key->public.point, fingerprint);
        escape_text(key->owner, owner, sizeof(owner));
        escape_text(parties->operators[i], operator, sizeof(operator));
        buffer_printf(out, "  %-10s %s  %s (%s)%s%s\n", title, fingerprint, owner, operator,
                      has_signed != NULL && has_signed[i] ? "  signed this" : "",
                      key->revoked ? "  REVOKED" : "");
    }
}

static void put_file(struct run *run, const struct trust_file *file)
{
    char hex[SHA256_HEX_LEN + 1], name[256];
    sha256_hex(&file->digest, hex);
    escape_text(file->name, name, sizeof(name));
    buffer_printf(run->out, "%s   serial %llu, until %s\n", name, (unsigned long long)file->serial,
                  sbom_time_text((uint64_t)file->expires, run->invocation->arena));
    buffer_printf(run->out, "  digest     %s\n", hex);
    buffer_printf(run->out, "  changed by %zu of %zu roots:\n", file->threshold,
                  parties_count(&file->roots));
    put_parties(run->out, "root", &file->roots, file->root_signed);
    put_parties(run->out, "rebuilder", &file->rebuilders, NULL);
    put_parties(run->out, "signer", &file->signers, NULL);
}

static void put_parties_json(struct json_writer *json, const char *title,
                             const struct parties *parties)
{
    json_array(json, title);
    for (size_t i = 0; i < parties->trust.count; i++) {
        const struct trusted_key *key = &parties->trust.keys[i];
        char fingerprint[KEY_FINGERPRINT_LEN + 1];
        key_fingerprint(&key->public.point, fingerprint);
        json_object(json, NULL);
        json_string(json, "fingerprint", fingerprint);
        json_string(json, "owner", key->owner);
        json_string(json, "operator", parties->operators[i]);
        json_bool(json, "revoked", key->revoked);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_json(struct run *run, const struct trust_file *file)
{
    struct json_writer json;
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&file->digest, hex);
    json_writer_init(&json, run->out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", "reproof/trust-file/v1");
    json_string(&json, "name", file->name);
    json_uint(&json, "serial", file->serial);
    json_string(&json, "expires", sbom_time_text((uint64_t)file->expires, run->invocation->arena));
    json_string(&json, "digest", hex);
    json_uint(&json, "threshold", file->threshold);
    put_parties_json(&json, "roots", &file->roots);
    put_parties_json(&json, "rebuilders", &file->rebuilders);
    put_parties_json(&json, "signers", &file->signers);
    json_object_end(&json);
}

static bool show(struct run *run, struct error *err)
{
    struct trust_file file;
    struct arena *arena = run->invocation->arena;
    bool signed_one = trust_file_is(run->text);
    if (!(signed_one ? trust_file_open(run->text, arena, &file, err)
                     : trust_file_parse(run->text, arena, &file, err))) {
        return false;
    }
    if (run->settings->common.json) {
        put_json(run, &file);
    } else {
        put_file(run, &file);
    }
    return true;
}

/* The fingerprints are shown in any case: they are what people compare. */
static bool accept(struct run *run, struct error *err)
{
    struct trust_file file;
    if (!show(run, err)) {
        return false;
    }
    return trust_follow(run->settings->common.state, run->text, run->settings->digest, time(NULL),
                        run->invocation->arena, &file, err);
}

static bool write_signed(struct run *run, const struct signing_key *key, struct error *err)
{
    const struct settings *settings = run->settings;
    struct file_batch batch = {0};
    AUTO(buffer) struct buffer text = {0};
    buffer_init(&text, LARGEST_TRUST_FILE);
    bool ok =
        trust_file_sign(run->text, key, settings->old_root, run->invocation->arena, &text, err) &&
        file_batch_add(&batch, settings->output, 0644, true, buffer_view(&text), err) &&
        file_batch_commit(&batch, err);
    file_batch_free(&batch);
    return ok;
}

static bool sign(struct run *run, struct error *err)
{
    const struct settings *settings = run->settings;
    AUTO(signing_key) struct signing_key *key = NULL;
    struct passphrase_place place;
    if (settings->key == NULL || settings->output == NULL) {
        error_set(err, ERROR_USAGE, "trust sign wants a key and a place for what it writes");
        return error_cure(err, "--key KEY -o FILE");
    }
    if (!secret_forbid_dumps(err) || !passphrase_place(settings->passphrase_fd, &place, err)) {
        return false;
    }
    struct passphrase_source source = passphrase_source(&place);
    return signing_key_load(settings->key, &source, &key, err) && write_signed(run, key, err);
}

static const struct action {
    const char *name;
    bool (*act)(struct run *run, struct error *err);
} actions[] = {{"accept", accept}, {"show", show}, {"sign", sign}};

static bool act(struct run *run, struct error *err)
{
    const struct strings *operands = &run->invocation->operands;
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (strcmp(operands->items[0], actions[i].name) == 0) {
            run->object = operands->items[1];
            return trust_load_text(run->object, run->invocation->arena, &run->text, err) &&
                   actions[i].act(run, err);
        }
    }
    error_set(err, ERROR_USAGE, "trust cannot %s", operands->items[0]);
    return error_cure(err, "trust accept, trust show or trust sign");
}

static enum outcome run_trust(const struct invocation *invocation)
{
    struct buffer out;
    struct run run = {.invocation = invocation, .settings = invocation->settings, .out = &out};
    struct error err;
    buffer_init(&out, GIB);
    enum outcome outcome = OUTCOME_HOLDS;
    if (!act(&run, &err)) {
        struct error ignored;
        outcome = err.code == ERROR_MISMATCH ? OUTCOME_REFUTED : outcome_of_input_error(&err);
        /* One document a run: with --json that is the error. */
        if (!run.settings->common.json && !terminal_write(invocation->terminal, &out, &ignored)) {
            outcome = OUTCOME_UNUSABLE;
        }
        outcome = command_fail(invocation, run.object, &err, outcome);
    } else {
        outcome = command_finish(invocation, &out, outcome);
    }
    buffer_free(&out);
    return outcome;
}

static const struct option options[] = {
    {"digest", "SHA256", "accept: the digest that you compared, for a file that is new here",
     OPTION_STRING, offsetof(struct settings, digest)},
    {"key", "KEY", "sign: the secret key of a root: a file, env:NAME, fd:N, or an agent's",
     OPTION_STRING, offsetof(struct settings, key)},
    {"old-root", NULL, "sign: the key is a root of the file that this one follows on", OPTION_FLAG,
     offsetof(struct settings, old_root)},
    {"output", "FILE", "sign: where the signed file goes", OPTION_STRING,
     offsetof(struct settings, output)},
    {"passphrase-fd", "N", "read the passphrase from descriptor N", OPTION_STRING,
     offsetof(struct settings, passphrase_fd)},
};

const struct command command_trust = {
    .name = "trust",
    .arguments = "accept|show|sign FILE",
    .summary = "files that say whom to trust, signed by k of n, and how they change",
    .details =
        "A trust file names keys with owners, operators and validity, and the roots who may "
        "change\n"
        "it. accept remembers it: for the first time only with the digest that you compared by\n"
        "another way, then each later one if enough of the old roots and of its own signed it.\n"
        "verify --trust FILE takes what follows on the accepted one. show prints fingerprints;\n"
        "sign adds a root's signature to FILE (JSON, or signed by others already).",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 2,
    .most_operands = 2,
    .run = run_trust,
};
