// SPDX-License-Identifier: Apache-2.0
#include "signer/key_format.h"

#include "base/scanner.h"

/* PEM last: it names what the others do not know. */
const struct key_format *const key_formats[] = {
    &key_format_minisign, &key_format_signify, &key_format_openssh,
    &key_format_cosign,   &key_format_pem,
};
const size_t key_format_count = ARRAY_LEN(key_formats);

bool key_format_find(const char *name, const struct key_format **ret, struct error *err)
{
    for (size_t i = 0; i < key_format_count; i++) {
        if (strcmp(key_formats[i]->name, name) == 0) {
            *ret = key_formats[i];
            return true;
        }
    }
    error_set(err, ERROR_USAGE, "no key format is called %s", name);
    return error_cure(err, "minisign, signify, ssh, cosign or pem");
}

static bool refuse_unknown(struct bytes text, const char *wanted, struct error *err)
{
    if (text.len == 0) {
        return error_set(err, ERROR_FORMAT, "empty");
    }
    error_set(err, ERROR_FORMAT, "not a %s key of any format known", wanted);
    return error_cure(err, "minisign, signify, OpenSSH, PEM and cosign keys are");
}

bool is_public_key(struct bytes text)
{
    for (size_t i = 0; i < key_format_count; i++) {
        if (key_formats[i]->is_public(text)) {
            return true;
        }
    }
    return false;
}

bool public_key_read(struct bytes text, struct arena *arena, struct public_key *ret,
                     struct error *err)
{
    text = scan_trimmed(text);
    for (size_t i = 0; i < key_format_count; i++) {
        if (key_formats[i]->is_public(text)) {
            return key_formats[i]->read_public(text, arena, ret, err);
        }
        if (key_formats[i]->is_secret(text)) {
            error_set(err, ERROR_USAGE, "a secret key where a public one is wanted");
            return error_cure(err,
                              "reproof key convert KEY --public -o FILE writes the public one");
        }
    }
    return refuse_unknown(text, "public", err);
}

bool secret_key_read(struct bytes text, const struct unlock *unlock, struct signing_key **ret,
                     struct error *err)
{
    text = scan_trimmed(text);
    for (size_t i = 0; i < key_format_count; i++) {
        if (key_formats[i]->is_secret(text)) {
            return key_formats[i]->read_secret(text, unlock, ret, err);
        }
    }
    return refuse_unknown(text, "secret", err);
}

bool unlock_passphrase(const struct unlock *unlock, struct secret **ret, struct error *err)
{
    if (unlock == NULL || unlock->passphrase == NULL) {
        error_set(err, ERROR_USAGE,
                  "the key is encrypted, and nobody can be asked for its passphrase");
        return error_cure(err, "--passphrase-fd N reads it from descriptor N");
    }
    return unlock->passphrase->ask(unlock->passphrase->context, unlock->name, false, ret, err);
}

bool unlock_refused(struct error *err)
{
    error_set(err, ERROR_USAGE, "the passphrase does not fit, or the key file is damaged");
    return error_cure(err, "try the passphrase again");
}
