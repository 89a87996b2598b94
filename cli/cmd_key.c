// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/file_batch.h"
#include "base/json_write.h"
#include "cli/command.h"
#include "cli/passphrase.h"
#include "signer/key_load.h"

#define LARGEST_KEY_TEXT 65536

struct settings {
    struct common_settings common;
    const char *output, *format, *passphrase_fd;
    bool public, no_passphrase;
};

struct run {
    const struct invocation *invocation;
    const struct settings *settings;
    struct passphrase_place place;
    struct passphrase_source source;
};

/* The new passphrase for the file OUTPUT; empty if none is wanted, which has to be said aloud. */
static bool ask_new(struct run *run, struct secret **ret, struct error *err)
{
    if (run->settings->no_passphrase) {
        *ret = secret_new(1);
        return true;
    }
    AUTO(secret) struct secret *answer = NULL;
    if (!run->source.ask(run->source.context, run->settings->output, true, &answer, err)) {
        return false;
    }
    if (answer->len == 0) {
        error_set(err, ERROR_USAGE, "an empty passphrase protects nothing");
        return error_cure(err, "--no-passphrase writes the key in clear");
    }
    *ret = STEAL(answer);
    return true;
}

static bool add_secret(struct run *run, const struct signing_key *key,
                       const struct key_format *format, struct file_batch *batch, struct error *err)
{
    AUTO(secret) struct secret *passphrase = NULL;
    AUTO(secret) struct secret *text = secret_new(LARGEST_KEY_TEXT);
    if (!ask_new(run, &passphrase, err)) {
        return false;
    }
    struct buffer out = secret_buffer(text);
    if (!format->write_secret(key, secret_view(passphrase), &out, err)) {
        return false;
    }
    if (!secret_end(text, &out)) {
        return error_set(err, ERROR_INTERNAL, "the key file is too large");
    }
    return file_batch_add(batch, run->settings->output, 0600, false, secret_view(text), err);
}

static bool add_public(const char *path, const struct public_key *key,
                       const struct key_format *format, struct file_batch *batch, struct error *err)
{
    struct buffer out;
    buffer_init(&out, LARGEST_KEY_TEXT);
    format->write_public(key, &out);
    bool ok = file_batch_add(batch, path, 0644, false, buffer_view(&out), err);
    buffer_free(&out);
    return ok;
}

static bool want_output(const struct run *run, struct error *err)
{
    return run->settings->output != NULL ||
           (error_set(err, ERROR_USAGE, "where to write the key is not said"),
            error_cure(err, "-o FILE"));
}

static bool chosen_format(const struct run *run, const struct key_format **ret, struct error *err)
{
    const char *name = run->settings->format;
    return key_format_find(name == NULL ? "pem" : name, ret, err);
}

static void put_form(struct buffer *out, const char *title, const struct key_format *format,
                     const struct public_key *key)
{
    buffer_printf(out, "\n%s\n", title);
    format->write_public(key, out);
}

static void show_text(const struct public_key *key, struct buffer *out)
{
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    char number[2 * KEY_NUMBER_LEN + 1];
    char hint[BASE64_LEN(SHA256_LEN) + 1];
    key_fingerprint(&key->point, fingerprint);
    key_number_text(key->number, number);
    key_hint(&key->point, hint);
    buffer_printf(out, "fingerprint    %s   (OpenSSH; the key id in DSSE)\n", fingerprint);
    buffer_printf(out, "key number     %s   (minisign, signify)\n", number);
    buffer_printf(out, "hint           %s   (sigstore: SHA-256 of the SPKI)\n", hint);
    put_form(out, "OpenSSH", &key_format_openssh, key);
    put_form(out, "minisign", &key_format_minisign, key);
    put_form(out, "signify", &key_format_signify, key);
    put_form(out, "PEM (openssl, cosign)", &key_format_pem, key);
}

static void put_form_json(struct json_writer *json, const struct key_format *format,
                          const struct public_key *key)
{
    struct buffer text;
    buffer_init(&text, LARGEST_KEY_TEXT);
    format->write_public(key, &text);
    json_text(json, format->name, buffer_view(&text));
    buffer_free(&text);
}

static void show_json(const struct public_key *key, struct buffer *out)
{
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    char number[2 * KEY_NUMBER_LEN + 1];
    char hint[BASE64_LEN(SHA256_LEN) + 1];
    struct json_writer json;
    key_fingerprint(&key->point, fingerprint);
    key_number_text(key->number, number);
    key_hint(&key->point, hint);
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", "reproof/key/v1");
    json_string(&json, "fingerprint", fingerprint);
    json_string(&json, "number", number);
    json_string(&json, "hint", hint);
    json_object(&json, "public");
    put_form_json(&json, &key_format_openssh, key);
    put_form_json(&json, &key_format_minisign, key);
    put_form_json(&json, &key_format_signify, key);
    put_form_json(&json, &key_format_pem, key);
    json_object_end(&json);
    json_object_end(&json);
}

static enum outcome show(struct run *run, const struct public_key *key)
{
    struct buffer out;
    buffer_init(&out, 4 * LARGEST_KEY_TEXT);
    (run->settings->common.json ? show_json : show_text)(key, &out);
    enum outcome outcome = command_finish(run->invocation, &out, OUTCOME_HOLDS);
    buffer_free(&out);
    return outcome;
}

