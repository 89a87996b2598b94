// SPDX-License-Identifier: Apache-2.0
/* minisign's signatures (0.11 and 0.12): four lines. "ED" is over the BLAKE2b-512 of the file, "Ed"
 * (legacy) over the file itself; these two letters are covered by no signature, so a legacy
 * signature of 64 bytes can be turned into one of another file. The second signature is over the
 * first and the trusted comment. */
#include "signer/signature_minisign.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/reader.h"
#include "signer/commented.h"
#include "signer/signature.h"

#define BLOB_LEN 74 /* algorithm[2], number[8], signature[64] */
#define LABEL "trusted comment: "

bool minisign_comment_is_printable(struct bytes text)
{
    while (text.len > 0) {
        unsigned point;
        size_t len = utf8_decode(text, &point);
        bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
        if (len == 0 || (control && point != '\t')) {
            return false;
        }
        text = bytes_behind(text, len);
    }
    return true;
}

static bool is(struct bytes file)
{
    struct scanner scanner = scanner_over(file);
    struct bytes line;
    return commented_payload_len(file) == BASE64_LEN(BLOB_LEN) &&
           scanner_line(&scanner, LIMIT_LINE, &line) && scanner_line(&scanner, LIMIT_LINE, &line) &&
           bytes_start_with(scanner_rest(&scanner), LABEL);
}

static bool read_blob(struct bytes blob, struct arena *arena, struct signature *ret)
{
    struct reader reader = reader_over(blob, LITTLE_ENDIAN_ORDER);
    struct bytes algorithm;
    struct bytes number;
    if (!reader_bytes(&reader, 2, &algorithm) || !reader_bytes(&reader, KEY_NUMBER_LEN, &number) ||
        !reader_bytes(&reader, ED25519_SIGNATURE_LEN, &ret->bytes) || !reader_done(&reader)) {
        return false;
    }
    ret->number = arena_bytes(arena, number).data;
    ret->legacy = bytes_equal_string(algorithm, "Ed");
    ret->parts = ret->legacy ? MESSAGE_CONTENT : MESSAGE_BLAKE2B;
    return ret->legacy || bytes_equal_string(algorithm, "ED");
}

static bool read_file(struct bytes file, struct arena *arena, struct signature *ret,
                      struct error *err)
{
    struct scanner scanner = scanner_over(file);
    uint8_t *blob = arena_alloc(arena, BLOB_LEN);
    uint8_t *global = arena_alloc(arena, ED25519_SIGNATURE_LEN);
    struct bytes comment;
    struct bytes trusted;
    if (!commented_read(&scanner, &comment, blob, BLOB_LEN) ||
        !commented_read_line(&scanner, sizeof(LABEL) - 1 + LIMIT_MINISIGN_TRUSTED_COMMENT,
                             &trusted) ||
        !bytes_start_with(trusted, LABEL) ||
        !commented_read_payload(&scanner, global, ED25519_SIGNATURE_LEN) ||
        !scanner_done(&scanner)) {
        return error_set(err, ERROR_FORMAT, "not the four lines of a minisign signature");
    }
    ret->trusted_comment = bytes_behind(trusted, sizeof(LABEL) - 1);
    ret->global = bytes_from(global, ED25519_SIGNATURE_LEN);
    if (!minisign_comment_is_printable(ret->trusted_comment)) {
        return error_set(err, ERROR_FORMAT, "the trusted comment is not printable text");
    }
    return read_blob(bytes_from(blob, BLOB_LEN), arena, ret) ||
           error_set(err, ERROR_UNSUPPORTED, "a minisign signature of another algorithm");
}

/* What the second signature is over. */
static void put_commented(struct buffer *out, struct bytes signature, struct bytes comment)
{
    buffer_init(out, ED25519_SIGNATURE_LEN + LIMIT_MINISIGN_TRUSTED_COMMENT);
    buffer_append(out, signature);
    buffer_append(out, comment);
}

static bool check_comment(const struct signature *signature, const struct ed25519_public *key,
                          struct error *err)
{
    struct buffer message;
    put_commented(&message, signature->bytes, signature->trusted_comment);
    bool ok = ed25519_verify(key, buffer_view(&message), signature->global) ||
              error_set(err, ERROR_MISMATCH, "the trusted comment is not what was signed");
    buffer_free(&message);
    return ok;
}

