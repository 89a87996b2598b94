// SPDX-License-Identifier: Apache-2.0
#include "verifier/differ_internal.h"
#include "verifier/sandbox/unpacker.h"

/* Both sides, with what was packed unpacked. */
struct unpacked {
    int fds[2]; /* -1: was not packed */
    struct source files[2];
    const struct source *sources[2];
    const char *tool;
};

static bool is_packed(const struct diff_result *result)
{
    return result->slice_count == 1 && result->verdict == DIFF_DIFFERENT &&
           result->slices[0].cause_count > 0 &&
           strcmp(result->slices[0].causes[0].code, "packer") == 0;
}

static bool unpack_side(const struct source *packed, size_t side, struct arena *arena,
                        struct unpacked *ret, struct error *err)
{
    if (!unpacker_run(packed, arena, &ret->fds[side], &ret->tool, err) ||
        !source_from_fd(ret->fds[side], &ret->files[side], err)) {
        return false;
    }
    ret->sources[side] = &ret->files[side];
    return true;
}

static bool unpack_both(const struct source *const sources[2], const struct diff *diff,
                        struct arena *arena, struct unpacked *ret, struct error *err)
{
    const bool packed[2] = {diff->a.packer[0] != '\0', diff->b.packer[0] != '\0'};
    for (size_t i = 0; i < 2; i++) {
        ret->sources[i] = sources[i];
        if (packed[i] && !unpack_side(sources[i], i, arena, ret, err)) {
            return false;
        }
    }
    return true;
}

static struct diff_removed removed_packing(const struct diff *packed, const char *tool,
                                           struct arena *arena)
{
    struct diff_removed removed = {
        .name = "upx",
        .version = 1,
        .how = arena_printf(arena,
                            "unpacked by %s; the code that unpacks it when it runs was not looked "
                            "at",
                            tool),
        .ranges_a = ARENA_NEW(arena, struct byte_range),
        .ranges_b = ARENA_NEW(arena, struct byte_range),
        .count_a = packed->a.packer[0] != '\0' ? 1 : 0,
        .count_b = packed->b.packer[0] != '\0' ? 1 : 0,
    };
    *removed.ranges_a = (struct byte_range){0, packed->a.size};
    *removed.ranges_b = (struct byte_range){0, packed->b.size};
    return removed;
}

/* That it is packed comes first, then why what is inside differs. */
static void join_causes(const struct diff *packed, const struct diff *inside, const char *tool,
                        struct arena *arena, struct diff *ret)
{
    bool different = inside->verdict == DIFF_DIFFERENT;
    size_t count = inside->verdict == DIFF_IDENTICAL ? 0 : inside->cause_count;
    struct diff_cause *causes = ARENA_ARRAY(arena, count + 1, struct diff_cause);
    causes[0] = packed->causes[0];
    causes[0].detail =
        arena_printf(arena, "%s; unpacked by %s it %s", causes[0].detail, tool,
                     different    ? "differs, too: all else told here is of the unpacked file"
                     : count == 0 ? "is identical"
                                  : "is equivalent: all else told here is of the unpacked file");
    causes[0].next = different ? "" : "--accept upx accepts it, if whoever packed it is trusted";
    for (size_t i = 0; i < count; i++) {
        causes[i + 1] = inside->causes[i];
    }
    ret->causes = causes;
    ret->cause_count = count + 1;
}

static void join(const struct diff_result *inside, const char *tool, struct arena *arena,
                 struct diff_result *result)
{
    struct diff *packed = &result->slices[0];
    const struct diff *inner = &inside->slices[0];
    struct diff joined = inner->verdict == DIFF_IDENTICAL ? *packed : *inner;
    joined.a.packer = packed->a.packer;
    joined.b.packer = packed->b.packer;
    join_causes(packed, inner, tool, arena, &joined);
    if (inner->verdict != DIFF_DIFFERENT) {
        joined.verdict = DIFF_EQUIVALENT;
        joined.removed_count = inner->removed_count + 1;
        joined.removed = ARENA_ARRAY(arena, joined.removed_count, struct diff_removed);
        joined.removed[0] = removed_packing(packed, tool, arena);
        for (size_t i = 0; i < inner->removed_count; i++) {
            joined.removed[i + 1] = inner->removed[i];
        }
    }
    *packed = joined;
    result->verdict = joined.verdict;
}

bool differ_undo_packing(const struct source *const sources[2], struct arena *arena,
                         struct diff_result *result, struct error *err)
{
    struct unpacked unpacked = {.fds = {-1, -1}, .tool = ""};
    struct diff_result inside;
    struct error why;
    if (!is_packed(result)) {
        return true;
    }
    struct diff *diff = &result->slices[0];
    bool ok = unpack_both(sources, diff, arena, &unpacked, &why) &&
              differ_compare(unpacked.sources, arena, &inside, &why);
    fd_close(&unpacked.fds[0]);
    fd_close(&unpacked.fds[1]);
    if (!ok && why.code == ERROR_INTERRUPTED) {
        if (err != NULL) {
            *err = why;
        }
        return false;
    }
    if (ok && inside.slice_count == 1) {
        join(&inside, unpacked.tool, arena, result);
    } else if (!ok) {
        diff->causes[0].next = arena_printf(
            arena, "what is inside was not compared: %s; upx -d FILE unpacks it", why.message);
    }
    return true;
}
