// SPDX-License-Identifier: Apache-2.0
/* A statement that was read has subjects, a type and a predicate. */
#include <stdlib.h>

#include "attest/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena = {0};
    struct statement statement;
    struct sha256 digest = sha256_of(bytes_from(data, len));
    if (statement_read(bytes_from(data, len), &arena, &statement, NULL)) {
        if (statement.subject_count == 0 || statement.predicate_type[0] == '\0' ||
            !json_is_object(statement.predicate) || statement_is_about(&statement, &digest)) {
            abort();
        }
        statement_free(&statement);
    }
    arena_free(&arena);
    return 0;
}
