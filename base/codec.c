// SPDX-License-Identifier: Apache-2.0
#include "base/codec.h"

#include <string.h>

void codec_require(struct codec *codec, bool holds)
{
    codec->failed = codec->failed || (codec_decodes(codec) && !holds);
}

void codec_byte(struct codec *codec, uint8_t *value, uint8_t maximum)
{
    uint8_t got = 0;
    if (!codec_decodes(codec)) {
        buffer_byte(codec->out, *value);
        return;
    }
    codec_require(codec, !codec->failed && reader_u8(&codec->in, &got) && got <= maximum);
    *value = codec->failed ? 0 : got;
}

void codec_bool(struct codec *codec, bool *value)
{
    uint8_t byte = *value ? 1 : 0;
    codec_byte(codec, &byte, 1);
    *value = byte == 1;
}

void codec_u32(struct codec *codec, uint32_t *value)
{
    uint32_t got = 0;
    if (!codec_decodes(codec)) {
        buffer_u32(codec->out, *value);
        return;
    }
    codec_require(codec, !codec->failed && reader_u32(&codec->in, &got));
    *value = got;
}

void codec_u64(struct codec *codec, uint64_t *value)
{
    uint64_t got = 0;
    if (!codec_decodes(codec)) {
        buffer_u64(codec->out, *value);
        return;
    }
    codec_require(codec, !codec->failed && reader_u64(&codec->in, &got));
    *value = got;
}

void codec_bytes(struct codec *codec, struct bytes *value)
{
    uint32_t len = (uint32_t)value->len;
    struct bytes got = {0};
    codec_u32(codec, &len);
    if (!codec_decodes(codec)) {
        buffer_append(codec->out, *value);
        return;
    }
    codec_require(codec, !codec->failed && reader_bytes(&codec->in, len, &got));
    *value = arena_bytes(codec->arena, got);
}

void codec_text(struct codec *codec, const char **value)
{
    struct bytes bytes = codec_decodes(codec) ? (struct bytes){0} : bytes_from_string(*value);
    codec_bytes(codec, &bytes);
    if (codec_decodes(codec)) {
        const char *text = arena_text(codec->arena, bytes);
        codec_require(codec, strlen(text) == bytes.len);
        *value = codec->failed ? "" : text;
    }
}

void codec_sha256(struct codec *codec, struct sha256 *value)
{
    if (!codec_decodes(codec)) {
        buffer_append(codec->out, sha256_view(value));
        return;
    }
    *value = (struct sha256){0};
    codec_require(codec,
                  !codec->failed && reader_copy(&codec->in, value->bytes, sizeof(value->bytes)));
}

void codec_array(struct codec *codec, void *items, size_t *count, size_t least, size_t size)
{
    uint32_t number = (uint32_t)*count;
    codec_u32(codec, &number);
    if (codec_decodes(codec)) {
        codec_require(codec, number <= reader_left(&codec->in) / least);
        *count = codec->failed ? 0 : number;
        *(void **)items = arena_array(codec->arena, *count, size);
    }
}

void codec_error(struct codec *codec, struct error *error)
{
    uint8_t code = (uint8_t)error->code;
    const char *message = error->message;
    const char *cure = error->cure;
    codec_byte(codec, &code, ERROR_INTERNAL);
    codec_text(codec, &message);
    codec_text(codec, &cure);
    codec_require(codec, code != ERROR_NONE);
    if (codec_decodes(codec) && !codec->failed) {
        /* Escapes what the other process may not have escaped. */
        error_set(error, (enum error_code)code, "%s", message);
        if (cure[0] != '\0') {
            error_cure(error, "%s", cure);
        }
    }
}
