// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/explain_internal.h"

#define SHOWN 3
#define DIGEST_SHOWN 16

static const char *describe(const struct diff_embedded_side *side, const char *which,
                            struct arena *arena)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&side->sha256, hex);
    return arena_printf(arena, "%llu bytes, sha256 %.*s... in %s", (unsigned long long)side->size,
                        DIGEST_SHOWN, hex, which);
}

static const char *describe_file(const struct diff_embedded *item, struct arena *arena)
{
    const char *a = item->state == DIFF_ONLY_B ? "not in A" : describe(&item->a, "A", arena);
    const char *b = item->state == DIFF_ONLY_A ? "not in B" : describe(&item->b, "B", arena);
    return arena_printf(arena, "%s: %s, %s", item->name, a, b);
}

/* A table whose hashes do not fit any more is none: a file that was changed after the link seems to
 * lack it. */
static bool is_believable(const struct explainer *explainer)
{
    const struct diff *diff = explainer->diff;
    for (size_t i = 0; i < diff->embedded_count; i++) {
        if (diff->embedded[i].state == DIFF_CHANGED) {
            return true;
        }
    }
    return diff->embedded_count > 0 && explain_changed_side(explainer) == NULL;
}

void explain_embedded(struct explainer *explainer)
{
    const struct diff *diff = explainer->diff;
    struct arena *arena = explainer->arena;
    const char *evidence = "";
    if (!is_believable(explainer)) {
        return;
    }
    for (size_t i = 0; i < diff->embedded_count && i < SHOWN; i++) {
        evidence = arena_printf(arena, "%s%s%s", evidence, i == 0 ? "" : "; ",
                                describe_file(&diff->embedded[i], arena));
    }
    if (diff->embedded_total > SHOWN) {
        evidence = arena_printf(arena, "%s; and %llu more", evidence,
                                (unsigned long long)(diff->embedded_total - SHOWN));
    }
    const char *side = explain_changed_side(explainer);
    explain_add(explainer, "embedded-files",
                arena_printf(arena, "%llu embedded file%s%s%s%s",
                             (unsigned long long)diff->embedded_total,
                             diff->embedded_total == 1 ? " differs" : "s differ",
                             side == NULL ? "" : "; ", side == NULL ? "" : side,
                             side == NULL ? "" : " was changed after it was linked"),
                evidence,
                explain_removed(explainer, "embedded-files")
                    ? "all else is equal; --accept embedded-files accepts it, if you know what is "
                      "in them"
                    : "rebuild with A's files in the source; what is embedded with another size "
                      "moves what follows it");
    explainer->explained = true;
}
