// SPDX-License-Identifier: Apache-2.0
#include "signer/ssh_wire.h"

#include "base/ed25519.h"

bool ssh_string(struct reader *reader, struct bytes *ret)
{
    struct reader attempt = *reader;
    uint32_t len;
    if (!reader_u32(&attempt, &len) || !reader_bytes(&attempt, len, ret)) {
        return false;
    }
    *reader = attempt;
    return true;
}

bool ssh_expect(struct reader *reader, const char *text)
{
    struct reader attempt = *reader;
    struct bytes found;
    if (!ssh_string(&attempt, &found) || !bytes_equal_string(found, text)) {
        return false;
    }
    *reader = attempt;
    return true;
}

bool ssh_public_blob(struct bytes blob, struct bytes *ret)
{
    struct reader reader = reader_over(blob, BIG_ENDIAN_ORDER);
    struct bytes key;
    if (!ssh_expect(&reader, "ssh-ed25519") || !ssh_string(&reader, &key) ||
        key.len != ED25519_PUBLIC_LEN || !reader_done(&reader)) {
        return false;
    }
    *ret = key;
    return true;
}

void ssh_put_u32(struct buffer *out, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        buffer_byte(out, (uint8_t)(value >> shift));
    }
}

void ssh_put_string(struct buffer *out, struct bytes text)
{
    ssh_put_u32(out, (uint32_t)text.len);
    buffer_append(out, text);
}
