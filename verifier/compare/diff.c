// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/diff.h"

#include "base/limits.h"
#include "verifier/compare/explain.h"
#include "verifier/compare/functions.h"
#include "verifier/compare/information.h"
#include "verifier/compare/ladder.h"
#include "verifier/compare/parts.h"
#include "verifier/compare/ranges.h"
#include "verifier/compare/strings.h"
#include "verifier/image/image_fat.h"

#define MOST_HEX 12
/* Shown before the first byte that differs. */
#define HEX_BEFORE 8

struct work {
    const struct source *sources[2];
    struct image images[2];
    struct inspection files[2];
    struct part_list parts[2];
    const struct diff_hasher *hasher;
    struct arena *arena;
    struct diff *diff;
};

const char *diff_verdict_name(enum diff_verdict verdict)
{
    static const char *const names[] = {"different", "equivalent", "identical"};
    return names[verdict];
}

static const char *cut_text(const char *text, struct arena *arena)
{
    return arena_text(arena, bytes_first(bytes_from_string(text), LIMIT_DIFF_TEXT));
}

static struct diff_side describe(const struct inspection *file, struct arena *arena)
{
    struct diff_side side = {
        .format = image_format_name(file->format),
        .platform = arena_printf(arena, "%s/%s", file->goos, file->goarch),
        .go_version = cut_text(file->info.go_version, arena),
        .path = cut_text(file->info.path, arena),
        .size = file->size,
        .build_id = cut_text(file->traits.build_id, arena),
        .linker_hash = (uint8_t)file->traits.linker_hash,
        .signature = file->traits.code_signature,
        .packer = file->traits.packer,
    };
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        side.parts[i] = file->traits.parts[i];
    }
    return side;
}

static bool open_side(struct work *work, size_t side, struct error *err)
{
    return (image_open(work->sources[side], work->arena, &work->images[side], err) &&
            inspect_source(work->sources[side], work->hasher == NULL ? INSPECT_LINKER_HASH : 0,
                           work->arena, &work->files[side], err)) ||
           error_prefix(err, side == 0 ? "A" : "B");
}

static bool add_hex(struct work *work, const struct diff_part *part, struct error *err)
{
    struct diff *diff = work->diff;
    struct diff_hex *hex = &diff->hex[diff->hex_count];
    uint64_t at = part->ranges[0].offset - part->offset_a;
    uint64_t from = at < HEX_BEFORE ? 0 : at - HEX_BEFORE;
    uint64_t left = part->size_a - from;
    uint64_t right = part->size_b - from;
    *hex = (struct diff_hex){
        .part = part->name, .offset_a = part->offset_a + from, .offset_b = part->offset_b + from};
    if (from > part->size_a || from > part->size_b) {
        return true;
    }
    diff->hex_count++;
    return source_load(work->sources[0], hex->offset_a,
                       left < DIFF_HEX_BYTES ? left : DIFF_HEX_BYTES, DIFF_HEX_BYTES, work->arena,
                       &hex->a, err) &&
           source_load(work->sources[1], hex->offset_b,
                       right < DIFF_HEX_BYTES ? right : DIFF_HEX_BYTES, DIFF_HEX_BYTES, work->arena,
                       &hex->b, err);
}

static bool collect_hex(struct work *work, struct error *err)
{
    struct diff *diff = work->diff;
    diff->hex = ARENA_ARRAY(work->arena, MOST_HEX, struct diff_hex);
    for (size_t i = 0; i < diff->part_count && diff->hex_count < MOST_HEX; i++) {
        const struct diff_part *part = &diff->parts[i];
        if (part->state == DIFF_CHANGED && part->range_count > 0 && !add_hex(work, part, err)) {
            return false;
        }
    }
    return true;
}

/* What two programs of one format and machine have to do with each other. */
static bool compare_contents(struct work *work, struct error *err)
{
    struct diff *diff = work->diff;
    const struct image *a = &work->images[0];
    const struct image *b = &work->images[1];
    information_compare(&work->files[0], &work->files[1], work->arena, diff);
    if (!parts_read(a, work->arena, &work->parts[0], err) ||
        !parts_read(b, work->arena, &work->parts[1], err) ||
        !parts_compare(work->sources[0], &work->parts[0], work->sources[1], &work->parts[1],
                       work->arena, diff, err) ||
        !collect_hex(work, err)) {
        return false;
    }
    if (a->format != b->format || strcmp(a->goarch, b->goarch) != 0) {
        return true;
    }
    if (!functions_compare(a, b, work->arena, diff, err)) {
        return false;
    }
    strings_compare(a, b, work->arena, diff);
    return ladder_climb(a, b, work->arena, diff, err);
}

