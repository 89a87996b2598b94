// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/image/go_maker.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/encode.h"
#include "verifier/buildinfo/build_id.h"

#define PART 65536U

static void put(struct buffer *out, const struct made_table *table, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++) {
        unsigned shift = table->order == LITTLE_ENDIAN_ORDER ? i : width - 1 - i;
        buffer_byte(out, (uint8_t)(value >> (8 * shift)));
    }
}

static void put_varint(struct buffer *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        buffer_byte(out, (uint8_t)(value | 0x80));
    }
    buffer_byte(out, (uint8_t)value);
}

static void put_text(struct buffer *out, const char *text)
{
    buffer_append(out, bytes_from(text, strlen(text) + 1));
}

/* One step from -1 to VALUE that holds for all of a function; yields where it is. */
static uint32_t put_step(struct buffer *steps, uint32_t value)
{
    uint32_t place = (uint32_t)steps->len;
    put_varint(steps, (uint64_t)(value + 1) << 1);
    put_varint(steps, MADE_FUNCTION_LEN);
    buffer_byte(steps, 0);
    return place;
}

struct parts {
    struct buffer names, units, files, steps, functions;
};

static void start(struct parts *parts)
{
    struct buffer *const all[] = {&parts->names, &parts->units, &parts->files, &parts->steps,
                                  &parts->functions};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        buffer_init(all[i], PART);
    }
    buffer_byte(&parts->steps, 0); /* offset 0 says that there is none */
}

static void finish(struct parts *parts)
{
    struct buffer *const all[] = {&parts->names, &parts->units, &parts->files, &parts->steps,
                                  &parts->functions};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        buffer_free(all[i]);
    }
}

static uint64_t entry_of(const struct made_table *table, size_t index)
{
    uint64_t offset = index * MADE_FUNCTION_LEN;
    return table->layout >= PCLNTAB_1_18 ? offset : MADE_TEXT + offset;
}

/* The record of function INDEX; its name is at NAME, its steps count from STEPS. */
static void put_record(struct buffer *out, const struct made_table *table, size_t index,
                       uint32_t name, struct buffer *steps, uint32_t steps_base)
{
    const struct made_function *function = &table->functions[index];
    unsigned entry = table->layout >= PCLNTAB_1_18 ? 4 : table->width;
    uint32_t file = 0;
    if (function->file != MADE_NO_FILE) {
        uint32_t number = (uint32_t)function->file + (table->layout == PCLNTAB_1_2 ? 1 : 0);
        file = steps_base + put_step(steps, number);
    }
    uint32_t line = steps_base + put_step(steps, function->line);
    put(out, table, entry, entry_of(table, index));
    const uint32_t fields[] = {name, 0, 0, 0, file, line, 0, 0};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        put(out, table, 4, fields[i]);
    }
}

static void put_magic(struct buffer *out, const struct made_table *table)
{
    static const uint32_t magics[] = {0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1};
    put(out, table, 4, magics[table->layout]);
    put(out, table, 2, 0);
    buffer_byte(out, 1);
    buffer_byte(out, (uint8_t)table->width);
}

static void put_functions(struct parts *parts, const struct made_table *table)
{
    unsigned width = table->layout >= PCLNTAB_1_18 ? 4 : table->width;
    uint64_t record_len = width + 32;
    uint64_t records = (table->function_count * 2 + 1) * width;
    for (size_t i = 0; i < table->function_count; i++) {
        put(&parts->functions, table, width, entry_of(table, i));
        put(&parts->functions, table, width, records + i * record_len);
    }
    put(&parts->functions, table, width, entry_of(table, table->function_count));
    for (size_t i = 0; i < table->function_count; i++) {
        uint32_t name = (uint32_t)parts->names.len;
        put_text(&parts->names, table->functions[i].name);
        put_record(&parts->functions, table, i, name, &parts->steps, 0);
    }
}

static void make_new(struct buffer *ret, const struct made_table *table)
{
    struct parts parts;
    start(&parts);
    for (size_t i = 0; i < table->file_count; i++) {
        put(&parts.units, table, 4, parts.files.len);
        put_text(&parts.files, table->files[i]);
    }
    put_functions(&parts, table);
    const struct buffer *const order[] = {&parts.names, &parts.units, &parts.files, &parts.steps,
                                          &parts.functions};
    size_t words = table->layout == PCLNTAB_1_16 ? 7 : 8;
    put_magic(ret, table);
    put(ret, table, table->width, table->function_count);
    put(ret, table, table->width, table->file_count);
    if (words == 8) {
        put(ret, table, table->width, MADE_TEXT);
    }
    uint64_t place = 8 + words * table->width;
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        put(ret, table, table->width, place);
        place += order[i]->len;
    }
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        buffer_append(ret, buffer_view(order[i]));
    }
    finish(&parts);
}

