// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <string.h>

static void write_options(const struct option_table *table, struct buffer *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        int used = (int)(strlen(option->name) + 4);
        buffer_printf(out, "  --%s", option->name);
        if (option->argument != NULL) {
            buffer_printf(out, " %s", option->argument);
            used += (int)strlen(option->argument) + 1;
        }
        buffer_printf(out, "%*s%s\n", used < 26 ? 26 - used : 2, "", option->help);
    }
}

void help_program(struct buffer *out)
{
    buffer_string(
        out, "usage: reproof COMMAND [OPTION...] [ARGUMENT...]\n\n"
             "Proves, or refutes, that a published Go binary comes from the source it names.\n\n");
    for (size_t i = 0; i < command_count; i++) {
        buffer_printf(out, "  %-12s%s\n", commands[i]->name, commands[i]->summary);
    }
    buffer_string(out, "\nOptions of all commands:\n");
    write_options(&common_options, out);
    buffer_string(out,
                  "\nExit codes: 0 holds, 1 refuted, 2 unusable input, 3 undecided, 4 tampering, "
                  "70 internal error.\n`reproof COMMAND --help` says more of one command.\n");
}

void help_command(const struct command *command, struct buffer *out)
{
    buffer_printf(out, "usage: reproof %s [OPTION...] %s\n\n%s\n", command->name,
                  command->arguments, command->details);
    if (command->options.count > 0) {
        buffer_string(out, "\nOptions:\n");
        write_options(&command->options, out);
    }
    buffer_string(out, "\nOptions of all commands:\n");
    write_options(&common_options, out);
}
