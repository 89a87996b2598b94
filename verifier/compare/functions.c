// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/functions.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/limits.h"
#include "verifier/compare/code.h"
#include "verifier/compare/ranges.h"

#define NONE UINT32_MAX

struct named {
    uint64_t hash;
    uint32_t index;
};

/* One program. */
struct side {
    const struct image *image;
    struct pclntab table;
    struct window code;
    uint8_t *long_code; /* for functions longer than a window */
    uint32_t *entries;
    uint64_t first;
    size_t count;
};

struct comparer {
    struct side a, b;
    struct code_maps maps;
    uint32_t *match; /* A to B */
    bool *matched;   /* of B */
    bool in_place;   /* no function and no section shifted */
    bool exact;      /* nor did anything within the data: then no address may differ */
    struct arena *arena;
    struct diff *diff;
    size_t changed_capacity, added_capacity, removed_capacity, moved_capacity;
};

/* FNV-1a: names that collide on purpose would only be shown as the same function. */
static uint64_t hash_name(struct bytes name)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ name.data[i]) * 0x100000001b3ULL;
    }
    return hash;
}

static int by_hash(const void *a, const void *b)
{
    const struct named *left = a;
    const struct named *right = b;
    if (left->hash != right->hash) {
        return left->hash < right->hash ? -1 : 1;
    }
    return left->index < right->index ? -1 : left->index > right->index;
}

static bool read_entries(struct side *side, struct arena *arena, struct error *err)
{
    uint64_t last = 0;
    side->entries = ARENA_ARRAY(arena, side->count + 1, uint32_t);
    for (size_t i = 0; i <= side->count; i++) {
        uint64_t address;
        if (!pclntab_address(&side->table, i, &address, err)) {
            return false;
        }
        side->first = i == 0 ? address : side->first;
        if (address < side->first + last || address - side->first > UINT32_MAX) {
            return error_set(err, ERROR_FORMAT, "pclntab: function %zu is out of order", i);
        }
        last = address - side->first;
        side->entries[i] = (uint32_t)last;
    }
    /* Sections may claim the same bytes many times over; honest code is in the file once. Entries
     * of wasm are no addresses. */
    if (last > side->image->source.size && side->image->format != IMAGE_WASM) {
        return error_set(err, ERROR_FORMAT, "pclntab: %llu bytes of code in a file of %llu",
                         (unsigned long long)last, (unsigned long long)side->image->source.size);
    }
    return true;
}

static bool side_open(const struct image *image, struct arena *arena, struct side *ret,
                      struct error *err)
{
    struct side side = {.image = image};
    if (!pclntab_open(image, arena, &side.table, err)) {
        return false;
    }
    if (side.table.function_count > LIMIT_DIFF_FUNCTIONS) {
        return error_set(err, ERROR_LIMIT, "%llu functions are too many to compare",
                         (unsigned long long)side.table.function_count);
    }
    side.count = (size_t)side.table.function_count;
    window_init(&side.code, &image->source, arena);
    side.long_code = arena_alloc(arena, LIMIT_DIFF_CODE);
    if (!read_entries(&side, arena, err)) {
        return false;
    }
    *ret = side;
    return true;
}

/* The names of all functions as hashes, sorted; heap. */
static bool read_names(struct side *side, struct named **ret, struct error *err)
{
    /* Functions may share names, but not in such numbers that reading them keeps us busy. */
    uint64_t budget = side->table.size * 2 + LIMIT_FUNCTION_NAME;
    struct named *names = calloc(side->count + 1, sizeof(*names));
    if (names == NULL) {
        bug("out of memory for %zu names", side->count);
    }
    for (size_t i = 0; i < side->count; i++) {
        struct bytes name;
        if (!pclntab_function_name(&side->table, i, &name, err)) {
            free(names);
            return false;
        }
        if (name.len > budget) {
            free(names);
            return error_set(err, ERROR_LIMIT, "pclntab: names longer than the table");
        }
        budget -= name.len;
        names[i] = (struct named){hash_name(name), (uint32_t)i};
    }
    qsort(names, side->count, sizeof(*names), by_hash);
    *ret = names;
    return true;
}

