// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/signer/signer_fixture.h"

#include "base/encode.h"

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

/* FILE with FROM replaced by TO, which is as long. */
static struct bytes replaced(struct bytes file, const char *from, const char *to,
                             struct arena *arena)
{
    size_t at = bytes_find(file, 0, bytes_from_string(from));
    assert_int_not_equal(at, SIZE_MAX);
    assert_int_equal(strlen(from), strlen(to));
    uint8_t *copy = arena_alloc(arena, file.len);
    memcpy(copy, file.data, file.len);
    memcpy(copy + at, to, strlen(to));
    return bytes_from(copy, file.len);
}

static struct bytes joined(struct bytes a, struct bytes b, struct arena *arena)
{
    uint8_t *both = arena_alloc(arena, a.len + b.len);
    memcpy(both, a.data, a.len);
    memcpy(both + a.len, b.data, b.len);
    return bytes_from(both, a.len + b.len);
}

static void cut_swapped_and_lengthened_signatures_are_refused(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    struct error err;
    for (size_t i = 0; i < signature_format_count; i++) {
        const struct signature_format *format = signature_formats[i];
        struct bytes file = fixture_sign(format, key, TEXT, &arena);
        struct bytes other = fixture_sign(format, key, BYTES("other"), &arena);
        assert_int_equal(fixture_judge(other, TEXT, &trust, &err), SIGNATURE_BAD);
        for (size_t len = 0; len + 1 < file.len; len++) {
            assert_int_not_equal(fixture_judge(bytes_first(file, len), TEXT, &trust, &err),
                                 SIGNATURE_GOOD);
        }
        assert_int_not_equal(fixture_judge(joined(file, BYTES("x\n"), &arena), TEXT, &trust, &err),
                             SIGNATURE_GOOD);
        assert_int_not_equal(fixture_judge(joined(file, file, &arena), TEXT, &trust, &err),
                             SIGNATURE_GOOD);
    }
    arena_free(&arena);
}

static void signatures_by_others_are_not_trusted(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    AUTO(signing_key) struct signing_key *stranger = fixture_key(2);
    struct trust trust = fixture_trust(key, &arena);
    struct error err;
    trust.keys[0].public.number_stated = true;
    for (size_t i = 0; i < signature_format_count; i++) {
        struct bytes file = fixture_sign(signature_formats[i], stranger, TEXT, &arena);
        /* 64 raw bytes do not tell whose they are. */
        bool nameless = signature_formats[i] == &signature_format_raw;
        assert_int_equal(fixture_judge(file, TEXT, &trust, &err),
                         nameless ? SIGNATURE_BAD : SIGNATURE_UNKNOWN_KEY);
    }
    arena_free(&arena);
}

static void revoked_and_expired_keys_do_not_count(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    struct error err;
    struct bytes file = fixture_sign(&signature_format_ssh, key, TEXT, &arena);
    trust.keys[0].until = 1000;
    assert_int_equal(fixture_judge(file, TEXT, &trust, &err), SIGNATURE_EXPIRED);
    assert_non_null(strstr(err.message, "the clock says 1970-01-01 00:16:40 UTC"));
    trust.keys[0].until = 1001;
    assert_int_equal(fixture_judge(file, TEXT, &trust, &err), SIGNATURE_GOOD);
    trust.keys[0].from = 1001;
    assert_int_equal(fixture_judge(file, TEXT, &trust, &err), SIGNATURE_NOT_YET);
    trust.keys[0].from = 0;
    trust.keys[0].revoked = true;
    assert_int_equal(fixture_judge(file, TEXT, &trust, &err), SIGNATURE_REVOKED);
    trust.keys[0].revoked = false;
    trust.keys[0].namespaces = "git,mail";
    assert_int_equal(fixture_judge(file, TEXT, &trust, &err), SIGNATURE_UNKNOWN_KEY);
    trust.keys[0].namespaces = "git,file";
    assert_int_equal(fixture_judge(file, TEXT, &trust, &err), SIGNATURE_GOOD);
    arena_free(&arena);
}

