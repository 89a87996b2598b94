// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/diff.h"
#include "verifier/compare/ranges.h"
#include "verifier/image/image_fat.h"

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

/* A slice that one file has alone. */
static struct diff lone_slice(const struct fat_slice *slice, const char *which, struct arena *arena)
{
    struct diff_side side = {.format = "macho",
                             .platform = "",
                             .go_version = "",
                             .path = "",
                             .build_id = "",
                             .parts = {"", "", "", ""},
                             .signature = "none",
                             .packer = ""};
    struct diff ret = {.name = slice->goarch, .functions_how = "", .a = side, .b = side};
    ret.causes = ARENA_NEW(arena, struct diff_cause);
    ret.cause_count = 1;
    ret.differing = slice->size;
    ret.causes[0] =
        (struct diff_cause){"slice", arena_printf(arena, "%s alone has this slice", which), "",
                            "compare files with the same slices"};
    return ret;
}

struct fat {
    struct fat_slice *slices;
    size_t count;
};

static bool compare_slices(const struct fat *a, const struct fat *b, struct arena *arena,
                           struct diff_result *ret, struct error *err)
{
    ret->slices = ARENA_ARRAY(arena, a->count + b->count, struct diff);
    for (size_t i = 0; i < a->count; i++) {
        const struct fat_slice *slice = &a->slices[i];
        const struct fat_slice *other = find_slice(b->slices, b->count, slice);
        struct diff *diff = &ret->slices[ret->slice_count++];
        if (other == NULL) {
            *diff = lone_slice(slice, "A", arena);
            continue;
        }
        if (!diff_sources(&slice->source, &other->source, arena, diff, err)) {
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

/* Equal slices in files that differ: the table, or what lies between. */
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
    /* Equal slices, and a table or padding that differs. */
    ret->verdict = equal || worst(ret) != DIFF_IDENTICAL ? (uint8_t)worst(ret) : DIFF_DIFFERENT;
    return true;
}

bool diff_files(const struct source *a, const struct source *b, struct arena *arena,
                struct diff_result *ret, struct error *err)
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
        if (!diff_sources(a, b, arena, result.slices, err)) {
            return false;
        }
        result.verdict = result.slices[0].verdict;
    }
    *ret = result;
    return true;
}
