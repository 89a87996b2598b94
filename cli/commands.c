// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

/* Keep sorted by name. */
const struct command *const commands[] = {
    &command_attest, &command_completion, &command_diff,   &command_gate,   &command_inspect,
    &command_key,    &command_rebuild,    &command_recipe, &command_report, &command_sbom,
    &command_sign,   &command_trust,      &command_verify,
};

const size_t command_count = ARRAY_LEN(commands);
