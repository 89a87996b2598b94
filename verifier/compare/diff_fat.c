// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/diff.h"
#include "verifier/compare/ranges.h"
#include "verifier/image/image_fat.h"

/* mach-o/fat.h */
#define FAT_HEADER 8
#define FAT_ENTRY 20
#define FAT_ENTRY_64 32
#define FAT_MAGIC_64_END 0xbf
#define PIECE 4096

static const struct fat_slice *find_slice(const struct fat_slice *slices, size_t count,
                                          const struct fat_slice *like)
{
    for (size_t i = 0; i < count; i++) {
        if (slices[i].cpu_type == like->cpu_type && slices[i].cpu_subtype == like->cpu_subtype) {
            return &slices[i];
        }
    }
    return NULL;
}

/* What is told as a slice, and differs. */
static struct diff made_slice(const char *name, uint64_t differing, struct diff_cause cause,
                              struct arena *arena)
{
    struct diff_side side = {.format = "macho",
                             .platform = "",
                             .go_version = "",
                             .path = "",
                             .build_id = "",
                             .parts = {"", "", "", ""},
                             .signature = "none",
                             .packer = ""};
    struct diff ret = {.name = name, .functions_how = "", .a = side, .b = side};
    ret.causes = ARENA_NEW(arena, struct diff_cause);
    ret.causes[0] = cause;
    ret.cause_count = 1;
    ret.differing = differing;
    return ret;
}

/* A slice that one file has alone. */
static struct diff lone_slice(const struct fat_slice *slice, const char *which, struct arena *arena)
{
    struct diff_cause cause = {"slice", arena_printf(arena, "%s alone has this slice", which), "",
                               "compare files with the same slices"};
    return made_slice(slice->goarch, slice->size, cause, arena);
}

struct fat {
    struct fat_slice *slices;
    size_t count;
};

static bool compare_slices(const struct fat *a, const struct fat *b, struct arena *arena,
                           struct diff_result *ret, struct error *err)
{
    /* One more for what lies outside of them. */
    ret->slices = ARENA_ARRAY(arena, a->count + b->count + 1, struct diff);
    for (size_t i = 0; i < a->count; i++) {
        const struct fat_slice *slice = &a->slices[i];
        const struct fat_slice *other = find_slice(b->slices, b->count, slice);
        struct diff *diff = &ret->slices[ret->slice_count++];
        if (other == NULL) {
            *diff = lone_slice(slice, "A", arena);
            continue;
        }
        if (!diff_sources(&slice->source, &other->source, NULL, arena, diff, err)) {
            return error_prefix(err, "slice %s", slice->goarch);
        }
        diff->name = slice->goarch;
    }
    for (size_t i = 0; i < b->count; i++) {
        if (find_slice(a->slices, a->count, &b->slices[i]) == NULL) {
            ret->slices[ret->slice_count++] = lone_slice(&b->slices[i], "B", arena);
        }
    }
    return true;
}

static bool is_whole_equal(const struct source *a, const struct source *b, bool *ret,
                           struct arena *arena, struct error *err)
{
    struct range_list ranges;
    struct extent left = {a, 0, a->size};
    struct extent right = {b, 0, b->size};
    range_list_init(&ranges, 1, arena);
    if (!ranges_compare(&left, &right, &ranges, err)) {
        return false;
    }
    *ret = ranges.differing == 0;
    return true;
}

static bool is_zero(const struct source *source, uint64_t from, uint64_t to)
{
    uint8_t piece[PIECE];
    for (uint64_t at = source_data(source, from); at < to; at = source_data(source, at)) {
        size_t len = to - at < sizeof(piece) ? (size_t)(to - at) : sizeof(piece);
        if (!source_read(source, at, piece, len, NULL)) {
            return false;
        }
        for (size_t i = 0; i < len; i++) {
            if (piece[i] != 0) {
                return false;
            }
        }
        at += len;
    }
    return true;
}

