// SPDX-License-Identifier: Apache-2.0
/* For tests/builds/build_failures.sh: what the catalogue of failed builds says of a log.
 *
 *     explain_failure STATUS <LOG      prints CODE, a tab and what is said
 *     explain_failure                  prints the catalogue, an entry a line */
#include <stdio.h>
#include <stdlib.h>

#include "verifier/sandbox/build_internal.h"

#define LONGEST_LOG (1024 * 1024)

static struct bytes read_log(struct arena *arena)
{
    uint8_t *log = arena_alloc(arena, LONGEST_LOG);
    return bytes_from(log, fread(log, 1, LONGEST_LOG, stdin));
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    const char *failure;
    const char *detail;
    for (size_t i = 0; argc < 2 && build_failure_sign(i) != NULL; i++) {
        puts(build_failure_sign(i));
    }
    if (argc == 2) {
        const struct sandbox_result run = {
            .status = (int)strtol(argv[1], NULL, 10), .limit_hit = "", .log = read_log(&arena)};
        const struct sandbox_limits limits = {0};
        build_explain_failure(&run, &limits, &arena, &failure, &detail);
        printf("%s\t%s\n", failure, detail);
    }
    arena_free(&arena);
    return 0;
}