static void match_sorted(struct comparer *comparer, const struct named *a, const struct named *b)
{
    size_t i = 0;
    size_t k = 0;
    while (i < comparer->a.count && k < comparer->b.count) {
        if (a[i].hash == b[k].hash) {
            comparer->match[a[i].index] = b[k].index;
            comparer->matched[b[k].index] = true;
            i++, k++;
        } else if (a[i].hash < b[k].hash) {
            i++;
        } else {
            k++;
        }
    }
}

static bool match_names(struct comparer *comparer, struct error *err)
{
    AUTO_FREE struct named *a = NULL;
    AUTO_FREE struct named *b = NULL;
    comparer->match = ARENA_ARRAY(comparer->arena, comparer->a.count, uint32_t);
    comparer->matched = ARENA_ARRAY(comparer->arena, comparer->b.count, bool);
    memset(comparer->match, 0xff, comparer->a.count * sizeof(*comparer->match));
    if (!read_names(&comparer->a, &a, err) || !read_names(&comparer->b, &b, err)) {
        return false;
    }
    match_sorted(comparer, a, b);
    return true;
}

/* True if each section has the same place and each function of A is where it is in B. */
static bool is_in_place(const struct comparer *comparer)
{
    const struct image *a = comparer->a.image;
    const struct image *b = comparer->b.image;
    for (size_t i = 0; i < a->section_count; i++) {
        const struct image_section *section = &a->sections[i];
        const struct image_section *other = image_section(b, section->name);
        /* What is loaded has an address; debug information has none, in ELF. */
        if (other != NULL && section->address != other->address) {
            return false;
        }
    }
    bool same = comparer->a.first == comparer->b.first && comparer->a.count == comparer->b.count;
    for (size_t i = 0; same && i <= comparer->a.count; i++) {
        same = comparer->a.entries[i] == comparer->b.entries[i];
    }
    return same;
}

/* True if no part of the data changed, so that nothing in it can have another address. */
static bool is_data_equal(const struct diff *diff)
{
    for (size_t i = 0; i < diff->part_count; i++) {
        const struct diff_part *part = &diff->parts[i];
        if (strcmp(part->role, "data") == 0 && part->state != DIFF_EQUAL) {
            return false;
        }
    }
    return true;
}

static uint64_t address_of(const struct side *side, size_t index)
{
    return side->first + side->entries[index];
}

static uint64_t size_of(const struct side *side, size_t index)
{
    return side->entries[index + 1] - side->entries[index];
}

/* The code of function INDEX, at most LIMIT_DIFF_CODE bytes; false where the file has none. */
static bool read_code(struct side *side, size_t index, struct bytes *ret)
{
    uint64_t offset;
    uint64_t size = size_of(side, index);
    size_t len = size < LIMIT_DIFF_CODE ? (size_t)size : LIMIT_DIFF_CODE;
    if (len == 0) {
        *ret = bytes_from(side->long_code, 0);
        return true;
    }
    if (!image_address_offset(side->image, address_of(side, index), &offset)) {
        return false;
    }
    if (len <= WINDOW_MAXIMUM) {
        return window_bytes(&side->code, offset, len, ret, NULL);
    }
    return source_view(&side->image->source, offset, side->long_code, len, ret, NULL);
}

static const char *short_text(struct arena *arena, struct bytes text)
{
    return arena_text(arena, bytes_first(text, LIMIT_DIFF_TEXT));
}

/* Function INDEX of SIDE for a list; OFFSET: of the instruction whose line is told. */
static struct diff_function describe(struct comparer *comparer, struct side *side, size_t index,
                                     size_t offset)
{
    struct pclntab_function function;
    struct bytes file;
    uint64_t line;
    struct diff_function ret = {.name = "", .file = ""};
    if (pclntab_function(&side->table, index, &function, NULL)) {
        ret.name = short_text(comparer->arena, function.name);
        ret.file = short_text(comparer->arena, function.file);
        ret.line = function.line;
    }
    if (offset > 0 && pclntab_line(&side->table, index, offset, &file, &line)) {
        ret.file = short_text(comparer->arena, file);
        ret.line = line;
    }
    return ret;
}

