// SPDX-License-Identifier: Apache-2.0
#include "verifier/buildinfo/build_id.h"

#include <elf.h>

#include "base/checked.h"
#include "base/limits.h"
#include "verifier/image/image_elf.h"

#define NOTE_HEADER_LEN 12
#define NOTE_NAME "Go\0"
#define NOTE_TYPE 4
#define RAW_START "\xff Go build ID: \""
#define RAW_END "\"\n \xff"
/* How much of the file, and of its code, Go looks at (cmd/internal/buildid readSize). */
#define RAW_SPAN 32768

static uint64_t align(uint64_t value, uint64_t to)
{
    return to == 0 ? value : (value + to - 1) / to * to;
}

struct note {
    uint32_t name_len, value_len, type;
    uint8_t name[4];
};

static bool read_note(const struct image *image, uint64_t offset, struct note *ret)
{
    uint8_t raw[NOTE_HEADER_LEN + sizeof(ret->name)];
    struct bytes name;
    struct note note;
    if (!source_read(&image->source, offset, raw, sizeof(raw), NULL)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), image->order);
    if (!reader_u32(&reader, &note.name_len) || !reader_u32(&reader, &note.value_len) ||
        !reader_u32(&reader, &note.type) || !reader_bytes(&reader, sizeof(note.name), &name)) {
        return false;
    }
    memcpy(note.name, name.data, name.len);
    *ret = note;
    return true;
}

static bool is_go_note(const struct note *note)
{
    return note->name_len == sizeof(note->name) && note->type == NOTE_TYPE &&
           memcmp(note->name, NOTE_NAME, sizeof(note->name)) == 0;
}

/* Looks through the notes of one segment. A damaged note ends the walk: for Go it is the end too.
 */
static bool find_in_segment(const struct image *image, const struct elf_program *program,
                            struct arena *arena, const char **ret, struct error *err)
{
    uint64_t end;
    struct note note;
    if (!checked_add(program->offset, program->size, &end) || program->alignment > UINT32_MAX) {
        return true;
    }
    uint64_t at = program->offset;
    for (unsigned i = 0; i < LIMIT_BUILD_ID_NOTES && at < end && read_note(image, at, &note); i++) {
        uint64_t value = at + NOTE_HEADER_LEN + sizeof(note.name);
        if (is_go_note(&note) && checked_range(value, note.value_len, end)) {
            struct bytes text;
            if (!source_load(&image->source, value, note.value_len, LIMIT_BUILD_ID, arena, &text,
                             err)) {
                return error_prefix(err, "build ID note at offset %llu", (unsigned long long)at);
            }
            *ret = arena_text(arena, text);
            return true;
        }
        uint64_t step = NOTE_HEADER_LEN + align(note.name_len, 4) + align(note.value_len, 4);
        at = align(at + step, program->alignment);
    }
    return true;
}

static bool find_note(const struct image *image, const struct elf_detail *detail,
                      struct arena *arena, const char **ret, struct error *err)
{
    const char *found = NULL;
    for (size_t i = 0; i < detail->program_count && found == NULL; i++) {
        const struct elf_program *program = &detail->programs[i];
        if (program->type == PT_NOTE && !find_in_segment(image, program, arena, &found, err)) {
            return false;
        }
    }
    *ret = found == NULL ? "" : found;
    return true;
}

/* The text between the markers in the first RAW_SPAN bytes of LEN bytes from OFFSET. */
static bool find_raw(const struct image *image, uint64_t offset, uint64_t len, struct arena *arena,
                     const char **ret, struct error *err)
{
    uint8_t head[RAW_SPAN];
    struct bytes all = bytes_from(head, len < sizeof(head) ? (size_t)len : sizeof(head));
    if (!source_read(&image->source, offset, head, all.len, err)) {
        return false;
    }
    struct bytes opening = bytes_from_string(RAW_START);
    size_t start = bytes_find(all, 0, opening);
    size_t end = start == SIZE_MAX
                     ? SIZE_MAX
                     : bytes_find(all, start + opening.len, bytes_from_string(RAW_END));
    *ret = "";
    if (end != SIZE_MAX) {
        start += opening.len;
        *ret = arena_text(arena, bytes_from(head + start, end - start));
    }
    return true;
}

bool build_id_read(const struct image *image, struct arena *arena, const char **ret,
                   struct error *err)
{
    const struct elf_detail *elf = image_elf(image);
    const char *id;
    if (elf != NULL) {
        return find_note(image, elf, arena, ret, err);
    }
    if (!find_raw(image, 0, image->source.size, arena, &id, err)) {
        return false;
    }
    const struct image_section *text =
        image->format == IMAGE_MACHO ? image_section(image, "__text") : NULL;
    if (id[0] == '\0' && text != NULL && text->size > 0 &&
        !find_raw(image, text->offset, text->size, arena, &id, err)) {
        return error_prefix(err, "section __text");
    }
    *ret = id;
    return true;
}

static bool is_part(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
            return false;
        }
    }
    return text.len == BUILD_ID_PART_LEN;
}

bool build_id_split(const char *id, struct bytes ret_parts[BUILD_ID_PARTS])
{
    struct bytes parts[BUILD_ID_PARTS];
    if (strlen(id) != BUILD_ID_LEN) {
        return false;
    }
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        size_t start = i * (BUILD_ID_PART_LEN + 1);
        parts[i] = bytes_from(id + start, BUILD_ID_PART_LEN);
        if (!is_part(parts[i]) ||
            (i + 1 < BUILD_ID_PARTS && id[start + BUILD_ID_PART_LEN] != '/')) {
            return false;
        }
    }
    memcpy(ret_parts, parts, sizeof(parts));
    return true;
}
