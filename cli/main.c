// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "cli/command.h"
#include "cli/help.h"

/* A closed standard descriptor would be taken by the next file we open, and talk would go there.
 * Results that cannot be written are no success: the output in place of a closed one fails. */
static bool open_standard_descriptors(void)
{
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            return false;
        }
    }
    return true;
}

/* Each subject of a large directory keeps its file open; what the system allows is what we may use.
 */
static void raise_open_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* The absolute form of PATH; for a NULL PATH, of the environment's DIRECT, else $BASE/reproof, else
 * $HOME/FALLBACK/reproof. */
static bool settle_directory(const char **path, const char *direct, const char *base,
                             const char *fallback, struct arena *arena, struct error *err)
{
    const char *value = *path != NULL ? *path : direct == NULL ? NULL : getenv(direct);
    const char *home = getenv("HOME");
    const char *root = getenv(base);
    if (value == NULL || value[0] == '\0') {
        if (root != NULL && root[0] == '/') {
            value = arena_printf(arena, "%s/reproof", root);
        } else if (home != NULL && home[0] == '/') {
            value = arena_printf(arena, "%s/%s/reproof", home, fallback);
        } else {
            error_set(err, ERROR_USAGE, "neither %s nor HOME says where to keep things", base);
            return error_cure(err, "give --store DIR and --state DIR");
        }
    }
    if (value[0] != '/') {
        char *here = getcwd(NULL, 0);
        if (here == NULL) {
            return error_errno(err, "the working directory");
        }
        value = arena_printf(arena, "%s/%s", here, value);
        free(here);
    }
    *path = value;
    return true;
}

static bool settle_color(const char *text, enum color_choice *ret, struct error *err)
{
    static const char *const words[] = {
        [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (text == NULL || strcmp(text, words[i]) == 0) {
            *ret = (enum color_choice)i;
            return true;
        }
    }
    error_set(err, ERROR_USAGE, "--color %s", text);
    return error_cure(err, "--color auto, always or never");
}

static bool settle_common(struct common_settings *common, struct terminal *terminal,
                          struct arena *arena, struct error *err)
{
    enum color_choice color = COLOR_AUTO;
    if (!settle_color(common->color, &color, err) ||
        !settle_directory(&common->store, "REPROOF_STORE", "XDG_CACHE_HOME", ".cache", arena,
                          err) ||
        !settle_directory(&common->state, NULL, "XDG_STATE_HOME", ".local/state", arena, err)) {
        return false;
    }
    if (common->jobs == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        common->jobs = cores < 1 ? 1 : (unsigned)cores;
    }
    terminal_init(terminal, color, common->quiet);
    return true;
}

static enum outcome print_text(struct invocation *invocation,
                               void (*write)(const struct command *, struct buffer *))
{
    struct buffer out;
    buffer_init(&out, 65536);
    write(invocation->command, &out);
    enum outcome outcome = command_finish(invocation, &out, OUTCOME_HOLDS);
    buffer_free(&out);
    return outcome;
}

static void write_program_help(const struct command *ignored, struct buffer *out)
{
    (void)ignored;
    help_program(out);
}

static void write_version(const struct command *ignored, struct buffer *out)
{
    (void)ignored;
    buffer_printf(out, "reproof %s\n", REPROOF_VERSION);
}

static bool check_operands(const struct invocation *invocation, struct error *err)
{
    const struct command *command = invocation->command;
    size_t count = invocation->operands.count;
    bool too_many = command->most_operands != 0 && count > command->most_operands;
    if (count >= command->least_operands && !too_many) {
        return true;
    }
    error_set(err, ERROR_USAGE, "%s %s", command->name,
              too_many ? "takes fewer arguments" : "wants an argument");
    return error_cure(err, "reproof %s %s", command->name, command->arguments);
}

/* A script that asked for JSON gets it for usage errors too, wherever on the line they are. */
static bool asks_for_json(int argc, char *const *argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            return true;
        }
    }
    return false;
}

static enum outcome run_command(struct invocation *invocation, int argc, char *const *argv)
{
    const struct command *command = invocation->command;
    struct common_settings *common = arena_alloc(invocation->arena, command->settings_size);
    struct option_table tables[] = {command->options, common_options};
    struct error err;
    invocation->settings = common;
    bool parsed = options_parse(argc, argv, tables, ARRAY_LEN(tables), common, invocation->arena,
                                &invocation->operands, &err);
    if (parsed && common->help) {
        return print_text(invocation, help_command);
    }
    common->json |= asks_for_json(argc, argv);
    if (!parsed || !settle_common(common, invocation->terminal, invocation->arena, &err) ||
        !check_operands(invocation, &err)) {
        return command_fail(invocation, NULL, &err, OUTCOME_UNUSABLE);
    }
    return command->run(invocation);
}

static enum outcome refuse_command(struct invocation *invocation, const char *name)
{
    struct error err;
    const char *names[32];
    size_t count = 0;
    for (; count < command_count && count < ARRAY_LEN(names); count++) {
        names[count] = commands[count]->name;
    }
    const char *near = nearest_word(name, names, count);
    error_set(&err, ERROR_USAGE, "no command is called \"%s\"", name);
    error_cure(&err, near == NULL ? "%sreproof --help lists them" : "did you mean %s?",
               near == NULL ? "" : near);
    return command_fail(invocation, NULL, &err, OUTCOME_UNUSABLE);
}

static enum outcome dispatch(struct invocation *invocation, int argc, char *const *argv)
{
    const char *word = argc < 2 ? "" : argv[1];
    if (strcmp(word, "--version") == 0) {
        return print_text(invocation, write_version);
    }
    if (word[0] == '\0' || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
        (strcmp(word, "help") == 0 && argc == 2)) {
        enum outcome outcome = print_text(invocation, write_program_help);
        return word[0] == '\0' ? OUTCOME_UNUSABLE : outcome;
    }
    invocation->command = command_find(word);
    if (invocation->command == NULL) {
        return refuse_command(invocation, word);
    }
    return run_command(invocation, argc - 2, argv + 2);
}

/* A signal that stopped us is passed on, so that a shell sees how we ended. */
static void die_of_signal(void)
{
    int number = interrupt_signal();
    signal(number, SIG_DFL);
    raise(number);
}

int main(int argc, char **argv)
{
    if (!open_standard_descriptors()) {
        return exit_code(OUTCOME_UNDECIDED);
    }
    umask(077);
    raise_open_files();
    interrupt_install();
    struct arena arena = {0};
    struct terminal terminal;
    terminal_init(&terminal, COLOR_AUTO, false);
    struct invocation invocation = {.terminal = &terminal, .arena = &arena};
    enum outcome outcome = dispatch(&invocation, argc, argv);
    terminal_clear(&terminal);
    arena_free(&arena);
    if (outcome == OUTCOME_SIGNAL) {
        die_of_signal();
    }
    return exit_code(outcome);
}