/* Functions, records, steps, names, files: all offsets from the start. */
static void make_old(struct buffer *ret, const struct made_table *table)
{
    struct parts parts;
    unsigned width = table->width;
    size_t count = table->function_count;
    start(&parts);
    uint64_t records = 8 + width + (count * 2 + 1) * width + 4;
    uint64_t names = records + count * (width + 32);
    for (size_t i = 0; i < count; i++) {
        put_text(&parts.names, table->functions[i].name);
    }
    for (size_t i = 0; i < table->file_count; i++) {
        put_text(&parts.names, table->files[i]);
    }
    uint32_t steps = (uint32_t)(names + parts.names.len);
    uint64_t name = names;
    for (size_t i = 0; i < count; i++) {
        put_record(&parts.functions, table, i, (uint32_t)name, &parts.steps, steps);
        name += strlen(table->functions[i].name) + 1;
    }
    put_magic(ret, table);
    put(ret, table, width, count);
    for (size_t i = 0; i < count; i++) {
        put(ret, table, width, entry_of(table, i));
        put(ret, table, width, records + i * (width + 32));
    }
    put(ret, table, width, entry_of(table, count));
    put(ret, table, 4, steps + parts.steps.len);
    buffer_append(ret, buffer_view(&parts.functions));
    buffer_append(ret, buffer_view(&parts.names));
    buffer_append(ret, buffer_view(&parts.steps));
    put(ret, table, 4, table->file_count + 1);
    for (size_t i = 0; i < table->file_count; i++) {
        put(ret, table, 4, name);
        name += strlen(table->files[i]) + 1;
    }
    finish(&parts);
}

void made_pclntab(struct buffer *ret, const struct made_table *table)
{
    if (table->layout == PCLNTAB_1_2) {
        make_old(ret, table);
    } else {
        make_new(ret, table);
    }
}

struct section {
    const char *name;
    uint32_t type;
    struct bytes content;
    uint64_t offset; /* 0: behind the one before */
    bool wanted;
};

static void word(struct buffer *out, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++) {
        buffer_byte(out, (uint8_t)(value >> (8 * i)));
    }
}

static void pad(struct buffer *out, size_t to)
{
    while (out->len < to) {
        buffer_byte(out, 0);
    }
}

static void put_note(struct buffer *out, const char *name, uint32_t type, struct bytes value)
{
    word(out, 4, 4);
    word(out, 4, value.len);
    word(out, 4, type);
    buffer_append(out, bytes_from(name, 4));
    buffer_append(out, value);
}

static void put_segment(struct buffer *out, uint32_t type, uint32_t flags, uint64_t offset,
                        uint64_t size, uint64_t align)
{
    word(out, 4, type);
    word(out, 4, flags);
    word(out, 8, offset);
    word(out, 8, MADE_ADDRESS + offset);
    word(out, 8, 0);
    word(out, 8, size);
    word(out, 8, size);
    word(out, 8, align);
}

/* Puts the contents behind the headers, notes each place, and yields how many are there. */
static size_t put_contents(struct buffer *body, struct section *sections, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!sections[i].wanted) {
            continue;
        }
        pad(body, sections[i].offset != 0 ? sections[i].offset : (body->len + 15) / 16 * 16);
        sections[i].offset = body->len;
        buffer_append(body, sections[i].content);
        sections[kept++] = sections[i];
    }
    return kept;
}

static void put_headers(struct buffer *body, const struct section *sections, size_t count,
                        const struct buffer *names)
{
    uint64_t name = 1;
    pad(body, body->len + 64); /* the null section */
    for (size_t i = 0; i <= count; i++) {
        bool last = i == count;
        uint64_t offset = last ? body->len - 64 * (i + 1) - names->len : sections[i].offset;
        word(body, 4, name);
        word(body, 4, last ? 3 : sections[i].type);
        word(body, 8, 2);
        word(body, 8, last ? 0 : MADE_ADDRESS + offset);
        word(body, 8, offset);
        word(body, 8, last ? names->len : sections[i].content.len);
        word(body, 4, last || sections[i].type != 2 ? 0 : count + 1);
        word(body, 4, 0);
        word(body, 8, 1);
        word(body, 8, 0);
        name += last ? 0 : strlen(sections[i].name) + 1;
    }
}

