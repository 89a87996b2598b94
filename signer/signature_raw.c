// SPDX-License-Identifier: Apache-2.0
/* The bare 64 bytes of pure Ed25519, as openssl pkeyutl -rawin writes them, or their base64, as
 * cosign sign-blob does. */
#include "base/encode.h"
#include "base/scanner.h"
#include "signer/signature.h"

#define TEXT_LEN BASE64_LEN(ED25519_SIGNATURE_LEN)

static bool is(struct bytes file)
{
    struct bytes text = scan_trimmed(file);
    return file.len == ED25519_SIGNATURE_LEN || (text.len == TEXT_LEN && text.data[0] != '{');
}

static bool read_file(struct bytes file, struct arena *arena, struct signature *ret,
                      struct error *err)
{
    struct scanner scanner = scanner_over(file);
    uint8_t *decoded = arena_alloc(arena, ED25519_SIGNATURE_LEN);
    struct bytes line;
    size_t len;
    ret->parts = MESSAGE_CONTENT;
    if (file.len == ED25519_SIGNATURE_LEN) {
        ret->bytes = file;
        return true;
    }
    if (!scanner_line(&scanner, TEXT_LEN, &line) || !scanner_done(&scanner) ||
        !decode_base64(line, BASE64_STANDARD, decoded, ED25519_SIGNATURE_LEN, &len) ||
        len != ED25519_SIGNATURE_LEN) {
        return error_set(err, ERROR_FORMAT, "neither 64 bytes nor their base64");
    }
    ret->bytes = bytes_from(decoded, len);
    return true;
}

static bool check(const struct signature *signature, const struct message *message,
                  const struct ed25519_public *key, const struct signature_rules *rules,
                  struct error *err)
{
    (void)rules;
    return signature_check_pure(signature, message, key, err);
}

static bool write_file(struct signing *signing, struct buffer *out, struct error *err)
{
    if (!signing_pure(signing, err)) {
        return false;
    }
    buffer_append(out, bytes_from(signing->pure, sizeof(signing->pure)));
    return true;
}

const struct signature_format signature_format_raw = {
    .name = "raw",
    .suffix = ".sig",
    .parts = MESSAGE_CONTENT,
    .is = is,
    .read = read_file,
    .write = write_file,
    .check = check,
};
