// SPDX-License-Identifier: Apache-2.0
/* A statement's claim, as if somebody trusted had signed it: what is for a file agrees with itself.
 */
#include <stdlib.h>

#include "attest/claim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena = {0};
    struct statement statement;
    struct claim claim;
    if (statement_read(bytes_from(data, len), &arena, &statement, NULL)) {
        if (claim_read_verdict(&statement, &arena, &claim, NULL) && claim.conflict == NULL &&
            (!statement_is_about(&statement, &claim.artifact) || claim.module == NULL)) {
            abort();
        }
        if (claim_read_summary(&statement, &arena, &claim, NULL) &&
            claim.verdict != VERDICT_DIFFERENT && claim.verdict != VERDICT_UNPROVEN) {
            abort();
        }
        statement_free(&statement);
    }
    arena_free(&arena);
    return 0;
}
