// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/note.h"

#include "base/encode.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/scanner.h"

/* The em dash, U+2014, and a space begin each signature line. */
#define SIGNATURE_START "\xe2\x80\x94 "
#define ALGORITHM_ED25519 1
#define KEY_LEN (1 + ED25519_PUBLIC_LEN)
#define SIGNATURE_LEN (NOTE_KEY_HASH_LEN + ED25519_SIGNATURE_LEN)
/* Room for signatures of algorithms that we do not know, in bytes. */
#define SIGNATURE_MAX 16384
/* Tree sizes are signed 64-bit numbers in Go. */
#define TREE_SIZE_MAX INT64_MAX

static bool is_name(struct bytes name)
{
    if (name.len == 0 || !utf8_is_valid(name)) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] <= ' ' || name.data[i] == '+' || name.data[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

/* The first four bytes of SHA-256 over NAME, newline, KEY. */
static void hash_key(struct bytes name, struct bytes key, uint8_t ret[NOTE_KEY_HASH_LEN])
{
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256);
    uint8_t whole[SHA256_LEN];
    digest_update(digest, name);
    digest_update(digest, bytes_from_string("\n"));
    digest_update(digest, key);
    digest_finish(digest, whole);
    memcpy(ret, whole, NOTE_KEY_HASH_LEN);
}

static bool parse_key(struct bytes text, struct bytes *ret_name, struct note_key *ret)
{
    struct bytes rest, hash, encoded;
    uint8_t raw[KEY_LEN];
    uint8_t stated[NOTE_KEY_HASH_LEN];
    size_t len;
    if (!scan_cut(text, '+', ret_name, &rest) || !scan_cut(rest, '+', &hash, &encoded) ||
        !is_name(*ret_name) || hash.len != 2 * NOTE_KEY_HASH_LEN || !decode_hex(hash, stated) ||
        !decode_base64(encoded, BASE64_STANDARD, raw, sizeof(raw), &len) || len != KEY_LEN ||
        raw[0] != ALGORITHM_ED25519) {
        return false;
    }
    hash_key(*ret_name, bytes_from(raw, len), ret->hash);
    return bytes_equal(bytes_from(stated, sizeof(stated)), bytes_from(ret->hash, sizeof(stated))) &&
           ed25519_public_import(bytes_from(raw + 1, ED25519_PUBLIC_LEN), &ret->key, NULL);
}

bool note_key_parse(const char *text, struct arena *arena, struct note_key *ret, struct error *err)
{
    struct bytes name;
    struct note_key key;
    if (!parse_key(bytes_from_string(text), &name, &key)) {
        error_set(err, ERROR_USAGE, "\"%.200s\" is not a verifier key", text);
        return error_cure(err, "a key has the form NAME+HASH+KEY, with the hash of that very key");
    }
    key.name = arena_text(arena, name);
    *ret = key;
    return true;
}

static bool refuse(struct error *err, const char *fact)
{
    return error_set(err, ERROR_UNTRUSTED, "signed note: %s", fact);
}

static bool is_clean_text(struct bytes message)
{
    for (size_t i = 0; i < message.len; i++) {
        if (message.data[i] < ' ' && message.data[i] != '\n') {
            return false;
        }
    }
    return utf8_is_valid(message);
}

/* The place of the last blank line: of the newline that ends the text. */
static size_t find_last_blank_line(struct bytes message)
{
    for (size_t i = message.len; i >= 2; i--) {
        if (message.data[i - 1] == '\n' && message.data[i - 2] == '\n') {
            return i - 2;
        }
    }
    return SIZE_MAX;
}

struct signature_line {
    struct bytes name;
    uint8_t raw[SIGNATURE_MAX];
    size_t len;
};

