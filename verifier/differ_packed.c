// SPDX-License-Identifier: Apache-2.0
#include "base/scanner.h"
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

static struct diff_removed removed_packing(const struct diff *packed, const char *how,
                                           struct arena *arena)
{
    struct diff_removed removed = {
        .name = "upx",
        .version = 2,
        .how = how,
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
        joined.removed[0] = removed_packing(
            packed,
            arena_printf(arena,
                         "unpacked by %s; the code that unpacks it when it runs was not looked at",
                         tool),
            arena);
        for (size_t i = 0; i < inner->removed_count; i++) {
            joined.removed[i + 1] = inner->removed[i];
        }
    }
    *packed = joined;
    result->verdict = joined.verdict;
}

/* Options of upx for what a packed file's header says. */
struct packing {
    const char *method, *level;
};

/* PACKER is like "UPX 4.22 (NRV2E, level 9)"; it comes from the process that looked at the file. */
static bool read_packing(const char *packer, struct packing *ret)
{
    static const struct {
        const char *name, *option;
    } methods[] = {
        {"NRV2B", "--nrv2b"}, {"NRV2D", "--nrv2d"}, {"NRV2E", "--nrv2e"}, {"LZMA", "--lzma"}};
    static const char *const levels[] = {"-1", "-2", "-3", "-4", "-5",
                                         "-6", "-7", "-8", "-9", "--best"};
    struct bytes before;
    struct bytes inside;
    struct bytes method;
    uint64_t level;
    if (!scan_cut(bytes_from_string(packer), '(', &before, &inside) ||
        !scan_cut(inside, ',', &method, &inside)) {
        return false;
    }
    struct scanner scanner = scanner_over(inside);
    if (!scanner_expect(&scanner, " level ") ||
        !scanner_number(&scanner, ARRAY_LEN(levels), &level) || level == 0 ||
        !scanner_expect(&scanner, ")") || !scanner_done(&scanner)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (bytes_equal_string(method, methods[i].name)) {
            *ret = (struct packing){methods[i].option, levels[level - 1]};
            return true;
        }
    }
    return false;
}

/* "UPX 4.2.2" of a tool is "UPX 4.22" in what it packs. */
static bool same_version(const char *tool, const char *packer)
{
    while (*tool != '\0') {
        if (*tool == '.') {
            tool++;
        } else if (*packer == '.') {
            packer++;
        } else if (*tool++ != *packer++) {
            return false;
        }
    }
    return *packer == ' ';
}

/* True if the upx of this machine makes the file that is packed out of the one that is not: then
 * there is nothing else in it, the code that unpacks it included. */
static bool packs_the_same(const struct source *const sources[2], const struct diff *diff,
                           const char *tool, struct arena *arena, const char **ret_how)
{
    bool a_packed = diff->a.packer[0] != '\0';
    const char *packer = a_packed ? diff->a.packer : diff->b.packer;
    struct packing packing;
    AUTO_FD int fd = -1;
    struct source again;
    struct comparison comparison;
    if (a_packed == (diff->b.packer[0] != '\0') || !same_version(tool, packer) ||
        !read_packing(packer, &packing) ||
        !unpacker_pack(sources[a_packed ? 1 : 0], packing.method, packing.level, arena, &fd, &tool,
                       NULL) ||
        !source_from_fd(fd, &again, NULL) ||
        !compare_sources(sources[a_packed ? 0 : 1], &again, &comparison, NULL)) {
        return false;
    }
    *ret_how =
        arena_printf(arena, "%s, packed by %s %s %s, is %s byte for byte", a_packed ? "B" : "A",
                     tool, packing.method, packing.level, a_packed ? "A" : "B");
    return comparison.equal;
}

/* The plain file, packed again, is the packed one. */
static void join_packed_again(const char *how, struct arena *arena, struct diff_result *result)
{
    struct diff *diff = &result->slices[0];
    diff->causes[0].detail = arena_printf(arena, "%s; %s", diff->causes[0].detail, how);
    diff->causes[0].next = "--accept upx accepts it";
    diff->cause_count = 1;
    diff->verdict = DIFF_EQUIVALENT;
    diff->removed = ARENA_NEW(arena, struct diff_removed);
    diff->removed[0] = removed_packing(diff, how, arena);
    diff->removed_count = 1;
    result->verdict = DIFF_EQUIVALENT;
}

/* Packing a PE file changes what unpacking does not bring back; with other formats, what differs
 * inside cannot be the same when it is packed. */
static bool may_pack_the_same(const struct diff *diff, const struct diff_result *inside)
{
    return inside->slice_count == 1 &&
           (inside->verdict != DIFF_DIFFERENT || strcmp(diff->a.format, "pe") == 0);
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
        return error_pass(err, &why);
    }
    const char *how;
    if (ok && may_pack_the_same(diff, &inside) &&
        packs_the_same(sources, diff, unpacked.tool, arena, &how)) {
        join_packed_again(how, arena, result);
    } else if (ok && inside.slice_count == 1) {
        join(&inside, unpacked.tool, arena, result);
    } else if (!ok) {
        diff->causes[0].next = arena_printf(
            arena, "what is inside was not compared: %s; upx -d FILE unpacks it", why.message);
    }
    return true;
}
