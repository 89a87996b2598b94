// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/ladder_internal.h"
#include "verifier/image/image_macho.h"
#include "verifier/image/image_pe.h"

/* mach-o/loader.h */
#define NCMDS_OFFSET 16
#define MACHO_COMMAND_LEN 16
#define MACHO_ALIGNMENT 16
#define PE_ALIGNMENT 8
#define PE_DIRECTORY_LEN 8
#define PE_CHECKSUM_LEN 4
#define PIECE 65536
#define MASKS 8

static void cut_init(struct cut *cut, const struct image *image, struct arena *arena)
{
    range_list_init(&cut->masks, MASKS, arena);
    cut->end = image->source.size;
}

/* Masks are kept in the order of the file. */
static void mask(struct cut *cut, uint64_t offset, uint64_t length)
{
    struct range_list *list = &cut->masks;
    size_t at = list->count++;
    while (at > 0 && list->items[at - 1].offset > offset) {
        list->items[at] = list->items[at - 1];
        at--;
    }
    list->items[at] = (struct byte_range){offset, length};
}

/* True if the bytes of SOURCE from FROM to TO, fewer than MAXIMUM, are all zero. */
static bool is_padding(const struct source *source, uint64_t from, uint64_t to, uint64_t maximum)
{
    uint8_t raw[MACHO_ALIGNMENT];
    if (to < from || to - from >= maximum ||
        !source_read(source, from, raw, (size_t)(to - from), NULL)) {
        return false;
    }
    for (uint64_t i = 0; i < to - from; i++) {
        if (raw[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Brings both ends to the nearer one, if what the other has beyond is padding alone. */
static bool align_ends(const struct image *const images[2], struct rung *rung, uint64_t alignment)
{
    struct cut *cuts = rung->cuts;
    uint64_t end = cuts[0].end < cuts[1].end ? cuts[0].end : cuts[1].end;
    for (size_t i = 0; i < 2; i++) {
        if (!is_padding(&images[i]->source, end, cuts[i].end, alignment)) {
            return false;
        }
        cuts[i].end = end;
    }
    return true;
}

/* The index of __LINKEDIT among the segments, and where its load command is. */
static bool find_linkedit(const struct image *image, size_t *ret, uint64_t *ret_command)
{
    const struct macho_detail *macho = image_macho(image);
    size_t segment = 0;
    for (size_t i = 0; i < macho->command_count; i++) {
        bool is_segment = macho->commands[i].command == (image->pointer_size == 8 ? 0x19U : 0x1U);
        if (!is_segment) {
            continue;
        }
        if (segment < image->segment_count &&
            strcmp(image->segments[segment].name, "__LINKEDIT") == 0) {
            *ret = segment;
            *ret_command = macho->commands[i].offset;
            return true;
        }
        segment++;
    }
    return false;
}

/* What signing changes in one file; false if it is laid out as no signer leaves it. */
static bool cut_macho(const struct image *image, struct cut *cut)
{
    const struct macho_detail *macho = image_macho(image);
    unsigned width = image->pointer_size;
    size_t linkedit;
    uint64_t command;
    if (!find_linkedit(image, &linkedit, &command)) {
        return false;
    }
    mask(cut, NCMDS_OFFSET, 8);                         /* and sizeofcmds */
    mask(cut, command + (width == 8 ? 32 : 28), width); /* vmsize */
    mask(cut, command + (width == 8 ? 48 : 36), width); /* filesize */
    if (macho->has_code_signature) {
        const struct macho_command *signature = &macho->code_signature_command;
        mask(cut, signature->offset, signature->size);
        cut->end = macho->code_signature_offset;
    }
    return !macho->has_code_signature ||
           (uint64_t)macho->code_signature_offset + macho->code_signature_size ==
               image->source.size;
}

/* True if the fields that signing changes say just what is there. */
static bool is_as_signed(const struct image *image)
{
    size_t linkedit;
    uint64_t command;
    if (!find_linkedit(image, &linkedit, &command)) {
        return false;
    }
    const struct image_segment *segment = &image->segments[linkedit];
    return segment->offset + segment->size == image->source.size &&
           segment->memory_size >= segment->size;
}

static bool signature_macho(const struct image *const images[2], struct rung *ret)
{
    const struct macho_detail *a = image_macho(images[0]);
    const struct macho_detail *b = image_macho(images[1]);
    size_t extra_a = a->has_code_signature ? 1 : 0;
    size_t extra_b = b->has_code_signature ? 1 : 0;
    if (extra_a + extra_b == 0 || a->command_count - extra_a != b->command_count - extra_b ||
        a->commands_size - extra_a * MACHO_COMMAND_LEN !=
            b->commands_size - extra_b * MACHO_COMMAND_LEN ||
        !cut_macho(images[0], &ret->cuts[0]) || !cut_macho(images[1], &ret->cuts[1]) ||
        !align_ends(images, ret, MACHO_ALIGNMENT)) {
        return false;
    }
    ret->name = "macho-code-signature";
    ret->how = !is_as_signed(images[0]) ? "left out of both"
               : extra_a == 1           ? "put from A onto B"
                                        : "taken off B";
    return true;
}

/* The checksum as ImageHlp computes it: words added up with their carry, the field itself left out,
 * and the length. */
static bool checksum_is_right(const struct image *image)
{
    const struct pe_detail *pe = image_pe(image);
    uint8_t piece[PIECE];
    uint8_t stated[PE_CHECKSUM_LEN];
    uint32_t sum = 0;
    uint32_t wanted = 0;
    for (uint64_t at = 0; at < image->source.size; at += PIECE) {
        uint64_t left = image->source.size - at;
        size_t len = left < PIECE ? (size_t)left : PIECE;
        if (!source_read(&image->source, at, piece, len, NULL)) {
            return false;
        }
        for (size_t i = 0; i < len; i += 2) {
            uint64_t place = at + i;
            if (place >= pe->checksum_offset && place < pe->checksum_offset + PE_CHECKSUM_LEN) {
                continue;
            }
            sum += piece[i] | (i + 1 < len ? (uint32_t)piece[i + 1] << 8 : 0);
            sum = (sum & 0xffff) + (sum >> 16);
        }
    }
    if (!source_read(&image->source, pe->checksum_offset, stated, sizeof(stated), NULL)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(stated, sizeof(stated)), LITTLE_ENDIAN_ORDER);
    return reader_u32(&reader, &wanted) &&
           (wanted == 0 || wanted == sum + (uint32_t)image->source.size);
}

static bool cut_pe(const struct image *image, struct cut *cut)
{
    const struct pe_detail *pe = image_pe(image);
    const struct pe_directory *table = &pe->directories[PE_DIRECTORY_CERTIFICATE];
    if (pe->checksum_offset == 0 || pe->certificate_field_offset == 0) {
        return false;
    }
    mask(cut, pe->checksum_offset, PE_CHECKSUM_LEN);
    mask(cut, pe->certificate_field_offset, PE_DIRECTORY_LEN);
    if (table->size > 0) {
        cut->end = table->address;
    }
    return table->size == 0 || (uint64_t)table->address + table->size == image->source.size;
}

static bool signature_pe(const struct image *const images[2], struct rung *ret)
{
    uint32_t size_a = image_pe(images[0])->directories[PE_DIRECTORY_CERTIFICATE].size;
    uint32_t size_b = image_pe(images[1])->directories[PE_DIRECTORY_CERTIFICATE].size;
    if ((size_a == 0 && size_b == 0) || !cut_pe(images[0], &ret->cuts[0]) ||
        !cut_pe(images[1], &ret->cuts[1]) || !align_ends(images, ret, PE_ALIGNMENT)) {
        return false;
    }
    ret->name = "authenticode";
    ret->how = !checksum_is_right(images[0]) ? "left out of both"
               : size_a > 0                  ? "put from A onto B"
                                             : "taken off B";
    return true;
}

bool rung_signature(const struct image *const images[2], struct arena *arena, struct rung *ret)
{
    *ret = (struct rung){.version = 1};
    cut_init(&ret->cuts[0], images[0], arena);
    cut_init(&ret->cuts[1], images[1], arena);
    if (image_macho(images[0]) != NULL) {
        return signature_macho(images, ret);
    }
    return image_pe(images[0]) != NULL && signature_pe(images, ret);
}
