// SPDX-License-Identifier: Apache-2.0
#include "base/encode.h"

#include "tests/unit/unit.h"

/* RFC 4648, section 10. */
static const struct {
    const char *plain, *standard, *url;
} vectors[] = {{"", "", ""},
               {"f", "Zg==", "Zg"},
               {"fo", "Zm8=", "Zm8"},
               {"foo", "Zm9v", "Zm9v"},
               {"foob", "Zm9vYg==", "Zm9vYg"},
               {"fooba", "Zm9vYmE=", "Zm9vYmE"},
               {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
               {"\xfb\xff\xfe", "+//+", "-__-"}};

static void writes_base64_as_the_rfc_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        char text[16];
        encode_base64(bytes_from_string(vectors[i].plain), BASE64_STANDARD, text);
        assert_string_equal(text, vectors[i].standard);
        encode_base64(bytes_from_string(vectors[i].plain), BASE64_URL, text);
        assert_string_equal(text, vectors[i].url);
    }
}

static void reads_back_what_it_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        uint8_t plain[8];
        size_t len = 99;
        assert_true(decode_base64(bytes_from_string(vectors[i].standard), BASE64_STANDARD, plain,
                                  sizeof(plain), &len));
        assert_bytes(bytes_from(plain, len), bytes_from_string(vectors[i].plain));
        assert_true(decode_base64(bytes_from_string(vectors[i].url), BASE64_URL, plain,
                                  sizeof(plain), &len));
        assert_bytes(bytes_from(plain, len), bytes_from_string(vectors[i].plain));
    }
}

static void rejects_every_other_spelling(void **state)
{
    (void)state;
    static const char *const standard[] = {
        "Zg",   "Zg=", "Zg===", "Z",    "=",        "====",  "Zg==\n",   " Zg==", "Zh==",
        "Zm9=", "Zm8", "Zm-_",  "Z=g=", "Zg==Zg==", "Zm9v=", "Zm9v====", "Zm9\0", "\xc3\xa9=="};
    for (size_t i = 0; i < ARRAY_LEN(standard); i++) {
        uint8_t plain[16];
        size_t len = 99;
        if (decode_base64(bytes_from_string(standard[i]), BASE64_STANDARD, plain, sizeof(plain),
                          &len)) {
            fail_msg("accepted \"%s\"", standard[i]);
        }
        assert_int_equal(len, 99);
    }
    static const char *const url[] = {"Zg==", "Z", "Zm8=", "Zm+/", "Zh", "Zm9", "Zm9v "};
    for (size_t i = 0; i < ARRAY_LEN(url); i++) {
        uint8_t plain[16];
        size_t len;
        if (decode_base64(bytes_from_string(url[i]), BASE64_URL, plain, sizeof(plain), &len)) {
            fail_msg("accepted \"%s\"", url[i]);
        }
    }
    uint8_t plain[16];
    size_t len;
    assert_false(decode_base64(BYTES("Zm9\0"), BASE64_STANDARD, plain, sizeof(plain), &len));
}

static void rejects_more_than_there_is_room_for(void **state)
{
    (void)state;
    uint8_t plain[3] = {0};
    size_t len;
    assert_false(decode_base64(BYTES("Zm9v"), BASE64_STANDARD, plain, 2, &len));
    assert_false(decode_base64(BYTES("Zm8="), BASE64_STANDARD, plain, 1, &len));
    assert_false(decode_base64(BYTES("Zg"), BASE64_URL, plain, 0, &len));
    assert_true(decode_base64(BYTES("Zm8="), BASE64_STANDARD, plain, 2, &len));
    assert_int_equal(plain[2], 0);
}

static void every_byte_survives_both_ways(void **state)
{
    (void)state;
    uint8_t all[256];
    for (size_t i = 0; i < sizeof(all); i++) {
        all[i] = (uint8_t)i;
    }
    for (size_t len = 0; len <= sizeof(all); len++) {
        char text[BASE64_LEN(256) + 1];
        char hex[513];
        uint8_t plain[256];
        size_t plain_len;
        encode_base64(bytes_from(all, len), BASE64_STANDARD, text);
        assert_int_equal(strlen(text), BASE64_LEN(len));
        assert_true(decode_base64(bytes_from_string(text), BASE64_STANDARD, plain, sizeof(plain),
                                  &plain_len));
        assert_bytes(bytes_from(plain, plain_len), bytes_from(all, len));
        encode_hex(bytes_from(all, len), hex);
        assert_true(decode_hex(bytes_from_string(hex), plain));
        assert_bytes(bytes_from(plain, len), bytes_from(all, len));
    }
}

static void hex_is_lower_case_and_even(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0", "0A", "0g", " 0", "0x", "000", "-1"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        uint8_t plain[8];
        assert_false(decode_hex(bytes_from_string(wrong[i]), plain));
    }
    char text[9];
    encode_hex(BYTES("\x00\xab\xff\x10"), text);
    assert_string_equal(text, "00abff10");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(writes_base64_as_the_rfc_does),
    cmocka_unit_test(reads_back_what_it_writes),
    cmocka_unit_test(rejects_every_other_spelling),
    cmocka_unit_test(rejects_more_than_there_is_room_for),
    cmocka_unit_test(every_byte_survives_both_ways),
    cmocka_unit_test(hex_is_lower_case_and_even),
};
UNIT_MAIN(tests)
