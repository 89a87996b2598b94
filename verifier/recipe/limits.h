/* What a recipe may grow to. */
#pragma once

/* The longest -ldflags seen in published programs have 3 kB; one argument of a program is at most
 * 128 KiB (MAX_ARG_STRLEN), and the flag's name and quotes go with it. */
#define RECIPE_LIMIT_FLAGS_BYTES (120U * 1024U)
#define RECIPE_LIMIT_FLAGS 4096
#define RECIPE_LIMIT_TAGS_BYTES 4096U
/* Any other single text of a recipe: GOEXPERIMENT, CGO_CFLAGS, a path. */
#define RECIPE_LIMIT_TEXT 4096U
#define RECIPE_LIMIT_ENVIRONMENT 64
/* Dep lines of a program that is to be rebuilt; each is fetched. The largest seen has 800. */
#define RECIPE_LIMIT_DEPENDENCIES 20000
/* A go.mod of a dependency: lines and their length come under Go's cap of 16 MiB for the file. */
#define RECIPE_LIMIT_GO_MOD_LINES 200000
/* Requirements of all dependencies together, where go walks the whole graph; the largest graph seen
 * names 2,339 modules. */
#define RECIPE_LIMIT_GRAPH 1000000
/* Lines of one go.mod that each dep line is compared with; the most seen are 40 and 300. */
#define RECIPE_LIMIT_EXCLUDES 1000U
#define RECIPE_LIMIT_REPLACES 5000U
/* Variables that embed files, and patterns of one; programs have some tens. Comparing names with
 * patterns takes that many steps at most: some seconds. */
#define RECIPE_LIMIT_PATTERNS 4096U
#define RECIPE_LIMIT_MATCH_STEPS 4000000000ULL