static bool parse_signature_line(struct bytes line, struct signature_line *ret)
{
    struct scanner scanner = scanner_over(line);
    return scanner_expect(&scanner, SIGNATURE_START) &&
           scanner_until(&scanner, ' ', LIMIT_LINE, &ret->name) && ret->name.len > 0 &&
           decode_base64(scanner_rest(&scanner), BASE64_STANDARD, ret->raw, sizeof(ret->raw),
                         &ret->len) &&
           ret->len > NOTE_KEY_HASH_LEN;
}

static bool is_by(const struct signature_line *line, const struct note_key *key)
{
    return bytes_equal_string(line->name, key->name) &&
           bytes_equal(bytes_from(line->raw, NOTE_KEY_HASH_LEN),
                       bytes_from(key->hash, NOTE_KEY_HASH_LEN));
}

/* Looks at one line of the signatures; counts a good one in *GOOD. */
static bool check_line(struct bytes line, struct bytes text, const struct note_key *key,
                       unsigned *good, struct error *err)
{
    struct signature_line signature;
    if (!parse_signature_line(line, &signature)) {
        return refuse(err, "malformed signature line");
    }
    if (!is_by(&signature, key)) {
        return true;
    }
    struct bytes raw = bytes_behind(bytes_from(signature.raw, signature.len), NOTE_KEY_HASH_LEN);
    if (!ed25519_verify(&key->key, text, raw)) {
        return error_set(err, ERROR_UNTRUSTED, "signed note: the signature of %s does not verify",
                         key->name);
    }
    *good += 1;
    return true;
}

static bool check_signatures(struct bytes lines, struct bytes text, const struct note_key *key,
                             struct error *err)
{
    struct scanner scanner = scanner_over(lines);
    struct bytes line;
    unsigned good = 0;
    for (unsigned count = 0; scanner_until(&scanner, '\n', LIMIT_LINE, &line); count++) {
        if (count == LIMIT_NOTE_SIGNATURES) {
            return refuse(err, "more than 100 signatures");
        }
        if (!check_line(line, text, key, &good, err)) {
            return false;
        }
    }
    if (!scanner_done(&scanner)) {
        return refuse(err, "no newline at its end");
    }
    return good > 0 ||
           error_set(err, ERROR_UNTRUSTED, "signed note: no signature of %s in it", key->name);
}

bool note_open(struct bytes message, const struct note_key *key, struct bytes *ret_text,
               struct error *err)
{
    if (message.len > LIMIT_NOTE_BYTES || !is_clean_text(message)) {
        return refuse(err, "too long, or not plain text");
    }
    size_t blank = find_last_blank_line(message);
    if (blank == SIZE_MAX) {
        return refuse(err, "no blank line between text and signatures");
    }
    struct bytes text = bytes_first(message, blank + 1);
    if (!check_signatures(bytes_behind(message, blank + 2), text, key, err)) {
        return false;
    }
    *ret_text = text;
    return true;
}

static bool parse_head(struct bytes text, struct signed_head *ret)
{
    struct scanner scanner = scanner_over(text);
    struct bytes root;
    size_t len;
    /* Further lines are left for extensions. */
    return scanner_expect(&scanner, "go.sum database tree\n") &&
           scanner_number(&scanner, TREE_SIZE_MAX, &ret->size) && scanner_expect(&scanner, "\n") &&
           scanner_until(&scanner, '\n', BASE64_LEN(SHA256_LEN), &root) &&
           decode_base64(root, BASE64_STANDARD, ret->root.bytes, SHA256_LEN, &len) &&
           len == SHA256_LEN;
}

bool signed_head_open(struct bytes message, const struct note_key *key, struct signed_head *ret,
                      struct error *err)
{
    struct bytes text;
    struct signed_head head = {.note = message};
    if (!note_open(message, key, &text, err)) {
        return false;
    }
    if (!parse_head(text, &head)) {
        return error_set(err, ERROR_UNTRUSTED, "what %s signed is not a tree head", key->name);
    }
    *ret = head;
    return true;
}
