/* The options about a TARGET, and what they come to; every command that takes one has them. */
#pragma once

#include "cli/command.h"
#include "verifier/target/target.h"

struct target_options {
    const char *sha256;
};

#define TARGET_OPTIONS(type, field)                                                                \
    {                                                                                              \
        "sha256", "HEX", "the SHA-256 of the one TARGET; another file is refused", OPTION_STRING,  \
            offsetof(type, field) + offsetof(struct target_options, sha256)                        \
    }

/* How INVOCATION takes its targets apart, in a folder beneath the absolute directory SCRATCH.
 * ERROR_USAGE names the option. RET lives as long as INVOCATION. */
CHECKED bool target_options_settings(const struct invocation *invocation,
                                     const struct target_options *options, const char *scratch,
                                     struct target_settings *ret, struct error *err);
