// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/encode.h"
#include "tests/unit/unit.h"

static const char empty_sha256[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/* FIPS 180-4 examples: "abc". */
static const char abc_sha256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void assert_digest(const struct sha256 *digest, const char *expected)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(digest, hex);
    assert_string_equal(hex, expected);
}

static void agrees_with_the_standard(void **state)
{
    (void)state;
    struct sha256 digest = sha256_of(BYTES("abc"));
    assert_digest(&digest, abc_sha256);
    digest = sha256_of(bytes_from(NULL, 0));
    assert_digest(&digest, empty_sha256);
}

static void the_other_kinds_agree_too(void **state)
{
    (void)state;
    static const struct {
        enum digest_algorithm algorithm;
        size_t len;
        const char *expected;
    } cases[] = {
        {DIGEST_SHA256, 32, abc_sha256},
        {DIGEST_SHA384, 48,
         "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
         "8086072ba1e7cc2358baeca134c825a7"},
        {DIGEST_SHA512, 64,
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
        {DIGEST_SHA1, 20, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(digest) struct digest *digest = digest_new(cases[i].algorithm);
        uint8_t raw[DIGEST_MAX_LEN];
        char hex[2 * DIGEST_MAX_LEN + 1];
        digest_update(digest, BYTES("abc"));
        digest_finish(digest, raw);
        encode_hex(bytes_from(raw, cases[i].len), hex);
        assert_string_equal(hex, cases[i].expected);
    }
}

static void is_ready_for_another_message(void **state)
{
    (void)state;
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256);
    struct sha256 result;
    digest_update(digest, BYTES("something else"));
    digest_finish(digest, result.bytes);
    digest_update(digest, BYTES("ab"));
    digest_update(digest, bytes_from(NULL, 0));
    digest_update(digest, BYTES("c"));
    digest_finish(digest, result.bytes);
    assert_digest(&result, abc_sha256);
}

static void a_copy_goes_its_own_way(void **state)
{
    (void)state;
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256);
    digest_update(digest, BYTES("ab"));
    AUTO(digest) struct digest *copy = digest_copy(digest);
    struct sha256 result;
    digest_update(digest, BYTES("x"));
    digest_update(copy, BYTES("c"));
    digest_finish(copy, result.bytes);
    assert_digest(&result, abc_sha256);
    digest_update(copy, BYTES("abc"));
    digest_finish(copy, result.bytes);
    assert_digest(&result, abc_sha256);
}

static void reads_a_source_whole_and_no_more(void **state)
{
    (void)state;
    size_t len = (1 << 20) + 17;
    uint8_t *content = calloc(1, len);
    assert_non_null(content);
    content[0] = 1;
    content[len - 1] = 2;
    struct sha256 expected = sha256_of(bytes_from(content + 1, len - 2));
    struct source whole = source_from_bytes(bytes_from(content, len));
    struct source part;
    struct sha256 found;
    struct error err;
    assert_true(source_slice(&whole, 1, len - 2, &part, &err));
    assert_true(sha256_source(&part, &found, &err));
    assert_true(sha256_equal(&found, &expected));
    assert_true(sha256_source(&whole, &found, &err));
    assert_false(sha256_equal(&found, &expected));
    free(content);
}

static void a_source_that_shrinks_is_an_error(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), 1 << 20), 0);
    struct source source;
    struct sha256 found = sha256_of(BYTES("kept"));
    struct sha256 kept = found;
    struct error err;
    assert_true(source_from_fd(fileno(file), &source, &err));
    assert_int_equal(ftruncate(fileno(file), 1000), 0);
    assert_fails(sha256_source(&source, &found, &err), &err, ERROR_IO, "shorter");
    assert_true(sha256_equal(&found, &kept));
    fclose(file);
}

static void reads_only_64_lower_case_digits(void **state)
{
    (void)state;
    struct sha256 digest;
    assert_true(sha256_from_hex(bytes_from_string(abc_sha256), &digest));
    assert_digest(&digest, abc_sha256);
    struct sha256 kept = digest;
    char text[66];
    memcpy(text, abc_sha256, 65);
    text[63] = 'D';
    assert_false(sha256_from_hex(bytes_from(text, 64), &digest));
    text[63] = 'd';
    assert_false(sha256_from_hex(bytes_from(text, 63), &digest));
    text[64] = '0';
    assert_false(sha256_from_hex(bytes_from(text, 65), &digest));
    assert_false(sha256_from_hex(bytes_from(NULL, 0), &digest));
    text[0] = '0';
    text[63] = 'g';
    assert_false(sha256_from_hex(bytes_from(text, 64), &digest));
    assert_true(sha256_equal(&digest, &kept));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(agrees_with_the_standard),
    cmocka_unit_test(the_other_kinds_agree_too),
    cmocka_unit_test(is_ready_for_another_message),
    cmocka_unit_test(a_copy_goes_its_own_way),
    cmocka_unit_test(reads_a_source_whole_and_no_more),
    cmocka_unit_test(a_source_that_shrinks_is_an_error),
    cmocka_unit_test(reads_only_64_lower_case_digits),
};
UNIT_MAIN(tests)
