// SPDX-License-Identifier: Apache-2.0
/* signify's signatures (OpenBSD's signify.c): a comment and one line, pure Ed25519 over the file. A
 * signed list of checksums (signify -S -e, signify -C) has the text it is over behind these lines.
 */
#include "base/limits.h"
#include "base/reader.h"
#include "signer/commented.h"
#include "signer/signature.h"

#define BLOB_LEN 74 /* Ed, number[8], signature[64] */

static bool is(struct bytes file)
{
    return commented_payload_len(file) == BASE64_LEN(BLOB_LEN) &&
           !signature_format_minisign.is(file);
}

static bool read_file(struct bytes file, struct arena *arena, struct signature *ret,
                      struct error *err)
{
    struct scanner scanner = scanner_over(file);
    uint8_t *blob = arena_alloc(arena, BLOB_LEN);
    struct bytes comment;
    struct bytes number;
    if (!commented_read(&scanner, &comment, blob, BLOB_LEN)) {
        return error_set(err, ERROR_FORMAT, "not the two lines of a signify signature");
    }
    struct reader reader = reader_over(bytes_from(blob, BLOB_LEN), LITTLE_ENDIAN_ORDER);
    if (!reader_expect(&reader, "Ed") || !reader_bytes(&reader, KEY_NUMBER_LEN, &number) ||
        !reader_bytes(&reader, ED25519_SIGNATURE_LEN, &ret->bytes) || !reader_done(&reader)) {
        return error_set(err, ERROR_UNSUPPORTED, "a signify signature of another algorithm");
    }
    ret->number = number.data;
    ret->list = scanner_rest(&scanner);
    ret->parts = MESSAGE_CONTENT;
    return true;
}

static bool check(const struct signature *signature, const struct message *message,
                  const struct ed25519_public *key, const struct signature_rules *rules,
                  struct error *err)
{
    (void)rules;
    if (signature->list.len > 0 && !bytes_equal(signature->list, message->content)) {
        return error_set(err, ERROR_MISMATCH, "the signature is over the text behind it");
    }
    return signature_check_pure(signature, message, key, err);
}

static bool write_file(struct signing *signing, struct buffer *out, struct error *err)
{
    const struct public_key *public = signing_key_public(signing->key);
    struct buffer blob;
    if (!signing_pure(signing, err)) {
        return false;
    }
    buffer_init(&blob, BLOB_LEN);
    buffer_string(&blob, "Ed");
    buffer_append(&blob, bytes_from(public->number, KEY_NUMBER_LEN));
    buffer_append(&blob, bytes_from(signing->pure, sizeof(signing->pure)));
    commented_write(out, "signature from a reproof key", buffer_view(&blob));
    buffer_free(&blob);
    return true;
}

const struct signature_format signature_format_signify = {
    .name = "signify",
    .suffix = ".signify",
    .parts = MESSAGE_CONTENT,
    .is = is,
    .read = read_file,
    .write = write_file,
    .check = check,
};
