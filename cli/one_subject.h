/* What the commands about one Go binary do around it: start the inspector, take the operand apart,
 * refuse a target that holds several, clean up. */
#pragma once

#include "cli/target_options.h"

typedef enum outcome (*subject_action)(void *context, const struct target_subject *subject);
typedef enum outcome (*target_action)(void *context, const struct target *target);

/* Has ACTION judge the one Go binary of the first operand; WHAT are the INSPECT_* flags, OPTIONS
 * those of the command. What cannot be opened is told. WHY ends the cure where there are several:
 * "a recipe is of one file".
 */
enum outcome command_on_one_subject(const struct invocation *invocation, unsigned what,
                                    const struct target_options *options, const char *why,
                                    subject_action action, void *context);

/* As above, for all Go binaries that the first operand holds. */
enum outcome command_on_target(const struct invocation *invocation, unsigned what,
                               const struct target_options *options, target_action action,
                               void *context);

/* Tells on standard error what TARGET holds beside its Go binaries: notes, and files that are
 * refused. Returns the worst that those come to, OUTCOME_HOLDS if there are none. */
enum outcome command_tell_target(const struct invocation *invocation, const struct target *target);