static bool make_key(struct run *run, struct public_key *ret, struct error *err)
{
    AUTO(signing_key) struct signing_key *key = NULL;
    AUTO(file_batch) struct file_batch batch = {0};
    const struct key_format *format;
    if (!want_output(run, err) || !chosen_format(run, &format, err)) {
        return false;
    }
    key = signing_key_new();
    const char *beside = arena_printf(run->invocation->arena, "%s.pub", run->settings->output);
    if (!add_secret(run, key, format, &batch, err) ||
        !add_public(beside, signing_key_public(key), format, &batch, err) ||
        !file_batch_commit(&batch, err)) {
        return false;
    }
    if (run->settings->no_passphrase) {
        terminal_note(run->invocation->terminal,
                      "reproof: %s is not encrypted: whoever reads it can sign in your name",
                      run->settings->output);
    }
    *ret = *signing_key_public(key);
    return true;
}

static enum outcome run_new(struct run *run, const char *file, struct error *err)
{
    struct public_key key;
    if (file != NULL) {
        error_set(err, ERROR_USAGE, "key new takes no file");
        error_cure(err, "reproof key new -o FILE");
        return OUTCOME_UNUSABLE;
    }
    return make_key(run, &key, err) ? show(run, &key) : outcome_of_input_error(err);
}

static enum outcome run_show(struct run *run, const char *file, struct error *err)
{
    struct public_key key;
    return public_key_load(file, &run->source, run->invocation->arena, &key, err)
               ? show(run, &key)
               : outcome_of_input_error(err);
}

static bool convert_public(struct run *run, const char *file, const struct key_format *format,
                           struct error *err)
{
    AUTO(file_batch) struct file_batch batch = {0};
    struct public_key key;
    if (!public_key_load(file, &run->source, run->invocation->arena, &key, err)) {
        return false;
    }
    if (run->settings->output != NULL) {
        return add_public(run->settings->output, &key, format, &batch, err) &&
               file_batch_commit(&batch, err);
    }
    struct buffer out;
    buffer_init(&out, LARGEST_KEY_TEXT);
    format->write_public(&key, &out);
    bool ok = terminal_write(run->invocation->terminal, &out, err);
    buffer_free(&out);
    return ok;
}

static bool convert_secret(struct run *run, const char *file, const struct key_format *format,
                           struct error *err)
{
    AUTO(signing_key) struct signing_key *key = NULL;
    AUTO(file_batch) struct file_batch batch = {0};
    if (!want_output(run, err) || !signing_key_load(file, &run->source, &key, err)) {
        return false;
    }
    if (signing_key_seed(key).len == 0) {
        error_set(err, ERROR_USAGE, "%s is a public key", file);
        return error_cure(err, "--public converts it");
    }
    return add_secret(run, key, format, &batch, err) && file_batch_commit(&batch, err);
}

static enum outcome run_convert(struct run *run, const char *file, struct error *err)
{
    const struct key_format *format;
    bool ok = chosen_format(run, &format, err) &&
              (run->settings->public ? convert_public(run, file, format, err)
                                     : convert_secret(run, file, format, err));
    return ok ? OUTCOME_HOLDS : outcome_of_input_error(err);
}

static const struct {
    const char *name;
    bool wants_file;
    enum outcome (*run)(struct run *run, const char *file, struct error *err);
} actions[] = {
    {"new", false, run_new},
    {"show", true, run_show},
    {"convert", true, run_convert},
};

static enum outcome act(struct run *run, struct error *err)
{
    const struct strings *words = &run->invocation->operands;
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (strcmp(words->items[0], actions[i].name) != 0) {
            continue;
        }
        if (actions[i].wants_file && words->count < 2) {
            error_set(err, ERROR_USAGE, "key %s wants a key file", actions[i].name);
            return OUTCOME_UNUSABLE;
        }
        return actions[i].run(run, words->count < 2 ? NULL : words->items[1], err);
    }
    error_set(err, ERROR_USAGE, "key can do new, show and convert, not \"%s\"", words->items[0]);
    return OUTCOME_UNUSABLE;
}

static enum outcome run_key(const struct invocation *invocation)
{
    struct run run = {.invocation = invocation, .settings = invocation->settings};
    struct error err = {.code = ERROR_NONE};
    enum outcome outcome = OUTCOME_UNUSABLE;
    if (secret_forbid_dumps(&err) &&
        passphrase_place(run.settings->passphrase_fd, &run.place, &err)) {
        run.source = passphrase_source(&run.place);
        outcome = act(&run, &err);
    }
    return err.code == ERROR_NONE ? outcome : command_fail(invocation, NULL, &err, outcome);
}

static const struct option options[] = {
    {"output", "FILE", "where to write the key; -o for short", OPTION_STRING,
     offsetof(struct settings, output)},
    {"format", "NAME", "minisign, signify, ssh, cosign or pem (the default)", OPTION_STRING,
     offsetof(struct settings, format)},
    {"public", NULL, "convert: the public key alone, to standard output or FILE", OPTION_FLAG,
     offsetof(struct settings, public)},
    {"no-passphrase", NULL, "write the secret key in clear", OPTION_FLAG,
     offsetof(struct settings, no_passphrase)},
    {"passphrase-fd", "N", "read passphrases from descriptor N, a line each", OPTION_STRING,
     offsetof(struct settings, passphrase_fd)},
};

const struct command command_key = {
    .name = "key",
    .arguments = "new|show|convert [FILE]",
    .summary = "make, show and convert Ed25519 signing keys",
    .details =
        "`key new -o K` makes a key: the secret half in K, the public one in K.pub. `key show K`\n"
        "prints all public forms and names of a key. `key convert K --format F -o FILE` writes it\n"
        "as another tool's file; one key serves minisign, signify, OpenSSH, OpenSSL and cosign.\n"
        "A FILE is a path, env:NAME or fd:N. Passphrases are asked for on the terminal.\n"
        "A second key for attestations is advised: who can sign files need not be able to vouch.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 1,
    .most_operands = 2,
    .run = run_key,
};
