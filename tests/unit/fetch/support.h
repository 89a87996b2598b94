/* What several tests of the store need: other programs, and zips that a script makes. */
#pragma once

#include "base/arena.h"
#include "tests/unit/unit.h"

/* As fail_msg, whose text cmocka's TAP output leaves out. */
#define fail_telling(...)                                                                          \
    do {                                                                                           \
        printf("# ");                                                                              \
        printf(__VA_ARGS__);                                                                       \
        printf("\n");                                                                              \
        fail();                                                                                    \
    } while (0)

/* True if PROGRAM is on PATH and starts; else says why the test is skipped. */
bool support_has(const char *program);

/* Runs ARGV (found on PATH) with its output to the file OUTPUT (NULL: nowhere); its exit code. */
int support_run(const char *const argv[], const char *output);

/* The absolute path of NAME in this folder of the source tree. */
const char *support_source(const char *name, struct arena *arena);

/* Puts links to our helper programs where process_find_helper looks for them. */
void support_helpers(void);

/* The paths of the files in DIR whose names end in SUFFIX, sorted. */
char **support_list(const char *dir, const char *suffix, struct arena *arena, size_t *ret_count);

/* Fills DIR with the zips of make_zips.py. */
void support_make_zips(const char *dir);
