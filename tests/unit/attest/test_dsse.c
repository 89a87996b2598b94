// SPDX-License-Identifier: Apache-2.0
#include "attest/dsse.h"

#include <dirent.h>

#include "tests/unit/signer/signer_fixture.h"

#define TYPE "application/vnd.in-toto+json"

struct made {
    struct arena arena;
    struct signing_key *key;
    struct envelope envelope;
    struct buffer line;
};

static int make(void **state)
{
    struct made *made = calloc(1, sizeof(*made));
    made->key = fixture_key(1);
    assert_true(envelope_sign(TYPE, BYTES("{\"a\":\"b?>\"}"), made->key, &made->arena,
                              &made->envelope, NULL));
    buffer_init(&made->line, 1 << 20);
    envelope_put(&made->envelope, &made->line);
    *state = made;
    return 0;
}

static int drop(void **state)
{
    struct made *made = *state;
    signing_key_free(&made->key);
    buffer_free(&made->line);
    arena_free(&made->arena);
    free(made);
    return 0;
}

static const struct ed25519_public *point(const struct made *made)
{
    return &signing_key_public(made->key)->point;
}

static void encodes_as_the_specification_does(void **state)
{
    struct made *made = *state;
    assert_bytes(dsse_pae("http://example.com/HelloWorld", BYTES("hello world"), &made->arena),
                 BYTES("DSSEv1 29 http://example.com/HelloWorld 11 hello world"));
}

static void reads_what_it_writes(void **state)
{
    struct made *made = *state;
    struct envelope read;
    struct error err;
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    assert_true(envelope_read(buffer_view(&made->line), &made->arena, &read, &err));
    assert_string_equal(read.payload_type, TYPE);
    assert_bytes(read.payload, made->envelope.payload);
    key_fingerprint(point(made), fingerprint);
    assert_string_equal(read.signatures[0].keyid, fingerprint);
    assert_true(envelope_is_signed_by(&read, point(made), &made->arena));
    assert_int_equal(made->line.data[made->line.len - 1], '\n');
    assert_ptr_equal(memchr(made->line.data, '\n', made->line.len),
                     made->line.data + made->line.len - 1);
}

static void reads_the_envelope_of_a_bundle(void **state)
{
    struct made *made = *state;
    struct envelope read;
    struct error err;
    buffer_clear(&made->line);
    envelope_put_bundle(&made->envelope, point(made), &made->line);
    assert_true(envelope_read(buffer_view(&made->line), &made->arena, &read, &err));
    assert_true(envelope_is_signed_by(&read, point(made), &made->arena));
}

static void counts_no_other_key(void **state)
{
    struct made *made = *state;
    struct signing_key *other = fixture_key(2);
    assert_false(
        envelope_is_signed_by(&made->envelope, &signing_key_public(other)->point, &made->arena));
    signing_key_free(&other);
}

/* A key id is somebody's word: it neither makes a signature good nor keeps a good one out. */
static void ignores_key_ids(void **state)
{
    struct made *made = *state;
    struct signing_key *other = fixture_key(2);
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    key_fingerprint(&signing_key_public(other)->point, fingerprint);
    made->envelope.signatures[0].keyid = fingerprint;
    assert_true(envelope_is_signed_by(&made->envelope, point(made), &made->arena));
    assert_false(
        envelope_is_signed_by(&made->envelope, &signing_key_public(other)->point, &made->arena));
    signing_key_free(&other);
}

static void finds_a_good_signature_behind_a_bad_one(void **state)
{
    struct made *made = *state;
    struct envelope_signature both[2] = {{"", BYTES("short")}, made->envelope.signatures[0]};
    struct envelope envelope = made->envelope;
    envelope.signatures = both;
    envelope.count = 2;
    assert_true(envelope_is_signed_by(&envelope, point(made), &made->arena));
}

/* The type is signed with the content. */
static void refuses_another_type(void **state)
{
    struct made *made = *state;
    struct envelope envelope = made->envelope;
    envelope.payload_type = "application/vnd.in-toto+jsoN";
    assert_false(envelope_is_signed_by(&envelope, point(made), &made->arena));
}

/* Whatever bit is turned: the envelope no longer verifies, or it says exactly the same. */
static void believes_no_flipped_bit(void **state)
{
    struct made *made = *state;
    size_t refused = 0;
    for (size_t bit = 0; bit < 8 * made->line.len; bit++) {
        struct arena arena = {0};
        struct bytes copy = arena_bytes(&arena, buffer_view(&made->line));
        uint8_t *changed = ARENA_ARRAY(&arena, copy.len, uint8_t);
        struct envelope read;
        memcpy(changed, copy.data, copy.len);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (envelope_read(bytes_from(changed, copy.len), &arena, &read, NULL) &&
            envelope_is_signed_by(&read, point(made), &arena)) {
            assert_string_equal(read.payload_type, TYPE);
            assert_bytes(read.payload, made->envelope.payload);
        } else {
            refused++;
        }
        arena_free(&arena);
    }
    assert_true(refused > 4 * made->line.len);
}

static void refuses_a_cut_envelope(void **state)
{
    struct made *made = *state;
    struct envelope read;
    for (size_t len = 0; len + 1 < made->line.len; len++) {
        assert_false(
            envelope_read(bytes_first(buffer_view(&made->line), len), &made->arena, &read, NULL));
    }
}

