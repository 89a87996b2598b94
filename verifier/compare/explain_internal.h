/* Between explain.c and the files of single kinds of causes. */
#pragma once

#include "verifier/compare/explain.h"

struct explainer {
    const struct inspection *a, *b;
    struct arena *arena;
    struct diff *diff;
    size_t capacity;
    bool code_explained; /* a cause is known that changes code */
    bool explained;      /* a cause is known that changes more than its own place */
};

/* Texts live as long as the arena. */
void explain_add(struct explainer *explainer, const char *code, const char *detail,
                 const char *evidence, const char *next);
bool explain_has(const struct explainer *explainer, const char *code);
bool explain_removed(const struct explainer *explainer, const char *name);

/* explain_information.c: what the build information says. */
void explain_information(struct explainer *explainer);
/* explain_bytes.c: what was done to a file after it was linked, and what only the bytes tell. */
void explain_outside(struct explainer *explainer);
void explain_content(struct explainer *explainer);

/* explain_embedded.c: what the programs embed. */
void explain_embedded(struct explainer *explainer);
/* "A" or "B", whose bytes are not as its linker left them; NULL if that tells nothing. */
const char *explain_changed_side(const struct explainer *explainer);

/* How many parts of the two build IDs are known and agree; part NUMBER from 1. */
bool explain_id_equal(const struct explainer *explainer, unsigned number);
bool explain_ids_known(const struct explainer *explainer);