static void a_trusted_comment_is_what_was_signed(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    struct error err;
    struct bytes file = fixture_sign(&signature_format_minisign, key, TEXT, &arena);
    assert_int_equal(
        fixture_judge(replaced(file, "timestamp:1", "timestamp:2", &arena), TEXT, &trust, &err),
        SIGNATURE_BAD);
    assert_non_null(strstr(err.message, "trusted comment"));
    struct signature_rules rules = {.namespace = "file", .file_name = "g", .now = 1000};
    assert_int_equal(fixture_judge_by(file, TEXT, &trust, &rules, &err), SIGNATURE_BAD);
    assert_non_null(strstr(err.message, "signed this as f, not as g"));
    rules.file_name = NULL;
    assert_int_equal(fixture_judge_by(file, TEXT, &trust, &rules, &err), SIGNATURE_GOOD);
    arena_free(&arena);
}

static void lines_may_end_with_a_carriage_return_but_not_be_overlong(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    struct error err;
    struct bytes file = fixture_sign(&signature_format_minisign, key, TEXT, &arena);
    struct buffer out;
    buffer_init(&out, 65536);
    for (size_t i = 0; i < file.len; i++) {
        buffer_string(&out, file.data[i] == '\n' ? "\r" : "");
        buffer_byte(&out, file.data[i]);
    }
    assert_int_equal(fixture_judge(buffer_view(&out), TEXT, &trust, &err), SIGNATURE_GOOD);
    buffer_clear(&out);
    buffer_string(&out, "untrusted comment: ");
    for (int i = 0; i < 2000; i++) {
        buffer_byte(&out, 'x');
    }
    buffer_append(&out, bytes_behind(file, strlen("untrusted comment: ")));
    assert_int_equal(fixture_judge(buffer_view(&out), TEXT, &trust, &err), SIGNATURE_UNUSABLE);
    buffer_free(&out);
    arena_free(&arena);
}

/* A minisign signature file over the bytes MESSAGE with the letters ALGORITHM, as the legacy form
 * signs it. */
static struct bytes minisign_by_hand(const struct signing_key *key, const char *algorithm,
                                     struct bytes message, const char *comment, struct arena *arena)
{
    uint8_t blob[74];
    uint8_t global[64];
    char first[BASE64_LEN(sizeof(blob)) + 1];
    char second[BASE64_LEN(sizeof(global)) + 1];
    memcpy(blob, algorithm, 2);
    memcpy(blob + 2, signing_key_public(key)->number, KEY_NUMBER_LEN);
    assert_true(signing_key_sign(key, message, blob + 10, NULL));
    assert_true(signing_key_sign(
        key, joined(bytes_from(blob + 10, 64), bytes_from_string(comment), arena), global, NULL));
    encode_base64(bytes_from(blob, sizeof(blob)), BASE64_STANDARD, first);
    encode_base64(bytes_from(global, sizeof(global)), BASE64_STANDARD, second);
    return bytes_from_string(arena_printf(
        arena, "untrusted comment: x\n%s\ntrusted comment: %s\n%s\n", first, comment, second));
}

static void a_legacy_signature_passes_for_nothing_else(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    struct signature_rules lenient = {.namespace = "file", .legacy = true, .now = 1000};
    struct error err;
    struct message other = fixture_message(BYTES("the other file"), &arena);
    struct bytes digest = bytes_from(other.blake2b, sizeof(other.blake2b));
    const char *comment = "timestamp:1\tfile:f";
    struct bytes legacy = minisign_by_hand(key, "Ed", TEXT, comment, &arena);
    assert_int_equal(fixture_judge(legacy, TEXT, &trust, &err), SIGNATURE_UNUSABLE);
    assert_int_equal(fixture_judge_by(legacy, TEXT, &trust, &lenient, &err), SIGNATURE_GOOD);
    /* Someone had a file of 64 bytes signed that is another file's digest, and changed a letter. */
    struct bytes trick = minisign_by_hand(key, "ED", digest, comment, &arena);
    assert_int_equal(fixture_judge(trick, BYTES("the other file"), &trust, &err), SIGNATURE_BAD);
    struct bytes asked = minisign_by_hand(key, "Ed", digest, comment, &arena);
    assert_int_equal(fixture_judge_by(asked, digest, &trust, &lenient, &err), SIGNATURE_UNUSABLE);
    arena_free(&arena);
}

static void another_key_number_is_another_key(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    struct error err;
    struct bytes minisign = fixture_sign(&signature_format_minisign, key, TEXT, &arena);
    struct bytes signify = fixture_sign(&signature_format_signify, key, TEXT, &arena);
    trust.keys[0].public.number_stated = true;
    trust.keys[0].public.number[0] ^= 1;
    assert_int_equal(fixture_judge(minisign, TEXT, &trust, &err), SIGNATURE_UNKNOWN_KEY);
    assert_int_equal(fixture_judge(signify, TEXT, &trust, &err), SIGNATURE_UNKNOWN_KEY);
    arena_free(&arena);
}

