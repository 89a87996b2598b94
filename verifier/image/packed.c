// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/packed.h"

#include "base/scanner.h"
#include "verifier/image/window.h"

#define MAGIC "UPX!"
#define ID_TEXT "$Id: UPX "
#define VERSION_MAXIMUM 16
/* The header is behind those of the executable at the start; the stub with the version and a second
 * copy of the header are at the end. */
#define HEAD_SPAN 4096
#define TAIL_SPAN 16384
/* The text with the version, and what follows it up to a blank. */
#define SEARCH_OVERLAP 64

struct method {
    uint8_t number;
    const char *name;
};

/* UPX source, conf.h: M_... */
static const struct method methods[] = {
    {2, "NRV2B"}, {3, "NRV2B"}, {4, "NRV2B"},  {5, "NRV2D"}, {6, "NRV2D"},    {7, "NRV2D"},
    {8, "NRV2E"}, {9, "NRV2E"}, {10, "NRV2E"}, {14, "LZMA"}, {15, "DEFLATE"}, {16, "ZSTD"},
};

static const char *method_name(uint8_t number)
{
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (methods[i].number == number) {
            return methods[i].name;
        }
    }
    return NULL;
}

static bool load(const struct image *image, uint64_t offset, uint64_t span, struct arena *arena,
                 struct bytes *ret, struct error *err)
{
    uint64_t left = image->source.size - offset;
    uint64_t len = left < span ? left : span;
    return source_load(&image->source, offset, len, span, arena, ret, err);
}

/* How it was packed: "NRV2E, level 9", in ARENA; NULL if no header says so. The pack header begins:
 * magic, version, format, method, level. The loader's header, which has the same magic, has the
 * length of the stub there instead; so an unknown method is no header. */
static const char *find_method(struct bytes bytes, struct arena *arena)
{
    struct reader reader = reader_over(bytes, LITTLE_ENDIAN_ORDER);
    struct bytes magic = bytes_from_string(MAGIC);
    for (size_t at = 0; (at = bytes_find(bytes, at, magic)) != SIZE_MAX; at += magic.len) {
        struct reader header;
        uint8_t version;
        uint8_t format;
        uint8_t method;
        uint8_t level;
        if (reader_at(&reader, at, magic.len + 4, &header) && reader_skip(&header, magic.len) &&
            reader_u8(&header, &version) && reader_u8(&header, &format) &&
            reader_u8(&header, &method) && reader_u8(&header, &level) && version >= 9 &&
            version <= 20 && level >= 1 && level <= 10 && method_name(method) != NULL) {
            return arena_printf(arena, "%s, level %u", method_name(method), (unsigned)level);
        }
    }
    return NULL;
}

static bool is_version(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.data[i] < '0' || text.data[i] > '9') && text.data[i] != '.') {
            return false;
        }
    }
    return text.len > 0;
}

/* The version in the stub's "$Id: UPX 4.22 Copyright", or the one before the magic of a PE. */
static bool find_version(struct bytes bytes, struct bytes *ret)
{
    struct bytes id = bytes_from_string(ID_TEXT);
    size_t at = bytes_find(bytes, 0, id);
    if (at != SIZE_MAX) {
        at += id.len;
        struct scanner scanner = scanner_over(bytes_from(bytes.data + at, bytes.len - at));
        return scanner_until(&scanner, ' ', VERSION_MAXIMUM, ret) && is_version(*ret);
    }
    at = bytes_find(bytes, 0, bytes_from("\0" MAGIC, 5));
    size_t start = at;
    while (at != SIZE_MAX && start > 0 && at - start < VERSION_MAXIMUM &&
           is_version(bytes_from(bytes.data + start - 1, 1))) {
        start--;
    }
    *ret = at == SIZE_MAX ? bytes_from(NULL, 0) : bytes_from(bytes.data + start, at - start);
    return is_version(*ret);
}

/* Where the stub is in the middle, as in large ELF files: looked for in all of the file. */
static bool search_version(const struct image *image, struct arena *arena, struct bytes *ret)
{
    struct window window;
    uint64_t size = image->source.size;
    window_init(&window, &image->source, arena);
    for (uint64_t at = 0; at < size; at += WINDOW_MAXIMUM - SEARCH_OVERLAP) {
        struct bytes piece;
        if (!window_some(&window, at, size, WINDOW_MAXIMUM, &piece, NULL)) {
            return false;
        }
        if (bytes_find(piece, 0, bytes_from_string(ID_TEXT)) != SIZE_MAX &&
            find_version(piece, ret)) {
            return true;
        }
    }
    return false;
}

/* The sections of a packed PE, and the magic behind the headers of the others: an ordinary program
 * may well contain these four bytes elsewhere. */
static bool is_packed(const struct image *image, struct bytes head)
{
    if (image->format == IMAGE_PE) {
        return image_section(image, "UPX0") != NULL && image_section(image, "UPX1") != NULL;
    }
    return (image->format == IMAGE_ELF || image->format == IMAGE_MACHO) &&
           bytes_find(head, 0, bytes_from_string(MAGIC)) != SIZE_MAX;
}

bool packed_read(const struct image *image, struct arena *arena, const char **ret,
                 struct error *err)
{
    struct bytes head;
    struct bytes tail;
    struct bytes version;
    uint64_t size = image->source.size;
    if (!load(image, 0, HEAD_SPAN, arena, &head, err)) {
        return false;
    }
    if (!is_packed(image, head)) {
        *ret = "";
        return true;
    }
    if (!load(image, size > TAIL_SPAN ? size - TAIL_SPAN : 0, TAIL_SPAN, arena, &tail, err)) {
        return false;
    }
    const char *method = find_method(tail, arena);
    method = method != NULL ? method : find_method(head, arena);
    bool has_version = find_version(tail, &version) || find_version(head, &version) ||
                       search_version(image, arena, &version);
    *ret = arena_printf(arena, "UPX%s%.*s%s%s%s", has_version ? " " : "",
                        has_version ? (int)version.len : 0,
                        has_version ? (const char *)version.data : "", method == NULL ? "" : " (",
                        method == NULL ? "" : method, method == NULL ? "" : ")");
    return true;
}
