// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/explain_internal.h"
#include "verifier/compare/information.h"

void explain_add(struct explainer *explainer, const char *code, const char *detail,
                 const char *evidence, const char *next)
{
    struct diff *diff = explainer->diff;
    arena_grow(explainer->arena, &diff->causes, diff->cause_count, &explainer->capacity,
               sizeof(*diff->causes));
    diff->causes[diff->cause_count++] = (struct diff_cause){code, detail, evidence, next};
}

bool explain_has(const struct explainer *explainer, const char *code)
{
    for (size_t i = 0; i < explainer->diff->cause_count; i++) {
        if (strcmp(explainer->diff->causes[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

bool explain_removed(const struct explainer *explainer, const char *name)
{
    for (size_t i = 0; i < explainer->diff->removed_count; i++) {
        if (strcmp(explainer->diff->removed[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

bool explain_ids_known(const struct explainer *explainer)
{
    return explainer->a->traits.parts[0][0] != '\0' && explainer->b->traits.parts[0][0] != '\0';
}

bool explain_id_equal(const struct explainer *explainer, unsigned number)
{
    return explain_ids_known(explainer) && strcmp(explainer->a->traits.parts[number - 1],
                                                  explainer->b->traits.parts[number - 1]) == 0;
}

/* What makes any further comparison pointless; true if there is such a thing. */
static bool explain_unlike(struct explainer *explainer)
{
    const struct inspection *a = explainer->a;
    const struct inspection *b = explainer->b;
    const struct diff_change *path = diff_change_find(explainer->diff, "path", NULL);
    if (a->format != b->format || strcmp(a->goarch, b->goarch) != 0 ||
        strcmp(a->goos, b->goos) != 0) {
        explain_add(explainer, "other-platform", "they are for different platforms",
                    arena_printf(explainer->arena, "%s %s against %s %s", explainer->diff->a.format,
                                 explainer->diff->a.platform, explainer->diff->b.format,
                                 explainer->diff->b.platform),
                    "compare files of one platform");
        return true;
    }
    if (a->traits.packer[0] != '\0' || b->traits.packer[0] != '\0') {
        bool only_b = a->traits.packer[0] == '\0';
        explain_add(explainer, "packer",
                    arena_printf(explainer->arena, "%s is packed",
                                 only_b                        ? "B"
                                 : b->traits.packer[0] == '\0' ? "A"
                                                               : "each"),
                    only_b ? b->traits.packer : a->traits.packer,
                    "unpack it first: upx -d FILE (upx of that version), then compare");
        return true;
    }
    if (path != NULL && path->has_a && path->has_b && path->a[0] != '\0' && path->b[0] != '\0') {
        explain_add(explainer, "other-program", "they are different programs",
                    arena_printf(explainer->arena, "%s against %s", path->a, path->b),
                    "compare builds of one program");
        return true;
    }
    return false;
}

void explain_diff(const struct inspection *a, const struct inspection *b, struct arena *arena,
                  struct diff *ret)
{
    struct explainer explainer = {.a = a, .b = b, .arena = arena, .diff = ret};
    if (!explain_unlike(&explainer)) {
        explain_information(&explainer);
        explain_outside(&explainer);
        explain_content(&explainer);
    }
}
