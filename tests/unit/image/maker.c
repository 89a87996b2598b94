// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/image/maker.h"

#include <stdlib.h>

#define CONTENT 0x400U

static struct made made_new(size_t len, enum byte_order order, unsigned width)
{
    struct made made = {.data = calloc(1, len), .len = len, .order = order, .width = width};
    if (made.data == NULL) {
        abort();
    }
    return made;
}

void made_free(struct made *made)
{
    free(made->data);
    made->data = NULL;
}

void made_put(struct made *made, size_t offset, unsigned width, uint64_t value)
{
    if (offset + width > made->len) {
        abort();
    }
    for (unsigned i = 0; i < width; i++) {
        unsigned shift = made->order == LITTLE_ENDIAN_ORDER ? i : width - 1 - i;
        made->data[offset + i] = (uint8_t)(value >> (8 * shift));
    }
}

static void put_bytes(struct made *made, size_t offset, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        made_put(made, offset + i, 1, bytes.data[i]);
    }
}

/* Fields one behind the other: pairs of width and value, up to a width of 0. */
static size_t put_fields(struct made *made, size_t offset, const uint64_t *fields)
{
    for (; fields[0] != 0; fields += 2) {
        made_put(made, offset, (unsigned)fields[0], fields[1]);
        offset += fields[0];
    }
    return offset;
}

struct source made_source(const struct made *made)
{
    return source_from_bytes(bytes_from(made->data, made->len));
}

static void elf_section(struct made *made, size_t index, uint64_t name, uint64_t type,
                        uint64_t address, uint64_t offset, uint64_t size)
{
    unsigned w = made->width;
    const uint64_t fields[] = {4,    name, 4, type, w, 3, w, address, w, offset, w,
                               size, 4,    0, 4,    0, w, 1, w,       0, 0};
    put_fields(made, made->table + index * (w == 8 ? 64 : 40), fields);
}

struct made made_elf(enum byte_order order, unsigned w, struct bytes content)
{
    static const char names[] = "\0.go.buildinfo\0.shstrtab";
    size_t names_offset = CONTENT + content.len;
    size_t table = (names_offset + sizeof(names) + 15) / 16 * 16;
    struct made made = made_new(table + 3U * (w == 8 ? 64 : 40), order, w);
    made.content = CONTENT;
    made.table = table;
    put_bytes(&made, 0,
              bytes_from("\x7f"
                         "ELF",
                         4));
    uint64_t header = w == 8 ? 64 : 52;
    const uint64_t machine =
        w == 8 ? (order == LITTLE_ENDIAN_ORDER ? 62 : 21) : (order == LITTLE_ENDIAN_ORDER ? 3 : 8);
    const uint64_t fields[] = {1, w == 8 ? 2U : 1U,
                               1, order == LITTLE_ENDIAN_ORDER ? 1U : 2U,
                               1, 1,
                               1, 0,
                               8, 0,
                               2, 2,
                               2, machine,
                               4, 1,
                               w, MADE_ADDRESS,
                               w, header,
                               w, table,
                               4, 0,
                               2, header,
                               2, w == 8 ? 56 : 32,
                               2, 1,
                               2, w == 8 ? 64 : 40,
                               2, 3,
                               2, 2,
                               0};
    put_fields(&made, 4, fields);
    const uint64_t wide[] = {4, 1,           4, 6,           8, CONTENT, 8, MADE_ADDRESS, 8, 0,
                             8, content.len, 8, content.len, 8, 16,      0};
    const uint64_t narrow[] = {4, 1,           4, CONTENT, 4, MADE_ADDRESS, 4, 0, 4, content.len,
                               4, content.len, 4, 6,       4, 16,           0};
    put_fields(&made, header, w == 8 ? wide : narrow);
    put_bytes(&made, CONTENT, content);
    put_bytes(&made, names_offset, bytes_from(names, sizeof(names)));
    elf_section(&made, 1, 1, 1, MADE_ADDRESS, CONTENT, content.len);
    elf_section(&made, 2, 15, 3, 0, names_offset, sizeof(names));
    return made;
}

static void put_name(struct made *made, size_t offset, const char *name)
{
    put_bytes(made, offset, bytes_from_string(name));
}

