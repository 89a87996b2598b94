// SPDX-License-Identifier: Apache-2.0
#include "base/encode.h"

static const char hex_digits[] = "0123456789abcdef";
static const char alphabets[2][65] = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

void encode_hex(struct bytes bytes, char *ret)
{
    for (size_t i = 0; i < bytes.len; i++) {
        ret[2 * i] = hex_digits[bytes.data[i] >> 4];
        ret[2 * i + 1] = hex_digits[bytes.data[i] & 15];
    }
    ret[2 * bytes.len] = '\0';
}

/* Index of CHARACTER in the first LEN characters of ALPHABET, -1 if absent. */
static int value_of(const char *alphabet, size_t len, uint8_t character)
{
    const char *hit = memchr(alphabet, character, len);
    return hit == NULL ? -1 : (int)(hit - alphabet);
}

bool decode_hex(struct bytes text, uint8_t *ret)
{
    if (text.len % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < text.len; i += 2) {
        int high = value_of(hex_digits, 16, text.data[i]);
        int low = value_of(hex_digits, 16, text.data[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        ret[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void encode_base64(struct bytes bytes, enum base64_alphabet alphabet, char *ret)
{
    const char *letters = alphabets[alphabet];
    size_t used = 0;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = 0;
        for (size_t j = 0; j < 3; j++) {
            group = group << 8 | (j < have ? bytes.data[i + j] : 0);
        }
        for (size_t j = 0; j < 4; j++) {
            if (j <= have) {
                ret[used++] = letters[group >> (18 - 6 * j) & 63];
            } else if (alphabet == BASE64_STANDARD) {
                ret[used++] = '=';
            }
        }
    }
    ret[used] = '\0';
}

/* Takes the padding off TEXT; false if it is not exactly what its length asks for. */
static bool strip_padding(struct bytes *text)
{
    if (text->len % 4 != 0) {
        return false;
    }
    for (int i = 0; i < 2 && text->len > 0 && text->data[text->len - 1] == '='; i++) {
        text->len--;
    }
    return true;
}

bool decode_base64(struct bytes text, enum base64_alphabet alphabet, uint8_t *ret, size_t room,
                   size_t *ret_len)
{
    if (alphabet == BASE64_STANDARD && !strip_padding(&text)) {
        return false;
    }
    if (text.len % 4 == 1 || text.len / 4 * 3 + text.len % 4 * 3 / 4 > room) {
        return false;
    }
    uint32_t group = 0;
    size_t bits = 0;
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(alphabets[alphabet], 64, text.data[i]);
        if (value < 0) {
            return false;
        }
        group = group << 6 | (uint32_t)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            ret[used++] = (uint8_t)(group >> bits);
            group &= (1U << bits) - 1;
        }
    }
    if (group != 0) {
        return false;
    }
    *ret_len = used;
    return true;
}
