/* The parts of recipe_derive, in the order in which they run. Only derive*.c include this.
 *
 * Each part either fills its fields of the recipe or refuses; a refusal ends the derivation. The
 * order decides which of several reasons is told: what makes the rebuild impossible for good comes
 * before what a user can supply. */
#pragma once

#include "verifier/recipe/flags.h"
#include "verifier/recipe/recipe.h"

struct derivation {
    const struct inspection *file;
    const struct recipe_hints *hints;
    struct arena *arena;
    struct go_version go;
    struct recipe recipe;
    struct recipe_notes notes;
    struct recipe_refusal refusal;
};

/* Sets the refusal. Always returns false. CURE is a constant or in the arena; "" if nobody knows.
 */
CHECKED bool derive_refuse(struct derivation *derivation, const char *code, const char *cure,
                           const char *format, ...) PRINTF_LIKE(4, 5);

CHECKED bool derive_toolchain(struct derivation *derivation);
CHECKED bool derive_mode(struct derivation *derivation);
CHECKED bool derive_source(struct derivation *derivation);
CHECKED bool derive_dependencies(struct derivation *derivation);
CHECKED bool derive_c_toolchain(struct derivation *derivation);
CHECKED bool derive_vcs(struct derivation *derivation);
CHECKED bool derive_platform(struct derivation *derivation);
CHECKED bool derive_flags(struct derivation *derivation);

/* Refuses a file that was built in a workspace: only a directory can give what its dep lines say.
 */
CHECKED bool derive_without_workspace(struct derivation *derivation);

/* The setting KEY of the file, "" without. */
const char *derive_setting(const struct derivation *derivation, const char *key);

/* A text of the user's or "": hints may be NULL throughout. */
const char *derive_hint(const char *hint);
