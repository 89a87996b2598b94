// SPDX-License-Identifier: Apache-2.0
#include "cli/one_subject.h"

#include "base/escape.h"

enum outcome command_tell_target(const struct invocation *invocation, const struct target *target)
{
    enum outcome worst = OUTCOME_HOLDS;
    char safe[1024];
    for (size_t i = 0; i < target->note_count; i++) {
        struct error text;
        error_set(&text, ERROR_NONE, "%s", target->notes[i].text);
        escape_text(target->notes[i].name, safe, sizeof(safe));
        terminal_note(invocation->terminal, "reproof: %s: %s", safe, text.message);
    }
    for (size_t i = 0; i < target->refused_count; i++) {
        const struct target_refused *refused = &target->refused[i];
        worst = outcome_worse(worst, outcome_of_input_error(&refused->error));
        terminal_error(invocation->terminal, refused->name, &refused->error);
    }
    return worst;
}

static bool open_target(const struct invocation *invocation, struct inspector *inspector,
                        const struct target_options *options, const char *why, struct target *ret,
                        struct error *err)
{
    const struct common_settings *common = invocation->settings;
    const char *scratch =
        arena_printf(invocation->arena, "%s/%s", common->store, invocation->command->name);
    struct target_settings settings;
    if (!target_options_settings(invocation, options, scratch, &settings, err) ||
        !target_open_any(invocation->operands.items[0], inspector, &settings, invocation->arena,
                         ret, err)) {
        return false;
    }
    if (why != NULL && ret->subject_count > 1) {
        error_set(err, ERROR_USAGE, "holds %zu Go binaries, from %s to %s", ret->subject_count,
                  ret->subjects[0].name, ret->subjects[ret->subject_count - 1].name);
        error_cure(err, "name one Go binary: %s", why);
        target_free(ret);
        return false;
    }
    return true;
}

static enum outcome act(const struct invocation *invocation, unsigned what,
                        const struct target_options *options, const char *why, target_action action,
                        void *context)
{
    struct inspector *inspector = NULL;
    struct target target;
    struct error err;
    if (!inspector_open(what, &inspector, &err)) {
        return command_fail(invocation, NULL, &err, outcome_of_error(&err));
    }
    enum outcome outcome;
    if (open_target(invocation, inspector, options, why, &target, &err)) {
        outcome = outcome_worse(action(context, &target), command_tell_target(invocation, &target));
        target_free(&target);
    } else {
        const char *name = target_shown(invocation->operands.items[0], invocation->arena);
        outcome = command_fail(invocation, name, &err, outcome_of_input_error(&err));
    }
    inspector_free(&inspector);
    return outcome;
}

enum outcome command_on_target(const struct invocation *invocation, unsigned what,
                               const struct target_options *options, target_action action,
                               void *context)
{
    return act(invocation, what, options, NULL, action, context);
}

/* An action on the only subject of a target. */
struct single {
    subject_action action;
    void *context;
};

static enum outcome on_single(void *context, const struct target *target)
{
    const struct single *single = context;
    return single->action(single->context, &target->subjects[0]);
}

enum outcome command_on_one_subject(const struct invocation *invocation, unsigned what,
                                    const struct target_options *options, const char *why,
                                    subject_action action, void *context)
{
    struct single single = {action, context};
    return act(invocation, what, options, why, on_single, &single);
}
