// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/unit.h"

#include <sodium.h>

#include "base/encode.h"
#include "signer/key_format.h"

/* RFC 8032, section 7.1, test 1. */
#define SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

#define MINISIGN_SECRET_LEN 158

static struct signing_key *sample_key(void)
{
    uint8_t seed[32];
    uint8_t public[32];
    struct signing_key *key;
    assert_true(decode_hex(BYTES(SEED), seed));
    assert_true(decode_hex(BYTES(PUBLIC), public));
    assert_true(signing_key_import(bytes_from(seed, 32), bytes_from(public, 32), NULL, &key, NULL));
    return key;
}

static bool answer(void *context, const char *what, bool twice, struct secret **ret,
                   struct error *err)
{
    (void)what;
    (void)twice;
    (void)err;
    *ret = secret_copy(bytes_from_string(context));
    return true;
}

static struct buffer written(const struct key_format *format, const char *passphrase)
{
    AUTO(signing_key) struct signing_key *key = sample_key();
    struct buffer out;
    buffer_init(&out, 16384);
    assert_true(format->write_secret(key, bytes_from_string(passphrase), &out, NULL));
    return out;
}

static void each_format_reads_what_it_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < key_format_count; i++) {
        struct buffer text = written(key_formats[i], "");
        struct passphrase_source none = {answer, (char[]){""}};
        struct unlock unlock = {"k", &none};
        AUTO(signing_key) struct signing_key *key = NULL;
        struct error err = {0};
        if (!secret_key_read(buffer_view(&text), &unlock, &key, &err)) {
            fail_msg("%s: %s", key_formats[i]->name, err.message);
        }
        char hex[65];
        encode_hex(signing_key_seed(key), hex);
        assert_string_equal(hex, SEED);
        buffer_free(&text);
    }
}

static void each_format_reads_its_public_key(void **state)
{
    (void)state;
    AUTO(signing_key) struct signing_key *key = sample_key();
    struct arena arena = {0};
    for (size_t i = 0; i < key_format_count; i++) {
        struct buffer text;
        struct public_key read;
        buffer_init(&text, 16384);
        key_formats[i]->write_public(signing_key_public(key), &text);
        assert_true(public_key_read(buffer_view(&text), &arena, &read, NULL));
        assert_true(public_key_equal(&read.point, &signing_key_public(key)->point));
        assert_memory_equal(read.number, signing_key_public(key)->number, KEY_NUMBER_LEN);
        buffer_free(&text);
    }
    arena_free(&arena);
}

/* The raw bytes of minisign's unencrypted key. */
static void raw_minisign_key(uint8_t raw[MINISIGN_SECRET_LEN])
{
    struct buffer text = written(&key_format_minisign, "");
    size_t len;
    struct bytes base64 = bytes_from(text.data + text.len - 213, 212);
    assert_true(decode_base64(base64, BASE64_STANDARD, raw, MINISIGN_SECRET_LEN, &len));
    assert_int_equal(len, MINISIGN_SECRET_LEN);
    buffer_free(&text);
}

static struct buffer minisign_key_file(const uint8_t raw[MINISIGN_SECRET_LEN])
{
    char line[BASE64_LEN(MINISIGN_SECRET_LEN) + 1];
    struct buffer out;
    encode_base64(bytes_from(raw, MINISIGN_SECRET_LEN), BASE64_STANDARD, line);
    buffer_init(&out, 1024);
    buffer_printf(&out, "untrusted comment: k\n%s\n", line);
    return out;
}

/* minisign's encrypted key with the least work that scrypt can be asked for: what we write takes
 * 1 GiB and seconds to open, as minisign's own does (the interop suite does that once). */
