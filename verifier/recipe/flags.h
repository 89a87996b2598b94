/* Flags for go build: taking recorded texts apart as Go does, joining them again, and refusing
 * those that would run programs, read files or do nothing good in a build from strangers' settings.
 *
 * Splitting: cmd/internal/quoted of Go. What linker, compiler and assembler know: their flag
 * tables, Go 1.16 to 1.27. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "verifier/inspect.h"
#include "verifier/recipe/goversion.h"

/* Splits TEXT at white space, with '...' and "..." around whole fields and no escapes: as Go splits
 * the values of -ldflags, -gcflags and -asmflags. ERROR_FORMAT on an open quote, ERROR_LIMIT. */
CHECKED bool flags_split(struct bytes text, struct arena *arena, const char ***ret,
                         size_t *ret_count, struct error *err);

/* One text that flags_split takes apart into FLAGS again. ERROR_FORMAT if a flag holds both kinds
 * of quotes, so that no such text exists. */
CHECKED bool flags_join(const char *const *flags, size_t count, struct arena *arena,
                        const char **ret, struct error *err);

/* The value of a per-package flag (-ldflags, -gcflags) as go takes it: with "pattern=" in front or
 * without. RET_PATTERN is "" without. */
CHECKED bool flags_split_pattern(struct bytes text, struct arena *arena, const char **ret_pattern,
                                 const char ***ret, size_t *ret_count, struct error *err);

/* The text for -ldflags: flags_join, made so that go does not read a pattern into it. */
CHECKED bool flags_join_ldflags(const char *const *flags, size_t count, struct arena *arena,
                                const char **ret, struct error *err);

/* Whether a strangers' flags for the linker, compiler or assembler may be used. ERROR_UNSUPPORTED
 * names the flag. */
CHECKED bool flags_check_linker(const char *const *flags, size_t count, struct error *err);
CHECKED bool flags_check_compiler(struct bytes text, struct error *err);
CHECKED bool flags_check_assembler(struct bytes text, struct error *err);

/* A comma list for -tags. */
CHECKED bool flags_tags_are_valid(struct bytes tags);

/* The orders of -s, -w, -buildid= and -B that give what TRAITS show, the likeliest first. */
#define FLAGS_ORDERS 4
struct flags_orders {
    const char **orders[FLAGS_ORDERS];
    size_t counts[FLAGS_ORDERS];
    size_t count;
    const char *evidence; /* what was read off, in words */
    const char *note;     /* the value of -B that the file shows, "" if none */
};
void flags_orders_from_traits(const struct inspection *file, const struct go_version *go,
                              struct arena *arena, struct flags_orders *ret);