struct made made_macho(enum byte_order order, unsigned w, struct bytes content)
{
    struct made made = made_new(CONTENT + content.len + 32, order, w);
    bool wide = w == 8;
    uint64_t segment = wide ? 72 + 80 : 56 + 68;
    uint64_t size = segment + 24 + 16 + 24 + 56 + 24;
    const uint64_t header[] = {4, wide ? 0xfeedfacf : 0xfeedface,
                               4, wide ? 0x0100000c : 7,
                               4, 0,
                               4, 2,
                               4, 6,
                               4, size,
                               4, 0x200000,
                               0};
    const uint64_t head[] = {4, wide ? 0x19 : 1, 4, segment, 0};
    const uint64_t body[] = {
        w, MADE_ADDRESS, w, content.len, w, CONTENT, w, content.len, 4, 3, 4, 3, 4, 1, 4, 0, 0};
    const uint64_t section[] = {
        w, MADE_ADDRESS, w, content.len, 4, CONTENT, 4, 4, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 0};
    made.content = CONTENT;
    made.table = put_fields(&made, 0, header) + (wide ? 4 : 0);
    size_t place = put_fields(&made, made.table, head);
    put_name(&made, place, "__DATA");
    place = put_fields(&made, place + 16, body);
    put_name(&made, place, "__go_buildinfo");
    put_name(&made, place + 16, "__DATA");
    place = put_fields(&made, place + 32, section) + (wide ? 4 : 0);
    const uint64_t rest[] = {4, 0x1b,
                             4, 24,
                             8, 0x1122334455667788,
                             8, 0x99aabbccddeeff00, /* UUID */
                             4, 0x1d,
                             4, 16,
                             4, CONTENT + content.len,
                             4, 32, /* signature */
                             4, 2,
                             4, 24,
                             4, 0,
                             4, 0,
                             4, 0,
                             4, 0, /* no symbols */
                             4, 0xc,
                             4, 56,
                             4, 24,
                             4, 0,
                             4, 0,
                             4, 0,
                             0};
    place = put_fields(&made, place, rest);
    put_name(&made, place, "/usr/lib/libSystem.B.dylib");
    const uint64_t build[] = {4, 0x32, 4, 24, 4, 1, 4, 0xd0000, 4, 0xe0000, 4, 0, 0};
    put_fields(&made, place + 32, build);
    put_bytes(&made, CONTENT, content);
    return made;
}

struct made made_fat(bool wide, struct bytes content)
{
    struct made slices[] = {made_macho(LITTLE_ENDIAN_ORDER, 8, content),
                            made_macho(LITTLE_ENDIAN_ORDER, 8, content)};
    size_t first = 0x1000;
    size_t second = first + (slices[0].len + 0xfff) / 0x1000 * 0x1000;
    struct made made = made_new(second + slices[1].len, BIG_ENDIAN_ORDER, wide ? 8 : 4);
    unsigned w = made.width;
    made_put(&slices[0], 4, 4, 0x01000007);
    made.table = 8;
    made.content = first;
    const uint64_t table[] = {4, wide ? 0xcafebabf : 0xcafebabe,
                              4, 2,
                              4, 0x01000007,
                              4, 3,
                              w, first,
                              w, slices[0].len,
                              4, 12,
                              0};
    const uint64_t entry[] = {4, 0x0100000c, 4, 0, w, second, w, slices[1].len, 4, 12, 0};
    size_t place = put_fields(&made, 0, table);
    put_fields(&made, place + (wide ? 4 : 0), entry);
    put_bytes(&made, first, bytes_from(slices[0].data, slices[0].len));
    put_bytes(&made, second, bytes_from(slices[1].data, slices[1].len));
    made_free(&slices[0]);
    made_free(&slices[1]);
    return made;
}

struct made made_pe(unsigned w, struct bytes content)
{
    struct made made = made_new(CONTENT + content.len, LITTLE_ENDIAN_ORDER, w);
    bool wide = w == 8;
    uint64_t optional = (wide ? 112 : 96) + 128;
    made.content = CONTENT;
    put_name(&made, 0, "MZ");
    made_put(&made, 0x3c, 4, 0x80);
    put_name(&made, 0x80, "PE");
    const uint64_t coff[] = {2, wide ? 0x8664 : 0x14c, 2, 2, 4, 0, 4, 0, 4, 0, 2, optional, 2, 0x22,
                             2, wide ? 0x20b : 0x10b,  0};
    put_fields(&made, 0x84, coff);
    size_t optional_offset = 0x84 + 20;
    uint64_t base = MADE_ADDRESS - 0x2000;
    made_put(&made, optional_offset + (wide ? 24 : 28), w, base);
    made_put(&made, optional_offset + 70, 2, 0x40);
    made_put(&made, optional_offset + (wide ? 108 : 92), 4, 16);
    made.table = optional_offset + optional;
    put_name(&made, made.table, ".text");
    const uint64_t text[] = {4, 16, 4, 0x1000, 4, 16, 4, CONTENT - 16, 4, 0,
                             4, 0,  2, 0,      2, 0,  4, 0x60000020,   0};
    put_fields(&made, made.table + 8, text);
    put_name(&made, made.table + 40, ".data");
    const uint64_t data[] = {4, content.len, 4, 0x2000, 4, content.len, 4, CONTENT,    4, 0,
                             4, 0,           2, 0,      2, 0,           4, 0xc0000040, 0};
    put_fields(&made, made.table + 48, data);
    put_bytes(&made, CONTENT, content);
    return made;
}

