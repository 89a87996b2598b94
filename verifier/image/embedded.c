// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/embedded.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/file.h"
#include "base/limits.h"
#include "verifier/image/symbols.h"
#include "verifier/image/window.h"

/* Bytes of a slice header or a string's in pointers. */
#define SLICE 3
#define ENTRY 4
#define SYMBOL_SUFFIX ".files"
#define MOST_SYMBOLS 4096
/* Zeros that wasm leaves out between parts of what lies together. */
#define LARGEST_GAP (1 * MIB)
/* A file of at most this size has another hash than longer ones (cmd/compile, fileStringSym). */
#define SMALL_FILE 1024

struct search {
    struct image image; /* with its segments in order */
    struct arena *arena;
    struct window scan, entries, content;
    unsigned width;
    uint64_t budget; /* bytes that may still be hashed */
    uint64_t unseen; /* bytes that may still be looked through for tables */
    size_t visited;  /* entries that were looked at */
    size_t pieces;   /* of all files */
    struct symbol *symbols;
    size_t symbol_count;
    struct embedded_tables found;
    size_t capacity;
};

/* One entry as it stands in the table. */
struct entry {
    uint64_t name, name_len, content, size;
    uint8_t hash[EMBEDDED_HASH_LEN];
};

static int by_address(const void *a, const void *b)
{
    const struct image_segment *left = a;
    const struct image_segment *right = b;
    return (left->address > right->address) - (left->address < right->address);
}

static void init_search(struct search *search, const struct image *image, struct arena *arena)
{
    *search = (struct search){.image = *image, .arena = arena, .width = image->pointer_size};
    struct image_segment *segments = ARENA_ARRAY(arena, image->segment_count, struct image_segment);
    size_t count = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        uint64_t end;
        if (image->segments[i].size > 0 &&
            checked_add(image->segments[i].address, image->segments[i].size, &end)) {
            segments[count++] = image->segments[i];
        }
    }
    qsort(segments, count, sizeof(*segments), by_address);
    search->image.segments = segments;
    search->image.segment_count = count;
    window_init_memory(&search->scan, &search->image, arena);
    window_init_memory(&search->entries, &search->image, arena);
    window_init_memory(&search->content, &search->image, arena);
    /* The same content may be in several tables; but not in as many as it takes to keep us busy. */
    search->budget = image->source.size * 4 + LIMIT_EMBEDDED_FREE;
    /* Sections may overlap, and claim to be larger than the file; honest ones do neither. */
    search->unseen = image->source.size * 2 + LIMIT_EMBEDDED_FREE;
    /* A damaged symbol table names nothing; a table does not need its name. */
    if (!symbols_with_suffix(image, SYMBOL_SUFFIX, MOST_SYMBOLS, arena, &search->symbols,
                             &search->symbol_count, NULL)) {
        search->symbol_count = 0;
    }
}