static void messages_of_other_protocols_are_not_signed_bare(void **state)
{
    (void)state;
    static const char tls[] = "                                                                "
                              "TLS 1.3, server CertificateVerify";
    const struct bytes messages[] = {
        BYTES("DSSEv1 28 application/vnd.in-toto+json 2 {}"),
        BYTES("SSHSIG\0\0\0\4file"),
        BYTES("\0\0\0\x20"
              "0123456789abcdef0123456789abcdef\x32\0\0\0\4root"),
        BYTES("go.sum database tree\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
        BYTES("cosignature/v1\ntime 1\n"),
        BYTES(tls),
        bytes_from(tls, 64),
    };
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
        struct message message = fixture_message(messages[i], &arena);
        struct signing signing = {.key = key, .message = &message, .trusted_comment = "x"};
        struct buffer out;
        struct error err;
        uint8_t raw[64];
        buffer_init(&out, 65536);
        assert_fails(signature_format_raw.write(&signing, &out, &err), &err, ERROR_USAGE,
                     "would also sign");
        assert_false(signature_format_signify.write(&signing, &out, &err));
        assert_false(signature_format_sigstore.write(&signing, &out, &err));
        assert_true(signature_format_minisign.write(&signing, &out, &err));
        assert_true(signature_format_ssh.write(&signing, &out, &err));
        buffer_free(&out);
        /* Nor does a signature made there count as one of the file. */
        assert_true(signing_key_sign(key, messages[i], raw, &err));
        assert_int_equal(fixture_judge(bytes_from(raw, 64), messages[i], &trust, &err),
                         SIGNATURE_UNUSABLE);
    }
    struct bytes minisig = fixture_sign(&signature_format_minisign, key, TEXT, &arena);
    struct signature read;
    struct error err;
    assert_true(signature_read(minisig, &arena, &read, &err));
    struct message message =
        fixture_message(joined(read.bytes, BYTES("another trusted comment"), &arena), &arena);
    struct signing signing = {.key = key, .message = &message};
    struct buffer out;
    buffer_init(&out, 65536);
    assert_fails(signature_format_raw.write(&signing, &out, &err), &err, ERROR_USAGE,
                 "minisign trusted comment");
    buffer_free(&out);
    arena_free(&arena);
}

static void a_bundle_is_strict(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO(signing_key) struct signing_key *key = fixture_key(1);
    struct trust trust = fixture_trust(key, &arena);
    struct error err;
    struct bytes file = fixture_sign(&signature_format_sigstore, key, TEXT, &arena);
    static const struct {
        const char *from, *to;
        enum signature_result result;
    } changes[] = {
        {"bundle.v0.3+json", "bundle.v9.3+json", SIGNATURE_UNUSABLE},
        {"SHA2_256", "SHA2_999", SIGNATURE_UNUSABLE},
        {"\"publicKey\"", "\"publicKez\"", SIGNATURE_UNUSABLE},
        {"\"hint\":\"", "\"hunt\":\"", SIGNATURE_GOOD},
        {"{\"mediaType\"", "{\"MediaType\"", SIGNATURE_UNUSABLE},
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct bytes changed = replaced(file, changes[i].from, changes[i].to, &arena);
        assert_int_equal(fixture_judge(changed, TEXT, &trust, &err), changes[i].result);
    }
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(cut_swapped_and_lengthened_signatures_are_refused),
    cmocka_unit_test(signatures_by_others_are_not_trusted),
    cmocka_unit_test(revoked_and_expired_keys_do_not_count),
    cmocka_unit_test(a_trusted_comment_is_what_was_signed),
    cmocka_unit_test(lines_may_end_with_a_carriage_return_but_not_be_overlong),
    cmocka_unit_test(a_legacy_signature_passes_for_nothing_else),
    cmocka_unit_test(another_key_number_is_another_key),
    cmocka_unit_test(messages_of_other_protocols_are_not_signed_bare),
    cmocka_unit_test(a_bundle_is_strict),
    cmocka_unit_test(each_format_verifies_what_it_signs),
    cmocka_unit_test(any_flipped_bit_is_refused),
};
UNIT_MAIN(tests)