struct made made_xcoff(unsigned w, struct bytes content)
{
    size_t symbols = CONTENT + content.len;
    struct made made = made_new(symbols + 18 + 4, BIG_ENDIAN_ORDER, w);
    made.content = CONTENT;
    const uint64_t wide[] = {2, 0x1f7, 2, 1, 4, 0, 8, symbols, 2, 0, 2, 0, 4, 1, 0};
    const uint64_t narrow[] = {2, 0x1df, 2, 1, 4, 0, 4, symbols, 4, 1, 2, 0, 2, 0, 0};
    made.table = put_fields(&made, 0, w == 8 ? wide : narrow);
    put_name(&made, made.table, ".data");
    const uint64_t section[] = {
        w, MADE_ADDRESS, w, MADE_ADDRESS, w, content.len, w,    CONTENT, w, 0, w,
        0, w / 2,        0, w / 2,        0, 4,           0x40, 0};
    put_fields(&made, made.table + 8, section);
    put_bytes(&made, CONTENT, content);
    made_put(&made, symbols + 18, 4, 4);
    return made;
}

struct made made_plan9(struct bytes content)
{
    struct made made = made_new(MADE_PLAN9_ADDRESS + content.len, BIG_ENDIAN_ORDER, 8);
    const uint64_t header[] = {4, 0x8a97,   4, 8, 4, content.len, 4, 0,        4, 0,
                               4, 0x200028, 4, 0, 4, 0,           8, 0x200028, 0};
    put_fields(&made, 0, header);
    made.content = MADE_PLAN9_ADDRESS;
    put_bytes(&made, made.content, content);
    return made;
}

/* Lengths are written with five bytes each, as any number of 32 bits may be. */
static size_t put_length(struct made *made, size_t offset, uint64_t value)
{
    for (unsigned i = 0; i < 5; i++) {
        made_put(made, offset + i, 1, (value >> (7 * i) & 0x7f) | (i < 4 ? 0x80U : 0));
    }
    return offset + 5;
}

struct made made_wasm(struct bytes content)
{
    static const char custom[] = "\0asm\1\0\0\0\0\x10\ngo:buildid\xff Go ";
    static const char import[] = "\2\x10\1\4gojs\7runtime\0\0";
    static const char producers[] = "\0\x21\11producers\1\10language\1\2Go\10go1.23.5";
    size_t head = sizeof(custom) - 1 + sizeof(import) - 1;
    size_t tail = sizeof(producers) - 1;
    size_t data = head + 1 + 5 + 1 + 4 + 5 + content.len;
    struct made made = made_new(data + tail, LITTLE_ENDIAN_ORDER, 8);
    put_bytes(&made, 0, bytes_from(custom, sizeof(custom) - 1));
    put_bytes(&made, sizeof(custom) - 1, bytes_from(import, sizeof(import) - 1));
    made.table = head;
    made_put(&made, head, 1, 11);
    size_t place = put_length(&made, head + 1, 1 + 4 + 5 + content.len);
    put_bytes(&made, place, bytes_from("\1\0\x41\x10\x0b", 5));
    made.content = put_length(&made, place + 5, content.len);
    put_bytes(&made, made.content, content);
    put_bytes(&made, data, bytes_from(producers, tail));
    return made;
}

static void put_varint(struct buffer *buffer, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        buffer_byte(buffer, (uint8_t)(value | 0x80));
    }
    buffer_byte(buffer, (uint8_t)value);
}

static void put_zeros(struct buffer *buffer, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_byte(buffer, 0);
    }
}

void made_inline(struct buffer *ret, const char *version, struct bytes modules)
{
    buffer_append(ret, bytes_from("\xff Go buildinf:\x08\x02", 16));
    put_zeros(ret, 16);
    put_varint(ret, strlen(version));
    buffer_string(ret, version);
    put_varint(ret, modules.len);
    buffer_append(ret, modules);
    put_zeros(ret, 16);
}

static void put_uint(struct buffer *buffer, enum byte_order order, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++) {
        unsigned shift = order == LITTLE_ENDIAN_ORDER ? i : width - 1 - i;
        buffer_byte(buffer, (uint8_t)(value >> (8 * shift)));
    }
}

void made_pointers(struct buffer *ret, enum byte_order order, unsigned w, uint64_t address,
                   const char *version, struct bytes modules)
{
    uint64_t strings = address + 32;
    uint64_t texts = strings + 4ULL * w;
    buffer_append(ret, bytes_from("\xff Go buildinf:", 14));
    buffer_byte(ret, (uint8_t)w);
    buffer_byte(ret, order == BIG_ENDIAN_ORDER ? 1 : 0);
    put_uint(ret, order, w, strings);
    put_uint(ret, order, w, strings + 2ULL * w);
    put_zeros(ret, 16 - 2 * w);
    put_uint(ret, order, w, texts);
    put_uint(ret, order, w, strlen(version));
    put_uint(ret, order, w, texts + strlen(version));
    put_uint(ret, order, w, modules.len);
    buffer_string(ret, version);
    buffer_append(ret, modules);
}

void made_marked(struct buffer *ret, struct bytes text)
{
    buffer_append(
        ret, bytes_from("\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6", 16));
    buffer_append(ret, text);
    buffer_append(
        ret, bytes_from("\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2", 16));
}