static void reads_either_alphabet(void **state)
{
    static const char *const good[] = {"+/+/", "-_-_", "YQ==", "YWI="};
    static const char *const bad[] = {
        "+/-_", "YQ", "YQ=", "YQ==\\n", "Y Q=", "YR==", "YQ==A", "====", "Y===", "", "*"};
    struct made *made = *state;
    struct envelope read;
    struct error err;
    for (size_t i = 0; i < ARRAY_LEN(good) + ARRAY_LEN(bad); i++) {
        bool wanted = i < ARRAY_LEN(good);
        const char *text = arena_printf(
            &made->arena,
            "{\"payload\":\"%s\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"YQ==\"}]}",
            wanted ? good[i] : bad[i - ARRAY_LEN(good)]);
        if (envelope_read(bytes_from_string(text), &made->arena, &read, &err) != wanted) {
            fail_msg("%s", text);
        }
    }
}

static void names_what_is_malformed(void **state)
{
    static const struct {
        const char *text, *part;
        enum error_code code;
    } rows[] = {
        {"{}", "not a DSSE envelope", ERROR_UNSUPPORTED},
        {"[]", "not a DSSE envelope", ERROR_UNSUPPORTED},
        {"{\"payload\":\"YQ==\"}", "no payloadType", ERROR_FORMAT},
        {"{\"payloadType\":\"t\"}", "no payload", ERROR_FORMAT},
        {"{\"payload\":\"\",\"payloadType\":\"t\"}", "payload is empty", ERROR_FORMAT},
        {"{\"payload\":\"YQ==\",\"payloadType\":\"t\"}", "no signatures", ERROR_FORMAT},
        {"{\"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[]}", "no signatures",
         ERROR_FORMAT},
        {"{\"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[{}]}", "no sig",
         ERROR_FORMAT},
        {"{\"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"\"}]}",
         "sig is empty", ERROR_FORMAT},
        {"{\"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"YQ==\","
         "\"keyid\":1}]}",
         "keyid", ERROR_FORMAT},
        {"{\"payload\":\"YQ==\",\"payload\":\"YQ==\",\"payloadType\":\"t\"}", "", ERROR_FORMAT},
        {"{\"mediaType\":\"x\"}", "unknown kind x", ERROR_UNSUPPORTED},
        {"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}", "without an envelope",
         ERROR_UNSUPPORTED},
        {"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"dsseEnvelope\":{"
         "\"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"YQ==\"},{\"sig\":"
         "\"YQ==\"}]}}",
         "2 signatures", ERROR_FORMAT},
    };
    struct made *made = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct envelope read;
        struct error err;
        assert_fails(envelope_read(bytes_from_string(rows[i].text), &made->arena, &read, &err),
                     &err, rows[i].code, rows[i].part);
    }
}

static void caps_signatures(void **state)
{
    struct made *made = *state;
    struct buffer out;
    struct envelope read;
    struct error err;
    buffer_init(&out, 1 << 20);
    buffer_string(&out, "{\"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[");
    for (int i = 0; i < 1000; i++) {
        buffer_string(&out, i == 0 ? "{\"sig\":\"YQ==\"}" : ",{\"sig\":\"YQ==\"}");
    }
    buffer_string(&out, "]}");
    assert_fails(envelope_read(buffer_view(&out), &made->arena, &read, &err), &err, ERROR_LIMIT,
                 "1000 signatures");
    buffer_free(&out);
}

/* Envelopes signed under certificates and with ECDSA: read or refused, never counted. */
static void counts_no_envelope_of_others(void **state)
{
    struct made *made = *state;
    char folder[4096];
    size_t seen = 0;
    if (!corpus_find("slsa-gcb-gha-unit", folder, sizeof(folder))) {
        skip();
    }
    static const char *const parts[] = {"gha/testdata", "gha/testdata/bundle", "gcb/testdata"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        DIR *dir = opendir(arena_printf(&made->arena, "%s/%s", folder, parts[i]));
        assert_non_null(dir);
        for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
            if (entry->d_type != DT_REG) {
                continue;
            }
            struct bytes text =
                file_load(arena_printf(&made->arena, "%s/%s/%s", folder, parts[i], entry->d_name));
            struct envelope read;
            if (envelope_read(text, &made->arena, &read, NULL)) {
                assert_false(envelope_is_signed_by(&read, point(made), &made->arena));
            }
            free((void *)(uintptr_t)text.data);
            seen++;
        }
        closedir(dir);
    }
    assert_int_equal(seen, 74);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(encodes_as_the_specification_does, make, drop),
    cmocka_unit_test_setup_teardown(reads_what_it_writes, make, drop),
    cmocka_unit_test_setup_teardown(reads_the_envelope_of_a_bundle, make, drop),
    cmocka_unit_test_setup_teardown(counts_no_other_key, make, drop),
    cmocka_unit_test_setup_teardown(ignores_key_ids, make, drop),
    cmocka_unit_test_setup_teardown(finds_a_good_signature_behind_a_bad_one, make, drop),
    cmocka_unit_test_setup_teardown(refuses_another_type, make, drop),
    cmocka_unit_test_setup_teardown(believes_no_flipped_bit, make, drop),
    cmocka_unit_test_setup_teardown(refuses_a_cut_envelope, make, drop),
    cmocka_unit_test_setup_teardown(reads_either_alphabet, make, drop),
    cmocka_unit_test_setup_teardown(names_what_is_malformed, make, drop),
    cmocka_unit_test_setup_teardown(caps_signatures, make, drop),
    cmocka_unit_test_setup_teardown(counts_no_envelope_of_others, make, drop),
};

UNIT_MAIN(tests)