/* One file is the other's beginning: it was cut off, and may be no program any more. */
static void explain_cut(struct work *work)
{
    struct diff *diff = work->diff;
    uint64_t a = work->sources[0]->size;
    uint64_t b = work->sources[1]->size;
    diff->causes = ARENA_NEW(work->arena, struct diff_cause);
    diff->cause_count = 1;
    diff->causes[0] = (struct diff_cause){
        "truncated",
        arena_printf(work->arena, "%s is the beginning of %s, cut off at %llu of %llu bytes",
                     a < b ? "A" : "B", a < b ? "B" : "A", (unsigned long long)(a < b ? a : b),
                     (unsigned long long)(a < b ? b : a)),
        "",
        "get the whole file again",
    };
}

static struct diff_side unread_side(const struct source *source)
{
    return (struct diff_side){.format = image_format_name(image_detect(source)),
                              .platform = "",
                              .go_version = "",
                              .path = "",
                              .size = source->size,
                              .build_id = "",
                              .parts = {"", "", "", ""},
                              .signature = "none",
                              .packer = ""};
}

static bool check_start(const struct source *source, const char *which, struct error *err)
{
    if (source->size == 0) {
        error_set(err, ERROR_FORMAT, "the file is empty");
    } else if (image_detect(source) == IMAGE_UNKNOWN) {
        error_set(err, ERROR_UNSUPPORTED, "not a Go binary: no executable format");
    } else {
        return true;
    }
    return error_prefix(err, "%s", which);
}

static bool finish_hashes(struct work *work, struct error *err)
{
    enum linker_hash hashes[2];
    if (work->hasher == NULL) {
        return true;
    }
    if (!work->hasher->finish(work->hasher->context, hashes, err)) {
        return false;
    }
    work->files[0].traits.linker_hash = hashes[0];
    work->files[1].traits.linker_hash = hashes[1];
    work->diff->a.linker_hash = (uint8_t)hashes[0];
    work->diff->b.linker_hash = (uint8_t)hashes[1];
    return true;
}

static bool compare_programs(struct work *work, const struct range_list *ranges, struct error *err)
{
    struct diff *diff = work->diff;
    bool cut =
        ranges->count == 1 && !ranges->more && work->diff->a.size != work->diff->b.size &&
        ranges->differing == ranges->items[0].length &&
        ranges->items[0].offset == (diff->a.size < diff->b.size ? diff->a.size : diff->b.size);
    struct error why;
    bool opened = open_side(work, 0, &why) && open_side(work, 1, &why);
    if (!opened && cut && why.code == ERROR_FORMAT) {
        explain_cut(work);
        return true;
    }
    if (!opened) {
        return error_pass(err, &why);
    }
    diff->a = describe(&work->files[0], work->arena);
    diff->b = describe(&work->files[1], work->arena);
    if (!compare_contents(work, err) || !finish_hashes(work, err)) {
        return false;
    }
    explain_diff(&work->files[0], &work->files[1], work->arena, diff);
    return true;
}

bool diff_sources(const struct source *a, const struct source *b, const struct diff_hasher *hasher,
                  struct arena *arena, struct diff *ret, struct error *err)
{
    struct diff diff = {.name = "", .functions_how = ""};
    struct work work = {.sources = {a, b}, .hasher = hasher, .arena = arena, .diff = &diff};
    struct range_list ranges;
    struct extent left = {a, 0, a->size};
    struct extent right = {b, 0, b->size};
    if (!check_start(a, "A", err) || !check_start(b, "B", err)) {
        return false;
    }
    diff.a = unread_side(a);
    diff.b = unread_side(b);
    range_list_init(&ranges, LIMIT_DIFF_RANGES, arena);
    if (!ranges_compare(&left, &right, &ranges, err)) {
        return false;
    }
    diff.differing = ranges.differing;
    if (ranges.differing == 0) {
        diff.verdict = DIFF_IDENTICAL;
    } else {
        diff.first_difference = ranges.items[0].offset;
        if (hasher != NULL) {
            hasher->begin(hasher->context);
        }
        if (!compare_programs(&work, &ranges, err)) {
            return false;
        }
    }
    *ret = diff;
    return true;
}