/* The value of the field "NAME:VALUE" among those that tabs part. */
static bool comment_field(struct bytes comment, const char *name, struct bytes *ret)
{
    struct scanner scanner = scanner_over(comment);
    struct bytes field;
    while (scanner_field(&scanner, '\t', LIMIT_LINE, &field)) {
        if (bytes_start_with(field, name)) {
            *ret = bytes_behind(field, strlen(name));
            return true;
        }
    }
    return false;
}

/* minisign writes "hashed" into the comment of what it hashed: without it, a default comment is
 * that of a legacy signature, whose algorithm was changed. And a file under another name than the
 * signer gave it may be an old version passed off as the new one. */
static bool check_names(const struct signature *signature, const struct signature_rules *rules,
                        struct error *err)
{
    struct bytes name;
    struct bytes ignored;
    char shown[256];
    struct bytes comment = signature->trusted_comment;
    if (!comment_field(comment, "timestamp:", &ignored) ||
        !comment_field(comment, "file:", &name)) {
        return true;
    }
    if (!signature->legacy && !comment_field(comment, "hashed", &ignored)) {
        return error_set(err, ERROR_MISMATCH,
                         "the trusted comment is that of a legacy signature, which this is not");
    }
    if (rules->file_name == NULL || bytes_equal_string(name, rules->file_name)) {
        return true;
    }
    escape_bytes(name, shown, sizeof(shown));
    error_set(err, ERROR_MISMATCH, "the signer signed this as %s, not as %s", shown,
              rules->file_name);
    return error_cure(err, "if you renamed it yourself: --any-name");
}

static bool check(const struct signature *signature, const struct message *message,
                  const struct ed25519_public *key, const struct signature_rules *rules,
                  struct error *err)
{
    struct bytes signed_bytes = bytes_from(message->blake2b, MESSAGE_DIGEST_LEN);
    if (signature->legacy) {
        signed_bytes = message->content;
        if (!rules->legacy) {
            error_set(err, ERROR_UNSUPPORTED, "a legacy minisign signature, over the file itself");
            return error_cure(err, "sign with minisign -H (the default since 0.10), or verify with "
                                   "--legacy");
        }
        if (message->content.len == MESSAGE_DIGEST_LEN) {
            return error_set(err, ERROR_UNSUPPORTED,
                             "a legacy signature of 64 bytes may be that of another file");
        }
    }
    return signature_check_bytes(signature->bytes, signed_bytes, key, err) &&
           check_comment(signature, key, err) && check_names(signature, rules, err);
}

static bool write_file(struct signing *signing, struct buffer *out, struct error *err)
{
    const struct public_key *public = signing_key_public(signing->key);
    struct bytes comment = bytes_from_string(signing->trusted_comment);
    uint8_t signature[ED25519_SIGNATURE_LEN];
    uint8_t global[ED25519_SIGNATURE_LEN];
    struct buffer message;
    if (comment.len > LIMIT_MINISIGN_TRUSTED_COMMENT || !minisign_comment_is_printable(comment)) {
        return error_set(err, ERROR_USAGE, "not printable text of at most %d bytes: %s",
                         LIMIT_MINISIGN_TRUSTED_COMMENT, signing->trusted_comment);
    }
    if (!signing_key_sign(signing->key, bytes_from(signing->message->blake2b, MESSAGE_DIGEST_LEN),
                          signature, err)) {
        return false;
    }
    put_commented(&message, bytes_from(signature, sizeof(signature)), comment);
    bool ok = signing_key_sign(signing->key, buffer_view(&message), global, err);
    buffer_clear(&message);
    buffer_string(&message, "ED");
    buffer_append(&message, bytes_from(public->number, KEY_NUMBER_LEN));
    buffer_append(&message, bytes_from(signature, sizeof(signature)));
    if (ok) {
        commented_write(out, "signature from a reproof key", buffer_view(&message));
        buffer_printf(out, LABEL "%s\n", signing->trusted_comment);
        commented_write_payload(out, bytes_from(global, sizeof(global)));
    }
    buffer_free(&message);
    return ok;
}

const struct signature_format signature_format_minisign = {
    .name = "minisign",
    .suffix = ".minisig",
    .parts = MESSAGE_BLAKE2B,
    .is = is,
    .read = read_file,
    .write = write_file,
    .check = check,
};
