// SPDX-License-Identifier: Apache-2.0
#include "base/checked.h"
#include "base/limits.h"
#include "verifier/image/pclntab_internal.h"

/* The table is aligned to the size of a pointer at least. */
#define ALIGNMENT 4
/* Places that begin like a header and are looked at more closely: one program has one table. */
#define LIMIT_CANDIDATES 1024

struct search {
    struct window *window;
    uint64_t end;        /* of what is searched: the table may span all up to there */
    unsigned candidates; /* seen so far */
    uint64_t found;
    bool has_found;
};

/* Looks at the magic at OFFSET, which is known to lie before the end. */
static void try_place(struct search *search, struct bytes magic, uint64_t offset)
{
    enum pclntab_layout layout;
    enum byte_order order;
    unsigned quantum;
    unsigned pointer_size;
    struct pclntab table;
    if (offset % ALIGNMENT != 0 ||
        !pclntab_magic(magic, &layout, &order, &quantum, &pointer_size)) {
        return;
    }
    search->candidates++;
    /* The first readings move the window, which is why the caller reads its piece anew. */
    if (pclntab_read_header(search->window, offset, search->end - offset, &table, NULL)) {
        search->found = offset;
        search->has_found = true;
    }
}

/* Looks for the three bytes that all magics share; each hit costs a fixed amount of work. The rest
 * of PIECE that was not looked at begins at the offset returned. */
static size_t search_piece(struct search *search, struct bytes piece, uint64_t start,
                           enum byte_order order)
{
    size_t lead = order == LITTLE_ENDIAN_ORDER ? 1 : 0;
    struct bytes needle = order == LITTLE_ENDIAN_ORDER ? bytes_from("\xff\xff\xff\0\0", 5)
                                                       : bytes_from("\xff\xff\xff", 3);
    struct reader reader = reader_over(piece, order);
    struct reader magic;
    for (size_t at = lead; (at = bytes_find(piece, at, needle)) != SIZE_MAX; at++) {
        if (reader_at(&reader, at - lead, PCLNTAB_MAGIC_LEN, &magic)) {
            unsigned before = search->candidates;
            try_place(search, magic.bytes, start + at - lead);
            if (search->candidates != before) {
                return at - lead + 1;
            }
        }
    }
    return piece.len < PCLNTAB_MAGIC_LEN ? piece.len : piece.len - PCLNTAB_MAGIC_LEN + 1;
}

static bool search_range(struct search *search, uint64_t offset, uint64_t size,
                         enum byte_order order, struct error *err)
{
    if (!checked_add(offset, size, &search->end)) {
        return true;
    }
    while (offset < search->end && !search->has_found && search->candidates < LIMIT_CANDIDATES) {
        struct bytes piece;
        if (!window_some(search->window, offset, search->end, WINDOW_MAXIMUM, &piece, err)) {
            return false;
        }
        offset += search_piece(search, piece, offset, order);
    }
    return true;
}

/* Go puts the table into read-only data; on AIX that is in .text. */
static bool worth_searching(const struct image *image, const struct image_section *section)
{
    return section->size > 0 && (!section->executable || image->format == IMAGE_XCOFF);
}

static bool search_sections(const struct image *image, struct search *search, struct error *err)
{
    for (size_t i = 0; i < image->section_count && !search->has_found; i++) {
        const struct image_section *section = &image->sections[i];
        if (worth_searching(image, section) &&
            !search_range(search, section->offset, section->size, image->order, err)) {
            return error_prefix(err, "section %s", section->name);
        }
    }
    return true;
}

static bool search_segments(const struct image *image, struct search *search, struct error *err)
{
    for (size_t i = 0; i < image->segment_count && !search->has_found; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (!segment->executable &&
            !search_range(search, segment->offset, segment->size, image->order, err)) {
            return error_prefix(err, "segment %zu", i);
        }
    }
    return true;
}

/* In wasm what lies together in memory is cut into segments: the magic is within one of them, the
 * table goes on up to the last one's end. */
static bool search_memory(const struct image *image, struct search *search, struct error *err)
{
    uint64_t end = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (segment->address < end || !checked_add(segment->address, segment->size, &end)) {
            return error_set(err, ERROR_ABSENT, "no pclntab: data segments overlap");
        }
    }
    for (size_t i = 0; i < image->segment_count && !search->has_found; i++) {
        uint64_t at = image->segments[i].address;
        uint64_t stop = at + image->segments[i].size;
        search->end = end;
        while (at < stop && !search->has_found && search->candidates < LIMIT_CANDIDATES) {
            struct bytes piece;
            if (!window_some(search->window, at, stop, WINDOW_MAXIMUM, &piece, err)) {
                return false;
            }
            at += search_piece(search, piece, at, image->order);
        }
    }
    return true;
}

static const struct image_section *own_section(const struct image *image)
{
    static const char *const names[] = {".gopclntab", ".data.rel.ro.gopclntab", "__gopclntab"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct image_section *section = image_section(image, names[i]);
        if (section != NULL && section->size > 0) {
            return section;
        }
    }
    return NULL;
}

bool pclntab_has_section(const struct image *image)
{
    return own_section(image) != NULL;
}

bool pclntab_locate(const struct image *image, struct window *window, uint64_t *ret_offset,
                    uint64_t *ret_size, struct error *err)
{
    struct search search = {.window = window};
    const struct image_section *section = own_section(image);
    if (section != NULL) {
        *ret_offset = section->offset;
        *ret_size = section->size;
        return true;
    }
    bool searched = image->format == IMAGE_WASM ? search_memory(image, &search, err)
                    : image->section_count > 0  ? search_sections(image, &search, err)
                                                : search_segments(image, &search, err);
    if (!searched) {
        return false;
    }
    if (!search.has_found) {
        return error_set(err, ERROR_ABSENT, "no pclntab");
    }
    *ret_offset = search.found;
    *ret_size = search.end - search.found;
    return true;
}