static void set_a(const struct comparer *comparer, struct diff_function *function, size_t index)
{
    function->address_a = address_of(&comparer->a, index);
    function->size_a = size_of(&comparer->a, index);
}

static void set_b(const struct comparer *comparer, struct diff_function *function, size_t index)
{
    function->address_b = address_of(&comparer->b, index);
    function->size_b = size_of(&comparer->b, index);
}

static void add(struct comparer *comparer, struct diff_functions *list, size_t *capacity, size_t a,
                size_t b, size_t offset)
{
    if (list->total++ >= LIMIT_DIFF_ITEMS) {
        return;
    }
    struct diff_function function = a != NONE ? describe(comparer, &comparer->a, a, offset)
                                              : describe(comparer, &comparer->b, b, offset);
    if (a != NONE) {
        set_a(comparer, &function, a);
    }
    if (b != NONE) {
        set_b(comparer, &function, b);
    }
    arena_grow(comparer->arena, &list->items, list->count, capacity, sizeof(*list->items));
    list->items[list->count++] = function;
}

/* Not code: the linker puts the build ID before the first function. */
static bool is_build_id(struct side *side, size_t index)
{
    struct bytes name;
    return index == 0 && pclntab_function_name(&side->table, index, &name, NULL) &&
           (bytes_equal_string(name, "go:buildid") || bytes_equal_string(name, "go.buildid"));
}

/* What of a function is behind its first FROM bytes. */
static bool rest_of(struct side *side, size_t index, size_t from, struct extent *ret)
{
    *ret = (struct extent){.source = &side->image->source, .size = size_of(side, index) - from};
    return image_address_offset(side->image, address_of(side, index) + from, &ret->offset) &&
           checked_range(ret->offset, ret->size, side->image->source.size);
}

/* Byte for byte, all of it; *RET_OFFSET is where the first difference is. */
static bool exactly_same(struct comparer *comparer, size_t a, size_t b, struct bytes left,
                         struct bytes right, size_t *ret_offset)
{
    struct arena scratch = {0};
    struct range_list list;
    struct extent rest_a;
    struct extent rest_b;
    size_t at = 0;
    while (at < left.len && at < right.len && left.data[at] == right.data[at]) {
        at++;
    }
    *ret_offset = at;
    if (at < LIMIT_DIFF_CODE) {
        return at == left.len && at == right.len;
    }
    range_list_init(&list, 1, &scratch);
    bool same = rest_of(&comparer->a, a, at, &rest_a) && rest_of(&comparer->b, b, at, &rest_b) &&
                ranges_compare(&rest_a, &rest_b, &list, NULL) && list.differing == 0;
    if (list.count > 0) {
        *ret_offset = at + (size_t)(list.items[0].offset - rest_a.offset);
    }
    arena_free(&scratch);
    return same;
}

/* As far as addresses are looked at. */
static bool nearly_same(struct comparer *comparer, size_t a, size_t b, struct bytes left,
                        struct bytes right, size_t *ret_offset)
{
    uint64_t size = size_of(&comparer->a, a);
    bool same = code_same(&comparer->maps, left, address_of(&comparer->a, a), right,
                          address_of(&comparer->b, b), ret_offset);
    return same && size == size_of(&comparer->b, b);
}

static void compare_one(struct comparer *comparer, size_t a, size_t b)
{
    struct diff *diff = comparer->diff;
    struct bytes left;
    struct bytes right;
    size_t offset = 0;
    if (!read_code(&comparer->a, a, &left) || !read_code(&comparer->b, b, &right)) {
        return;
    }
    bool same = is_build_id(&comparer->a, a) || (comparer->exact ? exactly_same : nearly_same)(
                                                    comparer, a, b, left, right, &offset);
    if (!same) {
        add(comparer, &diff->changed, &comparer->changed_capacity, a, b, offset);
    } else if (address_of(&comparer->a, a) == address_of(&comparer->b, b)) {
        diff->functions_equal++;
    } else {
        diff->functions_shifted++;
    }
}

