/* What writer and reader of the recipe's JSON form share. */
#pragma once

#include "verifier/recipe/recipe.h"

#define RECIPE_SCHEMA "reproof/recipe/v1"
#define RECIPE_SOURCE_KINDS 4

extern const char *const recipe_source_kinds[RECIPE_SOURCE_KINDS];
