// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/signer/signer_fixture.h"

#define TEXT BYTES("what is signed here is longer than sixty-four bytes, and ends with a newline\n")

static void each_format_verifies_what_it_signs(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    struct error err;
    for (size_t i = 0; i < signature_format_count; i++) {
        struct bytes file = fixture_sign(signature_formats[i], key, TEXT, &arena);
        assert_int_equal(fixture_judge(file, TEXT, &trust, &err), SIGNATURE_GOOD);
        assert_int_equal(fixture_judge(file, BYTES("other"), &trust, &err), SIGNATURE_BAD);
    }
    arena_free(&arena);
}

static void any_flipped_bit_is_refused(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    struct error err;
    for (size_t i = 0; i < signature_format_count; i++) {
        struct bytes file = fixture_sign(signature_formats[i], key, TEXT, &arena);
        uint8_t *changed = arena_alloc(&arena, file.len);
        memcpy(changed, file.data, file.len);
        size_t harmless = 0;
        for (size_t bit = 0; bit < 8 * file.len; bit++) {
            changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            harmless +=
                fixture_judge(bytes_from(changed, file.len), TEXT, &trust, &err) == SIGNATURE_GOOD;
            changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        /* The untrusted comment, and the hint of a bundle, are covered by nothing. */
        bool commented = signature_formats[i] == &signature_format_minisign ||
                         signature_formats[i] == &signature_format_signify;
        bool hinted = signature_formats[i] == &signature_format_sigstore;
        if (!commented && !hinted) {
            assert_int_equal(harmless, 0);
        }
    }
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_format_verifies_what_it_signs),
    cmocka_unit_test(any_flipped_bit_is_refused),
};
UNIT_MAIN(tests)
