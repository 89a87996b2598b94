// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <libgen.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "cli/command.h"
#include "verifier/differ.h"
#include "verifier/report/diff_report.h"

struct settings {
    struct common_settings common;
    bool all;
    struct strings accept;
    const char *html;
};

static const char *const rules[] = {"authenticode",         "embedded-files", "go-build-id",
                                    "macho-code-signature", "strip",          "upx"};

/* A name that no rule has would be a hole in a gate that nobody sees. */
static bool check_accept(const struct strings *accept, struct error *err)
{
    for (size_t i = 0; i < accept->count; i++) {
        bool known = false;
        for (size_t k = 0; k < ARRAY_LEN(rules); k++) {
            known = known || strcmp(accept->items[i], rules[k]) == 0;
        }
        if (!known) {
            const char *near = nearest_word(accept->items[i], rules, ARRAY_LEN(rules));
            error_set(err, ERROR_USAGE, "--accept %s: there is no such rule", accept->items[i]);
            return error_cure(err, "%s%s%s", near == NULL ? "" : "did you mean ",
                              near == NULL ? "the rules are authenticode, embedded-files, "
                                             "go-build-id, macho-code-signature, strip, upx"
                                           : near,
                              near == NULL ? "" : "?");
        }
    }
    return true;
}

static bool is_accepted(const struct diff_result *result, const struct strings *accept)
{
    for (size_t i = 0; i < result->slice_count; i++) {
        for (size_t k = 0; k < result->slices[i].removed_count; k++) {
            bool named = false;
            for (size_t n = 0; n < accept->count; n++) {
                named = named || strcmp(accept->items[n], result->slices[i].removed[k].name) == 0;
            }
            if (!named) {
                return false;
            }
        }
    }
    return result->verdict != DIFF_DIFFERENT;
}

static enum outcome outcome_of(const struct diff_result *result, bool accepted)
{
    return result->verdict == DIFF_DIFFERENT ? OUTCOME_REFUTED
           : accepted                        ? OUTCOME_HOLDS
                                             : OUTCOME_UNDECIDED;
}

static bool write_html(const struct diff_result *result, const struct diff_view *view,
                       const char *path, struct arena *arena, struct error *err)
{
    AUTO_FD int dir = -1;
    AUTO(buffer) struct buffer out;
    /* Both may change what they are given. */
    const char *folder = dirname(arena_string(arena, path));
    const char *name = basename(arena_string(arena, path));
    buffer_init(&out, 4 * LIMIT_DIFF_RECORD);
    diff_html(result, view, &out);
    if (!buffer_ok(&out)) {
        return error_set(err, ERROR_LIMIT, "%s: the page would be too long", path);
    }
    return (directory_open(folder, &dir, err) &&
            file_write_atomic(dir, name, 0644, buffer_view(&out), err)) ||
           error_prefix(err, "%s", path);
}

static enum outcome report(const struct invocation *invocation, const struct diff_result *result)
{
    const struct settings *settings = invocation->settings;
    AUTO(buffer) struct buffer out;
    struct error err;
    struct diff_view view = {
        .name_a = invocation->operands.items[0],
        .name_b = invocation->operands.items[1],
        .accepted = is_accepted(result, &settings->accept),
        .all = settings->all,
        .color = invocation->terminal->color,
        .tool_version = REPROOF_VERSION,
    };
    enum outcome outcome = outcome_of(result, view.accepted);
    view.exit_code = exit_code(outcome);
    if (settings->html != NULL &&
        !write_html(result, &view, settings->html, invocation->arena, &err)) {
        return command_fail(invocation, NULL, &err, outcome_of_error(&err));
    }
    buffer_init(&out, 4 * LIMIT_DIFF_RECORD);
    if (settings->common.json) {
        diff_json(result, &view, &out);
    } else {
        diff_text(result, &view, &out);
    }
    return command_finish(invocation, &out, outcome);
}

static enum outcome run_command(const struct invocation *invocation)
{
    const struct settings *settings = invocation->settings;
    const char *const *names = invocation->operands.items;
    struct diff_result result;
    struct error err;
    int fds[2] = {-1, -1};
    struct source sources[2];
    if (!check_accept(&settings->accept, &err)) {
        return command_fail(invocation, NULL, &err, OUTCOME_UNUSABLE);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < 2; i++) {
        ok = file_open_input(AT_FDCWD, names[i], &fds[i], &err) &&
             source_from_fd(fds[i], &sources[i], &err);
    }
    ok = ok && differ_run(&sources[0], &sources[1], invocation->arena, &result, &err);
    fd_close(&fds[0]);
    fd_close(&fds[1]);
    return ok ? report(invocation, &result)
              : command_fail(invocation, NULL, &err, outcome_of_input_error(&err));
}

static const struct option options[] = {
    {"accept", "NAME,...", "rules of the ladder that may be needed with exit code 0", OPTION_LIST,
     offsetof(struct settings, accept)},
    {"all", NULL, "everything that differs, not only a screenful", OPTION_FLAG,
     offsetof(struct settings, all)},
    {"html", "FILE", "write a page for a browser, too", OPTION_STRING,
     offsetof(struct settings, html)},
};

const struct command command_diff = {
    .name = "diff",
    .arguments = "A B",
    .summary = "explain why two Go binaries differ",
    .details =
        "Compares two Go binaries byte for byte and says why they differ: the cause with what was\n"
        "seen of it and what to do next, the build information, sections, functions and strings\n"
        "that differ. A is the published file, B the other one. Files that are equal but for a "
        "code\n"
        "signature, the build ID or symbols are equivalent: exit code 3, unless each rule that "
        "was\n"
        "needed is named by --accept.",
    .options = {options, ARRAY_LEN(options)},
    .settings_size = sizeof(struct settings),
    .least_operands = 2,
    .most_operands = 2,
    .run = run_command,
};
