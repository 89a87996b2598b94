// SPDX-License-Identifier: Apache-2.0
/* A policy that was read requires something, and its thresholds are never nothing. */
#include <stdlib.h>

#include "attest/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena = {0};
    struct policy policy;
    if (policy_read(bytes_from(data, len), "p", 1772323200, &arena, &policy, NULL) &&
        policy_check(&policy, NULL)) {
        if (policy.required.count == 0 || policy.rebuilder_threshold == 0 ||
            policy.signer_threshold == 0 ||
            policy.signers.trust.count + policy.rebuilders.trust.count == 0) {
            abort();
        }
    }
    arena_free(&arena);
    return 0;
}