static struct buffer cheap_minisign_key(const char *passphrase)
{
    static const uint8_t limits[16] = {0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    uint8_t raw[MINISIGN_SECRET_LEN];
    uint8_t stream[104];
    raw_minisign_key(raw);
    memcpy(raw + 2, "Sc", 2);
    memset(raw + 6, 0x5a, 32);
    memcpy(raw + 38, limits, sizeof(limits));
    assert_int_equal(crypto_pwhash_scryptsalsa208sha256(stream, sizeof(stream), passphrase,
                                                        strlen(passphrase), raw + 6, 32768,
                                                        16 * 1024 * 1024),
                     0);
    for (size_t i = 0; i < sizeof(stream); i++) {
        raw[54 + i] ^= stream[i];
    }
    return minisign_key_file(raw);
}

static void a_passphrase_is_wanted_and_the_wrong_one_refused(void **state)
{
    (void)state;
    struct buffer texts[] = {written(&key_format_pem, "secret"),
                             written(&key_format_cosign, "secret"), cheap_minisign_key("secret")};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct bytes text = buffer_view(&texts[i]);
        struct passphrase_source right = {answer, (char[]){"secret"}};
        struct passphrase_source wrong = {answer, (char[]){"secres"}};
        AUTO(signing_key) struct signing_key *key = NULL;
        struct error err;
        assert_fails(secret_key_read(text, NULL, &key, &err), &err, ERROR_USAGE, "encrypted");
        assert_fails(secret_key_read(text, &(struct unlock){"k", &wrong}, &key, &err), &err,
                     ERROR_USAGE, "passphrase does not fit");
        assert_true(secret_key_read(text, &(struct unlock){"k", &right}, &key, &err));
        buffer_free(&texts[i]);
    }
}

