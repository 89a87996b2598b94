// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cli/command.h"

static void write_words(const struct option_table *table, const char *lead, struct buffer *out)
{
    for (size_t i = 0; i < table->count; i++) {
        buffer_printf(out, " %s%s", lead, table->options[i].name);
    }
}

static void write_bash(struct buffer *out)
{
    buffer_string(out, "_reproof() {\n    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
                       "    if [ \"$COMP_CWORD\" = 1 ]; then\n        words=\"");
    for (size_t i = 0; i < command_count; i++) {
        buffer_printf(out, "%s%s", i == 0 ? "" : " ", commands[i]->name);
    }
    buffer_string(out, "\"\n    else\n        case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < command_count; i++) {
        buffer_printf(out, "        %s) words=\"", commands[i]->name);
        write_words(&commands[i]->options, "--", out);
        write_words(&common_options, "--", out);
        buffer_string(out, "\" ;;\n");
    }
    buffer_string(out, "        esac\n    fi\n"
                       "    case $word in\n"
                       "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
                       "    *) [ \"$COMP_CWORD\" = 1 ] && COMPREPLY=($(compgen -W \"$words\" -- "
                       "\"$word\")) || COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
                       "    esac\n}\ncomplete -o filenames -F _reproof reproof\n");
}

/* Help texts stand in single quotes in both shells; our own tables hold none. */
static void write_zsh_option(const struct option *option, struct buffer *out)
{
    buffer_printf(out, "            '--%s[%s]%s%s%s' \\\n", option->name, option->help,
                  option->argument == NULL ? "" : ":",
                  option->argument == NULL ? "" : option->argument,
                  option->argument == NULL ? "" : ":_files");
}

static void write_zsh(struct buffer *out)
{
    buffer_string(out, "#compdef reproof\n_reproof() {\n    if (( CURRENT == 2 )); then\n"
                       "        local -a names=(\n");
    for (size_t i = 0; i < command_count; i++) {
        buffer_printf(out, "            '%s:%s'\n", commands[i]->name, commands[i]->summary);
    }
    buffer_string(out, "        )\n        _describe command names\n        return\n    fi\n"
                       "    case $words[2] in\n");
    for (size_t i = 0; i < command_count; i++) {
        const struct option_table *tables[] = {&commands[i]->options, &common_options};
        buffer_printf(out, "    %s)\n        _arguments \\\n", commands[i]->name);
        for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
            for (size_t k = 0; k < tables[t]->count; k++) {
                write_zsh_option(&tables[t]->options[k], out);
            }
        }
        buffer_string(out, "            '*:file:_files' ;;\n");
    }
    buffer_string(out, "    esac\n}\n_reproof \"$@\"\n");
}

static void write_fish(struct buffer *out)
{
    for (size_t i = 0; i < command_count; i++) {
        const struct option_table *tables[] = {&commands[i]->options, &common_options};
        buffer_printf(out, "complete -c reproof -n __fish_use_subcommand -a %s -d '%s'\n",
                      commands[i]->name, commands[i]->summary);
        for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
            for (size_t k = 0; k < tables[t]->count; k++) {
                const struct option *option = &tables[t]->options[k];
                buffer_printf(
                    out,
                    "complete -c reproof -n '__fish_seen_subcommand_from %s' -l %s%s -d '%s'\n",
                    commands[i]->name, option->name, option->argument == NULL ? "" : " -r",
                    option->help);
            }
        }
    }
}

static enum outcome run(const struct invocation *invocation)
{
    static const struct {
        const char *name;
        void (*write)(struct buffer *);
    } shells[] = {{"bash", write_bash}, {"fish", write_fish}, {"zsh", write_zsh}};
    const char *wanted = invocation->operands.items[0];
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        if (strcmp(shells[i].name, wanted) == 0) {
            struct buffer out;
            buffer_init(&out, 1 << 20);
            shells[i].write(&out);
            enum outcome outcome = command_finish(invocation, &out, OUTCOME_HOLDS);
            buffer_free(&out);
            return outcome;
        }
    }
    struct error err;
    error_set(&err, ERROR_USAGE, "no completion for \"%s\"", wanted);
    error_cure(&err, "reproof completion bash, zsh or fish");
    return command_fail(invocation, NULL, &err, OUTCOME_UNUSABLE);
}

const struct command command_completion = {
    .name = "completion",
    .arguments = "bash|zsh|fish",
    .summary = "print the completion script of a shell",
    .details = "Prints a script that completes commands and options. For bash:\n"
               "  reproof completion bash > ~/.local/share/bash-completion/completions/reproof",
    .settings_size = sizeof(struct common_settings),
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
