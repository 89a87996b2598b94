/* The values that -X puts into string variables: each is an assumption, as nothing in the source
 * says it. Those that follow from what is known of the build anyway are told apart. */
#pragma once

#include "verifier/recipe/derive.h"

/* Notes every -X of the derived recipe that was recorded in the file. */
void xvalue_note(struct derivation *derivation);
