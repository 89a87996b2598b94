// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/unit.h"

#include "base/encode.h"
#include "signer/key_format.h"

/* RFC 8032, section 7.1, test 1. */
#define SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

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

static void a_passphrase_is_wanted_and_the_wrong_one_refused(void **state)
{
    (void)state;
    const struct key_format *const formats[] = {&key_format_pem, &key_format_cosign,
                                                &key_format_minisign};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct buffer text = written(formats[i], "secret");
        struct passphrase_source right = {answer, (char[]){"secret"}};
        struct passphrase_source wrong = {answer, (char[]){"secres"}};
        AUTO(signing_key) struct signing_key *key = NULL;
        struct error err;
        assert_fails(secret_key_read(buffer_view(&text), NULL, &key, &err), &err, ERROR_USAGE,
                     "encrypted");
        assert_fails(secret_key_read(buffer_view(&text), &(struct unlock){"k", &wrong}, &key, &err),
                     &err, ERROR_USAGE, "passphrase does not fit");
        assert_true(secret_key_read(buffer_view(&text), &(struct unlock){"k", &right}, &key, &err));
        buffer_free(&text);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_format_reads_what_it_writes),
    cmocka_unit_test(each_format_reads_its_public_key),
    cmocka_unit_test(a_passphrase_is_wanted_and_the_wrong_one_refused),
};
UNIT_MAIN(tests)
