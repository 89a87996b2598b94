// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <string.h>

#include "base/json_write.h"

#define OPTION(name, argument, type, field, help)                                                  \
    {                                                                                              \
        name, argument, help, type, offsetof(struct common_settings, field)                        \
    }

static const struct option options[] = {
    OPTION("json", NULL, OPTION_FLAG, json, "one JSON document on standard output"),
    OPTION("store", "DIR", OPTION_STRING, store,
           "where toolchains and modules are kept ($REPROOF_STORE, else XDG_CACHE_HOME)"),
    OPTION("state", "DIR", OPTION_STRING, state,
           "where trust state is kept: last tree heads (else XDG_STATE_HOME)"),
    OPTION("offline", NULL, OPTION_FLAG, offline, "use the store alone"),
    OPTION("jobs", "N", OPTION_NUMBER, jobs, "how much to do at once (else one a core)"),
    OPTION("quiet", NULL, OPTION_FLAG, quiet, "no talk and no progress on standard error"),
    OPTION("color", "WHEN", OPTION_STRING, color, "auto, always or never (NO_COLOR is obeyed)"),
    OPTION("help", NULL, OPTION_FLAG, help, "this text"),
};

const struct option_table common_options = {options, ARRAY_LEN(options)};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static void write_error_json(const char *object, const struct error *err, enum outcome outcome,
                             struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out, false);
    json_object(&json, NULL);
    json_string(&json, "schema", "reproof/error/v1");
    json_object(&json, "error");
    json_uint(&json, "code", (uint64_t)exit_code(outcome));
    json_string(&json, "class", error_code_name(err->code));
    json_string(&json, "object", object);
    json_string(&json, "detail", err->message);
    json_string(&json, "cure", err->cure[0] == '\0' ? NULL : err->cure);
    json_object_end(&json);
    json_object_end(&json);
}

enum outcome command_fail(const struct invocation *invocation, const char *object,
                          const struct error *err, enum outcome outcome)
{
    terminal_error(invocation->terminal, object, err);
    return command_fail_told(invocation, object, err, outcome);
}

enum outcome command_fail_told(const struct invocation *invocation, const char *object,
                               const struct error *err, enum outcome outcome)
{
    const struct common_settings *common = invocation->settings;
    if (common != NULL && common->json) {
        struct buffer out;
        struct error ignored;
        buffer_init(&out, 65536);
        write_error_json(object, err, outcome, &out);
        /* The error itself is on stderr and in the exit code already. */
        bool written = terminal_write(invocation->terminal, &out, &ignored);
        (void)written;
        buffer_free(&out);
    }
    return outcome;
}

enum outcome command_finish(const struct invocation *invocation, const struct buffer *out,
                            enum outcome outcome)
{
    struct error err;
    if (!terminal_write(invocation->terminal, out, &err)) {
        terminal_error(invocation->terminal, NULL, &err);
        return outcome_worse(outcome, OUTCOME_UNDECIDED);
    }
    return outcome;
}