static struct made finish_elf(struct buffer *body, size_t table, size_t count)
{
    struct made made = {.data = calloc(1, body->len),
                        .len = body->len,
                        .order = LITTLE_ENDIAN_ORDER,
                        .width = 8,
                        .table = table};
    if (made.data == NULL || !buffer_ok(body)) {
        abort();
    }
    memcpy(made.data, body->data, body->len);
    made_put(&made, 40, 8, table);
    made_put(&made, 60, 2, count + 2);
    made_put(&made, 62, 2, count + 1);
    return made;
}

struct made made_go_elf(const struct made_program *program)
{
    struct buffer body, names, note, host, info, symbols;
    struct buffer *const all[] = {&body, &names, &note, &host, &info, &symbols};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        buffer_init(all[i], 1U << 20);
    }
    bool has_id = program->build_id != NULL && program->build_id[0] != '\0';
    if (has_id) {
        put_note(&note, "Go\0", 4, bytes_from_string(program->build_id));
        pad(&note, (note.len + 3) / 4 * 4);
    }
    put_note(&host, "GNU", 3, bytes_from_string("0123456789abcdefghij"));
    if (program->version != NULL) {
        made_inline(&info, program->version, program->modules);
    }
    word(&symbols, 8, 0);
    word(&symbols, 8, 0);
    word(&symbols, 8, 0);
    struct section sections[] = {
        {".note.go.buildid", 7, buffer_view(&note), MADE_NOTE, has_id},
        {".note.gnu.build-id", 7, buffer_view(&host), 0x2c0, program->host_id},
        {".text", 1, bytes_from("\xc3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16), 0x300, true},
        {".gopclntab", 1, program->pclntab, MADE_PCLNTAB, program->pclntab.len > 0},
        {".rodata", 1, program->rodata, 0, program->rodata.len > 0},
        {".go.buildinfo", 1, buffer_view(&info), 0, program->version != NULL},
        {".init", 1, bytes_from("\xc3", 1), 0, program->c_library},
        {".comment", 1, program->comment, 0, program->comment.len > 0},
        {".symtab", 2, buffer_view(&symbols), 0, program->symbols},
    };
    static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    buffer_append(&body, bytes_from(ident, sizeof(ident)));
    const uint64_t fields[] = {
        2, 2, 2,  62, 4, 1, 8, MADE_ADDRESS + 0x300, 8, 64, 8, 0, 4, 0, 2, 64, 2, 56, 2,
        2, 2, 64, 2,  0, 2, 0};
    for (size_t i = 0; i < ARRAY_LEN(fields); i += 2) {
        word(&body, (unsigned)fields[i], fields[i + 1]);
    }
    put_segment(&body, 1, 6, 0, 0, 0x1000);
    put_segment(&body, has_id ? 4 : 0, 4, MADE_NOTE, note.len, 4);
    size_t count = put_contents(&body, sections, ARRAY_LEN(sections));
    uint64_t loaded = body.len;
    buffer_byte(&names, 0);
    for (size_t i = 0; i < count; i++) {
        put_text(&names, sections[i].name);
    }
    put_text(&names, ".shstrtab");
    buffer_append(&body, buffer_view(&names));
    size_t table = body.len;
    put_headers(&body, sections, count, &names);
    struct made made = finish_elf(&body, table, count);
    made_put(&made, 64 + 32, 8, loaded);
    made_put(&made, 64 + 40, 8, loaded);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        buffer_free(all[i]);
    }
    return made;
}

void made_seal(struct made *made, const char *build_id, bool blank_host_id)
{
    uint8_t *copy = malloc(made->len);
    struct bytes id = bytes_from_string(build_id);
    struct bytes all = bytes_from(made->data, made->len);
    struct sha256 sum;
    char text[BASE64_LEN(15) + 1];
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, made->data, made->len);
    if (blank_host_id) {
        memset(copy + MADE_HOST_ID, 0, 20);
    }
    for (size_t at = 0; (at = bytes_find(all, at, id)) != SIZE_MAX; at += id.len) {
        memset(copy + at, 0, id.len);
    }
    sum = sha256_of(bytes_from(copy, made->len));
    encode_base64(bytes_from(sum.bytes, 15), BASE64_URL, text);
    for (size_t at = 0; (at = bytes_find(all, at, id)) != SIZE_MAX; at += id.len) {
        memcpy(made->data + at + id.len - BUILD_ID_PART_LEN, text, BUILD_ID_PART_LEN);
    }
    free(copy);
}
