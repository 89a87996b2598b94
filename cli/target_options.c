// SPDX-License-Identifier: Apache-2.0
#include "cli/target_options.h"

#include <string.h>

#include "base/escape.h"

static void on_transfer(void *context, const char *what, uint64_t done, uint64_t total)
{
    const struct invocation *invocation = context;
    char safe[160];
    escape_text(what, safe, sizeof(safe));
    if (total > 0) {
        terminal_progress(invocation->terminal, false, "%5.1f of %.1f MB  %s", (double)done / 1e6,
                          (double)total / 1e6, safe);
    } else {
        terminal_progress(invocation->terminal, false, "%5.1f MB  %s", (double)done / 1e6, safe);
    }
}

static bool read_digest(const char *text, struct arena *arena, const struct sha256 **ret,
                        struct error *err)
{
    static const char algorithm[] = "sha256:";
    struct sha256 *digest = ARENA_NEW(arena, struct sha256);
    struct bytes hex = bytes_from_string(text);
    if (bytes_start_with(hex, algorithm)) {
        hex = bytes_behind(hex, sizeof(algorithm) - 1);
    }
    if (!sha256_from_hex(hex, digest)) {
        error_set(err, ERROR_USAGE, "--sha256 %s", text);
        return error_cure(err, "64 lower-case hexadecimal digits, as sha256sum prints them");
    }
    *ret = digest;
    return true;
}

bool target_options_settings(const struct invocation *invocation,
                             const struct target_options *options, const char *scratch,
                             struct target_settings *ret, struct error *err)
{
    const struct common_settings *common = invocation->settings;
    struct invocation *context = ARENA_NEW(invocation->arena, struct invocation);
    *context = *invocation;
    struct target_settings settings = {
        .scratch = scratch,
        .store = common->store,
        .state = common->state,
        .offline = common->offline,
        .jobs = common->jobs,
        .progress = on_transfer,
        .progress_context = context,
    };
    if (options->sha256 != NULL && invocation->operands.count != 1) {
        error_set(err, ERROR_USAGE, "--sha256 is of one TARGET, not of %zu",
                  invocation->operands.count);
        return error_cure(err, "name one, or a list of checksums of all");
    }
    if (options->sha256 != NULL &&
        !read_digest(options->sha256, invocation->arena, &settings.sha256, err)) {
        return false;
    }
    *ret = settings;
    return true;
}
