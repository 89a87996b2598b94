// SPDX-License-Identifier: Apache-2.0
#include <sodium.h>

#include "base/ed25519.h"
#include "base/json_read.h"
#include "tests/unit/unit.h"

/* Hexadecimal of up to 1 KiB, as the vectors write it. */
static struct bytes read_hex(const char *text, uint8_t ret[1024])
{
    size_t len;
    assert_non_null(text);
    assert_int_equal(sodium_hex2bin(ret, 1024, text, strlen(text), NULL, &len, NULL), 0);
    return bytes_from(ret, len);
}

/* True if KEY may be imported and SIGNATURE verifies: the only way in which anything is accepted.
 */
static bool accepts(const char *key, const char *message, const char *signature)
{
    uint8_t raw[3][1024];
    struct ed25519_public public;
    return ed25519_public_import(read_hex(key, raw[0]), &public, NULL) &&
           ed25519_verify(&public, read_hex(message, raw[1]), read_hex(signature, raw[2]));
}

static void signs_of_the_rfc_verify(void **state)
{
    (void)state;
    /* RFC 8032, section 7.1, test 2. */
    const char *key = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    const char *signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    assert_true(accepts(key, "72", signature));
    assert_false(accepts(key, "73", signature));
    assert_false(accepts(key, "", signature));
    assert_false(accepts(key, "7272", signature));
}

static void any_changed_bit_is_refused(void **state)
{
    (void)state;
    uint8_t raw[32], secret[64], signature[64];
    uint8_t seed[32] = {9};
    uint8_t message[5] = "text";
    struct ed25519_public key, other;
    assert_int_equal(crypto_sign_seed_keypair(raw, secret, seed), 0);
    assert_int_equal(crypto_sign_detached(signature, NULL, message, 5, secret), 0);
    assert_true(ed25519_public_import(bytes_from(raw, 32), &key, NULL));
    struct bytes text = bytes_from(message, 5);
    assert_true(ed25519_verify(&key, text, bytes_from(signature, 64)));
    for (unsigned bit = 0; bit < 512; bit++) {
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(ed25519_verify(&key, text, bytes_from(signature, 64)));
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (unsigned bit = 0; bit < 256; bit++) {
        raw[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(ed25519_public_import(bytes_from(raw, 32), &other, NULL) &&
                     ed25519_verify(&other, text, bytes_from(signature, 64)));
        raw[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void lengths_are_checked_first(void **state)
{
    (void)state;
    uint8_t raw[65] = {0};
    struct ed25519_public key = {{0}};
    struct error err;
    assert_fails(ed25519_public_import(bytes_from(raw, 31), &key, &err), &err, ERROR_FORMAT, "");
    assert_fails(ed25519_public_import(bytes_from(raw, 33), &key, &err), &err, ERROR_FORMAT, "");
    assert_fails(ed25519_public_import(bytes_from(raw, 0), &key, &err), &err, ERROR_FORMAT, "");
    assert_false(ed25519_verify(&key, bytes_from(raw, 1), bytes_from(raw, 63)));
    assert_false(ed25519_verify(&key, bytes_from(raw, 1), bytes_from(raw, 65)));
    assert_false(ed25519_verify(&key, bytes_from(raw, 1), bytes_from(raw, 0)));
}

static struct json_document *load_vectors(const char *set, const char *name)
{
    char folder[2048], path[4096];
    struct json_document *document;
    if (!corpus_find(set, folder, sizeof(folder))) {
        return NULL;
    }
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    struct bytes text = file_load(path);
    assert_true(json_parse(text, &document, NULL));
    free((void *)(uintptr_t)text.data);
    return document;
}

static void agrees_with_wycheproof(void **state)
{
    (void)state;
    struct json_document *document = load_vectors("wycheproof-ed25519", "ed25519_test.json");
    unsigned counts[2] = {0};
    if (document == NULL) {
        skip();
    }
    const struct cJSON *group = json_first(json_member(json_root(document), "testGroups"));
    for (; group != NULL; group = json_next(group)) {
        const char *key = json_member_string(json_member(group, "publicKey"), "pk");
        const struct cJSON *test = json_first(json_member(group, "tests"));
        for (; test != NULL; test = json_next(test)) {
            bool valid = strcmp(json_member_string(test, "result"), "valid") == 0;
            assert_int_equal(valid, accepts(key, json_member_string(test, "msg"),
                                            json_member_string(test, "sig")));
            counts[valid]++;
        }
    }
    assert_int_equal(counts[true], 88);
    assert_int_equal(counts[false], 63);
    json_document_free(&document);
}

static void refuses_all_the_edge_cases_of_speccheck(void **state)
{
    (void)state;
    struct json_document *document = load_vectors("ed25519-speccheck", "cases.json");
    unsigned count = 0;
    if (document == NULL) {
        skip();
    }
    const struct cJSON *test = json_first(json_root(document));
    for (; test != NULL; test = json_next(test), count++) {
        assert_false(accepts(json_member_string(test, "pub_key"),
                             json_member_string(test, "message"),
                             json_member_string(test, "signature")));
    }
    assert_int_equal(count, 12);
    json_document_free(&document);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(signs_of_the_rfc_verify),
    cmocka_unit_test(any_changed_bit_is_refused),
    cmocka_unit_test(lengths_are_checked_first),
    cmocka_unit_test(agrees_with_wycheproof),
    cmocka_unit_test(refuses_all_the_edge_cases_of_speccheck),
};
UNIT_MAIN(tests)