/* For each matched function the length of the longest rising row that ends there is not needed, but
 * which are in one such row: those keep their order, the others moved. */
static void find_moved(struct comparer *comparer)
{
    size_t count = comparer->a.count;
    uint32_t *tails = ARENA_ARRAY(comparer->arena, count + 1, uint32_t); /* index in A by length */
    uint32_t *before = ARENA_ARRAY(comparer->arena, count + 1, uint32_t);
    size_t longest = 0;
    const uint32_t *match = comparer->match;
    for (size_t i = 0; i < count; i++) {
        size_t low = 0;
        size_t high = match[i] == NONE ? 0 : longest;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (match[tails[middle]] < match[i]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (match[i] != NONE) {
            tails[low] = (uint32_t)i;
            before[i] = low == 0 ? NONE : tails[low - 1];
            longest = low == longest ? longest + 1 : longest;
        }
    }
    bool *kept = ARENA_ARRAY(comparer->arena, count + 1, bool);
    for (uint32_t at = longest == 0 ? NONE : tails[longest - 1]; at != NONE; at = before[at]) {
        kept[at] = true;
    }
    for (size_t i = 0; i < count; i++) {
        if (match[i] != NONE && !kept[i]) {
            add(comparer, &comparer->diff->moved, &comparer->moved_capacity, i, match[i], 0);
        }
    }
}

static void compare_all(struct comparer *comparer, bool with_code)
{
    struct diff *diff = comparer->diff;
    for (size_t i = 0; i < comparer->a.count; i++) {
        if (comparer->match[i] == NONE) {
            add(comparer, &diff->removed_functions, &comparer->removed_capacity, i, NONE, 0);
        } else if (with_code) {
            compare_one(comparer, i, comparer->match[i]);
        }
    }
    for (size_t i = 0; i < comparer->b.count; i++) {
        if (!comparer->matched[i]) {
            add(comparer, &diff->added, &comparer->added_capacity, NONE, i, 0);
        }
    }
    find_moved(comparer);
}

static bool report(const struct error *why, struct error *err)
{
    if (why->code == ERROR_IO && err != NULL) {
        *err = *why;
    }
    return why->code != ERROR_IO;
}

/* Entries of wasm are no places in the file. */
static const char *how(const struct comparer *comparer)
{
    const struct image *image = comparer->a.image;
    if (image->format == IMAGE_WASM) {
        return "by name alone: code of wasm is not taken apart";
    }
    if (comparer->exact) {
        return "byte for byte";
    }
    return code_is_known(image) ? "addresses that shifted were looked up"
                                : "byte for byte, although addresses shifted: of this machine's "
                                  "code they are not known";
}

bool functions_compare(const struct image *a, const struct image *b, struct arena *arena,
                       struct diff *ret, struct error *err)
{
    struct error why = {0};
    struct comparer comparer = {.arena = arena, .diff = ret};
    ret->functions_how = "";
    if (!side_open(a, arena, &comparer.a, &why) || !side_open(b, arena, &comparer.b, &why) ||
        !match_names(&comparer, &why)) {
        return report(&why, err);
    }
    comparer.in_place = is_in_place(&comparer);
    comparer.exact = comparer.in_place && is_data_equal(ret);
    comparer.maps = (struct code_maps){
        .a = {a, comparer.a.first, comparer.a.entries, comparer.a.count},
        .b = {b, comparer.b.first, comparer.b.entries, comparer.b.count},
        .match = comparer.match,
        .careful = comparer.in_place,
    };
    ret->functions_a = comparer.a.count;
    ret->functions_b = comparer.b.count;
    ret->functions_how = how(&comparer);
    compare_all(&comparer, a->format != IMAGE_WASM);
    return true;
}
