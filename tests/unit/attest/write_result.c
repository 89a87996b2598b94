// SPDX-License-Identifier: Apache-2.0
/* Writes the result of a rebuild that never was, for scripts that attest: of a file with the nine
 * bytes "artifact\n". $1: reproduced, different, unproven, local-source, or a version of its
 * source.
 */
#include "tests/unit/attest/attest_fixture.h"

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct fixture_rebuild wanted = {.content = "artifact\n"};
    const char *kind = argc > 1 ? argv[1] : "";
    wanted.not_accepted = strcmp(kind, "different") == 0 || strcmp(kind, "unproven") == 0;
    wanted.unproven = strcmp(kind, "unproven") == 0;
    wanted.verdict = strcmp(kind, "different") == 0 ? VERDICT_DIFFERENT : VERDICT_UNPROVEN;
    wanted.assumption = strcmp(kind, "local-source") == 0 ? kind : NULL;
    wanted.version = kind[0] == 'v' ? kind : NULL;
    struct bytes text = fixture_record_text(&wanted, &arena);
    bool written = fwrite(text.data, 1, text.len, stdout) == text.len;
    arena_free(&arena);
    return written ? 0 : 1;
}
