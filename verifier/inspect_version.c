// SPDX-License-Identifier: Apache-2.0
#include "base/scanner.h"
#include "verifier/image/window.h"
#include "verifier/inspect_internal.h"

#define PREFIX "go1."
#define LEAST_ALIGNMENT 4
/* "go1.26rc1", "go1.4.3": what else is so short and ends in NUL is no version. */
#define VERSION_MAXIMUM 16
/* Places looked at more closely in one file; import paths and the like contain the prefix too. */
#define LIMIT_PLACES 65536

static bool is_version(struct bytes text)
{
    for (size_t i = strlen(PREFIX); i < text.len; i++) {
        uint8_t c = text.data[i];
        if ((c < '0' || c > '9') && c != '.' && c != 'r' && c != 'c' && c != 'b' && c != 'e' &&
            c != 't' && c != 'a') {
            return false;
        }
    }
    return text.len > strlen(PREFIX) && text.data[strlen(PREFIX)] >= '1' &&
           text.data[strlen(PREFIX)] <= '9';
}

/* The linker puts each value of -X, runtime.buildVersion's among them, at an aligned place and
 * with a NUL behind it; other texts of a program stand in one block without either. */
static bool read_place(const struct image *image, uint64_t offset, struct arena *arena,
                       const char **ret)
{
    uint8_t raw[VERSION_MAXIMUM];
    struct bytes text;
    if (offset % LEAST_ALIGNMENT != 0 ||
        !source_read(&image->source, offset, raw, sizeof(raw), NULL)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), image->order);
    if (!reader_cstring(&reader, sizeof(raw), &text) || !is_version(text)) {
        return false;
    }
    *ret = arena_text(arena, text);
    return true;
}

struct search {
    const char *found; /* NULL: nothing yet */
    bool ambiguous;
    unsigned places;
};

static void look_at(const struct image *image, uint64_t offset, struct arena *arena,
                    struct search *search)
{
    const char *text;
    search->places++;
    if (read_place(image, offset, arena, &text)) {
        search->ambiguous |= search->found != NULL && strcmp(search->found, text) != 0;
        search->found = text;
    }
}

static bool search_section(const struct image *image, const struct image_section *section,
                           struct window *window, struct arena *arena, struct search *search,
                           struct error *err)
{
    struct bytes prefix = bytes_from_string(PREFIX);
    uint64_t end = section->offset + section->size;
    for (uint64_t at = section->offset; at < end && search->places < LIMIT_PLACES;) {
        struct bytes piece;
        if (!window_some(window, at, end, WINDOW_MAXIMUM, &piece, err)) {
            return error_prefix(err, "section %s", section->name);
        }
        for (size_t hit = 0; (hit = bytes_find(piece, hit, prefix)) != SIZE_MAX; hit++) {
            look_at(image, at + hit, arena, search);
        }
        at += piece.len < prefix.len ? piece.len : piece.len - prefix.len + 1;
    }
    return true;
}

bool inspect_version(const struct image *image, struct arena *arena, const char **ret,
                     struct error *err)
{
    static const char *const names[] = {".rodata", "__rodata", ".rdata"};
    struct search search = {0};
    struct window window;
    window_init(&window, &image->source, arena);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct image_section *section = image_section(image, names[i]);
        if (section != NULL && !search_section(image, section, &window, arena, &search, err)) {
            return false;
        }
    }
    *ret = search.found == NULL || search.ambiguous ? "" : search.found;
    return true;
}
