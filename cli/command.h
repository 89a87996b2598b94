/* A command: its options as data, and the function that does it.
 *
 * One file cmd_NAME.c a command, one table of all in commands.c. Settings are parsed first, then
 * the command acts; it returns an outcome, and main alone turns that into an exit code. */
#pragma once

#include "cli/exit.h"
#include "cli/options.h"
#include "cli/terminal.h"

/* What every command understands. Each command's settings struct begins with it. */
struct common_settings {
    bool json, offline, quiet, help;
    const char *store, *state; /* absolute once main has seen them */
    const char *color;
    unsigned jobs; /* never 0 once main has seen it */
};

/* What a command has at hand. */
struct invocation {
    const struct command *command;
    const void *settings; /* the command's own struct */
    struct strings operands;
    struct terminal *terminal;
    struct arena *arena; /* lives until the command has ended */
};

struct command {
    const char *name;
    const char *arguments; /* "TARGET..." */
    const char *summary;   /* one line, lower case, no full stop */
    const char *details;   /* a paragraph or two for --help and the man page */
    struct option_table options;
    size_t settings_size;
    size_t least_operands, most_operands; /* most 0: any number */
    enum outcome (*run)(const struct invocation *invocation);
};

extern const struct option_table common_options;

/* All commands, sorted by name. */
extern const struct command *const commands[];
extern const size_t command_count;

const struct command *command_find(const char *name);

/* Prints ERR about OBJECT (may be NULL): as text on stderr, and with --json as a reproof/error/v1
 * document on stdout. Returns OUTCOME. */
enum outcome command_fail(const struct invocation *invocation, const char *object,
                          const struct error *err, enum outcome outcome);

/* As command_fail, where stderr has the error already. */
enum outcome command_fail_told(const struct invocation *invocation, const char *object,
                               const struct error *err, enum outcome outcome);

/* Writes OUT to stdout; OUTCOME, or what the failure to write comes to. */
enum outcome command_finish(const struct invocation *invocation, const struct buffer *out,
                            enum outcome outcome);

extern const struct command command_attest;
extern const struct command command_completion;
extern const struct command command_diff;
extern const struct command command_gate;
extern const struct command command_inspect;
extern const struct command command_key;
extern const struct command command_rebuild;
extern const struct command command_recipe;
extern const struct command command_report;
extern const struct command command_sbom;
extern const struct command command_sign;
extern const struct command command_trust;
extern const struct command command_verify;