/* The slice that begins first of those from AT on; NULL if there is none. */
static const struct fat_slice *next_slice(const struct fat *fat, uint64_t at)
{
    const struct fat_slice *next = NULL;
    for (size_t i = 0; i < fat->count; i++) {
        const struct fat_slice *slice = &fat->slices[i];
        if (slice->offset >= at && (next == NULL || slice->offset < next->offset)) {
            next = slice;
        }
    }
    return next;
}

/* True if between table and slices, and behind them, there is nothing but padding. */
static bool has_slices_alone(const struct source *source, const struct fat *fat)
{
    uint8_t magic[4];
    if (!source_read(source, 0, magic, sizeof(magic), NULL)) {
        return false;
    }
    bool wide = magic[3] == FAT_MAGIC_64_END;
    uint64_t at = FAT_HEADER + fat->count * (wide ? FAT_ENTRY_64 : FAT_ENTRY);
    for (const struct fat_slice *slice; (slice = next_slice(fat, at)) != NULL;) {
        if (!is_zero(source, at, slice->offset)) {
            return false;
        }
        at = slice->offset + slice->size;
    }
    return is_zero(source, at, source->size);
}

static enum diff_verdict worst(const struct diff_result *result)
{
    enum diff_verdict verdict = DIFF_IDENTICAL;
    for (size_t i = 0; i < result->slice_count; i++) {
        if (result->slices[i].verdict < verdict) {
            verdict = (enum diff_verdict)result->slices[i].verdict;
        }
    }
    return verdict;
}

static const struct diff_cause outside_cause = {
    "appended-data", "the files differ outside of their slices", "",
    "look at what lies between the table and the slices, and behind them: no linker wrote it"};

static bool diff_fat(const struct source *a, const struct source *b, struct arena *arena,
                     struct diff_result *ret, struct error *err)
{
    struct fat left = {0};
    struct fat right = {0};
    bool equal;
    if (!fat_open(a, arena, &left.slices, &left.count, err)) {
        return error_prefix(err, "A");
    }
    if (!fat_open(b, arena, &right.slices, &right.count, err)) {
        return error_prefix(err, "B");
    }
    if (!compare_slices(&left, &right, arena, ret, err) ||
        !is_whole_equal(a, b, &equal, arena, err)) {
        return false;
    }
    enum diff_verdict verdict = worst(ret);
    /* Slices that are equivalent lie elsewhere; then the table is another one. */
    bool outside = !equal && (verdict == DIFF_IDENTICAL ||
                              (verdict == DIFF_EQUIVALENT &&
                               !(has_slices_alone(a, &left) && has_slices_alone(b, &right))));
    if (outside) {
        ret->slices[ret->slice_count++] = made_slice("outside of slices", 0, outside_cause, arena);
        verdict = DIFF_DIFFERENT;
    }
    ret->verdict = (uint8_t)verdict;
    return true;
}

bool diff_files(const struct source *a, const struct source *b, const struct diff_hasher *hasher,
                struct arena *arena, struct diff_result *ret, struct error *err)
{
    struct diff_result result = {.size_a = a->size, .size_b = b->size};
    bool fat_a = fat_detect(a);
    bool fat_b = fat_detect(b);
    if (fat_a != fat_b) {
        error_set(err, ERROR_UNSUPPORTED, "%s is a universal (fat) Mach-O file and %s is not",
                  fat_a ? "A" : "B", fat_a ? "B" : "A");
        return error_cure(err, "compare it with another universal file");
    }
    if (fat_a) {
        if (!diff_fat(a, b, arena, &result, err)) {
            return false;
        }
    } else {
        result.slices = ARENA_NEW(arena, struct diff);
        result.slice_count = 1;
        if (!diff_sources(a, b, hasher, arena, result.slices, err)) {
            return false;
        }
        result.verdict = result.slices[0].verdict;
    }
    *ret = result;
    return true;
}
