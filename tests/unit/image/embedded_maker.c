// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/image/embedded_maker.h"

#include <string.h>

#define ENTRY_LEN (4 * EMBEDDED_WIDTH + EMBEDDED_HASH_LEN)

void embedded_make(struct embedded_maker *ret)
{
    *ret = (struct embedded_maker){.header = EMBEDDED_HEADER, .len = EMBEDDED_TEXTS};
    size_t size = sizeof(ret->bytes);
    ret->segment = (struct image_segment){
        .name = "", .address = EMBEDDED_BASE, .size = size, .memory_size = size};
    ret->section = (struct image_section){
        .name = ".rodata", .segment = "", .address = EMBEDDED_BASE, .size = size};
    ret->image = (struct image){.format = IMAGE_UNKNOWN,
                                .source = source_from_bytes(bytes_from(ret->bytes, size)),
                                .pointer_size = EMBEDDED_WIDTH,
                                .goarch = "",
                                .goos = "",
                                .sections = &ret->section,
                                .section_count = 1,
                                .segments = &ret->segment,
                                .segment_count = 1};
}

void embedded_put(struct embedded_maker *maker, size_t at, uint64_t value)
{
    for (unsigned i = 0; i < EMBEDDED_WIDTH; i++) {
        maker->bytes[at + i] = (uint8_t)(value >> i * 8);
    }
}

static uint64_t put_text(struct embedded_maker *maker, struct bytes text)
{
    uint64_t address = EMBEDDED_BASE + maker->len;
    if (text.len > 0) {
        memcpy(maker->bytes + maker->len, text.data, text.len);
    }
    maker->len += text.len + 1;
    return address;
}

void embedded_put_hash(struct embedded_maker *maker, size_t at, struct bytes content,
                       enum embedded_kind kind)
{
    uint8_t prefixed[8192] = {1};
    struct sha256 digest = sha256_of(content);
    if (kind == PREFIXED) {
        memcpy(prefixed + 1, content.data, content.len);
        digest = sha256_of(bytes_from(prefixed, content.len + 1));
    }
    for (size_t i = 0; i < EMBEDDED_HASH_LEN; i++) {
        bool turned = kind == TURNED || (kind == FLIPPED && i == 0);
        maker->bytes[at + i] = digest.bytes[i] ^ (turned ? 0xff : 0);
    }
}

size_t embedded_entry_at(const struct embedded_maker *maker, size_t index)
{
    return maker->header + (size_t)3 * EMBEDDED_WIDTH + index * ENTRY_LEN;
}

void embedded_put_entry(struct embedded_maker *maker, size_t index, const char *name,
                        struct bytes content, enum embedded_kind kind)
{
    size_t at = embedded_entry_at(maker, index);
    embedded_put(maker, at, put_text(maker, bytes_from_string(name)));
    embedded_put(maker, at + EMBEDDED_WIDTH, strlen(name));
    if (name[strlen(name) - 1] != '/') {
        embedded_put(maker, at + (size_t)2 * EMBEDDED_WIDTH, put_text(maker, content));
        embedded_put(maker, at + (size_t)3 * EMBEDDED_WIDTH, content.len);
        embedded_put_hash(maker, at + (size_t)4 * EMBEDDED_WIDTH, content, kind);
    }
}

void embedded_put_header(struct embedded_maker *maker, size_t count)
{
    size_t at = maker->header;
    embedded_put(maker, at, EMBEDDED_BASE + embedded_entry_at(maker, 0));
    embedded_put(maker, at + EMBEDDED_WIDTH, count);
    embedded_put(maker, at + (size_t)2 * EMBEDDED_WIDTH, count);
}

void embedded_put_table(struct embedded_maker *maker, const char *const *names,
                        const char *const *contents)
{
    size_t count = 0;
    for (; names[count] != NULL; count++) {
        embedded_put_entry(maker, count, names[count], bytes_from_string(contents[count]), PLAIN);
    }
    embedded_put_header(maker, count);
    maker->header = embedded_entry_at(maker, count);
}