static void others_are_refused_by_their_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
    } keys[] = {
        {"-----BEGIN PUBLIC KEY-----\n"
         "MEMwBQYDK2VxAzoAmVpmGv1ssMY7xA90R6gCTizgjv4WI5jpsJJ24cYCVzDBBHGs\n"
         "5Rud8BQ4hxN76O5/7qLQeD9OBZ6A\n-----END PUBLIC KEY-----\n",
         "Ed448"},
        {"-----BEGIN PUBLIC KEY-----\n"
         "MCowBQYDK2VuAyEAFigg27xDkm27iXgl64JcTIr7Ty0wmo3ABWRtR4alHz4=\n"
         "-----END PUBLIC KEY-----\n",
         "X25519"},
        {"-----BEGIN PRIVATE KEY-----\n"
         "MEcCAQAwBQYDK2VxBDsEOcvEk7bj0VZ0xNfMtCfr48pUCJ7ss/Ifv2g7j9gCT5u/\n"
         "lbU+sNN6Sq1b8mLTVEq4ZSKTTClk2hwi2A==\n-----END PRIVATE KEY-----\n",
         "Ed448"},
        {"-----BEGIN PRIVATE KEY-----\n"
         "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvLf+l5LlZgJMQgKg\n"
         "PRZcFnNas5uZ6PCa5YbrP3PcJt6hRANCAATM7LSh8zOxTapYQ/Xuhz/tnSoD2NZE\n"
         "19T4c1IKwFf8dqR/y25rTeYQJv8BPXgomt52zTdDBl4oTqN2s1JQh9eJ\n"
         "-----END PRIVATE KEY-----\n",
         "ECDSA"},
        {"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "RSA"},
        {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate"},
        {"ecdsa-sha2-nistp256 AAAA x\n", "ecdsa-sha2-nistp256"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct public_key public;
        struct signing_key *key;
        struct error err;
        struct bytes text = bytes_from_string(keys[i].text);
        if (is_public_key(text)) {
            assert_fails(public_key_read(text, &arena, &public, &err), &err, ERROR_UNSUPPORTED,
                         keys[i].name);
        } else {
            assert_fails(secret_key_read(text, NULL, &key, &err), &err, ERROR_UNSUPPORTED,
                         keys[i].name);
        }
    }
    arena_free(&arena);
}

static void a_kdf_that_asks_for_too_much_is_refused_beforehand(void **state)
{
    (void)state;
    static const char pkcs8[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                "MIGQMEwGCSqGSIb3DQEFDTA/MB4GCSqGSIb3DQEFDDARBAhzYWx0c2FsdAIFAIAA\n"
                                "AAAwHQYJYIZIAWUDBAEqBBAAAAAAAAAAAAAAAAAAAAAABEAAAAAAAAAAAAAAAAAA\n"
                                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                                "AAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    struct passphrase_source any = {answer, (char[]){"secret"}};
    struct unlock unlock = {"k", &any};
    struct signing_key *key;
    struct error err;
    /* 2^31 rounds of PBKDF2. */
    assert_fails(secret_key_read(BYTES(pkcs8), &unlock, &key, &err), &err, ERROR_LIMIT,
                 "too much work");
    uint8_t raw[MINISIGN_SECRET_LEN];
    raw_minisign_key(raw);
    memcpy(raw + 2, "Sc", 2);
    memset(raw + 38, 0x7f, 16);
    struct buffer text = minisign_key_file(raw);
    assert_fails(secret_key_read(buffer_view(&text), &unlock, &key, &err), &err, ERROR_LIMIT,
                 "asks for");
    buffer_free(&text);
}

/* TEXT with one character of its base64 changed somewhere: never another key. */
static void a_changed_key_file_is_never_another_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < key_format_count; i++) {
        const struct key_format *format = key_formats[i];
        if (format == &key_format_pem || format == &key_format_cosign) {
            continue; /* the one states no public key, the other takes long */
        }
        struct buffer text = written(format, "");
        for (size_t at = 0; at < text.len; at++) {
            AUTO(signing_key) struct signing_key *key = NULL;
            uint8_t kept = text.data[at];
            text.data[at] = kept == 'A' ? 'B' : 'A';
            if (secret_key_read(buffer_view(&text), NULL, &key, NULL)) {
                char hex[65];
                encode_hex(signing_key_seed(key), hex);
                assert_string_equal(hex, SEED);
            }
            text.data[at] = kept;
        }
        buffer_free(&text);
    }
}

static void a_foreign_public_half_is_refused(void **state)
{
    (void)state;
    uint8_t seed[32] = {1};
    uint8_t public[32] = {2};
    struct signing_key *key;
    struct error err;
    assert_fails(signing_key_import(bytes_from(seed, 32), bytes_from(public, 32), NULL, &key, &err),
                 &err, ERROR_MISMATCH, "not that of the secret key");
    assert_fails(signing_key_import(bytes_from(seed, 31), (struct bytes){0}, NULL, &key, &err),
                 &err, ERROR_FORMAT, "32 bytes");
}

static void cut_and_doubled_files_are_refused(void **state)
{
    (void)state;
    struct passphrase_source none = {answer, (char[]){""}};
    struct unlock unlock = {"k", &none};
    for (size_t i = 0; i < key_format_count; i++) {
        struct buffer text = written(key_formats[i], "");
        struct signing_key *key = NULL;
        for (size_t len = 0; len + 1 < text.len; len += 7) {
            assert_false(
                secret_key_read(bytes_first(buffer_view(&text), len), &unlock, &key, NULL));
        }
        struct bytes once = buffer_view(&text);
        struct buffer twice;
        buffer_init(&twice, 65536);
        buffer_append(&twice, once);
        buffer_append(&twice, once);
        assert_false(secret_key_read(buffer_view(&twice), &unlock, &key, NULL));
        buffer_free(&twice);
        buffer_free(&text);
    }
}

static void points_of_small_order_are_refused(void **state)
{
    (void)state;
    /* The identity, a point of order 8, a point of order 2. */
    static const char *const points[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    struct public_key key;
    struct error err;
    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        uint8_t raw[32];
        assert_true(decode_hex(bytes_from_string(points[i]), raw));
        assert_fails(public_key_import(bytes_from(raw, 32), &key, &err), &err, ERROR_FORMAT,
                     "not an Ed25519 public key");
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(others_are_refused_by_their_name),
    cmocka_unit_test(a_kdf_that_asks_for_too_much_is_refused_beforehand),
    cmocka_unit_test(a_changed_key_file_is_never_another_key),
    cmocka_unit_test(a_foreign_public_half_is_refused),
    cmocka_unit_test(cut_and_doubled_files_are_refused),
    cmocka_unit_test(points_of_small_order_are_refused),
    cmocka_unit_test(each_format_reads_what_it_writes),
    cmocka_unit_test(each_format_reads_its_public_key),
    cmocka_unit_test(a_passphrase_is_wanted_and_the_wrong_one_refused),
};
UNIT_MAIN(tests)