/* The last segment that begins at or before ADDRESS; SIZE_MAX if there is none. */
static size_t segment_before(const struct image *image, uint64_t address)
{
    size_t low = 0;
    size_t high = image->segment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (image->segments[middle].address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? SIZE_MAX : low - 1;
}

/* Where SIZE bytes at ADDRESS stand in the file. PIECES NULL: they are only counted. *RET_BACKED is
 * how many of the bytes stand there. */
static size_t find_pieces(const struct image *image, uint64_t address, uint64_t size,
                          struct embedded_piece *pieces, uint64_t *ret_backed)
{
    size_t count = 0;
    uint64_t next = address; /* what is before it has been found */
    size_t first = segment_before(image, address);
    *ret_backed = 0;
    for (size_t i = first == SIZE_MAX ? 0 : first; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        uint64_t from = segment->address > next ? segment->address : next;
        uint64_t to = segment->address + segment->size;
        to = to < address + size ? to : address + size;
        if (segment->address >= address + size) {
            break;
        }
        if (from >= to) {
            continue;
        }
        if (pieces != NULL) {
            pieces[count] = (struct embedded_piece){
                from - address, segment->offset + (from - segment->address), to - from};
        }
        count++;
        *ret_backed += to - from;
        next = to;
    }
    return count;
}

/* False as well where a file has more pieces than wasm has segments. */
static bool take_pieces(struct search *search, uint64_t address, uint64_t size,
                        struct embedded_file *file)
{
    uint64_t end;
    uint64_t backed;
    if (!checked_add(address, size, &end) || end > INT64_MAX) {
        return false;
    }
    size_t count = find_pieces(&search->image, address, size, NULL, &backed);
    if (count > LIMIT_EMBEDDED_PIECES - search->pieces ||
        (backed != size && search->image.format != IMAGE_WASM)) {
        return false;
    }
    search->pieces += count;
    file->pieces = ARENA_ARRAY(search->arena, count, struct embedded_piece);
    file->piece_count = find_pieces(&search->image, address, size, file->pieces, &backed);
    return true;
}

/* All of the content, once plainly and, for what newer compilers do with longer files, once with a
 * byte in front. */
static bool hash_content(struct search *search, uint64_t address, uint64_t size, bool with_prefix,
                         struct sha256 *ret, struct error *err)
{
    struct digest *digest = digest_new(DIGEST_SHA256);
    bool ok = true;
    if (with_prefix) {
        digest_update(digest, bytes_from("\1", 1));
    }
    for (uint64_t at = 0; ok && at < size;) {
        struct bytes piece;
        uint64_t left = size - at;
        ok = window_bytes(&search->content, address + at,
                          left < WINDOW_MAXIMUM ? (size_t)left : WINDOW_MAXIMUM, &piece, err);
        if (ok) {
            digest_update(digest, piece);
            at += piece.len;
        }
    }
    digest_finish(digest, ret->bytes);
    digest_free(&digest);
    return ok;
}

/* What compilers have made of the digest of a content: up to 1.17 nothing, then each bit turned
 * over, since 1.24 the bits of the first byte (for small files). */
static bool fits(const uint8_t *hash, const struct sha256 *digest, uint8_t first, uint8_t others)
{
    for (size_t i = 0; i < EMBEDDED_HASH_LEN; i++) {
        if (hash[i] != (digest->bytes[i] ^ (i == 0 ? first : others))) {
            return false;
        }
    }
    return true;
}

/* *RET: whether the content has the hash that the table tells. */
static bool check_hash(struct search *search, const struct entry *entry, struct sha256 *digest,
                       bool *ret, struct error *err)
{
    struct sha256 prefixed;
    if (entry->size > search->budget / 2) {
        return error_set(err, ERROR_LIMIT, "tables of embedded files hold more than the file");
    }
    search->budget -= entry->size * 2;
    if (!hash_content(search, entry->content, entry->size, false, digest, err)) {
        return false;
    }
    *ret = fits(entry->hash, digest, 0, 0) || fits(entry->hash, digest, 0xff, 0xff) ||
           fits(entry->hash, digest, 0xff, 0);
    if (*ret || entry->size <= SMALL_FILE) {
        return true;
    }
    if (!hash_content(search, entry->content, entry->size, true, &prefixed, err)) {
        return false;
    }
    *ret = fits(entry->hash, &prefixed, 0, 0);
    return true;
}

static bool read_entry(struct search *search, uint64_t address, struct entry *ret,
                       struct error *err)
{
    struct bytes raw;
    unsigned width = search->width;
    if (!window_bytes(&search->entries, address, (size_t)ENTRY * width + EMBEDDED_HASH_LEN, &raw,
                      err)) {
        return false;
    }
    struct reader reader = reader_over(raw, search->image.order);
    return (reader_uint(&reader, width, &ret->name) &&
            reader_uint(&reader, width, &ret->name_len) &&
            reader_uint(&reader, width, &ret->content) && reader_uint(&reader, width, &ret->size) &&
            reader_copy(&reader, ret->hash, EMBEDDED_HASH_LEN)) ||
           error_set(err, ERROR_INTERNAL, "pointers of %u bytes", width);
}

/* The name of ENTRY, with the slash of a directory; *RET "" if it can be no name. */
static bool read_name(struct search *search, const struct entry *entry, const char **ret,
                      struct error *err)
{
    struct bytes raw;
    uint64_t backed;
    uint64_t end;
    *ret = "";
    if (entry->name_len == 0 || entry->name_len > LIMIT_FILE_PATH ||
        !checked_add(entry->name, entry->name_len, &end)) {
        return true;
    }
    find_pieces(&search->image, entry->name, entry->name_len, NULL, &backed);
    if (backed != entry->name_len) {
        return true;
    }
    if (!window_bytes(&search->content, entry->name, (size_t)entry->name_len, &raw, err)) {
        return false;
    }
    struct bytes plain = bytes_first(raw, raw.len - (raw.data[raw.len - 1] == '/' ? 1 : 0));
    if (file_path_is_plain(plain)) {
        *ret = arena_text(search->arena, raw);
    }
    return true;
}

/* What a name is sorted by: its directory, then the name in it, without the slash of a directory.
 */
struct sorted_name {
    struct bytes directory, element;
};

static struct sorted_name take_apart(const char *name)
{
    struct bytes left = bytes_from_string(name);
    struct sorted_name sorted = {.directory = bytes_from_string(".")};
    left.len -= bytes_end_with(left, "/") ? 1 : 0;
    sorted.element = left;
    size_t at = left.len;
    while (at > 0 && left.data[at - 1] != '/') {
        at--;
    }
    if (at > 0) {
        sorted.directory = bytes_first(left, at - 1);
        sorted.element = bytes_behind(left, at);
    }
    return sorted;
}

static bool is_sorted(const char *before, const char *after)
{
    struct sorted_name left = take_apart(before);
    struct sorted_name right = take_apart(after);
    int order = bytes_compare(left.directory, right.directory);
    return before[0] == '\0' || order < 0 ||
           (order == 0 && bytes_compare(left.element, right.element) < 0);
}

static bool is_directory(const char *name)
{
    return name[strlen(name) - 1] == '/';
}

static bool is_empty(const struct entry *entry)
{
    static const uint8_t none[EMBEDDED_HASH_LEN];
    return entry->content == 0 && entry->size == 0 &&
           memcmp(entry->hash, none, EMBEDDED_HASH_LEN) == 0;
}

/* *RET: whether the content of ENTRY is one, which then is the next file of TABLE. */
static bool take_file(struct search *search, uint64_t address, const struct entry *entry,
                      const char *name, struct embedded_table *table, bool *ret, struct error *err)
{
    struct embedded_file file = {.name = name, .size = entry->size};
    struct embedded_piece hash;
    uint64_t backed;
    *ret = false;
    if (entry->size > LIMIT_EMBEDDED_FILE ||
        !take_pieces(search, entry->content, entry->size, &file)) {
        return true;
    }
    if (!check_hash(search, entry, &file.sha256, ret, err)) {
        return false;
    }
    uint64_t place = address + (uint64_t)ENTRY * search->width;
    if (find_pieces(&search->image, place, EMBEDDED_HASH_LEN, NULL, &backed) == 1 &&
        backed == EMBEDDED_HASH_LEN) {
        find_pieces(&search->image, place, EMBEDDED_HASH_LEN, &hash, &backed);
        file.hash_offset = hash.offset;
    }
    table->files[table->count] = file;
    table->count += *ret ? 1 : 0;
    return true;
}

/* Reads the COUNT entries at ADDRESS into TABLE; *RET says whether they are all entries. Two
 * passes, so that nothing is hashed or kept for what has but a few good entries. */
static bool read_entries(struct search *search, uint64_t address, uint64_t count,
                         struct embedded_table *table, bool *ret, struct error *err)
{
    uint64_t step = (uint64_t)ENTRY * search->width + EMBEDDED_HASH_LEN;
    const char **names = NULL;
    size_t capacity = 0;
    const char *before = "";
    *ret = false;
    for (size_t i = 0; i < count; i++) {
        struct entry entry;
        const char *name;
        if (++search->visited > LIMIT_EMBEDDED_FILES) {
            return error_set(err, ERROR_LIMIT, "more than %d embedded files", LIMIT_EMBEDDED_FILES);
        }
        if (!read_entry(search, address + i * step, &entry, err) ||
            !read_name(search, &entry, &name, err)) {
            return false;
        }
        if (name[0] == '\0' || !is_sorted(before, name) ||
            (is_directory(name) && !is_empty(&entry))) {
            return true;
        }
        arena_grow(search->arena, &names, i, &capacity, sizeof(*names));
        names[i] = before = name;
    }
    table->files = ARENA_ARRAY(search->arena, (size_t)count, struct embedded_file);
    *ret = true;
    for (size_t i = 0; *ret && i < count; i++) {
        struct entry entry;
        uint64_t place = address + i * step;
        if (!is_directory(names[i]) &&
            (!read_entry(search, place, &entry, err) ||
             !take_file(search, place, &entry, names[i], table, ret, err))) {
            return false;
        }
    }
    *ret = *ret && table->count > 0;
    return true;
}

static const char *variable_of(const struct search *search, uint64_t address)
{
    for (size_t i = 0; i < search->symbol_count; i++) {
        if (search->symbols[i].address == address) {
            struct bytes name = bytes_from_string(search->symbols[i].name);
            return symbol_plain_name(bytes_first(name, name.len - strlen(SYMBOL_SUFFIX)),
                                     search->arena);
        }
    }
    return "";
}

/* ADDRESS holds a pointer just past a slice header; is it one? */
static bool try_table(struct search *search, uint64_t address, struct error *err)
{
    struct bytes raw;
    uint64_t count;
    uint64_t capacity;
    bool is_table;
    unsigned width = search->width;
    struct embedded_table table = {.address = address};
    if (!window_bytes(&search->entries, address + width, (size_t)width * 2, &raw, err)) {
        return false;
    }
    struct reader reader = reader_over(raw, search->image.order);
    if (!reader_uint(&reader, width, &count) || !reader_uint(&reader, width, &capacity) ||
        count != capacity || count == 0 || count > LIMIT_EMBEDDED_FILES) {
        return true;
    }
    if (!read_entries(search, address + (uint64_t)SLICE * width, count, &table, &is_table, err)) {
        return false;
    }
    if (is_table) {
        struct embedded_tables *found = &search->found;
        table.variable = variable_of(search, address);
        arena_grow(search->arena, &found->items, found->count, &search->capacity,
                   sizeof(*found->items));
        found->items[found->count++] = table;
    }
    return true;
}

/* The slice header is aligned to a pointer at least. */
static bool search_range(struct search *search, uint64_t from, uint64_t end, struct error *err)
{
    unsigned width = search->width;
    if (end < from || end - from > search->unseen) {
        return error_set(err, ERROR_LIMIT, "more data than the file can hold");
    }
    search->unseen -= end - from;
    uint64_t first = from + (width - from % width) % width;
    from = first < from ? end : first;
    while (end > from && end - from >= width) {
        struct bytes piece;
        if (!window_some(&search->scan, from, end, WINDOW_MAXIMUM, &piece, err)) {
            return false;
        }
        struct reader reader = reader_over(piece, search->image.order);
        uint64_t value;
        while (reader_uint(&reader, width, &value)) {
            uint64_t address = from + reader_offset(&reader) - width;
            if (value == address + (uint64_t)SLICE * width && !try_table(search, address, err)) {
                return false;
            }
        }
        /* A piece can be shorter than a pointer, where a segment ends; none begins in there. */
        from += reader_offset(&reader) > 0 ? reader_offset(&reader) : width;
    }
    return true;
}

/* Read-only data is in .text on AIX. */
static bool search_sections(struct search *search, struct error *err)
{
    for (size_t i = 0; i < search->image.section_count; i++) {
        const struct image_section *section = &search->image.sections[i];
        uint64_t end;
        if (section->size > 0 && section->address > 0 &&
            (!section->executable || search->image.format == IMAGE_XCOFF) &&
            checked_add(section->address, section->size, &end) &&
            !search_range(search, section->address, end, err)) {
            return error_prefix(err, "section %s", section->name);
        }
    }
    return true;
}

/* In wasm what lies together in memory is cut into segments, the tables, too. */
static bool search_memory(struct search *search, struct error *err)
{
    const struct image *image = &search->image;
    for (size_t i = 0; i < image->segment_count; i++) {
        uint64_t from = image->segments[i].address;
        uint64_t end = from + image->segments[i].size;
        while (i + 1 < image->segment_count && image->segments[i + 1].address - end < LARGEST_GAP) {
            i++;
            end = image->segments[i].address + image->segments[i].size;
        }
        if (!search_range(search, from, end, err)) {
            return error_prefix(err, "memory");
        }
    }
    return true;
}

bool embedded_read(const struct image *image, struct arena *arena, struct embedded_tables *ret,
                   struct error *err)
{
    struct search search;
    if (image->pointer_size != 4 && image->pointer_size != 8) {
        *ret = (struct embedded_tables){0};
        return true;
    }
    init_search(&search, image, arena);
    bool sections = image->section_count > 0 && image->format != IMAGE_WASM;
    if (!(sections ? search_sections(&search, err) : search_memory(&search, err))) {
        return error_prefix(err, "embedded files");
    }
    *ret = search.found;
    return true;
}
