/* --help of the program and of each command, from the tables that the parser uses. */
#pragma once

#include "base/buffer.h"
#include "cli/command.h"

void help_program(struct buffer *out);
void help_command(const struct command *command, struct buffer *out);
